"""Filings: every approved record is filed once or came back, and every receipt stands on a whole archive."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.faults.history import Anomaly, Check, History, Kind, Row, doubled
from tests.faults.journal import What

ARCHIVED = ("record_set", "original", "scan", "manifest", "opinion")


def lost_records(history: History) -> Iterator[Anomaly]:
    """A batch its client saw as filed, and a certificate number of it that is not in the registry."""
    filed = {row["certificate_number"] for row in history.rows("national_filing", "registry")}
    whole = {each.batch_id for each in history.promises if each.what is What.FILED}
    for promise in history.promises:
        if promise.what is What.RECEIVED and promise.batch_id in whole:
            missing = [number for number in promise.numbers if number not in filed]
            if missing:
                about = f"{promise.batch_id}.{promise.round}"
                yield Anomaly(Kind.LOST, about, f"{len(missing)} records are not in the registry")
    numbers = {row["filing_number"]: row["filed_count"] for row in history.rows("national_filing", "filings")}
    for promise in history.promises:
        for round_, number, count in promise.filings:
            if numbers.get(number) != count:
                about = f"{promise.batch_id}.{round_}"
                yield Anomaly(Kind.LOST, about, f"its client saw filing {number}; the centre has none such")


def doubled_filings(history: History) -> Iterator[Anomaly]:
    """A record, a round or a filing number that is filed twice; serial numbers with a gap."""
    filings = history.rows("national_filing", "filings")
    for batch_id, round_ in doubled([(row["batch_id"], row["round"]) for row in filings]):
        yield Anomaly(Kind.DUPLICATE, f"{batch_id}.{round_}", "filed twice")
    registry = history.rows("national_filing", "registry")
    for number in doubled([row["certificate_number"] for row in registry]):
        yield Anomaly(Kind.DUPLICATE, f"certificate {number}", "is in the registry twice")
    for record_id in doubled([each for row in filings for each in _record_ids(history, row)]):
        yield Anomaly(Kind.DUPLICATE, f"record {record_id}", "is in two filed record sets")
    serials: dict[str, list[int]] = defaultdict(list)
    for row in filings:
        series, _, serial = row["filing_number"].rpartition("-")
        serials[series].append(int(serial))
    for series, found in serials.items():
        for serial in doubled(found):
            yield Anomaly(Kind.DUPLICATE, series, f"filing number {serial} twice")
        if set(found) != set(range(1, len(set(found)) + 1)):
            yield Anomaly(Kind.LOST, series, f"filing numbers have gaps: {sorted(found)}")


def phantom_records(history: History) -> Iterator[Anomaly]:
    """In the registry, but in no file of the batch's client, or returned by the province."""
    numbers: dict[str, set[str]] = defaultdict(set)
    returned: set[str] = set()
    for promise in history.promises:
        numbers[promise.batch_id].update(promise.numbers)
        returned.update(promise.returned)
    for row in history.rows("national_filing", "registry"):
        if row["certificate_number"] not in numbers[row["batch_id"]]:
            yield Anomaly(Kind.PHANTOM, f"record {row['record_id']}", "filed, but its client never sent it")
        if row["record_id"] in returned:
            yield Anomaly(Kind.PHANTOM, f"record {row['record_id']}", "filed although it was returned")


def torn_filings(history: History) -> Iterator[Anomaly]:
    """Registry, record set, count, events and what the other services keep must tell the same of a filing."""
    registry: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in history.rows("national_filing", "registry"):
        registry[row["batch_id"], row["round"]].add(row["record_id"])
    filings = {(row["batch_id"], row["round"]): row for row in history.rows("national_filing", "filings")}
    for here in sorted(registry.keys() | filings.keys()):
        about, row = f"{here[0]}.{here[1]}", filings.get(here)
        if row is None:
            yield Anomaly(Kind.TORN_BATCH, about, "records in the registry without a filing")
            continue
        if len(registry[here]) != row["filed_count"]:
            yield Anomaly(
                Kind.TORN_BATCH, about, f"{len(registry[here])} of {row['filed_count']} records filed"
            )
        if registry[here] != set(_record_ids(history, row)):
            yield Anomaly(Kind.TORN_BATCH, about, "the registry has other records than the record set")
    for topic, table in (("batch.filed.v1", "filings"), ("format-check.completed.v1", "format_checks")):
        said = {(each["batch_id"], each["round"]) for each in history.said("national_filing", topic)}
        kept = {(row["batch_id"], row["round"]) for row in history.rows("national_filing", table)}
        for batch_id, round_ in sorted(said ^ kept):
            yield Anomaly(Kind.TORN_BATCH, f"{batch_id}.{round_}", f"{topic} and {table} do not agree")
    for service, table in (("collector", "rounds"), ("provincial_review", "filings")):
        yield from _differing(history, filings, service, table)


