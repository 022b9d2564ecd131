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
    """Worker processes that read files people send, each one file at a time; one that dies is replaced.

    Every worker is a pool of its own: a broken pool cannot tell which of its files broke it.
    """

    def __init__(self, *, workers: int = 2, memory_max_bytes: int, seconds_max: float) -> None:
        self._memory_max_bytes = memory_max_bytes
        self._seconds_max = seconds_max
        self._workers = {self._new_worker() for _ in range(workers)}
        self._idle = list(self._workers)
        self._free = asyncio.Semaphore(workers)

    async def run(self, function: Callable[Q, T], *args: Q.args, **kwargs: Q.kwargs) -> T:
        """Runs a module-level function in a worker, when one is free; raises InputTooHeavy past the limits."""
        async with self._free:
            worker = self._idle.pop()
            try:
                async with asyncio.timeout(self._seconds_max):
                    work = asyncio.get_running_loop().run_in_executor(worker, _call, function, args, kwargs)
                    return await work
            except (BrokenProcessPool, MemoryError):
                worker = self._replaced(worker)
                raise InputTooHeavy("memory") from None
            except TimeoutError:
                worker = self._replaced(worker)
                raise InputTooHeavy("time") from None
            except asyncio.CancelledError:
                worker = self._replaced(worker)
                raise
            finally:
                self._idle.append(worker)

    def warm(self, load: Callable[[], object]) -> None:
        """Starts the workers and lets them load what they need, so that the first file does not wait."""
        for worker in self._workers:
            worker.submit(load)

    def close(self) -> None:
        """Ends the workers."""
        for worker in self._workers:
            _kill(worker)

    def _replaced(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        _kill(broken)
        self._workers.discard(broken)
        worker = self._new_worker()
        self._workers.add(worker)
        return worker

    def _new_worker(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
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
