"""What the supervisor must know of a child before it starts it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cli.stack.children import appended_log, spawn
from cli.stack.ports import LOOPBACK

_ANSWER_SECONDS = 3.0


async def _nothing() -> None:
    """A child that needs no preparation."""


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """One child: how to start it, how to see that it is ready, what must be ready before it.

    `prepare` runs once, before the first start. When a child in `falls_with` is started again this one is stopped
    first and started after it (the memory they shared is gone).
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    is_ready: Callable[[], Awaitable[bool]]
    log_path: Path
    needs: tuple[str, ...] = ()
    falls_with: tuple[str, ...] = ()
    prepare: Callable[[], Awaitable[None]] = _nothing
    stop_ways: tuple[signal.Signals, ...] = (signal.SIGTERM,)


def launcher(
    command: list[str], environment: Mapping[str, str], log_path: Path
) -> Callable[[], subprocess.Popen[bytes]]:
    """Starts this command with this environment, its output appended to the log."""

    def launch() -> subprocess.Popen[bytes]:
        with appended_log(log_path) as log:
            return spawn(command, output=log, environment=environment)

    return launch


def python_module(module: str, *arguments: str) -> list[str]:
    """The command line that runs a module of ours with the Python we run on."""
    return [sys.executable, "-m", module, *arguments]


def listens(*ports: int) -> Callable[[], Awaitable[bool]]:
    """Ready = takes connections on all these loopback ports."""

    async def is_ready() -> bool:
        for port in ports:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(LOOPBACK, port), _ANSWER_SECONDS)
            except (OSError, TimeoutError):
                return False
            writer.close()
        return True

    return is_ready


def answers(port: int, path: str) -> Callable[[], Awaitable[bool]]:
    """Ready = a GET of this path is answered with 200."""

    async def is_ready() -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await _status_of(port, path) == 200
        except (OSError, TimeoutError, ValueError):
            return False

    return is_ready


async def _status_of(port: int, path: str) -> int:
    """The status code of a GET, without loading an HTTP client into the supervisor."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        _, status, *_ = (await reader.readline()).split(b" ", 2) or (b"", b"0")
        return int(status)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
