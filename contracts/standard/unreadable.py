"""Why a file cannot be read (无法读取): a closed list of reasons, in words a clerk can act on.

An unreadable file is an answer to the person who sent it, never a crash. Texts name a line, a sheet or a
cell; they never carry a value.
"""

from dataclasses import dataclass
from enum import StrEnum


class UnreadableReason(StrEnum):
    """The closed list of reasons for which a record file or a name list cannot be read."""

    NOT_A_TABLE = "not-a-table"
    CANNOT_OPEN = "cannot-open"
    EMPTY = "empty"
    HEADER_ONLY = "header-only"
    NO_KNOWN_COLUMNS = "no-known-columns"
    ENCODING = "encoding"
    MIXED_ENCODING = "mixed-encoding"
    NUL_BYTES = "nul-bytes"
    RAGGED = "ragged"
    QUOTES = "quotes"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    ZIP_BOMB = "zip-bomb"
    XML_ENTITIES = "xml-entities"
    MACROS = "macros"
    OLD_XLS = "old-xls"
    ENCRYPTED = "encrypted"
    FORMULA = "formula"
    ERROR_VALUE = "error-value"
    SEVERAL_SHEETS = "several-sheets"
    TOO_LARGE = "too-large"
    TOO_MANY_ROWS = "too-many-rows"
    TOO_MANY_COLUMNS = "too-many-columns"
    CELL_TOO_LARGE = "cell-too-large"


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much a record file may hold: rows, characters per cell, columns, bytes, and how far it may unpack.

    ``file_bytes_max`` bounds the file as sent, ``unpacked_bytes_max`` the sum of what a workbook unpacks
    to, ``ratio_max`` how many times larger one of its parts may become.
    """

    rows_max: int = 20_000
    cell_chars_max: int = 32_767
    columns_max: int = 256
    file_bytes_max: int = 128 * 1024 * 1024
    unpacked_bytes_max: int = 256 * 1024 * 1024
    ratio_max: int = 200


class Unreadable(Exception):
    """A file cannot be read: ``code`` says why, ``where`` the line, sheet or cell; never a value."""

    def __init__(
        self, code: UnreadableReason, *, where: str = "", detail_zh: str = "", detail_en: str = ""
    ) -> None:
        text_zh, text_en = _TEXTS[code]
        self.code = code
        self.where = where
        self.detail_zh = f"{text_zh}{detail_zh}" + (f"(位置:{where})" if where else "")
        self.detail_en = f"{text_en}{detail_en}" + (f" (at {where})" if where else "")
        super().__init__(f"{code}: {self.detail_en}")

    def __reduce__(self) -> tuple[object, ...]:
        # Files are read in a process of their own; the answer has to survive the way back.
        return _rebuild, (str(self.code), self.where, self.detail_zh, self.detail_en)


def _rebuild(code: str, where: str, detail_zh: str, detail_en: str) -> Unreadable:
    answer = Unreadable(UnreadableReason(code), where=where)
    answer.detail_zh, answer.detail_en = detail_zh, detail_en
    answer.args = (f"{code}: {detail_en}",)
    return answer


R = UnreadableReason
_TEXTS: dict[UnreadableReason, tuple[str, str]] = {
    R.NOT_A_TABLE: ("文件不是 XLSX 或 CSV 表格", "The file is not an XLSX or CSV table"),
    R.CANNOT_OPEN: ("无法打开文件", "The file cannot be opened"),
    R.EMPTY: ("文件是空的", "The file is empty"),
    R.HEADER_ONLY: ("文件只有表头,没有数据行", "The file has headers but no rows"),
    R.NO_KNOWN_COLUMNS: (
        "首行没有可识别的列名,请使用数据项代码或中文名称作为表头",
        "The first row has no known column name; use field codes or Chinese names as headers",
    ),
    R.ENCODING: (
        "文字编码无法识别,请另存为 UTF-8 或 GB 18030",
        "The text is in no known encoding; save the file as UTF-8 or GB 18030",
    ),
    R.MIXED_ENCODING: (
        "同一文件混用了不同编码,请统一另存为 UTF-8",
        "The file mixes encodings; save all of it as UTF-8",
    ),
    R.NUL_BYTES: (
        "文件含有空字节(可能是不带 BOM 的 UTF-16 或已损坏),请另存为 UTF-8",
        "The file holds NUL bytes (UTF-16 without a BOM, or damage); save it as UTF-8",
    ),
    R.RAGGED: (
        "有的行与表头列数不同,请检查分隔符与引号",
        "Some rows have another number of cells than the header; check separators and quotes",
    ),
    R.QUOTES: (
        "引号不成对或位置不正确",
        "A quotation mark is unpaired or in the wrong place",
    ),
    R.TRUNCATED: ("文件不完整,请重新导出并上传", "The file is cut short; export and upload it again"),
    R.DAMAGED: (
        "文件已损坏,请用表格软件打开后另存",
        "The file is damaged; open it in a spreadsheet program and save it again",
    ),
    R.ZIP_BOMB: ("文件解压后过大", "The file unpacks to far more than a table needs"),
    R.XML_ENTITIES: (
        "文件内含 XML 实体或文档类型声明,不予读取",
        "The file declares XML entities or a document type and is not read",
    ),
    R.MACROS: ("文件含有宏,请另存为不含宏的 XLSX", "The file holds macros; save it as XLSX without macros"),
    R.OLD_XLS: (
        "这是旧版 XLS 文件(改扩展名无效),请另存为 XLSX",
        "This is an old XLS file, whatever its name says; save it as XLSX",
    ),
    R.ENCRYPTED: (
        "文件已加密,请去除密码后上传",
        "The file is encrypted; remove the password and upload it again",
    ),
    R.FORMULA: (
        "单元格含有公式,请将公式粘贴为数值",
        "A cell holds a formula; paste formulas as values",
    ),
    R.ERROR_VALUE: (
        "单元格是错误值(如 #N/A),请改正后上传",
        "A cell holds an error value such as #N/A; put the value right",
    ),
    R.SEVERAL_SHEETS: (
        "有多个工作表含数据,请只保留一个",
        "More than one sheet holds data; keep one",
    ),
    R.TOO_LARGE: ("文件超过大小上限", "The file is larger than the limit"),
    R.TOO_MANY_ROWS: ("行数超过上限,请拆分批次", "There are more rows than the limit; split the batch"),
    R.TOO_MANY_COLUMNS: ("列数超过上限", "There are more columns than the limit"),
    R.CELL_TOO_LARGE: ("单元格内容超过长度上限", "A cell is longer than the limit"),
}
