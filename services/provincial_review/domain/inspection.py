"""Inspection (审前检查): what the platform looks at before a reviewer does – digests, rules, list of names.

Takes and gives bytes; polars works in the thread it is called in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from contracts.batches import BatchSubmitted
from contracts.deadlines import shanghai_day
from contracts.standard.layouts import Layout
from contracts.standard.pack import CheckReport, Context, People, Stage, check_records, findings_parquet
from contracts.standard.record_set import read_parquet
from contracts.standard.unreadable import Unreadable
from contracts.vocabulary import ActKind, RecordSet
from services.provincial_review.domain.comparison import Compared, compare, roster_name
from services.provincial_review.domain.record_sets import is_as_announced


class RecordSetMismatch(Exception):
    """The record set is not the one the event announces: it is no Parquet, or its root, its count or its record ids differ."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the rule pack found, and the comparison or the reason code why there is none."""

    report: CheckReport
    findings: bytes
    compared: Compared | None
    no_comparison: str | None


def inspect(
    submitted: BatchSubmitted,
    submitted_at: datetime,
    record_set: bytes,
    roster: bytes | None,
    others: Sequence[bytes],
) -> Inspected:
    """Verifies a submitted record set, runs the rule pack over it (stage P), compares it with the list of names.

    ``others`` are the record sets of other rounds and batches under the same resolution. Raises
    RecordSetMismatch; a list that cannot be read holds up nothing.
    """
    frame = _verified(submitted.record_set, record_set)
    report = check_records(frame, _context(submitted, submitted_at))
    compared = _compare(submitted, frame, roster, others)
    return Inspected(
        report=report,
        findings=findings_parquet(report.findings),
        compared=compared if isinstance(compared, Compared) else None,
        no_comparison=None if isinstance(compared, Compared) else compared,
    )


def _verified(announced: RecordSet, parquet: bytes) -> pl.DataFrame:
    try:
        frame = read_parquet(parquet)
    except pl.exceptions.PolarsError:
        raise RecordSetMismatch(announced.object.sha256) from None
    if not is_as_announced(frame, announced):
        raise RecordSetMismatch(announced.object.sha256)
    return frame


def _compare(
    submitted: BatchSubmitted, frame: pl.DataFrame, roster: bytes | None, others: Sequence[bytes]
) -> Compared | str:
    if roster is None or submitted.roster is None:
        return "no-list-supplied"
    try:
        return compare(frame, others, roster, roster_name(submitted.roster), submitted.category.level)
    except Unreadable:
        return "list-unreadable"


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
