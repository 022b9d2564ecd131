# pyright: reportUnknownMemberType=false
"""Coded fields (代码项): the code is in its table, and the text beside it names the same entry."""

from functools import cache

import polars as pl

from contracts.standard.fields import field_of
from contracts.standard.rules.context import Context
from contracts.standard.rules.rule import Branch, EachRow, Example, Text
from contracts.standard.tables import code_table

_MESSAGE = Text("代码与其文字不一致", "The code and its text name different entries")
_FIX = Text("请核对代码列与文字列", "Compare the code column with the text column")


@cache
def codes_of(table: str) -> pl.Expr:
    """The codes of a table as one constant for ``is_in``; made once, for some tables have thousands."""
    return pl.lit(pl.Series(sorted(code_table(table).codes), dtype=pl.String)).implode()


@cache
def _agreed_pairs(table: str) -> pl.Expr:
    """Every ``code|text`` that names one entry, and ``|text`` for a code left empty."""
    texts = code_table(table).codes_by_text
    pairs = {f"{code}|{text}" for text, code in texts.items()} | {f"|{text}" for text in texts}
    return pl.lit(pl.Series(sorted(pairs), dtype=pl.String)).implode()


def not_in_table(code: str, table: str) -> pl.Expr:
    """True where the cell is filled but is no code of the table."""
    return ~pl.col(code).is_in(codes_of(table))


def text_branch(code: str, good: tuple[Example, ...], bad: tuple[Example, ...]) -> Branch:
    """The branch that reports a text column naming no entry, or another one than the code does.

    An unknown code is its own finding and not this one; a file without the text column has none.
    """
    return Branch("text", EachRow(lambda context: _text_disagrees(code, context)), good, bad, _MESSAGE, _FIX)


def _text_disagrees(code: str, context: Context) -> dict[str, pl.Expr]:
    field = field_of(context.category, code)
    if field is None or field.code_table is None or field.text_twin not in context.at_hand:
        return {}
    given = pl.col(code)
    pair = pl.concat_str(given.fill_null(""), pl.col(field.text_twin), separator="|")
    known = given.is_null() | given.is_in(codes_of(field.code_table))
    return {code: known & ~pair.is_in(_agreed_pairs(field.code_table))}
