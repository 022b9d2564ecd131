"""A stack of its own whose services are killed, and the journal of its clients."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from cli.client import Patience
from cli.stack import Stack, StackOptions
from tests.faults.journal import Journal
from tests.journeys.offices import Platform

NOTIFIER = {"XUEWEI_DELIVER_CLAIM_SECONDS": "1.5"}
"""A delivery that a crash cut off is told as unknown soon, not after two minutes."""


@pytest.fixture(scope="module")
def crashing_stack(session_folder: Path) -> Iterator[Stack]:
    """One stack for all crash points; what earlier kills left behind is judged again after each later one."""
    options = StackOptions(throwaway=True, settings={"notifier": NOTIFIER})
    with Stack(session_folder / "crashing", options) as running:
        yield running


@pytest.fixture(scope="module")
def journal(session_folder: Path) -> Journal:
    """What the clients of this stack were promised, over all tests."""
    return Journal(session_folder / "journal.jsonl")


@pytest.fixture
async def crashing(crashing_stack: Stack, tmp_path: Path) -> AsyncIterator[Platform]:
    """The platform for clients who do not give up."""
    patience = Patience(seconds=90, first_pause_seconds=0.1, pause_max_seconds=1)
    async with Platform(crashing_stack, tmp_path, patience) as platform:
        yield platform
