"""`make bench`: measures what issue A asks for on the embedded stack, as ratios to peers of the same run."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.delivery import outbox_to_inbox
from benchmarks.figures import Figure, table
from benchmarks.latency import accepted, small_batch
from benchmarks.machine import circumstances
from benchmarks.memory import resident
from benchmarks.rules import reading_and_judging
from benchmarks.setting import Setting
from benchmarks.start import stack_up
from benchmarks.throughput import large_batch, many_batches
from cli.stack import Stack

Benchmark = Callable[[Setting], Awaitable[list[Figure]]]

ON_THE_STACK: dict[str, Benchmark] = {
    "large-batch": large_batch,
    "many-batches": many_batches,
    "small-batch": small_batch,
    "accepted": accepted,
    "memory": resident,
}
ALONE: dict[str, Benchmark] = {
    "start": stack_up,
    "rules": reading_and_judging,
    "delivery": outbox_to_inbox,
}


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmarks asked for, prints the table; 1 when a goal was missed."""
    words = _parser().parse_args(arguments)
    folder = (
        Path(tempfile.mkdtemp(prefix="xuewei-bench-")) if words.folder is None else words.folder.resolve()
    )
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # the embedded PostgreSQL runs as another user when we are root
    try:
        head = circumstances()
        figures = _measure(folder, words.only or [*ON_THE_STACK, *ALONE], quick=words.quick)
    finally:
        _tidy(folder, keep_samples=words.folder is not None)
    print(f"\n{table(figures)}\n")
    if words.json is not None:
        content = {**head, "quick": words.quick, "figures": [each.as_json() for each in figures]}
        words.json.parent.mkdir(parents=True, exist_ok=True)
        words.json.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if any(each.is_met is False for each in figures) else 0


def _measure(folder: Path, names: Sequence[str], *, quick: bool) -> list[Figure]:
    stack = Stack(folder / "stack")
    setting = Setting(folder, stack, quick)
    alone = [name for name in names if name in ALONE and not (quick and name == "start")]
    figures = [each for name in alone for each in _run(name, ALONE[name], setting)]
    on_the_stack = [name for name in names if name in ON_THE_STACK]
    if on_the_stack:
        with stack:
            for name in on_the_stack:
                figures += _run(name, ON_THE_STACK[name], setting)
    return figures


def _run(name: str, benchmark: Benchmark, setting: Setting) -> list[Figure]:
    began = perf_counter()
    figures = asyncio.run(_awaited(benchmark, setting))
    print(f"── {name}: {perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


async def _awaited(benchmark: Benchmark, setting: Setting) -> list[Figure]:
    return await benchmark(setting)


def _tidy(folder: Path, *, keep_samples: bool) -> None:
    for entry in folder.iterdir():
        if not (keep_samples and entry.name == "samples"):
            shutil.rmtree(entry, ignore_errors=True)
    if not keep_samples:
        folder.rmdir()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help="small numbers that show that everything works, under a minute; without start",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=[*ON_THE_STACK, *ALONE],
        help="one benchmark; may be repeated",
    )
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument(
        "--folder", type=Path, help="an empty folder to work in; the samples stay there for the next run"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
