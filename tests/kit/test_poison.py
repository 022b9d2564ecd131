"""What nobody of us would put on a topic, but a broker would hand over: it dies, and what follows is heard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from contracts.batches import BatchReceived
from contracts.message import Message
from contracts.topics import ServiceName
from services.kit.kafka import create_topics
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.work import Work
from tests.harness import UnderTest, event, running
from tests.kit.test_delivery import TOPIC, hearing, received, until


@pytest.fixture
async def s(kafka_broker: str, make_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[UnderTest]:
    service = Service(ServiceName.COLLECTOR, ServiceSettings, tmp_path / "no-migrations", {})
    async with running(
        service,
        make_database(),
        tmp_path,
        kafka_bootstrap_servers=kafka_broker,
        kafka_idempotent_producer=False,
        kafka_session_timeout_ms=3000,
        kafka_fetch_max_wait_ms=25,
        dead_letters_in_a_row_max=1000,
    ) as under_test:
        await create_topics(kafka_broker, 1, partitions_max=12)
        yield under_test


POISON: dict[str, dict[str, Any]] = {
    "no value at all": {"value": None},
    "an empty value": {"value": b""},
    "a header that is no text": {"value": b"x", "headers": [("content-type", b"\xff\xfe")]},
    "a header of another trace": {
        "value": b"x",
        "headers": [("correlation_id", b"\xff"), ("traceparent", b"")],
    },
    "no key": {"value": b"x", "key": None},
    "nested deep": {"value": b"[" * 100_000},
    "a large number": {"value": b'{"type": "batch.received.v1", "data": {"round": 1e999}}'},
    "half a character": {"value": b'{"type": "batch.received.v1", "subject": "\\ud800"}'},
    "text that is no UTF-8": {"value": b'{"type": "\xff"}'},
}


@pytest.mark.parametrize("name", POISON)
async def test_poison_dies_and_what_follows_is_heard(s: UnderTest, name: str) -> None:
    heard = []
    wanted = received()

    async def note(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message):
            heard.append(message.data)

    producer = AIOKafkaProducer(bootstrap_servers=s.work.settings.kafka_bootstrap_servers)
    await producer.start()
    good = event(TOPIC, wanted).model_dump_json(serialize_as_any=True).encode()
    await producer.send_and_wait(TOPIC.name, **{"key": b"k", "partition": 3, **POISON[name]})
    await producer.send_and_wait(TOPIC.name, good, key=b"k", partition=3)
    await producer.stop()
    async with hearing(s.work, note):
        await until(lambda: wanted in heard, 25)
        await asyncio.sleep(0)
    assert await s.work.pool.fetchval("select count(*) from dead_letters") >= 1
