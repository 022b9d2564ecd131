"""How many records a second come from first byte to receipt: one large batch, many middling ones."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Better, Figure
from benchmarks.filing import Desks, Filed, file_batch, open_desks, register
from benchmarks.peers import copy_rows_per_second
from benchmarks.samples import make_sample
from benchmarks.setting import UNITS, Expense, Setting
from benchmarks.statistics import Spread
from cli.views import ResolutionView

COPY = "COPY of the same keys, same indexes, same server"


async def large_batch(setting: Setting) -> list[Figure]:
    """One batch of 20,000 records, from its first byte to its receipt, everybody acting at once."""
    runs, count = setting.amount(3, 1), setting.amount(20_000, 1_000)
    sample = make_sample(
        setting.samples,
        UNITS[2],
        "大批",
        batches=runs,
        batch_records=count,
        award_on=setting.award_on,
        first_serial=500_001,
    )
    async with open_desks(setting.stack, sample.unit_code) as desks:
        resolution = await register(desks, sample)
        expense = Expense(setting.stack)
        filed = [await file_batch(desks, resolution, path) for path in sample.record_paths]
        spent = expense.spent(per=runs)
    best = min(filed, key=lambda each: each.receipt)
    peer = await copy_rows_per_second(setting.stack, [best.batch_id])
    return [
        Figure(
            f"one batch of {count:,} records",
            count / best.receipt,
            "records/s",
            Better.MORE,
            None if setting.quick else 4_000,
            peer,
            COPY,
            {
                "runs_records_per_second": [round(count / each.receipt) for each in filed],
                "best_run_ms": _stages_ms(best),
                **spent,
            },
        )
    ]


async def many_batches(setting: Setting) -> list[Figure]:
    """100 batches of 500 records from eight units of three provinces at once."""
    per_unit, count = setting.amount(13, 1), setting.amount(500, 100)
    samples = [
        make_sample(
            setting.samples,
            unit,
            "多批",
            batches=per_unit if place < 4 or setting.quick else per_unit - 1,
            batch_records=count,
            award_on=setting.award_on,
            first_serial=600_001,
        )
        for place, unit in enumerate(UNITS)
    ]
    async with AsyncExitStack() as closing:
        units = [
            await closing.enter_async_context(open_desks(setting.stack, each.unit_code)) for each in samples
        ]
        known = [await register(desks, each) for desks, each in zip(units, samples, strict=True)]
        expense, began = Expense(setting.stack), perf_counter()
        work = [
            _one_by_one(desks, resolution, sample.record_paths)
            for desks, resolution, sample in zip(units, known, samples, strict=True)
        ]
        filed = [each for unit in await asyncio.gather(*work) for each in unit]
        seconds = perf_counter() - began
        spent = expense.spent(per=len(filed))
    peer = await copy_rows_per_second(setting.stack, [each.batch_id for each in filed])
    spread = Spread.of([each.receipt * 1000 for each in filed])
    return [
        Figure(
            f"{len(filed)} batches of {count} records, {len(work)} units at once",
            len(filed) * count / seconds,
            "records/s",
            Better.MORE,
            None if setting.quick else 2_500,
            peer,
            COPY,
            {"receipt_p50_ms": round(spread.p50), "receipt_p99_ms": round(spread.p99), **spent},
        )
    ]


async def _one_by_one(desks: Desks, resolution: ResolutionView, paths: tuple[Path, ...]) -> list[Filed]:
    return [await file_batch(desks, resolution, path) for path in paths]


def _stages_ms(filed: Filed) -> dict[str, int]:
    stages = ("accepted", "collected", "under_review", "signed", "receipt")
    return {stage: round(getattr(filed, stage) * 1000) for stage in stages}
