"""Reading any uploaded table: tells what the bytes are, whatever the file is called, and reads CSV or XLSX.

Nothing but Unreadable leaves this module: a parser's own error text may quote a value, so it is dropped
and only the kind of error is kept.
"""

from pathlib import Path, PurePath

from contracts.standard.delimited import read_delimited
from contracts.standard.raw_table import KnownHeader, RawTable
from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason
from contracts.standard.workbook import read_workbook

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_WORKBOOK_NAMES = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".et"})
_OTHER_KINDS = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style")


def read_table(data: bytes | Path, filename: str, known: KnownHeader, limits: ReadLimits) -> RawTable:
    """Reads a table by what its bytes are; raises Unreadable and nothing else."""
    try:
        return _read(data, filename, known, limits)
    except Unreadable:
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as fault:  # noqa: BLE001 - parsers in Rust panic outside Exception
        kind = type(fault).__name__
        raise Unreadable(UnreadableReason.DAMAGED, detail_zh=f"({kind})", detail_en=f" ({kind})") from None


def _read(data: bytes | Path, filename: str, known: KnownHeader, limits: ReadLimits) -> RawTable:
    content = data if isinstance(data, bytes) else _content(data, limits)
    if len(content) > limits.file_bytes_max:
        raise Unreadable(UnreadableReason.TOO_LARGE)
    if not content.strip():
        raise Unreadable(UnreadableReason.EMPTY)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return read_workbook(content, known, limits)
    if content.startswith(_OLE2):
        encrypted = _ENCRYPTED_PACKAGE in content
        raise Unreadable(UnreadableReason.ENCRYPTED if encrypted else UnreadableReason.OLD_XLS)
    _check_may_be_text(content, filename)
    return read_delimited(content, known, limits)


def _content(path: Path, limits: ReadLimits) -> bytes:
    try:
        if path.stat().st_size > limits.file_bytes_max:
            raise Unreadable(UnreadableReason.TOO_LARGE)
        return path.read_bytes()
    except OSError as fault:
        raise Unreadable(UnreadableReason.CANNOT_OPEN, detail_en=f" ({fault.strerror})") from None


def _check_may_be_text(content: bytes, filename: str) -> None:
    kind = next((name for magic, name in _OTHER_KINDS if content.startswith(magic)), None)
    if kind is None and content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        kind = "HTML/XML"
    if kind is None and PurePath(filename).suffix.lower() in _WORKBOOK_NAMES:
        kind = "not XLSX"
    if kind:
        raise Unreadable(UnreadableReason.NOT_A_TABLE, detail_zh=f"({kind})", detail_en=f" ({kind})")
