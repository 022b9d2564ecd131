"""Planting faults (植入错误) in valid records, with the answer key: which rule, which row, which field."""

from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random

import polars as pl

from cli.sample.fault_kinds import FAULTS, NOT_IN_CATEGORY, Cells, Fault
from cli.sample.layouts import visible_fields
from contracts.standard.layouts import Layout
from contracts.vocabulary import RecordCategory

FIRST_ROW = 2
"""The line of the first record in an upload file; the headers stand in line 1."""

_ANSWER = {"rule": pl.String, "row": pl.Int64, "field": pl.String}


def plant(
    frame: pl.DataFrame,
    category: str,
    faults: Sequence[tuple[str, int]] | int,
    *,
    seed: int,
    layout: str = Layout.CATEGORY_LIST,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Plants faults in valid records, at most one in each, and says where.

    ``faults`` names rules and how often to break each, or is a number to spread over all rules that can be
    broken in this category and layout. The answers have the columns rule, row (line of the upload file)
    and field, in order of rows; a doubled number or award is answered for both its rows. Raises ValueError
    when a rule cannot be broken there or the records run out.
    """
    rng = Random(f"{seed}/faults")  # noqa: S311 - made-up faults, not secrets
    kinds = _kinds(frame, RecordCategory(category), Layout(layout))
    planted = frame.with_row_index("place")
    free = set(range(frame.height))
    answers: list[tuple[str, int, str]] = []
    changes: dict[int, Cells] = {}
    for rule in _wanted(faults, kinds):
        fault, places = _choose(rule, kinds.get(rule, []), planted, free, rng)
        free.difference_update(places)
        changes[places[-1]] = fault.change(planted.row(places[0], named=True), rng)
        answers += [(fault.rule, place + FIRST_ROW, fault.field) for place in places]
    key = pl.DataFrame(answers, schema=_ANSWER, orient="row").sort("row", "rule")
    return _changed(frame, changes), key


def plantable_rules(frame: pl.DataFrame, category: str, layout: str = Layout.CATEGORY_LIST) -> list[str]:
    """The rules that can be broken in these records when they are written in this layout."""
    return list(_kinds(frame, RecordCategory(category), Layout(layout)))


def _kinds(frame: pl.DataFrame, category: RecordCategory, layout: Layout) -> dict[str, list[Fault]]:
    seen = visible_fields(frame, category, layout)
    kinds: dict[str, list[Fault]] = {}
    for fault in FAULTS:
        possible = {fault.field, *fault.touched} <= seen
        possible = possible and category not in NOT_IN_CATEGORY.get(fault.rule, ())
        if possible and frame.select(fault.among.any()).item():
            kinds.setdefault(fault.rule, []).append(fault)
    return kinds


def _wanted(faults: Sequence[tuple[str, int]] | int, kinds: dict[str, list[Fault]]) -> Iterator[str]:
    if isinstance(faults, int):
        return (rule for rule, _ in zip(cycle(kinds), range(faults), strict=False))
    return (rule for rule, count in faults for _ in range(count))


def _choose(
    rule: str, kinds: Sequence[Fault], frame: pl.DataFrame, free: set[int], rng: Random
) -> tuple[Fault, list[int]]:
    """A kind of this rule that still finds records, and the records; the last of them is to be changed."""
    for fault in rng.sample(kinds, k=len(kinds)):
        places = frame.filter(fault.among)["place"].to_list()
        open_places = [place for place in places if place in free]
        if len(open_places) > fault.paired:
            return fault, rng.sample(open_places, k=1 + fault.paired)
    raise ValueError(f"no record is left in which rule {rule} could be broken")


def _changed(frame: pl.DataFrame, changes: dict[int, Cells]) -> pl.DataFrame:
    columns = sorted({field for cells in changes.values() for field in cells} & set(frame.columns))
    replaced: list[pl.Series] = []
    for column in columns:
        places = [place for place, cells in changes.items() if column in cells]
        values = pl.Series([changes[place][column] for place in places], dtype=pl.String)
        replaced.append(frame[column].scatter(places, values))
    return frame.with_columns(replaced)
