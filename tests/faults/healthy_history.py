"""A small healthy history, written by hand: one batch from upload to receipt, and one notice."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.faults.checks.messages import HEARERS
from tests.faults.history import History
from tests.faults.journal import Promise, What

BATCH, UNIT, RESOLUTION = "b" * 32, "10284", "e" * 32
NUMBERS = [f"1028442026{serial:06d}" for serial in range(1, 4)]
RECORDS = [f"{BATCH}.1.{row}" for row in (2, 3, 4)]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SAID = {
    "collector": [("batch.received.v1", {"attempt": 1}), ("batch.submitted.v1", {})],
    "provincial_review": [
        ("review.completed.v1", {"outcome": "decided", "approved_count": 3, "returned_count": 0})
    ],
    "national_filing": [("format-check.completed.v1", {}), ("batch.filed.v1", {})],
    "notifier": [("notice.sent.v1", {"notice_id": "n1"})],
}


def stored(data: bytes, history: History) -> dict[str, Any]:
    """Puts an object into the history; a reference to it."""
    digest = hashlib.sha256(data).hexdigest()
    history.objects[digest] = digest
    history.documents[digest] = data
    return {"sha256": digest, "size_bytes": len(data), "media_type": "application/json"}


def healthy() -> History:
    """One batch of three records, received, submitted, approved, filed, and one notice by e-mail."""
    history = History(
        promises=[
            Promise(What.RECEIVED, BATCH, 1, numbers=NUMBERS),
            Promise(What.SUBMITTED, BATCH, 1),
            Promise(What.DECIDED, BATCH, 1),
            Promise(What.FILED, BATCH, 1, filings=[(1, "BA2026-32-000001", 3)]),
        ],
        keys={"k1": KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)},
        letters=["<n1@xuewei>"],
    )
    _keep_messages(history)
    _keep_unit_and_province(history)
    _keep_centre(history)
    _keep_notifier(history)
    return history


def _keep_messages(history: History) -> None:
    numbers = iter(range(100))
    for service in history.kept:
        history.kept[service] |= {"outbox": [], "inbox": [], "dead_letters": []}
    for service, events in SAID.items():
        for position, (topic, facts) in enumerate(events, start=1):
            about = {"batch_id": BATCH, "round": 1} if topic.startswith(("batch", "review", "format")) else {}
            message_id = f"m{next(numbers)}"
            common = {"message_id": message_id, "topic": topic, "subject": BATCH}
            data = {**about, **facts}
            history.kept[service]["outbox"].append(
                {**common, "position": position, "published_at": START, "data": data}
            )
            for hearer in HEARERS[topic]:
                heard_at = START + timedelta(seconds=len(history.kept[hearer]["inbox"]))
                history.kept[hearer]["inbox"].append({**common, "heard_at": heard_at, "state": "done"})


def _keep_unit_and_province(history: History) -> None:
    here = {"batch_id": BATCH, "round": 1}
    decided = {"approved_count": 3, "returned_count": 0}
    filed = {"filing_number": "BA2026-32-000001", "filed_count": 3}
    acts = [{**here, "attempt": 1, "kind": kind} for kind in ("collect", "check", "submit")]
    what = ("received", "collected", "checked", "submitted", "filed", "reviewed", "format_checked")
    history.kept["collector"] |= {
        "batches": [{"batch_id": BATCH, "unit_code": UNIT, "resolution_id": RESOLUTION, "state": "filed"}],
        "rounds": [{**here, **decided, **filed, "submitted_at": START}],
        "uploads": [{**here, "attempt": 1, "original_sha256": "0" * 64}],
        "acts": acts,
        "entries": [{**here, "attempt": 1, "position": n, "what": each} for n, each in enumerate(what)],
    }
    review = {"state": "completed", "completed_at": START, "submitted": {"record_set": {"record_count": 3}}}
    history.kept["provincial_review"] |= {
        "reviews": [{**here, **review, "completed": decided}],
        "filings": [{**here, **filed}],
    }


def _keep_centre(history: History) -> None:
    record_set = {"object": stored(b"parquet", history), "record_count": 3, "merkle_root": "ab"}
    archive = {
        "record_set": record_set,
        "opinion": None,
        **{name: stored(name.encode(), history) for name in ("original", "scan", "manifest")},
    }
    kept_archive = stored(json.dumps(archive).encode(), history)
    receipt: dict[str, Any] = {
        "filing_number": "BA2026-32-000001",
        "filed_count": 3,
        "merkle_root": "ab",
        "digests": {"archive": kept_archive["sha256"]},
        "key_id": "k1",
    }
    signature = base64.urlsafe_b64encode(KEY.sign(rfc8785.dumps(receipt))).rstrip(b"=").decode()
    kept_receipt = stored(json.dumps({**receipt, "signature": signature}).encode(), history)
    history.record_ids[record_set["object"]["sha256"]] = list(RECORDS)
    here = {"batch_id": BATCH, "round": 1}
    history.kept["national_filing"] |= {
        "registry": [
            {**here, "certificate_number": number, "record_id": record}
            for number, record in zip(NUMBERS, RECORDS, strict=True)
        ],
        "filings": [
            {
                **here,
                "filing_number": "BA2026-32-000001",
                "filed_count": 3,
                "record_set": record_set,
                "receipt": kept_receipt,
                "archive": kept_archive,
            }
        ],
        "format_checks": [dict(here)],
    }


def _keep_notifier(history: History) -> None:
    duty = {"deadline": "T03", "about": BATCH, "round": 1, "office": "province:32", "state": "done"}
    notice = {"obligation_id": "o1", "step": "returned", "office": f"unit:{UNIT}"}
    history.kept["notifier"] |= {
        "obligations": [duty],
        "notices": [{**notice, "notice_id": "n1", "channel": "email", "state": "sent"}],
    }
