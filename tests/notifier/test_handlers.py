"""What the events make somebody owe, in whatever order they are heard."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts import topics
from contracts.reviews import ReviewOutcome
from services.notifier.app import SERVICE
from tests.harness import UnderTest, running
from tests.notifier.events import filed, format_checked, resolution, reviewed, submitted, withdrawn

TABLES = ("obligations", "batches", "submissions", "owed_changes", "resolutions", "notices")

EVERY_EVENT: list[tuple[Any, Any]] = [
    (topics.RESOLUTION_REGISTERED, resolution()),
    (topics.BATCH_SUBMITTED, submitted()),
    (topics.BATCH_WITHDRAWN, withdrawn()),
    (topics.REVIEW_COMPLETED, reviewed(48, 2)),
    (topics.FORMAT_CHECK_COMPLETED, format_checked(47, 1)),
    (topics.BATCH_FILED, filed(47)),
]


async def owed(s: UnderTest) -> dict[str, str]:
    rows = await s.work.pool.fetch("select deadline, round, office from obligations where state = 'open'")
    return {f"{row['deadline']}/{row['round']}": row["office"] for row in rows}


async def test_a_resolution_makes_the_unit_owe_and_its_submission_ends_that(s: UnderTest) -> None:
    await s.hear(topics.RESOLUTION_REGISTERED, resolution())
    assert await owed(s) == {"T01/0": "unit:10284"}
    due = await s.work.pool.fetchval("select due_at from obligations")
    assert due.isoformat() == "2026-07-15T16:00:00+00:00"  # 24:00 of day 30 in Shanghai
    await s.hear(topics.BATCH_SUBMITTED, submitted())
    assert await owed(s) == {"T03/1": "province:32"}


async def test_a_resolution_is_owed_until_all_its_names_are_submitted(s: UnderTest) -> None:
    await s.hear(topics.RESOLUTION_REGISTERED, resolution(headcount=60))
    await s.hear(topics.BATCH_SUBMITTED, submitted(50))
    assert "T01/0" in await owed(s)
    await s.hear(topics.BATCH_SUBMITTED, submitted(10, batch_id="c" * 32))
    assert "T01/0" not in await owed(s)


async def test_the_whole_way_to_the_filing_leaves_nothing_owed(s: UnderTest) -> None:
    for topic, payload in (
        (topics.RESOLUTION_REGISTERED, resolution()),
        (topics.BATCH_SUBMITTED, submitted()),
        (topics.REVIEW_COMPLETED, reviewed(50, 0)),
        (topics.FORMAT_CHECK_COMPLETED, format_checked(50, 0)),
        (topics.BATCH_FILED, filed(50)),
    ):
        await s.hear(topic, payload)
    assert await owed(s) == {}


async def test_events_that_overtake_each_other_end_the_same(
    make_database: Callable[[], str], tmp_path: Path
) -> None:
    way = [
        (topics.RESOLUTION_REGISTERED, resolution()),
        (topics.BATCH_SUBMITTED, submitted()),
        (topics.REVIEW_COMPLETED, reviewed(50, 0)),
        (topics.FORMAT_CHECK_COMPLETED, format_checked(50, 0)),
        (topics.BATCH_FILED, filed(50)),
    ]
    async with running(SERVICE, make_database(), tmp_path) as s:
        for order in itertools.permutations(way):
            await s.work.pool.execute(
                "truncate obligations, batches, submissions, owed_changes, resolutions cascade"
            )
            for topic, payload in order:
                await s.hear(topic, payload)
            assert await owed(s) == {}, [topic.name for topic, _ in order]


async def test_returned_records_are_owed_by_the_unit_until_all_are_resubmitted(s: UnderTest) -> None:
    await s.hear(topics.BATCH_SUBMITTED, submitted())
    await s.hear(topics.REVIEW_COMPLETED, reviewed(45, 5))
    assert await owed(s) == {"T04/1": "unit:10284", "T07/1": "national_centre"}
    await s.hear(topics.BATCH_SUBMITTED, submitted(3, round=2))
    assert "T04/1" in await owed(s)
    await s.hear(topics.REVIEW_COMPLETED, reviewed(3, 0, round=2))
    await s.hear(topics.BATCH_SUBMITTED, submitted(2, round=3))
    assert "T04/1" not in await owed(s)


async def test_records_the_centre_returned_are_owed_under_t08(s: UnderTest) -> None:
    await s.hear(topics.REVIEW_COMPLETED, reviewed(50, 0))
    await s.hear(topics.FORMAT_CHECK_COMPLETED, format_checked(49, 1))
    assert await owed(s) == {"T08/1": "unit:10284", "T09/1": "national_centre"}
    await s.hear(topics.BATCH_SUBMITTED, submitted(1, round=2))
    assert "T08/1" not in await owed(s)


async def test_a_withdrawn_round_must_be_submitted_again(s: UnderTest) -> None:
    await s.hear(topics.BATCH_SUBMITTED, submitted())
    await s.hear(topics.BATCH_WITHDRAWN, withdrawn())
    assert await owed(s) == {"T03/1": "province:32"}
    await s.hear(topics.REVIEW_COMPLETED, reviewed(0, 0, outcome=ReviewOutcome.WITHDRAWN))
    assert await owed(s) == {"T04/1": "unit:10284"}
    await s.hear(topics.BATCH_SUBMITTED, submitted(50, round=2))
    assert await owed(s) == {"T03/2": "province:32"}


@pytest.mark.parametrize(("topic", "payload"), EVERY_EVENT, ids=lambda value: getattr(value, "name", ""))
async def test_the_same_message_twice_changes_nothing(s: UnderTest, topic: Any, payload: Any) -> None:
    message = await s.hear(topic, payload)
    before = await s.snapshot(*TABLES)
    await s.hear_again(topic, message)
    assert await s.snapshot(*TABLES) == before


@pytest.mark.parametrize(("topic", "payload"), EVERY_EVENT, ids=lambda value: getattr(value, "name", ""))
async def test_the_same_said_in_another_message_changes_nothing_that_is_owed(
    s: UnderTest, topic: Any, payload: Any
) -> None:
    await s.hear(topic, payload)
    before = await s.snapshot(*TABLES)
    s.clock.pass_days(1)
    await s.hear(topic, payload)
    assert await s.snapshot(*TABLES) == before
