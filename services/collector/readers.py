"""The processes in which this service reads what people send: one for record files, one for scans.

A file that is too heavy takes its process down, never the service, and never a file that waits: each pool
reads one at a time.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from services.collector import parsing, scans
from services.collector.settings import Settings
from services.kit.isolation import InputTooHeavy, ReaderPool
from services.kit.work import Work

Q = ParamSpec("Q")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """One process that reads one thing at a time."""

    pool: ReaderPool
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, function: Callable[Q, T], *args: Q.args, **kwargs: Q.kwargs) -> T:
        """Runs a module-level function there; raises InputTooHeavy past the limits.

        A process that died is tried once more: it may have been somebody else's doing.
        """
        async with self.turn:
            try:
                return await self.pool.run(function, *args, **kwargs)
            except InputTooHeavy as heavy:
                if str(heavy) == "time":
                    raise
            return await self.pool.run(function, *args, **kwargs)


@dataclass(frozen=True, slots=True)
class Readers:
    """The reader of record files and the reader of scans."""

    records: Reader
    scans: Reader


_open: dict[int, Readers] = {}


async def open_readers(work: Work) -> None:
    """Opens the readers of a service; they start with their first file unless settings warm them."""
    settings = work.settings
    assert isinstance(settings, Settings)
    readers = Readers(Reader(_pool(settings)), Reader(_pool(settings)))
    give_readers(work, readers)
    if settings.readers_warm:
        readers.records.pool.warm(parsing.load)
        readers.scans.pool.warm(scans.load)


async def close_readers(work: Work) -> None:
    """Ends the readers' processes."""
    readers = take_readers(work)
    for reader in (readers.records, readers.scans):
        reader.pool.close()


def give_readers(work: Work, readers: Readers) -> None:
    """Lets a service read with these readers."""
    _open[id(work)] = readers


def take_readers(work: Work) -> Readers:
    """Takes a service's readers away from it again."""
    return _open.pop(id(work))


def readers_of(work: Work) -> Readers:
    """The open readers of a service."""
    return _open[id(work)]


def _pool(settings: Settings) -> ReaderPool:
    return ReaderPool(
        workers=1,
        memory_max_bytes=settings.reader_memory_max_bytes,
        seconds_max=settings.reader_seconds_max,
    )
