"""Keeps one child of the stack running: starts it when its turn comes, sees that it is ready, starts it again."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Mapping

from cli.stack.child_plan import ChildPlan
from cli.stack.children import kill_group, log_end, stop
from cli.stack.layout import StackFolder
from cli.stack.state import ChildState, ChildStatus

_POLL_SECONDS = 0.05
_HEALTH_SECONDS = 2.0
_READY_SECONDS_MAX = 120.0
_FAILURES_MAX = 4
_PAUSE_SECONDS = 0.4


class ChildFailedError(RuntimeError):
    """A child ends again and again before it is ready: says which, how, the end of its log and where that is."""


class Keeper:
    """One child and its process."""

    def __init__(
        self,
        plan: ChildPlan,
        folder: StackFolder,
        siblings: Mapping[str, "Keeper"],
        tell: Callable[[ChildState], None],
    ) -> None:
        """`tell` hears of every change; `siblings` are looked up by name when this child's turn comes."""
        self.plan = plan
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = asyncio.Event()
        self.launches = 0
        self._crashes = 0
        self._hold_path = folder.held / plan.name
        self._siblings = siblings
        self._tell = tell
        self._fell_from: dict[str, int] = {}
        self._told: ChildState | None = None

    async def keep(self) -> None:
        """Runs until cancelled; ChildFailedError when the child will not become ready."""
        self._report(ChildStatus.WAITING)
        await self._wait_for(self.plan.needs)
        await self.plan.prepare()
        failures = 0
        while True:
            await self._wait_while_held()
            await self._wait_for((*self.plan.needs, *self.plan.falls_with))
            was_ready, exit_code = await self._live_once()
            if exit_code is None:
                continue  # stopped on purpose
            self._crashes += 1
            failures = 0 if was_ready else failures + 1
            if failures >= _FAILURES_MAX:
                raise ChildFailedError(self._story(exit_code, failures))
            self._report(ChildStatus.WAITING)
            await asyncio.sleep(_PAUSE_SECONDS * failures)

    async def stop(self) -> None:
        """Stops the process, in the plan's ways, then by force."""
        process, self.process = self.process, None
        self.ready.clear()
        if process is not None:
            await asyncio.to_thread(stop, process, *self.plan.stop_ways)
        self._report(ChildStatus.STOPPED)

    async def _live_once(self) -> tuple[bool, int | None]:
        """One life of the process: whether it was ever ready, and its exit code (None: we stopped it)."""
        self._fell_from = {name: self._siblings[name].launches for name in self.plan.falls_with}
        process = self.process = self.plan.launch()
        self.launches += 1
        self._report(ChildStatus.STARTING)
        born = looked = time.monotonic()
        was_ready = False
        while process.poll() is None:
            if self._hold_path.exists() or self._fell():
                await self.stop()
                return was_ready, None
            now = time.monotonic()
            if not self.ready.is_set() or now - looked >= _HEALTH_SECONDS:
                looked = now
                was_ready |= await self._look()
            if not was_ready and now - born > _READY_SECONDS_MAX:
                await self.stop()
                return False, -1
            await asyncio.sleep(_POLL_SECONDS)
        self.ready.clear()
        kill_group(process)  # whatever it started and left
        self.process = None
        return was_ready, process.returncode

    async def _look(self) -> bool:
        ready = await self.plan.is_ready()
        if ready:
            self.ready.set()
        not_ready = ChildStatus.UNWELL if self.ready.is_set() else ChildStatus.STARTING
        self._report(ChildStatus.READY if ready else not_ready)
        return ready

    def _fell(self) -> bool:
        """Whether one that we fall with is not the process any more that was there when we started."""
        return any(
            self._siblings[name].launches != launches or self._siblings[name].process is None
            for name, launches in self._fell_from.items()
        )

    async def _wait_for(self, names: tuple[str, ...]) -> None:
        for name in names:
            await self._siblings[name].ready.wait()

    async def _wait_while_held(self) -> None:
        while self._hold_path.exists():
            self._report(ChildStatus.HELD)
            await asyncio.sleep(_POLL_SECONDS)

    def _report(self, status: ChildStatus) -> None:
        process_id = self.process.pid if self.process is not None else None
        news = ChildState(self.plan.name, status, process_id, self._crashes, str(self.plan.log_path))
        if news != self._told:
            self._told = news
            self._tell(news)

    def _story(self, exit_code: int, failures: int) -> str:
        how = f"was killed by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"
        end = log_end(self.plan.log_path)
        return (
            f"{self.plan.name} {how} {failures} times before it was ready; {self.plan.log_path} ends:\n{end}"
        )
