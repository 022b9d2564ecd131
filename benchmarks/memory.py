"""How much memory each service takes while an XLSX of 20,000 records goes through it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.figures import Better, Figure
from benchmarks.filing import file_batch, open_desks, register
from benchmarks.processes import family_memory_bytes, family_of, memory_bytes
from benchmarks.samples import make_sample
from benchmarks.setting import UNITS, Setting
from cli.sample.layouts import Form
from cli.stack import Stack
from contracts.topics import ServiceName

MIB = 1 << 20
LOOK_SECONDS = 0.02


@dataclass(slots=True)
class Watched:
    """The most memory a service was seen with, its processes together and the largest alone, in bytes."""

    idle_bytes: int
    together_bytes: int = 0
    largest_bytes: int = 0


async def resident(setting: Setting) -> list[Figure]:
    """The most resident memory of each service, its readers included, looked at fifty times a second."""
    count = setting.amount(20_000, 500)
    sample = make_sample(
        setting.samples,
        UNITS[5],
        "大表",
        batches=1,
        batch_records=count,
        award_on=setting.award_on,
        first_serial=500_001,
        form=Form.XLSX,
    )
    async with open_desks(setting.stack, sample.unit_code) as desks:
        resolution = await register(desks, sample)
        async with _watching(setting.stack) as watched:
            await file_batch(desks, resolution, sample.record_paths[0])
    return [
        Figure(
            f"RSS of {name}, XLSX of {count:,} records",
            seen.together_bytes / MIB,
            "MiB",
            Better.LESS,
            None if setting.quick else 400.0,
            seen.idle_bytes / MIB,
            "the same before the file",
            {"largest_process_mib": round(seen.largest_bytes / MIB)},
        )
        for name, seen in watched.items()
    ]


@asynccontextmanager
async def _watching(stack: Stack) -> AsyncGenerator[Mapping[ServiceName, Watched]]:
    watched = {
        name: Watched(family_memory_bytes(family_of(_process_of(stack, name)))) for name in ServiceName
    }
    looking = asyncio.create_task(_look(stack, watched))
    try:
        yield watched
    finally:
        looking.cancel()


async def _look(stack: Stack, watched: Mapping[ServiceName, Watched]) -> None:
    processes = {name: _process_of(stack, name) for name in watched}
    while True:
        for name, seen in watched.items():
            family = family_of(processes[name])
            largest = max(memory_bytes(member).get("VmRSS", 0) for member in family)
            seen.together_bytes = max(seen.together_bytes, family_memory_bytes(family))
            seen.largest_bytes = max(seen.largest_bytes, largest)
        await asyncio.sleep(LOOK_SECONDS)


def _process_of(stack: Stack, name: str) -> int:
    process_id = stack.state.children[name].process_id
    assert process_id is not None
    return process_id
