"""The typeface of sample resolutions: 宋体 by name, with a text layer for every character of Unicode.

STSong-Light is one of the standard CID fonts of PDF (Adobe-GB1): it is named, not embedded, so the sample
stays small and needs no font on the machine that makes it. Its collection ends with GB 18030-2000: all of
extension A is there, extension B and later are not. Text is stored as UTF-16 through the predefined map
UniGB-UTF16-H (PDF 1.5), so the *text layer* holds the true character even where the font has no shape for
it; over its place a 〓 is drawn, the printers' mark for a missing sort, as a person would read it on paper.
"""

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

SONG = "STSong-Light"
_BASIC_PLANE_END = "\uffff"
# Han characters of the basic plane that came after the collection: U+9FA6 to U+9FFF.
_LATER_FIRST, _LATER_LAST = "\u9fa6", "\u9fff"


class _Utf16Song(UnicodeCIDFont):
    """STSong-Light read as UTF-16; reportlab's own choice is UCS-2, where rare characters fall in two."""

    def __init__(self) -> None:
        super().__init__(SONG)
        self.encodingName = "UniGB-UTF16-H"


def register() -> None:
    """Makes the font known to reportlab; doing it again changes nothing."""
    pdfmetrics.registerFont(_Utf16Song())


def draw(canvas: Canvas, x: float, y: float, text: str, size: float, width: float | None = None) -> None:
    """Writes one line in one run of text, with a 〓 over each character the font has no shape for.

    Lengths are in points; a line longer than ``width`` is written smaller.
    """
    if width is not None:
        size = min(size, size * width / max(pdfmetrics.stringWidth(text, SONG, size), 1))
    canvas.setFont(SONG, size)
    canvas.drawString(x, y, text)
    for place, character in enumerate(text):
        if _has_no_shape(character):
            _missing_sort(canvas, x + pdfmetrics.stringWidth(text[:place], SONG, size), y, size)


def draw_centred(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """The same, centred on ``x``."""
    draw(canvas, x - pdfmetrics.stringWidth(text, SONG, size) / 2, y, text, size)


def _has_no_shape(character: str) -> bool:
    return character > _BASIC_PLANE_END or _LATER_FIRST <= character <= _LATER_LAST


def _missing_sort(canvas: Canvas, x: float, y: float, size: float) -> None:
    for height in (0.12, 0.55):
        canvas.rect(x + size * 0.08, y + size * height, size * 0.84, size * 0.18, stroke=0, fill=1)
