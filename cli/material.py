"""What a unit wants to push (报送材料): record files, the resolution's data, its scan and its list of names.

A folder may hold ``resolution.toml`` (or ``resolution.json``) beside the files:

    number = "校学位〔2026〕18号"
    effective_on = 2026-06-28
    headcount = 120
    levels = ["4"]            # 2 doctor, 3 master, 4 bachelor; told by the categories if left out
    scan = "决议.pdf"          # the only PDF of the folder if left out
    roster = "名单.csv"        # optional

    [[batches]]               # every CSV or XLSX beside them if left out
    records = "本科.csv"
    category = "X1"           # told by the file name if left out: 10284-X1.csv
    layout = "newer_27"       # told by the headers if left out
"""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from cli.desks import ResolutionFacts
from contracts.standard.layouts import Layout
from contracts.vocabulary import DegreeLevel, RecordCategory

RECORD_SUFFIXES = frozenset({".csv", ".txt", ".xlsx"})
_DATA_NAMES = ("resolution.toml", "resolution.json")
_CATEGORY = re.compile(r"(?<![A-Za-z0-9])([BSX][1-4])(?![A-Za-z0-9])")
_ROSTER = re.compile(r"roster|名单", re.IGNORECASE)


class MaterialIncomplete(ValueError):
    """The files and options do not say what to push; the text tells what is missing (a mistake of usage)."""


class MaterialUnreadable(ValueError):
    """A file that was named cannot be read; the text tells which and why."""


@dataclass(frozen=True, slots=True)
class BatchMaterial:
    """One record file, which becomes one batch."""

    records: Path
    category: RecordCategory
    layout: Layout | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line; it goes before what files say."""

    number: str | None = None
    effective_on: date | None = None
    headcount: int | None = None
    levels: tuple[DegreeLevel, ...] = ()
    scan: Path | None = None
    roster: Path | None = None
    category: RecordCategory | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """What to push. ``facts`` None: the resolution of that number is registered already."""

    number: str
    facts: ResolutionFacts | None
    scan: Path | None
    roster: Path | None
    batches: tuple[BatchMaterial, ...]


def gather(paths: Sequence[Path], wishes: Wishes) -> Material:
    """Reads folders and files into what to push; raises MaterialIncomplete or MaterialUnreadable."""
    files, said = _survey(paths)
    wishes = _completed(wishes, said, files)
    if not wishes.number:
        raise MaterialIncomplete("the resolution's number is not given: --number, or resolution.toml")
    batches = _batches(said, files, wishes)
    if not batches:
        raise MaterialIncomplete("there is no record file (.csv or .xlsx) among what was named")
    for path in (*(each.records for each in batches), wishes.scan, wishes.roster):
        if path is not None:
            _must_be_readable(path)
    facts = _facts(wishes, batches)
    return Material(wishes.number, facts, wishes.scan, wishes.roster, batches)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a resolution.toml says, and the folder its names are in."""

    folder: Path
    content: dict[str, Any]

    def path(self, name: str) -> Path | None:
        found = self.content.get(name)
        return self.folder / str(found) if found else None


def _survey(paths: Sequence[Path]) -> tuple[list[Path], _Said | None]:
    files: list[Path] = []
    said: _Said | None = None
    for path in paths:
        if not path.exists():
            raise MaterialUnreadable(f"{path}: there is no such file or folder")
        found = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
        for each in found:
            if each.name in _DATA_NAMES:
                if said is not None:
                    raise MaterialIncomplete(f"{each}: one resolution at a time")
                said = _Said(each.parent, _read_data(each))
            elif not each.name.startswith((".", "~$")):
                files.append(each)
    return files, said


