# pyright: reportUnknownMemberType=false
"""C01–C04: what the identity document says about birth, sex and country (字段间校验, Article 9(1))."""

from functools import cache

import polars as pl

from contracts.standard.rules.cells import cell
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.identity_numbers import carries_check_character
from contracts.standard.rules.required import filled_in_vain
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.standard.tables import code_table
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_CHINA = "156"
_HOME_OF_PERMIT_PREFIX = {"81": "344", "82": "446", "83": "158"}
_NOT_FOREIGN = (_CHINA, "344", "446", "158")


@cache
def _allowed_countries() -> dict[str, tuple[str, ...]]:
    """Document type to the countries its column ``allowed_country`` lists; types open to any or all but China stay out."""
    rows = code_table("id_document_type").rows.select("code", "allowed_country").iter_rows()
    return {code: tuple(text.split("|")) for code, text in rows if text[0].isdigit()}


_NOT_OF_CHINA = ("08", "09")
_PAIRS = [
    f"{document}:{country}" for document, countries in _allowed_countries().items() for country in countries
]
_ALPHA3 = dict(
    zip(*(code_table("country_gbt2659").rows[name].to_list() for name in ("alpha3", "code")), strict=True)
)


def _birth_differs() -> dict[str, pl.Expr]:
    return {"CSRQ": carries_check_character() & (cell("ZJHM").str.slice(6, 8) != cell("CSRQ"))}


def _sex_differs() -> dict[str, pl.Expr]:
    man = cell("ZJHM").str.slice(16, 1).is_in(["1", "3", "5", "7", "9"])
    said_man = cell("XBM") == "1"
    return {"XBM": carries_check_character() & cell("XBM").is_in(["1", "2"]) & (man != said_man)}


def _country_not_allowed() -> dict[str, pl.Expr]:
    pair = pl.concat_str("ZJLXM", "GBM", separator=":")
    bound = cell("ZJLXM").is_in(sorted(_allowed_countries())) & ~pair.is_in(_PAIRS)
    return {"GBM": bound | (cell("ZJLXM").is_in(_NOT_OF_CHINA) & (cell("GBM") == _CHINA))}


def _country_differs() -> dict[str, pl.Expr]:
    number, country = cell("ZJHM"), cell("GBM")
    prefix = number.str.slice(0, 2).replace_strict(
        _HOME_OF_PERMIT_PREFIX, default=None, return_dtype=pl.String
    )
    letters = number.str.slice(0, 3).replace_strict(_ALPHA3, default=None, return_dtype=pl.String)
    return {
        "GBM": ((cell("ZJLXM") == "07") & (prefix != country))
        | ((cell("ZJLXM") == "08") & (number.str.slice(3, 3) != country))
        | ((cell("ZJLXM") == "09") & (letters != country))
    }


def _chinese_lacks(context: Context) -> dict[str, pl.Expr]:
    if context.category is RecordCategory.X3:
        return {}
    country = cell("GBM").fill_null(_CHINA)
    chinese = (country == _CHINA) & (cell("ZJLXM") == "01")
    return {code: chinese & cell(code).is_null() for code in ("MZM", "ZZMMM") if context.carries(code)}


def _foreigner_has(context: Context) -> dict[str, pl.Expr]:
    if context.category is RecordCategory.X3:
        return filled_in_vain("C04", context)
    return {
        "ZZMMM": (cell("GBM") != _CHINA) & cell("ZZMMM").is_not_null(),
        "MZM": ~cell("GBM").is_in(_NOT_FOREIGN) & cell("MZM").is_not_null(),
    }


C01 = Rule(
    id="C01",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJHM", "CSRQ"),
    article="9(1)",
    evidence="GB 11643",
    message=Text(
        "出生日期与身份证件号码不一致", "The date of birth is not the one inside the identity number"
    ),
    fix=Text("请对照证件核对出生日期和号码", "Compare date and number with the document"),
    branches=(Branch("birth", EachRow.always(_birth_differs()), (example(),), (example(CSRQ="20020316"),)),),
)

