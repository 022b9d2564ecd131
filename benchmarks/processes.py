"""What processes cost, from /proc: CPU time and memory of a process with everything it started (Linux)."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family_of(process_id: int) -> tuple[int, ...]:
    """A process and all that descend from it, itself first."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdecimal() and (parent := _parent_of(int(entry.name))) is not None:
            children.setdefault(parent, []).append(int(entry.name))
    family = [process_id]
    for member in family:
        family.extend(children.get(member, ()))
    return tuple(family)


def cpu_seconds(process_id: int) -> float:
    """User and system time of one process with its ended children; 0 when it is gone."""
    fields = _stat_fields(process_id)
    return sum(int(each) for each in fields[11:15]) / _TICKS if fields else 0.0


def family_cpu_seconds(process_id: int) -> float:
    """CPU time of a process and all that descend from it."""
    return sum(cpu_seconds(member) for member in family_of(process_id))


def memory_bytes(process_id: int) -> Mapping[str, int]:
    """Resident memory in bytes: ``VmRSS`` now, of it ``RssAnon``, ``RssFile``, ``RssShmem``; empty when gone."""
    try:
        lines = (_PROC / str(process_id) / "status").read_text("utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    wanted = (line.split() for line in lines if line.startswith(("VmRSS:", "Rss")))
    return {name.rstrip(":"): int(kib) * 1024 for name, kib, _ in wanted}


def family_memory_bytes(family: Iterable[int]) -> int:
    """Resident memory of some processes together; pages of files, which they share, count once."""
    each = [memory for member in family if (memory := memory_bytes(member))]
    own = sum(memory["RssAnon"] + memory["RssShmem"] for memory in each)
    return own + max((memory["RssFile"] for memory in each), default=0)


def _parent_of(process_id: int) -> int | None:
    fields = _stat_fields(process_id)
    return int(fields[1]) if fields else None


def _stat_fields(process_id: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold blanks: state first, then parent."""
    try:
        text = (_PROC / str(process_id) / "stat").read_text("utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()
