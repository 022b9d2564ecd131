"""The collector under test, with its university. The processes that read files are shared by all tests."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.collector.app import SERVICE
from services.collector.readers import Reader, Readers, give_readers, take_readers
from services.kit.isolation import ReaderPool
from services.kit.service import Service
from services.kit.work import Work
from tests.collector.university import University
from tests.harness import running

MEMORY_MAX_BYTES = 1536 * 1024 * 1024


@pytest.fixture(scope="session")
def collector() -> Iterator[Service]:
    """The collector, reading in processes that outlive a single test: starting them takes a second."""
    pools = [ReaderPool(workers=1, memory_max_bytes=MEMORY_MAX_BYTES, seconds_max=120) for _ in range(2)]

    async def give(work: Work) -> None:
        give_readers(work, Readers(*(Reader(pool) for pool in pools)))

    async def take(work: Work) -> None:
        take_readers(work)

    yield replace(SERVICE, set_up=give, tear_down=take)
    for pool in pools:
        pool.close()


@pytest.fixture
async def university(
    collector: Service, make_database: Callable[[], str], tmp_path: Path
) -> AsyncIterator[University]:
    """A university at the door of a fresh collector."""
    async with running(collector, make_database(), tmp_path) as service:
        yield University(service)
