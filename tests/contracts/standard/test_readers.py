"""Reading record files: what is in them, exactly, or the reason why not."""

import pickle
import zipfile
from contextlib import suppress

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.reasons import reason
from contracts.standard.fields import field_codes
from contracts.standard.layouts import NEWER_27_COLUMNS, Layout
from contracts.standard.readers import ReadLimits, Unreadable, UnreadableReason, read_records
from contracts.vocabulary import RecordCategory
from tests.contracts.standard.hostile import (
    HEADERS,
    ROWS,
    SHEET,
    csv_bytes,
    hostile_files,
    repacked,
    xlsx_bytes,
)

X1 = RecordCategory.X1
# One workbook for all examples of a property: the writer puts the time of day into each.
BOOK = xlsx_bytes()


def read(data: bytes, filename: str = "records.csv", category: RecordCategory = X1, **how):
    return read_records(data, filename=filename, category=category, **how)


def read_xlsx(data: bytes, **how):
    return read(data, "records.xlsx", **how)


def reason_of(data: bytes, filename: str = "records.csv", **how) -> tuple[UnreadableReason, str]:
    with pytest.raises(Unreadable) as answer:
        read(data, filename, **how)
    return answer.value.code, answer.value.where


def values(records, *codes: str) -> list[tuple[str | None, ...]]:
    return records.frame.select(codes or HEADERS).rows()


# --- what cannot be read ------------------------------------------------------------------------


@pytest.mark.parametrize("name", hostile_files())
def test_a_hostile_file_is_answered_with_its_reason(name):
    filename, data, reason = hostile_files()[name]
    with pytest.raises(Unreadable) as answer:
        read(data, filename)
    assert answer.value.code is reason
    assert answer.value.detail_zh
    assert answer.value.detail_en


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("mixed encodings", "line 4"),
        ("NUL bytes", "line 2"),
        ("a short row", "row 4"),
        ("a quote that never closes", "row 4"),
        ("10 MB in one cell", "row 4, XM"),
        ("xlsx: formula", "学位信息!B3"),
        ("xlsx: error value", "学位信息!E3"),
        ("xlsx: two sheets of records", "学位信息, 补充"),
    ],
)
def test_the_answer_names_the_place(name, where):
    filename, data, _ = hostile_files()[name]
    assert reason_of(data, filename)[1] == where


def test_the_answer_never_quotes_a_value():
    rows = (("王小明", "1", "11010519491231002X", "1", "2", "3"),)
    for filename, data in (("a.csv", csv_bytes(rows)), ("a.xlsx", xlsx_bytes(rows, HEADERS[:5]))):
        with suppress(Unreadable):
            read(data, filename)
    with pytest.raises(Unreadable) as answer:
        read(csv_bytes(rows))
    assert "王小明" not in str(answer.value) + answer.value.detail_zh
    assert "11010519491231002X" not in str(answer.value) + answer.value.detail_zh


@pytest.mark.parametrize("code", UnreadableReason)
def test_every_reason_is_published_and_says_how_to_mend_the_file(code):
    answer = Unreadable(code, where="row 3")
    assert reason(code).fix_zh in answer.detail_zh
    assert reason(code).fix_en in answer.detail_en
    assert "row 3" in answer.detail_zh


def test_the_answer_survives_the_way_back_from_another_process():
    answer = pickle.loads(pickle.dumps(Unreadable(UnreadableReason.FORMULA, where="a!B2", detail_en="x")))
    assert (answer.code, answer.where) == (UnreadableReason.FORMULA, "a!B2")
    assert str(answer) == str(Unreadable(UnreadableReason.FORMULA, where="a!B2", detail_en="x"))


def test_a_path_that_is_not_there_is_answered(tmp_path):
    with pytest.raises(Unreadable) as answer:
        read_records(tmp_path / "no.csv", filename="no.csv", category=X1)
    assert answer.value.code is UnreadableReason.CANNOT_OPEN


def test_a_file_is_read_from_a_path_as_from_its_bytes(tmp_path):
    path = tmp_path / "records.csv"
    path.write_bytes(csv_bytes())
    by_path = read_records(path, filename=path.name, category=X1)
    assert by_path.frame.equals(read(csv_bytes()).frame)


