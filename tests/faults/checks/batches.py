"""Batches: what was promised is there, once, in order, and collector, province and centre tell one story."""

from collections.abc import Callable, Iterator

from tests.faults.history import Anomaly, Check, History, Kind, Row, doubled
from tests.faults.journal import What

Test = Callable[[Row], bool]
ORDER = ("received", "collected", "checked", "submitted")
"""Timeline entries of one upload that follow from each other; what is heard may come in any order."""
ONCE = (*ORDER, "reviewed", "format_checked", "filed")


def lost_batches(history: History) -> Iterator[Anomaly]:
    """A client has a 202 or 200 for something that is not kept."""
    kept = {row["batch_id"] for row in history.rows("collector", "batches")}
    submitted = _rounds(history, "collector", "rounds", lambda row: row["submitted_at"] is not None)
    reviews = _rounds(history, "provincial_review", "reviews", lambda row: True)
    decided = _rounds(history, "provincial_review", "reviews", lambda row: row["state"] == "completed")
    for promise in history.promises:
        here, about = (promise.batch_id, promise.round), f"{promise.batch_id}.{promise.round}"
        if promise.batch_id not in kept:
            yield Anomaly(Kind.LOST, about, "received, not kept by the collector")
        if promise.what is What.SUBMITTED and here not in submitted:
            yield Anomaly(Kind.LOST, about, "submitted, not so at the collector")
        if promise.what is What.SUBMITTED and here not in reviews:
            yield Anomaly(Kind.LOST, about, "submitted, no review")
        if promise.what is What.DECIDED and here not in decided:
            yield Anomaly(Kind.LOST, about, "signed, not completed at the province")


def doubled_batches(history: History) -> Iterator[Anomaly]:
    """The same file of the same unit as two batches; the same act or the same event of a timeline twice."""
    batches = {row["batch_id"]: row for row in history.rows("collector", "batches")}
    firsts = [
        (
            batches[row["batch_id"]]["unit_code"],
            batches[row["batch_id"]]["resolution_id"],
            row["original_sha256"],
        )
        for row in history.rows("collector", "uploads")
        if (row["round"], row["attempt"]) == (1, 1) and row["batch_id"] in batches
    ]
    for unit, _, sha256 in doubled(firsts):
        yield Anomaly(Kind.DUPLICATE, f"unit {unit}", f"file {sha256[:12]} is two batches")
    acts = [
        (row["batch_id"], row["round"], row["attempt"], row["kind"])
        for row in history.rows("collector", "acts")
    ]
    for batch_id, round_, _, kind in doubled(acts):
        yield Anomaly(Kind.DUPLICATE, f"{batch_id}.{round_}", f"act {kind} twice")
    entries = [
        (row["batch_id"], row["round"], row["attempt"], row["what"])
        for row in history.rows("collector", "entries")
        if row["what"] in ONCE
    ]
    for batch_id, round_, _, what in doubled(entries):
        yield Anomaly(Kind.DUPLICATE, f"{batch_id}.{round_}", f"timeline has {what} twice")


def reordered_batches(history: History) -> Iterator[Anomaly]:
    """A timeline in which a later step stands before an earlier one."""
    last: dict[tuple[str, int, int], int] = {}
    rounds: dict[str, int] = {}
    for row in sorted(history.rows("collector", "entries"), key=lambda row: row["position"]):
        if row["what"] not in ORDER:
            continue
        key, place = (row["batch_id"], row["round"], row["attempt"]), ORDER.index(row["what"])
        if place < last.get(key, -1):
            yield Anomaly(Kind.OUT_OF_ORDER, f"{row['batch_id']}.{row['round']}", f"{row['what']} came late")
        last[key] = place
        if row["round"] < rounds.get(row["batch_id"], 0):
            yield Anomaly(Kind.OUT_OF_ORDER, row["batch_id"], f"round {row['round']} after a later one")
        rounds[row["batch_id"]] = row["round"]


def phantom_batches(history: History) -> Iterator[Anomaly]:
    """Kept or reviewed although no client was ever told so."""
    promised = {promise.batch_id for promise in history.promises}
    submitted = {(each.batch_id, each.round) for each in history.promises if each.what is What.SUBMITTED}
    for row in history.rows("collector", "batches"):
        if row["batch_id"] not in promised:
            yield Anomaly(Kind.PHANTOM, row["batch_id"], "a batch no client was told of")
    for row in history.rows("provincial_review", "reviews"):
        if (row["batch_id"], row["round"]) not in submitted:
            yield Anomaly(Kind.PHANTOM, f"{row['batch_id']}.{row['round']}", "a review nobody submitted")


def torn_batches(history: History) -> Iterator[Anomaly]:
    """A change without its event, or counts that do not add up between the services."""
    yield from _without_event(history, "collector", "uploads", "batch.received.v1", lambda row: True)
    yield from _without_event(
        history, "collector", "rounds", "batch.submitted.v1", lambda row: row["submitted_at"] is not None
    )
    yield from _without_event(
        history,
        "provincial_review",
        "reviews",
        "review.completed.v1",
        lambda row: row["completed_at"] is not None,
    )
    reviews = {(row["batch_id"], row["round"]): row for row in history.rows("provincial_review", "reviews")}
    for said in history.said("provincial_review", "review.completed.v1"):
        here = (said["batch_id"], said["round"])
        total = reviews[here]["submitted"]["record_set"]["record_count"] if here in reviews else None
        if said["outcome"] == "decided" and total != said["approved_count"] + said["returned_count"]:
            yield Anomaly(
                Kind.TORN_BATCH, f"{here[0]}.{here[1]}", "approved and returned are not all records"
            )
    for round_ in history.rows("collector", "rounds"):
        review = reviews.get((round_["batch_id"], round_["round"]))
        if review is None or review["state"] != "completed":
            continue
        counts = (round_["approved_count"], round_["returned_count"])
        told = (review["completed"]["approved_count"], review["completed"]["returned_count"])
        if counts != told:
            about = f"{round_['batch_id']}.{round_['round']}"
            yield Anomaly(Kind.TORN_BATCH, about, f"collector has {counts}, province decided {told}")


def _without_event(
    history: History, service: str, table: str, topic: str, is_said: Test
) -> Iterator[Anomaly]:
    said = {(each["batch_id"], each["round"]) for each in history.said(service, topic)}
    changed = _rounds(history, service, table, is_said)
    for batch_id, round_ in sorted(changed - said):
        yield Anomaly(Kind.TORN_BATCH, f"{batch_id}.{round_}", f"{table} changed, {topic} was not said")
    for batch_id, round_ in sorted(said - changed):
        yield Anomaly(Kind.TORN_BATCH, f"{batch_id}.{round_}", f"{topic} was said, {table} did not change")


def _rounds(history: History, service: str, table: str, is_so: Test) -> set[tuple[str, int]]:
    return {(row["batch_id"], row["round"]) for row in history.rows(service, table) if is_so(row)}


CHECKS: tuple[Check, ...] = (
    lost_batches,
    doubled_batches,
    reordered_batches,
    phantom_batches,
    torn_batches,
)
