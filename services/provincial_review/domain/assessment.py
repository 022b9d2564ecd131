"""Assessment (初审意见): a reviewer's decision on every record of a round, Article 13(1), (2)."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from contracts.reasons import REASONS, ReasonKind, Refused
from contracts.reviews import ReturnedRecord
from contracts.standard.fields import field_codes
from contracts.vocabulary import RecordCategory
from services.provincial_review.domain.documents import returned_lines
from services.provincial_review.domain.record_sets import broken_records, rows_by_record

WHOLE_BATCH_RETURNED = "whole-batch-returned"


@dataclass(frozen=True, slots=True)
class Return:
    """What a reviewer says of one record to be returned (退回)."""

    record_id: str
    reason_code: str
    field: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnAll:
    """What a reviewer says when the whole round is to be returned."""

    reason_code: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """A decision on every record: the returned ones in the order of the file, all others are approved."""

    returned: tuple[ReturnedRecord, ...]
    approved_count: int


def assess(
    wish: Sequence[Return] | ReturnAll,
    rows: Mapping[str, int],
    category: RecordCategory,
    *,
    partial_approval: bool,
    broken: AbstractSet[str] = frozenset(),
) -> Assessed | Refused:
    """Decides on the records of a round; ``rows`` leads from each record_id to its line in the uploaded file.

    Without ``partial_approval`` one returned record returns the whole round. Refused: a record the round
    does not have or that is named twice, a reason code that is not for returns, a field the category lacks,
    and the approval of ``broken`` records, which carry an error finding (强制).
    """
    if isinstance(wish, ReturnAll):
        wish = [Return(record_id, wish.reason_code, comment=wish.comment) for record_id in rows]
    refused = _refuse_records(wish, rows) or _refuse_words(wish, category)
    if refused:
        return refused
    returned = [_returned(each, rows[each.record_id]) for each in wish]
    if returned and not partial_approval:
        returned += _the_others(returned, rows)
    approved_though_broken = broken - {each.record_id for each in returned}
    if approved_though_broken:
        first = min(approved_though_broken, key=lambda record_id: rows.get(record_id, 0))
        return Refused("record-breaks-rule", {"record_id": first, "count": len(approved_though_broken)})
    returned.sort(key=lambda each: each.row)
    return Assessed(tuple(returned), approved_count=len(rows) - len(returned))


def assess_record_set(
    wish: Sequence[Return] | ReturnAll,
    record_set: bytes,
    findings: bytes,
    category: RecordCategory,
    *,
    partial_approval: bool,
) -> tuple[Assessed, bytes] | Refused:
    """As ``assess``, on a stored record set and its findings; with the list of returned records as it is kept."""
    rows, broken = rows_by_record(record_set), broken_records(findings)
    assessed = assess(wish, rows, category, partial_approval=partial_approval, broken=broken)
    return assessed if isinstance(assessed, Refused) else (assessed, returned_lines(assessed.returned))


def _refuse_records(wish: Sequence[Return], rows: Mapping[str, int]) -> Refused | None:
    seen: set[str] = set()
    for each in wish:
        if each.record_id not in rows:
            return Refused("record-unknown", {"record_id": each.record_id})
        if each.record_id in seen:
            return Refused("record-named-twice", {"record_id": each.record_id})
        seen.add(each.record_id)
    return None


def _refuse_words(wish: Sequence[Return], category: RecordCategory) -> Refused | None:
    fields = field_codes(category)
    for each in wish:
        reason = REASONS.get(each.reason_code)
        if reason is None or reason.kind is not ReasonKind.RETURNED:
            return Refused("return-reason-unknown", {"record_id": each.record_id})
        if each.field is not None and each.field not in fields:
            return Refused("field-unknown", {"record_id": each.record_id})
    return None


def _returned(each: Return, row: int) -> ReturnedRecord:
    return ReturnedRecord(
        record_id=each.record_id,
        row=row,
        reason_code=each.reason_code,
        field=each.field,
        comment=each.comment,
    )


def _the_others(returned: Sequence[ReturnedRecord], rows: Mapping[str, int]) -> list[ReturnedRecord]:
    named = {each.record_id for each in returned}
    return [
        ReturnedRecord(record_id=record_id, row=row, reason_code=WHOLE_BATCH_RETURNED)
        for record_id, row in rows.items()
        if record_id not in named
    ]
