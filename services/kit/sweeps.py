"""Sweeps (clocks): every so often select candidates; each candidate is then one transaction that re-checks."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg

from services.kit.database import DATABASE_FAULTS
from services.kit.logs import log
from services.kit.work import Work

SWEEP_LOCK = 7_205


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep: its name, how often it runs, and what it does (returns how many candidates it served)."""

    name: str
    every_seconds: float
    run: Callable[[Any], Awaitable[int]]


@dataclass(slots=True)
class Sweeper:
    """Runs a service's sweeps, one process at a time across replicas; remembers when each last ended well."""

    work: Work
    sweeps: tuple[Sweep, ...]
    swept_at: dict[str, float] = field(default_factory=dict[str, float])
    _locks: asyncpg.Connection | None = None
    _locking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self) -> None:
        """Sweeps for ever; a fault of our own (not of the world around us) ends it, and with it the process."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(
                    asyncio.Event().wait(), name="for ever"
                )  # also when there is nothing to sweep
                for number, sweep in enumerate(self.sweeps):
                    group.create_task(self._keep(number, sweep), name=f"sweep {sweep.name}")
        finally:
            if self._locks is not None:
                self._locks.terminate()

    async def _keep(self, number: int, sweep: Sweep) -> None:
        while True:
            try:
                await self._once(number, sweep)
                self.swept_at[sweep.name] = monotonic()
            except DATABASE_FAULTS as error:
                log.warning("sweep failed", extra={"sweep": sweep.name, "fault": type(error).__name__})
            except Exception:
                log.exception("sweep broke", extra={"sweep": sweep.name})
                raise
            await asyncio.sleep(sweep.every_seconds)

    async def _once(self, number: int, sweep: Sweep) -> None:
        if not await self._ask("select pg_try_advisory_lock($1, $2)", number):
            return
        try:
            await sweep.run(self.work)
        finally:
            await self._ask("select pg_advisory_unlock($1, $2)", number)

    async def _ask(self, question: str, number: int) -> bool:
        """Asks on the connection that holds the locks of all sweeps.

        Locks belong to a connection, not a transaction (candidates commit one by one meanwhile), and to one
        outside the pool: sweeps that held the pool's last connections would wait for each other for ever.
        """
        async with self._locking:
            if self._locks is None or self._locks.is_closed():
                url = self.work.settings.database_url.get_secret_value()
                self._locks = await asyncpg.connect(url, command_timeout=60)
            return bool(await self._locks.fetchval(question, SWEEP_LOCK, number))
