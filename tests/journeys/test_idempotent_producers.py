"""On Apache Kafka every event is written by an idempotent producer: the broker's own log files show it."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stack import Stack
from cli.stack.kafka import RealKafka
from contracts.topics import TOPICS
from tests.journeys.offices import Platform

pytestmark = [pytest.mark.stack, pytest.mark.kafka, pytest.mark.xdist_group("kafka-stack")]

HEAD = struct.Struct(">qiibIhiqqqhi")
"""A record batch of format 2: base offset, length, epoch, magic, CRC, attributes, last offset, two times,
producer id, producer epoch, base sequence (KIP-98)."""
LENGTH_AND_OFFSET_BYTES = 12
NO_PRODUCER = -1


def producer_ids(log: Path) -> Iterator[int]:
    """The producer id of each record batch in a segment; -1 stands for a producer that is not idempotent."""
    data, place = log.read_bytes(), 0
    while place + HEAD.size <= len(data):
        head = HEAD.unpack_from(data, place)
        length, producer_id = head[1], head[9]
        if length <= 0:
            return
        yield producer_id
        place += LENGTH_AND_OFFSET_BYTES + length


async def test_every_event_is_written_by_an_idempotent_producer(
    kafka_stack: Stack, kafka_of_services: RealKafka, tmp_path: Path
) -> None:
    async with Platform(kafka_stack, tmp_path) as platform:
        university = platform.university("10288")
        await university.file(university.make(count=2), returned=[2])
    folder = kafka_of_services.nodes[0].folder / "data"
    written = {
        topic.name: [each for log in folder.glob(f"{topic.name}-*/*.log") for each in producer_ids(log)]
        for topic in TOPICS
        if topic.name in {"resolution.registered.v1", "format-check.completed.v1", "batch.filed.v1"}
    }
    assert all(written.values()), "each of these topics was written to"
    assert [name for name, ids in written.items() if NO_PRODUCER in ids] == []
