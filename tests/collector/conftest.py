"""The collector under test, with its university."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.collector.app import SERVICE
from tests.collector.university import University
from tests.harness import running


@pytest.fixture
async def university(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[University]:
    """A university at the door of a fresh collector."""
    async with running(SERVICE, make_database(), tmp_path, readers_warm=False) as service:
        yield University(service)
