"""When made-up people studied (入学年月、毕业年月): terms that end before the degree is awarded.

Keeps RULES C07 (award not before graduation), C08 (entry, graduation, length of course) and C16 (those
who apply with equivalent education have an application month instead).
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from contracts.vocabulary import RecordCategory

APPLICANTS = frozenset({RecordCategory.B2, RecordCategory.S2})
"""Categories without entry and graduation: 同等学力人员."""

_REGULAR_YEARS = {
    RecordCategory.B1: (3, 4, 4, 5, 6),
    RecordCategory.B3: (3, 4, 5),
    RecordCategory.S1: (2, 3, 3, 3),
    RecordCategory.S3: (2, 2, 3),
}

_BIRTH_YEARS_BEFORE_AWARD = {
    RecordCategory.B1: (40, 26),
    RecordCategory.B2: (52, 30),
    RecordCategory.B3: (46, 28),
    RecordCategory.S1: (33, 23),
    RecordCategory.S2: (48, 28),
    RecordCategory.S3: (38, 23),
    RecordCategory.X1: (24, 21),
    RecordCategory.X2: (45, 23),
    RecordCategory.X3: (27, 21),
    RecordCategory.X4: (25, 22),
}


@dataclass(frozen=True, slots=True)
class Term:
    """Entry and graduation as YYYYMM, length of course in years; "" where the category has none."""

    entry: str
    graduation: str
    years: str


def birth_period(category: RecordCategory, award_on: date) -> tuple[date, date]:
    """The days between which those who get this degree on ``award_on`` were born."""
    oldest, youngest = _BIRTH_YEARS_BEFORE_AWARD[category]
    return date(award_on.year - oldest, 1, 1), date(award_on.year - youngest, 12, 31)


def draw_term(rng: Random, category: RecordCategory, award_on: date, years: str) -> Term:
    """The term of one person; ``years`` is the regular length of a bachelor's course."""
    if category in APPLICANTS:
        return Term("", "", "")
    if category is RecordCategory.X2:
        return _adult_term(rng, award_on)
    graduation = _latest(award_on, (6, 12))
    length = int(years) if years else rng.choice(_REGULAR_YEARS[category])
    # A few study one year longer.
    entry = graduation.year - length - (rng.random() < 0.04)
    return Term(f"{entry}09", f"{graduation:%Y%m}", years)


def application_month(award_on: date) -> str:
    """The month in which those with equivalent education applied (申请学位年月): eight months before."""
    year, month = divmod(award_on.year * 12 + award_on.month - 1 - 8, 12)
    return f"{year}{month + 1:02d}"


def _adult_term(rng: Random, award_on: date) -> Term:
    graduation = _latest(award_on, (1, 7))
    years, before = rng.choice((("2.5", 3), ("3", 3), ("5", 5)))
    return Term(f"{graduation.year - before}03", f"{graduation:%Y%m}", years)


def _latest(award_on: date, months: tuple[int, int]) -> date:
    """The first day of the last of these months that is not after the month of the award."""
    early, late = months
    if award_on.month >= late:
        return date(award_on.year, late, 1)
    if award_on.month >= early:
        return date(award_on.year, early, 1)
    return date(award_on.year - 1, late, 1)
