"""The embedded broker: carries messages, forgets them when restarted, keeps its address."""

from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from cli.stack.broker import EmbeddedBroker
from cli.stack.ports import is_listening


async def _create_topic(address: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(name, num_partitions=3, replication_factor=1)])
        assert answer.topic_errors[0][1] == 0
    finally:
        await admin.close()


async def _topics(address: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        return await admin.list_topics()
    finally:
        await admin.close()


async def test_a_message_with_its_key_and_headers_arrives(kafka_broker: str) -> None:
    await _create_topic(kafka_broker, "arrives")
    async with AIOKafkaProducer(
        bootstrap_servers=kafka_broker, enable_idempotence=False, acks="all"
    ) as producer:
        await producer.send_and_wait("arrives", "学位".encode(), key=b"k", headers=[("traceparent", b"00-1")])
    async with AIOKafkaConsumer(
        "arrives", bootstrap_servers=kafka_broker, group_id=None, auto_offset_reset="earliest"
    ) as consumer:
        message = await consumer.getone()
    assert (message.key, message.value) == (b"k", "学位".encode())
    assert list(message.headers) == [("traceparent", b"00-1")]


async def test_a_restarted_broker_keeps_its_address_and_forgets_its_topics(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path)
    broker.start()
    address = broker.bootstrap_servers
    await _create_topic(address, "forgotten")
    assert "forgotten" in await _topics(address)
    assert broker.process is not None
    broker.process.kill()
    broker.process.wait()
    broker.start()
    try:
        assert broker.bootstrap_servers == address
        assert "forgotten" not in await _topics(address)
    finally:
        broker.stop()
    assert broker.port is not None
    assert not is_listening(broker.port)
