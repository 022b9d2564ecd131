# pyright: reportUnknownMemberType=false
"""Identity numbers (身份证件号码): forms per document type and the check character of GB 11643-1999, vectorised."""

import polars as pl

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
WITH_CHECK_CHARACTER = ("01", "07", "08")
"""Document types whose last character is computed: 居民身份证, 港澳台居民居住证, 外国人永久居留身份证(2023版)."""

CITIZEN_FORM = "^[0-9]{17}[0-9X]$"
_CHUNK = 4


def check_character(digits: str) -> str:
    """The eighteenth character of a number that starts with these seventeen digits (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def _sums(weights: tuple[int, ...]) -> pl.Series:
    """The weighted digit sum of every number of as many digits as there are weights, by the number itself."""
    sums = [0]
    for weight in weights:
        sums = [total + digit * weight for total in sums for digit in range(10)]
    return pl.Series(sums, dtype=pl.Int32)


_SUMS = tuple(_sums(WEIGHTS[start : start + _CHUNK]) for start in range(0, len(WEIGHTS), _CHUNK))
_CHECK_BY_REMAINDER = pl.Series(list(CHECK_CHARACTERS))


def carries_check_character() -> pl.Expr:
    """True where the document type has a check character and the number has the form that carries one."""
    return pl.col("ZJLXM").is_in(WITH_CHECK_CHARACTER) & pl.col("ZJHM").str.contains(CITIZEN_FORM)


def expected_check_character() -> pl.Expr:
    """The check character the first seventeen digits call for; null where they are not seventeen digits.

    Four digits at a time are looked up: five steps a number instead of seventeen.
    """
    number = pl.when(carries_check_character()).then(pl.col("ZJHM"))
    digits = number.str.slice(0, len(WEIGHTS)).cast(pl.Int64, strict=False)
    total = pl.lit(0, dtype=pl.Int32)
    for step, sums in enumerate(_SUMS):
        width = min(_CHUNK, len(WEIGHTS) - step * _CHUNK)
        behind = len(WEIGHTS) - step * _CHUNK - width
        chunk = (digits // 10**behind) % 10**width
        total = total + pl.lit(sums).gather(chunk.cast(pl.UInt32))
    return pl.lit(_CHECK_BY_REMAINDER).gather((total % 11).cast(pl.UInt32))
