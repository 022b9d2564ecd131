"""Dead letters: messages that can never be handled, kept with their original bytes and the reason."""

from dataclasses import dataclass
from uuid import UUID, uuid5

import orjson

from contracts.topics import ServiceName, dead_letters_of
from services.kit.database import Connection
from services.kit.kafka import KafkaError, Producer
from services.kit.logs import log
from services.kit.work import Work

DEAD_LETTER_NAMES = UUID("6f0d9a52-7d0e-4f0b-9d0f-2f6f3d7c2a11")


class NeverRetry(Exception):
    """A message that can never be handled; ``code`` is the published reason of its death."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Incoming:
    """Raw bytes from Kafka and where they lay."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    body: bytes


async def save_dead_letter(
    conn: Connection,
    incoming: Incoming,
    cause: NeverRetry,
    tries: int,
) -> None:
    """Keeps the message and marks its id in the inbox as dead; part of the caller's transaction."""
    place = f"{incoming.topic}/{incoming.partition}/{incoming.offset}".encode() + incoming.body
    message_id = _message_id(incoming.body)
    await conn.execute(
        "insert into dead_letters (dead_letter_id, message_id, topic, partition, message_offset, message_key,"
        " body, reason_code, detail, tries) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " on conflict do nothing",
        uuid5(DEAD_LETTER_NAMES, place.hex()),
        message_id,
        incoming.topic,
        incoming.partition,
        incoming.offset,
        incoming.key,
        incoming.body,
        cause.code,
        cause.detail,
        tries,
    )
    if message_id is not None:
        await conn.execute(
            "insert into inbox (message_id, topic, subject, said_at, state, reason_code)"
            " values ($1, $2, $3, now(), 'dead', $4) on conflict do nothing",
            message_id,
            incoming.topic,
            (incoming.key or b"").decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}"),
            cause.code,
        )


def _message_id(body: bytes) -> UUID | None:
    try:
        return UUID(orjson.loads(body)["id"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None


async def tell_onlookers(work: Work, incoming: Incoming) -> None:
    """Copies a dead letter to the service's dead-letter topic; the database has it whatever happens here."""
    producer = Producer(work.settings)
    try:
        await producer.start()
        name = dead_letters_of(ServiceName(work.service)).name
        await producer.publish_in_order([(name, incoming.key or b"", incoming.body)])
    except (KafkaError, TimeoutError, OSError) as error:
        log.warning("dead letter not told", extra={"fault": type(error).__name__})
    finally:
        await producer.stop()
