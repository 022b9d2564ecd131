"""Who must act next, and by when."""

from datetime import UTC, date, datetime

import pytest

from contracts.deadlines import DeadlineId
from services.collector.domain.next_step import next_step
from services.collector.domain.rounds import RoundFacts
from services.collector.domain.states import BatchState, Phase

EFFECTIVE_ON = date(2026, 6, 10)
NOON = datetime(2026, 6, 20, 4, tzinfo=UTC)


def decided(number=1, **facts):
    return RoundFacts(number, Phase.DECIDED, record_count=10, submitted_at=NOON, reviewed_at=NOON, **facts)


@pytest.mark.parametrize(
    ("state", "who"),
    [
        (BatchState.RECEIVED, "platform"),
        (BatchState.DRAFT, "collector"),
        (BatchState.COLLECTED, "checker"),
        (BatchState.CHECKED, "submitter"),
        (BatchState.WITHDRAWN, "collector"),
    ],
)
def test_before_submission_the_unit_has_thirty_days_of_the_resolution(state, who):
    step = next_step(state, [RoundFacts(1, Phase.DRAFT)], EFFECTIVE_ON)
    assert step is not None
    assert step.who == who
    if who != "platform":
        assert step.due is not None
        assert (step.due.deadline, step.due.last_day) == (DeadlineId.T01, date(2026, 7, 10))


@pytest.mark.parametrize("state", [BatchState.SUBMITTED, BatchState.WITHDRAWAL_REQUESTED])
def test_the_province_has_thirty_days_from_submission(state):
    step = next_step(state, [RoundFacts(1, Phase.SUBMITTED, submitted_at=NOON)], EFFECTIVE_ON)
    assert step is not None
    assert step.who == "province"
    assert step.due is not None
    assert (step.due.deadline, step.due.last_day) == (DeadlineId.T03, date(2026, 7, 20))


def test_what_the_province_returned_is_due_in_ten_days():
    step = next_step(BatchState.RETURNED, [decided(returned_count=10, approved_count=0)], EFFECTIVE_ON)
    assert step is not None
    assert step.who == "collector"
    assert step.due is not None
    assert (step.due.deadline, step.due.last_day) == (DeadlineId.T04, date(2026, 6, 30))


def test_what_the_centre_returned_is_due_in_fifteen_days():
    facts = decided(
        approved_count=10, returned_count=0, passed_count=9, format_returned_count=1, format_checked_at=NOON
    )
    step = next_step(BatchState.RETURNED, [facts], EFFECTIVE_ON)
    assert step is not None
    assert step.due is not None
    assert (step.due.deadline, step.due.last_day) == (DeadlineId.T08, date(2026, 7, 5))


def test_the_centre_has_fifteen_days_for_what_was_approved():
    step = next_step(BatchState.APPROVED, [decided(approved_count=10, returned_count=0)], EFFECTIVE_ON)
    assert step is not None
    assert step.who == "national_centre"
    assert step.due is not None
    assert step.due.deadline is DeadlineId.T07


def test_a_return_after_the_correction_starts_its_own_limit():
    first = decided(approved_count=5, returned_count=5)
    later = NOON.replace(day=28)
    second = RoundFacts(
        2,
        Phase.DECIDED,
        record_count=5,
        replaced_count=5,
        submitted_at=NOON.replace(day=22),
        approved_count=4,
        returned_count=1,
        reviewed_at=later,
    )
    step = next_step(BatchState.PARTLY_APPROVED, [first, second], EFFECTIVE_ON)
    assert step is not None
    assert step.due is not None
    assert step.due.last_day == date(2026, 7, 8)


def test_nothing_is_next_when_all_is_filed():
    assert next_step(BatchState.FILED, [decided(approved_count=10, returned_count=0)], EFFECTIVE_ON) is None
