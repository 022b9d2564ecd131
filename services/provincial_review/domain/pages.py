# pyright: reportUnknownMemberType=false
"""Pages of records for a reviewer: values, findings, differences from the list, and what is to be returned."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import polars as pl

from contracts.reviews import ReturnedRecord
from contracts.standard.layouts import RECORD_ID
from contracts.standard.record_set import ROW, read_parquet
from services.provincial_review.domain.documents import read_returned

_SHOWN_OF_A_FINDING = (
    "rule",
    "severity",
    "field",
    "message_zh",
    "message_en",
    "fix_zh",
    "fix_en",
    "article",
)


class Only(StrEnum):
    """Which records a page is taken from."""

    ALL = "all"
    FINDINGS = "findings"
    EXTRA = "extra"
    DIFFERENT = "different"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Differences:
    """What the comparison with the list of names says of records: not on it, or which fields differ."""

    extra: frozenset[str] = frozenset()
    different: Mapping[str, Any] = field(default_factory=dict[str, Any])


def read_differences(comparison: bytes) -> Differences:
    """What a stored comparison says of records; of ``different`` ones the values on both sides."""
    document = json.loads(comparison)
    return Differences(
        extra=frozenset(each[RECORD_ID] for each in document["extra"]),
        different={each[RECORD_ID]: each["fields"] for each in document["different"]},
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One page, how many records there are in all under its filter, and the findings that belong to no record."""

    total: int
    records: list[dict[str, Any]]
    batch_findings: list[dict[str, Any]]


def page_of(
    record_set: bytes,
    findings: bytes,
    comparison: bytes | None,
    returned: bytes,
    only: Only,
    offset: int,
    limit: int,
) -> Page:
    """One page of a record set in the order of the file, each record with all that is known of it.

    Takes what is stored: record set and findings as Parquet, the comparison as JSON, the list of returned
    records as JSON Lines.
    """
    frame, found = read_parquet(record_set), read_parquet(findings)
    differences = read_differences(comparison) if comparison else Differences()
    back = {each.record_id: each for each in read_returned(returned)}
    wanted: dict[Only, set[str]] = {
        Only.FINDINGS: set(found[RECORD_ID].drop_nulls().to_list()),
        Only.EXTRA: set(differences.extra),
        Only.DIFFERENT: set(differences.different),
        Only.RETURNED: set(back),
    }
    if only is not Only.ALL:
        frame = frame.filter(pl.col(RECORD_ID).is_in(list(wanted[only])))
    rows = frame.slice(offset, limit).to_dicts()
    by_record = _findings_by_record(found, [row[RECORD_ID] for row in rows])
    of_batch = found.filter(pl.col(RECORD_ID).is_null()).select(_SHOWN_OF_A_FINDING).to_dicts()
    return Page(frame.height, [_shown(row, by_record, differences, back) for row in rows], of_batch)


def _findings_by_record(found: pl.DataFrame, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    by_record: dict[str, list[dict[str, Any]]] = {}
    own = found.filter(pl.col(RECORD_ID).is_in(ids)).select(RECORD_ID, *_SHOWN_OF_A_FINDING)
    for finding in own.to_dicts():
        by_record.setdefault(finding.pop(RECORD_ID), []).append(finding)
    return by_record


def _shown(
    row: dict[str, Any],
    findings: Mapping[str, list[dict[str, Any]]],
    differences: Differences,
    back: Mapping[str, ReturnedRecord],
) -> dict[str, Any]:
    record_id, line = row.pop(RECORD_ID), row.pop(ROW)
    returned = back.get(record_id)
    return {
        "record_id": record_id,
        "row": line,
        "values": {code: value for code, value in row.items() if value},
        "findings": findings.get(record_id, []),
        "extra": record_id in differences.extra,
        "different": differences.different.get(record_id),
        "returned": returned and returned.model_dump(mode="json", exclude={"record_id", "row"}),
    }
