"""On what was measured: the class of the machine and how busy it was, nothing that names it."""

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("polars", "pydantic", "fastapi", "faststream", "aiokafka", "asyncpg")


@dataclass(frozen=True, slots=True)
class Machine:
    """The class of a machine."""

    cores: int
    memory_gib: float
    processor: str
    system: str
    python: str
    packages: dict[str, str]


def this_machine() -> Machine:
    """The machine this runs on."""
    pages, page_bytes = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(pages * page_bytes / 2**30, 1),
        processor=_processor(),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
    )


def circumstances() -> dict[str, Any]:
    """Date, machine and load, as they stand at the head of a file of results."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": asdict(this_machine()),
        "load_average": load(),
    }


def load() -> float:
    """How many processes wanted to run in the last minute (of everything on the machine)."""
    return round(os.getloadavg()[0], 1)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
