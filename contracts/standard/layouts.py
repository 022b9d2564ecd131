"""Layouts (文件版式): the three column lists a unit may upload, told apart by their headers.

The category list of the handbook, the older bachelor upload file and the newer 27-column upload file.
Headers are field codes or Chinese names, in any order; text twins are optional; a layout is not asked for
what it does not carry. Source: 学位授予信息年报数据结构及代码手册 (2012–2018) and the upload files seen in
use before and since 2024-06-01.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from contracts.standard.fields import TEXT_TWINS, Field, Requirement, field_codes, fields_of
from contracts.vocabulary import RecordCategory

RECORD_ID = "record_id"
"""The optional column in which a correction names the record it replaces (记录编号)."""

_OLDER = """
XM XMPY XBM XB GBM GB MZM MZ ZZMMM ZZMM CSRQ ZJLXM ZJLX ZJHM XWSYDWM XWSYDW XZXM ZXXM PYDWM PYDW
XWLBM XWLB ZYDM ZYMC ZSZYMC KSH RXNY XH XZ XXXSM XXXS WYKSNY BYNY SFDEXW SFFXXW HXWRQ XWZSBH JYBH
ZP BZ QQHM WXZH DZYX YXDM
"""
_NEWER = """
XM XB CSRQ ZJLX ZJHM GB KSH XH PYDWM PYDW ZYDM ZYMC XWSYDWM XWSYDW XZXM ZXXM XWLBM XWLB HXWRQ XWZSBH
DSXM LWLX LWTM LWGJC LWXTLY LWYJFX LWZXYZ
"""
BACHELOR_OLDER_COLUMNS = tuple(_OLDER.split())
"""The older bachelor file in order, with the columns only one of the two known programs writes."""

NEWER_27_COLUMNS = tuple(_NEWER.split())
"""The newer 27-column file, in order."""

# One of the two programs that write the newer file puts the ethnic group after the date of birth.
_NEWER_EXTRA_COLUMNS = ("MZ",)
_TEXT_ONLY_IN_NEWER = ("XB", "ZJLX", "GB")
_ONLY_IN_OLDER = frozenset({"QQHM", "WXZH", "YXDM"})
_TEXT_NAMES = {
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
    "LWXTLY": "论文选题来源",
}
# Names other national forms and university systems use for the same columns.
_OTHER_NAMES = {
    "证件类型": "ZJLX",
    "证件类型码": "ZJLXM",
    "证件号码": "ZJHM",
    "身份证号": "ZJHM",
    "身份证号码": "ZJHM",
    "国别": "GB",
    "学位授予单位代码": "XWSYDWM",
    "学位授予单位名称": "XWSYDW",
    "培养单位代码": "PYDWM",
    "培养单位名称": "PYDW",
    "校长姓名": "XZXM",
    "主席姓名": "ZXXM",
    "专业代码": "ZYDM",
    "专业名称": "ZYMC",
    "学士学位专业名称": "ZYMC",
    "证书专业名称": "ZSZYMC",
    "论文类型码": "LWLXM",
    "证书编号": "XWZSBH",
    "决议编号": "JYBH",
    "记录编号": RECORD_ID,
}
# Columns the platform writes into a returned file; an upload of that file may keep them.
_OUR_REMARKS = frozenset({"错误码", "说明", "建议"})


class Layout(StrEnum):
    """Which column list a file follows."""

    CATEGORY_LIST = "category_list"
    BACHELOR_OLDER = "bachelor_older"
    NEWER_27 = "newer_27"


@dataclass(frozen=True, slots=True)
class Columns:
    """What the headers of a file mean.

    ``mapping`` leads from a header to its column code (field code, text twin or ``record_id``),
    ``positions`` from a column code to its place, counted from 0. ``unknown`` and ``duplicated`` headers
    and ``missing`` field codes are what rule F01 reports. ``ignored`` columns are known but not kept: legacy
    ones (data minimisation), ones the category does not have, and our own remarks. ``carried`` are the
    field codes the layout can carry: nothing else is demanded of the file.
    """

    layout: Layout
    mapping: Mapping[str, str]
    positions: Mapping[str, int]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    duplicated: tuple[str, ...]
    ignored: tuple[str, ...]
    carried: frozenset[str]


def known_header(header: str, category: RecordCategory | None = None) -> bool:
    """Whether a header names a column of a category (of any category when none is given)."""
    categories = [category] if category else list(RecordCategory)
    return any(column_code(header, one) for one in categories)


def column_code(header: str, category: RecordCategory) -> str | None:
    """The column (field code, text twin or ``record_id``) a header names; None when it names none."""
    return _codes_by_header(category).get(_normal(header))


def resolve_columns(
    headers: Sequence[str], category: RecordCategory, layout: Layout | None = None
) -> Columns:
    """What the headers mean for a record category; the layout is told by the headers unless it is named."""
    codes = [column_code(header, category) for header in headers]
    layout = layout or detect_layout([code for code in codes if code], category)
    codes = [_as_category_has_it(code, category) for code in codes]
    kept, carried = _kept_columns(category), carried_codes(layout, category)
    positions: dict[str, int] = {}
    mapping: dict[str, str] = {}
    unknown: list[str] = []
    duplicated: list[str] = []
    ignored: list[str] = []
    for place, (header, code) in enumerate(zip(headers, codes, strict=True)):
        if code is None:
            (ignored if _normal(header) in _OUR_REMARKS or not header.strip() else unknown).append(header)
        elif code in positions:
            duplicated.append(header)
        elif code not in kept:
            ignored.append(header)
        else:
            positions[code], mapping[header] = place, code
    missing = _missing(category, carried, positions)
    lists = (tuple(unknown), missing, tuple(duplicated), tuple(ignored))
    return Columns(layout, mapping, positions, *lists, carried)


def detect_layout(codes: Sequence[str], category: RecordCategory) -> Layout:
    """The layout a set of column codes follows.

    The newer file gives sex, document type and country as text only; the older bachelor file has text
    beside the codes, or its contact columns, and nothing that came later.
    """
    given = frozenset(codes)
    coded = {text: code for code, text in TEXT_TWINS.items()}
    if any(text in given and coded[text] not in given for text in _TEXT_ONLY_IN_NEWER):
        return Layout.NEWER_27
    if category.value[0] != "X" or given - frozenset(BACHELOR_OLDER_COLUMNS) - {RECORD_ID}:
        return Layout.CATEGORY_LIST
    texts = frozenset(_TEXT_NAMES)
    return Layout.BACHELOR_OLDER if given & (texts | _ONLY_IN_OLDER) else Layout.CATEGORY_LIST


@cache
def carried_codes(layout: Layout, category: RecordCategory) -> frozenset[str]:
    """The field codes of a category that a layout carries, as code or as text."""
    own = frozenset(field_codes(category))
    if layout is Layout.CATEGORY_LIST:
        return own
    older = layout is Layout.BACHELOR_OLDER
    columns = frozenset(BACHELOR_OLDER_COLUMNS if older else NEWER_27_COLUMNS + _NEWER_EXTRA_COLUMNS)
    columns |= {"ZYLY"} if "ZYDM" in columns else frozenset()
    return frozenset(code for code in own if code in columns or TEXT_TWINS.get(code) in columns)


def _missing(
    category: RecordCategory, carried: frozenset[str], positions: Mapping[str, int]
) -> tuple[str, ...]:
    def absent(field: Field) -> bool:
        return field.code not in positions and field.text_twin not in positions

    demanded = (field for field in fields_of(category) if field.column_demanded and field.code in carried)
    return tuple(field.code for field in demanded if absent(field))


def _as_category_has_it(code: str | None, category: RecordCategory) -> str | None:
    # The newer file has one major column; professional degrees keep it as category (field) code ZYLY.
    return "ZYLY" if code == "ZYDM" and "ZYDM" not in field_codes(category) else code


@cache
def _kept_columns(category: RecordCategory) -> frozenset[str]:
    fields = [field for field in fields_of(category) if field.requirement is not Requirement.LEGACY]
    twins = {field.text_twin for field in fields if field.text_twin}
    return frozenset(field.code for field in fields) | twins | {RECORD_ID}


@cache
def _codes_by_header(category: RecordCategory) -> dict[str, str]:
    """Every header that names a column: the columns of all layouts, whether the category keeps them or not."""
    fields = [*fields_of(category), *(field for other in RecordCategory for field in fields_of(other))]
    names: dict[str, str] = {}
    for field in fields:
        names.setdefault(_normal(field.name_zh), field.code)
    names.update({_normal(name): code for code, name in _TEXT_NAMES.items()})
    names.update({_normal(name): code for name, code in _OTHER_NAMES.items()})
    columns = {field.code for field in fields} | set(TEXT_TWINS.values()) | {RECORD_ID}
    return names | {_normal(code): code for code in columns}


def _normal(header: str) -> str:
    # Full-width brackets and letters, the handbook's # mark, stars for "mandatory" and blanks do not matter.
    folded = unicodedata.normalize("NFKC", header).upper()
    return "".join(sign for sign in folded if not sign.isspace() and sign not in "#*\ufeff")