def test_as_many_rows_as_the_limit_are_read_and_one_more_is_not():
    limits = ReadLimits(rows_max=2)
    assert read(csv_bytes(), limits=limits).row_count == 2
    assert read_xlsx(xlsx_bytes(), limits=limits).row_count == 2
    three = (*ROWS, ROWS[0])
    assert reason_of(csv_bytes(three), limits=limits) == (UnreadableReason.TOO_MANY_ROWS, "row 4")
    assert reason_of(xlsx_bytes(three), "a.xlsx", limits=limits)[0] is UnreadableReason.TOO_MANY_ROWS


def test_a_cell_as_long_as_the_limit_is_read_and_one_character_more_is_not():
    def one(length: int) -> bytes:
        return csv_bytes((("张三", "1", "", "", "长" * length),))

    limits = ReadLimits(cell_chars_max=50)
    assert read(one(50), limits=limits).row_count == 1
    assert reason_of(one(51), limits=limits) == (UnreadableReason.CELL_TOO_LARGE, "row 2, LWTM")


def test_a_file_over_the_byte_limit_is_not_looked_at(tmp_path):
    path = tmp_path / "records.csv"
    path.write_bytes(csv_bytes())
    limits = ReadLimits(file_bytes_max=10)
    for data in (csv_bytes(), path):
        with pytest.raises(Unreadable) as answer:
            read_records(data, filename="records.csv", category=X1, limits=limits)
        assert answer.value.code is UnreadableReason.TOO_LARGE


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["", "PK\x03\x04", "PK\x05\x06", "XM,XBM\n", "XM\t", 'XM,"XB"\n"']),
)
def test_no_bytes_raise_anything_but_unreadable(junk, start):
    with suppress(Unreadable):
        assert read(start.encode() + junk).row_count > 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_workbook_with_changed_bytes_is_read_or_answered(data):
    book = bytearray(BOOK)
    for _ in range(data.draw(st.integers(1, 4))):
        book[data.draw(st.integers(0, len(book) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Unreadable):
        assert read_xlsx(bytes(book)).row_count > 0


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_sheet_with_changed_xml_is_read_or_answered(data):
    def change(xml: bytes) -> bytes:
        start = data.draw(st.integers(0, len(xml) - 1))
        end = data.draw(st.integers(start, min(start + 20, len(xml))))
        return (
            xml[:start]
            + data.draw(st.sampled_from([b"", b"<", b">", b'"', b"<c>", b"<row>", b"9", b"\xff"]))
            + xml[end:]
        )

    with suppress(Unreadable):
        assert read_xlsx(repacked(BOOK, {SHEET: change})).row_count > 0


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_same_records_in_every_encoding_and_with_every_separator(encoding, separator):
    records = read(csv_bytes(encoding=encoding, separator=separator))
    assert values(records) == list(ROWS)
    assert records.encoding == encoding


def test_big_endian_utf_16_is_read():
    data = b"\xfe\xff" + csv_bytes(encoding="utf-16-be")
    assert values(read(data)) == list(ROWS)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(line_end):
    records = read(csv_bytes(line_end=line_end))
    assert values(records) == list(ROWS)
    assert records.frame["row"].to_list() == [2, 3]


def test_a_file_without_a_last_line_end_is_read():
    assert read(csv_bytes().rstrip()).row_count == 2


def test_csv_and_xlsx_give_the_same_frame():
    assert read(csv_bytes()).frame.equals(read_xlsx(xlsx_bytes()).frame)


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_workbook_packed_again_is_read(compression):
    assert values(read_xlsx(repacked(xlsx_bytes(), compression=compression))) == list(ROWS)


def test_the_frame_has_every_field_of_the_category_and_nothing_else():
    records = read(csv_bytes())
    assert records.frame.columns == ["row", *field_codes(X1)]
    assert records.frame.schema == {"row": pl.Int64, **dict.fromkeys(field_codes(X1), pl.String)}
    assert (records.row_count, records.columns.layout) == (2, Layout.CATEGORY_LIST)


def test_values_are_kept_exactly_as_given():
    row = (" 张 三\u3000", "１", "0011", "'=1+1", "a\u200bb  ")
    assert values(read(csv_bytes((row,)))) == [row]
    assert values(read_xlsx(xlsx_bytes((row,)))) == [row]


def test_an_empty_cell_is_null_quoted_or_not():
    data = b'XM,XBM,ZJHM\r\nA,"",\r\n"B",1,""\r\n'
    assert values(read(data), "XM", "XBM", "ZJHM") == [("A", None, None), ("B", "1", None)]


def test_row_numbers_count_blank_lines():
    data = b"\r\nXM,XBM\r\n\r\nA,1\r\n,\r\n  \r\nB,2\r\n\r\n"
    assert read(data).frame["row"].to_list() == [4, 7]


def test_row_numbers_count_lines_inside_quoted_cells():
    data = 'XM,BZ\n张三,"第一行\n第二行"\n李四,无\n'.encode()
    records = read(data)
    assert records.frame.select("row", "BZ").rows() == [(2, "第一行\n第二行"), (4, "无")]


def test_row_numbers_of_a_workbook_are_those_of_its_sheet():
    data = xlsx_bytes(rows=((), ROWS[0], (), (), ROWS[1]))
    assert read_xlsx(data).frame["row"].to_list() == [3, 6]


def test_a_table_may_start_below_and_right_of_the_corner():
    def shift(workbook):
        sheet = workbook.add_worksheet("数据")
        for place, row in enumerate((HEADERS, *ROWS)):
            sheet.write_row(place + 4, 2, row)
        sheet.write_number(7, 5, 1000142026000003)

    records = read_xlsx(xlsx_bytes(rows=(), headers=(), more=shift))
    assert records.frame["row"].to_list() == [6, 7, 8]
    assert records.eaten == ((8, "XWZSBH"),)


def test_a_column_without_a_name_that_holds_data_is_unknown():
    assert read(b"XM,,XBM\nA,x,1\n").columns.unknown == ("第2列",)
    assert read(b"XM,,XBM\nA,,1\n").columns.unknown == ()


def test_hidden_sheets_and_lists_of_codes_beside_the_records_are_not_read():
    def more(workbook):
        codes = workbook.add_worksheet("代码表")
        codes.write_column(0, 0, ["性别码", "1", "2"])
        hidden = workbook.add_worksheet("隐藏")
        hidden.write_row(0, 0, HEADERS)
        hidden.write_row(1, 0, ROWS[0])
        hidden.hide()

    assert values(read_xlsx(xlsx_bytes(more=more))) == list(ROWS)


def test_a_formula_on_another_sheet_does_no_harm():
    def more(workbook):
        workbook.add_worksheet("统计").write_formula("A1", "=COUNTA(学位信息!A:A)", None, 2)

    assert read_xlsx(xlsx_bytes(more=more)).row_count == 2


def _other_writing(xml: bytes) -> bytes:
    """The same sheet as another program may write it: prefixed names, cells without references."""
    prefixed = xml.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"<x:?", b"<?")
    return prefixed.replace(b"xmlns=", b"xmlns:x=").replace(b' r="B2"', b"")


def test_a_sheet_written_in_an_unusual_way_is_read_the_same():
    data = repacked(xlsx_bytes(), {SHEET: _other_writing})
    assert values(read_xlsx(data)) == list(ROWS)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'r="B3" ', b'r="XFD1048576" ', UnreadableReason.TOO_MANY_ROWS),
        (b"<v>5</v>", b"<f>A1</f><v>5</v>", UnreadableReason.FORMULA),
        (b't="s"><v>5</v>', b't="e"><v>#N/A</v>', UnreadableReason.ERROR_VALUE),
    ],
)
def test_an_unusual_writing_hides_nothing(old, new, reason):
    data = repacked(xlsx_bytes(), {SHEET: lambda xml: _other_writing(xml.replace(old, new))})
    assert reason_of(data, "a.xlsx")[0] is reason


