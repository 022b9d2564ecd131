"""The four services start from what docker-compose.yml gives them: on Apache Kafka, an S3 server and PostgreSQL.

Only addresses are replaced (there are no containers here) and secrets come as variables instead of files.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from cli.stack.kafka import RealKafka
from cli.stack.ports import free_port
from cli.stack.postgres import THROWAWAY, EmbeddedPostgres
from cli.stack.tether import tethered
from contracts.topics import ServiceName
from tests.deploy.compose import PROJECT, Container, containers_of, read_compose
from tests.s3_server import S3Server

pytestmark = [pytest.mark.kafka, pytest.mark.s3]

READY_SECONDS_MAX = 90.0


@pytest.fixture(scope="module")
def own_postgres(session_folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(session_folder / "rehearsal", settings=THROWAWAY)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def receipt_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal") / "secrets"
    script = PROJECT / "deploy/make-secrets.sh"
    subprocess.run(["sh", str(script), str(folder)], check=True, capture_output=True)
    return folder / "receipt_key"


def test_every_service_becomes_ready_and_tells_its_metrics(
    real_kafka: RealKafka, s3_server: S3Server, own_postgres: EmbeddedPostgres, receipt_key: Path
) -> None:
    here = {
        "kafka:9092": real_kafka.bootstrap,
        "s3://xuewei-objects": f"s3://{s3_server.bucket}",
        "objects:7070": s3_server.endpoint,
        "/run/secrets/receipt_key": str(receipt_key),
        "0.0.0.0": "127.0.0.1",
    }
    containers = [each for each in containers_of(read_compose(PROJECT / "docker-compose.yml")) if each.serves]
    assert {each.service for each in containers} == set(ServiceName)
    with ExitStack() as running:
        ports = {each.name: free_port() for each in containers}
        for container in containers:
            given = {name: here.get(value, value) for name, value in container.environment.items()}
            given |= {
                "PATH": os.environ["PATH"],
                "XUEWEI_DATABASE_URL": own_postgres.create_database(container.service),
                "XUEWEI_S3_ACCESS_KEY": s3_server.access_key,
                "XUEWEI_S3_SECRET_KEY": s3_server.secret_key,
                "XUEWEI_HTTP_PORT": str(ports[container.name]),
                "XUEWEI_OTLP_ENDPOINT": "",
            }
            migrate(container, given)
            running.enter_context(Running(container, given))
        for container in containers:
            wait_until_ready(container, ports[container.name])


def migrate(container: Container, given: dict[str, str]) -> None:
    words = [sys.executable, *container.words[1:], "migrate"]
    subprocess.run(words, cwd=PROJECT, env=given, check=True, timeout=120, capture_output=True)


class Running:
    """The service as a process; asked to stop at the end, it must end in peace."""

    def __init__(self, container: Container, given: dict[str, str]) -> None:
        words = tethered([sys.executable, *container.words[1:]], death_signal=signal.SIGKILL)
        self.name = container.name
        self.process = subprocess.Popen(words, cwd=PROJECT, env=given, stderr=subprocess.DEVNULL)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            ended = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert ended in {0, -15}, f"{self.name} ended with {ended}"


def wait_until_ready(container: Container, port: int) -> None:
    give_up = time.monotonic() + READY_SECONDS_MAX
    base = f"http://127.0.0.1:{port}"
    while True:
        try:
            answer = httpx.get(f"{base}/health/ready", trust_env=False)
            if answer.status_code == httpx.codes.OK:
                break
            said = answer.text
        except httpx.TransportError as error:
            said = repr(error)
        assert time.monotonic() < give_up, f"{container.name} did not become ready: {said}"
        time.sleep(0.2)
    metrics = httpx.get(f"{base}/metrics", trust_env=False)
    assert metrics.status_code == httpx.codes.OK
    assert "outbox" in metrics.text
