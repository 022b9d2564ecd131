# pyright: reportUnknownMemberType=false
"""F06–F13: sex, country, date of birth and identity document of the person (个人基本信息, Article 9(1))."""

import polars as pl

from contracts.standard.rules.cells import cell, not_a_date, not_in, real_date
from contracts.standard.rules.coded import codes_of, not_in_table, text_branch
from contracts.standard.rules.context import Stage
from contracts.standard.rules.identity_numbers import carries_check_character, expected_check_character
from contracts.standard.rules.required import empty_branch
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.standard.tables import code_table
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_MAN_OR_WOMAN = ("1", "2")
_CHINA = "156"
_OF_FOREIGNERS = ("08", "09", "10")
_EARLIEST_BIRTH = "19000101"


def _number_forms() -> str:
    """One pattern over ``type:number``, built from the table of document types; ASCII digits only."""
    rows = code_table("id_document_type").rows.select("code", "number_regex").iter_rows()
    forms = [f"{code}:{form.removeprefix('^').removesuffix('$')}" for code, form in rows]
    return f"^(?:{'|'.join(f'(?:{form})' for form in forms)})$".replace(r"\d", "[0-9]")


_NUMBER_FORMS = _number_forms()
# The two digits behind a travel permit count its issues and are no part of the number (NIA notice 2023).
_ISSUE_COUNT = "^(?:05:[HM][0-9]{10}|06:[0-9]{10}(?:[(（]?[A-Z][)）]?)?)$"


def _number_of_type() -> pl.Expr:
    return pl.concat_str("ZJLXM", "ZJHM", separator=":")


def _wrong_number() -> dict[str, pl.Expr]:
    # A number that is wrong only by small letters is reported once, as that.
    number = pl.concat_str("ZJLXM", cell("ZJHM").str.to_uppercase(), separator=":")
    known = cell("ZJLXM").is_in(codes_of("id_document_type"))
    return {"ZJHM": known & ~number.str.contains(_NUMBER_FORMS) & ~number.str.contains(_ISSUE_COUNT)}


def _issue_count() -> dict[str, pl.Expr]:
    permit = cell("ZJLXM").is_in(["05", "06"])
    return {"ZJHM": permit & _number_of_type().str.contains(_ISSUE_COUNT)}


def _unknown_place() -> dict[str, pl.Expr]:
    return {
        "ZJHM": (cell("ZJLXM") == "01") & ~cell("ZJHM").str.slice(0, 2).is_in(codes_of("province_gbt2260"))
    }


def _wrong_check_character() -> dict[str, pl.Expr]:
    last = cell("ZJHM").str.slice(17, 1)
    return {"ZJHM": carries_check_character() & (expected_check_character() != last)}


F06 = Rule(
    id="F06",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XBM",),
    article="9(1)",
    evidence="HB",
    message=Text("性别码应为1(男)或2(女)", "The sex code must be 1 (male) or 2 (female)"),
    fix=Text("请按身份证件填写1或2", "Enter 1 or 2 as on the identity document"),
    branches=(
        empty_branch("F06", (example(),), (example(XBM=None),)),
        Branch(
            "code",
            EachRow.always({"XBM": not_in("XBM", _MAN_OR_WOMAN)}),
            (example(),),
            (example(XBM="0"), example(XBM="男")),
        ),
        text_branch(
            "XBM",
            (example(XB="男"), example(XB="男性"), example(XB=None)),
            (example(XB="女"), example(XB="男人")),
        ),
    ),
)

F07 = Rule(
    id="F07",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("GBM",),
    article="9(1)",
    evidence="HB",
    message=Text("国家或地区码不在GB/T 2659代码表中", "The country or region code is not in GB/T 2659"),
    fix=Text(
        "请填写三位数字代码,中国为156,港澳台为344/446/158",
        "Enter the three digits; China 156, Hong Kong 344, Macao 446, Taiwan 158",
    ),
    branches=(
        empty_branch("F07", (example(), example(RecordCategory.X2, GBM=None)), (example(GBM=None),)),
        Branch(
            "code",
            EachRow.always({"GBM": not_in_table("GBM", "country_gbt2659")}),
            (example(),),
            (example(GBM="000"), example(GBM="CHN")),
        ),
        text_branch("GBM", (example(GB="中国"),), (example(GB="美国"),)),
        Branch(
            "student-from-abroad",
            EachRow(
                lambda context: (
                    {"GBM": cell("GBM") == _CHINA} if context.category is RecordCategory.X3 else {}
                )
            ),
            (example(RecordCategory.X3),),
            (example(RecordCategory.X3, GBM="156"),),
            Text(
                "来华留学生的国籍不能为中国(156)", "An international student's country cannot be China (156)"
            ),
            Text(
                "请填写护照所载国籍,或核对所选类别",
                "Enter the nationality of the passport, or choose the right category",
            ),
        ),
    ),
)

F10 = Rule(
    id="F10",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("CSRQ",),
    article="9(1)",
    evidence="HB",
    message=Text("出生日期不是有效日期(YYYYMMDD)", "The date of birth is not a real day written YYYYMMDD"),
    fix=Text("请按身份证件填写八位数字日期", "Enter eight digits as on the identity document"),
    branches=(
        empty_branch("F10", (example(),), (example(CSRQ=None),)),
        Branch(
            "date",
            EachRow.always({"CSRQ": not_a_date("CSRQ")}),
            (example(RecordCategory.X3, CSRQ="20000229"),),
            tuple(
                example(CSRQ=text)
                for text in ("20010229", "20021301", "2002-03-15", "2002315", "37330", "20020300")
            ),
        ),
        Branch(
            "too-early",
            EachRow.always({"CSRQ": real_date("CSRQ").is_not_null() & (cell("CSRQ") < _EARLIEST_BIRTH)}),
            (example(RecordCategory.X3, CSRQ="19000101"),),
            (example(CSRQ="18991231"),),
            Text("出生日期早于1900年1月1日", "The date of birth lies before 1 January 1900"),
        ),
        Branch(
            "after-award",
            EachRow.always({"CSRQ": real_date("CSRQ") > real_date("HXWRQ")}),
            (example(),),
            (example(CSRQ="20250626"),),
            Text("出生日期晚于获学位日期", "The date of birth lies after the award date"),
        ),
    ),
)

