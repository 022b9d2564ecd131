"""The history checker: what clients were promised against everything that is kept, every anomaly by name.

It shares no code with the services: it reads rows, files and letters as they lie there and knows the contract
(who hears what, what a receipt must name) from its own tables. The checks (tests/faults/checks) find nothing in
a history in which nothing was lost, doubled, reordered, invented, torn, filed without its archive, or told twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.faults.journal import Promise

Row = Mapping[str, Any]
Tables = dict[str, list[dict[str, Any]]]

SERVICES = ("collector", "provincial_review", "national_filing", "notifier")


class Kind(StrEnum):
    """The names of anomalies."""

    LOST = "lost"
    DUPLICATE = "duplicate"
    OUT_OF_ORDER = "out of order"
    PHANTOM = "phantom"
    TORN_BATCH = "torn batch"
    RECEIPT_WITHOUT_ARCHIVE = "receipt without archive"
    NOTICE_TWICE = "notice twice"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing that must not be: its kind, what it is about, and what is wrong with it."""

    kind: Kind
    about: str
    wrong: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}: {self.wrong}"


@dataclass
class History:
    """All there is to judge by.

    ``kept``: rows by service and table. ``objects``: digest of the bytes by object name. ``documents``: bytes of
    receipts and archive lists by object name. ``record_ids``: records in each filed record set. ``keys``: raw
    Ed25519 public keys of receipts by key id. ``letters``: Message-IDs of every e-mail that left.
    """

    promises: list[Promise] = field(default_factory=list)
    kept: dict[str, Tables] = field(default_factory=lambda: {name: {} for name in SERVICES})
    objects: dict[str, str] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    record_ids: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)

    def rows(self, service: str, table: str) -> Sequence[Row]:
        """The rows a service keeps in a table."""
        return self.kept[service].get(table, [])

    def said(self, service: str, topic: str) -> list[Row]:
        """The data of the events a service's outbox holds on a topic, in order of position."""
        rows = sorted(self.rows(service, "outbox"), key=lambda row: row["position"])
        return [row["data"] for row in rows if row["topic"] == topic]


Check = Callable[[History], Iterator[Anomaly]]


def doubled(keys: Sequence[Any]) -> list[Any]:
    """The keys that occur more than once, each once."""
    seen: set[Any] = set()
    twice: dict[Any, None] = {}
    for key in keys:
        if key in seen:
            twice[key] = None
        seen.add(key)
    return list(twice)
