"""Ladders (催办阶梯): on which day who is told what, per obligation. Source: PROCESS §11."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contracts.deadlines import DeadlineId

T = DeadlineId


class StepKind(StrEnum):
    """How urgent a notice is; the order is the order of urgency."""

    RETURNED = "returned"
    DUE_SOON = "due_soon"
    DUE = "due"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


class Recipient(StrEnum):
    """Whom a step tells: who owes, or the office it answers to."""

    OWER = "ower"
    SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder.

    ``days_from_last`` counts from the last day of the limit: negative before it, 1 on the first day over.
    None means at once when the obligation begins.
    """

    kind: StepKind
    days_from_last: int | None
    recipient: Recipient = Recipient.OWER

    @property
    def name(self) -> str:
        """The step's name, unique within a ladder: ``due_soon-15``, ``due``, ``overdue``, ``escalated``."""
        if self.kind is StepKind.DUE_SOON and self.days_from_last is not None:
            return f"{self.kind}{self.days_from_last}"
        return str(self.kind)

    def falls_on(self, opened_on: date, last_day: date) -> date:
        """The day from which this step may be taken."""
        return opened_on if self.days_from_last is None else last_day + timedelta(days=self.days_from_last)


def _soon(days_before: int) -> Step:
    return Step(StepKind.DUE_SOON, -days_before)


_DUE = Step(StepKind.DUE, 0)
_OVERDUE = Step(StepKind.OVERDUE, 1)
_RETURNED = Step(StepKind.RETURNED, None)


def _escalated(days_over: int) -> Step:
    return Step(StepKind.ESCALATED, days_over, Recipient.SUPERIOR)


LADDERS: Mapping[DeadlineId, tuple[Step, ...]] = {
    T.T01: (_soon(15), _soon(5), _soon(1), _DUE, _OVERDUE, _escalated(1)),
    T.T03: (_soon(10), _soon(3), _DUE, _OVERDUE, _escalated(1)),
    T.T04: (_RETURNED, _soon(3), _DUE, _OVERDUE, _escalated(4)),
    T.T07: (_soon(3), _DUE, _OVERDUE, _escalated(1)),
    T.T08: (_RETURNED, _soon(5), _DUE, _OVERDUE, _escalated(1)),
    T.T09: (_DUE, _OVERDUE, _escalated(1)),
}


def steps_due(
    ladder: Sequence[Step], opened_on: date, last_day: date, today: date, told: Collection[str]
) -> tuple[Step, ...]:
    """The steps to take today: for each recipient the most urgent one whose day has come, once.

    Steps that were missed while nobody looked are passed over, so that nobody gets five letters in a minute;
    a step is never taken after a more urgent one was. Where the beginning is told at once, with its due
    date, no step "due soon" of that day or before is taken besides (limits shorter than the ladder).
    """
    told_at_once = any(step.days_from_last is None for step in ladder)
    chosen: list[Step] = []
    for recipient in Recipient:
        reached = [
            step
            for step in ladder
            if step.recipient is recipient
            and step.falls_on(opened_on, last_day) <= today
            and not (
                told_at_once
                and step.kind is StepKind.DUE_SOON
                and step.falls_on(opened_on, last_day) <= opened_on
            )
        ]
        if reached and reached[-1].name not in told:
            chosen.append(reached[-1])
    return tuple(chosen)
