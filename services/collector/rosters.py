"""Looking at a typed list of names (名单) where it can do no harm, before anybody compares with it."""

from contracts.standard.roster import read_roster
from contracts.standard.unreadable import ReadLimits, Unreadable
from services.collector.parsing import CannotRead


def look_at_roster(data: bytes, filename: str, limits: ReadLimits) -> int | CannotRead:
    """How many names the list has; an unreadable one is an answer, not a fault."""
    try:
        return read_roster(data, filename, limits).height
    except Unreadable as answer:
        return CannotRead(str(answer.code), answer.detail_zh, answer.detail_en, answer.where)
