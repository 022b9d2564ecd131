# pyright: reportUnknownMemberType=false
"""C05–C07: degree, certificate number and dates agree with each other (字段间校验, Articles 9(2) and 10)."""

import polars as pl

from contracts.standard.rules.cells import MONTH_FORM, cell, real_date
from contracts.standard.rules.certificate_numbers import bare_number
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.vocabulary import RecordCategory as Category

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_ACADEMIC_CHARS, _PROFESSIONAL_CHARS = 3, 5
_PROFESSIONAL = frozenset({Category.B3, Category.S3, Category.X4})


def _wrong_length(context: Context) -> dict[str, pl.Expr]:
    length = cell("XWLBM").str.len_chars()
    if context.category is Category.S2:
        return {"XWLBM": ~length.is_in([_ACADEMIC_CHARS, _PROFESSIONAL_CHARS])}
    due = _PROFESSIONAL_CHARS if context.category in _PROFESSIONAL else _ACADEMIC_CHARS
    return {"XWLBM": length != due}


C05 = Rule(
    id="C05",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("category", "XWLBM"),
    article="9(2)",
    evidence="HB",
    message=Text("学位类别码与采集类别不符", "The degree category does not belong to this record category"),
    fix=Text(
        "请核对学位类别码,或改用对应的采集类别报送",
        "Check the degree category, or submit under the right record category",
    ),
    branches=(
        Branch(
            "level",
            EachRow(lambda context: {"XWLBM": cell("XWLBM").str.slice(0, 1) != context.category.level.value}),
            tuple(example(category) for category in Category),
            (example(XWLBM="308"), example(Category.S1, XWLBM="208"), example(Category.B1, XWLBM="408")),
            Text(
                "学位类别码首位与采集类别的层次不符",
                "The first digit of the degree category is not the level of the record category",
            ),
        ),
        Branch(
            "length",
            EachRow(_wrong_length),
            (*(example(category) for category in Category), example(Category.S2, XWLBM="30854")),
            (example(XWLBM="40851"), example(Category.S3, XWLBM="308"), example(Category.S1, XWLBM="30854")),
            Text(
                "学术学位类别码应为三位,专业学位应为五位",
                "Academic degree categories have three characters, professional ones five",
            ),
        ),
    ),
)

C06 = Rule(
    id="C06",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XWZSBH", "XWSYDWM", "XWLBM", "HXWRQ"),
    article="9(2)",
    evidence="学位〔2015〕18号",
    message=Text(
        "学位证书编号与单位、层次或年份不符", "The certificate number disagrees with unit, level or year"
    ),
    fix=Text(
        "编号前5位为单位码,第6位为层次(2博士3硕士4学士),第7至10位为获学位年份",
        "Digits 1–5 are the unit, 6 the level (2 doctor, 3 master, 4 bachelor), 7–10 the award year",
    ),
    branches=(
        Branch(
            "unit",
            EachRow.always({"XWZSBH": bare_number().str.slice(0, 5) != cell("XWSYDWM")}),
            (example(), example(Category.X2, HXWRQ="20140625", XWZSBH="C1000142014000001")),
            (example(XWZSBH="1000342025000001"),),
            Text("证书编号前5位与学位授予单位码不一致", "The first five digits are not the unit code"),
        ),
        Branch(
            "level",
            EachRow.always({"XWZSBH": bare_number().str.slice(5, 1) != cell("XWLBM").str.slice(0, 1)}),
            (example(), example(Category.B1), example(Category.S1)),
            (example(XWZSBH="1000132025000001"), example(Category.S1, XWZSBH="1000122025000001")),
            Text("证书编号第6位与学位层次不一致", "The sixth digit is not the level of the degree"),
        ),
        Branch(
            "year",
            EachRow.always(
                {
                    "XWZSBH": real_date("HXWRQ").is_not_null()
                    & (bare_number().str.slice(6, 4) != cell("HXWRQ").str.slice(0, 4))
                }
            ),
            (example(),),
            (example(XWZSBH="1000142024000001"),),
            Text("证书编号第7至10位与获学位年份不一致", "Digits seven to ten are not the year of the award"),
        ),
    ),
)


def _award_before_graduation() -> dict[str, pl.Expr]:
    months = cell("BYNY").str.contains(MONTH_FORM) & real_date("HXWRQ").is_not_null()
    return {"HXWRQ": months & (cell("HXWRQ").str.slice(0, 6) < cell("BYNY"))}


C07 = Rule(
    id="C07",
    severity=Severity.ERROR,
    stages=frozenset(Stage),
    fields=("HXWRQ", "BYNY"),
    article="10",
    evidence="REG 10",
    message=Text("获学位日期早于毕业年月", "The award date lies before the month of graduation"),
    fix=Text(
        "获学位日期不应早于毕业日期,请核对两项", "A degree is not awarded before graduation; check both"
    ),
    branches=(
        Branch(
            "month",
            EachRow.always(_award_before_graduation()),
            (example(), example(Category.S3, BYNY=None), example(BYNY="202501")),
            (example(BYNY="202507"), example(HXWRQ="20250531", BYNY="202506")),
        ),
    ),
)

RULES = (C05, C06, C07)
