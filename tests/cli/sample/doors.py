"""The door the samples of these tests go through: the real reader and the real rule pack."""

from datetime import date
from itertools import product

import polars as pl

from cli.sample.records import make_records
from contracts.standard.layouts import Layout
from contracts.standard.pack import Context, Stage, check_records
from contracts.standard.readers import read_records
from contracts.vocabulary import DegreeLevel, RecordCategory

AWARDED = date(2026, 6, 20)
NUMBER = "校学位〔2026〕12号"
PLACES = [
    (category, layout)
    for category, layout in product(RecordCategory, Layout)
    if layout is not Layout.BACHELOR_OLDER or category.level is DegreeLevel.BACHELOR
]


def findings_of(
    content: bytes, form: str, category: RecordCategory, stage: Stage = Stage.UNIT, unit: str = "10284"
):
    records = read_records(content, filename=f"sample.{form}", category=category)
    context = Context(
        category=category,
        stage=stage,
        unit_code=unit,
        on=date(2026, 11, 23),
        columns=records.columns,
        resolution_numbers=frozenset({NUMBER}),
    )
    return records, check_records(records.frame, context).findings.select("rule", "row", "field").rows()


def sample(category: str, count: int = 300, unit: str = "10284", **changes) -> pl.DataFrame:
    terms = {"seed": 7, "award_on": AWARDED, "resolution_number": NUMBER} | changes
    return make_records(category, unit, count, **terms)
