"""How long the embedded stack takes until every child is ready, from nothing and again."""

import asyncio
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Better, Figure
from benchmarks.machine import load
from benchmarks.processes import family_cpu_seconds
from benchmarks.setting import Setting
from cli.stack import Stack
from cli.stack.state import StackState

LIBRARIES = "import fastapi, faststream.kafka, asyncpg, polars, pydantic_settings, opentelemetry.sdk.trace"


async def stack_up(setting: Setting) -> list[Figure]:
    """`xuewei up` in an empty folder, three times; the peer is a Python that loads the libraries of one service."""
    runs = 3
    taken: list[float] = []
    burnt: list[float] = []
    for run in range(runs):
        folder = setting.folder / f"start-{run}"
        folder.mkdir(mode=0o711)
        seconds, used = await asyncio.to_thread(_start_once, folder)
        taken.append(seconds)
        burnt.append(used)
    bare = min([await asyncio.to_thread(_load_libraries) for _ in range(runs)])
    return [
        Figure(
            "stack up, from an empty folder",
            min(taken),
            "s",
            Better.LESS,
            8.0,
            bare,
            "one Python that loads a service's libraries",
            {
                "runs_s": [round(each, 2) for each in taken],
                "cpu_s": [round(each, 2) for each in burnt],
                "load_average": load(),
            },
        )
    ]


def _start_once(folder: Path) -> tuple[float, float]:
    """Seconds until ready, and CPU seconds of supervisor and children until then."""
    began = perf_counter()
    # Started to outlive: the thread this runs in may end before the stack is stopped.
    stack = Stack(folder).start(outlive=True)
    seconds = perf_counter() - began
    state = StackState.load(stack.folder)
    used = family_cpu_seconds(state.supervisor_process_id) if state else 0.0
    stack.stop()
    return seconds, used


def _load_libraries() -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    return perf_counter() - began
