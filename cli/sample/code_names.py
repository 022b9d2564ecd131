"""Names of codes (代码名称) as the standard's tables give them."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def names_of(table: str) -> Mapping[str, str]:
    """Code → Chinese name of a table in contracts/standard/tables; a code listed twice keeps its last name."""
    text = files("contracts.standard").joinpath("tables", f"{table}.csv").read_text(encoding="utf-8")
    return {row["code"]: row["name_zh"] for row in csv.DictReader(text.splitlines())}
