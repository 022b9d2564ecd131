"""The 30 days of Article 12(4): after them a resolution's records need late filing (补报, Article 12(6))."""

from collections.abc import Iterable
from datetime import date, datetime

from contracts.deadlines import DeadlineId, DueDate, due_date
from contracts.reasons import Refused


def upload_due(effective_on: date) -> DueDate:
    """T01: until when a unit submits the records of a resolution in effect since that day."""
    due = due_date(DeadlineId.T01, effective_on)
    assert due is not None
    return due


def window_open(effective_on: date, submissions: Iterable[datetime], now: datetime) -> Refused | None:
    """None while the unit may submit; ``window-closed`` when T01 passed and no round was submitted in time.

    A batch that was submitted in time stays open: what was returned or withdrawn has limits of its own.
    """
    due = upload_due(effective_on)
    if not due.is_over(now) or any(not due.is_over(at) for at in submissions):
        return None
    return Refused(
        "window-closed", {"deadline": due.deadline, "due_at": due.at.isoformat(), "why": due.why()}
    )
