"""What every benchmark is given: where samples lie, a running stack, and how much there is time for."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from time import process_time

from benchmarks.machine import load, this_machine
from benchmarks.processes import family_cpu_seconds
from cli.stack import Stack

UNITS = ("10001", "10003", "10284", "10286", "10288", "10335", "10336", "10337")
"""Units of three provinces whose people the local issuer knows."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One run. ``quick`` asks for small numbers that only show that everything works."""

    folder: Path
    stack: Stack
    quick: bool
    award_on: date = field(default_factory=lambda: date.today() - timedelta(days=2))  # noqa: DTZ011 any recent day

    @property
    def samples(self) -> Path:
        """Where sample files lie."""
        return self.folder / "samples"

    def amount(self, full: int, quick: int) -> int:
        """How many, in a full or a quick run."""
        return quick if self.quick else full


@dataclass(slots=True)
class Expense:
    """CPU seconds of the stack's processes from its making on, by process, and the load around them.

    On a machine that others use too, wall time tells of them; CPU time tells of us.
    """

    stack: Stack
    before: dict[str, float] = field(init=False)
    load_before: float = field(init=False)

    def __post_init__(self) -> None:
        self.before, self.load_before = self._now(), load()

    def _now(self) -> dict[str, float]:
        children = self.stack.state.children.items()
        used = {name: family_cpu_seconds(child.process_id or 0) for name, child in children}
        return used | {"clients": process_time()}

    def spent(self, per: int) -> dict[str, object]:
        """CPU milliseconds for each of ``per`` things, by process and together, and the load.

        ``most_per_second``: how many a second this CPU time allows where nobody else wants the cores.
        """
        now = self._now()
        each = {name: (now[name] - self.before.get(name, 0.0)) * 1000 / per for name in now}
        return {
            "cpu_ms_each": {name: round(used, 1) for name, used in each.items()},
            "cpu_ms_each_together": round(sum(each.values()), 1),
            "most_per_second": round(1000 * this_machine().cores / max(sum(each.values()), 1e-9), 2),
            "load_average": [self.load_before, load()],
        }
