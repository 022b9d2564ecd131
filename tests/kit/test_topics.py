"""Topics as the kit creates them on a broker that knows none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from cli.stack.broker import EmbeddedBroker
from services.kit.kafka import create_topics, planned_topics


@pytest.fixture
def empty_broker(tmp_path: Path) -> Iterator[str]:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    yield broker.bootstrap_servers
    broker.stop()


async def partitions_at(address: str) -> dict[str, int]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        return {each["topic"]: len(each["partitions"]) for each in await admin.describe_topics()}
    finally:
        await admin.close()


async def test_topics_have_the_partitions_of_the_table(empty_broker: str) -> None:
    await create_topics(empty_broker, 1, partitions_max=100)
    assert await partitions_at(empty_broker) == {plan.name: plan.partitions for plan in planned_topics()}


async def test_a_small_broker_gets_fewer_partitions_and_never_more_than_the_table_says(
    empty_broker: str,
) -> None:
    await create_topics(empty_broker, 1, partitions_max=2)
    assert await partitions_at(empty_broker) == {
        plan.name: min(plan.partitions, 2) for plan in planned_topics()
    }
