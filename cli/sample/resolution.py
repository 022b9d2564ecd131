"""A sample resolution (学位授予决议): a PDF with title, number, dates, head count and its list of names.

The document has a text layer, as one exported from an office system has (Articles 10, 12(4)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import polars as pl
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from cli.sample import song_font
from cli.sample.numerals import in_words
from cli.sample.roster import Entry, entries_of
from cli.sample.units import Unit, unit_of
from contracts.vocabulary import DegreeLevel, RecordCategory

_WIDTH, _HEIGHT = A4
_LEVEL_NAMES = {DegreeLevel.DOCTOR: "博士", DegreeLevel.MASTER: "硕士", DegreeLevel.BACHELOR: "学士"}
# Heading, left edge and width of each column, in points.
_COLUMNS = (
    ("序号", 52, 34),
    ("姓名", 90, 122),
    ("学号", 216, 88),
    ("学位类别", 308, 122),
    ("专业", 434, 112),
)
_TOP = _HEIGHT - 96
# Scans may have 500 pages: long lists are set closer.
_USUAL_ROWS, _CLOSE_ROWS, _LONG_LIST = 35, 45, 35 * 480


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a resolution says besides its list of names."""

    number: str
    unit: Unit
    category: RecordCategory
    decided_on: date
    effective_on: date
    headcount: int


def resolution_of(
    frame: pl.DataFrame, category: str, *, decided_on: date, effective_on: date | None = None
) -> Resolution:
    """The resolution under which these valid records were made; it takes effect the day it is passed."""
    first = frame.row(0, named=True)
    return Resolution(
        number=first["JYBH"],
        unit=unit_of(first["XWSYDWM"]),
        category=RecordCategory(category),
        decided_on=decided_on,
        effective_on=effective_on or decided_on,
        headcount=frame.height,
    )


def resolution_pdf(resolution: Resolution, frame: pl.DataFrame) -> bytes:
    """The resolution as PDF bytes: one page of text, then the list, about 35 names a page."""
    song_font.register()
    target = BytesIO()
    canvas = Canvas(target, pagesize=A4, pdfVersion=(1, 5), invariant=1)
    canvas.setTitle(_title(resolution))
    _text_page(canvas, resolution)
    entries = entries_of(frame, resolution.category)
    rows = _USUAL_ROWS if len(entries) <= _LONG_LIST else _CLOSE_ROWS
    page_count = 1 + -(-len(entries) // rows)
    for page, start in enumerate(range(0, len(entries), rows), start=2):
        _list_page(
            canvas, resolution, entries[start : start + rows], rows, f"第 {page} 页 共 {page_count} 页"
        )
    canvas.save()
    return target.getvalue()


def _title(resolution: Resolution) -> str:
    return f"关于授予{_LEVEL_NAMES[resolution.category.level]}学位的决议"


def _long_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _text_page(canvas: Canvas, resolution: Resolution) -> None:
    unit, level = resolution.unit, _LEVEL_NAMES[resolution.category.level]
    middle = _WIDTH / 2
    song_font.draw_centred(canvas, middle, _HEIGHT - 110, f"{unit.name}学位评定委员会", 20)
    song_font.draw_centred(canvas, middle, _HEIGHT - 140, _title(resolution), 18)
    song_font.draw_centred(canvas, middle, _HEIGHT - 168, resolution.number, 12)
    headcount = f"{resolution.headcount}人（大写：{in_words(resolution.headcount)}人）"
    lines = (
        f"学位授予单位：{unit.name}（{unit.code}）",
        f"采集类别：{resolution.category.name_zh}",
        f"会议日期：{_long_date(resolution.decided_on)}",
        f"生效日期：{_long_date(resolution.effective_on)}",
        f"授予人数：{headcount}",
        f"经会议审议并以无记名投票方式表决，决定授予名单所列人员{level}学位。",
        f"本决议自{_long_date(resolution.effective_on)}起生效。授予学位人员名单附后。",
        "本决议为样例，单位负责人及所列人员均为虚构。",
    )
    for place, line in enumerate(lines):
        song_font.draw(canvas, 80, _HEIGHT - 220 - place * 26, line, 12)
    song_font.draw(canvas, 330, 300, f"学位评定委员会主席：{unit.chair}", 12)
    song_font.draw(canvas, 330, 274, _long_date(resolution.decided_on), 12)
    _seal(canvas, 430, 300, unit.name)
    canvas.showPage()


def _seal(canvas: Canvas, x: float, y: float, name: str) -> None:
    """A round red mark where the official seal stands (D07 is a matter of the real document)."""
    canvas.saveState()
    canvas.setStrokeColorRGB(0.8, 0.1, 0.1)
    canvas.setFillColorRGB(0.8, 0.1, 0.1)
    canvas.setLineWidth(2.5)
    canvas.circle(x, y, 58)
    song_font.draw_centred(canvas, x, y + 22, name[:9], 9)
    song_font.draw_centred(canvas, x, y - 30, "样例印章", 9)
    canvas.restoreState()


def _list_page(
    canvas: Canvas, resolution: Resolution, entries: Sequence[Entry], rows: int, footer: str
) -> None:
    song_font.draw_centred(canvas, _WIDTH / 2, _HEIGHT - 56, f"授予学位人员名单（{resolution.number}）", 13)
    step = 680 / rows
    for heading, x, _ in _COLUMNS:
        song_font.draw(canvas, x, _TOP + 12, heading, 10)
    canvas.line(50, _TOP + 7, _WIDTH - 50, _TOP + 7)
    for place, entry in enumerate(entries, start=1):
        y = _TOP + 8 - place * step
        cells = (str(entry.order), entry.name, entry.student_number, entry.degree, entry.major)
        for (_, x, width), cell in zip(_COLUMNS, cells, strict=True):
            song_font.draw(canvas, x, y, cell, 9.5, width)
    song_font.draw_centred(canvas, _WIDTH / 2, 36, footer, 9)
    canvas.showPage()
