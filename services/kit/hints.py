"""Hints of news through PostgreSQL LISTEN/NOTIFY: they make waiting short; polling stays the truth."""

import asyncio
import contextlib
from collections import defaultdict
from types import TracebackType
from typing import Any, Self

import asyncpg

from services.kit.database import DATABASE_FAULTS


class Hints:
    """One listening connection that wakes whoever waits on a channel, or on one subject of a channel."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting: defaultdict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_listening(), name="hints")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def wait(self, channel: str, subject: str = "", *, seconds: float) -> bool:
        """Waits until something is told about ``subject`` on ``channel``; False when the time is over."""
        event = self.expect(channel, subject)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        else:
            return True
        finally:
            self.forget(channel, subject, event)

    def expect(self, channel: str, subject: str = "") -> asyncio.Event:
        """An event that is set at the next news: take it before looking, so that none is missed."""
        event = asyncio.Event()
        self._waiting[(channel, subject)].add(event)
        return event

    def forget(self, channel: str, subject: str, event: asyncio.Event) -> None:
        """Gives back an expected event."""
        waiting = self._waiting.get((channel, subject), set())
        waiting.discard(event)
        if not waiting:
            self._waiting.pop((channel, subject), None)

    async def _keep_listening(self) -> None:
        while True:
            with contextlib.suppress(*DATABASE_FAULTS):
                await self._listen()
            await asyncio.sleep(0.5)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _: lost.set())
            for channel in ("outbox", "changed"):
                await connection.add_listener(channel, self._heard)
            self._wake_all()
            await lost.wait()
        finally:
            with contextlib.suppress(*DATABASE_FAULTS):
                await connection.close(timeout=1)

    def _heard(self, _: Any, __: int, channel: str, subject: object) -> None:
        for event in self._waiting.get((channel, str(subject)), ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self._waiting.values():
            for event in events:
                event.set()
