"""docker-compose.yml fits the code it runs; and the checker that says so can say no."""

import os
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.compose import PROJECT, Container, containers_of, read_compose, settings_of
from tests.deploy.compose_checks import complaints

COMPOSE = PROJECT / "docker-compose.yml"


@pytest.fixture
def compose() -> dict[str, Any]:
    return deepcopy(dict(read_compose(COMPOSE)))


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    subprocess.run(
        ["sh", str(PROJECT / "deploy/make-secrets.sh"), str(folder)], check=True, capture_output=True
    )
    return folder


def test_nothing_is_to_complain_about(compose: dict[str, Any]) -> None:
    assert complaints(compose) == []


OURS = [each.name for each in containers_of(read_compose(COMPOSE)) if each.service]


@pytest.mark.parametrize("name", OURS)
def test_a_service_reads_its_settings_from_what_its_container_is_given(
    name: str, compose: dict[str, Any], secrets_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = Container(name, compose["services"][name])
    for variable in [each for each in os.environ if each.startswith("XUEWEI_")]:
        monkeypatch.delenv(variable)
    for variable, value in container.environment.items():
        monkeypatch.setenv(variable, value)
    for secret, target in container.mounted_secrets.items():
        (tmp_path / Path(target).name).write_bytes((secrets_folder / secret).read_bytes())
    settings = settings_of(container.service)(_secrets_dir=tmp_path)  # type: ignore[call-arg]
    assert settings.environment == "production"
    assert f"@postgres:5432/{container.service}" in settings.database_url.get_secret_value()


Change = Callable[[dict[str, Any]], object]

MISTAKES: list[tuple[str, Change]] = [
    (
        "notifier: XUEWEI_SMTP_HSOT belongs to no setting of services.notifier",
        lambda s: s["notifier"]["environment"].update(XUEWEI_SMTP_HSOT="mail"),
    ),
    (
        "collector: required setting kafka_bootstrap_servers is not given",
        lambda s: s["collector"]["environment"].pop("XUEWEI_KAFKA_BOOTSTRAP_SERVERS"),
    ),
    ("collector: required setting database_url is not given", lambda s: s["collector"]["secrets"].pop(0)),
    (
        "notifier: smtp_host is not given, and 127.0.0.1 leads nowhere in a container",
        lambda s: s["notifier"]["environment"].pop("XUEWEI_SMTP_HOST"),
    ),
    ("notifier: objects are in S3, but s3_secret_key is not given", lambda s: s["notifier"]["secrets"].pop()),
    (
        "collector: health path /healthz does not exist",
        lambda s: s["collector"]["healthcheck"].update(test=["CMD", "curl", "http://127.0.0.1:8000/healthz"]),
    ),
    (
        "collector: health is asked on port 8001, but the service listens on 8000",
        lambda s: s["collector"]["healthcheck"].update(
            test=["CMD", "curl", "http://127.0.0.1:8001/health/ready"]
        ),
    ),
    ("notifier: has no health check that asks over HTTP", lambda s: s["notifier"].pop("healthcheck")),
    (
        "collector: publishes 127.0.0.1:8001:8080, but the service listens on 8000",
        lambda s: s["collector"].update(ports=["127.0.0.1:8001:8080"]),
    ),
    ("no container runs services.notifier", lambda s: s.pop("notifier")),
    (
        "collector: XUEWEI_DATABASE_URL is a secret and must come from a file",
        lambda s: s["collector"]["environment"].update(XUEWEI_DATABASE_URL="postgresql://postgres/x"),
    ),
    (
        "postgres: POSTGRES_PASSWORD is a secret and must come from a file",
        lambda s: s["postgres"]["environment"].update(POSTGRES_PASSWORD="12345"),
    ),
    (
        "collector: XUEWEI_OTLP_ENDPOINT has a password in its address",
        lambda s: s["collector"]["environment"].update(XUEWEI_OTLP_ENDPOINT="http://a:b@otel-collector:4318"),
    ),
    (
        "national-filing: XUEWEI_RECEIPT_KEY_PATH names /run/secrets/receipt_key, which is not mounted",
        lambda s: s["national-filing"]["secrets"].remove("receipt_key"),
    ),
    ("grafana: secret no_such is not declared", lambda s: s["grafana"]["secrets"].append("no_such")),
    ("exactly one container must run services.kit create-topics", lambda s: s.pop("topics")),
    (
        "notifier: does not wait until topics has made the topics",
        lambda s: s["notifier"]["depends_on"].pop("topics"),
    ),
    (
        "notifier: uses another Kafka than topics makes topics on",
        lambda s: s["notifier"]["environment"].update(XUEWEI_KAFKA_BOOTSTRAP_SERVERS="postgres:9092"),
    ),
    (
        "notifier: does not wait for a job that migrates its database",
        lambda s: s["notifier"]["depends_on"].pop("migrate-notifier"),
    ),
    (
        "notifier: does not wait for a job that migrates its database",
        lambda s: s["migrate-notifier"].update(command=["python", "-m", "services.collector", "migrate"]),
    ),
    (
        "notifier: XUEWEI_SMTP_HOST names male, which does not exist",
        lambda s: s["notifier"]["environment"].update(XUEWEI_SMTP_HOST="male"),
    ),
    (
        "notifier: XUEWEI_SMTP_HOST names mail, which is on no common network",
        lambda s: s["notifier"].update(networks=["data"]),
    ),
    ("collector: runs as root", lambda s: s["collector"].pop("user")),
    ("collector: its file system is not read-only", lambda s: s["collector"].update(read_only=False)),
    ("kafka: must drop all capabilities", lambda s: s["kafka"].pop("cap_drop")),
    ("kafka: must not gain privileges", lambda s: s["kafka"].pop("security_opt")),
    ("tempo: has no limit of memory", lambda s: s["tempo"]["deploy"]["resources"]["limits"].pop("memory")),
    ("tempo: its image has no fixed version", lambda s: s["tempo"].update(image="grafana/tempo:latest")),
    ("tempo: its image has no fixed version", lambda s: s["tempo"].update(image="grafana/tempo")),
    (
        "tempo: mounts ./deploy/tempo/tempo.yml, which does not exist",
        lambda s: s["tempo"]["volumes"].append("./deploy/tempo/tempo.yml:/etc/x:ro"),
    ),
    ("tempo: volume traces is not declared", lambda s: s["tempo"]["volumes"].append("traces:/var/x")),
    (
        "collector: Prometheus does not ask collector:9000",
        lambda s: s["collector"]["environment"].update(XUEWEI_HTTP_PORT="9000"),
    ),
]


@pytest.mark.parametrize(("sentence", "change"), MISTAKES)
def test_a_mistake_is_named(sentence: str, change: Change, compose: dict[str, Any]) -> None:
    change(compose["services"])
    assert sentence in complaints(compose)


def test_a_secret_nobody_makes_is_named(compose: dict[str, Any]) -> None:
    compose["secrets"]["forgotten"] = {"file": "deploy/secrets/forgotten"}
    assert complaints(compose) == ["secret forgotten: deploy/make-secrets.sh does not make forgotten"]


def test_secrets_are_made_once_and_for_their_owner_only(secrets_folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets_folder.iterdir()}
    assert set(before) == {Path(each["file"]).name for each in read_compose(COMPOSE)["secrets"].values()}
    subprocess.run(
        ["sh", str(PROJECT / "deploy/make-secrets.sh"), str(secrets_folder)], check=True, capture_output=True
    )
    assert {path.name: path.read_bytes() for path in secrets_folder.iterdir()} == before
    assert secrets_folder.stat().st_mode & 0o777 == 0o700


def test_secrets_are_never_committed_nor_sent_to_the_builder() -> None:
    assert "deploy/secrets/" in (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"
