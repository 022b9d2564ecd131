# pyright: reportUnknownMemberType=false
"""A table as read, before its columns mean anything: headers, cells as text, line numbers.

Shared by record files and name lists, and by the two forms they come in (CSV and XLSX).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason

KnownHeader = Callable[[str], bool]
"""Whether a header names a column the reader of the table looks for."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """Headers, cells (String, null where empty) and the line of each row in the uploaded file.

    ``long_numbers``: by place of the column, the lines where a spreadsheet holds a number of more than 15
    digits, which it cannot keep exactly.
    """

    headers: tuple[str, ...]
    cells: pl.DataFrame
    rows: pl.Series
    encoding: str
    long_numbers: Mapping[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])


def table_from_cells(
    cells: pl.DataFrame, rows: pl.Series, known: KnownHeader, limits: ReadLimits, encoding: str
) -> RawTable:
    """Splits cells into headers (the first filled row) and records; blank rows go, their numbers stay.

    Raises Unreadable when there is nothing, nothing known, or more than the limits allow.
    """
    filled = cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    cells, rows = cells.filter(filled), rows.filter(filled)
    if cells.is_empty():
        raise Unreadable(UnreadableReason.EMPTY)
    cells = cells.select([column for column in cells if column.null_count() < cells.height])
    headers = tuple(value or f"第{place}列" for place, value in enumerate(cells.row(0), start=1))
    if not any(known(header) for header in headers):
        raise Unreadable(UnreadableReason.NO_KNOWN_COLUMNS, where=f"row {rows[0]}")
    cells, rows = cells.slice(1), rows.slice(1)
    _check_limits(cells, rows, headers, limits)
    return RawTable(headers, cells, rows, encoding)


def _check_limits(cells: pl.DataFrame, rows: pl.Series, headers: tuple[str, ...], limits: ReadLimits) -> None:
    if cells.width > limits.columns_max:
        raise Unreadable(UnreadableReason.TOO_MANY_COLUMNS, **_over(cells.width, limits.columns_max))
    if cells.height > limits.rows_max:
        raise Unreadable(UnreadableReason.TOO_MANY_ROWS, **_over(cells.height, limits.rows_max))
    if cells.is_empty():
        raise Unreadable(UnreadableReason.HEADER_ONLY)
    # Bytes are counted in no time and are never fewer than characters.
    longest = cells.select(pl.all().str.len_bytes().max()).row(0)
    for place, length in enumerate(longest):
        if (length or 0) > limits.cell_chars_max:
            _check_cell_lengths(cells.to_series(place), rows, headers[place], limits)


def _check_cell_lengths(column: pl.Series, rows: pl.Series, header: str, limits: ReadLimits) -> None:
    lengths = column.str.len_chars()
    place = lengths.arg_max()
    if place is not None and lengths[place] > limits.cell_chars_max:
        where = f"row {rows[place]}, {header[:40]}"
        raise Unreadable(
            UnreadableReason.CELL_TOO_LARGE, where=where, **_over(lengths[place], limits.cell_chars_max)
        )


def _over(found: int, limit: int) -> dict[str, str]:
    return {"detail_zh": f"({found} > {limit})", "detail_en": f" ({found} > {limit})"}
