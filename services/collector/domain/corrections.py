"""Corrections (更正): which returned record each corrected record replaces (Article 17, rule M10)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RecordKeys:
    """What names a record: its id, and the person, certificate and student numbers as uploaded.

    These are personal data: they stay in the process that reads the files.
    """

    record_id: str | None = None
    document_type: str | None = field(default=None, repr=False)
    document_number: str | None = field(default=None, repr=False)
    degree: str | None = field(default=None, repr=False)
    certificate_number: str | None = field(default=None, repr=False)
    student_number: str | None = field(default=None, repr=False)


Key = Callable[[RecordKeys], object | None]


def _person_and_degree(keys: RecordKeys) -> object | None:
    parts = (keys.document_type, keys.document_number, keys.degree)
    return parts if all(parts) else None


KEYS: tuple[Key, ...] = (
    _person_and_degree,
    lambda keys: keys.certificate_number or None,
    lambda keys: keys.student_number or None,
)
"""In this order, where the file does not name the record: ZJLXM+ZJHM+XWLBM, then XWZSBH, then XH."""


def match_corrections(corrected: Iterable[RecordKeys], owed: Sequence[RecordKeys]) -> list[str | None]:
    """For each corrected record the id of the returned record it replaces, None where there is none.

    A record_id in the file decides alone. A key counts only where it leads to one returned record. Each
    returned record is replaced once: the chain has no branch.
    """
    rows = list(corrected)
    free = {each.record_id: each for each in owed if each.record_id is not None}
    replaced: list[str | None] = [None] * len(rows)
    for place, row in enumerate(rows):
        if row.record_id is not None and free.pop(row.record_id, None) is not None:
            replaced[place] = row.record_id
    for key in KEYS:
        ids = _unambiguous(free.values(), key)
        for place, row in enumerate(rows):
            value = key(row)
            if replaced[place] is not None or row.record_id is not None or value is None:
                continue
            found = ids.pop(value, None)
            if found is not None:
                replaced[place] = found
                del free[found]
    return replaced


def _unambiguous(owed: Iterable[RecordKeys], key: Key) -> dict[object, str]:
    ids: dict[object, str] = {}
    twice: set[object] = set()
    for each in owed:
        value = key(each)
        if value is None or each.record_id is None:
            continue
        if value in ids:
            twice.add(value)
        ids[value] = each.record_id
    return {value: record_id for value, record_id in ids.items() if value not in twice}
