"""Reviews a province completed, with real record sets in object storage: what the centre hears."""

import hashlib
from datetime import date
from typing import Any

import polars as pl

from cli.sample.records import make_records
from contracts.reviews import ReviewCompleted, ReviewOutcome
from contracts.standard.record_set import assign_record_ids, merkle_root, record_hashes, write_parquet
from contracts.vocabulary import (
    Act,
    ActKind,
    RecordCategory,
    RecordSet,
    RulePackRef,
    StoredObject,
    new_id,
)
from services.kit.objects import ObjectStore

UNIT, PROVINCE, NUMBER = "10284", "32", "校学位〔2026〕5号"
PACK = RulePackRef(version="2026.1", sha256="0" * 64)


def records(count: int = 20, *, seed: int = 1, first_serial: int = 1) -> pl.DataFrame:
    """Valid bachelor records with the lines of a file."""
    frame = make_records(
        "X1",
        UNIT,
        count,
        seed=seed,
        award_on=date(2026, 6, 1),
        resolution_number=NUMBER,
        first_serial=first_serial,
    )
    return frame.with_row_index("row", offset=2).with_columns(pl.col("row").cast(pl.Int64))


async def approved(
    objects: ObjectStore, frame: pl.DataFrame, *, batch_id: str | None = None, round_: int = 1, **changes: Any
) -> ReviewCompleted:
    """The event of a province that approved all of ``frame``."""
    batch_id = batch_id or new_id()
    frame = assign_record_ids(frame, batch_id, round_)
    data = write_parquet(frame)
    evidence = [
        await objects.put(text.encode() + batch_id.encode(), "text/plain") for text in ("o", "s", "m")
    ]
    values: dict[str, Any] = {
        "batch_id": batch_id,
        "round": round_,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "category": RecordCategory.X1,
        "resolution_id": new_id(),
        "resolution_number": NUMBER,
        "layout": "category_list",
        "outcome": ReviewOutcome.DECIDED,
        "approved_count": frame.height,
        "approved": RecordSet(
            object=await objects.put(data, "application/vnd.apache.parquet"),
            record_count=frame.height,
            merkle_root=merkle_root(record_hashes(frame)).hex(),
        ),
        "returned_count": 0,
        "original": evidence[0],
        "scan": evidence[1],
        "manifest": evidence[2],
        "rule_pack": PACK,
        "acts": (act(ActKind.APPROVE),),
        **changes,
    }
    return ReviewCompleted(**values)


def act(kind: ActKind) -> Act:
    """An act of a made-up person of the province."""
    digest = hashlib.sha256(kind.encode()).hexdigest()
    return Act(
        kind=kind,
        person="p-32-approver",
        office="province:32",
        role="approver",
        at="2026-06-14T08:00:00Z",
        digest=digest,
    )


def nowhere() -> StoredObject:
    """A reference to an object nobody stored."""
    return StoredObject(
        sha256=hashlib.sha256(new_id().encode()).hexdigest(), size_bytes=1, media_type="text/csv"
    )
