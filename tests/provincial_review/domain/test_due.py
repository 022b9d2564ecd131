"""The 30 days of Article 13(3) and their colours."""

from datetime import UTC, datetime, timedelta

from services.provincial_review.domain.due import Colour, colour_of, due_of

SUBMITTED = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
DUE = due_of(SUBMITTED)


def test_a_review_is_due_at_the_end_of_the_thirtieth_day_in_shanghai():
    assert DUE.at.isoformat() == "2026-07-16T00:00:00+08:00"


def test_a_submission_just_after_midnight_in_shanghai_counts_from_the_new_day():
    before = due_of(datetime(2026, 6, 15, 15, 59, 59, tzinfo=UTC))
    after = due_of(datetime(2026, 6, 15, 16, 0, tzinfo=UTC))
    assert (after.last_day - before.last_day).days == 1


def test_a_review_is_normal_then_near_then_over():
    def colour(days: float) -> Colour:
        return colour_of(DUE, SUBMITTED + timedelta(days=days), near_days=10)

    assert [colour(days) for days in (0, 19, 20, 30, 31)] == ["normal", "normal", "near", "near", "over"]


def test_it_is_over_from_the_first_instant_after_the_last_day():
    assert colour_of(DUE, DUE.at - timedelta(microseconds=1), 10) == "near"
    assert colour_of(DUE, DUE.at, 10) == "over"


def test_an_ended_review_is_over_only_if_it_ended_late():
    later = DUE.at + timedelta(days=100)
    assert colour_of(DUE, later, 10, ended_at=DUE.at - timedelta(seconds=1)) == "normal"
    assert colour_of(DUE, later, 10, ended_at=DUE.at) == "over"
