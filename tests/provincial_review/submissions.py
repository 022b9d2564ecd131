"""Submissions for tests: real record sets of made-up people in real object storage, and the events about them."""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

import polars as pl

from cli.sample.records import make_records
from contracts.batches import BatchSubmitted, BatchWithdrawn
from contracts.resolutions import ResolutionRegistered
from contracts.standard.record_set import assign_record_ids, merkle_root, record_hashes, write_parquet
from contracts.vocabulary import Act, ActKind, RecordSet, RulePackRef, StoredObject
from services.kit.objects import ObjectStore

BATCH = "b7a253197b03b4d6a845ba54176611b4"
RESOLUTION = "856df1c3dbff369a6d1090238ea3df9a"
TRACE = "00-1846060850cd5ba4dd7260cb0d07d487-2d81bb51f2735d42-01"
TABLES = (
    "reviews",
    "assessments",
    "withdrawals",
    "resolutions",
    "format_checks",
    "filings",
    "notices",
    "inbox",
)
PDF = b"%PDF-1.7\n% a scan of a resolution\n"


def act(kind: ActKind, person: str, office: str = "unit:10284", role: str = "collector") -> Act:
    """An act of a person of the unit."""
    return Act(kind=kind, person=person, office=office, role=role, at="2026-06-15T03:00:00Z", digest="0" * 64)


UNIT_ACTS = (
    act(ActKind.COLLECT, "u-1"),
    act(ActKind.CHECK, "u-2", role="checker"),
    act(ActKind.SUBMIT, "u-3", role="submitter"),
)


def records(count: int = 5, *, batch_id: str = BATCH, round_: int = 1, **make: Any) -> pl.DataFrame:
    """Records with row and record_id, as the collector leaves them."""
    frame = make_records(
        make.pop("category", "X1"),
        make.pop("unit_code", "10284"),
        count,
        seed=7,
        award_on=date(2026, 6, 1),
        resolution_number="学位〔2026〕12号",
        **make,
    )
    return assign_record_ids(frame.with_row_index("row", offset=2), batch_id, round_)


def announced(frame: pl.DataFrame, stored: StoredObject) -> RecordSet:
    """What an event says of a record set."""
    return RecordSet(
        object=stored, record_count=frame.height, merkle_root=merkle_root(record_hashes(frame)).hex()
    )


def nowhere(name: str, media_type: str = "application/json") -> StoredObject:
    """A reference to an object that nobody reads in a test."""
    return StoredObject(sha256=sha256(name.encode()).hexdigest(), size_bytes=1, media_type=media_type)


@dataclass(frozen=True)
class Submission:
    """A submitted round: its records and the event."""

    frame: pl.DataFrame
    event: BatchSubmitted

    @property
    def record_ids(self) -> list[str]:
        return self.frame["record_id"].to_list()

    def but(self, **changes: Any) -> "Submission":
        """The same with other fields in the event."""
        return replace(self, event=self.event.model_copy(update=changes))


async def submission(
    objects: ObjectStore, count: int = 5, *, batch_id: str = BATCH, round_: int = 1, **changes: Any
) -> Submission:
    """A round of a unit in Jiangsu (32) whose objects are stored."""
    frame = changes.pop("frame", None)
    if frame is None:
        frame = records(count, batch_id=batch_id, round_=round_)
    stored = await objects.put(write_parquet(frame), "application/vnd.apache.parquet")
    fields: dict[str, Any] = {
        "batch_id": batch_id,
        "round": round_,
        "unit_code": "10284",
        "province_code": "32",
        "category": "X1",
        "layout": "category_list",
        "resolution_id": RESOLUTION,
        "resolution_number": "学位〔2026〕12号",
        "record_set": announced(frame, stored),
        "original": nowhere("original", "text/csv"),
        "scan": await objects.put(PDF, "application/pdf"),
        "manifest": nowhere("manifest"),
        "rule_pack": RulePackRef(version="2026.1", sha256="1" * 64),
        "acts": UNIT_ACTS,
    }
    return Submission(frame, BatchSubmitted(**{**fields, **changes}))


def resolution(**changes: Any) -> ResolutionRegistered:
    """The resolution the submissions are made under."""
    fields: dict[str, Any] = {
        "resolution_id": RESOLUTION,
        "unit_code": "10284",
        "province_code": "32",
        "number": "学位〔2026〕12号",
        "effective_on": date(2026, 6, 10),
        "headcount": 5,
        "levels": ("4",),
        "scan": nowhere("scan", "application/pdf"),
        "page_count": 3,
    }
    return ResolutionRegistered(**{**fields, **changes})


def withdrawal(round_: int = 1, **changes: Any) -> BatchWithdrawn:
    """The unit asks to withdraw a round."""
    fields: dict[str, Any] = {
        "batch_id": BATCH,
        "round": round_,
        "unit_code": "10284",
        "province_code": "32",
        "act": act(ActKind.WITHDRAW, "u-3", role="submitter"),
    }
    return BatchWithdrawn(**{**fields, **changes})
