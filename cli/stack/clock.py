"""The stack's own clock (development only): real time plus an offset kept in a file that the services read."""

import re
from datetime import UTC, datetime, timedelta

from cli.stack.layout import StackFolder
from cli.stack.private_files import write_private

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SHIFT = re.compile(r"([+-])(\d{1,5})([dhms])")


def parse_shift(text: str) -> timedelta:
    """`+31d`, `-2h`, `+90m`, `+5s`; ValueError otherwise."""
    found = _SHIFT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no shift of the clock: write +31d, -2h, +90m or +5s")
    sign, number, unit = found.groups()
    return timedelta(**{_UNITS[unit]: int(sign + number)})


def offset(folder: StackFolder) -> timedelta:
    """How far the stack's clock is from real time."""
    try:
        return timedelta(seconds=float(folder.clock_offset_path.read_text("ascii")))
    except FileNotFoundError:
        return timedelta()


def move(folder: StackFolder, shift: timedelta) -> datetime:
    """Moves the clock from where it stands; answers the time it now shows."""
    moved = offset(folder) + shift
    write_private(folder.clock_offset_path, f"{moved.total_seconds():.0f}\n".encode())
    return now(folder)


def reset(folder: StackFolder) -> datetime:
    """Back to real time."""
    folder.clock_offset_path.unlink(missing_ok=True)
    return now(folder)


def now(folder: StackFolder) -> datetime:
    """The time the stack's clock shows."""
    return datetime.now(UTC) + offset(folder)
