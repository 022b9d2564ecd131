"""Hearing: one FastStream subscriber over all of a service's topics, decoded here, acknowledged last.

Measured rules (DESIGN §5): NACK_ON_ERROR and one message at a time lose nothing; a permanent error becomes
a dead letter in one transaction; a transient one is retried with jittered back-off, then nacked; too many
dead letters in a row stop the consumer, because then the bug is ours.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import orjson
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from opentelemetry.trace import SpanKind
from pydantic import ValidationError

from contracts.message import Message
from contracts.topics import Topic
from services.kit import instruments, telemetry
from services.kit.crashpoints import crashpoint
from services.kit.database import UNHOLDABLE
from services.kit.dead_letters import Incoming, NeverRetry, save_dead_letter, tell_onlookers
from services.kit.logs import log
from services.kit.objects import ObjectDamaged, ObjectMissing
from services.kit.work import Work

Handler = Callable[[Message[Any], Any], Awaitable[None]]
BACKOFF_SECONDS = 0.2
BACKOFF_MAX_SECONDS = 10.0
PAUSE_SECONDS = 2.0
FINISH_SECONDS = 6.0


class TooManyDeadLetters(Exception):
    """So many messages died in a row that the fault must be ours; the consumer stops and an alarm is due."""


def group_of(service: str) -> str:
    """The consumer group of a service: all its replicas share it."""
    return f"xuewei-{service}"


@dataclass(slots=True)
class Consumer:
    """Hears for one service. ``handlers`` maps each topic to what the service does."""

    work: Work
    handlers: Mapping[Topic[Any], Handler]
    dead_in_a_row: int = 0
    stopped: bool = False
    heard_at: float = field(default_factory=monotonic)
    busy_since: float | None = None
    _by_name: dict[str, tuple[Topic[Any], Handler]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {topic.name: (topic, handler) for topic, handler in self.handlers.items()}

    def broker(self) -> KafkaBroker:
        """A FastStream broker with the one subscriber; start and stop it as FastStream does."""
        settings = self.work.settings
        broker = KafkaBroker(
            settings.kafka_bootstrap_servers,
            logger=None,
            graceful_timeout=FINISH_SECONDS,
            consumer_only=True,
            apply_types=False,  # there is nothing to inject; looking for it costs as much as handling
        )
        subscriber = broker.subscriber(
            *self._by_name,
            group_id=group_of(self.work.service),
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            session_timeout_ms=settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=settings.kafka_session_timeout_ms // 3,
            fetch_max_wait_ms=settings.kafka_fetch_max_wait_ms,
            parser=_without_headers,
            decoder=_incoming,
        )
        subscriber(self.hear)
        return broker

    async def hear(self, incoming: Incoming) -> None:
        """Handles one message to its end: done, dead, or an exception that leaves it unacknowledged."""
        if self.stopped:
            await asyncio.sleep(PAUSE_SECONDS)
            raise TooManyDeadLetters(incoming.topic)
        self.busy_since = monotonic()
        try:
            await self._hear_with_retries(incoming)
        except Exception:
            await asyncio.sleep(PAUSE_SECONDS)  # it comes again at once
            raise
        finally:
            self.busy_since = None
            self.heard_at = monotonic()

    async def _hear_with_retries(self, incoming: Incoming) -> None:
        for attempt in range(1, self.work.settings.handler_tries_max + 1):
            try:
                await self._handle(incoming)
            except NeverRetry as error:
                await self._bury(incoming, error, attempt)
                return
            except Exception as error:  # noqa: BLE001 every other fault may pass: not yet
                instruments.RETRIES.add(1, {"topic": incoming.topic})
                log.warning(
                    "handler failed",
                    extra={"topic": incoming.topic, "tries": attempt, "fault": type(error).__name__},
                    exc_info=True,
                )
                if attempt == self.work.settings.handler_tries_max:
                    await self._give_up(incoming, error, attempt)
                    return
                pause = min(BACKOFF_SECONDS * 2**attempt, BACKOFF_MAX_SECONDS)
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 jitter, not a secret
            else:
                self.dead_in_a_row = 0
                return

    async def _handle(self, incoming: Incoming) -> None:
        topic, handler, message = self._understand(incoming)
        crashpoint("consumer.before-transaction")
        started = monotonic()
        attributes = {"messaging.system": "kafka", "messaging.destination.name": topic.name}
        with telemetry.span(
            f"hear {topic.name}", after=message.traceparent, kind=SpanKind.CONSUMER, attributes=attributes
        ):
            await handler(message, self.work)
        instruments.HANDLED.record(monotonic() - started, {"topic": topic.name})

    def _understand(self, incoming: Incoming) -> tuple[Topic[Any], Handler, Message[Any]]:
        topic, handler = self._by_name[incoming.topic]
        try:
            value = orjson.loads(incoming.body)
        except orjson.JSONDecodeError:
            raise NeverRetry("message-not-json") from None
        if not isinstance(value, dict) or value.get("type") != topic.name:  # pyright: ignore[reportUnknownMemberType]
            raise NeverRetry("message-version-unknown")
        try:
            return topic, handler, Message[topic.payload].model_validate_json(incoming.body)
        except ValidationError as error:
            where = ", ".join("/".join(str(part) for part in each["loc"]) for each in error.errors())
            raise NeverRetry("message-invalid", where) from None

    async def _give_up(self, incoming: Incoming, error: Exception, tries: int) -> None:
        """What never heals by waiting dies; anything else is nacked and tried later."""
        if isinstance(error, ObjectMissing | ObjectDamaged):
            code = "object-missing" if isinstance(error, ObjectMissing) else "object-damaged"
            await self._bury(incoming, NeverRetry(code, str(error)), tries)
            return
        if isinstance(error, UNHOLDABLE):
            await self._bury(
                incoming, NeverRetry("message-invalid", "a value the database cannot hold"), tries
            )
            return
        raise error

    async def _bury(self, incoming: Incoming, cause: NeverRetry, tries: int) -> None:
        """Keeps the original bytes and the reason, and the inbox row, in one transaction; then tells."""
        async with self.work.pool.acquire() as conn, conn.transaction():
            await save_dead_letter(conn, incoming, cause, tries)
        instruments.DEAD_LETTERS.add(1, {"topic": incoming.topic, "reason": cause.code})
        log.error(
            "message died", extra={"topic": incoming.topic, "reason": cause.code, "detail": cause.detail}
        )
        await tell_onlookers(self.work, incoming)
        self.dead_in_a_row += 1
        if self.dead_in_a_row >= self.work.settings.dead_letters_in_a_row_max:
            self.stopped = True
            log.critical("too many dead letters in a row: stopped hearing", extra={"topic": incoming.topic})


async def _without_headers(record: Any, parse: Callable[[Any], Awaitable[KafkaMessage]]) -> KafkaMessage:
    """Everything is in the body (CloudEvents, structured mode): a header that is no text must not lose it."""
    return await parse(replace(record, headers=()))


async def _incoming(message: KafkaMessage) -> Incoming:
    record, body = message.raw_message, message.body
    assert not isinstance(record, tuple)
    raw = body if isinstance(body, bytes) else b""
    return Incoming(record.topic, record.partition, record.offset, record.key, raw)