def _differing(
    history: History, filings: dict[tuple[str, int], Row], service: str, table: str
) -> Iterator[Anomaly]:
    told = {
        (row["batch_id"], row["round"]): (row["filing_number"], row["filed_count"])
        for row in history.rows(service, table)
        if row["filing_number"] is not None
    }
    kept = {here: (row["filing_number"], row["filed_count"]) for here, row in filings.items()}
    for batch_id, round_ in sorted(told.keys() | kept.keys()):
        here = (batch_id, round_)
        if told.get(here) != kept.get(here):
            wrong = f"{service} knows {told.get(here)}, the centre filed {kept.get(here)}"
            yield Anomaly(Kind.TORN_BATCH, f"{batch_id}.{round_}", wrong)


def receipts_without_archive(history: History) -> Iterator[Anomaly]:
    """A receipt that is missing, forged, or names an archive or a document that is not there as it was."""
    for row in history.rows("national_filing", "filings"):
        for wrong in _wrong_with(history, row):
            yield Anomaly(Kind.RECEIPT_WITHOUT_ARCHIVE, f"filing {row['filing_number']}", wrong)


def _wrong_with(history: History, row: Row) -> Iterator[str]:
    for name in ("receipt", "archive"):
        if not _is_whole(history, row[name]["sha256"]):
            yield f"{name} is missing or damaged"
            return
    receipt: dict[str, Any] = json.loads(history.documents[row["receipt"]["sha256"]])
    archive: dict[str, Any] = json.loads(history.documents[row["archive"]["sha256"]])
    if not _is_signed(history, receipt):
        yield "the signature of the receipt does not hold"
    said = (receipt["filing_number"], receipt["filed_count"], receipt["digests"]["archive"])
    if said != (row["filing_number"], row["filed_count"], row["archive"]["sha256"]):
        yield "the receipt speaks of another filing or archive"
    if receipt["merkle_root"] != archive["record_set"]["merkle_root"]:
        yield "the receipt has another root than the archive"
    for name in ARCHIVED:
        stored = archive[name] and (archive[name].get("object") or archive[name])
        if stored is not None and not _is_whole(history, stored["sha256"]):
            yield f"{name} in the archive list is missing or damaged"


def _is_whole(history: History, sha256: str) -> bool:
    return history.objects.get(sha256) == sha256


def _is_signed(history: History, receipt: dict[str, Any]) -> bool:
    unsigned = {name: value for name, value in receipt.items() if name != "signature"}
    signature = base64.urlsafe_b64decode(receipt["signature"] + "==")
    key = history.keys.get(receipt["key_id"])
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, rfc8785.dumps(unsigned))
    except InvalidSignature:
        return False
    return True


def damaged_objects(history: History) -> Iterator[Anomaly]:
    """An object whose bytes do not have the digest it is named by."""
    for name, digest in history.objects.items():
        if name != digest:
            yield Anomaly(Kind.TORN_BATCH, f"object {name[:12]}", "its bytes have another digest")


def _record_ids(history: History, row: Row) -> list[str]:
    return history.record_ids.get(row["record_set"]["object"]["sha256"], [])


CHECKS: tuple[Check, ...] = (
    lost_records,
    doubled_filings,
    phantom_records,
    torn_filings,
    receipts_without_archive,
    damaged_objects,
)
