# pyright: reportUnknownMemberType=false
"""Code tables (代码表) of the data standard: codes, their names, and the institutions.

The tables are the CSV files beside this module; ``units_extra.csv`` holds sample units of ours in ranges
the published list of 2017 leaves out (research institutes, party schools, military), and
``text_aliases.csv`` the short texts upload files use for an entry (男 for 男性).
Source: 学位授予信息年报数据结构及代码手册 and the national standards named in each file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

_FOLDER = Path(__file__).with_name("tables")
_INSTITUTIONS = "institutions_2017"
# Upload files shorten these names: 工学学士 for 工学学士学位, 汉 for 汉族, 男 for 男性.
_DROPPED_ENDINGS = {
    "degree_category_xwlbm": ("学位", "专业学位"),
    "ethnic_gbt3304": ("族",),
    "sex_gbt2261_1": ("性",),
}


@dataclass(frozen=True, slots=True)
class CodeTable:
    """A code table (代码表): the codes in force, the name of each, and the texts that mean a code."""

    name: str
    rows: pl.DataFrame
    codes: frozenset[str]
    names: Mapping[str, str]
    codes_by_text: Mapping[str, str]

    def code_of(self, name_zh: str) -> str | None:
        """The code a Chinese name or one of its usual short forms means; None when it means none."""
        return self.codes_by_text.get(name_zh)


@dataclass(frozen=True, slots=True)
class Institution:
    """A degree-granting or training unit (学位授予单位): code, name and the province that reviews it.

    ``sample`` marks units made up for demonstrations and tests.
    """

    code: str
    name_zh: str
    province_code: str
    grants_bachelor: bool
    sample: bool = False


@cache
def code_table(name: str) -> CodeTable:
    """The code table of this name, for example ``sex_gbt2261_1``; KeyError when there is none."""
    rows = _institution_rows() if name == _INSTITUTIONS else _rows(name)
    if not {"code", "name_zh"} <= set(rows.columns):
        raise KeyError(name)
    names = dict(zip(rows["code"].to_list(), rows["name_zh"].to_list(), strict=True))
    return CodeTable(name, rows, frozenset(names), names, _codes_by_text(name, rows))


@cache
def has_code_table(name: str) -> bool:
    """Whether a code table of this name exists."""
    try:
        code_table(name)
    except KeyError:
        return False
    return True


def institution(code: str) -> Institution | None:
    """The unit with this five-digit code (学位授予单位码); None when the table has none."""
    return _institutions().get(code)


def province_of(unit_code: str) -> str | None:
    """The province (GB/T 2260 two digits, or JD for the military) that reviews a unit; None if unknown.

    Article 4: the first tier above a unit is the province where it lies; Article 29: the military office.
    """
    found = institution(unit_code)
    return found.province_code if found else None


@cache
def _rows(name: str) -> pl.DataFrame:
    path = _FOLDER / f"{name}.csv"
    if not path.is_file():
        raise KeyError(name)
    return pl.read_csv(path, infer_schema=False)


def _institution_rows() -> pl.DataFrame:
    listed = _rows(_INSTITUTIONS)
    ours = _rows("units_extra").select("code", "name_zh", "province_code", "province_zh", "note")
    return pl.concat([listed, ours], how="diagonal")


def _codes_by_text(name: str, rows: pl.DataFrame) -> dict[str, str]:
    texts: dict[str, str] = {}
    for code, name_zh in rows.select("code", "name_zh").iter_rows():
        for ending in _DROPPED_ENDINGS.get(name, ()):
            texts.setdefault(str(name_zh).removesuffix(ending), str(code))
    aliases = _rows("text_aliases").filter(pl.col("table") == name)
    texts.update(zip(aliases["text"].to_list(), aliases["code"].to_list(), strict=True))
    # A full name always means its own code, whatever a short form of another entry says.
    texts.update(zip(rows["name_zh"].to_list(), rows["code"].to_list(), strict=True))
    return texts


@cache
def _institutions() -> dict[str, Institution]:
    samples = frozenset(_rows("units_extra")["code"].to_list())
    rows = _institution_rows().select("code", "name_zh", "province_code", "may_grant_bachelor_degree_likely")
    return {
        code: Institution(code, name_zh, province_code, grants == "yes", code in samples)
        for code, name_zh, province_code, grants in rows.iter_rows()
    }
