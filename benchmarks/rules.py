"""How many rows a second reading and judging take, beside a bare read of the same bytes by polars."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import polars as pl

from benchmarks.figures import Better, Figure
from benchmarks.machine import load
from benchmarks.samples import CATEGORY, Sample, make_sample
from benchmarks.setting import UNITS, Setting
from cli.sample.layouts import Form
from contracts.standard.pack import Context, Stage, check_records
from contracts.standard.readers import ReadLimits, Records, read_records
from contracts.standard.record_set import assign_record_ids, merkle_root, record_hashes, write_parquet

TIMES = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """Rows a second by the clock, and by CPU time (both the best of several)."""

    rows_per_second: float
    rows_per_cpu_second: float


async def reading_and_judging(setting: Setting) -> list[Figure]:
    """CSV and XLSX reader, rule pack, hashes and Parquet over the same records, in this process."""
    return await asyncio.to_thread(_measure, setting)


def _measure(setting: Setting) -> list[Figure]:
    count = setting.amount(20_000, 1_000)
    forms = {form: _sample(setting, form, count) for form in (Form.CSV, Form.XLSX)}
    data = {form: sample.record_paths[0].read_bytes() for form, sample in forms.items()}
    bare_csv = _pace(count, lambda: pl.read_csv(io.BytesIO(data[Form.CSV]), infer_schema=False))
    bare_xlsx = _pace(count, lambda: pl.read_excel(io.BytesIO(data[Form.XLSX]), infer_schema_length=0))
    csv_path, xlsx_path = (forms[form].record_paths[0] for form in (Form.CSV, Form.XLSX))
    records = _read(data[Form.CSV], csv_path)
    frame = assign_record_ids(records.frame, "0" * 32, 1)
    context = _context(setting, forms[Form.CSV], records)
    steps = (
        ("CSV reader", lambda: _read(data[Form.CSV], csv_path), bare_csv, "polars.read_csv"),
        ("XLSX reader", lambda: _read(data[Form.XLSX], xlsx_path), bare_xlsx, "polars.read_excel (calamine)"),
        ("rule pack, stage U", lambda: check_records(frame, context), bare_csv, "polars.read_csv"),
        (
            "record hashes and Merkle root",
            lambda: merkle_root(record_hashes(frame)),
            bare_csv,
            "polars.read_csv",
        ),
        ("record set as Parquet", lambda: write_parquet(frame), bare_csv, "polars.read_csv"),
    )
    return [_figure(name, _pace(count, step), bare, peer_is) for name, step, bare, peer_is in steps]


def _sample(setting: Setting, form: Form, count: int) -> Sample:
    return make_sample(
        setting.samples,
        UNITS[6],
        "读取",
        batches=1,
        batch_records=count,
        award_on=setting.award_on,
        first_serial=500_001,
        form=form,
    )


def _read(data: bytes, path: Path) -> Records:
    return read_records(data, filename=path.name, category=CATEGORY, limits=ReadLimits())


def _context(setting: Setting, sample: Sample, records: Records) -> Context:
    return Context(
        category=CATEGORY,
        stage=Stage.UNIT,
        unit_code=sample.unit_code,
        on=setting.award_on,
        layout=records.columns.layout,
        columns=records.columns,
        resolution_numbers=frozenset({sample.resolution_number}),
    )


def _pace(rows: int, step: Callable[[], Any]) -> Pace:
    step()
    clock: list[float] = []
    cpu: list[float] = []
    for _ in range(TIMES):
        began, burnt = perf_counter(), process_time()
        step()
        clock.append(perf_counter() - began)
        cpu.append(process_time() - burnt)
    return Pace(rows / min(clock), rows / max(min(cpu), 1e-9))


def _figure(name: str, pace: Pace, bare: Pace, peer_is: str) -> Figure:
    details = {
        "rows_per_cpu_second": round(pace.rows_per_cpu_second),
        "peer_rows_per_cpu_second": round(bare.rows_per_cpu_second),
        "load_average": load(),
    }
    return Figure(
        name, pace.rows_per_second, "rows/s", Better.MORE, None, bare.rows_per_second, peer_is, details
    )
