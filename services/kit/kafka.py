"""The one place that touches aiokafka: producing and creating topics.

aiokafka ships no types, so this file alone is checked with unknown member types allowed.
"""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from contracts.topics import TOPICS, ServiceName, dead_letters_of
from services.kit.settings import ServiceSettings

START_SECONDS = 60
DAY_MS = 86_400_000

CLOUD_EVENT = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
"""The header by which CloudEvents tells its structured mode on Kafka."""

Outgoing = tuple[str, bytes, bytes]
"""Topic, key and value of a message to publish."""


class Producer:
    """A producer that waits for all replicas; idempotent where the broker can do it.

    After any error throw it away and make a new one: a burnt sequence number never heals (DESIGN §5).
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._deadline_seconds = settings.kafka_publish_deadline_seconds
        self._producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            acks="all",
            enable_idempotence=settings.kafka_idempotent_producer,
            linger_ms=2,
            max_batch_size=131_072,
            request_timeout_ms=int(self._deadline_seconds * 1000),
        )

    async def start(self) -> None:
        """Connects; raises TimeoutError or KafkaError when no broker answers."""
        async with asyncio.timeout(START_SECONDS):
            await self._producer.start()

    async def stop(self) -> None:
        """Gives up the connection, whatever its state."""
        with contextlib.suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(5):
                await self._producer.stop()

    async def publish_in_order(self, messages: Iterable[Outgoing]) -> None:
        """Publishes and returns after all are acknowledged; raises KafkaError or TimeoutError (then: unknown).

        Handing over is sequential, so a key keeps its order; only the acknowledgements are awaited together.
        """
        async with asyncio.timeout(self._deadline_seconds):
            waiting = [
                await self._producer.send(topic, value, key=key, headers=CLOUD_EVENT)
                for topic, key, value in messages
            ]
            for acknowledgement in waiting:
                await acknowledgement


@dataclass(frozen=True, slots=True)
class TopicPlan:
    """A topic to create: name, partitions, retention in days."""

    name: str
    partitions: int
    retention_days: int


def planned_topics() -> tuple[TopicPlan, ...]:
    """Every topic of the table and every service's dead letters."""
    table = [TopicPlan(topic.name, topic.partitions, topic.retention_days) for topic in TOPICS]
    dead = [dead_letters_of(service) for service in ServiceName]
    return (*table, *(TopicPlan(each.name, each.partitions, each.retention_days) for each in dead))


async def create_topics(bootstrap_servers: str, replication_factor: int, partitions_max: int) -> list[str]:
    """Creates the planned topics that are missing; returns their names. Raises KafkaError on refusal.

    ``partitions_max`` cuts the table's numbers for a broker on one small machine: the embedded one looks into
    every partition at every fetch.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        async with asyncio.timeout(START_SECONDS):
            await admin.start()
        present = set(await admin.list_topics())
        missing = [plan for plan in planned_topics() if plan.name not in present]
        if not missing:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(
                    plan.name,
                    min(plan.partitions, partitions_max),
                    replication_factor,
                    topic_configs={"retention.ms": str(plan.retention_days * DAY_MS)},
                )
                for plan in missing
            ]
        )
        # aiokafka reports errors in the answer instead of raising them
        for name, code, *_ in answer.topic_errors:  # pyright: ignore[reportAttributeAccessIssue]
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise KafkaError(f"topic {name} could not be created: error {code}")
        return [plan.name for plan in missing]
    finally:
        await admin.close()


__all__ = ["KafkaError", "Producer", "TopicPlan", "create_topics", "planned_topics"]
