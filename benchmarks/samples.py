"""The files the benchmarks send: bachelor records (X1) of made-up people, made once before anything is timed."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cli.sample.layouts import Form, written
from cli.sample.records import make_records
from cli.sample.resolution import resolution_of, resolution_pdf
from contracts.standard.layouts import Layout
from contracts.vocabulary import RecordCategory

CATEGORY = RecordCategory.X1


@dataclass(frozen=True, slots=True)
class Sample:
    """One resolution of a unit and the record files under it; each file is one batch."""

    unit_code: str
    resolution_number: str
    effective_on: date
    headcount: int
    scan_path: Path
    record_paths: tuple[Path, ...]
    batch_records: int

    @property
    def record_count(self) -> int:
        """Records in all files together."""
        return self.batch_records * len(self.record_paths)


def make_sample(
    folder: Path,
    unit_code: str,
    label: str,
    *,
    batches: int,
    batch_records: int,
    award_on: date,
    first_serial: int = 1,
    form: Form = Form.CSV,
) -> Sample:
    """Writes ``batches`` record files under one resolution, or finds them written by an earlier run.

    ``label`` tells resolutions of a unit apart; certificate numbers count up from ``first_serial`` over all
    files. The scan lists the names of the first file.
    """
    number = f"校学位〔{award_on.year}〕{label}号"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{unit_code}-{award_on:%Y%m%d}-{label}-{first_serial}-{batch_records}"
    scan_path = folder / f"{name}.pdf"
    paths = tuple(folder / f"{name}-{each}.{form}" for each in range(batches))
    for place, path in enumerate(paths):
        if path.exists() and scan_path.exists():
            continue
        serial = first_serial + place * batch_records
        records = make_records(
            CATEGORY,
            unit_code,
            batch_records,
            seed=serial,
            award_on=award_on,
            resolution_number=number,
            first_serial=serial,
        )
        if not scan_path.exists():
            resolution = resolution_of(records, CATEGORY, decided_on=award_on)
            scan_path.write_bytes(resolution_pdf(resolution, records))
        path.write_bytes(written(records, CATEGORY, layout=Layout.CATEGORY_LIST, form=form))
    return Sample(
        unit_code, number, award_on, batches * batch_records, scan_path, paths, batch_records=batch_records
    )
