"""The platform on which journeys are made: the embedded stack, and the same services on a real Apache Kafka."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cli.stack import Stack, StackOptions
from cli.stack.kafka import RealKafka
from cli.stack.kafka_jars import KafkaUnavailableError
from tests.journeys.offices import Platform
from tests.kafka_fixtures import server_is_missing


@pytest.fixture
async def platform(stack: Stack, tmp_path: Path) -> AsyncIterator[Platform]:
    """The embedded stack, shared by all journeys."""
    async with Platform(stack, tmp_path) as platform:
        yield platform


@pytest.fixture(scope="session")
def kafka_of_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """A Kafka of their own: the services' topics and groups have fixed names and must meet no other test's."""
    kafka = RealKafka(tmp_path_factory.mktemp("kafka-of-services"))
    try:
        kafka.start()
    except KafkaUnavailableError as unavailable:
        server_is_missing(str(unavailable))
    yield kafka
    kafka.stop()


@pytest.fixture(scope="session")
def kafka_stack(session_folder: Path, kafka_of_services: RealKafka) -> Iterator[Stack]:
    """The services on a real Apache Kafka, with idempotent producers."""
    options = StackOptions(kafka=kafka_of_services.bootstrap, throwaway=True)
    with Stack(session_folder / "kafka-stack", options) as running:
        yield running


EMBEDDED = pytest.param("stack", marks=[pytest.mark.stack, pytest.mark.xdist_group("stack")])
KAFKA = pytest.param(
    "kafka_stack", marks=[pytest.mark.stack, pytest.mark.kafka, pytest.mark.xdist_group("kafka-stack")]
)


@pytest.fixture(params=[EMBEDDED, KAFKA], ids=["embedded", "kafka"])
def either_stack(request: pytest.FixtureRequest) -> Stack:
    """The main path is walked on the embedded broker and on a real Apache Kafka."""
    return request.getfixturevalue(request.param)


@pytest.fixture
async def either_platform(either_stack: Stack, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform on one of the two."""
    async with Platform(either_stack, tmp_path) as platform:
        yield platform
