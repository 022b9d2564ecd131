"""The platform on which journeys are made: the embedded stack, and the same services on a real Apache Kafka."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cli.stack import Stack, StackOptions
from cli.stack.kafka import RealKafka
from tests.journeys.offices import Platform


@pytest.fixture
async def platform(stack: Stack, tmp_path: Path) -> AsyncIterator[Platform]:
    """The embedded stack, shared by all journeys."""
    async with Platform(stack, tmp_path) as platform:
        yield platform


@pytest.fixture(scope="session")
def kafka_stack(session_folder: Path, real_kafka: RealKafka) -> Iterator[Stack]:
    """The services on a real Apache Kafka, with idempotent producers."""
    options = StackOptions(kafka=real_kafka.bootstrap, throwaway=True)
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
