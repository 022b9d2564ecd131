"""The 30-day clock of a review (Article 13(3), T03) and the colour a queue shows it in."""

from datetime import datetime
from enum import StrEnum

from contracts.deadlines import DeadlineId, DueDate, due_date


class Colour(StrEnum):
    """How urgent a review is."""

    NORMAL = "normal"
    NEAR = "near"
    OVER = "over"


def due_of(submitted_at: datetime) -> DueDate:
    """When the review of a round submitted at this instant is due (T03)."""
    due = due_date(DeadlineId.T03, submitted_at)
    assert due is not None  # the regulation gives T03 a number
    return due


def colour_of(due: DueDate, now: datetime, near_days: int, ended_at: datetime | None = None) -> Colour:
    """Over once the limit has passed, near from ``near_days`` before; of an ended review only whether it was late."""
    if due.is_over(ended_at or now):
        return Colour.OVER
    if ended_at is None and due.days_left(now) <= near_days:
        return Colour.NEAR
    return Colour.NORMAL
