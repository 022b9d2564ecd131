"""Putting events on Kafka by hand, as a broken or foreign program might, and reading what services made of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer

from cli.stack import Stack

MIB = 1024 * 1024


@asynccontextmanager
async def foreign_producer(stack: Stack) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that is not one of ours and does not mind sizes."""
    producer = AIOKafkaProducer(bootstrap_servers=stack.url("kafka"), max_request_size=64 * MIB)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def rows(stack: Stack, service: str, statement: str, *values: object) -> list[dict[str, Any]]:
    """What a service keeps, read from its own database."""
    connection = await asyncpg.connect(stack.database_url(service))
    try:
        return [dict(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


async def dead_letters(stack: Stack, service: str, topic: str) -> list[dict[str, Any]]:
    """The dead letters a service keeps of a topic, oldest first."""
    return await rows(
        stack,
        service,
        "select message_id, message_key, body, reason_code, tries from dead_letters"
        " where topic = $1 order by died_at",
        topic,
    )
