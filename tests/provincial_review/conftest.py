"""Provincial review under test, on real PostgreSQL and real objects."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from services.provincial_review.app import SERVICE
from tests.harness import UnderTest, running
from tests.provincial_review.submissions import TABLES


@pytest.fixture(scope="session")
def emptied_database(make_database: Callable[[], str]) -> str:
    """One database for all these tests: making and migrating one for each takes longer than the test."""
    return make_database()


@pytest.fixture
async def service(emptied_database: str, tmp_path: Path) -> AsyncIterator[UnderTest]:
    """The service on an empty database and an empty object store."""
    async with running(SERVICE, emptied_database, tmp_path) as under_test:
        await _empty(emptied_database)
        yield under_test


async def _empty(database: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(f"truncate {', '.join((*TABLES, 'outbox', 'dead_letters', 'requests'))}")
    finally:
        await connection.close()