def test_an_unusual_writing_names_the_same_rounded_numbers():
    rows = (ROWS[0], ("李四", "2", 110105194912310020, 1000142026000002, "b"))
    data = xlsx_bytes(rows)
    unusual = repacked(data, {SHEET: _other_writing})
    assert read_xlsx(unusual).eaten == read_xlsx(data).eaten == ((3, "XWZSBH"), (3, "ZJHM"))


@pytest.mark.parametrize(
    ("rows_max", "last_row", "is_read"), [(2, 1004, True), (2, 1005, False), (500, 2000, True)]
)
def test_a_sheet_may_have_blank_rows_but_not_without_end(rows_max, last_row, is_read):
    def more(workbook):
        workbook.worksheets()[0].write(last_row - 1, 0, "王五")

    data, limits = xlsx_bytes(ROWS[:1], more=more), ReadLimits(rows_max=rows_max)
    if is_read:
        assert read_xlsx(data, limits=limits).frame["row"].to_list() == [2, last_row]
    else:
        assert reason_of(data, "a.xlsx", limits=limits) == (
            UnreadableReason.TOO_MANY_ROWS,
            f"学位信息!{last_row}",
        )


# --- what spreadsheets do to numbers ------------------------------------------------------------


def test_numbers_a_spreadsheet_has_rounded_are_named_and_left_as_they_are():
    rows = (("张三", "1", 110105194912310020, 1000142026000001, "a"), ROWS[1])
    records = read_xlsx(xlsx_bytes(rows))
    assert records.eaten == ((2, "XWZSBH"), (2, "ZJHM"))
    assert values(records, "ZJHM") == [("110105194912310000",), (ROWS[1][2],)]


