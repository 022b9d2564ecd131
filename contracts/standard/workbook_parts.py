"""Unpacking a workbook (XLSX) under limits, and proving that it holds nothing but a table.

A workbook is a ZIP of XML parts. It is inflated once, here, under limits; the parts a table needs are
looked through and packed again, so that the parser sees exactly the bytes that were looked at and no
archive trick can show it others. Sources: ECMA-376 (parts), PKWARE APPNOTE (ZIP).
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

from contracts.standard.unreadable import ReadLimits, Unreadable, UnreadableReason

_ENTRIES_MAX = 2_000
_CHUNK_BYTES = 1024 * 1024
_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
SHARED_STRINGS = "xl/sharedStrings.xml"
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_WORKSHEET = re.compile(r"xl/worksheets/", re.IGNORECASE)
_MACROS = re.compile(r"vbaproject\.bin$|^xl/macrosheets/", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:\w+:)?(\w+)\s*>\s*$")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet of a workbook: its name on the tab, the part it is kept in, its XML."""

    name: str
    path: str
    xml: bytes


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """A workbook that was looked through: its visible sheets in order, and they alone packed for the parser."""

    sheets: tuple[Sheet, ...]
    shared_strings: bytes
    packed: bytes


def unpack(data: bytes, limits: ReadLimits) -> WorkbookParts:
    """Inflates and inspects a workbook; raises Unreadable for archives that are no plain workbook."""
    parts = _inflated(data, limits)
    if _WORKBOOK not in parts or _RELATIONS not in parts:
        raise Unreadable(
            UnreadableReason.NOT_A_TABLE, detail_zh="(压缩包内没有工作簿)", detail_en=" (no workbook inside)"
        )
    for name, xml in parts.items():
        _check_xml(name, xml)
    sheets = _visible_sheets(parts)
    # A sheet that was not looked at must not reach the parser, whatever the workbook says of it.
    looked_at = {sheet.path for sheet in sheets}
    kept = {name: xml for name, xml in parts.items() if not _WORKSHEET.match(name) or name in looked_at}
    return WorkbookParts(sheets, parts.get(SHARED_STRINGS, b""), _packed(kept))


def _inflated(data: bytes, limits: ReadLimits) -> dict[str, bytes]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        # Without the directory at its end the archive was cut; with one it is broken inside.
        cut = b"PK\x05\x06" not in data[-65_557:]
        raise Unreadable(UnreadableReason.TRUNCATED if cut else UnreadableReason.DAMAGED) from None
    entries = archive.infolist()
    _check_directory(entries, limits)
    parts: dict[str, bytes] = {}
    left = limits.unpacked_bytes_max
    for entry in entries:
        if _NEEDED.fullmatch(entry.filename):
            parts[entry.filename] = _inflate(archive, entry, left, limits)
            left -= len(parts[entry.filename])
    return parts


def _check_directory(entries: list[zipfile.ZipInfo], limits: ReadLimits) -> None:
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > _ENTRIES_MAX or sum(entry.file_size for entry in entries) > limits.unpacked_bytes_max:
        raise Unreadable(UnreadableReason.ZIP_BOMB)
    if any(_MACROS.search(name) for name in names):
        raise Unreadable(UnreadableReason.MACROS)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable(UnreadableReason.ENCRYPTED)
    if len(set(names)) < len(names):
        raise Unreadable(
            UnreadableReason.DAMAGED, detail_zh="(压缩包内文件重名)", detail_en=" (a part occurs twice)"
        )


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, limits: ReadLimits) -> bytes:
    """One part, inflated until it ends or passes a limit: sizes the archive claims are not believed."""
    bytes_max = min(left, max(_CHUNK_BYTES, entry.compress_size * limits.ratio_max))
    where = entry.filename[:80]
    chunks: list[bytes] = []
    size_bytes = 0
    try:
        with archive.open(entry) as stream:
            while size_bytes <= bytes_max and (chunk := stream.read(_CHUNK_BYTES)):
                chunks.append(chunk)
                size_bytes += len(chunk)
    except EOFError:
        raise Unreadable(UnreadableReason.TRUNCATED, where=where) from None
    except Exception:  # noqa: BLE001 - zipfile and its codecs raise a dozen kinds on hostile archives
        raise Unreadable(UnreadableReason.DAMAGED, where=where) from None
    if size_bytes > bytes_max:
        raise Unreadable(UnreadableReason.ZIP_BOMB, where=where)
    return b"".join(chunks)


def _check_xml(name: str, xml: bytes) -> None:
    where = name[:80]
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise Unreadable(UnreadableReason.XML_ENTITIES, where=where)
    # Parts in UTF-16 are allowed by the standard, written by nobody, and would hide all of the above.
    if b"\x00" in xml:
        raise Unreadable(UnreadableReason.NUL_BYTES, where=where)
    start = re.search(rb"<(?:\w+:)?(\w+)[\s/>]", xml)
    end = _ROOT_END.search(xml[-512:])
    closed_at_once = start is not None and xml.rstrip().endswith(b"/>") and xml.count(b"<") <= 2
    if not closed_at_once and (start is None or end is None or start[1] != end[1]):
        raise Unreadable(UnreadableReason.TRUNCATED, where=where)


def _visible_sheets(parts: Mapping[str, bytes]) -> tuple[Sheet, ...]:
    relations = _elements(parts[_RELATIONS], "Relationship")
    targets = {one.get("Id", ""): one.get("Target", "") for one in relations}
    sheets: list[Sheet] = []
    for element in _elements(parts[_WORKBOOK], "sheet"):
        relation = next((value for name, value in element.items() if name.endswith(":id")), "")
        target = targets.get(relation, "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in parts and element.get("state", "visible") == "visible":
            sheets.append(Sheet(element.get("name", ""), path, parts[path]))
    if len({sheet.name for sheet in sheets}) < len(sheets) or len(targets) < len(relations):
        twice = ("(工作表或引用重名)", " (a sheet or relation occurs twice)")
        raise Unreadable(UnreadableReason.DAMAGED, detail_zh=twice[0], detail_en=twice[1])
    return tuple(sheets)


def _elements(xml: bytes, local_name: str) -> list[dict[str, str]]:
    """The attributes of every element of one name in a small part."""
    found: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == local_name:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise Unreadable(UnreadableReason.DAMAGED) from None
    return found


def _packed(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)
    return buffer.getvalue()
