"""Text encodings (文字编码) of uploaded CSV files: GB 18030, UTF-8 with or without BOM, UTF-16 with BOM.

One file, one encoding: a file put together from two is refused with the line where the other one starts,
because any single decoding would turn names into other characters without an error.
"""

import codecs
import re

from contracts.standard.unreadable import Unreadable, UnreadableReason

# Chance makes four three-byte UTF-8 sequences out of GB 18030 text about once in 25 million lines.
_SURELY_UTF8 = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]{2}[^\x80-\xff]*){4}")


def to_utf8(data: bytes) -> tuple[bytes, str]:
    """The text as UTF-8 without BOM, and the name of the encoding it came in; raises Unreadable."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _recoded(data, "utf-16"), "utf-16"
    if b"\x00" in data:
        raise Unreadable(UnreadableReason.NUL_BYTES, where=f"line {_line(data, data.index(0))}")
    has_bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if has_bom else data
    wrong = _first_wrong_byte(body, "utf-8")
    if wrong is None:
        return body, "utf-8-sig" if has_bom else "utf-8"
    _check_not_mixed(body)
    if has_bom:
        raise Unreadable(UnreadableReason.ENCODING, where=f"line {_line(body, wrong)}")
    return _recoded(body, "gb18030"), "gb18030"


def _check_not_mixed(body: bytes) -> None:
    """Looks at a file that is not UTF-8 as a whole, line by line."""
    utf8_line = other_line = 0
    utf8_count = other_count = 0
    for number, line in enumerate(body.split(b"\n"), start=1):
        if line.isascii():
            continue
        if _first_wrong_byte(line, "utf-8") is not None:
            other_line, other_count = other_line or number, other_count + 1
        elif _SURELY_UTF8.search(line):
            utf8_line, utf8_count = utf8_line or number, utf8_count + 1
    if utf8_count and other_count:
        # The encoding of fewer lines is the intruder.
        line = other_line if other_count <= utf8_count else utf8_line
        other = body.split(b"\n")[other_line - 1]
        known = _first_wrong_byte(other, "gb18030") is None
        raise Unreadable(
            UnreadableReason.MIXED_ENCODING if known else UnreadableReason.ENCODING, where=f"line {line}"
        )


def _recoded(data: bytes, encoding: str) -> bytes:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as wrong:
        where = f"line {_line(data, wrong.start)}" if encoding != "utf-16" else f"byte {wrong.start}"
        raise Unreadable(UnreadableReason.ENCODING, where=where) from None
    if "\x00" in text:
        raise Unreadable(
            UnreadableReason.NUL_BYTES, where=f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}"
        )
    return text.encode("utf-8")


def _first_wrong_byte(data: bytes, encoding: str) -> int | None:
    try:
        data.decode(encoding)
    except UnicodeDecodeError as wrong:
        return wrong.start
    return None


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1
