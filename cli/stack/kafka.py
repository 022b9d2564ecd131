"""A real Apache Kafka (KRaft, one node or three) on loopback, without a container engine.

`python -m cli.stack.kafka` (`make kafka`) runs one in the foreground; tests use `RealKafka`. It dies with the
process that started it. Three nodes keep every message on three (minimum two), as in production.
"""

import argparse
import asyncio
import base64
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from cli.stack import kafka_jars
from cli.stack.kafka_jars import KafkaUnavailableError
from cli.stack.ports import LOOPBACK, is_port_taken
from cli.stack.tether import tethered

READY_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Node:
    """One Kafka process: broker and controller in one."""

    number: int
    broker_port: int
    controller_port: int
    folder: Path

    @property
    def log(self) -> Path:
        """What the process wrote."""
        return self.folder / "server.log"


class RealKafka:
    """A Kafka cluster that belongs to this process. Blocking; start it from the main thread.

    The nodes get a parent-death signal, and Linux counts the starting *thread* as the parent.
    """

    def __init__(self, folder: Path, nodes: int = 1, port: int | None = None) -> None:
        """Plans `nodes` (1 or 3) in `folder`; `port` fixes the first broker's port."""
        self.folder = folder.resolve()
        ports = _free_ports(2 * nodes)
        if port is not None:
            ports[0] = port
        self.nodes = [
            Node(number, ports[number], ports[nodes + number], self.folder / f"node-{number}")
            for number in range(nodes)
        ]
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def bootstrap(self) -> str:
        """The address for clients: host:port of every node, comma separated."""
        return ",".join(f"{LOOPBACK}:{node.broker_port}" for node in self.nodes)

    def start(self) -> "RealKafka":
        """Starts every node and waits until all have joined; raises KafkaUnavailableError with the log."""
        kafka_jars.fetch_jars()
        cluster_id = _new_id()
        for node in self.nodes:
            self._prepare(node, cluster_id)
        for node in self.nodes:
            self.start_node(node.number)
        self.wait_until(len(self.nodes))
        return self

    def start_node(self, number: int) -> None:
        """Starts one node (again) with what it had on disk; does not wait."""
        node = self.nodes[number]
        java = kafka_jars.java_command(*_archive_flags())
        command = tethered(
            [*java, "kafka.Kafka", str(node.folder / "server.properties")], death_signal=signal.SIGKILL
        )
        with node.log.open("ab") as log:
            self._running[number] = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/"
            )

    def kill_node(self, number: int) -> None:
        """Kills one node at once (SIGKILL), as a power cut would; `start_node` brings it back."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def wait_until(self, live_nodes: int, seconds: float = READY_SECONDS_MAX) -> None:
        """Waits until the cluster knows exactly this many live nodes."""
        give_up = time.monotonic() + seconds
        while time.monotonic() < give_up:
            self._complain_if_ended()
            if self._all_listen() and asyncio.run(_count_live_nodes(self._live_bootstrap())) == live_nodes:
                return
            time.sleep(0.05)
        raise KafkaUnavailableError(f"Kafka was not ready after {seconds:.0f} s: {self._last_words()}")

    def kill(self) -> None:
        """Ends every node at once; for clusters whose data nobody wants."""
        for number in list(self._running):
            self.kill_node(number)

    def stop(self) -> None:
        """Ends every node: asks, waits, then kills."""
        for process in self._running.values():
            process.terminate()
        give_up = time.monotonic() + STOP_SECONDS_MAX
        for process in self._running.values():
            try:
                process.wait(max(0.1, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        _keep_archive()

    def _all_listen(self) -> bool:
        return all(is_port_taken(self.nodes[number].broker_port) for number in self._running)

    def _live_bootstrap(self) -> str:
        return ",".join(f"{LOOPBACK}:{self.nodes[number].broker_port}" for number in self._running)

    def _prepare(self, node: Node, cluster_id: str) -> None:
        node.folder.mkdir(parents=True, exist_ok=True)
        properties = node.folder / "server.properties"
        properties.write_text(self._properties(node), encoding="utf-8")
        data = node.folder / "data"
        if not data.is_dir():
            shutil.copytree(kafka_jars.format_once(properties, cluster_id), data)
            identity = {
                "version": "1",
                "cluster.id": cluster_id,
                "node.id": node.number,
                "directory.id": _new_id(),
            }
            lines = "".join(f"{name}={value}\n" for name, value in identity.items())
            (data / "meta.properties").write_text(lines, encoding="utf-8")

    def _properties(self, node: Node) -> str:
        copies = len(self.nodes)
        in_sync_min = 2 if copies == 3 else 1
        voters = ",".join(f"{each.number}@{LOOPBACK}:{each.controller_port}" for each in self.nodes)
        own = {
            "node.id": node.number,
            "listeners": f"PLAINTEXT://{LOOPBACK}:{node.broker_port},CONTROLLER://{LOOPBACK}:{node.controller_port}",
            "controller.quorum.voters": voters,
            "log.dirs": node.folder / "data",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync_min,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync_min,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync_min,
        }
        shared = (kafka_jars.DEPLOY / "server.properties").read_text(encoding="utf-8")
        return shared + "\n" + "".join(f"{name}={value}\n" for name, value in own.items())

    def _complain_if_ended(self) -> None:
        for number, process in self._running.items():
            if process.poll() is not None:
                raise KafkaUnavailableError(
                    f"Kafka node {number} ended with {process.returncode}: {self._last_words()}"
                )

    def _last_words(self) -> str:
        return "\n".join(
            node.log.read_text(errors="replace")[-1500:] for node in self.nodes if node.log.exists()
        )


async def _count_live_nodes(bootstrap: str) -> int:
    """How many live brokers the cluster's metadata name; 0 while nobody answers."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=2000)
    try:
        await client.bootstrap()
        return len([broker for broker in client.cluster.brokers() if broker.nodeId != "bootstrap"])
    except (KafkaError, OSError):
        return 0
    finally:
        await client.close()


def _archive_flags() -> list[str]:
    archive = kafka_jars.class_archive()
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}"]
    return [f"-XX:ArchiveClassesAtExit={archive}-%p"]


def _keep_archive() -> None:
    """The first node that ended in peace wrote an archive under its own name; one of them is kept."""
    archive = kafka_jars.class_archive()
    for part in archive.parent.glob(f"{archive.name}-*"):
        if archive.exists():
            part.unlink(missing_ok=True)
        else:
            part.rename(archive)


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def _new_id() -> str:
    """A Kafka identifier: 22 characters of URL-safe base64 that do not begin with a dash."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text


def main() -> None:
    """Runs Kafka in the foreground until Ctrl-C and prints its address."""
    parser = argparse.ArgumentParser(prog="python -m cli.stack.kafka", description=main.__doc__)
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1, help="how many nodes (default 1)")
    parser.add_argument("--port", type=int, default=None, help="port of the first node (default: a free one)")
    parser.add_argument(
        "--folder", type=Path, default=None, help="where it keeps its data (default: .xuewei/kafka-N)"
    )
    asked = parser.parse_args()
    folder = asked.folder or kafka_jars.cache_folder() / f"kafka-{asked.nodes}"
    kafka = RealKafka(folder, nodes=asked.nodes, port=asked.port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        kafka.start()
        print(f"Apache Kafka is ready at {kafka.bootstrap} (data in {folder}; Ctrl-C stops it)", flush=True)
        signal.pause()
    except KafkaUnavailableError as unavailable:
        sys.exit(str(unavailable))
    except KeyboardInterrupt:
        print("stopping", flush=True)
    finally:
        kafka.stop()


if __name__ == "__main__":
    main()
