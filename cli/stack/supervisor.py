"""The supervisor of a stack: one process that starts every child, keeps them running and stops them in order.

`python -m cli.stack.supervisor FOLDER [OPTIONS_JSON]` is what `xuewei up --detach` and tests start.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.stack.embedded import EmbeddedPlan, PortTakenError, UnknownChildError, plan_stack
from cli.stack.keeper import ChildFailedError, Keeper
from cli.stack.layout import FolderUnusableError, StackFolder
from cli.stack.options import StackOptions
from cli.stack.state import ChildState, ChildStatus, StackExit, StackState, StackStatus, already_running

Say = Callable[[str], None]
Planner = Callable[[StackFolder], EmbeddedPlan]


class Supervisor:
    """Keeps the children of one plan running until told to stop, and writes down how they are."""

    def __init__(self, folder: StackFolder, plan: EmbeddedPlan, say: Say) -> None:
        """Nothing is started yet; `say` gets one line per event."""
        self._folder = folder
        self._say = say
        self._born = time.monotonic()
        self._stop = asyncio.Event()
        self._keepers: dict[str, Keeper] = {}
        for child in plan.children:
            self._keepers[child.name] = Keeper(child, folder, self._keepers, self._hear)
        self.state = StackState(
            supervisor_process_id=os.getpid(),
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            addresses=plan.addresses,
            databases=plan.databases,
            client_secrets=plan.client_secrets,
            children={child.name: ChildState(child.name) for child in plan.children},
        )
        self.state.save(folder)

    async def run(self) -> StackExit:
        """Until SIGTERM, SIGINT or SIGHUP, or a child that cannot be kept; every child is gone when it returns."""
        for stop_signal in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(stop_signal, self._stop.set)
        keeping = [asyncio.create_task(keeper.keep(), name=name) for name, keeper in self._keepers.items()]
        told = asyncio.create_task(self._stop.wait())
        done, _ = await asyncio.wait([told, *keeping], return_when=asyncio.FIRST_COMPLETED)
        faults = [_story(task) for task in done if task is not told]
        for task in (told, *keeping):
            task.cancel()
        await asyncio.gather(told, *keeping, return_exceptions=True)
        self._save(replace(self.state, status=StackStatus.STOPPING))
        await self._stop_all()
        return self._end(next(iter(faults), None))

    async def _stop_all(self) -> None:
        """First those that need others, then those others."""
        needed = {name for keeper in self._keepers.values() for name in keeper.plan.needs}
        for wave in (False, True):
            waiting = [keeper.stop() for name, keeper in self._keepers.items() if (name in needed) == wave]
            await asyncio.gather(*waiting)

    def _end(self, reason: str | None) -> StackExit:
        if reason is None:
            self._say("stopped")
            self._save(replace(self.state, status=StackStatus.STOPPED))
            return StackExit.DONE
        self._say(f"failed: {reason}")
        self._save(
            replace(self.state, status=StackStatus.FAILED, reason=reason, exit_code=int(StackExit.FAILED))
        )
        return StackExit.FAILED

    def _hear(self, child: ChildState) -> None:
        known = self.state.children[child.name]
        if child.restarts > known.restarts:
            self._say(f"{child.name} ended by itself, starting it again; its log is {child.log_path}")
        elif child.status is not known.status and child.status in {ChildStatus.READY, ChildStatus.UNWELL}:
            self._say(f"{child.name} {child.status.value} after {self._seconds():.1f} s")
        self._save(self.state.with_child(child))

    def _save(self, state: StackState) -> None:
        if state.status in {StackStatus.STARTING, StackStatus.READY, StackStatus.RECOVERING}:
            state = self._judged(state)
        self.state = state
        state.save(self._folder)

    def _judged(self, state: StackState) -> StackState:
        settled = {ChildStatus.READY, ChildStatus.HELD}
        if all(child.status in settled for child in state.children.values()):
            if state.ready_after_seconds is None:
                self._welcome()
                state = replace(state, ready_after_seconds=round(self._seconds(), 2))
            return replace(state, status=StackStatus.READY)
        was_ready = state.ready_after_seconds is not None
        return replace(state, status=StackStatus.RECOVERING if was_ready else StackStatus.STARTING)

    def _welcome(self) -> None:
        self._say(f"the stack is ready after {self._seconds():.1f} s; `xuewei down` or Ctrl-C stops it")
        for name, address in self.state.addresses.items():
            self._say(f"  {name:<18} {address}")

    def _seconds(self) -> float:
        return time.monotonic() - self._born


def _story(ended: "asyncio.Task[Any]") -> str:
    """Why a child could not be kept: its keeper ends in no other way than by a fault."""
    fault = ended.exception()
    if isinstance(fault, ChildFailedError):
        return str(fault)
    return f"{ended.get_name()} could not be prepared or started: {type(fault).__name__}: {fault}"


def supervise(path: Path, planner: Planner, say: Say) -> StackExit:
    """Runs a stack in this process until it is told to stop; says why when it cannot."""
    folder = StackFolder(path.resolve())
    try:
        folder.make()
    except FolderUnusableError as refused:
        say(str(refused))
        return StackExit.FOLDER_UNUSABLE
    # Never given back: the lock goes with the process, so that who finds it free finds nothing of us.
    if folder.lock() is None:
        say(already_running(folder))
        return StackExit.ALREADY_RUNNING
    return _supervise_locked(folder, planner, say)


def _supervise_locked(folder: StackFolder, planner: Planner, say: Say) -> StackExit:
    for hold in folder.held.iterdir():
        hold.unlink()
    try:
        plan = planner(folder)
    except (PortTakenError, UnknownChildError) as refused:
        code = StackExit.PORT_TAKEN if isinstance(refused, PortTakenError) else StackExit.WRONG_OPTION
        say(str(refused))
        StackState(StackStatus.FAILED, str(refused), int(code), supervisor_process_id=os.getpid()).save(
            folder
        )
        return code

    async def run() -> StackExit:
        return await Supervisor(folder, plan, say).run()

    return asyncio.run(run())


def plan_with(options: StackOptions) -> Planner:
    """The embedded stack with these options, to be planned once the folder is ours."""
    return lambda folder: plan_stack(folder, options)


def main(arguments: list[str]) -> int:
    """The supervisor's process."""
    options = StackOptions.from_json(arguments[1]) if arguments[1:] else StackOptions()

    def say(line: str) -> None:
        print(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {line}", flush=True)

    return supervise(Path(arguments[0]), plan_with(options), say)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
