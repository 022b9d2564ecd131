# pyright: reportUnknownMemberType=false
"""Reading a record file (读取报送文件): bytes in, records as one frame out, or a reason why not.

Values are kept exactly as given; only empty cells become null. Row numbers are lines of the uploaded file
as a person counts them. The hostile cases stop here: nothing but ``Unreadable`` leaves.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts.standard.fields import field_codes, fields_of
from contracts.standard.layouts import RECORD_ID, Columns, Layout, known_header, resolve_columns
from contracts.standard.raw_table import RawTable
from contracts.standard.table_reader import read_table
from contracts.standard.tables import code_table
from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason
from contracts.vocabulary import RecordCategory

__all__ = ["ReadLimits", "Records", "Unreadable", "UnreadableReason", "read_records"]

_NUMBERS_EATEN = ("ZJHM", "XWZSBH", "KSH", "XH")
_DATES_EATEN = ("CSRQ", "HXWRQ")
_EXPONENT = r"^\d(\.\d+)?[eE]\+?\d+$"
# What a spreadsheet makes of 20030501: a day number, or a date with hyphens and a time of day.
_DATE_REWRITTEN = r"^(\d{5}(\.0)?|\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?)$"
# The newer file gives the thesis language as text in the column that otherwise carries the code.
_TEXT_IN_CODE_COLUMN = {Layout.NEWER_27: ("LWZXYZ",)}


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one file (学位授予信息).

    ``frame``: ``row`` (Int64, line in the uploaded file), then every field code of the category (String,
    null where empty), then the text twins given and ``record_id`` where the file had them. ``eaten``: row
    and field code of numbers and dates a spreadsheet has rounded or rewritten; the frame keeps them as is.
    """

    frame: pl.DataFrame
    columns: Columns
    encoding: str
    row_count: int
    eaten: tuple[tuple[int, str], ...] = ()


def read_records(
    data: bytes | Path,
    *,
    filename: str,
    category: RecordCategory,
    limits: ReadLimits | None = None,
    layout: Layout | None = None,
) -> Records:
    """Reads an uploaded record file (CSV or XLSX) of one category; the layout is detected unless named.

    Raises Unreadable, with a reason of the closed list, and nothing else.
    """

    def known(header: str) -> bool:
        return known_header(header, category)

    table = read_table(data, filename, known, limits or ReadLimits())
    columns = resolve_columns(table.headers, category, layout)
    frame = _frame(table, columns, category)
    return Records(frame, columns, table.encoding, frame.height, _eaten(frame, table, columns))


def _frame(table: RawTable, columns: Columns, category: RecordCategory) -> pl.DataFrame:
    codes = field_codes(category)
    given = {code: table.cells.to_series(place) for code, place in columns.positions.items()}
    empty = pl.Series("", [None], pl.String).new_from_index(0, table.cells.height)
    fields = [given.get(code, empty).alias(code) for code in codes]
    others = [code for code in columns.positions if code not in codes]
    extra = [given[code].alias(code) for code in others if code != RECORD_ID]
    extra += [given[RECORD_ID].alias(RECORD_ID)] if RECORD_ID in given else []
    frame = pl.DataFrame([table.rows.alias("row"), *fields, *extra])
    return frame.with_columns(_codes_from_texts(columns, category))


def _codes_from_texts(columns: Columns, category: RecordCategory) -> list[pl.Expr]:
    """Fills code columns from text where the file gives text only; unknown text stays for the table rule."""
    expressions: list[pl.Expr] = []
    for field in fields_of(category):
        if field.code_table is None:
            continue
        twin = field.text_twin
        if field.code in _TEXT_IN_CODE_COLUMN.get(columns.layout, ()):
            source = field.code
        elif twin in columns.positions and field.code not in columns.positions:
            source = twin
        else:
            continue
        codes = dict(code_table(field.code_table).codes_by_text)
        expressions.append(pl.col(source or "").replace(codes).alias(field.code))
    return expressions


def _eaten(frame: pl.DataFrame, table: RawTable, columns: Columns) -> tuple[tuple[int, str], ...]:
    patterns = dict.fromkeys(_NUMBERS_EATEN, _EXPONENT) | dict.fromkeys(_DATES_EATEN, _DATE_REWRITTEN)
    like = {code: pl.col(code).str.contains(patterns[code]) for code in patterns.keys() & columns.positions}
    found: set[tuple[int, str]] = set()
    # In almost every file there is nothing to find: one pass over all columns tells where to look.
    any_like = frame.select(cells.any() for cells in like.values()).row(0) if like else ()
    for (code, cells), some in zip(like.items(), any_like, strict=True):
        if some:
            found.update((row, code) for row in frame.filter(cells)["row"])
        if code in _NUMBERS_EATEN and (long := table.long_numbers.get(columns.positions[code])):
            found.update((row, code) for row in frozenset(long) & frozenset(frame["row"]))
    return tuple(sorted(found))
