"""The list of names (名单) of a resolution, as its PDF prints it and as a typed list for the comparison.

One row a person: order number, name, student number (or number of the application), certificate number,
degree category and major, which is what the reviewer compares (D03–D06).
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import polars as pl

from contracts.standard.tables import code_table
from contracts.vocabulary import RecordCategory

COLUMNS = ("序号", "姓名", "学号", "学位证书编号", "学位类别", "专业名称")


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the list; ``student_number`` is the application number for 同等学力人员."""

    order: int
    name: str
    student_number: str
    certificate_number: str
    degree: str
    major: str


def entries_of(frame: pl.DataFrame, category: str) -> Sequence[Entry]:
    """The list of names to valid records, in their order."""
    degrees = code_table("degree_category_xwlbm").names
    number = "SQXWBH" if RecordCategory(category) in (RecordCategory.B2, RecordCategory.S2) else "XH"
    rows = frame.select("XM", number, "XWZSBH", "XWLBM", "ZYMC").iter_rows()
    return [
        Entry(order, name, student, certificate, degrees[degree], major)
        for order, (name, student, certificate, degree, major) in enumerate(rows, start=1)
    ]


def roster_csv(frame: pl.DataFrame, category: str) -> bytes:
    """The list as CSV in UTF-8 with a byte order mark, Chinese names on top."""
    rows = [astuple(entry) for entry in entries_of(frame, category)]
    table = pl.DataFrame(rows, schema=list(COLUMNS), orient="row")
    return table.write_csv(line_terminator="\r\n").encode("utf-8-sig")
