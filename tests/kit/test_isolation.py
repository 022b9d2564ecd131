"""Reading hostile files elsewhere: a reader that eats memory, hangs or dies hurts nobody else."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator

import pytest

from services.kit.isolation import InputTooHeavy, ReaderPool


@pytest.fixture
def pool() -> Iterator[ReaderPool]:
    pool = ReaderPool(workers=1, memory_max_bytes=400 * 2**20, seconds_max=3.0)
    yield pool
    pool.close()


def double(number: int) -> int:
    return 2 * number


def eat_memory() -> int:
    return len(bytearray(2**30))


def hang() -> None:
    time.sleep(60)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse() -> None:
    raise ValueError("not a table")


async def test_a_reader_answers(pool: ReaderPool) -> None:
    assert await pool.run(double, 21) == 42


async def test_its_own_errors_come_through(pool: ReaderPool) -> None:
    with pytest.raises(ValueError, match="not a table"):
        await pool.run(refuse)


@pytest.mark.parametrize("bad", [eat_memory, hang, die])
async def test_one_that_is_too_heavy_is_ended_and_the_next_is_served(pool: ReaderPool, bad: object) -> None:
    with pytest.raises(InputTooHeavy):
        await pool.run(bad)  # type: ignore[arg-type]
    assert await pool.run(double, 4) == 8


def rest(seconds: float) -> str:
    time.sleep(seconds)
    return "rested"


@pytest.mark.parametrize("bad", [eat_memory, hang, die])
async def test_one_that_is_too_heavy_does_not_end_what_another_reads(bad: object) -> None:
    pool = ReaderPool(workers=2, memory_max_bytes=400 * 2**20, seconds_max=4.0)
    try:
        await asyncio.gather(pool.run(double, 1), pool.run(double, 1))  # both have started
        guilty = [asyncio.create_task(pool.run(bad))] if bad is hang else []  # type: ignore[arg-type]
        await asyncio.sleep(2 if guilty else 0)
        innocent = asyncio.create_task(pool.run(rest, 3.0))
        await asyncio.sleep(0.1)
        with pytest.raises(InputTooHeavy):
            await (guilty[0] if guilty else pool.run(bad))  # type: ignore[arg-type]
        assert not innocent.done()
        assert await innocent == "rested"
    finally:
        pool.close()


async def test_waiting_for_a_reader_does_not_count_as_reading(pool: ReaderPool) -> None:
    assert await asyncio.gather(*(pool.run(rest, 1.2) for _ in range(4))) == ["rested"] * 4


async def test_who_goes_away_frees_the_reader(pool: ReaderPool) -> None:
    leaving = asyncio.create_task(pool.run(hang))
    await asyncio.sleep(0.5)
    leaving.cancel()
    assert await pool.run(double, 4) == 8
