# pyright: reportUnknownMemberType=false
"""Signs that plain text does not have: what F02 and F03 look for, and the sieve that spares them clean columns.

Four patterns over some fifty columns would be most of the pack's time. One pattern a column tells whether the
column is clean, and most are.
"""

from functools import cache

import polars as pl

from contracts.standard.fields import fields_of
from contracts.vocabulary import RecordCategory

_NONCHARACTERS = r"\x{FDD0}-\x{FDEF}" + "".join(
    rf"\x{{{plane:X}FFFE}}\x{{{plane:X}FFFF}}" for plane in range(17)
)
_UNREADABLE = (
    rf"\x00-\x1F\x7F-\x{{9F}}\x{{FFFD}}\x{{E000}}-\x{{F8FF}}\x{{F0000}}-\x{{10FFFF}}{_NONCHARACTERS}"
)
_INVISIBLE = r"\x{AD}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{206F}\x{FEFF}"

UNREADABLE = f"[{_UNREADABLE}]"
"""Replacement and private-use characters, controls, code points that are no characters."""
INVISIBLE = f"[{_INVISIBLE}]"
"""Signs without width or that turn the writing direction: nobody sees them, no comparison survives them."""
OUTER_BLANK = r"^\s|\s$"
NOT_ASCII = r"[^\x20-\x7E]"

_ODD_IN_TEXT = rf"[{_UNREADABLE}{_INVISIBLE}]|{OUTER_BLANK}"
_ODD_IN_CODES = r"[^\x21-\x7E]"
_TEXT_ALLOWED = frozenset({"LWZXYZ", "LWLXM", "LWXTLYM"})
_CODE_LIKE = frozenset(
    [
        "CSRQ",
        "ZJHM",
        "SJHM",
        "DZYX",
        "KSH",
        "RXNY",
        "BYNY",
        "SQXWNY",
        "WYKSNY",
        "HXWRQ",
        "XH",
        "XZ",
        "XWZSBH",
        "XWZSYS",
        "SQXWBH",
        "ZYDM",
        "YJXKM",
        "ZYLY",
    ]
)


@cache
def ascii_fields(category: RecordCategory) -> frozenset[str]:
    """The codes, dates and numbers among the fields: what is written in half-width ASCII (半角)."""
    coded = {field.code for field in fields_of(category) if field.code_table is not None}
    own = {field.code for field in fields_of(category)}
    return frozenset((coded | _CODE_LIKE) & own - _TEXT_ALLOWED)


def odd_columns(frame: pl.DataFrame, category: RecordCategory) -> frozenset[str]:
    """The fields in which at least one cell may hold a sign that plain text does not have."""
    filled = [field.code for field in fields_of(category) if frame[field.code].null_count() < frame.height]
    plain = ascii_fields(category)
    any_odd = frame.select(
        pl.col(code).str.contains(_ODD_IN_CODES if code in plain else _ODD_IN_TEXT).any() for code in filled
    )
    return (
        frozenset(code for code, odd in zip(filled, any_odd.row(0), strict=True) if odd)
        if filled
        else frozenset()
    )
