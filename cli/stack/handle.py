"""A stack as tests, the demo and benchmarks hold it: start, stop, addresses, tokens, faults, clock."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.stack import clock
from cli.stack.children import appended_log, log_end, spawn
from cli.stack.layout import StackFolder
from cli.stack.mailbox import Mailbox
from cli.stack.options import StackOptions
from cli.stack.people import load_directory
from cli.stack.state import ChildStatus, StackExit, StackState, StackStatus, already_running
from contracts.vocabulary import Role

_POLL_SECONDS = 0.03
_READY_SECONDS = 240.0  # a busy machine may need twenty times what an idle one does
_STOP_SECONDS = 45.0


class StackFailedError(RuntimeError):
    """The stack could not be started or did not get where it was wanted; `exit_code` is what `xuewei` answers."""

    def __init__(self, message: str, exit_code: StackExit = StackExit.FAILED) -> None:
        """`message` is for the person at the terminal."""
        super().__init__(message)
        self.exit_code = exit_code


class Stack:
    """One stack in one folder; as a context manager it is up inside and gone afterwards."""

    def __init__(
        self, folder: Path, options: StackOptions | None = None, *, command: list[str] | None = None
    ) -> None:
        """Starts nothing. `command`: another supervisor than the embedded stack's, called with the folder."""
        self.folder = StackFolder(folder.resolve())
        self._options = options or StackOptions()
        self._command = command or [sys.executable, "-m", "cli.stack.supervisor"]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Starts it."""
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stops it."""
        self.stop()

    @property
    def state(self) -> StackState:
        """How the stack is now; StackFailedError when there never was one in this folder."""
        state = StackState.load(self.folder)
        if state is None:
            raise StackFailedError(f"there is no stack in {self.folder.path}", StackExit.NOT_RUNNING)
        return state

    @property
    def is_running(self) -> bool:
        """Whether its supervisor is alive."""
        return self.folder.is_locked()

    def start(self, *, outlive: bool = False) -> Self:
        """Returns when every child is ready. Ends with the calling process (thread) unless it is to outlive it."""
        self.folder.make()
        if self.is_running:
            raise StackFailedError(already_running(self.folder), StackExit.ALREADY_RUNNING)
        self._reap()
        command = [*self._command, str(self.folder.path), self._options.to_json()]
        with appended_log(self.folder.log_path("supervisor")) as log:
            if outlive:
                self._process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            else:
                self._process = spawn(
                    command, output=log, environment=os.environ, death_signal=signal.SIGTERM
                )
        self._wait_until_up(self._process)
        return self

    def stop(self) -> None:
        """Stops everything; returns when nothing of it is left. Stopping twice does nothing."""
        state = StackState.load(self.folder)
        if self.is_running and state is not None:
            with suppress(ProcessLookupError):
                os.kill(state.supervisor_process_id, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while self.is_running and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            if self.is_running:  # its children die with it
                os.kill(state.supervisor_process_id, signal.SIGKILL)
        self._reap()

    def url(self, name: str) -> str:
        """Where a service (`collector`, …), the `issuer`, the `mail` page, `kafka`, `smtp` or `objects` is."""
        return self.state.addresses[name]

    def database_url(self, service: str) -> str:
        """A service's own database; it holds a secret."""
        return self.state.databases[service]

    @property
    def mailbox(self) -> Mailbox:
        """Every message the services sent."""
        return Mailbox(self.folder.mail)

    def person_token(self, office: str, role: Role, nth: int = 0) -> str:
        """An access token of the nth ready-made person with this role alone in an office (`unit:10284`)."""
        from cli.stack.tokens import person_token  # noqa: PLC0415 - an HTTP client only where tokens are asked for

        return person_token(self.url("issuer"), load_directory().person_of(office, role, nth).person_id)

    def client_token(self, office: str) -> str:
        """An access token of a unit's machine client."""
        from cli.stack.tokens import client_token  # noqa: PLC0415 - an HTTP client only where tokens are asked for

        client_id = load_directory().client_of(office).client_id
        return client_token(self.url("issuer"), client_id, self.state.client_secrets[client_id])

    def kill_child(self, name: str, way: signal.Signals = signal.SIGKILL) -> int:
        """Sends a child a signal; answers the process id it went to."""
        process_id = self.state.children[name].process_id
        if process_id is None:
            raise StackFailedError(f"{name} is not running")
        os.kill(process_id, way)
        return process_id

    def restart_child(self, name: str) -> None:
        """Stops a child in order and starts it again; returns when it is ready."""
        self.hold(name)
        self.release(name)

    def hold(self, name: str) -> None:
        """Stops a child and keeps it stopped; returns when it is."""
        (self.folder.held / name).touch(mode=0o600)
        self.wait_until(lambda state: state.children[name].status is ChildStatus.HELD, f"{name} is held")

    def release(self, name: str) -> None:
        """Lets a held child run again; returns when the stack is ready."""
        (self.folder.held / name).unlink()
        self.wait_until(lambda state: state.children[name].status is ChildStatus.READY, f"{name} is ready")

    def arm(self, service: str, crash_point: str) -> None:
        """The service kills itself (SIGKILL, once) when it next comes to this point (services.kit.crashpoints)."""
        path = self.folder.crash_points / service
        scratch = path.with_suffix(".new")
        scratch.write_text(crash_point, "ascii")
        scratch.replace(path)

    def wait_until_replaced(self, name: str, process_id: int) -> None:
        """Returns when a child is ready again as another process than this one."""
        self.wait_until(
            lambda state: (
                state.children[name].process_id not in {None, process_id}
                and state.children[name].status is ChildStatus.READY
            ),
            f"{name} is ready again",
        )

    def wait_until(
        self, is_so: Callable[[StackState], bool], wanted: str, seconds: float = _READY_SECONDS
    ) -> None:
        """Returns when the state is as wanted; StackFailedError when it is not in time or the stack is gone."""
        deadline = time.monotonic() + seconds
        while not is_so(self.state):
            if not self.is_running:
                raise StackFailedError(f"the stack ended before {wanted}: {self.state.reason}")
            if time.monotonic() > deadline:
                raise StackFailedError(f"not within {seconds:.0f} s: {wanted}")
            time.sleep(_POLL_SECONDS)

    def move_clock(self, shift: timedelta) -> datetime:
        """Moves the services' clock; answers the time it now shows."""
        return clock.move(self.folder, shift)

    def reset_clock(self) -> datetime:
        """Back to real time."""
        return clock.reset(self.folder)

    def _reap(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _wait_until_up(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            state = StackState.load(self.folder)
            ours = state is not None and state.supervisor_process_id == process.pid
            if state is not None and ours and state.status is StackStatus.READY:
                return
            if process.poll() is not None:
                told = state.reason if state is not None and ours else ""
                end = told or log_end(self.folder.log_path("supervisor"))
                known = process.returncode in set(StackExit)
                raise StackFailedError(end, StackExit(process.returncode) if known else StackExit.FAILED)
            time.sleep(_POLL_SECONDS)
        self.stop()
        raise StackFailedError(
            f"the stack was not ready within {_READY_SECONDS:.0f} s; see {self.folder.logs}"
        )
