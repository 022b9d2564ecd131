"""What a province says of a round it reviewed (省级审核): Article 13."""

from enum import StrEnum

from pydantic import Field

from contracts.vocabulary import (
    Act,
    BatchId,
    Code,
    Count,
    ProvinceCode,
    Published,
    RecordCategory,
    RecordId,
    RecordSet,
    ResolutionId,
    ResolutionNumber,
    Round,
    RulePackRef,
    StoredObject,
    UnitCode,
)


class ReviewOutcome(StrEnum):
    """How a review ended: the province decided, or it let the unit withdraw."""

    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class ReturnedRecord(Published):
    """One returned record (退回): a line of the JSON Lines object that ``returned`` refers to.

    Kept in object storage, never on Kafka: the comment may speak of a person.
    """

    record_id: RecordId
    row: int
    reason_code: Code
    rule: Code | None = None
    field: str | None = None
    comment: str | None = Field(default=None, max_length=1000)


class ReviewCompleted(Published):
    """A province completed its review of one round: so many approved, so many returned.

    ``approved`` is the record set that goes on to the national centre (none when nothing was approved),
    ``returned`` the list of ReturnedRecord as JSON Lines, ``opinion`` the signed opinion.
    """

    batch_id: BatchId
    round: Round
    unit_code: UnitCode
    province_code: ProvinceCode
    category: RecordCategory
    resolution_id: ResolutionId
    resolution_number: ResolutionNumber
    layout: Code
    outcome: ReviewOutcome
    approved_count: Count
    approved: RecordSet | None = None
    returned_count: Count
    returned: StoredObject | None = None
    opinion: StoredObject | None = None
    original: StoredObject
    scan: StoredObject
    manifest: StoredObject
    rule_pack: RulePackRef
    acts: tuple[Act, ...]
