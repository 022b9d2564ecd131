"""How reviews are shown: JSON with codes, both languages where a person reads, instants in RFC 3339."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.deadlines import DueDate
from contracts.reasons import REASONS
from contracts.standard.tables import institution
from services.kit import telemetry
from services.provincial_review.domain.due import colour_of
from services.provincial_review.domain.review import Assessment, Review
from services.provincial_review.store.surroundings import (
    KeptFiling,
    KeptFormatCheck,
    KeptNotice,
    KeptResolution,
    KeptWithdrawal,
)

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that is shown beside a review."""

    resolution: KeptResolution | None
    assessments: Sequence[Assessment]
    withdrawal: KeptWithdrawal | None
    format_check: KeptFormatCheck | None
    filings: Sequence[KeptFiling]
    notices: Sequence[KeptNotice]


def due_view(due: DueDate, now: datetime) -> View:
    """A due date as all services show it."""
    return {
        "deadline": due.deadline,
        "article": due.article,
        "at": due.at,
        "last_day": due.last_day,
        "days_left": due.days_left(now),
        "why": due.why(),
    }


def summary_view(review: Review, now: datetime, near_days: int) -> View:
    """A review as one line of the queue."""
    submitted, due = review.submitted, review.due
    unit = institution(submitted.unit_code)
    return {
        "batch_id": review.batch_id,
        "round": review.round,
        "version": review.version,
        "acceptance_number": telemetry.trace_id_of(review.traceparent),
        "unit_code": submitted.unit_code,
        "unit_name": unit.name_zh if unit else None,
        "province_code": submitted.province_code,
        "category": submitted.category,
        "category_zh": submitted.category.name_zh,
        "resolution_number": submitted.resolution_number,
        "record_count": submitted.record_set.record_count,
        "warn_count": submitted.warn_count,
        "supplementary": submitted.supplementary,
        "state": review.state,
        "state_zh": review.state.name_zh,
        "submitted_at": review.submitted_at,
        "due": due_view(due, now),
        "colour": colour_of(due, now, near_days, review.completed_at),
        "findings": {
            "errors": review.findings.error_count,
            "warnings": review.findings.warn_count,
            "notes": review.findings.note_count,
            "not_checked": review.findings.not_checked,
        },
        "comparison": _comparison_view(review),
        "counts": _counts_view(review),
        "completed_at": review.completed_at,
    }


def detail_view(review: Review, around: Surroundings, now: datetime, near_days: int) -> View:
    """A review with everything around it."""
    submitted, resolution = review.submitted, around.resolution
    current = next((each for each in around.assessments if each.number == review.assessment_number), None)
    return {
        **summary_view(review, now, near_days),
        "resolution": resolution
        and {
            "number": resolution.number,
            "effective_on": resolution.effective_on,
            "headcount": resolution.headcount,
            "page_count": resolution.page_count,
        },
        "scan": submitted.scan.model_dump(mode="json"),
        "manifest": submitted.manifest.model_dump(mode="json"),
        "record_set": submitted.record_set.model_dump(mode="json"),
        "rule_pack": submitted.rule_pack.model_dump(mode="json"),
        "no_comparison": reason_view(review.no_comparison) if review.no_comparison else None,
        "assessed_by": current and current.person,
        "assessment": current and _assessment_view(current),
        "assessments": [_assessment_view(each) for each in around.assessments],
        "approved_by": review.approved_by,
        "outcome": review.completed and review.completed.outcome,
        "withdrawal_asked_at": around.withdrawal and around.withdrawal.asked_at,
        "format_check": around.format_check and _format_check_view(around.format_check),
        "filings": [
            {"filing_number": each.filing_number, "filed_count": each.filed_count, "filed_at": each.filed_at}
            for each in around.filings
        ],
        "notices": [_notice_view(each) for each in around.notices],
        "acts": [act.model_dump(mode="json") for act in _acts(review)],
    }


def reason_view(code: str) -> View:
    """A reason code with its texts."""
    found = REASONS[code]
    return {
        "reason_code": code,
        "text_zh": found.text_zh,
        "text_en": found.text_en,
        "fix_zh": found.fix_zh,
        "fix_en": found.fix_en,
    }


def _comparison_view(review: Review) -> View | None:
    comparison = review.comparison
    return comparison and {
        "missing": comparison.missing_count,
        "extra": comparison.extra_count,
        "different": comparison.different_count,
    }


def _counts_view(review: Review) -> View:
    completed = review.completed
    return {
        "records": review.submitted.record_set.record_count,
        "approved": completed.approved_count if completed else None,
        "returned": completed.returned_count if completed else None,
    }


def _assessment_view(assessment: Assessment) -> View:
    return {
        "number": assessment.number,
        "person": assessment.person,
        "assessed_at": assessment.assessed_at,
        "approved": assessment.approved_count,
        "returned": assessment.returned_count,
        "sent_back_by": assessment.sent_back_by,
        "sent_back_at": assessment.sent_back_at,
    }


def _format_check_view(check: KeptFormatCheck) -> View:
    return {
        "passed": check.passed_count,
        "returned": check.returned_count,
        "checked_at": check.checked_at,
    }


def _notice_view(notice: KeptNotice) -> View:
    return {
        "recipient_office": notice.recipient_office,
        "step": notice.step,
        "channel": notice.channel,
        "told_at": notice.told_at,
        "delivered": notice.delivered,
        "reason_code": notice.reason_code,
    }


def _acts(review: Review) -> Sequence[Any]:
    return review.completed.acts if review.completed else review.submitted.acts
