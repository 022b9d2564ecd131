"""The checks of a history, by what they look at."""

from tests.faults.checks import batches, filings, messages, notices
from tests.faults.history import Anomaly, Check, History

CHECKS: tuple[Check, ...] = (*messages.CHECKS, *batches.CHECKS, *filings.CHECKS, *notices.CHECKS)


def find_anomalies(history: History) -> list[Anomaly]:
    """Every anomaly in a history that has come to rest."""
    return [anomaly for check in CHECKS for anomaly in check(history)]
