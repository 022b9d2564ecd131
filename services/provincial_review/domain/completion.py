"""What a province says when a review ends (审核完成): it decided, or it let the unit withdraw."""

from collections.abc import Sequence

from contracts.batches import BatchSubmitted
from contracts.reviews import ReviewCompleted, ReviewOutcome
from contracts.vocabulary import Act, RecordSet, StoredObject
from services.provincial_review.domain.review import Assessment

_SAME_FIELDS = {
    "batch_id",
    "round",
    "unit_code",
    "province_code",
    "category",
    "resolution_id",
    "resolution_number",
    "layout",
    "original",
    "scan",
    "manifest",
    "rule_pack",
}


def decided(
    submitted: BatchSubmitted,
    assessment: Assessment,
    approved: RecordSet | None,
    opinion: StoredObject,
    acts: Sequence[Act],
) -> ReviewCompleted:
    """A signed decision on every record of the round."""
    return ReviewCompleted(
        **submitted.model_dump(include=_SAME_FIELDS),
        outcome=ReviewOutcome.DECIDED,
        approved_count=assessment.approved_count,
        approved=approved,
        returned_count=assessment.returned_count,
        returned=assessment.returned,
        opinion=opinion,
        acts=(*submitted.acts, *acts),
    )


def withdrawn(submitted: BatchSubmitted, act: Act) -> ReviewCompleted:
    """The unit's request to withdraw (撤回) came before the decision: nothing is approved or returned."""
    return ReviewCompleted(
        **submitted.model_dump(include=_SAME_FIELDS),
        outcome=ReviewOutcome.WITHDRAWN,
        approved_count=0,
        returned_count=0,
        acts=(*submitted.acts, act),
    )
