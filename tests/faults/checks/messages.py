"""Events: each said event is heard once by everybody it is for, in order, and nobody hears what nobody said."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.history import SERVICES, Anomaly, Check, History, Kind

HEARERS: Mapping[str, tuple[str, ...]] = {
    "batch.received.v1": ("collector",),
    "resolution.registered.v1": ("provincial_review", "notifier"),
    "batch.submitted.v1": ("provincial_review", "notifier"),
    "batch.withdrawn.v1": ("provincial_review", "notifier"),
    "review.completed.v1": ("collector", "national_filing", "notifier"),
    "format-check.completed.v1": ("collector", "provincial_review", "notifier"),
    "batch.filed.v1": ("collector", "provincial_review", "notifier"),
    "notice.sent.v1": ("collector", "provincial_review", "national_filing"),
    "notice.failed.v1": ("collector", "provincial_review", "national_filing"),
}


def lost_events(history: History) -> Iterator[Anomaly]:
    """Said in a transaction but never published, or never heard by one it is for, or heard and given up."""
    heard = {name: {row["message_id"] for row in history.rows(name, "inbox")} for name in SERVICES}
    for service in SERVICES:
        for row in history.rows(service, "outbox"):
            about = f"{row['topic']} {row['message_id']}"
            if row["published_at"] is None:
                yield Anomaly(Kind.LOST, about, f"never published by {service}")
            for hearer in HEARERS[row["topic"]]:
                if row["message_id"] not in heard[hearer]:
                    yield Anomaly(Kind.LOST, about, f"never heard by {hearer}")
        for row in history.rows(service, "dead_letters"):
            yield Anomaly(
                Kind.LOST, f"{row['topic']} {row['message_id']}", f"died at {service}: {row['reason_code']}"
            )


def phantom_events(history: History) -> Iterator[Anomaly]:
    """Heard although no outbox holds it."""
    said = {row["message_id"] for name in SERVICES for row in history.rows(name, "outbox")}
    for service in SERVICES:
        for row in history.rows(service, "inbox"):
            if row["message_id"] not in said:
                about = f"{row['topic']} {row['message_id']}"
                yield Anomaly(Kind.PHANTOM, about, f"heard by {service}, said by nobody")


def doubled_events(history: History) -> Iterator[Anomaly]:
    """One effect announced by two events: the same topic, batch, round and attempt."""
    counts: dict[tuple[object, ...], int] = defaultdict(int)
    for service in SERVICES:
        for row in history.rows(service, "outbox"):
            data = row["data"]
            if "batch_id" in data:
                counts[row["topic"], data["batch_id"], data["round"], data.get("attempt")] += 1
    for (topic, batch_id, round_, *_), count in counts.items():
        if count > 1:
            yield Anomaly(Kind.DUPLICATE, f"{topic} {batch_id}.{round_}", f"said {count} times")


def reordered_events(history: History) -> Iterator[Anomaly]:
    """Events of one topic about one subject are heard in the order in which they were said."""
    position = {
        row["message_id"]: row["position"] for name in SERVICES for row in history.rows(name, "outbox")
    }
    for service in SERVICES:
        last: dict[tuple[str, str], int] = {}
        for row in sorted(history.rows(service, "inbox"), key=lambda row: row["heard_at"]):
            key, place = (row["topic"], row["subject"]), position.get(row["message_id"], 0)
            if place < last.get(key, 0):
                yield Anomaly(Kind.OUT_OF_ORDER, f"{row['topic']} {row['subject']}", f"heard by {service}")
            last[key] = max(place, last.get(key, 0))


CHECKS: tuple[Check, ...] = (lost_events, phantom_events, doubled_events, reordered_events)
