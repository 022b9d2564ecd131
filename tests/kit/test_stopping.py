"""How a service process ends: asked to, it finishes what it is at; broken, it ends loudly to be started again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import asyncpg
import httpx
import pytest

from cli.stack.broker import EmbeddedBroker
from cli.stack.ports import free_port
from contracts import topics
from contracts.batches import BatchReceived
from contracts.vocabulary import new_id
from services.kit.database import KIT_MIGRATIONS, migrate
from services.kit.kafka import Producer, create_topics
from services.kit.settings import ServiceSettings
from tests.harness import event

PROJECT = Path(__file__).parents[2]
TOPIC = topics.BATCH_RECEIVED


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[EmbeddedBroker]:
    """A broker that nobody else uses."""
    broker = EmbeddedBroker(tmp_path / "broker")
    broker.start()
    await create_topics(broker.bootstrap_servers, 1, partitions_max=12)
    yield broker
    broker.stop()


@pytest.fixture
async def surroundings(
    broker: EmbeddedBroker, make_database: Callable[[], str], tmp_path: Path
) -> dict[str, str]:
    database_url = make_database()
    await migrate(database_url, (KIT_MIGRATIONS,))
    return {
        "XUEWEI_ENVIRONMENT": "development",
        "XUEWEI_DATABASE_URL": database_url,
        "XUEWEI_KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "XUEWEI_KAFKA_IDEMPOTENT_PRODUCER": "false",
        "XUEWEI_KAFKA_SESSION_TIMEOUT_MS": "3000",
        "XUEWEI_OBJECT_STORE_URL": f"file://{tmp_path / 'objects'}",
        "XUEWEI_OIDC_ISSUER": "http://127.0.0.1:1",
        "XUEWEI_HTTP_PORT": str(free_port()),
    }


class Little:
    """The process of the little service."""

    def __init__(self, process: asyncio.subprocess.Process, database_url: str) -> None:
        self.process = process
        self.database_url = database_url
        self.said = b""

    async def until_it_says(self, word: bytes, seconds: float = 60) -> None:
        assert self.process.stderr is not None
        async with asyncio.timeout(seconds):
            while word not in self.said:
                line = await self.process.stderr.readline()
                assert line, self.said.decode()
                self.said += line

    async def ends(self, seconds: float) -> int:
        assert self.process.stderr is not None
        async with asyncio.timeout(seconds):
            self.said += await self.process.stderr.read()
            return await self.process.wait()

    async def heard(self) -> int:
        connection = await asyncpg.connect(self.database_url)
        try:
            return int(await connection.fetchval("select count(*) from inbox where state = 'done'"))
        finally:
            await connection.close()


@asynccontextmanager
async def little_service(surroundings: dict[str, str], *words: str) -> AsyncIterator[Little]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.little_service", *words),
        cwd=PROJECT,
        env={**os.environ, **surroundings},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Little(process, surroundings["XUEWEI_DATABASE_URL"])
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def say(surroundings: dict[str, str], seconds: int) -> None:
    values = {name.removeprefix("XUEWEI_").lower(): value for name, value in surroundings.items()}
    producer = Producer(ServiceSettings(**values))  # type: ignore[arg-type]
    await producer.start()
    payload = BatchReceived(batch_id=new_id(), round=1, attempt=seconds, unit_code="10284")
    body = event(TOPIC, payload).model_dump_json(serialize_as_any=True).encode()
    await producer.publish_in_order([(TOPIC.name, b"k", body)])
    await producer.stop()


@pytest.mark.parametrize("way", [signal.SIGTERM, signal.SIGINT])
async def test_asked_to_stop_it_finishes_the_message_it_is_at_and_leaves_in_peace(
    surroundings: dict[str, str], way: signal.Signals
) -> None:
    await say(surroundings, 2)
    async with little_service(surroundings) as little:
        await little.until_it_says(b"working on it")
        little.process.send_signal(way)
        assert await little.ends(10) == 0
        assert await little.heard() == 1


async def test_a_message_that_takes_too_long_is_left_for_the_next_start(surroundings: dict[str, str]) -> None:
    await say(surroundings, 100)
    async with little_service(surroundings) as little:
        await little.until_it_says(b"working on it")
        started = monotonic()
        little.process.terminate()
        assert await little.ends(20) == 0
        assert monotonic() - started < 12
        assert await little.heard() == 0
    async with little_service(surroundings) as little:
        await little.until_it_says(b"working on it")


async def test_it_stops_in_time_also_when_the_broker_is_gone(
    surroundings: dict[str, str], broker: EmbeddedBroker
) -> None:
    await say(surroundings, 1)
    async with little_service(surroundings) as little:
        await little.until_it_says(b"working on it")
        broker.stop()
        await asyncio.sleep(1.5)
        started = monotonic()
        little.process.terminate()
        assert await little.ends(20) == 0
        assert monotonic() - started < 12


async def test_it_goes_on_hearing_after_a_broker_that_forgot_everything(
    surroundings: dict[str, str], broker: EmbeddedBroker
) -> None:
    await say(surroundings, 1)
    async with little_service(surroundings) as little:
        await little.until_it_says(b"working on it")
        await asyncio.sleep(2)
        broker.stop()
        await asyncio.sleep(3)
        broker.start()
        await create_topics(broker.bootstrap_servers, 1, partitions_max=12)
        await say(surroundings, 1)
        async with asyncio.timeout(60):
            while await little.heard() < 2:
                await asyncio.sleep(0.2)


async def test_a_fault_of_our_own_in_a_sweep_ends_the_process_to_be_started_again(
    surroundings: dict[str, str],
) -> None:
    async with little_service(surroundings, "stumbling") as little:
        assert await little.ends(60) not in {0, None}
        assert b"LookupError" in little.said
        assert "张三" not in little.said.decode()


async def test_it_stops_in_time_while_there_is_no_broker_and_nobody_takes_its_spans(
    surroundings: dict[str, str], broker: EmbeddedBroker
) -> None:
    broker.stop()
    nobody = {**surroundings, "XUEWEI_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    async with little_service(nobody) as little:
        await little.until_it_says(b"no broker yet")
        async with httpx.AsyncClient() as http:
            url = f"http://127.0.0.1:{surroundings['XUEWEI_HTTP_PORT']}"
            assert (await http.get(f"{url}/v1/nothing")).status_code == 404  # has a span
            assert (await http.get(f"{url}/health/ready")).status_code == 503
            assert (await http.get(f"{url}/health/live")).status_code == 200
        started = monotonic()
        little.process.terminate()
        assert await little.ends(30) == 0
        assert monotonic() - started < 12
        assert b"Unclosed" not in little.said
