"""What clients were promised, written down by the clients themselves, one JSON line each, as it happened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class What(StrEnum):
    """What a client was told: 202 for an upload, 200 for an act, or a state it saw."""

    RECEIVED = "received"
    SUBMITTED = "submitted"
    DECIDED = "decided"
    FILED = "filed"


@dataclass(frozen=True, slots=True)
class Promise:
    """One answer a client got and may rely on.

    ``numbers`` are the certificate numbers in the received file, ``returned`` the identifiers of the records
    a province returned, ``filings`` what the batch showed of each filed round: number and count.
    """

    what: What
    batch_id: str
    round: int
    original: str = ""
    numbers: Sequence[str] = ()
    returned: Sequence[str] = ()
    filings: Sequence[tuple[int, str, int]] = ()


@dataclass
class Journal:
    """A journal on disk; what is in it was promised, whatever happens afterwards."""

    path: Path

    def note(self, what: What, batch_id: str, round_: int, **facts: Any) -> None:
        """Writes down an answer the moment it came."""
        line = json.dumps({"what": what, "batch_id": batch_id, "round": round_, **facts})
        with self.path.open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")

    def read(self) -> list[Promise]:
        """All that was promised, in order."""
        if not self.path.exists():
            return []
        lines = self.path.read_text("utf-8").splitlines()
        return [_promise(json.loads(line)) for line in lines]


def _promise(told: dict[str, Any]) -> Promise:
    filings = tuple((round_, number, count) for round_, number, count in told.pop("filings", ()))
    return Promise(**{**told, "what": What(told["what"]), "filings": filings})
