"""Fields (数据项) of a degree record: what each of the ten record categories contains, in handbook order.

Source: 学位授予信息年报数据结构及代码手册 and Article 9 of the regulation; ``evidence`` tells, field by field,
where it was seen and what is inferred. The list is data: ``tables/fields.csv``.
"""

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from contracts.standard.tables import has_code_table
from contracts.vocabulary import RecordCategory

TEXT_TWINS = {
    "XBM": "XB",
    "GBM": "GB",
    "MZM": "MZ",
    "ZZMMM": "ZZMM",
    "ZJLXM": "ZJLX",
    "XWSYDWM": "XWSYDW",
    "PYDWM": "PYDW",
    "XWLBM": "XWLB",
    "ZYDM": "ZYMC",
    "XXXSM": "XXXS",
    "LWLXM": "LWLX",
    "LWXTLYM": "LWXTLY",
}
"""Coded fields and the column that carries their text; ZYMC is a field of its own as well."""

_LENGTH_NOT_GIVEN = 400
# Widths the platform needs where the handbook's are too narrow: "40 (platform 100)", "16 (legacy 17-18)".
_WIDER_LENGTH = re.compile(r"platform (\d+)|legacy \d+-(\d+)")
# A column may stay away when the platform fills the field, a default stands, or the newer format drops it.
_COLUMN_MAY_STAY_AWAY = frozenset(
    {
        "filled by the platform from the style register",
        "default 0",
        "optional from format 2024",
        "may be omitted in the 2012 list; default 156",
    }
)
# The identity number's "table" in the source is the table of patterns per document type, not of values.
_NOT_VALUES_OF_A_TABLE = frozenset({"ZJHM"})


class Requirement(StrEnum):
    """Whether a field must be filled: mandatory, conditional, optional, must stay empty, or legacy."""

    MANDATORY = "M"
    CONDITIONAL = "C"
    OPTIONAL = "O"
    EMPTY = "E"
    LEGACY = "L"


@dataclass(frozen=True, slots=True)
class Field:
    """One field (数据项) of a record category.

    ``length_chars`` counts characters, not the handbook's GBK bytes; ``code_table`` is the table its value
    must come from, or None; ``text_twin`` the column that carries the text of a coded field.
    """

    category: RecordCategory
    seq: int
    code: str
    name_zh: str
    length_chars: int
    requirement: Requirement
    condition: str | None
    code_table: str | None
    note: str | None
    evidence: str
    text_twin: str | None

    @property
    def column_demanded(self) -> bool:
        """Whether a file whose layout carries this field must have its column."""
        return self.requirement is Requirement.MANDATORY and self.condition not in _COLUMN_MAY_STAY_AWAY


@cache
def fields_of(category: RecordCategory) -> tuple[Field, ...]:
    """The fields of a record category (采集类别), in handbook order."""
    return tuple(field for field in _all_fields() if field.category == category)


@cache
def field_codes(category: RecordCategory) -> tuple[str, ...]:
    """The field codes of a record category, in handbook order: the columns of its record set."""
    return tuple(field.code for field in fields_of(category))


@cache
def field_of(category: RecordCategory, code: str) -> Field | None:
    """The field with this code in a category; None when the category has none."""
    return next((field for field in fields_of(category) if field.code == code), None)


@cache
def _all_fields() -> tuple[Field, ...]:
    path = Path(__file__).with_name("tables") / "fields.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(_field(row) for row in csv.DictReader(lines))


def _field(row: dict[str, str]) -> Field:
    code, table = row["code"], row["code_table"]
    return Field(
        category=RecordCategory(row["category"]),
        seq=int(row["seq"]),
        code=code,
        name_zh=row["name_zh"],
        length_chars=_length(row["length"]),
        requirement=Requirement(row["requirement"]),
        condition=row["condition"] or None,
        code_table=table if has_code_table(table) and code not in _NOT_VALUES_OF_A_TABLE else None,
        note=row["note"] or None,
        evidence=row["evidence"],
        text_twin=TEXT_TWINS.get(code),
    )


def _length(text: str) -> int:
    wider = _WIDER_LENGTH.search(text)
    if wider:
        return int(wider[1] or wider[2])
    digits = re.match(r"\d+", text)
    return int(digits[0]) if digits else _LENGTH_NOT_GIVEN
