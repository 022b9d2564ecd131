"""Reviews that cannot be true, and filings that cross: nothing is tried for ever, nothing is filed twice."""

import asyncio
from typing import Any

import asyncpg
import polars as pl
import pytest

from contracts import topics
from contracts.vocabulary import RecordSet
from services.kit.consumer import Consumer
from services.kit.dead_letters import Incoming, NeverRetry
from services.national_filing import store
from tests.harness import UnderTest, event
from tests.national_filing.submissions import approved, records

REVIEWED = topics.REVIEW_COMPLETED


async def test_a_review_that_approves_records_without_a_record_set_dies(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(2), approved=None)
    with pytest.raises(NeverRetry, match="message-refused"):
        await s.hear(REVIEWED, review)


async def test_a_record_set_that_is_no_parquet_dies(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(2))
    assert review.approved is not None
    nonsense = await s.work.objects.put(b"PAR1 nonsense PAR1", "application/vnd.apache.parquet")
    wrong = RecordSet(object=nonsense, record_count=2, merkle_root=review.approved.merkle_root)
    with pytest.raises(NeverRetry, match="object-damaged"):
        await s.hear(REVIEWED, review.model_copy(update={"approved": wrong}))


async def test_an_unknown_layout_dies(s: UnderTest) -> None:
    with pytest.raises(NeverRetry, match="message-refused"):
        await s.hear(REVIEWED, await approved(s.work.objects, records(2), layout="of_tomorrow"))


@pytest.mark.parametrize("column", ["XWZSBH", "XWLBM", "HXWRQ"])
@pytest.mark.parametrize("value", [None, "", "nonsense"])
async def test_a_record_without_what_the_registry_needs_is_returned(
    s: UnderTest, column: str, value: str | None
) -> None:
    frame = records(4).with_columns(
        pl.when(pl.col("row") == 3).then(pl.lit(value, pl.String)).otherwise(column).alias(column)
    )
    await s.hear(REVIEWED, await approved(s.work.objects, frame))
    (checked,) = await s.said(topics.FORMAT_CHECK_COMPLETED)
    assert (checked.data.passed_count, checked.data.returned_count) == (3, 1)


@pytest.mark.parametrize("column", ["XWZSBH", "XWLBM", "HXWRQ"])
async def test_a_record_set_that_lacks_a_column_of_the_registry_is_returned_whole(
    s: UnderTest, column: str
) -> None:
    await s.hear(REVIEWED, await approved(s.work.objects, records(3).drop(column)))
    (checked,) = await s.said(topics.FORMAT_CHECK_COMPLETED)
    assert (checked.data.passed_count, checked.data.returned_count) == (0, 3)
    assert await s.said(topics.BATCH_FILED) == []


async def test_two_filings_with_the_same_numbers_in_opposite_order_do_not_wait_for_each_other(
    s: UnderTest,
) -> None:
    """The order of locks is the order of numbers, whatever the order of records."""
    deadlocks = 0
    original = store.save_registry

    async def counting(*words: Any) -> Any:
        nonlocal deadlocks
        try:
            return await original(*words)
        except asyncpg.DeadlockDetectedError:
            deadlocks += 1
            raise

    store.save_registry = counting  # type: ignore[assignment]
    try:
        for number in range(3):
            frame = records(2000, first_serial=1 + number * 2000)
            there = await approved(s.work.objects, frame)
            back = await approved(s.work.objects, frame.reverse())
            await asyncio.gather(s.hear(REVIEWED, there), s.hear(REVIEWED, back))
    finally:
        store.save_registry = original
    assert deadlocks == 0
    assert await s.work.pool.fetchval("select count(*) from registry") == 6000
    assert len(await s.said(topics.FORMAT_CHECK_COMPLETED)) == 6


async def test_a_deadlock_is_tried_again_by_the_consumer(s: UnderTest) -> None:
    review, tries = await approved(s.work.objects, records(2)), 0
    handler = s.service.handlers[REVIEWED]

    async def unlucky(message: Any, work: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncpg.DeadlockDetectedError
        await handler(message, work)

    body = event(REVIEWED, review).model_dump_json(serialize_as_any=True).encode()
    await Consumer(s.work, {REVIEWED: unlucky}).hear(Incoming(REVIEWED.name, 0, 0, b"k", body))
    assert (tries, len(await s.said(topics.BATCH_FILED))) == (2, 1)


async def test_the_same_filing_gives_the_same_receipt_to_the_byte(s: UnderTest) -> None:
    review = await approved(s.work.objects, records(3))
    await s.hear(REVIEWED, review)
    (filed,) = await s.said(topics.BATCH_FILED)
    await s.work.pool.execute("truncate filings, format_checks, registry, filing_serials, outbox")
    await s.hear(REVIEWED, review)
    (again,) = await s.said(topics.BATCH_FILED)
    assert (again.data.receipt, again.data.archive) == (filed.data.receipt, filed.data.archive)


async def test_a_round_of_any_size_in_the_address_is_a_clear_answer(s: UnderTest) -> None:
    headers = s.signed_in("p", "national_centre", "centre_operator")
    answer = await s.http.get(f"/v1/format-checks/{'a' * 32}/99999999999", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
    answer = await s.http.get("/v1/filings?batch_id=a%00b", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")
