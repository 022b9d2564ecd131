"""What the national centre says: format check (形式审查) and filing (备案). Article 14."""

from pydantic import AwareDatetime, Field

from contracts.vocabulary import (
    BatchId,
    Code,
    Count,
    ProvinceCode,
    Published,
    RecordCategory,
    Round,
    RulePackRef,
    StoredObject,
    UnitCode,
)


class FormatCheckCompleted(Published):
    """The centre checked the format of what a province approved: so many passed, so many returned.

    ``returned`` lists ReturnedRecord as JSON Lines; it reaches the unit through the province (Article 14(2)).
    """

    batch_id: BatchId
    round: Round
    unit_code: UnitCode
    province_code: ProvinceCode
    category: RecordCategory
    passed_count: Count
    returned_count: Count
    returned: StoredObject | None = None
    rule_pack: RulePackRef


class BatchFiled(Published):
    """The passed records of one round are filed and archived; the receipt (回执) says so for ever."""

    batch_id: BatchId
    round: Round
    unit_code: UnitCode
    province_code: ProvinceCode
    category: RecordCategory
    filing_number: Code = Field(max_length=40)
    filed_count: Count
    filed_at: AwareDatetime
    receipt: StoredObject
    archive: StoredObject
