# pyright: reportUnknownMemberType=false
"""Comparison of a round with the resolution's list of names (名单比对), Article 13(1), rules D03–D06.

The list belongs to the resolution, the round is often a part of it: what other rounds and batches under the
same resolution have sent is not missing, and persons of another degree level are not looked for here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from contracts.standard.layouts import RECORD_ID
from contracts.standard.record_set import ROW, read_parquet
from contracts.standard.roster import ROSTER_COLUMNS, RosterComparison, compare_roster, read_roster
from contracts.vocabulary import DegreeLevel, StoredObject
from services.provincial_review.domain.documents import canonical

_WANTED = (RECORD_ID, ROW, *ROSTER_COLUMNS, "SQXWBH", "ZSZYMC")


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparison as JSON, with values on both sides for the reviewer, and its counts."""

    document: bytes
    missing_count: int
    extra_count: int
    different_count: int


def roster_name(roster: StoredObject) -> str:
    """A file name that tells what kind of list it is."""
    return "roster.csv" if roster.media_type.startswith("text/") else "roster.xlsx"


def compare(
    records: pl.DataFrame, others: Sequence[bytes], roster: bytes, name: str, level: DegreeLevel
) -> Compared:
    """Compares a round with the list of names; ``others`` are record sets under the same resolution.

    Raises contracts.standard.unreadable.Unreadable when the list cannot be read.
    """
    listed = read_roster(roster, name)
    sets = [_narrow(records), *(_narrow(read_parquet(other)) for other in others)]
    found = compare_roster(pl.concat(sets, how="diagonal"), listed)
    missing = _missing(listed, found, level)
    extra = _extra(records, found)
    different = _different(records, listed, found)
    document = canonical({"missing": missing, "extra": extra, "different": different})
    return Compared(document, len(missing), len(extra), len(different))


def _narrow(records: pl.DataFrame) -> pl.DataFrame:
    return records.select([code for code in _WANTED if code in records.columns and code != ROW])


def _missing(listed: pl.DataFrame, found: RosterComparison, level: DegreeLevel) -> list[dict[str, Any]]:
    # The first digit of a degree category is its level; a list may also give texts that are no code.
    code = pl.col("XWLBM").fill_null("")
    foreign = code.str.contains(r"^[234][0-9]{2}$") & ~code.str.starts_with(level.value)
    return listed.filter(pl.col(ROW).is_in(list(found.missing)) & ~foreign).to_dicts()


def _extra(records: pl.DataFrame, found: RosterComparison) -> list[dict[str, Any]]:
    return records.filter(pl.col(RECORD_ID).is_in(list(found.extra))).select(RECORD_ID, ROW).to_dicts()


def _different(records: pl.DataFrame, listed: pl.DataFrame, found: RosterComparison) -> list[dict[str, Any]]:
    differing = {each.record_id: each for each in found.different}
    ours = _by_key(records.filter(pl.col(RECORD_ID).is_in(list(differing))), RECORD_ID)
    theirs = _by_key(listed.filter(pl.col(ROW).is_in([each.row for each in differing.values()])), ROW)
    return [
        {
            RECORD_ID: record_id,
            ROW: record[ROW],
            "list_row": differing[record_id].row,
            "fields": {
                code: {"record": _number(record, code), "list": theirs[differing[record_id].row][code]}
                for code in differing[record_id].fields
            },
        }
        for record_id, record in ours.items()
    ]


def _number(record: Mapping[str, Any], code: str) -> str | None:
    """A value of a record; the number of an application (SQXWBH) stands for a student number."""
    return record.get(code) or (record.get("SQXWBH") if code == "XH" else None)


def _by_key(frame: pl.DataFrame, key: str) -> dict[Any, dict[str, Any]]:
    return {row[key]: row for row in frame.to_dicts()}
