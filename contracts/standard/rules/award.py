# pyright: reportUnknownMemberType=false
"""F14, F17, F22, F27, F28: unit, degree, day, certificate number and resolution of the award (Article 9(2))."""

import polars as pl

from contracts.standard.rules.cells import cell, not_a_date, not_in, real_date
from contracts.standard.rules.certificate_numbers import not_a_certificate_number
from contracts.standard.rules.coded import codes_of, not_in_table, text_branch
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.examples import RESOLUTION_NUMBER
from contracts.standard.rules.required import empty_branch
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_FIRST_FILED_DAY = "20080901"


def _unknown_unit() -> dict[str, pl.Expr]:
    # The published list of 2017 leaves out research institutes (8xxxx) and military units (9xxxx).
    listed = cell("XWSYDWM").is_in(codes_of("institutions_2017"))
    return {"XWSYDWM": ~(listed | cell("XWSYDWM").str.contains("^[89][0-9]{4}$"))}


def _too_early(context: Context) -> dict[str, pl.Expr]:
    if context.late_filing:
        return {}
    return {"HXWRQ": real_date("HXWRQ").is_not_null() & (cell("HXWRQ") < _FIRST_FILED_DAY)}


def _foreign_resolution(context: Context) -> dict[str, pl.Expr]:
    assert context.resolution_numbers is not None
    return {"JYBH": not_in("JYBH", context.resolution_numbers)}


F14 = Rule(
    id="F14",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XWSYDWM",),
    article="9(2)",
    evidence="H12",
    message=Text(
        "学位授予单位码无效或与报送单位不一致", "The unit code is not valid, or is not the submitting unit's"
    ),
    fix=Text("请填写本单位的五位学位授予单位码", "Enter the five digits of your own unit"),
    branches=(
        empty_branch("F14", (example(),), (example(XWSYDWM=None),)),
        Branch(
            "unknown",
            EachRow.always(_unknown_unit()),
            (example(),),
            (example(XWSYDWM="10000"), example(XWSYDWM="4111010001")),
            Text("学位授予单位码不在单位表中", "The unit code is not in the table of institutions"),
        ),
        Branch(
            "another-unit",
            EachRow(lambda context: {"XWSYDWM": cell("XWSYDWM") != context.unit_code}),
            (example(),),
            (example(XWSYDWM="10003"),),
            Text("学位授予单位码与报送单位不一致", "The unit code is not that of the submitting unit"),
        ),
        text_branch("XWSYDWM", (example(XWSYDW="北京大学"),), (example(XWSYDW="清华大学"),)),
    ),
)

F17 = Rule(
    id="F17",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XWLBM",),
    article="9(2)",
    evidence="SHCM; GB/T 6864",
    message=Text(
        "学位类别码无效或与其名称不符", "The degree category code is not valid or disagrees with its text"
    ),
    fix=Text(
        "请按学位类别代码表填写:学术学位三位,专业学位五位",
        "Use a code of the table: three characters academic, five professional",
    ),
    branches=(
        empty_branch("F17", (example(),), (example(XWLBM=None),)),
        Branch(
            "code",
            EachRow.always({"XWLBM": not_in_table("XWLBM", "degree_category_xwlbm")}),
            (example(), example(RecordCategory.S3)),
            (example(XWLBM="4"), example(XWLBM="499"), example(XWLBM="08")),
            Text("学位类别码不在代码表中", "The degree category code is not in the table"),
        ),
        Branch(
            "level",
            EachRow(lambda context: {"XWLBM": cell("XWLBM").str.slice(0, 1) != context.category.level.value}),
            (example(),),
            (example(XWLBM="308"), example(RecordCategory.B1, XWLBM="308")),
            Text(
                "学位类别码的层次与采集类别不符",
                "The level of the degree category is not that of the record category",
            ),
        ),
        text_branch(
            "XWLBM", (example(XWLB="工学学士学位"), example(XWLB="工学学士")), (example(XWLB="理学学士学位"),)
        ),
    ),
)

