"""Files nobody should be able to hurt the platform with, made here, byte by byte.

``hostile_files()`` and ``hostile_scans()`` give, by name, the file's name, its bytes and the reason the
reader answers. Journeys upload the same files.
"""

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache

import xlsxwriter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from contracts.standard.scans import UnreadableScanReason
from contracts.standard.unreadable import UnreadableReason

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADERS = ("XM", "XBM", "ZJHM", "XWZSBH", "LWTM")
ROWS = (
    ("张三", "1", "11010519491231002X", "1000142026000001", "学位信息研究"),
    ("欧阳·娜木罕", "2", "440106200002291115", "1000142026000002", "数据质量,与校验"),
)
SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"

HostileFile = tuple[str, bytes, UnreadableReason]
HostileScan = tuple[str, bytes, UnreadableScanReason]
R, S = UnreadableReason, UnreadableScanReason


@cache
def hostile_files() -> dict[str, HostileFile]:
    """Record files that cannot be read, with the reason each is answered with."""
    return _hostile_csv() | _hostile_workbooks()


@cache
def hostile_scans() -> dict[str, HostileScan]:
    """Scans that are not taken, with the reason each is answered with."""
    good = pdf(3)
    no_pages = _pdf_without_pages()
    return {
        "encrypted": ("scan.pdf", pdf(2, password="secret"), S.ENCRYPTED),
        "encrypted without a password to open": ("scan.pdf", pdf(2, password=""), S.ENCRYPTED),
        "truncated": ("scan.pdf", good[: len(good) * 2 // 3], S.TRUNCATED),
        "end torn off": ("scan.pdf", good[:-40], S.TRUNCATED),
        "no pages": ("scan.pdf", no_pages, S.NO_PAGES),
        "501 pages": ("scan.pdf", pdf(501), S.TOO_MANY_PAGES),
        "PNG named pdf": ("scan.pdf", b"\x89PNG\r\n\x1a\n" + bytes(200), S.NOT_A_PDF),
        "empty": ("scan.pdf", b"", S.EMPTY),
        "only a head and a tail": ("scan.pdf", b"%PDF-1.7\nnothing\n%%EOF\n", S.DAMAGED),
    }


def csv_bytes(
    rows: tuple[tuple[str, ...], ...] = ROWS, headers: tuple[str, ...] = HEADERS, **how: str
) -> bytes:
    """A CSV file: ``separator``, ``encoding`` and ``line_end`` as named; cells quoted where they must be."""
    separator, encoding = how.get("separator", ","), how.get("encoding", "utf-8")

    def cell(value: str) -> str:
        must = any(sign in value for sign in (separator, '"', "\n", "\r"))
        return '"' + value.replace('"', '""') + '"' if must else value

    lines = [separator.join(map(cell, row)) for row in (headers, *rows)]
    return "".join(line + how.get("line_end", "\r\n") for line in lines).encode(encoding)


def xlsx_bytes(
    rows: tuple[tuple[object, ...], ...] = ROWS,
    headers: tuple[str, ...] = HEADERS,
    more: Callable[[xlsxwriter.Workbook], None] | None = None,
) -> bytes:
    """An XLSX workbook with one sheet 学位信息; ``more`` may add to it before it is closed."""
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False})
    sheet = workbook.add_worksheet("学位信息")
    for place, row in enumerate((headers, *rows)):
        sheet.write_row(place, 0, row)
    if more:
        more(workbook)
    workbook.close()
    return buffer.getvalue()


