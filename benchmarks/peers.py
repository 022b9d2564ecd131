"""What cannot be saved: bare COPY, a bare message there and back, a request that does nothing."""

import asyncio
import uuid
from collections.abc import Sequence
from time import perf_counter

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.statistics import percentile
from cli.stack import Stack

_REGISTRY_COLUMNS = "certificate_number, record_id, batch_id, round, unit_code, category, degree_category, awarded_on, record_hash"


async def copy_rows_per_second(stack: Stack, batch_ids: Sequence[str], *, times: int = 3) -> float:
    """COPY of the registry rows of these batches, one transaction a batch, into a table like the registry.

    The same server, keys and indexes as the filing has just used; the best of ``times``.
    """
    conn = await asyncpg.connect(stack.database_url("national_filing"))
    try:
        select = f"select {_REGISTRY_COLUMNS} from registry where batch_id = $1"
        batches = [await conn.fetch(select, batch_id) for batch_id in batch_ids]
        return max([await _copy(conn, [list(map(tuple, rows)) for rows in batches]) for _ in range(times)])
    finally:
        await conn.close()


async def _copy(conn: asyncpg.Connection, batches: Sequence[Sequence[tuple[object, ...]]]) -> float:
    await conn.execute("create table copied (like registry including all)")
    try:
        began = perf_counter()
        for rows in batches:
            columns = _REGISTRY_COLUMNS.split(", ")
            await conn.copy_records_to_table("copied", records=rows, columns=columns)
        return sum(map(len, batches)) / (perf_counter() - began)
    finally:
        await conn.execute("drop table copied")


async def request_seconds(url: str, *, times: int = 50) -> float:
    """The median of a request to a service that does nothing (GET /health/live)."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        taken: list[float] = []
        for _ in range(times):
            began = perf_counter()
            (await http.get("/health/live")).raise_for_status()
            taken.append(perf_counter() - began)
    return percentile(taken, 0.5)


async def message_seconds(bootstrap_servers: str, fetch_max_wait_ms: int, *, times: int = 40) -> float:
    """The median of a bare message's way: sent and acknowledged by aiokafka, taken by an aiokafka consumer."""
    topic = f"benchmark-{uuid.uuid4().hex}"
    await _create_topic(bootstrap_servers, topic)
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap_servers, fetch_max_wait_ms=fetch_max_wait_ms
    )
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all")
    await consumer.start()
    await producer.start()
    try:
        await consumer.seek_to_beginning()
        taken: list[float] = []
        for _ in range(times):
            await asyncio.sleep(0.005)
            began = perf_counter()
            await producer.send_and_wait(topic, b"x" * 1_000)
            await consumer.getone()
            taken.append(perf_counter() - began)
        return percentile(taken, 0.5)
    finally:
        await producer.stop()
        await consumer.stop()


async def _create_topic(bootstrap_servers: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()
