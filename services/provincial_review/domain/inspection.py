"""Inspection (审前检查): what the platform looks at before a reviewer does – digests, rules, list of names.

Takes and gives bytes; polars works in the thread it is called in.
"""

from dataclasses import dataclass
from datetime import datetime

from contracts.batches import BatchSubmitted
from contracts.deadlines import shanghai_day
from contracts.standard.layouts import Layout
from contracts.standard.pack import CheckReport, Context, People, Stage, check_records, findings_parquet
from contracts.standard.record_set import read_parquet
from contracts.vocabulary import ActKind
from services.provincial_review.domain.record_sets import is_as_announced


class RecordSetMismatch(Exception):
    """The record set is not the one the event announces: its root, its count or its record ids differ."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """The findings as Parquet, their counts, and the rules that could not be checked."""

    findings: bytes
    error_count: int
    warn_count: int
    note_count: int
    not_checked: tuple[str, ...]


def inspect(submitted: BatchSubmitted, record_set: bytes, submitted_at: datetime) -> Inspected:
    """Verifies a submitted record set and runs the rule pack over it (stage P); raises RecordSetMismatch."""
    frame = read_parquet(record_set)
    if not is_as_announced(frame, submitted.record_set):
        raise RecordSetMismatch(submitted.record_set.object.sha256)
    report: CheckReport = check_records(frame, _context(submitted, submitted_at))
    return Inspected(
        findings=findings_parquet(report.findings),
        error_count=report.error_count,
        warn_count=report.warn_count,
        note_count=report.note_count,
        not_checked=report.not_checked,
    )


def _context(submitted: BatchSubmitted, submitted_at: datetime) -> Context:
    return Context(
        category=submitted.category,
        stage=Stage.PROVINCE,
        unit_code=submitted.unit_code,
        on=shanghai_day(submitted_at),
        layout=Layout(submitted.layout) if submitted.layout in set(Layout) else None,
        resolution_numbers=frozenset({submitted.resolution_number}),
        people=_people(submitted),
        late_filing=submitted.supplementary,
    )


def _people(submitted: BatchSubmitted) -> People | None:
    by = {act.kind: act.person for act in submitted.acts}
    if ActKind.COLLECT not in by or ActKind.CHECK not in by:
        return None
    return People(collected_by=by[ActKind.COLLECT], checked_by=by[ActKind.CHECK])
