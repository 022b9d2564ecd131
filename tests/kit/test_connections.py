"""Connections break in the middle of things: nothing is lost, nothing is done twice, all go on by themselves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from contracts.batches import BatchReceived
from contracts.message import Message
from contracts.topics import ServiceName
from contracts.vocabulary import new_id
from services.kit.database import DATABASE_FAULTS
from services.kit.kafka import create_topics
from services.kit.service import Service
from services.kit.settings import ServiceSettings
from services.kit.sweeps import Sweep, Sweeper
from services.kit.work import Work
from tests.harness import UnderTest, running
from tests.kit.test_delivery import hearing, received, relaying, say, until


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
    ) as under_test:
        await create_topics(kafka_broker, 1, partitions_max=12)
        await under_test.work.pool.execute("create table effects (message_id uuid, attempt integer)")
        yield under_test


BODIES = "select body from outbox order by position"
EFFECTS = "select attempt from effects order by ctid"


async def ask(url: str, question: str) -> list[Any]:
    """Asks on a connection of our own, which nobody drops."""
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(question)]
    finally:
        await connection.close()


async def drop_connections(url: str) -> None:
    """Ends every session of the database but our own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()


async def test_events_survive_a_database_that_drops_its_connections_again_and_again(s: UnderTest) -> None:
    batch = new_id()
    url = s.work.settings.database_url.get_secret_value()

    async def do(message: Message[BatchReceived], work: Work) -> None:
        async with work.once(message) as tx:
            if tx is not None and message.data.batch_id == batch:
                await tx.conn.execute("insert into effects values ($1, $2)", message.id, message.data.attempt)

    async def speak() -> None:
        for number in range(1, 61):
            with suppress(*DATABASE_FAULTS):  # committed or not: the outbox knows
                await say(s.work, received(number, batch))
            await asyncio.sleep(0.02)

    async with relaying(s.work), hearing(s.work, do):
        speaking = asyncio.create_task(speak())
        for _ in range(4):
            await asyncio.sleep(0.4)
            await drop_connections(url)
        await speaking
        said = [
            Message[BatchReceived].model_validate_json(body).data.attempt for body in await ask(url, BODIES)
        ]
        assert len(said) > 40

        async def all_done() -> bool:
            return len(await ask(url, EFFECTS)) >= len(said)

        await until(all_done, 60)
        await asyncio.sleep(1)
    assert await ask(url, EFFECTS) == sorted(said)


async def test_sweeps_go_on_after_their_connection_broke(s: UnderTest) -> None:
    seen: list[float] = []

    async def look(_: Any) -> int:
        seen.append(1)
        return 0

    sweeping = asyncio.create_task(Sweeper(s.work, (Sweep("look", 0.1, look),)).run())
    await until(lambda: len(seen) > 2)
    await drop_connections(s.work.settings.database_url.get_secret_value())
    before = len(seen)
    await until(lambda: len(seen) > before + 3)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)


async def test_who_waits_for_news_is_woken_after_the_listening_connection_broke(s: UnderTest) -> None:
    await asyncio.sleep(0.3)
    await drop_connections(s.work.settings.database_url.get_secret_value())
    await asyncio.sleep(1.5)
    waiting = asyncio.create_task(s.work.hints.wait("changed", "batch-1", seconds=5))
    await asyncio.sleep(0)
    async with s.work.transaction() as tx:
        tx.changed("batch-1")
    assert await waiting


async def test_news_told_while_the_listening_connection_was_broken_is_not_slept_over(s: UnderTest) -> None:
    await asyncio.sleep(0.3)
    waiting = asyncio.create_task(s.work.hints.wait("changed", "batch-2", seconds=20))
    await asyncio.sleep(0)
    await drop_connections(s.work.settings.database_url.get_secret_value())
    async with asyncio.timeout(5):
        assert await waiting  # woken to look, because nobody knows what was missed
