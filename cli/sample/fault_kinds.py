"""Kinds of faults (错误) that can be planted: each breaks one rule and, as far as can be, only that one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

import polars as pl

from cli.sample import identity
from contracts.vocabulary import DegreeLevel, RecordCategory

Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break a rule.

    ``field`` is where the finding will point, ``touched`` every field that changes, ``among`` the records
    it can be planted in, ``change`` gives the new cells of a record. ``paired`` faults take two records
    and change the second after the first.
    """

    rule: str
    field: str
    change: Callable[[Cells, Random], Cells]
    among: pl.Expr
    touched: tuple[str, ...] = ()
    paired: bool = False


def _filled(field: str) -> pl.Expr:
    return pl.col(field).is_not_null()


def _text(cells: Cells, field: str) -> str:
    return cells[field] or ""


def _set(field: str, value: str | None) -> Callable[[Cells, Random], Cells]:
    return lambda _cells, _rng: {field: value}


def _edit(field: str, edit: Callable[[str], str]) -> Callable[[Cells, Random], Cells]:
    return lambda cells, _rng: {field: edit(_text(cells, field))}


def _renumbered(number: str) -> Cells:
    """A document number and the photo named after it, so that only the number is wrong (C17)."""
    return {"ZJHM": number, "ZP": f"{number}.jpg"}


def _with_passport(field: str, edit: Callable[[str], str]) -> Callable[[Cells, Random], Cells]:
    """Changes a field of a person who shows a passport, whose number says nothing of birth and country."""

    def change(cells: Cells, rng: Random) -> Cells:
        passport = {"ZJLXM": identity.PASSPORT, **_renumbered(identity.passport_number(rng))}
        return {**passport, field: edit(_text(cells, field))}

    return change


def _wrong_dot(name: str) -> str:
    if "·" in name:
        return name.replace("·", "\u2022")
    return f"{name[:2]}\u2022{name[2:]}" if len(name) > 2 and not name.isascii() else f"{name}1"


def _wrong_check_character(cells: Cells, rng: Random) -> Cells:
    number = _text(cells, "ZJHM")
    return _renumbered(number[:17] + rng.choice("0123456789".replace(number[17], "")))


def _foreign_country(_: Cells, rng: Random) -> Cells:
    passport = {"ZJLXM": identity.PASSPORT, **_renumbered(identity.passport_number(rng))}
    return {**passport, "GBM": "999", "MZM": None, "ZZMMM": None}


def _other_day(born: str) -> str:
    return born[:6] + ("02" if born[6:] == "01" else "01")


def _other_country(cells: Cells, _: Random) -> Cells:
    """A country the document cannot belong to; whoever is no citizen has no political status (C04)."""
    country = _text(cells, "GBM")
    match cells["ZJLXM"]:
        case identity.RESIDENT:
            return {"GBM": identity.HONG_KONG, "ZZMMM": None}
        case identity.RESIDENCE_PERMIT:
            return {"GBM": identity.MACAO if country != identity.MACAO else identity.TAIWAN}
        case _:
            return {"GBM": "826"}


def _other_length(cells: Cells, _: Random) -> Cells:
    """An academic degree category for a professional one of the same level, or the other way round."""
    degree = _text(cells, "XWLBM")
    professional = {DegreeLevel.DOCTOR: "20854", DegreeLevel.MASTER: "30854", DegreeLevel.BACHELOR: "40851"}
    return {"XWLBM": professional[DegreeLevel(degree[0])] if len(degree) == 3 else f"{degree[0]}08"}


def _other_year(number: str) -> str:
    return f"{number[:6]}{int(number[6:10]) - 1}{number[10:]}"


def _next_month(cells: Cells, _: Random) -> Cells:
    year, month = divmod(int(_text(cells, "HXWRQ")[:4]) * 12 + int(_text(cells, "HXWRQ")[4:6]), 12)
    return {"BYNY": f"{year}{month + 1:02d}"}


def _same_award(cells: Cells, _: Random) -> Cells:
    """Everything of another record but the numbers that are one's own."""
    own = ("XWZSBH", "XH", "SQXWBH", "KSH")
    return {field: value for field, value in cells.items() if field not in own}


