"""Format check (形式审查): which approved records pass and which are returned. Article 14(2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from contracts.reviews import ReturnedRecord

NUMBER_TAKEN = "certificate-number-taken"
RULE_BROKEN = "rule-broken"
UNIQUE_IN_REGISTRY = "M02"


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that breaks a rule of stage N, in one field."""

    record_id: str
    rule: str
    field: str | None


@dataclass(frozen=True, slots=True)
class FormatCheck:
    """The outcome: identifiers of the records that pass, and the returned ones with rule and reason."""

    passed: tuple[str, ...]
    returned: tuple[ReturnedRecord, ...]


def decide_format_check(
    rows: Mapping[str, int], broken: Sequence[Broken], broken_whole: str | None, taken: Iterable[str]
) -> FormatCheck:
    """Decides record by record: a record is the unit of decision (第十三条(二)的读法,适用于形式审查).

    ``rows`` maps every approved record to its line; ``broken_whole`` is a rule the whole set breaks, then
    every record is returned for it; ``taken`` are records whose certificate number the registry has already.
    A record is returned once, for the first rule it breaks.
    """
    reasons: dict[str, ReturnedRecord] = {}
    for each in broken:
        reasons.setdefault(
            each.record_id,
            _returned(each.record_id, rows[each.record_id], RULE_BROKEN, each.rule, each.field),
        )
    for record_id in taken:
        reasons.setdefault(
            record_id, _returned(record_id, rows[record_id], NUMBER_TAKEN, UNIQUE_IN_REGISTRY, "XWZSBH")
        )
    if broken_whole is not None:
        for record_id, row in rows.items():
            reasons.setdefault(record_id, _returned(record_id, row, RULE_BROKEN, broken_whole, None))
    return FormatCheck(
        passed=tuple(record_id for record_id in rows if record_id not in reasons),
        returned=tuple(sorted(reasons.values(), key=lambda each: each.row)),
    )


def _returned(record_id: str, row: int, reason_code: str, rule: str, field: str | None) -> ReturnedRecord:
    return ReturnedRecord(record_id=record_id, row=row, reason_code=reason_code, rule=rule, field=field)
