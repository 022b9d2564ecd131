# pyright: reportUnknownMemberType=false
"""Vectorised questions about one cell: is it empty, a real date, of a form, one of a few codes.

Every expression is null or false where the cell is empty: emptiness is the business of ``required``.
"""

from collections.abc import Iterable

import polars as pl

from contracts.standard.fields import TEXT_TWINS
from contracts.standard.rules.context import Context

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


def both_empty(code: str, context: Context) -> pl.Expr:
    """True where neither the field nor its text column, if the file has one, is filled."""
    twin = TEXT_TWINS.get(code)
    empty = pl.col(code).is_null()
    return empty & pl.col(twin).is_null() if twin in context.at_hand and twin != "ZYMC" else empty
