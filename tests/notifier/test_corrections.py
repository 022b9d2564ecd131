"""How many records a unit owes a correction for, in whatever order its rounds are heard."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

from contracts import topics
from contracts.reviews import ReviewOutcome
from services.notifier.app import SERVICE
from tests.harness import UnderTest, running
from tests.notifier.events import format_checked, resolution, reviewed, submitted
from tests.notifier.test_handlers import owed

WITHDRAWN = {"outcome": ReviewOutcome.WITHDRAWN}


async def test_a_correction_that_is_heard_before_the_return_ends_what_is_owed(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    way = [
        (topics.BATCH_SUBMITTED, submitted()),
        (topics.REVIEW_COMPLETED, reviewed(45, 5)),
        (topics.FORMAT_CHECK_COMPLETED, format_checked(43, 2)),
        (topics.BATCH_SUBMITTED, submitted(7, round=2)),
        (topics.REVIEW_COMPLETED, reviewed(7, 0, round=2)),
    ]
    async with running(SERVICE, make_database(), tmp_path) as s:
        for order in itertools.permutations(way):
            await s.work.pool.execute("truncate obligations, batches, submissions, owed_changes cascade")
            for topic, payload in order:
                await s.hear(topic, payload)
            left = {each for each in await owed(s) if each.startswith(("T03", "T04", "T08"))}
            assert left == set(), [(topic.name, payload.round) for topic, payload in order]


async def test_a_withdrawn_round_that_was_submitted_again_is_not_chased_whatever_came_first(
    s: UnderTest,
) -> None:
    await s.hear(topics.BATCH_SUBMITTED, submitted(50, round=2))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 0, **WITHDRAWN))
    assert await owed(s) == {"T03/2": "province:32"}


async def test_what_is_returned_after_a_withdrawal_is_owed_until_all_of_it_is_resubmitted(
    s: UnderTest,
) -> None:
    await s.hear(topics.BATCH_SUBMITTED, submitted(50))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 0, **WITHDRAWN))
    await s.hear(topics.BATCH_SUBMITTED, submitted(50, round=2))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 50, round=2))
    await s.hear(topics.BATCH_SUBMITTED, submitted(20, round=3))
    assert "T04/2" in await owed(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(20, 0, round=3))
    await s.hear(topics.BATCH_SUBMITTED, submitted(30, round=4))
    assert "T04/2" not in await owed(s)


async def test_a_withdrawn_correction_is_owed_again(s: UnderTest) -> None:
    await s.hear(topics.BATCH_SUBMITTED, submitted(50))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(45, 5))
    await s.hear(topics.BATCH_SUBMITTED, submitted(5, round=2))
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 0, round=2, **WITHDRAWN))
    await s.hear(topics.BATCH_SUBMITTED, submitted(3, round=3))
    assert "T04/2" in await owed(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(3, 0, round=3))
    await s.hear(topics.BATCH_SUBMITTED, submitted(2, round=4))
    assert "T04/2" not in await owed(s)


async def test_two_batches_that_complete_a_resolution_at_the_same_time_end_t01(s: UnderTest) -> None:
    """Two notifiers hear the two batches in open transactions that do not see each other."""
    for number in range(5):
        about = f"{number:032x}"
        await s.hear(topics.RESOLUTION_REGISTERED, resolution(resolution_id=about, headcount=20))
        first, second = (
            submitted(10, batch_id=letter * 31 + str(number), resolution_id=about) for letter in "ef"
        )
        await asyncio.gather(s.hear(topics.BATCH_SUBMITTED, first), s.hear(topics.BATCH_SUBMITTED, second))
        assert "T01/0" not in await owed(s)
