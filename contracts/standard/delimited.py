# pyright: reportUnknownMemberType=false
"""Reading delimited text (CSV): separators, quotation marks and row lengths are proven before parsing.

A lenient parser fills short rows with nothing and moves cells when a quotation mark is astray; either puts
one person's data into another field. So the structure is checked on the bytes first, and the fast parser
only sees what it cannot misread.
"""

import re
from dataclasses import dataclass

import polars as pl

from contracts.standard.raw_table import KnownHeader, RawTable, table_from_cells
from contracts.standard.text_encoding import to_utf8
from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason

_SEPARATORS = (b",", b"\t", b";")
_QUOTED_OR_LINE_END = re.compile(rb'"[^"]*"|\n')
_LINES_NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class _Text:
    """UTF-8 text without leading blank lines; ``first_line`` is the line of the file it starts on."""

    body: bytes
    first_line: int
    separator: bytes


def read_delimited(data: bytes, known: KnownHeader, limits: ReadLimits) -> RawTable:
    """Reads CSV with comma, tab or semicolon; raises Unreadable."""
    utf8, encoding = to_utf8(data)
    text = _text(utf8, known)
    lines = _record_lines(text)
    width = lines[0].count(text.separator) + 1
    if width > limits.columns_max:
        raise Unreadable(UnreadableReason.TOO_MANY_COLUMNS, detail_en=f" ({width})", detail_zh=f"({width})")
    numbers = _line_numbers(text, len(lines))
    blank = [place for place, line in enumerate(lines) if not line.strip()]
    if len(lines) - len(blank) - 1 > limits.rows_max:
        raise Unreadable(UnreadableReason.TOO_MANY_ROWS, where=f"row {numbers[limits.rows_max + 1]}")
    _check_widths(lines, text.separator, numbers)
    cells, rows = _cells(text, width, len(lines)), pl.Series("row", numbers, pl.Int64)
    if blank:
        kept = ~pl.int_range(len(lines), eager=True).is_in(blank)
        cells, rows = cells.filter(kept), rows.filter(kept)
    return table_from_cells(cells, rows, known, limits, encoding)


def _text(utf8: bytes, known: KnownHeader) -> _Text:
    if b"\n" not in utf8:
        utf8 = utf8.replace(b"\r", b"\n")
    body = utf8.lstrip(b" \t\r\n")
    # Leading blank lines go; blanks in front of the first header stay.
    start = utf8.rfind(b"\n", 0, len(utf8) - len(body)) + 1
    if not body:
        raise Unreadable(UnreadableReason.EMPTY)
    header = utf8[start:].split(b"\n", 1)[0].decode()
    separator = max(_SEPARATORS, key=lambda sign: _known_count(header, sign.decode(), known))
    body = utf8[start:].rstrip(b"\r\n") + b"\n"
    return _Text(body, utf8.count(b"\n", 0, start) + 1, separator)


def _known_count(header: str, separator: str, known: KnownHeader) -> int:
    return sum(known(name.strip(' \r"')) for name in header.split(separator))


def _record_lines(text: _Text) -> list[bytes]:
    """One line per record, with each quoted cell shrunk to a single quotation mark."""
    body = text.body
    if b'"' not in body:
        return body.split(b"\n")[:-1]
    shrunk = b'"'.join(body.split(b'"')[::2])
    # A quotation mark opens right after a separator and closes right before one; "" inside is an escape.
    around = b'["\\n%b]' % text.separator
    astray = re.search(rb'(?<!%b)(?<!^)"|"(?!%b|\r\n)' % (around, around), shrunk)
    if astray or body.count(b'"') % 2:
        ordinal = shrunk.count(b"\n", 0, astray.start() if astray else len(shrunk))
        numbers = _line_numbers(text, ordinal + 1)
        raise Unreadable(UnreadableReason.QUOTES, where=f"row {numbers[min(ordinal, len(numbers) - 1)]}")
    return shrunk.split(b"\n")[:-1]


def _line_numbers(text: _Text, count: int) -> list[int]:
    """The line of the file on which each record starts."""
    first = text.first_line
    if text.body.count(b"\n") == count:
        return list(range(first, first + count))
    numbers, line = [first], first
    for found in _QUOTED_OR_LINE_END.finditer(text.body):
        line += found[0].count(b"\n")
        if found[0] == b"\n":
            numbers.append(line)
    return numbers[:count]


def _check_widths(lines: list[bytes], separator: bytes, numbers: list[int]) -> None:
    expected = lines[0].count(separator)
    wrong = [place for place, line in enumerate(lines) if line.count(separator) != expected]
    ragged = [numbers[place] for place in wrong if lines[place].strip()]
    if ragged:
        named = ", ".join(map(str, ragged[:_LINES_NAMED_MAX]))
        counts = (f",共 {len(ragged)} 行", f", {len(ragged)} rows in all")
        raise Unreadable(
            UnreadableReason.RAGGED, where=f"row {named}", detail_zh=counts[0], detail_en=counts[1]
        )


def _cells(text: _Text, width: int, count: int) -> pl.DataFrame:
    quoted = b'"' in text.body
    cells = pl.read_csv(
        text.body,
        has_header=False,
        separator=text.separator.decode(),
        quote_char='"' if quoted else None,
        schema={f"c{place}": pl.String for place in range(width)},
    )
    if cells.height != count:
        raise Unreadable(UnreadableReason.DAMAGED)
    if not quoted:
        return cells
    return cells.with_columns(pl.when(pl.all() != "").then(pl.all()))
