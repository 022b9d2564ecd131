"""Sample records as upload files: the three layouts (文件版式), CSV or XLSX, codes or Chinese names on top."""

from collections.abc import Mapping
from enum import StrEnum
from io import BytesIO
from typing import cast

import polars as pl
import xlsxwriter

from contracts.standard.fields import TEXT_TWINS, field_of
from contracts.standard.layouts import BACHELOR_OLDER_COLUMNS, NEWER_27_COLUMNS, Layout
from contracts.standard.tables import code_table
from contracts.vocabulary import DegreeLevel, RecordCategory


class Form(StrEnum):
    """How the upload file is written."""

    CSV = "csv"
    XLSX = "xlsx"


class Headers(StrEnum):
    """What stands in the first row: field codes (XM) or Chinese names (姓名)."""

    CODES = "codes"
    NAMES = "names"


class Encoding(StrEnum):
    """Encodings of CSV files that units really send; spreadsheet programs understand the first."""

    UTF_8_SIG = "utf-8-sig"
    UTF_8 = "utf-8"
    GB18030 = "gb18030"
    UTF_16 = "utf-16"


# Where upload files use a shorter text than the code table, as the two known programs do.
_SHORT_TEXTS = {"sex_gbt2261_1": {"1": "男", "2": "女"}}

# Names of the text columns, and of the one code column whose name a text column would take.
_NAMES = {
    "XB": "性别",
    "GB": "国家或地区",
    "MZ": "民族",
    "ZZMM": "政治面貌",
    "ZJLX": "身份证件类型",
    "XWSYDW": "学位授予单位",
    "PYDW": "培养单位",
    "XWLB": "学位类别",
    "XXXS": "学习形式",
    "LWLX": "论文类型",
    "LWLXM": "论文类型码",
    "LWXTLY": "论文选题来源",
}
_CODES_OF_TEXTS = {text: code for code, text in TEXT_TWINS.items() if text != "ZYMC"}


def written(
    frame: pl.DataFrame,
    category: str,
    *,
    layout: str = Layout.CATEGORY_LIST,
    form: str = Form.CSV,
    encoding: str = Encoding.UTF_8_SIG,
    headers: str = Headers.CODES,
) -> bytes:
    """The bytes of an upload file with these records, ready to be stored or sent.

    ``encoding`` counts for CSV only. Raises ValueError when the layout does not take the category.
    """
    table = laid_out(frame, category, layout)
    names = _header_names(table.columns, RecordCategory(category), Headers(headers))
    table = table.rename(names)
    return _xlsx(table) if Form(form) is Form.XLSX else _csv(table, Encoding(encoding))


def laid_out(frame: pl.DataFrame, category: str, layout: str) -> pl.DataFrame:
    """The records in the columns of a layout, texts beside or instead of codes as it asks."""
    kind = RecordCategory(category)
    match Layout(layout):
        case Layout.CATEGORY_LIST:
            return frame
        case Layout.BACHELOR_OLDER if kind.level is not DegreeLevel.BACHELOR:
            raise ValueError("the older bachelor layout holds bachelor records only")
        case Layout.BACHELOR_OLDER:
            return _in_columns(frame, kind, BACHELOR_OLDER_COLUMNS)
        case Layout.NEWER_27:
            return _in_columns(_one_major_column(frame), kind, NEWER_27_COLUMNS)


def visible_fields(frame: pl.DataFrame, category: str, layout: str) -> frozenset[str]:
    """The fields of these records that a file of this layout shows, as code or as text."""
    columns = laid_out(frame.clear(), category, layout).columns
    shown = frozenset(columns) | {_CODES_OF_TEXTS[text] for text in columns if text in _CODES_OF_TEXTS}
    return shown & frozenset(frame.columns)


def _in_columns(frame: pl.DataFrame, kind: RecordCategory, columns: tuple[str, ...]) -> pl.DataFrame:
    return frame.select(_column(frame, kind, code) for code in columns)


def _column(frame: pl.DataFrame, kind: RecordCategory, column: str) -> pl.Expr:
    code = _CODES_OF_TEXTS.get(column)
    if column in frame.columns:
        texts = _texts(kind, column) if column == "LWZXYZ" else {}
        return pl.col(column).replace(texts) if texts else pl.col(column)
    if code in frame.columns:
        # A code no table knows is written as it is: a planted fault must not vanish.
        return pl.col(code).replace(_texts(kind, code)).alias(column)
    return pl.lit(None, dtype=pl.String).alias(column)


def _texts(kind: RecordCategory, code: str) -> Mapping[str, str]:
    field = field_of(kind, code)
    if field is None or field.code_table is None:
        return {}
    return {**code_table(field.code_table).names, **_SHORT_TEXTS.get(field.code_table, {})}


def _one_major_column(frame: pl.DataFrame) -> pl.DataFrame:
    """The newer file has one major column for majors, disciplines and professional categories."""
    if "ZYLY" in frame.columns:
        return frame.with_columns(ZYDM=pl.col("ZYLY"))
    if "YJXKM" in frame.columns:
        return frame.with_columns(ZYDM=pl.coalesce("ZYDM", "YJXKM"))
    return frame


def _header_names(columns: list[str], kind: RecordCategory, headers: Headers) -> Mapping[str, str]:
    if headers is Headers.CODES:
        return {}
    return {code: _NAMES.get(code) or _name_of(code, kind) for code in columns}


def _name_of(code: str, kind: RecordCategory) -> str:
    """The Chinese name of a field, from another category when the layout has a column this one lacks."""
    found = (field_of(category, code) for category in (kind, *RecordCategory))
    return next((field.name_zh for field in found if field), code)


def _csv(table: pl.DataFrame, encoding: Encoding) -> bytes:
    return table.write_csv(line_terminator="\r\n").encode(encoding)


def _xlsx(table: pl.DataFrame) -> bytes:
    """One sheet, every cell text, so that no identity number is eaten as a number."""
    target = BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("学位授予信息")
    sheet.set_column(0, table.width - 1, 14, book.add_format({"num_format": "@"}))
    for row, cells in enumerate([tuple(table.columns), *table.iter_rows()]):
        for place, cell in enumerate(cast("tuple[str | None, ...]", cells)):
            if cell:
                sheet.write_string(row, place, cell)
    book.close()
    return target.getvalue()
