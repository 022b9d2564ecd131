"""The time services act by: real time, or in development real time plus an offset kept in a file."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells now, as an aware UTC instant.

    ``offset_path`` names a file with seconds to add (development only; Settings refuse it in production),
    read at each look so that a running stack can be moved. A missing file means no offset.
    """

    offset_path: Path | None = None

    def now(self) -> datetime:
        """The present instant, moved by the offset if there is one."""
        return datetime.now(UTC) + self._offset()

    def _offset(self) -> timedelta:
        if self.offset_path is None:
            return timedelta()
        try:
            return timedelta(seconds=float(self.offset_path.read_text("ascii").strip() or 0))
        except FileNotFoundError:
            return timedelta()
