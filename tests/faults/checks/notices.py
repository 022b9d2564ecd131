"""Notices: everybody who must be told is told, once; what is done is not owed any more."""

from collections.abc import Iterator

from tests.faults.history import Anomaly, Check, History, Kind, doubled
from tests.faults.journal import What

ENDED = frozenset({"sent", "failed", "dropped"})


def notices_twice(history: History) -> Iterator[Anomaly]:
    """A letter that left twice, a step that was taken twice, an outcome that was announced twice."""
    for letter in doubled(history.letters):
        yield Anomaly(Kind.NOTICE_TWICE, f"letter {letter}", "left twice")
    steps = [
        (row["obligation_id"], row["step"], row["office"], row["channel"])
        for row in history.rows("notifier", "notices")
    ]
    for obligation, step, office, channel in doubled(steps):
        yield Anomaly(
            Kind.NOTICE_TWICE, f"obligation {obligation}", f"{step} told {office} by {channel} twice"
        )
    ended = [
        said["notice_id"]
        for topic in ("notice.sent.v1", "notice.failed.v1")
        for said in history.said("notifier", topic)
    ]
    for notice_id in doubled(ended):
        yield Anomaly(Kind.NOTICE_TWICE, f"notice {notice_id}", "its outcome was announced twice")


def lost_notices(history: History) -> Iterator[Anomaly]:
    """Planned and never ended; kept as sent without a letter; ended without a word to the others."""
    told = {
        said["notice_id"]: topic
        for topic in ("notice.sent.v1", "notice.failed.v1")
        for said in history.said("notifier", topic)
    }
    for row in history.rows("notifier", "notices"):
        about = f"notice {row['notice_id']}"
        if row["state"] not in ENDED:
            yield Anomaly(Kind.LOST, about, f"still {row['state']}")
        letter = f"<{row['notice_id']}@xuewei>"
        if (row["channel"], row["state"]) == ("email", "sent") and letter not in history.letters:
            yield Anomaly(Kind.LOST, about, "kept as sent, but no letter left")
        if row["state"] in {"sent", "failed"} and row["notice_id"] not in told:
            yield Anomaly(Kind.LOST, about, f"{row['state']}, but nobody was told")


def phantom_notices(history: History) -> Iterator[Anomaly]:
    """A letter that no notice stands for."""
    known = {f"<{row['notice_id']}@xuewei>" for row in history.rows("notifier", "notices")}
    for letter in history.letters:
        if letter not in known:
            yield Anomaly(Kind.PHANTOM, f"letter {letter}", "no notice stands for it")


def duties_left(history: History) -> Iterator[Anomaly]:
    """Owed about a batch that is wholly filed: an event that ends a duty had no effect; or owed twice."""
    whole = {each.batch_id for each in history.promises if each.what is What.FILED}
    duties = history.rows("notifier", "obligations")
    for row in duties:
        if row["about"] in whole and row["state"] == "open":
            about = f"{row['about']}.{row['round']}"
            yield Anomaly(Kind.LOST, about, f"{row['deadline']} is still owed by {row['office']}")
    keys = [(row["deadline"], row["about"], row["round"], row["office"]) for row in duties]
    for deadline, about, round_, office in doubled(keys):
        yield Anomaly(Kind.DUPLICATE, f"{about}.{round_}", f"{deadline} owed twice by {office}")


CHECKS: tuple[Check, ...] = (notices_twice, lost_notices, phantom_notices, duties_left)