def _month_of(field: str) -> Fault:
    return Fault("F21", field, _edit(field, lambda month: month[:4] + "13"), _filled(field))


def _code_of(field: str) -> Fault:
    return Fault("F25", field, _set(field, "88"), _filled(field))


_CARRIES_BIRTH = pl.col("ZJLXM").is_in(["01", "07", "08"])
_CITIZEN = pl.col("ZJLXM") == identity.RESIDENT
_PASSPORT = ("ZJLXM", "ZJHM")

FAULTS: tuple[Fault, ...] = (
    Fault("F02", "BZ", _set("BZ", "补录\ue001"), pl.col("BZ").is_null()),
    Fault("F02", "LWTM", _edit("LWTM", lambda title: f"{title}\ufffd"), _filled("LWTM")),
    Fault("F03", "XH", _edit("XH", lambda number: f"{number} "), _filled("XH")),
    Fault("F03", "SQXWBH", _edit("SQXWBH", lambda number: f" {number}"), _filled("SQXWBH")),
    Fault("F04", "XM", _edit("XM", _wrong_dot), _filled("XM")),
    Fault("F06", "XBM", _set("XBM", "9"), _filled("XBM")),
    Fault("F07", "GBM", _foreign_country, _filled("GBM"), (*_PASSPORT, "GBM")),
    Fault("F10", "CSRQ", _with_passport("CSRQ", lambda born: born[:4] + "0230"), _filled("CSRQ"), _PASSPORT),
    Fault("F11", "ZJLXM", _set("ZJLXM", "88"), _filled("ZJLXM")),
    Fault("F12", "ZJHM", lambda cells, _: _renumbered(_text(cells, "ZJHM")[:-1] + "x"), _filled("ZJHM")),
    Fault("F13", "ZJHM", _wrong_check_character, _CARRIES_BIRTH),
    Fault(
        "F17",
        "XWLBM",
        _edit("XWLBM", lambda degree: degree[0] + "99999"[: len(degree) - 1]),
        _filled("XWLBM"),
    ),
    *(_month_of(field) for field in ("RXNY", "BYNY", "SQXWNY", "WYKSNY")),
    Fault("F22", "HXWRQ", _edit("HXWRQ", lambda day: day[:6] + "32"), _filled("HXWRQ")),
    Fault("F23", "XH", _set("XH", None), _filled("XH")),
    *(_code_of(field) for field in ("XXFSM", "XXXSM", "GDLXM")),
    Fault("F27", "XWZSBH", _edit("XWZSBH", lambda number: number[:-1] + "A"), _filled("XWZSBH")),
    Fault("F28", "JYBH", _edit("JYBH", lambda number: f"{number}附"), _filled("JYBH")),
    Fault("C01", "CSRQ", _edit("CSRQ", _other_day), _CARRIES_BIRTH),
    Fault("C02", "XBM", lambda cells, _: {"XBM": "2" if cells["XBM"] == "1" else "1"}, _CARRIES_BIRTH),
    Fault("C03", "GBM", _other_country, pl.col("ZJLXM").is_in(["01", "07", "08", "09"])),
    Fault("C04", "ZZMMM", _set("ZZMMM", None), _CITIZEN),
    Fault("C04", "MZM", _set("MZM", None), _CITIZEN),
    Fault("C04", "MZM", _set("MZM", "01"), pl.col("ZJLXM") == identity.PASSPORT),
    Fault("C05", "XWLBM", _other_length, _filled("XWLBM")),
    Fault("C06", "XWZSBH", _edit("XWZSBH", _other_year), _filled("XWZSBH")),
    Fault("C07", "HXWRQ", _next_month, _filled("BYNY"), ("BYNY",)),
    Fault("M01", "XWZSBH", lambda cells, _: {"XWZSBH": cells["XWZSBH"]}, _filled("XWZSBH"), paired=True),
    Fault("M03", "ZJHM", _same_award, _filled("ZJHM"), paired=True),
)

NOT_IN_CATEGORY: Mapping[str, frozenset[RecordCategory]] = {
    # S2 holds academic and professional degrees: no length is wrong there.
    "C05": frozenset({RecordCategory.S2}),
}
