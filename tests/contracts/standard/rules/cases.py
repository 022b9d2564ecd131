"""Examples turned into what check_records takes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl

from contracts.standard.pack import CheckReport, Context, Stage, check_records
from contracts.standard.rules.examples import RESOLUTION_NUMBER, UNIT, baseline
from contracts.standard.rules.rule import Cells, Example, Rule
from contracts.vocabulary import RecordCategory

CHECKING_DAY = date(2026, 11, 23)


def context_of(
    category: RecordCategory = RecordCategory.X1, stage: Stage = Stage.UNIT, **given: Any
) -> Context:
    told: dict[str, Any] = {"resolution_numbers": frozenset({RESOLUTION_NUMBER})} | given
    return Context(category, stage, UNIT, CHECKING_DAY, **told)


def frame_of(records: Iterable[Cells], category: RecordCategory = RecordCategory.X1) -> pl.DataFrame:
    rows = [{"row": line, **baseline(category), **cells} for line, cells in enumerate(records, start=2)]
    names = list(dict.fromkeys(name for row in rows for name in row))
    schema = {name: pl.Int64 if name == "row" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema)


def check(*records: Cells, category: RecordCategory = RecordCategory.X1, **given: Any) -> CheckReport:
    return check_records(frame_of(records or ({},), category), context_of(category, **given))


def judged(rule: Rule, case: Example) -> CheckReport:
    stage = next(stage for stage in Stage if stage in rule.stages)
    context = context_of(case.category, stage, **case.given)
    return check_records(frame_of(case.records, case.category), context)
