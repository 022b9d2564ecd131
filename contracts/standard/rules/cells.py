# pyright: reportUnknownMemberType=false
"""Vectorised questions about one cell: is it a real date, a month, a code of a table, the text of its code.

Every expression is null or false where the cell is empty: emptiness is the business of ``required``.
"""

from collections.abc import Iterable

import polars as pl

from contracts.standard.fields import TEXT_TWINS, field_of
from contracts.standard.rules.context import Context
from contracts.standard.tables import code_table

DATE_FORM = "^[0-9]{8}$"
MONTH_FORM = "^(19(7[7-9]|[89][0-9])|20[0-9]{2})(0[1-9]|1[0-2])$"


def cell(code: str) -> pl.Expr:
    """The cell of a field, as uploaded."""
    return pl.col(code)


def real_date(code: str) -> pl.Expr:
    """The cell as a date; null where it is not eight digits of a day that exists (YYYYMMDD)."""
    text = pl.col(code)
    return pl.when(text.str.contains(DATE_FORM)).then(text.str.to_date("%Y%m%d", strict=False))


def not_a_date(code: str) -> pl.Expr:
    """True where the cell is filled but is no real day written YYYYMMDD."""
    return pl.col(code).is_not_null() & real_date(code).is_null()


def not_of_form(code: str, form: str) -> pl.Expr:
    """True where the cell is filled but does not match the pattern."""
    return ~pl.col(code).str.contains(form)


def not_in(code: str, codes: Iterable[str]) -> pl.Expr:
    """True where the cell is filled but is none of the codes."""
    return ~pl.col(code).is_in(sorted(codes))


def text_disagrees(code: str, context: Context) -> pl.Expr:
    """True where the text column of a coded field names no entry, or another one than the code does.

    False where the file has no such column, where its cell is empty and where the code itself is unknown
    (which is its own finding).
    """
    field = field_of(context.category, code)
    if field is None or field.code_table is None or field.text_twin not in context.at_hand:
        return pl.lit(value=False)
    table = code_table(field.code_table)
    agreed = [f"{known}|{text}" for text, known in table.codes_by_text.items()]
    agreed += [f"|{text}" for text in table.codes_by_text]
    code_or_none = pl.col(code).fill_null("")
    pair = pl.concat_str(code_or_none, pl.col(field.text_twin), separator="|")
    return code_or_none.is_in(["", *sorted(table.codes)]) & ~pair.is_in(agreed)


def both_empty(code: str, context: Context) -> pl.Expr:
    """True where neither the field nor its text column, if the file has one, is filled."""
    twin = TEXT_TWINS.get(code)
    empty = pl.col(code).is_null()
    return empty & pl.col(twin).is_null() if twin in context.at_hand and twin != "ZYMC" else empty
