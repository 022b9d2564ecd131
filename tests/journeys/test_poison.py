"""Events that can never be handled: kept as dead letters with their bytes and reason; batches go on."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from cli.views import BatchView
from contracts import topics
from tests.journeys.brokers import MIB, dead_letters, foreign_producer, rows
from tests.journeys.offices import Platform

SUBMITTED, COMPLETED = topics.BATCH_SUBMITTED.name, topics.REVIEW_COMPLETED.name


async def until(is_so: Callable[[], Awaitable[bool]], seconds: float = 40) -> None:
    async with asyncio.timeout(seconds):
        while not await is_so():
            await asyncio.sleep(0.1)


async def unhurt_beside(
    platform: Platform, poison: Callable[[AIOKafkaProducer], Awaitable[None]]
) -> BatchView:
    """A batch that is filed although the poison is put on Kafka while it is on its way."""
    university = platform.university("10336")
    batch = await university.submit(university.make(count=5))
    async with foreign_producer(platform.stack) as producer:
        await poison(producer)
    await university.province.decide(batch.batch_id)
    return await university.until(batch.batch_id, "filed")


async def an_event(platform: Platform, topic: str, service: str) -> dict[str, Any]:
    """A real event of the topic, as its sender's outbox keeps it."""
    found = await rows(
        platform.stack,
        service,
        "select body from outbox where topic = $1 order by position desc limit 1",
        topic,
    )
    return json.loads(found[0]["body"])


async def test_what_is_not_json_dies_with_its_bytes_and_every_hearer_goes_on(
    either_platform: Platform,
) -> None:
    bodies = [b"\xff\xfenot json", b"{", b"", b'{"id": NaN}', uuid4().bytes]

    async def poison(producer: AIOKafkaProducer) -> None:
        for body in bodies:
            await producer.send_and_wait(SUBMITTED, body, key=b"nobody")

    filed = await unhurt_beside(either_platform, poison)
    assert filed.counts.filed == 5
    for service in ("provincial_review", "notifier"):

        async def all_kept(service: str = service) -> bool:
            kept = await dead_letters(either_platform.stack, service, SUBMITTED)
            told = {bytes(each["body"]): each["reason_code"] for each in kept}
            return {body: told.get(body) for body in bodies} == dict.fromkeys(bodies, "message-not-json")

        await until(all_kept)


async def test_an_unknown_version_is_kept_and_not_misread(either_platform: Platform) -> None:
    filed = await unhurt_beside(either_platform, _nothing)
    event = await an_event(either_platform, SUBMITTED, "collector")
    event |= {"id": str(uuid4()), "type": "batch.submitted.v9"}
    later = await unhurt_beside(either_platform, _sender(SUBMITTED, event))
    assert (filed.state, later.state) == ("filed", "filed")

    async def is_kept() -> bool:
        kept = await dead_letters(either_platform.stack, "provincial_review", SUBMITTED)
        return (str(event["id"]), "message-version-unknown") in {
            (str(each["message_id"]), each["reason_code"]) for each in kept
        }

    await until(is_kept)


async def test_an_event_that_breaks_its_contract_names_the_fields_and_no_values(
    either_platform: Platform,
) -> None:
    await unhurt_beside(either_platform, _nothing)
    event = await an_event(either_platform, SUBMITTED, "collector")
    data = {**event["data"], "unit_code": "张三", "round": 0}
    event |= {"id": str(uuid4()), "data": data}
    await unhurt_beside(either_platform, _sender(SUBMITTED, event))
    statement = "select reason_code, detail from dead_letters where message_id = $1"

    async def is_kept() -> bool:
        return bool(await rows(either_platform.stack, "provincial_review", statement, event["id"]))

    await until(is_kept)
    (kept,) = await rows(either_platform.stack, "provincial_review", statement, event["id"])
    assert kept["reason_code"] == "message-invalid"
    assert "data/unit_code" in kept["detail"]
    assert "data/round" in kept["detail"]
    assert "张三" not in kept["detail"]


async def test_an_event_about_a_missing_object_dies_and_nothing_is_filed_from_it(
    either_platform: Platform,
) -> None:
    await unhurt_beside(either_platform, _nothing)
    event = await an_event(either_platform, COMPLETED, "provincial_review")
    batch_id, gone = (
        uuid4().hex,
        {"sha256": "ab" * 32, "size_bytes": 7, "media_type": "application/x-parquet"},
    )
    data = dict(event["data"])
    data |= {"batch_id": batch_id, "approved": {**data["approved"], "object": gone}}
    event |= {"id": str(uuid4()), "subject": batch_id, "data": data}
    await unhurt_beside(either_platform, _sender(COMPLETED, event))

    async def is_kept() -> bool:
        kept = await dead_letters(either_platform.stack, "national_filing", COMPLETED)
        return (str(event["id"]), "object-missing") in {
            (str(each["message_id"]), each["reason_code"]) for each in kept
        }

    await until(is_kept, 90)
    statement = "select filing_number from filings where batch_id = $1"
    assert await rows(either_platform.stack, "national_filing", statement, batch_id) == []


async def test_a_message_over_the_brokers_limit_does_no_harm_wherever_it_is_stopped(
    either_platform: Platform,
) -> None:
    """Apache Kafka refuses it; the embedded broker takes it, and then it dies where it is heard."""
    body, refused = b"[" + b"7," * (6 * MIB) + b"7]", []

    async def poison(producer: AIOKafkaProducer) -> None:
        try:
            await producer.send_and_wait(SUBMITTED, body, key=b"nobody")
        except MessageSizeTooLargeError as error:
            refused.append(error)

    filed = await unhurt_beside(either_platform, poison)
    assert filed.counts.filed == 5

    async def is_kept() -> bool:
        kept = await dead_letters(either_platform.stack, "provincial_review", SUBMITTED)
        return body in [bytes(each["body"]) for each in kept]

    if not refused:
        await until(is_kept)


@pytest.mark.stack
@pytest.mark.xdist_group("stack")
async def test_a_dead_letter_is_copied_to_its_services_own_topic(platform: Platform) -> None:
    body = b"told to onlookers " + uuid4().bytes
    async with foreign_producer(platform.stack) as producer:
        await producer.send_and_wait(SUBMITTED, body, key=b"nobody")
    consumer = AIOKafkaConsumer(
        "provincial_review.dead-letters",
        bootstrap_servers=platform.stack.url("kafka"),
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(40):
            while (await consumer.getone()).value != body:
                pass
    finally:
        await consumer.stop()


async def _nothing(producer: AIOKafkaProducer) -> None:
    """No poison."""


def _sender(topic: str, event: dict[str, Any]) -> Callable[[AIOKafkaProducer], Awaitable[None]]:
    async def send(producer: AIOKafkaProducer) -> None:
        await producer.send_and_wait(topic, json.dumps(event).encode(), key=str(event["subject"]).encode())

    return send
