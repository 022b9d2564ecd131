"""Surveying a sheet's XML before it is parsed: how far it reaches, formulas, numbers too long to be exact.

The parser lays a sheet out as a full rectangle, so one cell in the far corner would cost all memory there
is; and it hands over a formula's last result as if somebody had typed it. Both are seen here first.
Regular sheets (every spreadsheet program in use) are searched as bytes; anything else is walked as XML.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from xml.parsers import expat

from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason
from contracts.standard.workbook_parts import Sheet

SHEET_NAME_SHOWN_CHARS = 40
_IRREGULAR_ROW = re.compile(rb'<row(?=[\s/>])(?! r="\d{1,7}")')
_PREFIXED = re.compile(rb":(?:c|row|f)[\s/>]")
_SINGLE_QUOTED = re.compile(rb"<(?:c|row) [^<>]*'")
_ROWS = re.compile(rb'<row r="(\d+)"')
_FORMULA = re.compile(rb"<f[\s/>]")
_ERROR_CELL = re.compile(rb'<c r="([A-Z]+\d+)"[^<>]* t="e"')
_REFERENCE = re.compile(r"([A-Z]+)(\d+)")
# A spreadsheet keeps 15 digits; a longer number, or one written with an exponent, has been rounded.
_LONG_NUMBER = re.compile(rb"<v>(?:\d{16,}|\d(?:\.\d+)?[eE]\+?\d+)</v>")
_LONG_NUMBER_TEXT = re.compile(r"\d{16,}|\d(?:\.\d+)?[eE]\+?\d+")


@dataclass(slots=True)
class Survey:
    """What a sheet's XML tells, places counted from 1.

    ``first_column`` is the first with a value; ``last_column`` is known where the sheet was walked;
    ``formula`` and ``error_value`` (#N/A) name the first such cell; ``long_numbers`` are lines by column.
    """

    sheet_name: str = ""
    last_row: int = 0
    first_column: int = 0
    last_column: int = 0
    formula: str | None = None
    error_value: str | None = None
    long_numbers: dict[int, list[int]] = field(default_factory=lambda: defaultdict[int, list[int]](list))


def survey(sheet: Sheet, limits: ReadLimits) -> Survey:
    """Surveys a sheet; raises Unreadable when it reaches beyond the limits, naming sheet and cell."""
    # Blank rows between and below the records are allowed, a million of them is not.
    last_row_max = 2 * limits.rows_max + 1_000
    found = _searched(sheet.xml) if _is_regular(sheet.xml, last_row_max) else _walked(sheet.xml)
    found.sheet_name = sheet.name
    shown = sheet.name[:SHEET_NAME_SHOWN_CHARS]
    if found.last_row > last_row_max:
        raise Unreadable(
            UnreadableReason.TOO_MANY_ROWS,
            where=f"{shown}!{found.last_row}",
            detail_zh=",请删除数据下方的空行",
            detail_en="; delete empty rows below the data",
        )
    if found.last_column > limits.columns_max:
        where = f"{shown}!{column_letters(found.last_column)}"
        raise Unreadable(UnreadableReason.TOO_MANY_COLUMNS, where=where)
    return found


def column_number(letters: str) -> int:
    """The number, from 1, of a column named by letters: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column counted from 1."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _is_regular(xml: bytes, last_row_max: int) -> bool:
    """Whether every cell names its place in the usual way, within ZZ and the last row there may be."""
    # The whole tag is matched: the parser takes the last of two references, a search the first.
    reference = rb'r="[A-Z]{1,2}(?:%b)"(?: (?:s|t|cm|vm|ph)="\w*")* ?/?>' % _at_most(last_row_max)
    cell = re.compile(rb"<c(?! %b)[\s/>]" % reference)
    patterns = (cell, _IRREGULAR_ROW, _PREFIXED)
    return not any(pattern.search(xml) for pattern in patterns) and not (
        b"'" in xml and _SINGLE_QUOTED.search(xml)
    )


def _at_most(number: int) -> bytes:
    """A pattern for the numbers from 1 to this one, written without leading zeros."""
    digits = str(number)
    # Fewer digits first: most rows are told by the first branch, and there are a million cells.
    patterns = [rf"[1-9]\d{{0,{len(digits) - 2}}}"] if len(digits) > 1 else []
    for place, digit in enumerate(digits):
        lowest = 1 if place == 0 else 0
        if int(digit) > lowest:
            rest = len(digits) - place - 1
            patterns.append(rf"{digits[:place]}[{lowest}-{int(digit) - 1}]\d{{{rest}}}")
    return "|".join([*patterns, digits]).encode()


def _searched(xml: bytes) -> Survey:
    found = Survey(last_row=max(map(int, _ROWS.findall(xml)), default=0))
    found.first_column = _first_column(xml)
    formula = _FORMULA.search(xml)
    if formula:
        found.formula = _reference_before(xml, formula.start())
    error = _ERROR_CELL.search(xml) if b't="e"' in xml else None
    found.error_value = error[1].decode() if error else None
    for number in _LONG_NUMBER.finditer(xml):
        place = _REFERENCE.fullmatch(_reference_before(xml, number.start()))
        if place:
            found.long_numbers[column_number(place[1])].append(int(place[2]))
    return found


def _reference_before(xml: bytes, position: int) -> str:
    start = xml.rfind(b'<c r="', 0, position) + len(b'<c r="')
    return xml[start : xml.index(b'"', start)].decode()


def _first_column(xml: bytes) -> int:
    """The first column with a value: where the parser's rectangle starts."""
    for number in range(1, column_number("ZZ") + 1):
        if re.search(rb'<c r="%b\d+"[^<>]*><(?:v|is)\b' % column_letters(number).encode(), xml):
            return number
    return 0


class _Walk:
    """Walks a sheet as XML and keeps the survey; cells without a reference follow the one before."""

    def __init__(self) -> None:
        self.found = Survey()
        self._row = self._column = 0
        self._value: str | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "row":
            self._row, self._column = _whole(attributes.get("r"), self._row + 1), 0
        elif local == "c":
            self._place(attributes.get("r", ""))
            if attributes.get("t") == "e" and self.found.error_value is None:
                self.found.error_value = f"{column_letters(self._column)}{self._row}"
        elif local == "f" and self.found.formula is None:
            self.found.formula = f"{column_letters(self._column)}{self._row}"
        elif local in ("v", "is"):
            self._value = "" if local == "v" else None
            self.found.first_column = min(self.found.first_column or self._column, self._column)

    def text(self, data: str) -> None:
        if self._value is not None:
            self._value += data

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "v":
            if _LONG_NUMBER_TEXT.fullmatch(self._value or ""):
                self.found.long_numbers[self._column].append(self._row)
            self._value = None

    def _place(self, reference: str) -> None:
        given = _REFERENCE.fullmatch(reference.upper())
        self._column = column_number(given[1]) if given else self._column + 1
        self._row = int(given[2]) if given else self._row
        found = self.found
        found.last_row = max(found.last_row, self._row)
        found.last_column = max(found.last_column, self._column)


def _walked(xml: bytes) -> Survey:
    walk = _Walk()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise Unreadable(UnreadableReason.DAMAGED) from None
    return walk.found


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else otherwise
