"""The outbox relay: says on Kafka what committed transactions put into the outbox, in order, at least once.

One leader per shard (hash of the key) holds an advisory lock; NOTIFY is a hint, polling the truth; a row is
marked published only after the broker's acknowledgement. Order within a key is the order of positions.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

import asyncpg

from services.kit.crashpoints import crashpoint
from services.kit.database import DATABASE_FAULTS
from services.kit.kafka import KafkaError, Producer
from services.kit.logs import log
from services.kit.work import OUTBOX_CHANNEL, SHARDS, Work

RELAY_LOCK = 7_204
BATCH_ROWS = 500
POLL_SECONDS = 1.0
RETRY_SECONDS = 1.0
DATABASE_SECONDS = 60.0
TRIM_EVERY_SECONDS = 3600.0


@dataclass(slots=True)
class Relay:
    """Publishes the outbox of one service; ``progressed_at`` (monotonic) tells that it lives."""

    work: Work
    progressed_at: float = field(default_factory=monotonic)
    shards: frozenset[int] = frozenset()
    trimmed_at: float = 0.0

    async def run(self) -> None:
        """Relays for ever; any fault of broker or database means a new producer, new locks and another try."""
        while True:
            try:
                await self._lead()
            except (KafkaError, *DATABASE_FAULTS) as error:
                log.warning("relay starts again", extra={"fault": type(error).__name__})
            self.shards = frozenset()
            await asyncio.sleep(RETRY_SECONDS)

    async def _lead(self) -> None:
        url = self.work.settings.database_url.get_secret_value()
        leader = await asyncpg.connect(url, command_timeout=DATABASE_SECONDS)
        try:
            producer = Producer(self.work.settings)
            try:
                await producer.start()
                while True:
                    await self._relay_news(producer, leader)
            finally:
                await producer.stop()
        finally:
            leader.terminate()  # at once: its locks must not wait for a connection that does not answer

    async def _relay_news(self, producer: Producer, leader: asyncpg.Connection) -> None:
        self.shards = await _lock_shards(leader, self.shards)
        news = self.work.hints.expect(OUTBOX_CHANNEL)
        try:
            while await self._publish_some(producer, leader):
                self.progressed_at = monotonic()
            self.progressed_at = monotonic()
            await self._trim(leader)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await news.wait()
        finally:
            self.work.hints.forget(OUTBOX_CHANNEL, "", news)

    async def _publish_some(self, producer: Producer, leader: asyncpg.Connection) -> bool:
        rows = await leader.fetch(
            "select position, topic, subject, body from outbox"
            " where published_at is null and shard = any($1::smallint[]) order by position limit $2",
            list(self.shards),
            BATCH_ROWS,
        )
        if not rows:
            return False
        crashpoint("relay.before-publish")
        await producer.publish_in_order(
            (row["topic"], row["subject"].encode(), bytes(row["body"])) for row in rows
        )
        crashpoint("relay.after-publish")
        await leader.execute(
            "update outbox set published_at = now() where position = any($1::bigint[])",
            [row["position"] for row in rows],
        )
        return True

    async def _trim(self, leader: asyncpg.Connection) -> None:
        if monotonic() - self.trimmed_at < TRIM_EVERY_SECONDS:
            return
        self.trimmed_at = monotonic()
        await leader.execute(
            "delete from outbox where published_at < now() - $1::interval",
            timedelta(days=self.work.settings.outbox_kept_days),
        )


async def _lock_shards(leader: asyncpg.Connection, held: frozenset[int]) -> frozenset[int]:
    free = [shard for shard in range(SHARDS) if shard not in held]
    if not free:
        return held
    rows = await leader.fetch(
        "select shard from unnest($2::int[]) as shard where pg_try_advisory_lock($1, shard)", RELAY_LOCK, free
    )
    return held | {row["shard"] for row in rows}


async def outbox_age_seconds(pool: asyncpg.Pool) -> float:
    """Age in seconds of the oldest event not yet published; 0 when there is none."""
    age = await pool.fetchval(
        "select coalesce(extract(epoch from now() - min(written_at)), 0) from outbox where published_at is null"
    )
    return float(age)
