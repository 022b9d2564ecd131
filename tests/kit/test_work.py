"""One unit of work: inbox row, business change and outbox rows commit together or not at all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from contracts import topics
from contracts.batches import BatchReceived
from contracts.topics import ServiceName
from contracts.vocabulary import Office, new_id
from services.kit.problems import Problem
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from tests.harness import UnderTest, event, running

RECEIVED = BatchReceived(batch_id=new_id(), round=1, attempt=1, unit_code="10284")
UNIT = Office.unit("10284")


@pytest.fixture
async def s(make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "no-migrations", {})
    async with running(service, make_database(), tmp_path) as under_test:
        yield under_test


async def test_a_message_is_worked_on_once(s: UnderTest) -> None:
    message = event(topics.BATCH_RECEIVED, RECEIVED)
    for _ in range(3):
        async with s.work.once(message) as tx:
            if tx is not None:
                await tx.publish(topics.BATCH_RECEIVED, RECEIVED)
    assert len(await s.said(topics.BATCH_RECEIVED)) == 1
    assert await s.work.heard(message)


async def test_a_fault_leaves_neither_inbox_nor_outbox(s: UnderTest) -> None:
    message = event(topics.BATCH_RECEIVED, RECEIVED)

    async def fail_midway() -> None:
        async with s.work.once(message) as tx:
            assert tx is not None
            await tx.publish(topics.BATCH_RECEIVED, RECEIVED)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_midway()
    assert await s.said(topics.BATCH_RECEIVED) == []
    assert not await s.work.heard(message)


async def test_the_same_message_at_the_same_time_is_worked_on_once(s: UnderTest) -> None:
    message = event(topics.BATCH_RECEIVED, RECEIVED)

    async def hear() -> None:
        async with s.work.once(message) as tx:
            if tx is not None:
                await asyncio.sleep(0.05)
                await tx.publish(topics.BATCH_RECEIVED, RECEIVED)

    await asyncio.gather(*(hear() for _ in range(4)))
    assert len(await s.said(topics.BATCH_RECEIVED)) == 1


async def test_an_event_names_its_cause_and_its_subject(s: UnderTest) -> None:
    message = event(topics.BATCH_RECEIVED, RECEIVED)
    async with s.work.once(message) as tx:
        assert tx is not None
        await tx.publish(topics.BATCH_RECEIVED, RECEIVED)
    (said,) = await s.said(topics.BATCH_RECEIVED)
    assert said.causationid == message.id
    assert said.subject == RECEIVED.batch_id
    assert said.data == RECEIVED


async def test_a_service_cannot_say_what_the_table_gives_to_another(s: UnderTest) -> None:
    async with s.work.transaction() as tx:
        with pytest.raises(TypeError, match="does not say"):
            await tx.publish(topics.NOTICE_SENT, RECEIVED)


async def test_the_same_key_and_body_gets_the_kept_answer(s: UnderTest) -> None:
    async with s.work.transaction() as tx:
        assert await tx.claim_request(UNIT, "key", "digest") is None
        await tx.keep_answer(202, {"batch_id": "b"})
    async with s.work.transaction() as tx:
        kept = await tx.claim_request(UNIT, "key", "digest")
    assert kept is not None
    assert (kept.status, kept.body) == (202, {"batch_id": "b"})


async def test_the_same_key_with_another_body_is_refused(s: UnderTest) -> None:
    async with s.work.transaction() as tx:
        await tx.claim_request(UNIT, "key", "digest")
        await tx.keep_answer(202, {})
    async with s.work.transaction() as tx:
        with pytest.raises(Problem) as refusal:
            await tx.claim_request(UNIT, "key", "another digest")
    assert refusal.value.reason.code == "idempotency-key-reused"


async def test_two_offices_may_use_the_same_key(s: UnderTest) -> None:
    for code in ("10284", "10285"):
        async with s.work.transaction() as tx:
            assert await tx.claim_request(Office.unit(code), "key", code) is None
            await tx.keep_answer(202, {})


async def test_a_second_request_with_the_key_waits_for_the_first(s: UnderTest) -> None:
    claimed = asyncio.Event()

    async def first() -> None:
        async with s.work.transaction() as tx:
            await tx.claim_request(UNIT, "key", "digest")
            claimed.set()
            await asyncio.sleep(0.1)
            await tx.keep_answer(202, {"batch_id": "the one"})

    async def second() -> object:
        await claimed.wait()
        async with s.work.transaction() as tx:
            return await tx.claim_request(UNIT, "key", "digest")

    _, kept = await asyncio.gather(first(), second())
    assert kept is not None
    assert kept.body == {"batch_id": "the one"}  # type: ignore[attr-defined]


async def test_who_waits_for_news_of_a_subject_is_woken_by_the_commit(s: UnderTest) -> None:
    await asyncio.sleep(0.2)  # the listening connection is opened in the background
    waiting = asyncio.create_task(s.work.hints.wait("changed", "batch-1", seconds=5))
    await asyncio.sleep(0)
    async with s.work.transaction() as tx:
        tx.changed("batch-1")
    assert await waiting
    assert not await s.work.hints.wait("changed", "batch-1", seconds=0.05)
