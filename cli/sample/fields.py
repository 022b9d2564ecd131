"""Which columns (字段) a sample of a category fills or leaves empty, in the order of the standard."""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files


@cache
def columns_of(category: str) -> Sequence[str]:
    """Field codes of the category list without its legacy columns, which Article 9 does not name."""
    text = files("contracts.standard").joinpath("tables", "fields.csv").read_text(encoding="utf-8")
    return tuple(
        row["code"]
        for row in csv.DictReader(text.splitlines())
        if row["category"] == category and row["requirement"] != "L"
    )
