"""``xuewei sample``: writes a valid record file of made-up people, with its resolution and planted faults."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import polars as pl
import typer

from cli.sample.faults import plant
from cli.sample.layouts import Encoding, Form, Headers, written
from cli.sample.records import make_records
from cli.sample.resolution import resolution_of, resolution_pdf
from cli.sample.roster import roster_csv
from contracts.standard.layouts import Layout
from contracts.vocabulary import RecordCategory


def sample(
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the record file goes.")],
    category: Annotated[RecordCategory, typer.Option(help="Record category (采集类别).")] = RecordCategory.X1,
    rows: Annotated[int, typer.Option(min=1, max=999_999, help="How many records.")] = 100,
    seed: Annotated[int, typer.Option(help="Same seed, same day: same file.")] = 7,
    unit: Annotated[str, typer.Option(help="Code of the degree-granting unit (学位授予单位码).")] = "10284",
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day of the award and of the resolution; today if not given."
        ),
    ] = None,
    number: Annotated[str | None, typer.Option(help="Number of the resolution (文号).")] = None,
    first_serial: Annotated[int, typer.Option(min=1, help="First serial number of the certificates.")] = 1,
    layout: Annotated[Layout, typer.Option(help="Column list of the file.")] = Layout.CATEGORY_LIST,
    form: Annotated[Form | None, typer.Option("--format", help="Told by the file name if not given.")] = None,
    encoding: Annotated[Encoding, typer.Option(help="Encoding of a CSV file.")] = Encoding.UTF_8_SIG,
    headers: Annotated[Headers, typer.Option(help="Field codes or Chinese names on top.")] = Headers.CODES,
    faults: Annotated[int, typer.Option(min=0, help="How many faults to plant.")] = 0,
    answers: Annotated[Path | None, typer.Option(help="Where the answer key goes: rule, row, field.")] = None,
    resolution: Annotated[Path | None, typer.Option(help="Where the resolution goes, as PDF.")] = None,
    roster: Annotated[Path | None, typer.Option(help="Where the list of names goes, as CSV.")] = None,
) -> None:
    """Make a valid record file of made-up people (样例数据), if wanted with faults and their answer key."""
    day = on.date() if on else _today()
    number = number or f"校学位〔{day.year}〕{category}-{first_serial}号"
    form = form or (Form.XLSX if output.suffix.lower() == ".xlsx" else Form.CSV)
    try:
        records = make_records(
            category,
            unit,
            rows,
            seed=seed,
            award_on=day,
            resolution_number=number,
            first_serial=first_serial,
        )
        sent, key = plant(records, category, faults, seed=seed, layout=layout)
        content = written(sent, category, layout=layout, form=form, encoding=encoding, headers=headers)
    except ValueError as refusal:
        raise typer.BadParameter(str(refusal)) from refusal
    _keep(output, lambda: content)
    _keep(answers, lambda: _answers(key))
    _keep(roster, lambda: roster_csv(records, category))
    _keep(resolution, lambda: resolution_pdf(resolution_of(records, category, decided_on=day), records))
    typer.echo(f"{rows} records of {category} ({category.name_zh}), resolution {number}: {output}")
    if faults:
        typer.echo(f"{faults} faults planted" + (f", answers in {answers}" if answers else ""))


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def _answers(key: pl.DataFrame) -> bytes:
    return key.write_csv().encode()


def _keep(path: Path | None, content: Callable[[], bytes]) -> None:
    """Writes what was asked for; a folder that is not there is a mistake of the caller, told in one line."""
    if path is None:
        return
    try:
        path.write_bytes(content())
    except OSError as fault:
        raise typer.BadParameter(f"cannot write {path}: {fault.strerror}") from fault
