"""The real Kafka of the tests keeps what it acknowledged and dies with whoever started it."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from cli.stack import kafka_jars
from cli.stack.kafka import RealKafka
from cli.stack.kafka_jars import KafkaUnavailableError
from cli.stack.ports import is_port_taken
from tests.kafka_fixtures import server_is_missing

kafka_test = pytest.mark.kafka
PROJECT = Path(__file__).resolve().parents[3]


async def make_topic(bootstrap: str, name: str, copies: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(name, 3, copies)])
        assert [error[1] for error in answer.topic_errors] == [0]
    finally:
        await admin.close()


async def topics_of(bootstrap: str) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        return await admin.list_topics()
    finally:
        await admin.close()


async def say(bootstrap: str, topic: str, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        for number in range(count):
            await producer.send_and_wait(topic, str(number).encode(), key=b"batch")
    finally:
        await producer.stop()


async def hear(bootstrap: str, topic: str, count: int) -> list[int]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        return [int((await consumer.getone()).value or b"-1") for _ in range(count)]
    finally:
        await consumer.stop()


def start_in_the_foreground(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Runs what `make kafka` runs and waits for the address it prints."""
    command = [sys.executable, "-m", "cli.stack.kafka", "--folder", str(folder)]
    running = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    line = running.stdout.readline()
    assert "ready at 127.0.0.1:" in line, line
    return running, line.split(" ready at ")[1].split(" ")[0]


def wait_until_nobody_listens(address: str) -> None:
    give_up = time.monotonic() + 30
    while is_port_taken(int(address.rpartition(":")[2])):
        assert time.monotonic() < give_up, f"{address} still listens"
        time.sleep(0.05)


@kafka_test
async def test_an_idempotent_producer_is_heard_in_order(real_kafka: RealKafka) -> None:
    await make_topic(real_kafka.bootstrap, "in-order", copies=1)
    await say(real_kafka.bootstrap, "in-order", 50)
    assert await hear(real_kafka.bootstrap, "in-order", 50) == list(range(50))


@kafka_test
async def test_a_topic_nobody_created_does_not_appear(real_kafka: RealKafka) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(say(real_kafka.bootstrap, "nobody-created-me", 1), timeout=2)
    assert "nobody-created-me" not in await topics_of(real_kafka.bootstrap)


@kafka_test
def test_a_killed_node_loses_nothing_and_comes_back(three_kafkas: RealKafka) -> None:
    asyncio.run(make_topic(three_kafkas.bootstrap, "survives", copies=3))
    asyncio.run(say(three_kafkas.bootstrap, "survives", 20))
    three_kafkas.kill_node(1)
    three_kafkas.wait_until(live_nodes=2)
    assert asyncio.run(hear(three_kafkas.bootstrap, "survives", 20)) == list(range(20))
    three_kafkas.start_node(1)
    three_kafkas.wait_until(live_nodes=3)


@kafka_test
def test_ctrl_c_stops_kafka_and_the_next_start_has_what_was_said(
    tmp_path: Path, real_kafka: RealKafka
) -> None:
    del real_kafka  # asked for so that a missing Java or Maven is told in one place
    first, address = start_in_the_foreground(tmp_path)
    with first:
        asyncio.run(make_topic(address, "kept", copies=1))
        asyncio.run(say(address, "kept", 3))
        first.send_signal(signal.SIGINT)
        assert first.wait(timeout=60) == 0
    wait_until_nobody_listens(address)
    second, address = start_in_the_foreground(tmp_path)
    with second:
        assert asyncio.run(hear(address, "kept", 3)) == [0, 1, 2]
        second.send_signal(signal.SIGINT)
        assert second.wait(timeout=60) == 0


@kafka_test
def test_kafka_dies_with_the_process_that_started_it(tmp_path: Path, real_kafka: RealKafka) -> None:
    del real_kafka
    starter, address = start_in_the_foreground(tmp_path)
    with starter:
        starter.kill()
    wait_until_nobody_listens(address)


def test_without_java_the_missing_tool_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KafkaUnavailableError, match="java is missing"):
        kafka_jars.require_tools()


def test_a_missing_server_skips_here_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match="java is missing"):
        server_is_missing("java is missing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="java is missing"):
        server_is_missing("java is missing")
