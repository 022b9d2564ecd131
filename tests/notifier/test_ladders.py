"""Who is told when: the ladders, day by day."""

from datetime import date, timedelta

import pytest

from contracts.deadlines import DEADLINES, DeadlineId, due_date
from services.notifier.domain.ladders import LADDERS, Recipient, StepKind, steps_due

T = DeadlineId
FIRST = date(2026, 6, 15)


def told_over_time(deadline: DeadlineId, days: int) -> dict[int, list[str]]:
    """What is told on which day after the event, when somebody looks every day."""
    due = due_date(deadline, FIRST)
    assert due is not None
    told: set[str] = set()
    calendar: dict[int, list[str]] = {}
    for day in range(days):
        steps = steps_due(LADDERS[deadline], FIRST, due.last_day, FIRST + timedelta(days=day), told)
        if steps:
            calendar[day] = [f"{step.name} {step.recipient}" for step in steps]
            told |= {step.name for step in steps}
    return calendar


def test_a_resolution_without_submission_is_chased_on_days_15_25_29_30_and_31() -> None:
    assert told_over_time(T.T01, 60) == {
        15: ["due_soon-15 ower"],
        25: ["due_soon-5 ower"],
        29: ["due_soon-1 ower"],
        30: ["due ower"],
        31: ["overdue ower", "escalated superior"],
    }


def test_a_review_is_chased_on_days_20_27_30_and_31() -> None:
    assert told_over_time(T.T03, 60) == {
        20: ["due_soon-10 ower"],
        27: ["due_soon-3 ower"],
        30: ["due ower"],
        31: ["overdue ower", "escalated superior"],
    }


def test_a_returned_batch_is_told_at_once_and_chased_after_seven_days() -> None:
    assert told_over_time(T.T04, 60) == {
        0: ["returned ower"],
        7: ["due_soon-3 ower"],
        10: ["due ower"],
        11: ["overdue ower"],
        14: ["escalated superior"],
    }


@pytest.mark.parametrize("deadline", LADDERS)
def test_no_ladder_tells_anything_twice(deadline: DeadlineId) -> None:
    told = [step for steps in told_over_time(deadline, 100).values() for step in steps]
    assert len(told) == len(set(told))


@pytest.mark.parametrize("deadline", LADDERS)
def test_every_ladder_has_names_of_its_own_rises_and_belongs_to_a_limit(deadline: DeadlineId) -> None:
    ladder = LADDERS[deadline]
    assert DEADLINES[deadline].days is not None
    assert len({step.name for step in ladder}) == len(ladder)
    urgency = [list(StepKind).index(step.kind) for step in ladder]
    assert urgency == sorted(urgency)


def test_who_looks_only_after_forty_days_tells_each_office_the_most_urgent_step_only() -> None:
    due = due_date(T.T01, FIRST)
    assert due is not None
    steps = steps_due(LADDERS[T.T01], FIRST, due.last_day, FIRST + timedelta(days=40), set())
    assert [(step.kind, step.recipient) for step in steps] == [
        (StepKind.OVERDUE, Recipient.OWER),
        (StepKind.ESCALATED, Recipient.SUPERIOR),
    ]


@pytest.mark.parametrize("days", [1, 2, 3, 4])
def test_a_limit_shorter_than_the_ladder_still_begins_with_the_return(days: int) -> None:
    due = due_date(T.T04, FIRST, days=days)
    assert due is not None
    told: list[str] = []
    for day in range(8):
        today = FIRST + timedelta(days=day)
        told += [step.name for step in steps_due(LADDERS[T.T04], FIRST, due.last_day, today, told)]
    soon = ["due_soon-3"] if days > 3 else []
    assert told == ["returned", *soon, "due", "overdue"] + (["escalated"] if days + 4 <= 7 else [])