F22 = Rule(
    id="F22",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("HXWRQ",),
    article="9(2)",
    evidence="REG; query notice",
    message=Text("获学位日期无效", "The award date is not valid"),
    fix=Text(
        "请填写学位评定委员会批准授予学位的日期(YYYYMMDD)",
        "Enter the day the degree committee approved, as YYYYMMDD",
    ),
    branches=(
        empty_branch("F22", (example(),), (example(HXWRQ=None),)),
        Branch(
            "date",
            EachRow.always({"HXWRQ": not_a_date("HXWRQ")}),
            (example(),),
            tuple(example(HXWRQ=text) for text in ("20250631", "2025/6/25", "20250229", "45833")),
            Text("获学位日期不是有效日期(YYYYMMDD)", "The award date is not a real day written YYYYMMDD"),
        ),
        Branch(
            "in-the-future",
            EachRow(lambda context: {"HXWRQ": real_date("HXWRQ") > pl.lit(context.on)}),
            (example(),),
            (example(HXWRQ="20990101"),),
            Text("获学位日期晚于报送日", "The award date lies after the day of submission"),
        ),
        Branch(
            "too-early",
            EachRow(_too_early),
            (example(RecordCategory.X1, {"late_filing": True}, HXWRQ="20080831"),),
            (example(HXWRQ="20080831"),),
            Text(
                "2008年9月1日以前的学位不能按正常报送",
                "Degrees before 1 September 2008 cannot be filed the normal way",
            ),
            Text("请核对日期,或按补报程序办理", "Check the date, or apply for late filing"),
        ),
    ),
)

F27 = Rule(
    id="F27",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XWZSBH",),
    article="9(2)",
    evidence="学位〔2015〕18号; notice of 2005-08-25",
    message=Text("学位证书编号格式错误", "The certificate number does not have the form of its award date"),
    fix=Text(
        "2016年起为16位数字;此前按当时的编号规则(含前缀字母)",
        "Sixteen digits since 2016; before, the form of that time with its prefix letter",
    ),
    branches=(
        empty_branch("F27", (example(),), (example(XWZSBH=None),)),
        Branch(
            "form",
            EachRow(not_a_certificate_number),
            (
                example(),
                example(HXWRQ="20140625", XWZSBH="1000142014000001"),
                example(HXWRQ="20140625", XWZSBH="1000142014S00001"),
                example(RecordCategory.X2, HXWRQ="20140625", XWZSBH="C1000142014000001"),
                example(RecordCategory.X2, HXWRQ="20140625", XWZSBH="C1000142014Z00001"),
                example(RecordCategory.S2, HXWRQ="20140625", XWZSBH="T1000132014000001"),
                example(RecordCategory.S3, HXWRQ="20140625", XWZSBH="Z1000132014A00001"),
                example(RecordCategory.S3, HXWRQ="20140625", XWZSBH="Q1000132014000001"),
                example(RecordCategory.X3, HXWRQ="20140625", XWZSBH="L1000142014000001"),
            ),
            (
                example(XWZSBH="100014202500001"),
                example(XWZSBH="10001420250000011"),
                example(XWZSBH="1000142025S00001"),
                example(XWZSBH="1.00014E+15"),
                example(RecordCategory.X2, HXWRQ="20160101", XWZSBH="C1000142016000001"),
                example(HXWRQ="20140625", XWZSBH="C1000142014000001"),
                example(HXWRQ="20140625", XWZSBH="10001420140001"),
            ),
        ),
    ),
)

F28 = Rule(
    id="F28",
    severity=Severity.ERROR,
    stages=frozenset({Stage.UNIT, Stage.PROVINCE}),
    fields=("JYBH",),
    article="12(4)",
    evidence="REG 9(2), 12(4)",
    message=Text(
        "学位授予决议编号为空或与所附决议不符",
        "The resolution number is empty or not that of an attached resolution",
    ),
    fix=Text(
        "请填写本批次所附决议的文号,逐字一致",
        "Enter the number of a resolution attached to this batch, sign by sign",
    ),
    branches=(
        empty_branch("F28", (example(),), (example(JYBH=None),)),
        Branch(
            "not-attached",
            EachRow(_foreign_resolution),
            (
                example(
                    RecordCategory.X1,
                    {"resolution_numbers": frozenset({RESOLUTION_NUMBER, "学位〔2025〕13号"})},
                ),
            ),
            (
                example(JYBH="学位〔2025〕13号"),
                example(RecordCategory.X1, {"resolution_numbers": frozenset[str]()}),
            ),
            needs=frozenset({"resolution_numbers"}),
        ),
    ),
)

RULES = (F14, F17, F22, F27, F28)
