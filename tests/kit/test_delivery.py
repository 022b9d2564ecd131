"""Outbox → broker → inbox: once in effect, in order per key, and nothing lost by poison or faults."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from contracts import topics
from contracts.batches import BatchReceived
from contracts.message import Message
from contracts.topics import ServiceName
from contracts.vocabulary import new_id
from services.kit.consumer import Consumer
from services.kit.dead_letters import Incoming, NeverRetry
from services.kit.kafka import Producer, create_topics
from services.kit.objects import ObjectMissing
from services.kit.relay import Relay
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.work import Work
from tests.harness import UnderTest, event, running

TOPIC = topics.BATCH_RECEIVED


def received(attempt: int = 1, batch_id: str | None = None) -> BatchReceived:
    return BatchReceived(batch_id=batch_id or new_id(), round=1, attempt=attempt, unit_code="10284")


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker(request: pytest.FixtureRequest) -> tuple[str, bool]:
    """Bootstrap address, and whether the broker knows idempotent producers."""
    if request.param == "embedded":
        return request.getfixturevalue("kafka_broker"), False
    return request.getfixturevalue("real_kafka").bootstrap, True


@pytest.fixture
async def s(
    broker: tuple[str, bool], make_database: Callable[[], str], tmp_path: Path
) -> AsyncIterator[UnderTest]:
    address, idempotent = broker
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "no-migrations", {})
    async with running(
        service,
        make_database(),
        tmp_path,
        kafka_bootstrap_servers=address,
        kafka_idempotent_producer=idempotent,
        kafka_session_timeout_ms=3000 if not idempotent else 6000,
        kafka_fetch_max_wait_ms=25,
        handler_tries_max=2,
        dead_letters_in_a_row_max=3,
    ) as under_test:
        await create_topics(address, 1, partitions_max=12)
        yield under_test


@asynccontextmanager
async def relaying(work: Work) -> AsyncIterator[Relay]:
    relay = Relay(work)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def hearing(
    work: Work, handler: Callable[[Message[Any], Work], Awaitable[None]]
) -> AsyncIterator[Consumer]:
    consumer = Consumer(work, {TOPIC: handler})
    broker = consumer.broker()
    await broker.start()
    try:
        yield consumer
    finally:
        await broker.stop()


async def say(work: Work, *payloads: BatchReceived) -> None:
    async with work.transaction() as tx:
        for payload in payloads:
            await tx.publish(TOPIC, payload)


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


async def test_what_is_said_is_heard_once_and_in_order(s: UnderTest) -> None:
    batch, heard = new_id(), []

    async def note(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message) as tx:
            if tx is not None and message.data.batch_id == batch:
                heard.append(message.data.attempt)

    await say(s.work, *(received(n, batch) for n in range(1, 21)))
    async with relaying(s.work), hearing(s.work, note):
        await until(lambda: len(heard) == 20)
    assert heard == list(range(1, 21))


async def test_what_was_published_is_marked_and_not_said_again(s: UnderTest) -> None:
    await say(s.work, received())

    async def all_published() -> bool:
        return not await s.work.pool.fetchval("select count(*) from outbox where published_at is null")

    async with relaying(s.work):
        await until(all_published)
    before = await s.snapshot()
    async with relaying(s.work):
        await asyncio.sleep(0.5)
    assert await s.snapshot() == before


async def test_two_relays_share_the_shards_and_lose_nothing(s: UnderTest) -> None:
    batches = [new_id() for _ in range(8)]
    heard: dict[str, list[int]] = {batch: [] for batch in batches}

    async def note(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message) as tx:
            if tx is not None and message.data.batch_id in heard:
                heard[message.data.batch_id].append(message.data.attempt)

    async with relaying(s.work) as one, relaying(s.work) as two, hearing(s.work, note):
        for number in range(1, 11):
            await say(s.work, *(received(number, batch) for batch in batches))
        await until(lambda: all(len(each) == 10 for each in heard.values()))
        assert len(one.shards | two.shards) == 4
        assert not one.shards & two.shards
    assert all(each == list(range(1, 11)) for each in heard.values())


async def test_a_handler_that_fails_for_a_while_gets_the_message_again(s: UnderTest) -> None:
    tries, done = [], []
    wanted = received()

    async def stumble(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message) as tx:
            if tx is None or message.data != wanted:
                return
            tries.append(1)
            if len(tries) < 4:  # more often than one round of tries: it was nacked and came again
                raise ConnectionError
            done.append(message.id)

    await say(s.work, wanted)
    async with relaying(s.work), hearing(s.work, stumble):
        await until(lambda: bool(done))
    assert (len(tries), len(done)) == (4, 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\x00 not JSON", "message-not-json"),
        (
            b'{"type": "batch.received.v9", "id": "00000000-0000-0000-0000-000000000001"}',
            "message-version-unknown",
        ),
        (b'{"type": "batch.received.v1", "specversion": "1.0"}', "message-invalid"),
        (b"[1, 2]", "message-version-unknown"),
    ],
)
async def test_poison_dies_with_its_bytes_kept_and_blocks_nobody(
    s: UnderTest, body: bytes, reason: str
) -> None:
    heard = []
    wanted = received()

    async def note(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message):
            heard.append(message.data)

    producer = Producer(s.work.settings)
    await producer.start()
    good = event(TOPIC, wanted).model_dump_json(serialize_as_any=True).encode()
    await producer.publish_in_order([(TOPIC.name, b"k", body), (TOPIC.name, b"k", good)])
    await producer.stop()
    async with hearing(s.work, note):
        await until(lambda: wanted in heard)
    rows = await s.work.pool.fetch("select body, reason_code from dead_letters where body = $1", body)
    assert [(row["body"], row["reason_code"]) for row in rows] == [(body, reason)]
    assert body in await _dead_letter_topic(s.work)


async def _dead_letter_topic(work: Work) -> list[bytes]:
    onlooker = AIOKafkaConsumer(
        topics.dead_letters_of(ServiceName.COLLECTOR).name,
        bootstrap_servers=work.settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await onlooker.start()
    try:
        records = await onlooker.getmany(timeout_ms=5000)
        return [record.value for each in records.values() for record in each]
    finally:
        await onlooker.stop()


async def test_a_message_whose_object_is_missing_dies_and_is_in_the_inbox_as_dead(s: UnderTest) -> None:
    async def read(message: Message[BatchReceived], work: Work) -> None:
        raise ObjectMissing("0" * 64)

    consumer = Consumer(s.work, {TOPIC: read})
    message = event(TOPIC, received())
    await consumer.hear(_incoming(message))
    row = await s.work.pool.fetchrow("select state, reason_code from inbox where message_id = $1", message.id)
    assert row is not None
    assert tuple(row) == ("dead", "object-missing")


async def test_too_many_dead_letters_in_a_row_stop_the_consumer(s: UnderTest) -> None:
    async def refuse(message: Message[BatchReceived], work: Work) -> None:
        raise NeverRetry("message-refused")

    consumer = Consumer(s.work, {TOPIC: refuse})
    for _ in range(3):
        await consumer.hear(_incoming(event(TOPIC, received())))
    assert consumer.stopped
    kept = await s.work.pool.fetchval("select count(*) from dead_letters")
    with pytest.raises(Exception, match=TOPIC.name):
        await consumer.hear(_incoming(event(TOPIC, received())))
    assert await s.work.pool.fetchval("select count(*) from dead_letters") == kept


def _incoming(message: Message[Any]) -> Any:
    return Incoming(
        TOPIC.name, 0, 0, message.subject.encode(), message.model_dump_json(serialize_as_any=True).encode()
    )


async def test_topics_are_created_once_with_the_partitions_of_the_table(s: UnderTest) -> None:
    assert await create_topics(s.work.settings.kafka_bootstrap_servers, 1, partitions_max=12) == []
