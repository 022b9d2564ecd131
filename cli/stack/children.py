"""Child processes of the embedded stack: started tethered, in a group of their own, and stopped in order."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cli.stack.tether import tethered

_STOP_SECONDS = 10.0
_LOG_END_BYTES = 16_384


def spawn(
    command: list[str],
    *,
    output: IO[bytes] | int,
    environment: Mapping[str, str],
    death_signal: signal.Signals = signal.SIGKILL,
    user_id: int | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a child that dies with us (`death_signal` when we are killed), its two outputs going to `output`.

    In a process group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops its
    children in order. Call it from a thread that stays (see tether).
    """
    return subprocess.Popen(
        tethered(command, death_signal=death_signal, user_id=user_id),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        env=dict(environment),
    )


@contextmanager
def appended_log(path: Path) -> Iterator[IO[bytes]]:
    """A child's log, opened to be appended to and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as log:
        yield log


def stop(
    process: subprocess.Popen[bytes],
    *ways: signal.Signals,
    patience_seconds: float = _STOP_SECONDS,
) -> int:
    """Asks in these ways one after another, then kills the whole group; answers the exit code."""
    for way in ways:
        if process.poll() is None:
            process.send_signal(way)
        with suppress(subprocess.TimeoutExpired):
            process.wait(patience_seconds)
            break
    kill_group(process)
    return process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of a child's group: itself, and processes it started and did not take along."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def log_end(path: Path, lines: int = 8) -> str:
    """The last lines of a log ('' when there is none)."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - _LOG_END_BYTES))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
