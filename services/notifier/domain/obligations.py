"""Obligations (待办义务): what an event makes somebody owe, and what it shows to be done.

One table of rules, as pure functions of the event; PROCESS §11 and RULES §6 are the source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.batches import BatchSubmitted
from contracts.deadlines import DeadlineId
from contracts.filings import BatchFiled, FormatCheckCompleted
from contracts.resolutions import ResolutionRegistered
from contracts.reviews import ReviewCompleted, ReviewOutcome
from contracts.vocabulary import Office, OfficeKind

T = DeadlineId
CENTRE = Office(OfficeKind.NATIONAL_CENTRE)
FIRST_ROUND = 1
NO_ROUND = 0
RESUBMITTED = "resubmitted"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Owed:
    """Something an office owes from now on: ``record_count`` says how much it is about."""

    deadline: DeadlineId
    about: str
    round: int
    office: Office
    record_count: int


@dataclass(frozen=True, slots=True)
class Done:
    """Something is done and need not be chased, even if it becomes known as owed only later."""

    deadline: DeadlineId
    about: str
    round: int
    office: Office


@dataclass(frozen=True, slots=True)
class OwedRecords:
    """Records a unit must correct: how the count changes, by which cause, in which round."""

    cause: str
    change: int
    round: int


@dataclass(frozen=True, slots=True)
class Change:
    """What one event changes."""

    owed: tuple[Owed, ...] = ()
    done: tuple[Done, ...] = ()
    owed_records: OwedRecords | None = None


def of_resolution(event: ResolutionRegistered) -> Change:
    """A registered resolution makes the unit owe scan and records within 30 days (T01, Article 12(4))."""
    unit = Office.unit(event.unit_code)
    return Change(owed=(Owed(T.T01, event.resolution_id, NO_ROUND, unit, event.headcount),))


def of_submission(event: BatchSubmitted) -> Change:
    """A submitted round makes the province owe its review (T03) and counts as correction of what was returned."""
    count = event.record_set.record_count
    province = Office.province(event.province_code)
    correction = OwedRecords(RESUBMITTED, -count, event.round) if event.round > FIRST_ROUND else None
    return Change(owed=(Owed(T.T03, event.batch_id, event.round, province, count),), owed_records=correction)


def of_review(event: ReviewCompleted) -> Change:
    """A completed review ends T03; returned records make the unit owe (T04), approved ones the centre (T07).

    A withdrawn round is owed again as a whole: whoever withdraws must correct and submit (第十七条).
    """
    key = (event.batch_id, event.round)
    done = (Done(T.T03, *key, Office.province(event.province_code)),)
    unit = Office.unit(event.unit_code)
    if event.outcome is ReviewOutcome.WITHDRAWN:
        return Change((Owed(T.T04, *key, unit, 0),), done, OwedRecords(WITHDRAWN, 0, event.round))
    owed: list[Owed] = []
    if event.returned_count:
        owed.append(Owed(T.T04, *key, unit, event.returned_count))
    if event.approved_count:
        owed.append(Owed(T.T07, *key, CENTRE, event.approved_count))
    return Change(tuple(owed), done, _returned("returned by the province", event.returned_count, event.round))


def of_format_check(event: FormatCheckCompleted) -> Change:
    """A format check ends T07; returned records make the unit owe (T08), passed ones the centre (T09)."""
    key = (event.batch_id, event.round)
    owed: list[Owed] = []
    if event.returned_count:
        owed.append(Owed(T.T08, *key, Office.unit(event.unit_code), event.returned_count))
    if event.passed_count:
        owed.append(Owed(T.T09, *key, CENTRE, event.passed_count))
    returned = _returned("returned by the centre", event.returned_count, event.round)
    return Change(tuple(owed), (Done(T.T07, *key, CENTRE),), returned)


def of_filing(event: BatchFiled) -> Change:
    """A filing ends T09."""
    return Change(done=(Done(T.T09, event.batch_id, event.round, CENTRE),))


def _returned(cause: str, count: int, round_: int) -> OwedRecords | None:
    return OwedRecords(cause, count, round_) if count else None


def corrected_before(changes: Iterable[OwedRecords]) -> int | None:
    """The round before which everything a unit owed of a batch is corrected; None while records are owed.

    The changes count in whatever order they were heard. A withdrawn round corrects nothing, and the round
    that stands first after withdrawn ones is a first submission, no correction of returned records.
    """
    known = tuple(changes)
    withdrawn = {each.round for each in known if each.cause == WITHDRAWN}
    standing_first = FIRST_ROUND
    while standing_first in withdrawn:
        standing_first += 1
    standing = [each for each in known if each.round not in withdrawn]
    resubmitted = [each.round for each in standing if each.cause == RESUBMITTED]
    owed = sum(each.change for each in standing if each.change > 0 or each.round > standing_first)
    return max(resubmitted) if resubmitted and owed <= 0 else None


def superior_of(office: Office, province_code: str) -> Office:
    """Whom an office answers to (第四条 三级管理): unit → province → national office."""
    if office.kind is OfficeKind.UNIT:
        return Office.province(province_code)
    return Office(OfficeKind.NATIONAL_OFFICE)


WHAT_TO_DO: Mapping[DeadlineId, tuple[str, str]] = {
    T.T01: (
        "请上报该决议的扫描件和全部学位授予信息。",
        "Please submit the scan of this resolution and all its records.",
    ),
    T.T03: ("请完成本轮审核并反馈。", "Please finish the review of this round and give feedback."),
    T.T04: (
        "请核对退回原因,更正后重新上报,或申请撤回。",
        "Please look at the reasons of return, correct the records and submit them again.",
    ),
    T.T07: ("请完成形式审查并反馈。", "Please finish the format check and give feedback."),
    T.T08: (
        "请按形式审查结果更正、补充或清理后重新上报。",
        "Please correct, complete or clean the records as the format check says and submit them again.",
    ),
    T.T09: ("请完成备案存储和备份。", "Please file, store and back up."),
}