def _read_data(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8-sig")
        content: Any = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as wrong:
        raise MaterialUnreadable(f"{path}: {wrong}") from None
    if not isinstance(content, dict):
        raise MaterialUnreadable(f"{path}: no table of values")
    return content


def _completed(wishes: Wishes, said: _Said | None, files: Sequence[Path]) -> Wishes:
    """The wishes, filled up from the data file and from what lies beside it."""
    if said is not None:
        content = said.content
        wishes = replace(
            wishes,
            number=wishes.number or (str(content["number"]) if "number" in content else None),
            effective_on=wishes.effective_on or _day(content.get("effective_on")),
            headcount=wishes.headcount or _whole(content.get("headcount")),
            levels=wishes.levels or levels_of(content.get("levels", [])),
            scan=wishes.scan or said.path("scan"),
            roster=wishes.roster or said.path("roster"),
            category=wishes.category or (category_of(content["category"]) if "category" in content else None),
        )
    scans = [path for path in files if path.suffix.lower() == ".pdf"]
    if wishes.scan is None and len(scans) == 1:
        wishes = replace(wishes, scan=scans[0])
    rosters = [path for path in files if _is_roster(path)]
    if wishes.roster is None and len(rosters) == 1:
        wishes = replace(wishes, roster=rosters[0])
    return wishes


def _batches(said: _Said | None, files: Sequence[Path], wishes: Wishes) -> tuple[BatchMaterial, ...]:
    named = said.content.get("batches", []) if said else []
    if said and named:
        return tuple(_named_batch(said, each, wishes) for each in named)
    records = [
        path
        for path in files
        if path.suffix.lower() in RECORD_SUFFIXES and path != wishes.roster and not _is_roster(path)
    ]
    return tuple(BatchMaterial(path, wishes.category or _category_in(path)) for path in records)


def _named_batch(said: _Said, entry: Any, wishes: Wishes) -> BatchMaterial:
    if not isinstance(entry, dict) or "records" not in entry:
        raise MaterialIncomplete("each of [[batches]] names its records")
    path = said.folder / str(entry["records"])
    category = category_of(entry["category"]) if "category" in entry else wishes.category
    try:
        layout = Layout(entry["layout"]) if "layout" in entry else None
    except ValueError:
        raise MaterialIncomplete(f"layout {entry['layout']}: there are {', '.join(Layout)}") from None
    return BatchMaterial(path, category or _category_in(path), layout)


def _facts(wishes: Wishes, batches: Sequence[BatchMaterial]) -> ResolutionFacts | None:
    """The resolution's data; None when nothing but the number was given."""
    if wishes.scan is None and wishes.effective_on is None and wishes.headcount is None:
        return None
    missing = [
        name
        for name, value in (
            ("--effective-on", wishes.effective_on),
            ("--headcount", wishes.headcount),
            ("--resolution (its PDF)", wishes.scan),
        )
        if value is None
    ]
    if missing or wishes.number is None or wishes.effective_on is None or wishes.headcount is None:
        raise MaterialIncomplete(f"the resolution is not whole: {', '.join(missing)}")
    levels = wishes.levels or tuple(sorted({each.category.level for each in batches}))
    return ResolutionFacts(wishes.number, wishes.effective_on, levels, wishes.headcount)


def category_of(text: object) -> RecordCategory:
    """The record category of that code; MaterialIncomplete when there is none."""
    try:
        return RecordCategory(str(text))
    except ValueError:
        raise MaterialIncomplete(f"category {text}: there are {', '.join(RecordCategory)}") from None


def levels_of(texts: object) -> tuple[DegreeLevel, ...]:
    """Degree levels by their digits; MaterialIncomplete when one is none."""
    try:
        return tuple(DegreeLevel(str(text)) for text in texts) if isinstance(texts, list | tuple) else ()
    except ValueError:
        raise MaterialIncomplete(f"levels {texts}: 2 doctor, 3 master, 4 bachelor") from None


def _category_in(path: Path) -> RecordCategory:
    found = {*_CATEGORY.findall(path.stem)}
    if len(found) != 1:
        raise MaterialIncomplete(
            f"{path.name}: which category? --category, or name the file like 10284-X1.csv"
        )
    return RecordCategory(found.pop())


def _day(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise MaterialIncomplete(f"effective_on {value}: write 2026-06-28") from None


def _whole(value: object) -> int | None:
    if value is None or (isinstance(value, int) and value > 0):
        return value
    raise MaterialIncomplete(f"headcount {value}: a whole number above 0")


def _is_roster(path: Path) -> bool:
    return path.suffix.lower() in RECORD_SUFFIXES and bool(_ROSTER.search(path.stem))


def _must_be_readable(path: Path) -> None:
    try:
        with path.open("rb") as source:
            if not source.read(1):
                raise MaterialUnreadable(f"{path}: the file is empty")
    except OSError as refused:
        raise MaterialUnreadable(f"{path}: {refused.strerror}") from None
