"""Hostile input is read elsewhere: in warm worker processes with limits on memory and time."""

import asyncio
import os
import resource
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import ParamSpec, TypeVar

Q = ParamSpec("Q")
T = TypeVar("T")


class InputTooHeavy(Exception):
    """Reading the input needed more memory or time than a reader is given; nothing else was hurt."""


class ReaderPool:
    """Worker processes that read files people send; a worker that dies is replaced."""

    def __init__(self, *, workers: int = 2, memory_max_bytes: int, seconds_max: float) -> None:
        self._workers = workers
        self._memory_max_bytes = memory_max_bytes
        self._seconds_max = seconds_max
        self._pool = self._new_pool()

    async def run(self, function: Callable[Q, T], *args: Q.args, **kwargs: Q.kwargs) -> T:
        """Runs a module-level function in a worker; raises InputTooHeavy past the limits."""
        pool = self._pool
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._seconds_max):
                return await loop.run_in_executor(pool, _call, function, args, kwargs)
        except (BrokenProcessPool, MemoryError):
            self._replace(pool)
            raise InputTooHeavy("memory") from None
        except TimeoutError:
            self._replace(pool)
            raise InputTooHeavy("time") from None

    def warm(self, load: Callable[[], object]) -> None:
        """Starts the workers and lets them load what they need, so that the first file does not wait."""
        for _ in range(self._workers):
            self._pool.submit(load)

    def close(self) -> None:
        """Ends the workers."""
        _kill(self._pool)

    def _replace(self, broken: ProcessPoolExecutor) -> None:
        if self._pool is broken:
            self._pool = self._new_pool()
            _kill(broken)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._workers,
            mp_context=get_context("spawn"),
            initializer=_limit,
            initargs=(self._memory_max_bytes, os.getpid()),
        )


def _call(function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]) -> T:
    return function(*args, **kwargs)


def _limit(memory_max_bytes: int, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("POLARS_MAX_THREADS", "2")
    # polars gives memory back when it is done with it, not when it is needed again.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0")
    resource.setrlimit(resource.RLIMIT_DATA, (memory_max_bytes, memory_max_bytes))
    _die_with(parent)


def _die_with(parent: int) -> None:
    import ctypes  # noqa: PLC0415 only workers need it

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list(pool._processes.values()):  # pyright: ignore[reportPrivateUsage]
        process.kill()
    pool.shutdown(wait=False, cancel_futures=True)
