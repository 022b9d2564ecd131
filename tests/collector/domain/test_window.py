"""The 30 days after a resolution takes effect: one second decides."""

from datetime import date, datetime, timedelta

from contracts.deadlines import SHANGHAI
from contracts.reasons import Refused
from services.collector.domain.window import upload_due, window_open

EFFECTIVE_ON = date(2026, 6, 10)
CLOSES = datetime(2026, 7, 11, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def test_the_window_closes_at_midnight_after_day_thirty():
    assert upload_due(EFFECTIVE_ON).at == CLOSES
    assert window_open(EFFECTIVE_ON, [], CLOSES - SECOND) is None


def test_afterwards_a_batch_never_submitted_is_refused_for_late_filing():
    refused = window_open(EFFECTIVE_ON, [], CLOSES)
    assert isinstance(refused, Refused)
    assert refused.code == "window-closed"
    assert refused.extra["deadline"] == "T01"


def test_what_was_submitted_in_time_may_be_corrected_later():
    assert window_open(EFFECTIVE_ON, [CLOSES - SECOND], CLOSES + timedelta(days=40)) is None


def test_a_submission_after_the_window_opens_nothing():
    assert window_open(EFFECTIVE_ON, [CLOSES], CLOSES + SECOND) is not None
