"""Provincial review under test, on real PostgreSQL and real objects."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.provincial_review.app import SERVICE
from tests.harness import UnderTest, running


@pytest.fixture
async def service(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    """The service on a fresh database."""
    async with running(SERVICE, make_database(), tmp_path) as under_test:
        yield under_test
