# pyright: reportUnknownMemberType=false
"""F01: the file has the columns and the filled cells its data structure asks for (数据结构)."""

import polars as pl

from contracts.standard.fields import fields_of
from contracts.standard.layouts import Columns, Layout
from contracts.standard.rules.cells import cell
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.required import FIX, MESSAGE, filled_in_vain, left_empty
from contracts.standard.rules.rule import (
    Branch,
    EachRow,
    Example,
    Input,
    OfBatch,
    Rule,
    Severity,
    Spot,
    Text,
    example,
)
from contracts.vocabulary import RecordCategory

_HEADERS_THAT_MAKE_A_HEADER_ROW = 3
_HEADER_SHOWN_CHARS = 40
_OF_A_FILE: frozenset[Input] = frozenset({"columns"})
# Their own rules judge the form and length of these.
_LENGTH_JUDGED_ELSEWHERE = frozenset(
    {"XM", "XH", "ZJHM", "XWZSBH", "CSRQ", "HXWRQ", "RXNY", "BYNY", "SQXWNY", "WYKSNY"}
)


def _columns(context: Context) -> Columns:
    assert context.columns is not None
    return context.columns


def _unknown_columns(context: Context) -> tuple[Spot, ...]:
    columns = _columns(context)
    if len(columns.mapping) < _HEADERS_THAT_MAKE_A_HEADER_ROW:
        # Without a header row the first record stands in its place: its values are not to be shown.
        return (Spot(detail="首行"),) if columns.unknown else ()
    return tuple(Spot(detail=header.strip()[:_HEADER_SHOWN_CHARS]) for header in columns.unknown)


def _missing_columns(context: Context) -> tuple[Spot, ...]:
    names = {field.code: field.name_zh for field in fields_of(context.category)}
    return tuple(
        Spot(field=code, detail=f"{code} {names.get(code, '')}".strip()) for code in _columns(context).missing
    )


def _duplicated_columns(context: Context) -> tuple[Spot, ...]:
    return tuple(Spot(detail=header.strip()[:_HEADER_SHOWN_CHARS]) for header in _columns(context).duplicated)


def _too_long(context: Context) -> dict[str, pl.Expr]:
    return {
        field.code: cell(field.code).str.len_chars() > field.length_chars
        for field in fields_of(context.category)
        if field.code_table is None
        and field.code not in _LENGTH_JUDGED_ELSEWHERE
        and context.carries(field.code)
    }


def _file(
    unknown: tuple[str, ...] = (), missing: tuple[str, ...] = (), duplicated: tuple[str, ...] = ()
) -> tuple[Example, ...]:
    codes = tuple(field.code for field in fields_of(RecordCategory.X1))
    places = {code: place for place, code in enumerate(codes) if code not in missing}
    columns = Columns(
        Layout.CATEGORY_LIST,
        {code: code for code in places},
        places,
        unknown,
        missing,
        duplicated,
        (),
        frozenset(codes),
    )
    return (Example(given={"columns": columns}),)


F01 = Rule(
    id="F01",
    severity=Severity.ERROR,
    stages=frozenset({Stage.UNIT, Stage.CENTRE}),
    fields=("*",),
    article="12(5)",
    evidence="REG 12(5)",
    message=Text("文件列与数据结构不符", "The file does not have the columns of the data structure"),
    fix=Text("请使用该类别的数据模板", "Use the template of this record category"),
    branches=(
        Branch(
            "unknown-column",
            OfBatch(_unknown_columns),
            _file(),
            _file(unknown=("民族成分",)),
            Text("列“{detail}”不在数据结构中", "Column “{detail}” is not part of the data structure"),
            Text(
                "请删除该列,或将列名改为字段代码或标准中文名称",
                "Remove the column, or name it by its field code or standard name",
            ),
            needs=_OF_A_FILE,
        ),
        Branch(
            "missing-column",
            OfBatch(_missing_columns),
            _file(),
            _file(missing=("XM",)),
            Text("缺少必备列“{detail}”", "The mandatory column “{detail}” is missing"),
            Text("请补充该列后重新上传", "Add the column and upload again"),
            needs=_OF_A_FILE,
        ),
        Branch(
            "duplicate-column",
            OfBatch(_duplicated_columns),
            _file(),
            _file(duplicated=("姓名",)),
            Text("列“{detail}”重复", "Column “{detail}” appears twice"),
            Text("请只保留一列", "Keep one of them"),
            needs=_OF_A_FILE,
        ),
        Branch(
            "empty",
            EachRow(lambda context: left_empty("F01", context)),
            (
                example(),
                example(RecordCategory.X1, XMPY=None),
                example(RecordCategory.B1, SFYJXK="1", ZYDM=None),
            ),
            (example(ZYMC=None), example(RecordCategory.B1, ZYDM=None), example(LWTM=None)),
            MESSAGE,
            FIX,
        ),
        Branch(
            "filled-in-vain",
            EachRow(lambda context: filled_in_vain("F01", context)),
            (example(RecordCategory.B2),),
            (example(RecordCategory.B2, RXNY="202109"),),
            Text("该类别此项应为空", "In this record category the field must stay empty"),
            Text("请清空该项,或核对所选类别", "Empty the field, or choose the right category"),
        ),
        Branch(
            "too-long",
            EachRow(_too_long),
            (example(LWTM="图" * 200),),
            (example(LWTM="图" * 401),),
            Text("内容超过该项的最大长度", "The text is longer than the field allows"),
            Text("请按数据结构规定的长度填写", "Shorten it to the length the data structure gives"),
        ),
    ),
)

RULES = (F01,)
