"""Why a file cannot be read (无法读取): a closed list of reasons, in words a clerk can act on.

An unreadable file is an answer to the person who sent it, never a crash. Texts name a line, a sheet or a
cell; they never carry a value. What each reason means stands in the published list, contracts.reasons.
"""

from dataclasses import dataclass
from enum import StrEnum

from contracts.reasons import reason


class UnreadableReason(StrEnum):
    """The closed list of reasons for which a record file or a name list cannot be read."""

    NOT_A_TABLE = "not-a-table"
    CANNOT_OPEN = "cannot-open"
    EMPTY = "empty"
    HEADER_ONLY = "header-only"
    NO_KNOWN_COLUMNS = "no-known-columns"
    ENCODING = "encoding"
    MIXED_ENCODING = "mixed-encoding"
    NUL_BYTES = "nul-bytes"
    RAGGED = "ragged"
    QUOTES = "quotes"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    ZIP_BOMB = "zip-bomb"
    XML_ENTITIES = "xml-entities"
    MACROS = "macros"
    OLD_XLS = "old-xls"
    ENCRYPTED = "encrypted"
    FORMULA = "formula"
    ERROR_VALUE = "error-value"
    SEVERAL_SHEETS = "several-sheets"
    TOO_LARGE = "too-large"
    TOO_MANY_ROWS = "too-many-rows"
    TOO_MANY_COLUMNS = "too-many-columns"
    CELL_TOO_LARGE = "cell-too-large"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a record file may hold: rows, characters per cell, columns, bytes, and how far it may unpack.

    ``file_bytes_max`` bounds the file as sent, ``unpacked_bytes_max`` the sum of what a workbook unpacks
    to, ``ratio_max`` how many times larger one of its parts may become.
    """

    rows_max: int = 20_000
    cell_chars_max: int = 32_767
    columns_max: int = 256
    file_bytes_max: int = 128 * 1024 * 1024
    unpacked_bytes_max: int = 256 * 1024 * 1024
    ratio_max: int = 200


class Unreadable(Exception):
    """A file cannot be read: ``code`` says why, ``where`` the line, sheet or cell; never a value.

    ``detail_zh`` and ``detail_en`` say what is wrong, where, and how to mend it.
    """

    def __init__(
        self, code: UnreadableReason, *, where: str = "", detail_zh: str = "", detail_en: str = ""
    ) -> None:
        why = reason(code)
        self.code = code
        self.where = where
        self.detail_zh = (
            f"{why.text_zh}{detail_zh}" + (f"(位置:{where})" if where else "") + f"。{why.fix_zh}"
        )
        self.detail_en = f"{why.text_en}{detail_en}" + (f" (at {where})" if where else "") + f". {why.fix_en}"
        self._details = (detail_zh, detail_en)
        super().__init__(f"{code}: {self.detail_en}")

    def __reduce__(self) -> tuple[object, ...]:
        # Files are read in a process of their own; the answer has to survive the way back.
        return _rebuild, (str(self.code), self.where, *self._details)


def _rebuild(code: str, where: str, detail_zh: str, detail_en: str) -> Unreadable:
    return Unreadable(UnreadableReason(code), where=where, detail_zh=detail_zh, detail_en=detail_en)
