"""A whole submission (报送材料) in one folder: record file, resolution scan and typed list of names."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from cli.sample.faults import plant
from cli.sample.layouts import Encoding, Form, Headers, written
from cli.sample.records import make_records
from cli.sample.resolution import resolution_of, resolution_pdf
from cli.sample.roster import roster_csv
from contracts.standard.layouts import Layout
from contracts.vocabulary import DegreeLevel, RecordCategory


@dataclass(frozen=True, slots=True)
class Submission:
    """What a unit sends for one resolution: where the files are, and what the resolution says.

    ``records`` are valid; ``sent`` is what stands in the record file, with the faults planted in it.
    ``answers`` (rule, row, field) is empty when none were planted.
    """

    unit_code: str
    category: RecordCategory
    records_path: Path
    scan_path: Path
    roster_path: Path
    resolution_number: str
    effective_on: date
    headcount: int
    levels: tuple[DegreeLevel, ...]
    records: pl.DataFrame
    sent: pl.DataFrame
    answers: pl.DataFrame


def make_submission(
    folder: Path,
    unit_code: str,
    category: str,
    count: int,
    *,
    seed: int,
    award_on: date,
    effective_on: date | None = None,
    resolution_number: str | None = None,
    first_serial: int = 1,
    layout: str = Layout.CATEGORY_LIST,
    form: str = Form.CSV,
    encoding: str = Encoding.UTF_8_SIG,
    headers: str = Headers.CODES,
    faults: int | list[tuple[str, int]] = 0,
) -> Submission:
    """Writes the files of one submission into ``folder`` and says what is in them.

    The resolution takes effect on ``effective_on``, by default the day of the award; without a number it
    gets one made of year, category and first serial number. Resolution and list
    of names are right even when faults are planted in the record file. The same arguments give the same
    record file and the same resolution. Raises ValueError as ``make_records``, ``written`` and ``plant`` do.
    """
    number = resolution_number or f"校学位〔{award_on.year}〕{category}-{first_serial}号"
    records = make_records(
        category,
        unit_code,
        count,
        seed=seed,
        award_on=award_on,
        resolution_number=number,
        first_serial=first_serial,
    )
    sent, answers = plant(records, category, faults, seed=seed, layout=layout)
    content = written(sent, category, layout=layout, form=form, encoding=encoding, headers=headers)
    resolution = resolution_of(records, category, decided_on=award_on, effective_on=effective_on)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{unit_code}-{category}-{award_on:%Y%m%d}-{first_serial}"
    return Submission(
        unit_code=unit_code,
        category=RecordCategory(category),
        records_path=_kept(folder / f"{name}.{Form(form)}", content),
        scan_path=_kept(folder / f"{name}-resolution.pdf", resolution_pdf(resolution, records)),
        roster_path=_kept(folder / f"{name}-roster.csv", roster_csv(records, category)),
        resolution_number=number,
        effective_on=resolution.effective_on,
        headcount=resolution.headcount,
        levels=(RecordCategory(category).level,),
        records=records,
        sent=sent,
        answers=answers,
    )


def _kept(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
