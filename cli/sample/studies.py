"""What made-up people studied: majors, disciplines and professional categories with the degree they lead to.

Only entries that the catalogues of 2011/2012 and of 2022 hold under the same code and name are used, so
that a record is right for every year of entry (RULES F18, F19), and only those whose degree carries the
name of their own category (C10).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from contracts.standard.tables import code_table
from contracts.vocabulary import RecordCategory

_MAJORS = """
010101 020101 030101 030201 030302 040101 040106 040201 050101 050102 050201 050207 050301 060101 070101
070102 070201 070301 070501 071001 071101 071201 080102 080202 080301 080401 080403 080501 080601 080701
080703 080801 080901 080902 081001 081101 081201 081301 081401 081801 082401 082502 082601 082701 082802
083001 090101 090102 090301 090401 090501 100101 100201 100301 100401 100501 120101 120102 120103 120201
120202 120203 120206 120401 120402 120601 120901 130202 130301 130401 130502 130503
"""

_ADULT_MAJORS = "020101 030101 040106 050101 080202 080601 080901 081001 120201 120203 120206 120402"

_DISCIPLINES = """
0101 0201 0202 0301 0302 0303 0304 0305 0401 0402 0403 0501 0502 0503 0601 0602 0603 0701 0702 0703 0705
0706 0707 0709 0710 0712 0713 0714 0801 0802 0803 0804 0805 0806 0807 0808 0809 0810 0811 0812 0813 0814
0815 0816 0817 0818 0819 0820 0823 0828 0829 0830 0831 0832 0833 0835 0901 0902 0903 0904 0905 0906 0907
1001 1002 1003 1004 1005 1006 1007 1008 1011 1201 1203
"""

_SECOND_LEVEL = {
    "020204": "金融学",
    "030101": "法学理论",
    "040101": "教育学原理",
    "050101": "文艺学",
    "070101": "基础数学",
    "071001": "植物学",
    "080201": "机械制造及其自动化",
    "081203": "计算机应用技术",
    "100201": "内科学",
}
"""Second-level disciplines (二级学科) a unit may still award by."""

_PROFESSIONS = """
0251 0252 0253 0254 0256 0351 0352 0451 0452 0454 0551 0552 0854 0855 0856 0857 0858 0859 0860 0861 0951
0952 0954 1051 1052 1053 1054 1055 1056 1057 1251 1252 1253 1254 1255 1256
"""

_ARCHITECTURE = "082801"


@dataclass(frozen=True, slots=True)
class Study:
    """A field of study as a record carries it; codes are "" where the category has no such field.

    ``degree`` is the degree category (XWLBM), ``group`` the two digits of the discipline category (学科门类),
    ``years`` the regular length of a bachelor's course.
    """

    group: str
    degree: str
    name: str
    major: str = ""
    first_level: str = ""
    by_first_level: str = ""
    profession: str = ""
    years: str = ""


@cache
def studies_of(category: RecordCategory) -> Sequence[Study]:
    """The fields of study a sample of this category draws from."""
    match category:
        case RecordCategory.X1 | RecordCategory.X3:
            return tuple(_major(code) for code in _MAJORS.split())
        case RecordCategory.X2:
            return tuple(_major(code) for code in _ADULT_MAJORS.split())
        case RecordCategory.X4:
            name = code_table("bachelor_majors").names[_ARCHITECTURE]
            return (Study("08", "40851", name, major=_ARCHITECTURE, years="5"),)
        case RecordCategory.B3 | RecordCategory.S3:
            return _professions(category.level)
        case _:
            return _disciplines(category.level)


def _major(code: str) -> Study:
    years = "5" if code.startswith("10") else "4"
    return Study(code[:2], f"4{code[:2]}", code_table("bachelor_majors").names[code], major=code, years=years)


def _disciplines(level: str) -> Sequence[Study]:
    names = code_table("discipline_first_level_2022").names
    firsts = [
        Study(
            code[:2],
            level + code[:2],
            names[code],
            # The code may stay empty or repeat the first-level discipline with 00 (C12).
            major=code + "00" if place % 2 else "",
            first_level=code,
            by_first_level="1",
        )
        for place, code in enumerate(_DISCIPLINES.split())
    ]
    seconds = [
        Study(code[:2], level + code[:2], name, major=code, first_level=code[:4], by_first_level="0")
        for code, name in _SECOND_LEVEL.items()
    ]
    return (*firsts, *seconds)


def _professions(level: str) -> Sequence[Study]:
    names = code_table("professional_category_2022").names
    awarded = code_table("degree_category_xwlbm").names
    return tuple(
        Study(code[:2], level + code, names[code], profession=code)
        for code in _PROFESSIONS.split()
        if level + code in awarded
    )
