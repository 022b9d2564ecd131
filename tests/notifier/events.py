"""Events as the notifier hears them, about a made-up unit's batch."""

import hashlib
from datetime import date
from typing import Any

from contracts.batches import BatchSubmitted, BatchWithdrawn
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.resolutions import ResolutionRegistered
from contracts.reviews import ReviewCompleted, ReviewOutcome
from contracts.vocabulary import (
    Act,
    ActKind,
    DegreeLevel,
    RecordCategory,
    RecordSet,
    RulePackRef,
    StoredObject,
)
from tests.harness import NOON

BATCH, RESOLUTION = "b" * 32, "d" * 32
UNIT, PROVINCE = "10284", "32"
PACK = RulePackRef(version="2026.1", sha256="0" * 64)


def stored(text: str) -> StoredObject:
    return StoredObject(
        sha256=hashlib.sha256(text.encode()).hexdigest(), size_bytes=9, media_type="text/plain"
    )


def act(kind: ActKind) -> Act:
    return Act(
        kind=kind, person="p-1", office="unit:10284", role="submitter", at=NOON.isoformat(), digest="1" * 64
    )


def resolution(**changes: Any) -> ResolutionRegistered:
    values: dict[str, Any] = {
        "resolution_id": RESOLUTION,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "number": "校学位〔2026〕5号",
        "effective_on": date(2026, 6, 15),
        "headcount": 50,
        "levels": (DegreeLevel.BACHELOR,),
        "scan": stored("scan"),
        "page_count": 3,
    }
    return ResolutionRegistered(**{**values, **changes})


def submitted(count: int = 50, **changes: Any) -> BatchSubmitted:
    values: dict[str, Any] = {
        "batch_id": BATCH,
        "round": 1,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "category": RecordCategory.X1,
        "layout": "category_list",
        "resolution_id": RESOLUTION,
        "resolution_number": "校学位〔2026〕5号",
        "record_set": RecordSet(object=stored("records"), record_count=count, merkle_root="2" * 64),
        "original": stored("original"),
        "scan": stored("scan"),
        "manifest": stored("manifest"),
        "rule_pack": PACK,
        "acts": (act(ActKind.SUBMIT),),
    }
    return BatchSubmitted(**{**values, **changes})


def withdrawn(**changes: Any) -> BatchWithdrawn:
    values: dict[str, Any] = {"batch_id": BATCH, "round": 1, "unit_code": UNIT, "province_code": PROVINCE}
    return BatchWithdrawn(**{**values, "act": act(ActKind.WITHDRAW), **changes})


def reviewed(approved: int, returned: int, **changes: Any) -> ReviewCompleted:
    values: dict[str, Any] = {
        "batch_id": BATCH,
        "round": 1,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "category": RecordCategory.X1,
        "resolution_id": RESOLUTION,
        "resolution_number": "校学位〔2026〕5号",
        "layout": "category_list",
        "outcome": ReviewOutcome.DECIDED,
        "approved_count": approved,
        "approved": RecordSet(object=stored("approved"), record_count=approved, merkle_root="3" * 64)
        if approved
        else None,
        "returned_count": returned,
        "returned": stored("returned") if returned else None,
        "original": stored("original"),
        "scan": stored("scan"),
        "manifest": stored("manifest"),
        "rule_pack": PACK,
        "acts": (act(ActKind.APPROVE),),
    }
    return ReviewCompleted(**{**values, **changes})


def format_checked(passed: int, returned: int, **changes: Any) -> FormatCheckCompleted:
    values: dict[str, Any] = {
        "batch_id": BATCH,
        "round": 1,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "category": RecordCategory.X1,
        "passed_count": passed,
        "returned_count": returned,
        "returned": stored("returned") if returned else None,
        "rule_pack": PACK,
    }
    return FormatCheckCompleted(**{**values, **changes})


def filed(count: int = 50, **changes: Any) -> BatchFiled:
    values: dict[str, Any] = {
        "batch_id": BATCH,
        "round": 1,
        "unit_code": UNIT,
        "province_code": PROVINCE,
        "category": RecordCategory.X1,
        "filing_number": "BA2026-32-000001",
        "filed_count": count,
        "filed_at": NOON,
        "receipt": stored("receipt"),
        "archive": stored("archive"),
    }
    return BatchFiled(**{**values, **changes})
