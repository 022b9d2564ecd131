# pyright: reportUnknownMemberType=false
"""Reading a workbook (XLSX): the one visible sheet with known headers, every cell as text.

A formula is an answer to the sender, naming sheet and cell: its shown value is not data somebody entered.
Hidden sheets are not read: what a person sees is what is filed.
"""

import re
from collections import Counter
from dataclasses import replace

import fastexcel
import polars as pl

from contracts.standard.raw_table import KnownHeader, RawTable, table_from_cells
from contracts.standard.sheet_survey import SHEET_NAME_SHOWN_CHARS, Survey, survey
from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason
from contracts.standard.workbook_parts import Sheet, unpack

ENCODING = "xlsx"
_NO_TABLE = (UnreadableReason.HEADER_ONLY, UnreadableReason.NO_KNOWN_COLUMNS, UnreadableReason.EMPTY)


def read_workbook(data: bytes, known: KnownHeader, limits: ReadLimits) -> RawTable:
    """Reads an XLSX workbook; raises Unreadable."""
    surveys, packed = _looked_through(data, limits)
    reader = fastexcel.read_excel(packed)
    found: list[tuple[int, Survey, RawTable]] = []
    problems: list[Unreadable] = []
    for surveyed in surveys:
        try:
            table = _table(reader, surveyed.sheet_name, known, limits)
        except Unreadable as problem:
            if problem.code not in _NO_TABLE:
                raise
            problems.append(problem)
        else:
            found.append((sum(map(known, table.headers)), surveyed, table))
    return _only_table(found, problems)


def _looked_through(data: bytes, limits: ReadLimits) -> tuple[list[Survey], bytes]:
    """The surveys of the visible sheets and the workbook packed for the parser; their XML is let go."""
    parts = unpack(data, limits)
    lengths = [len(text) for text in parts.shared_strings.split(b"</si>")]
    surveys: list[Survey] = []
    for sheet in parts.sheets:
        surveys.append(survey(sheet, limits))
        _check_text_volume(sheet, lengths, limits)
    return surveys, parts.packed


def _table(reader: fastexcel.ExcelReader, name: str, known: KnownHeader, limits: ReadLimits) -> RawTable:
    # With no header row and nothing skipped, row n of the frame is row n + 1 of the sheet.
    loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    if not loaded.width:
        raise Unreadable(UnreadableReason.EMPTY)
    cells = loaded.select(pl.when(pl.all() != "").then(pl.all()))
    rows = pl.int_range(1, cells.height + 1, dtype=pl.Int64, eager=True).alias("row")
    return table_from_cells(cells, rows, known, limits, ENCODING)


def _only_table(found: list[tuple[int, Survey, RawTable]], problems: list[Unreadable]) -> RawTable:
    """The one sheet that holds the records; the checks that only matter for that sheet."""
    if not found:
        told = sorted(problems, key=lambda problem: _NO_TABLE.index(problem.code))
        raise told[0] if told else Unreadable(UnreadableReason.EMPTY)
    found.sort(key=lambda one: one[0], reverse=True)
    known_count, surveyed, table = found[0]
    name = surveyed.sheet_name[:SHEET_NAME_SHOWN_CHARS]
    # A list of codes beside the records may share a header or two with them; a second table shares most.
    rivals = [
        other.sheet_name[:SHEET_NAME_SHOWN_CHARS] for count, other, _ in found[1:] if 2 * count >= known_count
    ]
    if rivals:
        raise Unreadable(UnreadableReason.SEVERAL_SHEETS, where=f"{name}, {rivals[0]}")
    if surveyed.formula:
        raise Unreadable(UnreadableReason.FORMULA, where=f"{name}!{surveyed.formula}")
    if surveyed.error_value:
        raise Unreadable(UnreadableReason.ERROR_VALUE, where=f"{name}!{surveyed.error_value}")
    return replace(table, long_numbers=_by_place(table, surveyed))


def _by_place(table: RawTable, surveyed: Survey) -> dict[int, tuple[int, ...]]:
    # Frame columns are named by place in the sheet's rectangle, which starts at its first filled column.
    places = {int(name.rpartition("_")[2]): place for place, name in enumerate(table.cells.columns)}
    by_column = {column - surveyed.first_column: rows for column, rows in surveyed.long_numbers.items()}
    return {places[column]: tuple(rows) for column, rows in by_column.items() if column in places}


def _check_text_volume(sheet: Sheet, lengths: list[int], limits: ReadLimits) -> None:
    """Refuses a sheet whose few shared texts, repeated cell by cell, would fill the memory."""
    cells_max = sheet.xml.count(b"<v>")
    if max(lengths) * cells_max <= 4 * limits.unpacked_bytes_max:
        return
    used = Counter(re.findall(rb"<v>(\d{1,9})</v>", sheet.xml))
    total = sum(lengths[int(index)] * times for index, times in used.items() if int(index) < len(lengths))
    if total > 2 * limits.unpacked_bytes_max:
        raise Unreadable(UnreadableReason.ZIP_BOMB, where=sheet.name[:SHEET_NAME_SHOWN_CHARS])