def test_a_number_with_an_exponent_in_csv_is_named():
    data = "XM,ZJHM,XWZSBH\n张三,1.10105E+17,1.00014E+15\n李四,11010519491231002X,1000142026000001\n".encode()
    assert read(data).eaten == ((2, "XWZSBH"), (2, "ZJHM"))


def test_a_date_a_spreadsheet_has_rewritten_is_named():
    data = "XM,CSRQ,HXWRQ\n张三,37742,2026-06-30\n李四,20030501,20260630\n".encode()
    assert read(data).eaten == ((2, "CSRQ"), (2, "HXWRQ"))


# --- text and codes -----------------------------------------------------------------------------


def newer_row(**changes: str) -> bytes:
    row = {
        "XM": "张三",
        "XB": "男",
        "ZJLX": "居民身份证",
        "GB": "中国",
        "LWLX": "毕业论文",
        "LWXTLY": "学校自选项目",
    }
    row |= {"LWZXYZ": "汉语", "XWLBM": "408", "XWLB": "工学学士学位"} | changes
    return csv_bytes((tuple(row.get(code, "") for code in NEWER_27_COLUMNS),), NEWER_27_COLUMNS)


def test_the_newer_file_leads_from_text_to_codes():
    records = read(newer_row())
    codes = ("XBM", "ZJLXM", "GBM", "LWLXM", "LWXTLYM", "LWZXYZ", "XWLBM")
    assert values(records, *codes) == [("1", "01", "156", "BYLW", "16", "zh", "408")]
    assert values(records, "XB", "LWLX", "XWLB") == [("男", "毕业论文", "工学学士学位")]


def test_unknown_text_stays_where_the_table_rule_finds_it():
    assert values(read(newer_row(XB="雄", LWLX="")), "XBM", "LWLXM") == [("雄", None)]


def test_graduate_thesis_types_come_from_their_own_table():
    records = read(newer_row(LWLX="应用研究"), category=RecordCategory.S1)
    assert values(records, "LWLXM") == [("2",)]


def test_a_code_given_beside_its_text_is_not_touched():
    data = "XM,XBM,XB\n张三,2,男\n".encode()
    assert values(read(data), "XBM", "XB") == [("2", "男")]


def test_a_correction_keeps_the_record_it_names():
    data = "XM,XBM,记录编号\n张三,1,abc.1.7\n".encode()
    assert values(read(data), "record_id") == [("abc.1.7",)]


def test_legacy_columns_are_read_as_empty():
    data = "XM,XBM,QQHM\n张三,1,12345\n".encode()
    records = read(data)
    assert (values(records, "QQHM"), records.columns.ignored) == ([(None,)], ("QQHM",))


# --- CSV, any content ---------------------------------------------------------------------------

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8), st.sampled_from([",", ";", "\t"]))
def test_what_was_written_is_what_is_read(cells, separator):
    rows = tuple(("名", *row) for row in cells)
    records = read(csv_bytes(rows, ("XM", "XBM", "ZJHM", "BZ"), separator=separator))
    assert values(records, "XM", "XBM", "ZJHM", "BZ") == [tuple(cell or None for cell in row) for row in rows]
