# pyright: reportUnknownMemberType=false
"""Reading and checking one uploaded file (解析与校验): bytes in, record set, findings and manifest out.

Runs in a process of its own with limits on memory and time, because what people send may be hostile. What
goes in and comes out is small and picklable; records never leave it but as Parquet.
"""

import io
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl

from contracts.standard.layouts import RECORD_ID, Layout
from contracts.standard.pack import (
    CheckReport,
    Context,
    ScanFacts,
    Spot,
    Stage,
    check_records,
    findings_of_rule,
    findings_parquet,
)
from contracts.standard.readers import ReadLimits, Records, read_records
from contracts.standard.record_set import (
    ROW,
    ManifestFile,
    assign_record_ids,
    build_manifest,
    canonical_bytes,
    merkle_root,
    record_hashes,
    write_parquet,
)
from contracts.standard.unreadable import Unreadable
from contracts.vocabulary import RecordCategory
from services.collector.domain.corrections import RecordKeys, match_corrections

PARQUET = "application/vnd.apache.parquet"
_KEY_COLUMNS = (RECORD_ID, "ZJLXM", "ZJHM", "XWLBM", "XWZSBH", "XH")


@dataclass(frozen=True, slots=True)
class Owed:
    """What a correction may replace: ids of returned records, and the record sets they are in (Parquet)."""

    record_ids: frozenset[str]
    record_sets: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class FileToRead:
    """All that reading and checking a file needs to know; ``owed`` is None unless it is a correction."""

    batch_id: str
    round: int
    unit_code: str
    category: RecordCategory
    filename: str
    layout: Layout | None
    resolution_number: str
    on: date
    scan: ScanFacts
    limits: ReadLimits
    files: tuple[ManifestFile, ...]
    owed: Owed | None = None


@dataclass(frozen=True, slots=True)
class CannotRead:
    """The file cannot be read: a code of the closed list, texts a clerk can act on, and where."""

    code: str
    text_zh: str
    text_en: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands for a record set without errors: its Parquet, Merkle root and manifest."""

    record_set: bytes
    merkle_root: str
    manifest: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading and checking gave; ``evidence`` is None where errors (强制) were found."""

    layout: str
    record_count: int
    error_count: int
    warn_count: int
    note_count: int
    findings: bytes
    pack_version: str
    pack_sha256: str
    replaces: tuple[str, ...]
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class ReaderFault:
    """Reading failed by a fault of ours: its kind and the place in the code; no text, it may hold values."""

    kind: str
    place: str


def read_or_tell(
    data: bytes, file: FileToRead, progress_path: Path | None = None
) -> Reading | CannotRead | ReaderFault:
    """Like ``read_and_check``, but a file that trips over a fault of ours does not stop those behind it.

    What may pass by itself (memory, disk) is raised: it is tried again.
    """
    try:
        return read_and_check(data, file, progress_path)
    except (MemoryError, OSError):
        raise
    except BaseException as fault:  # noqa: BLE001 polars panics are no Exceptions
        frames = traceback.extract_tb(fault.__traceback__)
        return ReaderFault(type(fault).__name__, f"{Path(frames[-1].filename).name}:{frames[-1].lineno}")


def read_and_check(data: bytes, file: FileToRead, progress_path: Path | None = None) -> Reading | CannotRead:
    """Reads, matches corrections, checks and writes; stages and rows go to ``progress_path`` as they pass."""
    _tell(progress_path, "reading", 0)
    try:
        records = read_records(
            data, filename=file.filename, category=file.category, limits=file.limits, layout=file.layout
        )
    except Unreadable as answer:
        return CannotRead(str(answer.code), answer.detail_zh, answer.detail_en, answer.where)
    _tell(progress_path, "checking", records.row_count)
    replaced = _replaced(records.frame, file.owed) if file.owed else None
    frame = assign_record_ids(records.frame, file.batch_id, file.round)
    report = check_records(frame, _context(file, records))
    if replaced is not None:
        report = _with_unmatched(report, frame, replaced, file, records)
    _tell(progress_path, "storing", records.row_count)
    return Reading(
        layout=str(records.columns.layout),
        record_count=records.row_count,
        error_count=report.error_count,
        warn_count=report.warn_count,
        note_count=report.note_count,
        findings=findings_parquet(report.findings),
        pack_version=report.pack_version,
        pack_sha256=report.pack_sha256,
        replaces=tuple(record_id for record_id in replaced or () if record_id is not None),
        evidence=None if report.error_count else _evidence(frame, file, records, report),
    )


def load() -> None:
    """Loads what reading needs (rules, tables, libraries), so that the first file does not wait for it."""
    frame = pl.DataFrame({ROW: [2], "XM": ["样例"]})
    check_records(frame, Context(RecordCategory.X1, Stage.UNIT, "00000", date(2026, 1, 1)))


def _tell(path: Path | None, stage: str, rows: int) -> None:
    if path is not None:
        path.write_text(f"{stage} {rows}", "ascii")


def _context(file: FileToRead, records: Records) -> Context:
    return Context(
        category=file.category,
        stage=Stage.UNIT,
        unit_code=file.unit_code,
        on=file.on,
        layout=records.columns.layout,
        columns=records.columns,
        resolution_numbers=frozenset({file.resolution_number}),
        documents=(file.scan,),
        owed_record_ids=file.owed.record_ids if file.owed else None,
    )


def _replaced(frame: pl.DataFrame, owed: Owed) -> list[str | None]:
    """For each row of a correction the returned record it replaces."""
    returned = (
        keys
        for data in owed.record_sets
        for keys in _keys(pl.read_parquet(io.BytesIO(data)))
        if keys.record_id in owed.record_ids
    )
    return match_corrections(_keys(frame), list(returned))


def _keys(frame: pl.DataFrame) -> Iterator[RecordKeys]:
    columns = [
        pl.col(name).cast(pl.String) if name in frame.columns else pl.lit(None, pl.String).alias(name)
        for name in _KEY_COLUMNS
    ]
    return (RecordKeys(*values) for values in frame.select(columns).iter_rows())


def _with_unmatched(
    report: CheckReport, frame: pl.DataFrame, replaced: list[str | None], file: FileToRead, records: Records
) -> CheckReport:
    """The report with a finding M10 for each row that replaces no returned record."""
    places = zip(frame[ROW], frame[RECORD_ID], replaced, strict=True)
    spots = [Spot(row, RECORD_ID, record_id) for row, record_id, found in places if found is None]
    if not spots:
        return report
    found = findings_of_rule("M10", spots, _context(file, records))
    findings = pl.concat([report.findings, found]).sort(ROW, nulls_last=False, maintain_order=True)
    return replace(report, findings=findings)


def _evidence(frame: pl.DataFrame, file: FileToRead, records: Records, report: CheckReport) -> Evidence:
    data, root = write_parquet(frame), merkle_root(record_hashes(frame))
    record_set = ManifestFile("record_set", sha256(data).hexdigest(), len(data), PARQUET)
    manifest = build_manifest(
        batch_id=file.batch_id,
        round_=file.round,
        unit_code=file.unit_code,
        category=file.category,
        layout=records.columns.layout,
        record_count=frame.height,
        root=root,
        rule_pack={"version": report.pack_version, "sha256": report.pack_sha256},
        files=(*file.files, record_set),
    )
    return Evidence(data, root.hex(), canonical_bytes(manifest))