F11 = Rule(
    id="F11",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJLXM",),
    article="9(1)",
    evidence="HB",
    message=Text("身份证件类型码不在代码表中", "The document type is not in the code table"),
    fix=Text(
        "请按代码表填写两位代码,居民身份证为01",
        "Enter the two digits of the table; 01 is the resident identity card",
    ),
    branches=(
        empty_branch("F11", (example(),), (example(ZJLXM=None),)),
        Branch(
            "code",
            EachRow.always({"ZJLXM": not_in_table("ZJLXM", "id_document_type")}),
            (example(),),
            (example(ZJLXM="1"), example(ZJLXM="12")),
        ),
        text_branch("ZJLXM", (example(ZJLX="居民身份证"),), (example(ZJLX="护照"),)),
        Branch(
            "student-from-abroad",
            EachRow(
                lambda context: (
                    {"ZJLXM": not_in("ZJLXM", _OF_FOREIGNERS)}
                    if context.category is RecordCategory.X3
                    else {}
                )
            ),
            (example(RecordCategory.X3),),
            (example(RecordCategory.X3, ZJLXM="05", ZJHM="H12345678"),),
            Text(
                "来华留学生应使用护照或外国人永久居留证件",
                "An international student has a passport or a permanent-residence card",
            ),
        ),
    ),
)

F12 = Rule(
    id="F12",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJHM",),
    article="9(1)",
    evidence="JMU rules 2015; NIA notice 2023",
    message=Text(
        "身份证件号码与证件类型的格式不符", "The number does not have the form of this document type"
    ),
    fix=Text(
        "请对照证件原件填写完整号码,并核对证件类型",
        "Enter the full number as on the document, and check the document type",
    ),
    branches=(
        empty_branch("F12", (example(),), (example(ZJHM=None),)),
        Branch(
            "form",
            EachRow.always(_wrong_number()),
            (
                example(),
                example(ZJLXM="05", ZJHM="H12345678", GBM="344"),
                example(ZJLXM="06", ZJHM="12345678", GBM="158"),
                example(ZJLXM="07", ZJHM="810000199003070015", GBM="344", CSRQ="19900307"),
                example(RecordCategory.X3, ZJLXM="09", ZJHM="USA310101234567", GBM="840"),
                example(ZJLXM="11", ZJHM="G12345678"),
            ),
            (
                example(ZJHM="1101051949123100"),
                example(ZJHM="1.10105E+17"),
                example(ZJHM="１10105200203150077"),
                example(RecordCategory.X3, ZJHM="FX 123456"),
                example(ZJLXM="05", ZJHM="12345678"),
            ),
        ),
        Branch(
            "small-letters",
            EachRow.always({"ZJHM": cell("ZJHM").str.contains(r"\p{Ll}")}),
            (example(ZJHM="11010519491231002X", CSRQ="19491231", XBM="2"),),
            (example(ZJHM="11010519491231002x", CSRQ="19491231", XBM="2"),),
            Text("身份证件号码中的字母应大写", "Letters in the number must be capitals"),
            Text("请改为大写字母", "Write them as capitals"),
        ),
        Branch(
            "issue-count",
            EachRow.always(_issue_count()),
            (example(ZJLXM="05", ZJHM="M12345678", GBM="446"),),
            (
                example(ZJLXM="05", ZJHM="M1234567801", GBM="446"),
                example(ZJLXM="06", ZJHM="1234567801", GBM="158"),
            ),
            Text(
                "通行证号码不含末尾的签发次数",
                "The issue count behind a travel permit is not part of its number",
            ),
            Text("请删除末尾两位签发次数", "Remove the two digits of the issue count"),
        ),
        Branch(
            "place",
            EachRow.always(_unknown_place()),
            (example(),),
            (example(ZJHM="160105200203150077"),),
            Text("身份证号码的地区码不存在", "The number begins with a place that does not exist"),
        ),
    ),
)

F13 = Rule(
    id="F13",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("ZJHM",),
    article="9(1)",
    evidence="GB 11643-1999",
    message=Text("身份证件号码的校验码错误", "The check character of the identity number is wrong"),
    fix=Text("请对照证件原件逐位核对号码", "Compare the number with the document, digit by digit"),
    branches=(
        Branch(
            "check-character",
            EachRow.always(_wrong_check_character()),
            (
                example(ZJHM="11010519491231002X", CSRQ="19491231", XBM="2"),
                example(ZJHM="440106200002291115", CSRQ="20000229"),
                example(ZJLXM="07", ZJHM="810000199003070015", GBM="344", CSRQ="19900307"),
            ),
            (
                example(ZJHM="110105194912310021", CSRQ="19491231", XBM="2"),
                example(ZJHM="440106200002291116", CSRQ="20000229"),
                example(ZJLXM="07", ZJHM="810000199003070016", GBM="344", CSRQ="19900307"),
            ),
        ),
    ),
)

RULES = (F06, F07, F10, F11, F12, F13)
