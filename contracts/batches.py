"""What is said of batches (批次): received, submitted, withdrawn. Articles 12, 15, 17."""

from pydantic import Field

from contracts.vocabulary import (
    Act,
    BatchId,
    Code,
    Count,
    ProvinceCode,
    Published,
    RecordCategory,
    RecordSet,
    ResolutionId,
    ResolutionNumber,
    Round,
    RulePackRef,
    StoredObject,
    UnitCode,
)


class BatchReceived(Published):
    """The originals of a batch are durable and wait to be parsed and checked by the collector's workers.

    ``attempt`` counts the uploads within a round: a draft with findings is replaced, not changed.
    """

    batch_id: BatchId
    round: Round
    attempt: int = Field(ge=1)
    unit_code: UnitCode


class BatchSubmitted(Published):
    """A unit submitted (上报) one round of a batch: records, scan and the acts of three persons."""

    batch_id: BatchId
    round: Round
    unit_code: UnitCode
    province_code: ProvinceCode
    category: RecordCategory
    layout: Code
    resolution_id: ResolutionId
    resolution_number: ResolutionNumber
    supplementary: bool = False
    record_set: RecordSet
    original: StoredObject
    scan: StoredObject
    roster: StoredObject | None = None
    manifest: StoredObject
    rule_pack: RulePackRef
    warn_count: Count = 0
    acts: tuple[Act, ...]


class BatchWithdrawn(Published):
    """A unit asks to withdraw (撤回) a round the province has not decided; the province answers."""

    batch_id: BatchId
    round: Round
    unit_code: UnitCode
    province_code: ProvinceCode
    act: Act
