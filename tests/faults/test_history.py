"""The checker is itself checked: a healthy history has no anomaly, and each planted one is found by its name."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checks import CHECKS, find_anomalies
from tests.faults.healthy_history import BATCH, NUMBERS, RECORDS, START, healthy
from tests.faults.history import History, Kind
from tests.faults.journal import Journal, Promise, What


def test_a_healthy_history_has_no_anomaly() -> None:
    assert find_anomalies(healthy()) == []


Plant = Callable[[History], object]


def _row(history: History, service: str, table: str, place: int = 0) -> dict[str, Any]:
    return history.kept[service][table][place]


def _twice(service: str, table: str, place: int = 0, **changes: Any) -> Plant:
    return lambda h: h.kept[service][table].append({**_row(h, service, table, place), **changes})


def _gone(service: str, table: str, place: int = 0) -> Plant:
    return lambda h: h.kept[service][table].pop(place)


def _changed(service: str, table: str, place: int = 0, **changes: Any) -> Plant:
    return lambda h: _row(h, service, table, place).update(changes)


def _swapped_heard(history: History) -> None:
    """The second round is heard before the first."""
    first = _row(history, "collector", "outbox", 1)
    later = {**first, "message_id": "later", "position": 9, "data": {"batch_id": BATCH, "round": 2}}
    history.kept["collector"]["outbox"].append(later)
    for hearer in ("provincial_review", "notifier"):
        inbox = history.kept[hearer]["inbox"]
        inbox.append({**inbox[0], "message_id": "later", "heard_at": START - timedelta(hours=1)})
        inbox[0] |= {"message_id": first["message_id"], "topic": first["topic"]}


def _late_entry(history: History) -> None:
    _row(history, "collector", "entries", 0)["position"] = 99


def _second_filing(history: History) -> None:
    filing = _row(history, "national_filing", "filings")
    history.kept["national_filing"]["filings"].append({**filing, "filing_number": "BA2026-32-000002"})


def _no_archive(history: History) -> None:
    del history.objects[_row(history, "national_filing", "filings")["archive"]["sha256"]]


def _flipped_archive(history: History) -> None:
    history.objects[_row(history, "national_filing", "filings")["archive"]["sha256"]] = "f" * 64


def _no_original(history: History) -> None:
    del history.objects[hashlib.sha256(b"original").hexdigest()]


def _forged_receipt(history: History) -> None:
    sha256 = _row(history, "national_filing", "filings")["receipt"]["sha256"]
    receipt = json.loads(history.documents[sha256])
    history.documents[sha256] = json.dumps({**receipt, "resolution_number": "forged"}).encode()


PLANTED: dict[str, tuple[Kind, str, Plant]] = {
    "an event that was never published": (
        Kind.LOST,
        "never published by collector",
        _changed("collector", "outbox", published_at=None),
    ),
    "an event that was never heard": (
        Kind.LOST,
        "never heard by national_filing",
        _gone("national_filing", "inbox"),
    ),
    "an event that died": (
        Kind.LOST,
        "died at notifier: message-refused",
        lambda h: h.kept["notifier"]["dead_letters"].append(
            {"topic": "batch.filed.v1", "message_id": "m4", "reason_code": "message-refused"}
        ),
    ),
    "a batch that was promised and is gone": (
        Kind.LOST,
        "received, not kept by the collector",
        _gone("collector", "batches"),
    ),
    "a submission without a review": (
        Kind.LOST,
        "submitted, no review",
        _gone("provincial_review", "reviews"),
    ),
    "a signature that had no effect": (
        Kind.LOST,
        "signed, not completed at the province",
        _changed("provincial_review", "reviews", state="assessed", completed_at=None),
    ),
    "a record that is not in the registry": (
        Kind.LOST,
        "1 records are not in the registry",
        _gone("national_filing", "registry"),
    ),
    "a filing that its client saw and the centre has not": (
        Kind.LOST,
        "its client saw filing BA2026-32-000001; the centre has none such",
        _gone("national_filing", "filings"),
    ),
    "a filing number that is missing": (
        Kind.LOST,
        "filing numbers have gaps: [2]",
        _changed("national_filing", "filings", filing_number="BA2026-32-000002"),
    ),
    "a notice that was never sent": (
        Kind.LOST,
        "still sending",
        _changed("notifier", "notices", state="sending"),
    ),
    "a letter that never left": (Kind.LOST, "kept as sent, but no letter left", lambda h: h.letters.clear()),
    "a duty that nothing ends": (
        Kind.LOST,
        "T03 is still owed by province:32",
        _changed("notifier", "obligations", state="open"),
    ),
    "an effect that was said twice": (
        Kind.DUPLICATE,
        "said 2 times",
        _twice("collector", "outbox", message_id="again"),
    ),
    "a file that became two batches": (
        Kind.DUPLICATE,
        "is two batches",
        lambda h: (
            _twice("collector", "batches", batch_id="c" * 32)(h),
            _twice("collector", "uploads", batch_id="c" * 32)(h),
        ),
    ),
    "an act that was done twice": (Kind.DUPLICATE, "act check twice", _twice("collector", "acts", 1)),
    "a step that is twice in the timeline": (
        Kind.DUPLICATE,
        "timeline has submitted twice",
        _twice("collector", "entries", 3, position=50),
    ),
    "a round that was filed twice": (Kind.DUPLICATE, "filed twice", _second_filing),
    "a certificate number that was filed twice": (
        Kind.DUPLICATE,
        "is in the registry twice",
        _twice("national_filing", "registry", record_id="x"),
    ),
    "a duty that is owed twice": (
        Kind.DUPLICATE,
        "T03 owed twice by province:32",
        _twice("notifier", "obligations"),
    ),
    "a round that was heard before the one before it": (
        Kind.OUT_OF_ORDER,
        "heard by provincial_review",
        _swapped_heard,
    ),
    "a timeline out of order": (Kind.OUT_OF_ORDER, "received came late", _late_entry),
    "an event nobody said": (
        Kind.PHANTOM,
        "heard by collector, said by nobody",
        _twice("collector", "inbox", message_id="made-up"),
    ),
    "a batch nobody sent": (
        Kind.PHANTOM,
        "a batch no client was told of",
        _twice("collector", "batches", batch_id="d" * 32),
    ),
    "a review nobody submitted": (
        Kind.PHANTOM,
        "a review nobody submitted",
        _twice("provincial_review", "reviews", round=7),
    ),
    "a record nobody sent": (
        Kind.PHANTOM,
        "filed, but its client never sent it",
        _twice("national_filing", "registry", certificate_number="1028442026999999", record_id="x"),
    ),
    "a record that was filed although it was returned": (
        Kind.PHANTOM,
        "filed although it was returned",
        lambda h: h.promises.append(Promise(What.DECIDED, BATCH, 1, returned=[RECORDS[0]])),
    ),
    "a letter without a notice": (
        Kind.PHANTOM,
        "no notice stands for it",
        lambda h: h.letters.append("<n9@xuewei>"),
    ),
    "a change without its event": (
        Kind.TORN_BATCH,
        "reviews changed, review.completed.v1 was not said",
        _gone("provincial_review", "outbox"),
    ),
    "an event without its change": (
        Kind.TORN_BATCH,
        "batch.submitted.v1 was said, rounds did not change",
        _changed("collector", "rounds", submitted_at=None),
    ),
    "half of a decision": (
        Kind.TORN_BATCH,
        "approved and returned are not all records",
        lambda h: _row(h, "provincial_review", "outbox")["data"].update(approved_count=2),
    ),
    "two stories of a decision": (
        Kind.TORN_BATCH,
        "province decided",
        _changed("collector", "rounds", approved_count=2),
    ),
    "half of a batch in the registry": (
        Kind.TORN_BATCH,
        "2 of 3 records filed",
        _gone("national_filing", "registry", 2),
    ),
    "two stories of a filing": (
        Kind.TORN_BATCH,
        "the centre filed",
        _changed("provincial_review", "filings", filed_count=2),
    ),
    "records without a filing": (
        Kind.TORN_BATCH,
        "records in the registry without a filing",
        _gone("national_filing", "filings"),
    ),
    "an object with flipped bits": (
        Kind.TORN_BATCH,
        "its bytes have another digest",
        lambda h: h.objects.update({"a" * 64: "b" * 64}),
    ),
    "a receipt whose archive is gone": (
        Kind.RECEIPT_WITHOUT_ARCHIVE,
        "archive is missing or damaged",
        _no_archive,
    ),
    "a receipt whose archive is damaged": (
        Kind.RECEIPT_WITHOUT_ARCHIVE,
        "archive is missing or damaged",
        _flipped_archive,
    ),
    "a receipt whose original is gone": (
        Kind.RECEIPT_WITHOUT_ARCHIVE,
        "original in the archive list is missing or damaged",
        _no_original,
    ),
    "a receipt that was changed": (
        Kind.RECEIPT_WITHOUT_ARCHIVE,
        "the signature of the receipt does not hold",
        _forged_receipt,
    ),
    "a letter that left twice": (Kind.NOTICE_TWICE, "left twice", lambda h: h.letters.append("<n1@xuewei>")),
    "a step that was told twice": (
        Kind.NOTICE_TWICE,
        "returned told unit:10284 by email twice",
        _twice("notifier", "notices", notice_id="n2"),
    ),
    "an outcome that was announced twice": (
        Kind.NOTICE_TWICE,
        "its outcome was announced twice",
        _twice("notifier", "outbox", message_id="again"),
    ),
    "a submission the collector forgot": (
        Kind.LOST,
        "submitted, not so at the collector",
        _changed("collector", "rounds", submitted_at=None),
    ),
    "a notice the others were not told of": (
        Kind.LOST,
        "sent, but nobody was told",
        _gone("notifier", "outbox"),
    ),
    "a round that began after a later one": (
        Kind.OUT_OF_ORDER,
        "round 1 after a later one",
        _twice("collector", "entries", round=2, position=-1),
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_checker_finds(name: str) -> None:
    kind, wrong, plant = PLANTED[name]
    history = healthy()
    plant(history)
    found = find_anomalies(history)
    assert [each for each in found if each.kind is kind and wrong in each.wrong], [
        str(each) for each in found
    ]


def test_every_kind_of_anomaly_is_planted() -> None:
    assert {kind for kind, *_ in PLANTED.values()} == set(Kind)


def test_every_check_is_needed_for_something_planted() -> None:
    """A check that finds nothing the others do not name in its words would be dead weight, or broken."""
    for check in CHECKS:
        found = set[tuple[Kind, str]]()
        for kind, wrong, plant in PLANTED.values():
            history = healthy()
            plant(history)
            found |= {(kind, wrong) for each in check(history) if each.kind is kind and wrong in each.wrong}
        assert found, check.__name__


def test_what_was_promised_is_read_from_the_journal_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    assert journal.read() == []
    journal.note(What.RECEIVED, BATCH, 1, numbers=NUMBERS)
    journal.note(What.FILED, BATCH, 1, filings=[(1, "BA2026-32-000001", 3)])
    received, filed = journal.read()
    assert received == Promise(What.RECEIVED, BATCH, 1, numbers=NUMBERS)
    assert filed == Promise(What.FILED, BATCH, 1, filings=((1, "BA2026-32-000001", 3),))