C02 = Rule(
    id="C02",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJHM", "XBM"),
    article="9(1)",
    evidence="GB 11643",
    message=Text(
        "性别与身份证件号码第17位不一致", "The sex is not the one the seventeenth digit of the number tells"
    ),
    fix=Text(
        "第17位奇数为男、偶数为女,请对照证件核对", "Odd is male, even female; compare with the document"
    ),
    branches=(
        Branch(
            "sex",
            EachRow.always(_sex_differs()),
            (example(), example(ZJHM="11010519491231002X", CSRQ="19491231", XBM="2")),
            (example(XBM="2"),),
        ),
    ),
)

C03 = Rule(
    id="C03",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJLXM", "GBM"),
    article="9(1)",
    evidence="HB; permit rules",
    message=Text("国家或地区与证件类型不符", "The country does not go with the type of document"),
    fix=Text("请核对证件类型与国家或地区码", "Check the type of document and the country code"),
    branches=(
        Branch(
            "not-allowed",
            EachRow.always(_country_not_allowed()),
            (
                example(),
                example(ZJLXM="05", ZJHM="H12345678", GBM="344", ZZMMM=None),
                example(ZJLXM="11", ZJHM="G12345678"),
                example(ZJLXM="10", ZJHM="FX123456", GBM="840", MZM=None, ZZMMM=None),
            ),
            (
                example(GBM="344"),
                example(ZJLXM="06", ZJHM="12345678", GBM="344"),
                example(RecordCategory.X3, ZJLXM="09", ZJHM="USA310101234567", GBM="156"),
            ),
        ),
        Branch(
            "number-differs",
            EachRow.always(_country_differs()),
            (
                example(ZJLXM="07", ZJHM="810000199003070015", GBM="344", CSRQ="19900307", ZZMMM=None),
                example(
                    RecordCategory.X3,
                    ZJLXM="08",
                    ZJHM="911840199003070014",
                    GBM="840",
                    CSRQ="19900307",
                    XBM="1",
                ),
                example(RecordCategory.X3, ZJLXM="09", ZJHM="USA310101234567", GBM="840"),
            ),
            (
                example(ZJLXM="07", ZJHM="810000199003070015", GBM="446", CSRQ="19900307"),
                example(RecordCategory.X3, ZJLXM="08", ZJHM="911840199003070014", GBM="826", CSRQ="19900307"),
                example(RecordCategory.X3, ZJLXM="09", ZJHM="USA310101234567", GBM="826"),
            ),
            Text("国家或地区与证件号码中的代码不一致", "The country is not the one the number names"),
        ),
    ),
)

C04 = Rule(
    id="C04",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("GBM", "MZM", "ZZMMM"),
    article="9(1)",
    evidence="HB",
    message=Text(
        "民族、政治面貌与国籍不符", "Ethnic group or political status does not go with the nationality"
    ),
    fix=Text(
        "中国内地学生必填,外国学生留空,港澳台学生政治面貌留空",
        "Mainland Chinese fill both; foreigners leave both empty; Hong Kong, Macao and Taiwan leave the political status empty",
    ),
    branches=(
        Branch(
            "missing",
            EachRow(_chinese_lacks),
            (example(), example(ZJLXM="11", ZJHM="G12345678", ZZMMM=None)),
            (example(MZM=None), example(ZZMMM=None)),
            Text(
                "内地学生的民族和政治面貌必填",
                "A mainland student's ethnic group and political status must be given",
            ),
        ),
        Branch(
            "in-vain",
            EachRow(_foreigner_has),
            (example(RecordCategory.X3), example(ZJLXM="05", ZJHM="H12345678", GBM="344", ZZMMM=None)),
            (
                example(RecordCategory.X3, MZM="01"),
                example(RecordCategory.X3, ZZMMM="13"),
                example(ZJLXM="05", ZJHM="H12345678", GBM="344", ZZMMM="13"),
                example(ZJLXM="10", ZJHM="FX123456", GBM="840", ZZMMM=None),
            ),
            Text(
                "此项对非内地学生应为空", "The field must stay empty for a student from outside the mainland"
            ),
            Text("请清空该项", "Empty the field"),
        ),
    ),
)

RULES = (C01, C02, C03, C04)
