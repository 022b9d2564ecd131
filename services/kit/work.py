"""One unit of work: one transaction that holds the inbox row, the business change and the outbox rows.

The shape of every handler: ``async with work.once(message) as tx`` – load, decide, save, publish. Leaving
the block commits; only then is the Kafka offset committed. HTTP writes use ``work.transaction()`` and
``tx.claim_request`` in place of the message id.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zlib import crc32

import asyncpg

from contracts.message import Message
from contracts.topics import Topic
from contracts.vocabulary import Office, Published
from services.kit import telemetry
from services.kit.clock import Clock
from services.kit.crashpoints import crashpoint
from services.kit.database import Connection
from services.kit.hints import Hints
from services.kit.objects import ObjectStore
from services.kit.problems import Problem
from services.kit.settings import ServiceSettings

SHARDS = 4
OUTBOX_CHANNEL = "outbox"
CHANGED_CHANNEL = "changed"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer an earlier request with the same Idempotency-Key was given."""

    status: int
    body: dict[str, Any]


class UnansweredRequest(Exception):
    """A request claimed its Idempotency-Key and kept no answer: a repetition could be told nothing."""


@dataclass(slots=True)
class Tx:
    """An open transaction: SQL through ``conn``, events through ``publish``, time through ``now``.

    ``now`` is one instant for the whole unit of work.
    """

    conn: Connection
    now: datetime
    service: str
    cause: UUID | None = None
    _published: bool = False
    _changed: set[str] = field(default_factory=set[str])
    _request: tuple[str, str] | None = None
    _answered: bool = False

    async def publish(self, topic: Topic[Any], payload: Published, *, traceparent: str | None = None) -> UUID:
        """Puts an event into the outbox, keyed by the payload field the topic table names; returns its id.

        The event carries the trace context of the current span unless ``traceparent`` gives another.
        """
        if topic.producer != self.service or not isinstance(payload, topic.payload):
            raise TypeError(f"{self.service} does not say {type(payload).__name__} on {topic.name}")
        subject = str(getattr(payload, topic.key))
        message = Message[Published](
            source=f"xuewei/{self.service}",
            type=topic.name,
            subject=subject,
            time=self.now,
            causationid=self.cause,
            traceparent=traceparent or telemetry.traceparent(),
            data=payload,
        )
        body = message.model_dump_json(exclude_none=True, serialize_as_any=True).encode()
        await self.conn.execute(
            "insert into outbox (message_id, topic, subject, shard, body, said_at)"
            " values ($1, $2, $3, $4, $5, $6)",
            message.id,
            topic.name,
            subject,
            crc32(subject.encode()) % SHARDS,
            body,
            self.now,
        )
        self._published = True
        return message.id

    def changed(self, subject: str) -> None:
        """Tells those who wait for news of ``subject`` (a batch, a review) once this is committed."""
        self._changed.add(subject)

    async def claim_request(self, office: Office, key: str, digest: str) -> KeptAnswer | None:
        """Claims an Idempotency-Key of an office; the earlier answer if it was used with the same body.

        A second request with the same key waits for the first to commit. Raises
        Problem(idempotency-key-reused) when the body differs.
        """
        claimed = await self.conn.fetchval(
            "insert into requests (office, request_key, digest) values ($1, $2, $3)"
            " on conflict do nothing returning true",
            str(office),
            key,
            digest,
        )
        if claimed:
            self._request = (str(office), key)
            return None
        kept = await self.conn.fetchrow(
            "select digest, status, answer from requests where office = $1 and request_key = $2",
            str(office),
            key,
        )
        assert kept is not None
        if kept["digest"] != digest:
            raise Problem("idempotency-key-reused")
        return KeptAnswer(kept["status"], kept["answer"])

    async def keep_answer(self, status: int, body: dict[str, Any]) -> None:
        """Keeps the answer for later requests with the claimed Idempotency-Key."""
        assert self._request is not None
        self._answered = True
        await self.conn.execute(
            "update requests set status = $3, answer = $4 where office = $1 and request_key = $2",
            *self._request,
            status,
            body,
        )

    async def _tell(self) -> None:
        if self._request is not None and not self._answered:
            raise UnansweredRequest
        if self._published:
            await self.conn.execute("select pg_notify($1, '')", OUTBOX_CHANNEL)
        for subject in sorted(self._changed):
            await self.conn.execute("select pg_notify($1, $2)", CHANGED_CHANNEL, subject)


@dataclass(frozen=True, slots=True)
class Work:
    """What a service works with: its database, objects, clock, settings and hints of news."""

    service: str
    pool: asyncpg.Pool
    objects: ObjectStore
    clock: Clock
    settings: ServiceSettings
    hints: Hints

    @asynccontextmanager
    async def transaction(self, *, crash: str = "request") -> AsyncGenerator[Tx]:
        """A unit of work a person or a clock asked for."""
        async with self.pool.acquire() as conn:
            async with conn.transaction():
                tx = Tx(conn, self.clock.now(), self.service)
                yield tx
                await tx._tell()  # pyright: ignore[reportPrivateUsage]
                crashpoint(f"{crash}.before-commit")
            crashpoint(f"{crash}.after-commit")

    @asynccontextmanager
    async def once(self, message: Message[Any]) -> AsyncGenerator[Tx | None]:
        """A unit of work for a message: a Tx the first time, None when the inbox has it already."""
        async with self.pool.acquire() as conn:
            async with conn.transaction():
                if not await _remember(conn, message):
                    yield None
                    return
                tx = Tx(conn, self.clock.now(), self.service, cause=message.id)
                yield tx
                await tx._tell()  # pyright: ignore[reportPrivateUsage]
                crashpoint("consumer.before-commit")
            crashpoint("consumer.after-commit")

    async def heard(self, message: Message[Any]) -> bool:
        """Whether the inbox has the message already: spares long preparation, decides nothing."""
        return bool(await self.pool.fetchval("select true from inbox where message_id = $1", message.id))


async def _remember(conn: Connection, message: Message[Any]) -> bool:
    return bool(
        await conn.fetchval(
            "insert into inbox (message_id, topic, subject, said_at) values ($1, $2, $3, $4)"
            " on conflict do nothing returning true",
            message.id,
            message.type,
            message.subject,
            message.time,
        )
    )
