# pyright: reportUnknownMemberType=false
"""Certificate numbers (学位证书编号): the form each award date and record category calls for, vectorised.

Since 2016-01-01 sixteen digits for all (学位〔2015〕18号); from 2005 to 2015 prefix letters told the kind
(notice of 2005-08-25); nothing is published on older numbers, so only their signs are judged.
"""

from collections.abc import Mapping

import polars as pl

from contracts.standard.rules.context import Context
from contracts.vocabulary import RecordCategory

_SIXTEEN_DIGITS_SINCE = "20160101"
_LETTERS_SINCE = "20050101"
_SIXTEEN_DIGITS = "^[0-9]{16}$"
_SIGNS_OF_OLDER = "^[0-9A-Z]{5,18}$"

_ORDINARY = "[0-9]{5}[234][0-9]{10}"
_SECOND_OR_DUAL = "[0-9]{5}4[0-9]{4}[SE][0-9]{5}"
_ADULT = "C[0-9]{5}4[0-9]{4}[0-9Z][0-9]{5}"
_EQUIVALENT = "T[0-9]{5}[23][0-9]{10}"
_FROM_ABROAD = "L[0-9]{5}[234][0-9]{10}"
_TEACHERS = "Q[0-9]{5}3[0-9]{10}"
_PROFESSIONAL = "Z[0-9]{5}[234][0-9]{4}[A-Z][0-9]{5}"

_COURSE = (_ORDINARY, _FROM_ABROAD)
FORMS_2005_TO_2015: Mapping[RecordCategory, tuple[str, ...]] = {
    RecordCategory.B1: _COURSE,
    RecordCategory.B2: (_EQUIVALENT,),
    RecordCategory.B3: (_PROFESSIONAL, _FROM_ABROAD),
    RecordCategory.S1: _COURSE,
    RecordCategory.S2: (_EQUIVALENT,),
    RecordCategory.S3: (_PROFESSIONAL, _TEACHERS, _FROM_ABROAD),
    RecordCategory.X1: (*_COURSE, _SECOND_OR_DUAL),
    RecordCategory.X2: (_ADULT,),
    RecordCategory.X3: (_FROM_ABROAD,),
    RecordCategory.X4: (_PROFESSIONAL, _FROM_ABROAD),
}


def not_a_certificate_number(context: Context) -> dict[str, pl.Expr]:
    """Where the number does not have the form of its award date and category."""
    number, award = pl.col("XWZSBH"), pl.col("HXWRQ")
    lettered = f"^(?:{'|'.join(FORMS_2005_TO_2015[context.category])})$"
    form = (
        pl.when(award < _LETTERS_SINCE)
        .then(number.str.contains(_SIGNS_OF_OLDER))
        .when(award < _SIXTEEN_DIGITS_SINCE)
        .then(number.str.contains(lettered))
        .otherwise(number.str.contains(_SIXTEEN_DIGITS))
    )
    return {"XWZSBH": ~form}


def bare_number() -> pl.Expr:
    """The number without its prefix letter: unit 5, level 1, year 4, six signs of the unit; null for other lengths."""
    number = pl.col("XWZSBH")
    return (
        pl.when(number.str.contains("^[0-9]{10}[0-9A-Z][0-9]{5}$"))
        .then(number)
        .when(number.str.contains("^[A-Z][0-9]{10}[0-9A-Z][0-9]{5}$"))
        .then(number.str.slice(1))
    )
