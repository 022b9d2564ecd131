"""What a benchmark found: a figure, its goal, a peer measured in the same run, and the table they stand in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from benchmarks.statistics import ratio


class Better(StrEnum):
    """Which way is good."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``goal`` is what issue A asks for (None: told only); ``peer`` is something bare that does
    the part which cannot be saved, measured on the same machine in the same run, in the same unit.
    """

    name: str
    measured: float
    unit: str
    better: Better
    goal: float | None = None
    peer: float | None = None
    peer_is: str = ""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        if self.goal is None:
            return None
        return self.measured >= self.goal if self.better is Better.MORE else self.measured <= self.goal

    @property
    def ratio(self) -> float | None:
        """Measured over peer: of a throughput the share that is left, of a time how many times as long."""
        return None if self.peer is None else ratio(self.measured, self.peer)

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        return {**asdict(self), "ratio": self.ratio, "is_met": self.is_met}


_HEADINGS = ("figure", "measured", "goal", "", "peer", "ratio", "peer is")
_MET = {True: "met", False: "MISSED", None: ""}


def table(figures: Sequence[Figure]) -> str:
    """The figures as a table of plain text; numbers to the right."""
    rows = [_HEADINGS, *(_row(each) for each in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    numeric = {1, 2, 4, 5}
    lines = [
        "  ".join(
            cell.rjust(width) if place in numeric else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(len(line) for line in lines), *lines[1:]])


def _row(each: Figure) -> tuple[str, ...]:
    sign = "≥" if each.better is Better.MORE else "≤"
    return (
        each.name,
        f"{shown(each.measured)} {each.unit}",
        "" if each.goal is None else f"{sign} {shown(each.goal)}",
        _MET[each.is_met],
        "" if each.peer is None else shown(each.peer),
        "" if each.ratio is None else f"{each.ratio:.3g}",
        each.peer_is,
    )


def shown(number: float) -> str:
    """A number as people read it: three digits that count, thousands apart."""
    if abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.3g}"