def repacked(
    data: bytes,
    changes: dict[str, Callable[[bytes], bytes]] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """The same archive packed again, parts changed on the way; a part that did not exist starts empty."""
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for name, change in (changes or {}).items():
        parts[name] = change(parts.get(name, b""))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as target:
        for name, part in parts.items():
            target.writestr(name, part)
    return buffer.getvalue()


def pdf(pages: int, password: str | None = None) -> bytes:
    """A PDF of so many pages, encrypted when a password to open it is given (empty: opens without asking)."""
    buffer = io.BytesIO()
    encryption = (
        StandardEncryption(password, ownerPassword="owner", canModify=0) if password is not None else None
    )
    canvas = Canvas(buffer, encrypt=encryption)
    for page in range(pages):
        canvas.drawString(72, 720, f"Resolution, page {page + 1}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _hostile_csv() -> dict[str, HostileFile]:
    good = csv_bytes()
    header = csv_bytes(rows=())
    lines = good.split(b"\r\n")
    gb_line = "李四,2,11010519491231002X,1000142026000003,编码不同的一行记录".encode("gb18030")
    many = tuple((f"学生{number}", "1", "", f"{number:016}", "") for number in range(20_001))
    return {
        "empty file": ("records.csv", b"", R.EMPTY),
        "only blanks": ("records.csv", b" \r\n\r\n\t\n", R.EMPTY),
        "only a BOM": ("records.csv", b"\xef\xbb\xbf\r\n", R.EMPTY),
        "header only": ("records.csv", header, R.HEADER_ONLY),
        "header and blank lines": ("records.csv", header + b"\r\n,,,,\r\n\r\n", R.HEADER_ONLY),
        "no header": ("records.csv", b"\r\n".join(lines[1:]), R.NO_KNOWN_COLUMNS),
        "mixed encodings": ("records.csv", good + gb_line + b"\r\n", R.MIXED_ENCODING),
        "bytes of no encoding": ("records.csv", good + b"\xff\xfe\xff,1,2,3,4\r\n", R.ENCODING),
        "UTF-8 BOM over GB 18030": (
            "records.csv",
            b"\xef\xbb\xbf" + csv_bytes(encoding="gb18030"),
            R.ENCODING,
        ),
        "UTF-16 with half a character": (
            "records.csv",
            csv_bytes(encoding="utf-16") + b"\x00\xd8\x41\x00",
            R.ENCODING,
        ),
        "UTF-16 without BOM": ("records.csv", csv_bytes(encoding="utf-16-le"), R.NUL_BYTES),
        "NUL bytes": ("records.csv", good.replace(b"1,110105", b"1\x00,110105"), R.NUL_BYTES),
        "a NUL in UTF-16": (
            "records.csv",
            (good.decode() + "王\x00五,1,,,\r\n").encode("utf-16"),
            R.NUL_BYTES,
        ),
        "10 MB in one cell": ("records.csv", good + b"A" * 10_000_000 + b",1,2,3,4\r\n", R.CELL_TOO_LARGE),
        "a short row": ("records.csv", good + "李四,2,X".encode() + b"\r\n", R.RAGGED),
        "a long row": ("records.csv", good + b"a,b,c,d,e,f\r\n", R.RAGGED),
        "a quote that never closes": ("records.csv", good + b'"a,b,c,d,e\r\n' + good, R.QUOTES),
        "a quote inside a cell": ("records.csv", good + b'a,5"b,c,d,e\r\n"x",,,,\r\n', R.QUOTES),
        "20,001 rows": ("records.csv", csv_bytes(rows=many), R.TOO_MANY_ROWS),
        "300 columns": (
            "records.csv",
            b",".join([b"XM"] * 300) + b"\n" + b"," * 299 + b"\n",
            R.TOO_MANY_COLUMNS,
        ),
        "PNG named csv": ("records.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), R.NOT_A_TABLE),
        "PDF named csv": ("records.csv", b"%PDF-1.7\n", R.NOT_A_TABLE),
        "web page named xls": (
            "records.xls",
            b"<html><table><tr><td>XM</td></tr></table></html>",
            R.NOT_A_TABLE,
        ),
        "text named xlsx": ("records.xlsx", good, R.NOT_A_TABLE),
    }


def _hostile_workbooks() -> dict[str, HostileFile]:
    good = xlsx_bytes()
    files: dict[str, tuple[bytes, UnreadableReason]] = {
        "truncated XLSX": (good[: len(good) // 2], R.TRUNCATED),
        "XLSX with a torn directory": (good[:-30], R.TRUNCATED),
        "truncated sheet, compressed again": (
            repacked(good, {SHEET: lambda xml: xml[: len(xml) * 2 // 3]}),
            R.TRUNCATED,
        ),
        "XLSX with a flipped byte": (_flipped(good), R.DAMAGED),
        "XLSX bomb": (repacked(good, {SHEET: _bomb}), R.ZIP_BOMB),
        "XLSX bomb that lies about its size": (_lying_bomb(good), R.DAMAGED),
        "shared strings bomb": (_shared_strings_bomb(good), R.ZIP_BOMB),
        "2,001 parts": (repacked(good, {f"junk/{n}": lambda _: b"" for n in range(2_001)}), R.ZIP_BOMB),
        "cell in the far corner": (_with_cell(good, "XFD1048576"), R.TOO_MANY_ROWS),
        "cell beyond all sheets": (_with_cell(good, "A99999999999"), R.TOO_MANY_ROWS),
        "cell far to the right": (_with_cell(good, "XFD3"), R.TOO_MANY_COLUMNS),
        "cell with two places": (_with_cell(good, "A3", b' r="ZZZ99"'), R.DAMAGED),
        "sheet hidden behind another": (_with_two_targets(good), R.DAMAGED),
        "XML with entities": (repacked(good, {STRINGS: _entities}), R.XML_ENTITIES),
        "sheet with a document type": (repacked(good, {SHEET: _doctype}), R.XML_ENTITIES),
        "sheet in UTF-16": (repacked(good, {SHEET: _in_utf16}), R.NUL_BYTES),
        "macro file": (repacked(good, {"xl/vbaProject.bin": lambda _: b"\x01macro"}), R.MACROS),
        "xls renamed xlsx": (OLE2 + bytes(600) + "Workbook".encode("utf-16-le") + bytes(400), R.OLD_XLS),
        "encrypted XLSX": (
            OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(400),
            R.ENCRYPTED,
        ),
        "ZIP with a password": (_with_encrypted_flag(good), R.ENCRYPTED),
        "a part twice": (_with_part_twice(good), R.DAMAGED),
        "ZIP without a workbook": (repacked(_zip({"a.txt": b"hello"})), R.NOT_A_TABLE),
        "empty ZIP": (_zip({}), R.NOT_A_TABLE),
        "unknown compression": (
            repacked(good, compression=zipfile.ZIP_LZMA).replace(b"\x0e\x00", b"\x63\x00"),
            R.DAMAGED,
        ),
        "string index beyond the table": (
            repacked(good, {SHEET: lambda x: x.replace(b"<v>5</v>", b"<v>99</v>")}),
            R.DAMAGED,
        ),
        "formula": (xlsx_bytes(more=_write_formula), R.FORMULA),
        "error value": (repacked(good, {SHEET: _error_value}), R.ERROR_VALUE),
        "two sheets of records": (xlsx_bytes(more=_second_sheet), R.SEVERAL_SHEETS),
        "empty workbook": (xlsx_bytes(rows=(), headers=()), R.EMPTY),
        "header only": (xlsx_bytes(rows=()), R.HEADER_ONLY),
        "unknown headers": (xlsx_bytes(headers=("a", "b", "c", "d", "e")), R.NO_KNOWN_COLUMNS),
        "40,000 characters in one cell": (repacked(good, {STRINGS: _long_string}), R.CELL_TOO_LARGE),
        "20,001 rows": (xlsx_bytes(rows=tuple(("学生", "1") for _ in range(20_001))), R.TOO_MANY_ROWS),
        "300 columns": (xlsx_bytes(rows=(("1",) * 300,), headers=("XM",) * 300), R.TOO_MANY_COLUMNS),
    }
    return {f"xlsx: {name}": ("records.xlsx", data, reason) for name, (data, reason) in files.items()}


def _flipped(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo(SHEET)
    place = entry.header_offset + 30 + len(SHEET) + entry.compress_size // 2
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


def _bomb(xml: bytes) -> bytes:
    return xml.replace(b"</sheetData>", b" " * 80_000_000 + b"</sheetData>")


def _lying_bomb(data: bytes) -> bytes:
    """The directory claims a small size for a part that inflates to 80 MB."""
    bomb = bytearray(repacked(data, {SHEET: _bomb}))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        entry = archive.getinfo(SHEET)
    size = entry.file_size.to_bytes(4, "little")
    for place in (bomb.find(size), bomb.rfind(size)):
        bomb[place : place + 4] = (3_000_000).to_bytes(4, "little")
    return bytes(bomb)


def _shared_strings_bomb(data: bytes) -> bytes:
    """One text of 32,767 characters, named by 100,000 cells: 3 GB out of 3 MB."""
    row = (
        b'<row r="%d">'
        + b"".join(b'<c r="%s%%d" t="s"><v>0</v></c>' % letter.encode() for letter in "ABCDE")
        + b"</row>"
    )
    rows = b"".join(row % ((number,) * 6) for number in range(10, 20_010))
    # Words of changing length keep the part below the ratio that would give it away.
    text = "".join(f"{number:x}" for number in range(10_000)).encode()[:32_767]
    return repacked(
        data,
        {
            SHEET: lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"),
            STRINGS: lambda xml: xml.replace(b"<t>XM</t>", b"<t>" + text + b"</t>"),
        },
        zipfile.ZIP_STORED,
    )


def _with_cell(data: bytes, reference: str, more: bytes = b"") -> bytes:
    row = "".join(sign for sign in reference if sign.isdigit())
    cell = b'<row r="%b"><c r="%b"%b><v>1</v></c></row></sheetData>' % (
        row.encode(),
        reference.encode(),
        more,
    )
    return repacked(data, {SHEET: lambda xml: xml.replace(b"</sheetData>", cell)})


def _with_two_targets(data: bytes) -> bytes:
    """One relation, two parts: whoever takes the first of them reads a sheet nobody looked at."""
    corner = b'<worksheet><sheetData><row r="1"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    hidden = b'Target="worksheets/sheet9.xml"'
    twice = re.compile(rb'<Relationship Id="rId1"[^>]*/>')

    def both(xml: bytes) -> bytes:
        one = twice.search(xml)[0]
        other = one.replace(b'Target="worksheets/sheet1.xml"', hidden)
        return xml.replace(one, other + one + other)

    return repacked(data, {SHEET.replace("1", "9"): lambda _: corner, "xl/_rels/workbook.xml.rels": both})


def _doctype(xml: bytes) -> bytes:
    return xml.replace(b"<worksheet", b"<!DOCTYPE worksheet><worksheet", 1)


def _entities(xml: bytes) -> bytes:
    laughs = b'<!DOCTYPE sst [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return xml.replace(b"<sst", laughs + b"<sst", 1).replace("张三".encode(), b"&b;")


def _in_utf16(xml: bytes) -> bytes:
    return xml.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")


def _error_value(xml: bytes) -> bytes:
    return xml.replace(b'<c r="E3" t="s"><v>', b'<c r="E3" t="e"><v>#N/A</v></c><c r="F3"><v>', 1)


def _long_string(xml: bytes) -> bytes:
    return xml.replace("学位信息研究".encode(), "长".encode() * 40_000)


def _with_encrypted_flag(data: bytes) -> bytes:
    marked = bytearray(data)
    for signature, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        marked[data.find(signature) + flag] |= 1
    return bytes(marked)


def _with_part_twice(data: bytes) -> bytes:
    # A name of the same length is written first and renamed in the bytes: the library refuses to write twins.
    return repacked(data, {SHEET.replace("1", "2"): lambda _: b"<worksheet/>"}).replace(
        b"sheet2.xml", b"sheet1.xml"
    )


def _zip(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _write_formula(workbook: xlsxwriter.Workbook) -> None:
    workbook.worksheets()[0].write_formula("B3", '=IF(1,"1","2")', None, "1")


def _second_sheet(workbook: xlsxwriter.Workbook) -> None:
    second = workbook.add_worksheet("补充")
    for place, row in enumerate((HEADERS, *ROWS)):
        second.write_row(place, 0, row)


def _pdf_without_pages() -> bytes:
    objects = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    xref = b"xref\n0 3\n0000000000 65535 f \n" + table
    return body + xref + b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
