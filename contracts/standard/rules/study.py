# pyright: reportUnknownMemberType=false
"""F21, F23, F25: months, student number and the coded ways of studying (学业信息, Article 9(2))."""

import polars as pl

from contracts.standard.fields import field_codes, field_of
from contracts.standard.rules.cells import MONTH_FORM, cell, not_of_form
from contracts.standard.rules.coded import not_in_table, text_branch
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.required import empty_branch
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_MONTHS = ("RXNY", "BYNY", "SQXWNY", "WYKSNY")
_WAYS_OF_STUDYING = ("XXFSM", "XXXSM", "GDLXM")
_STUDENT_NUMBER_MAX_CHARS = 40
_STUDENT_NUMBER_OF_SAMPLING_CHARS = 15
_SAMPLED = frozenset({RecordCategory.X1, RecordCategory.X3, RecordCategory.X4})


def _of_category(codes: tuple[str, ...], context: Context) -> tuple[str, ...]:
    return tuple(code for code in codes if code in field_codes(context.category))


def _wrong_months(context: Context) -> dict[str, pl.Expr]:
    return {code: not_of_form(code, MONTH_FORM) for code in _of_category(_MONTHS, context)}


def _unknown_codes(context: Context) -> dict[str, pl.Expr]:
    fields = (field_of(context.category, code) for code in _WAYS_OF_STUDYING)
    tabled = ((field.code, field.code_table) for field in fields if field and field.code_table)
    return {code: not_in_table(code, table) for code, table in tabled}


def _too_long_for_sampling(context: Context) -> dict[str, pl.Expr]:
    if context.category not in _SAMPLED:
        return {}
    return {
        "XH": cell("XH")
        .str.len_chars()
        .is_between(_STUDENT_NUMBER_OF_SAMPLING_CHARS + 1, _STUDENT_NUMBER_MAX_CHARS)
    }


F21 = Rule(
    id="F21",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=_MONTHS,
    article="9(2)",
    evidence="HB style",
    message=Text("年月格式错误,应为YYYYMM", "The month is not written YYYYMM"),
    fix=Text(
        "请填写六位数字,如202109;月份01至12,年份1977至2099",
        "Enter six digits such as 202109; month 01 to 12, year 1977 to 2099",
    ),
    branches=(
        empty_branch(
            "F21",
            (example(), example(RecordCategory.B2), example(RecordCategory.S3, BYNY=None)),
            (
                example(RXNY=None),
                example(RecordCategory.S1, BYNY=None),
                example(RecordCategory.B2, SQXWNY=None),
            ),
        ),
        Branch(
            "month",
            EachRow(_wrong_months),
            (example(RXNY="202109"), example(RecordCategory.X2, WYKSNY="202411")),
            (
                example(RXNY="202113"),
                example(RXNY="197612"),
                example(BYNY="2025-06"),
                example(BYNY="20250625"),
                example(RecordCategory.B2, SQXWNY="202400"),
                example(RecordCategory.X2, WYKSNY="2024"),
            ),
        ),
    ),
)

F23 = Rule(
    id="F23",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XH",),
    article="9(2)",
    evidence="CJ",
    message=Text("学号为空或超长", "The student number is empty or too long"),
    fix=Text("请填写不超过40个字符的学号", "Enter the student number, at most 40 characters"),
    branches=(
        empty_branch("F23", (example(),), (example(XH=None),)),
        Branch(
            "length",
            EachRow.always({"XH": cell("XH").str.len_chars() > _STUDENT_NUMBER_MAX_CHARS}),
            (example(RecordCategory.S1, XH="1" * 40),),
            (example(XH="1" * 41),),
            Text("学号超过40个字符", "The student number is longer than 40 characters"),
        ),
        Branch(
            "sampling",
            EachRow(_too_long_for_sampling),
            (example(XH="1" * 15), example(RecordCategory.S1, XH="1" * 16)),
            (example(XH="1" * 16),),
            Text(
                "学号超过15个字符,论文抽检平台无法接收",
                "Longer than 15 characters: the thesis-sampling platform cannot take it",
            ),
            Text("如需抽检,请核对学号", "Check the student number if the thesis is to be sampled"),
            Severity.NOTE,
        ),
    ),
)

F25 = Rule(
    id="F25",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=_WAYS_OF_STUDYING,
    article="9(2)",
    evidence="HB",
    message=Text("学习方式/学习形式/攻读类型码不在代码表中", "The way of studying is not in its code table"),
    fix=Text("请按代码表填写", "Use a code of the table"),
    branches=(
        empty_branch("F25", (example(),), (example(XXXSM=None), example(RecordCategory.S1, XXFSM=None))),
        Branch(
            "code",
            EachRow(_unknown_codes),
            (example(XXXSM="01"), example(RecordCategory.S1, GDLXM="23")),
            (
                example(XXXSM="1"),
                example(RecordCategory.S1, XXFSM="9"),
                example(RecordCategory.B1, GDLXM="12"),
            ),
        ),
        text_branch("XXXSM", (example(XXXS="普通高等学校(普通全日制)"),), (example(XXXS="函授"),)),
    ),
)

RULES = (F21, F23, F25)
