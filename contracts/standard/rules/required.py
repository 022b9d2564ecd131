# pyright: reportUnknownMemberType=false
"""When a field must be filled (必填): the requirement letters and conditions of the field list, as expressions.

A rule that says "not empty" of a field reports the empty cell itself; F01 reports the rest. What the layout does
not carry is not demanded.
"""

from collections.abc import Callable, Mapping

import polars as pl

from contracts.standard.fields import Field, Requirement, fields_of
from contracts.standard.rules.cells import both_empty
from contracts.standard.rules.context import Context
from contracts.standard.rules.rule import Branch, EachRow, Example, Text

THESIS_SINCE = "20240601"
"""Award day from which bachelor theses and research directions are collected (newer format)."""

THESIS_WITH_TEXT = ("BYLW", "BYSJ", "QT")
"""Bachelor thesis types that come with title, keywords and tutor; the others (涉密论文, 无) must not."""

REPORTED_BY: Mapping[str, str] = {
    "XM": "F04",
    "XBM": "F06",
    "GBM": "F07",
    "MZM": "C04",
    "ZZMMM": "C04",
    "CSRQ": "F10",
    "ZJLXM": "F11",
    "ZJHM": "F12",
    "XWSYDWM": "F14",
    "XWLBM": "F17",
    "RXNY": "F21",
    "BYNY": "F21",
    "SQXWNY": "F21",
    "HXWRQ": "F22",
    "XH": "F23",
    "XXFSM": "F25",
    "XXXSM": "F25",
    "XWZSBH": "F27",
    "JYBH": "F28",
}
"""The rule that reports a field left empty against its requirement; F01 for every field not named here."""

MESSAGE = Text("必填项为空", "A field that must be filled is empty")
FIX = Text("请按数据结构补填该项", "Fill the field as the data structure asks")


def _never(_: Context) -> None:
    """The file cannot tell whether the condition holds, or the platform fills the field."""


def _always(_: Context) -> pl.Expr:
    return pl.lit(value=True)


def _award_from_thesis_day(_: Context) -> pl.Expr:
    return pl.col("HXWRQ") >= THESIS_SINCE


def _award_before_thesis_day(_: Context) -> pl.Expr:
    return pl.col("HXWRQ") < THESIS_SINCE


def _direction_is_due(_: Context) -> pl.Expr:
    # A graduate record without a title is a classified thesis (F37, C20): it names no direction either.
    return (pl.col("HXWRQ") >= THESIS_SINCE) & pl.col("LWTM").is_not_null()


def _thesis_has_text(_: Context) -> pl.Expr:
    return (pl.col("HXWRQ") >= THESIS_SINCE) & pl.col("LWLXM").is_in(THESIS_WITH_TEXT)


Condition = Callable[[Context], pl.Expr | None]
CONDITIONS: Mapping[str, Condition] = {
    "optional from format 2024": _award_before_thesis_day,
    "must not be 156": _always,
    "passport or permanent-residence card": _always,
    "when SFYJXK=0": lambda _: pl.col("SFYJXK") == "0",
    "when SFLHXW=1": lambda _: pl.col("SFLHXW") == "1",
    "HXWRQ >= 2024-06-01": _award_from_thesis_day,
    "LWLX is 毕业论文, 毕业设计 or 其他": _thesis_has_text,
    "as DSXM": _thesis_has_text,
    "required when GBM=156; empty for foreigners; optional for HK/Macao/Taiwan": _never,  # C04 asks
    "required when ZJLXM=01; empty for everyone outside the mainland": _never,  # C04 asks
    "filled by the platform from the style register": _never,
    "default 0": _never,
    "may be omitted in the 2012 list; default 156": _never,
    "when another unit trained the student": _never,
    "empty when classified": _never,
    "required for students admitted by national examination": _never,
    "province-defined": _never,
    "when the province requires the language test": _never,
    "empty for in-service students who get a degree without 学历 (单证)": _never,
    "from 2020": _never,
}


def must_be_filled(field: Field, context: Context) -> pl.Expr | None:
    """Where the field must be filled: an expression, or None when it never must in this file."""
    if field.requirement not in (Requirement.MANDATORY, Requirement.CONDITIONAL) or not context.carries(
        field.code
    ):
        return None
    if field.code in ("LWYJFX", "LWZXYZ") and field.condition == "HXWRQ >= 2024-06-01":
        return _direction_is_due(context)
    if field.code in ("SFYJXK", "YJXKM"):
        return _academic(context)
    return (CONDITIONS[field.condition] if field.condition else _always)(context)


def _academic(_: Context) -> pl.Expr:
    # S2 may also be a professional degree, which has a five-character code and no first-level discipline.
    return pl.col("XWLBM").str.len_chars() != 5


def left_empty(rule_id: str, context: Context) -> dict[str, pl.Expr]:
    """For the fields whose emptiness this rule reports: where the cell is empty though it must be filled."""
    found: dict[str, pl.Expr] = {}
    for field in fields_of(context.category):
        if REPORTED_BY.get(field.code, "F01") == rule_id:
            due = must_be_filled(field, context)
            if due is not None:
                found[field.code] = due & both_empty(field.code, context)
    return found


def filled_in_vain(rule_id: str, context: Context) -> dict[str, pl.Expr]:
    """For the fields that must be empty in this category (letter E): where the cell is filled."""
    return {
        field.code: pl.col(field.code).is_not_null()
        for field in fields_of(context.category)
        if field.requirement is Requirement.EMPTY and REPORTED_EMPTY_BY.get(field.code, "F01") == rule_id
    }


REPORTED_EMPTY_BY: Mapping[str, str] = {"MZM": "C04", "ZZMMM": "C04"}


def empty_branch(rule_id: str, good: tuple[Example, ...], bad: tuple[Example, ...]) -> Branch:
    """The branch of a rule that reports its mandatory fields left empty (必填项为空)."""
    check = EachRow(lambda context: left_empty(rule_id, context))
    return Branch("empty", check, good, bad, MESSAGE, FIX)
