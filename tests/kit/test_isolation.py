"""Reading hostile files elsewhere: a reader that eats memory, hangs or dies hurts nobody else."""

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
