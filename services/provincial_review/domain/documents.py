"""The documents a review leaves in object storage: assessment, list of returned records, signed opinion.

All are canonical JSON (RFC 8785), so that a digest depends on what is said and on nothing else. Prose and
comments live only here, never on Kafka.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contracts.reviews import ReturnedRecord
from contracts.vocabulary import Act, ActKind, Office, RecordSet, StoredObject
from services.provincial_review.domain.review import Assessment, Review

JSON, JSON_LINES, PARQUET = "application/json", "application/jsonl", "application/vnd.apache.parquet"


def returned_lines(returned: Iterable[ReturnedRecord]) -> bytes:
    """The list of returned records (退回清单), one ReturnedRecord a line."""
    return b"".join(canonical(each.model_dump(mode="json", exclude_none=True)) + b"\n" for each in returned)


def read_returned(lines: bytes) -> tuple[ReturnedRecord, ...]:
    """The returned records of a list written by ``returned_lines``."""
    return tuple(ReturnedRecord.model_validate_json(line) for line in lines.splitlines())


def assessment_document(review: Review, approved_count: int, returned: StoredObject | None) -> bytes:
    """What a reviewer confirms (初审意见): which record set, how many approved, which list returned."""
    return canonical(
        {
            **_subject(review),
            "record_set": review.submitted.record_set.model_dump(mode="json"),
            "approved_count": approved_count,
            "returned_count": review.submitted.record_set.record_count - approved_count,
            "returned": returned and returned.model_dump(mode="json"),
        }
    )


def opinion_statement(
    review: Review, assessment: Assessment, approved: RecordSet | None, text: str
) -> dict[str, object]:
    """What an approver signs (审核意见): the approver's words, the assessment, what goes on and what goes back."""
    return {
        **_subject(review),
        "decision": "sign",
        "text": text,
        "assessment": assessment.stored.sha256,
        "submitted": review.submitted.record_set.model_dump(mode="json"),
        "approved": approved and approved.model_dump(mode="json"),
        "returned": assessment.returned and assessment.returned.model_dump(mode="json"),
        "approved_count": assessment.approved_count,
        "returned_count": assessment.returned_count,
    }


def opinion_document(statement: dict[str, object], digest: str, acts: Sequence[Act]) -> bytes:
    """The signed opinion: the statement, its digest and all acts that led to it."""
    return canonical(
        {
            "statement": statement,
            "digest": digest,
            "acts": [act.model_dump(mode="json", exclude_none=True) for act in acts],
        }
    )


def act_of(kind: ActKind, person: str, office: Office, role: str, at: datetime, digest: str) -> Act:
    """An act (第十五条) of a person of the province."""
    instant = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Act(kind=kind, person=person, office=str(office), role=role, at=instant, digest=digest)


def canonical(value: object) -> bytes:
    """Canonical JSON of names in ASCII, text and whole numbers."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of a value."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _subject(review: Review) -> dict[str, object]:
    submitted = review.submitted
    return {
        "batch_id": submitted.batch_id,
        "round": submitted.round,
        "unit_code": submitted.unit_code,
        "province_code": submitted.province_code,
        "category": submitted.category.value,
        "resolution_number": submitted.resolution_number,
        "manifest": submitted.manifest.sha256,
    }
