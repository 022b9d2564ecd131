# pyright: reportUnknownMemberType=false, reportMissingTypeStubs=false
"""Scans (扫描件): whether the scanned resolution is a PDF a reviewer can open. Article 12(4), rule D01.

The PDF library is not safe for threads: callers inspect one scan at a time, in a process of its own.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from contracts.reasons import reason

_ENCRYPTED = re.compile(rb"/Encrypt\b")
_COUNTS_NO_PAGES = re.compile(rb"/Count\s+0\b")
_PAGE = re.compile(rb"/Type\s*/Page\b")


class UnreadableScanReason(StrEnum):
    """The closed list of reasons for which a scan is not taken."""

    EMPTY = "scan-empty"
    TOO_LARGE = "scan-too-large"
    NOT_A_PDF = "scan-not-a-pdf"
    TRUNCATED = "scan-truncated"
    ENCRYPTED = "scan-encrypted"
    DAMAGED = "scan-damaged"
    NO_PAGES = "scan-no-pages"
    TOO_MANY_PAGES = "scan-too-many-pages"


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """How large a scan may be: pages and bytes."""

    pages_max: int = 500
    bytes_max: int = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What is known of a scan that can be opened: its pages, its size, its PDF version (17 = 1.7)."""

    page_count: int
    size_bytes: int
    pdf_version: int | None


class UnreadableScan(Exception):
    """A scan cannot be taken: ``code`` says why, in words a clerk can act on."""

    def __init__(self, code: UnreadableScanReason, *, found: str = "") -> None:
        self.code = code
        self.found = found
        why = reason(code)
        self.detail_zh = f"{why.text_zh}({found})" if found else why.text_zh
        self.detail_en = f"{why.text_en} ({found})" if found else why.text_en
        super().__init__(f"{code}: {self.detail_en}")

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (str(self.code), self.found)


def inspect_scan(data: bytes, limits: ScanLimits | None = None) -> ScanFacts:
    """Opens a scan as a reviewer would and counts its pages; raises UnreadableScan and nothing else."""
    limits = limits or ScanLimits()
    _check_envelope(data, limits)
    document = _opened(data)
    try:
        return _facts(document, len(data), limits)
    finally:
        document.close()


def _check_envelope(data: bytes, limits: ScanLimits) -> None:
    """What the bytes tell before a library touches them: size, kind, and whether the end is there."""
    if not data.strip():
        raise UnreadableScan(UnreadableScanReason.EMPTY)
    if len(data) > limits.bytes_max:
        raise UnreadableScan(UnreadableScanReason.TOO_LARGE, found=f"{len(data)} > {limits.bytes_max} bytes")
    if b"%PDF-" not in data[:1024]:
        raise UnreadableScan(UnreadableScanReason.NOT_A_PDF, found=_kind(data))
    # A library would quietly rebuild a file that is cut short, and lose pages.
    if b"%%EOF" not in data[-2048:]:
        raise UnreadableScan(UnreadableScanReason.TRUNCATED)


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        # The library's error number may be the one of the scan before, so the bytes are asked instead.
        raise UnreadableScan(_why_closed(data)) from None


def _why_closed(data: bytes) -> UnreadableScanReason:
    if _ENCRYPTED.search(data):
        return UnreadableScanReason.ENCRYPTED
    if _COUNTS_NO_PAGES.search(data) and not _PAGE.search(data):
        return UnreadableScanReason.NO_PAGES
    return UnreadableScanReason.DAMAGED


def _facts(document: pdfium.PdfDocument, size_bytes: int, limits: ScanLimits) -> ScanFacts:
    # A document that opens with an empty password is encrypted all the same: printing may be forbidden.
    if pdfium_c.FPDF_GetSecurityHandlerRevision(document.raw) != -1:
        raise UnreadableScan(UnreadableScanReason.ENCRYPTED)
    page_count = len(document)
    if page_count == 0:
        raise UnreadableScan(UnreadableScanReason.NO_PAGES)
    if page_count > limits.pages_max:
        raise UnreadableScan(UnreadableScanReason.TOO_MANY_PAGES, found=f"{page_count} > {limits.pages_max}")
    for page in range(page_count):
        _check_page(document, page)
    return ScanFacts(page_count, size_bytes, document.get_version())


def _check_page(document: pdfium.PdfDocument, page: int) -> None:
    try:
        document[page].close()
    except pdfium.PdfiumError:
        raise UnreadableScan(UnreadableScanReason.DAMAGED, found=f"page {page + 1}") from None


def _rebuild(code: str, found: str) -> UnreadableScan:
    return UnreadableScan(UnreadableScanReason(code), found=found)


def _kind(data: bytes) -> str:
    return next((name for magic, name in _KINDS if data.startswith(magic)), "unknown")


_KINDS = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "OLE2"),
)
