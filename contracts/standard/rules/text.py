# pyright: reportUnknownMemberType=false
"""F02–F04: readable characters, no stray blanks or full-width signs, well-formed names."""

import polars as pl

from contracts.standard.fields import field_codes
from contracts.standard.rules.cells import cell
from contracts.standard.rules.context import Context, Stage
from contracts.standard.rules.odd_signs import INVISIBLE, NOT_ASCII, OUTER_BLANK, UNREADABLE, ascii_fields
from contracts.standard.rules.required import empty_branch
from contracts.standard.rules.rule import Branch, EachRow, Rule, Severity, Text, example
from contracts.vocabulary import RecordCategory

_DOORS = frozenset({Stage.UNIT, Stage.CENTRE})
_NAME_LENGTH_MAX_CHARS = 50

_HAN = r"\x{3007}\x{3400}-\x{4DBF}\x{4E00}-\x{9FFF}\x{F900}-\x{FAFF}\x{20000}-\x{2FA1F}\x{30000}-\x{3347F}"
_LATIN = r"A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{24F}\x{1E00}-\x{1EFF}"
_NAME_FORM = rf"^(?:[{_HAN}]+(?:·[{_HAN}]+)*|'?[{_LATIN}]+(?:(?:\.[ \-]?|'[ ]?| ['\-]?|-)[{_LATIN}]+)*[.']?)$"
_LOOK_ALIKE_DOT = r"[\x{2022}\x{2027}\x{30FB}\x{FF0E}\x{22C5}\x{387}\x{318D}]"


def _where(context: Context, pattern: str) -> dict[str, pl.Expr]:
    return {
        code: cell(code).str.contains(pattern)
        for code in field_codes(context.category)
        if code in context.odd
    }


def _full_width(context: Context) -> dict[str, pl.Expr]:
    # A code the reader took from a text column is not the user's: what it names is judged by the table.
    given = context.columns.positions if context.columns else context.odd
    plain = ascii_fields(context.category) & context.odd & set(given)
    return {code: pattern for code, pattern in _where(context, NOT_ASCII).items() if code in plain}


def _name_form() -> dict[str, pl.Expr]:
    # A name that is wrong only by its dot is reported once, by the branch that proposes the right dot.
    name = cell("XM").str.replace_all(_LOOK_ALIKE_DOT, "·")
    return {"XM": ~name.str.contains(_NAME_FORM)}


F02 = Rule(
    id="F02",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("*",),
    article="12(5)",
    evidence="民委发〔2016〕33号",
    message=Text("含无法识别的字符", "The text holds characters that cannot be read"),
    fix=Text(
        "请用 GB 18030 或 UTF-8 重新导出文件,勿使用自造字",
        "Export the file again as GB 18030 or UTF-8, without self-made characters",
    ),
    branches=(
        Branch(
            "unreadable",
            EachRow(lambda context: _where(context, UNREADABLE)),
            (example(XM="龘𠮷𰻝"),),
            (
                example(XM="李\ufffd"),
                example(XM="李\ue001"),
                example(LWTM="图\x00论"),
                example(LWTM="图\n论"),
                example(LWTM="图\ufdd0论"),
                example(LWTM="图\U000f0001论"),
            ),
        ),
        Branch(
            "invisible",
            EachRow(lambda context: _where(context, INVISIBLE)),
            (example(LWTM="图论"),),
            (example(XM="李\u200b明"), example(LWTM="图\u202e论")),
            Text(
                "含不可见字符(零宽或方向控制符)",
                "The text holds invisible characters (zero width or direction marks)",
            ),
            Text(
                "请删除不可见字符,建议重新手工录入该项",
                "Remove them; typing the text again is the surest way",
            ),
        ),
        Branch(
            "encoding-loss",
            EachRow.always({"XM": cell("XM").str.contains(r"[?？]")}),
            (example(),),
            (example(XM="李?"), example(XM="李？明")),
            Text(
                "姓名中的“?”表示导出时丢失了生僻字", "A “?” in a name is a rare character lost in the export"
            ),
            Text(
                "请用 GB 18030 或 UTF-8 重新导出并核对姓名",
                "Export again as GB 18030 or UTF-8 and compare the name",
            ),
        ),
    ),
)

F03 = Rule(
    id="F03",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("*",),
    article="12(5)",
    evidence="general",
    message=Text("含空格或全角字符", "Stray blanks or full-width characters"),
    fix=Text(
        "请删除首尾空格,代码、日期和编号用半角",
        "Remove outer blanks; write codes, dates and numbers in half width",
    ),
    branches=(
        Branch(
            "blank",
            EachRow(lambda context: _where(context, OUTER_BLANK)),
            (example(LWTM="On sparse graphs"),),
            (example(XM=" 李明"), example(XH="2021000123　"), example(LWTM="图论\u00a0")),
            Text("首尾有空格", "The text begins or ends with a blank"),
            Text("请删除首尾空格", "Remove the outer blanks"),
        ),
        Branch(
            "full-width",
            EachRow(_full_width),
            (example(),),
            (example(XBM="１"), example(HXWRQ="２０２５０６２５"), example(XH="２０２１０００１２３")),
            Text("代码、日期、编号应使用半角字符", "Codes, dates and numbers must be half-width ASCII"),
            Text("请将全角字符改为半角", "Write the characters in half width"),
        ),
    ),
)

F04 = Rule(
    id="F04",
    severity=Severity.ERROR,
    stages=_DOORS,
    fields=("XM",),
    article="12(5)",
    evidence="民委发〔2016〕33号",
    message=Text("姓名格式错误", "The name is not well formed"),
    fix=Text(
        "汉字姓名只用汉字,各部分之间用“·”(U+00B7);外国人姓名与护照一致,用拉丁字母",
        "Han characters only, parts joined by “·” (U+00B7); a foreign name as in the passport, in Latin letters",
    ),
    branches=(
        empty_branch("F04", (example(),), (example(XM=None),)),
        Branch(
            "length",
            EachRow.always({"XM": cell("XM").str.len_chars() > _NAME_LENGTH_MAX_CHARS}),
            (example(XM="明" * 50),),
            (example(XM="明" * 51),),
            Text("姓名超过50个字符", "The name is longer than 50 characters"),
        ),
        Branch(
            "dot",
            EachRow.always({"XM": cell("XM").str.contains(_LOOK_ALIKE_DOT)}),
            (example(XM="买买提·艾力"),),
            tuple(example(XM=f"买买提{dot}艾力") for dot in "\u2022\u2027\u30fb\uff0e\u22c5\u0387\u318d"),
            Text(
                "姓名间隔符不是规范的“·”(U+00B7)", "The dot between the parts of the name is not “·” (U+00B7)"
            ),
            Text(
                "建议将间隔符替换为“·”(U+00B7),其余不变", "Replace the dot by “·” (U+00B7) and leave the rest"
            ),
        ),
        Branch(
            "form",
            EachRow.always(_name_form()),
            (
                example(XM="𠮷田"),
                example(XM="阿卜杜拉·买买提·艾力"),
                example(RecordCategory.X3, XM="Jean-Luc O'Brien"),
                example(RecordCategory.X3, XM="José M. Núñez"),
                example(RecordCategory.X3, XM="Ngũgĩ wa Thiong'o"),
            ),
            (
                example(XM="·李明"),
                example(XM="李··明"),
                example(XM="李 明"),
                example(XM="李明1"),
                example(XM="Li 明"),
                example(RecordCategory.X3, XM="Maria  Santos"),
            ),
        ),
    ),
)

RULES = (F02, F03, F04)
