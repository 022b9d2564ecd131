"""How many messages a second go from outbox over the broker into the inbox, beside bare aiokafka doing as much."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import SecretStr

from benchmarks.figures import Better, Figure
from benchmarks.machine import load
from benchmarks.setting import Setting
from cli.stack.broker import EmbeddedBroker
from cli.stack.postgres import EmbeddedPostgres
from contracts import topics
from contracts.batches import BatchReceived
from contracts.message import Message
from contracts.topics import ServiceName
from contracts.vocabulary import new_id
from services.kit.consumer import Consumer
from services.kit.database import KIT_MIGRATIONS, migrate
from services.kit.kafka import create_topics
from services.kit.relay import Relay
from services.kit.service import Service, open_work
from services.kit.settings import ServiceSettings
from services.kit.work import Work

PER_TRANSACTION = 50
"""Events one business transaction says: more than any does, so that saying is not what is measured."""


async def outbox_to_inbox(setting: Setting) -> list[Figure]:
    """The kit's whole way of a message, each heard in a transaction of its own that remembers it."""
    count = setting.amount(3_000, 300)
    folder = setting.folder / "delivery"
    broker, postgres = EmbeddedBroker(folder / "broker"), EmbeddedPostgres(folder / "postgres")
    folder.mkdir(mode=0o711)
    postgres.start()
    broker.start()
    try:
        url = await postgres.create_database_in_loop("delivery")
        await migrate(url, (KIT_MIGRATIONS,))
        burnt = process_time()
        kit = await _through_the_kit(_settings(url, broker.bootstrap_servers, folder), count)
        burnt = (process_time() - burnt) / count
        bare = await _bare(url, broker.bootstrap_servers, count)
    finally:
        broker.stop()
        postgres.remove()
    details = {
        "messages": count,
        "cpu_ms_each_in_this_process": round(burnt * 1000, 2),
        "load_average": load(),
    }
    peer_is = "aiokafka: publish in turn, insert and commit per message"
    return [Figure("outbox to inbox", kit, "messages/s", Better.MORE, None, bare, peer_is, details)]


@dataclass(slots=True)
class _Ear:
    """Counts what is heard and tells when it is all."""

    wanted: int
    heard: int = 0
    all_heard: asyncio.Event = field(default_factory=asyncio.Event)

    def count(self) -> None:
        self.heard += 1
        if self.heard >= self.wanted:
            self.all_heard.set()


async def _through_the_kit(settings: ServiceSettings, count: int) -> float:
    ear = _Ear(1)

    async def hear(message: Message[Any], work: Work) -> None:
        async with work.once(message) as tx:
            assert tx is not None
        ear.count()

    handlers = {topics.BATCH_RECEIVED: hear}
    service = Service(ServiceName.COLLECTOR, ServiceSettings, Path(), handlers)
    await create_topics(settings.kafka_bootstrap_servers, 1, settings.kafka_partitions_max)
    async with open_work(service, settings) as work:
        broker = Consumer(work, handlers).broker()
        await broker.start()
        relay = asyncio.create_task(Relay(work).run())
        try:
            await _say(work, 1)
            await ear.all_heard.wait()
            ear = _Ear(count)
            began = perf_counter()
            await _say(work, count)
            await ear.all_heard.wait()
            return count / (perf_counter() - began)
        finally:
            relay.cancel()
            with suppress(asyncio.CancelledError):
                await relay
            await broker.stop()


async def _say(work: Work, count: int) -> None:
    for begun in range(0, count, PER_TRANSACTION):
        async with work.transaction() as tx:
            for _ in range(min(PER_TRANSACTION, count - begun)):
                said = BatchReceived(batch_id=new_id(), round=1, attempt=1, unit_code="10284")
                await tx.publish(topics.BATCH_RECEIVED, said)


async def _bare(url: str, bootstrap_servers: str, count: int) -> float:
    topic = topics.REVIEW_COMPLETED.name
    conn = await asyncpg.connect(url)
    await conn.execute("create table heard (message_offset bigint, part integer, body bytea)")
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap_servers,
        group_id="bare",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=3_000,
        heartbeat_interval_ms=1_000,
        fetch_max_wait_ms=25,
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all", linger_ms=2)
    await consumer.start()
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"first")
        await _take(consumer, conn, 1)
        began = perf_counter()
        waiting = [await producer.send(topic, b"x" * 700, key=str(each).encode()) for each in range(count)]
        await asyncio.gather(*waiting, _take(consumer, conn, count))
        return count / (perf_counter() - began)
    finally:
        await producer.stop()
        await consumer.stop()
        await conn.close()


async def _take(consumer: AIOKafkaConsumer, conn: asyncpg.Connection, count: int) -> None:
    for _ in range(count):
        message = await consumer.getone()
        await conn.execute(
            "insert into heard values ($1, $2, $3)", message.offset, message.partition, message.value
        )
        await consumer.commit()


def _settings(url: str, bootstrap_servers: str, folder: Path) -> ServiceSettings:
    return ServiceSettings(
        environment="development",
        database_url=SecretStr(url),
        kafka_bootstrap_servers=bootstrap_servers,
        kafka_idempotent_producer=False,
        kafka_session_timeout_ms=3_000,
        kafka_fetch_max_wait_ms=25,
        kafka_partitions_max=2,
        object_store_url=(folder / "objects").as_uri(),
        oidc_issuer="http://127.0.0.1:1",
    )
