"""pytest plugin: a real Apache Kafka for the tests marked `kafka`, one per test session."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from cli.stack.kafka import RealKafka
from cli.stack.kafka_jars import KafkaUnavailableError


def server_is_missing(why: str) -> NoReturn:
    """Skips the test and says why; with CI=true a missing server is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{why} (CI=true: this test is required)", pytrace=False)
    pytest.skip(why)


@pytest.fixture(scope="session")
def real_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """One node of Apache Kafka, shared by the session: use topic and group names of your own."""
    kafka = RealKafka(tmp_path_factory.mktemp("kafka"))
    try:
        _start(kafka)
        yield kafka
    finally:
        kafka.stop()


@pytest.fixture
def three_kafkas(tmp_path: Path) -> Iterator[RealKafka]:
    """Three nodes that keep every message three times (minimum two); a test may kill and start nodes."""
    kafka = RealKafka(tmp_path, nodes=3)
    try:
        _start(kafka)
        yield kafka
    finally:
        kafka.kill()


def _start(kafka: RealKafka) -> None:
    try:
        kafka.start()
    except KafkaUnavailableError as unavailable:
        server_is_missing(str(unavailable))
