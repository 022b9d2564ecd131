"""What of docker-compose.yml does not fit the code it runs, said in sentences that name the container."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import SecretStr
from pydantic.fields import FieldInfo

from contracts.topics import TOPICS, ServiceName, dead_letters_of
from services.kit.kafka import planned_topics
from tests.deploy.compose import PREFIX, PROJECT, Container, Spec, answers, containers_of, settings_of

FIXED_TAG = re.compile(r":v?\d+\.\d+[\w.-]*$")
LOOKS_SECRET = re.compile(r"(PASSWORD|SECRET|_KEY$|TOKEN)")
VALUE_IS_A_PATH = re.compile(r"^/run/secrets/")


def complaints(compose: Spec, project: Path = PROJECT) -> list[str]:
    """Everything that is wrong, each in one sentence that names the container; empty when all fits."""
    checks = (
        _every_service_runs,
        _settings_fit,
        _secrets_fit,
        _doors_fit,
        _topics_are_made,
        _migrations_come_first,
        _addresses_exist,
        _is_hardened,
        _images_are_fixed,
        _metrics_are_asked,
    )
    found = [sentence for check in checks for sentence in check(compose)]
    return found + list(_mounts_exist(compose, project))


def _every_service_runs(compose: Spec) -> Iterator[str]:
    running = {container.service for container in containers_of(compose) if container.serves}
    for missing in sorted(set(ServiceName) - running):
        yield f"no container runs services.{missing}"


def _settings_fit(compose: Spec) -> Iterator[str]:
    for container in containers_of(compose):
        fields = settings_of(container.service).model_fields if container.service else {}
        if not container.is_ours:
            continue
        for field, giver in container.given.items():
            if field not in fields:
                yield f"{container.name}: {giver} belongs to no setting of {container.module}"
        for field, info in fields.items():
            if info.is_required() and field not in container.given:
                yield f"{container.name}: required setting {field} is not given"
            if container.serves and field not in container.given and "localhost" in _default_of(info):
                yield f"{container.name}: {field} is not given, and {info.default} leads nowhere in a container"
        if container.serves and container.environment.get("XUEWEI_OBJECT_STORE_URL", "").startswith("s3:"):
            for field in sorted({"s3_endpoint", "s3_access_key", "s3_secret_key"} - set(container.given)):
                yield f"{container.name}: objects are in S3, but {field} is not given"


def _default_of(info: FieldInfo) -> str:
    return str(info.default).replace("127.0.0.1", "localhost")


def _secrets_fit(compose: Spec) -> Iterator[str]:
    declared = compose.get("secrets", {})
    made = _secrets_made()
    for name, spec in declared.items():
        path = Path(spec.get("file", ""))
        if path.parent != Path("deploy/secrets"):
            yield f"secret {name}: its file must be in deploy/secrets"
        elif path.name not in made:
            yield f"secret {name}: deploy/make-secrets.sh does not make {path.name}"
    for container in containers_of(compose):
        for name in container.mounted_secrets:
            if name not in declared:
                yield f"{container.name}: secret {name} is not declared"
        yield from _plain_secrets(container)


def _plain_secrets(container: Container) -> Iterator[str]:
    fields = settings_of(container.service).model_fields if container.service else {}
    for name, value in container.environment.items():
        field = fields.get(name.removeprefix(PREFIX).lower())
        is_secret = field is not None and field.annotation is SecretStr
        if is_secret or (LOOKS_SECRET.search(name) and not VALUE_IS_A_PATH.match(value)):
            yield f"{container.name}: {name} is a secret and must come from a file"
        elif urlsplit(value).password is not None:
            yield f"{container.name}: {name} has a password in its address"
        for path in re.findall(r"/run/secrets/[\w/]+", value):
            if path not in container.mounted_secrets.values():
                yield f"{container.name}: {name} names {path}, which is not mounted"


def _secrets_made() -> set[str]:
    """The names deploy/make-secrets.sh makes, its loops unrolled."""
    text = (PROJECT / "deploy/make-secrets.sh").read_text(encoding="utf-8")
    names: set[str] = set()
    loop: list[str] = []
    for line in text.splitlines():
        if begun := re.match(r"for name in (.*); do", line):
            loop = begun[1].split()
        elif line == "done":
            loop = []
        for kept in re.findall(r"\| keep (\S+)", line):
            names |= {kept.strip('"').replace("$name", each) for each in loop or [""]}
    return names


def _doors_fit(compose: Spec) -> Iterator[str]:
    for container in containers_of(compose):
        if not container.serves:
            continue
        listens = container.environment.get("XUEWEI_HTTP_PORT", "nothing")
        if container.environment.get("XUEWEI_HTTP_HOST") != "0.0.0.0":
            yield f"{container.name}: XUEWEI_HTTP_HOST must be 0.0.0.0 to be reached from outside the container"
        for port in container.spec.get("ports", []):
            if str(port).rpartition(":")[2] != listens:
                yield f"{container.name}: publishes {port}, but the service listens on {listens}"
        yield from _health_fits(container, listens)


def _health_fits(container: Container, listens: str) -> Iterator[str]:
    test = " ".join(str(word) for word in container.spec.get("healthcheck", {}).get("test", []))
    asked = re.search(r"http://[^\s\"']+", test)
    if asked is None:
        yield f"{container.name}: has no health check that asks over HTTP"
        return
    address = urlsplit(asked[0])
    if str(address.port) != listens:
        yield f"{container.name}: health is asked on port {address.port}, but the service listens on {listens}"
    if not answers(address.path):
        yield f"{container.name}: health path {address.path} does not exist"
    elif address.path != "/health/ready":
        yield f"{container.name}: health must be asked at /health/ready"


def _topics_are_made(compose: Spec) -> Iterator[str]:
    jobs = [each for each in containers_of(compose) if each.words[2:4] == ["services.kit", "create-topics"]]
    if len(jobs) != 1:
        yield "exactly one container must run services.kit create-topics"
        return
    (job,) = jobs
    options = dict(zip(job.words[4::2], job.words[5::2], strict=False))
    planned = {(plan.name, plan.partitions, plan.retention_days) for plan in planned_topics()}
    wanted = [*TOPICS, *(dead_letters_of(service) for service in ServiceName)]
    for topic in wanted:
        if (topic.name, topic.partitions, topic.retention_days) not in planned:
            yield f"{job.name}: topic {topic.name} is not made as the table says"
    for container in containers_of(compose):
        if not container.serves:
            continue
        if container.environment.get("XUEWEI_KAFKA_BOOTSTRAP_SERVERS") != options.get("--bootstrap-servers"):
            yield f"{container.name}: uses another Kafka than {job.name} makes topics on"
        if not _starts_after(container, job.name):
            yield f"{container.name}: does not wait until {job.name} has made the topics"
        copies = container.environment.get("XUEWEI_KAFKA_REPLICATION_FACTOR", "1")
        if copies != options.get("--replication-factor", "1"):
            yield f"{container.name}: replication factor {copies} differs from that of {job.name}"


def _migrations_come_first(compose: Spec) -> Iterator[str]:
    containers = containers_of(compose)
    for container in containers:
        if not container.serves:
            continue
        jobs = [each.name for each in containers if each.words == [*container.words, "migrate"]]
        if not any(_starts_after(container, job) for job in jobs):
            yield f"{container.name}: does not wait for a job that migrates its database"


def _starts_after(container: Container, job: str) -> bool:
    condition = container.spec.get("depends_on", {}).get(job, {}).get("condition")
    return condition == "service_completed_successfully"


def _addresses_exist(compose: Spec) -> Iterator[str]:
    containers = {each.name: each for each in containers_of(compose)}
    for container in containers.values():
        for other in container.spec.get("depends_on", {}):
            if other not in containers:
                yield f"{container.name}: waits for {other}, which does not exist"
        if not container.is_ours:
            continue
        for name, host in _hosts_named(container):
            other = containers.get(host)
            if other is None:
                yield f"{container.name}: {name} names {host}, which does not exist"
            elif not set(container.spec["networks"]) & set(other.spec["networks"]):
                yield f"{container.name}: {name} names {host}, which is on no common network"


def _hosts_named(container: Container) -> Iterator[tuple[str, str]]:
    for name in ("XUEWEI_KAFKA_BOOTSTRAP_SERVERS", "XUEWEI_S3_ENDPOINT", "XUEWEI_SMTP_HOST"):
        for address in container.environment.get(name, "").split(","):
            if address:
                yield name, address.partition(":")[0]
    for name in ("XUEWEI_OTLP_ENDPOINT", "XUEWEI_OIDC_JWKS_URL"):
        if name in container.environment:
            yield name, urlsplit(container.environment[name]).hostname or "nothing"


def _is_hardened(compose: Spec) -> Iterator[str]:
    for container in containers_of(compose):
        spec = container.spec
        if spec.get("cap_drop") != ["ALL"]:
            yield f"{container.name}: must drop all capabilities"
        if "no-new-privileges:true" not in spec.get("security_opt", []):
            yield f"{container.name}: must not gain privileges"
        limits = spec.get("deploy", {}).get("resources", {}).get("limits", {})
        for limit in ("cpus", "memory"):
            if limit not in limits:
                yield f"{container.name}: has no limit of {limit}"
        if not container.is_ours:
            continue
        if str(spec.get("user", "root")).partition(":")[0] in {"root", "0"}:
            yield f"{container.name}: runs as root"
        if spec.get("read_only") is not True:
            yield f"{container.name}: its file system is not read-only"
        if not any(str(each).startswith("/tmp") for each in spec.get("tmpfs", [])):
            yield f"{container.name}: has no /tmp to write to"


def _images_are_fixed(compose: Spec) -> Iterator[str]:
    for container in containers_of(compose):
        if not FIXED_TAG.search(str(container.spec.get("image", ""))):
            yield f"{container.name}: its image has no fixed version"


def _metrics_are_asked(compose: Spec) -> Iterator[str]:
    config = yaml.safe_load((PROJECT / "deploy/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    targets = {
        target
        for job in config["scrape_configs"]
        for group in job["static_configs"]
        for target in group["targets"]
    }
    for container in containers_of(compose):
        address = f"{container.name}:{container.environment.get('XUEWEI_HTTP_PORT')}"
        if container.serves and address not in targets:
            yield f"{container.name}: Prometheus does not ask {address}"


def _mounts_exist(compose: Spec, project: Path) -> Iterator[str]:
    volumes = compose.get("volumes", {})
    for container in containers_of(compose):
        for volume in container.spec.get("volumes", []):
            source = shlex.split(str(volume))[0].partition(":")[0]
            if source.startswith("."):
                if not (project / source).exists():
                    yield f"{container.name}: mounts {source}, which does not exist"
            elif source not in volumes:
                yield f"{container.name}: volume {source} is not declared"
        build = container.spec.get("build")
        if build and not (project / build["dockerfile"]).is_file():
            yield f"{container.name}: is built from {build['dockerfile']}, which does not exist"
