"""Layouts: told apart by their headers, asked only for what they carry."""

import pytest

from contracts.standard.fields import TEXT_TWINS, fields_of
from contracts.standard.layouts import (
    BACHELOR_OLDER_COLUMNS,
    NEWER_27_COLUMNS,
    Layout,
    carried_codes,
    known_header,
    resolve_columns,
)
from contracts.vocabulary import RecordCategory

BACHELORS = [category for category in RecordCategory if category.value[0] == "X"]
X1 = RecordCategory.X1


@pytest.mark.parametrize("category", RecordCategory)
def test_the_category_list_is_told_by_its_codes_and_by_its_chinese_names(category):
    codes = [field.code for field in fields_of(category)]
    names = [field.name_zh for field in fields_of(category)]
    by_code, by_name = resolve_columns(codes, category), resolve_columns(names, category)
    assert by_code.layout is by_name.layout is Layout.CATEGORY_LIST
    assert (by_code.unknown, by_code.missing, by_code.duplicated) == ((), (), ())
    assert (by_name.unknown, by_name.duplicated) == ((), ())
    # 论文类型 names the text; it stands for the code of the same field.
    twins = dict(TEXT_TWINS)
    assert {twins.get(code, code) for code in by_code.positions} == {
        twins.get(c, c) for c in by_name.positions
    }


@pytest.mark.parametrize("category", RecordCategory)
def test_the_newer_file_is_told_by_text_without_codes_and_misses_nothing(category):
    columns = resolve_columns(NEWER_27_COLUMNS, category)
    assert columns.layout is Layout.NEWER_27
    assert (columns.unknown, columns.missing, columns.duplicated) == ((), (), ())


@pytest.mark.parametrize("category", BACHELORS)
def test_the_older_bachelor_file_is_told_by_its_columns_and_misses_nothing(category):
    columns = resolve_columns(BACHELOR_OLDER_COLUMNS, category)
    assert columns.layout is Layout.BACHELOR_OLDER
    assert (columns.unknown, columns.missing, columns.duplicated) == ((), (), ())


def test_columns_may_come_in_any_order():
    forward, backward = resolve_columns(NEWER_27_COLUMNS, X1), resolve_columns(NEWER_27_COLUMNS[::-1], X1)
    assert forward.positions.keys() == backward.positions.keys()
    assert backward.positions["XM"] == len(NEWER_27_COLUMNS) - 1


def test_text_twins_are_optional_in_the_older_file():
    without = [code for code in BACHELOR_OLDER_COLUMNS if code not in TEXT_TWINS.values() or code == "ZYMC"]
    columns = resolve_columns(without, X1)
    assert (columns.layout, columns.missing) == (Layout.BACHELOR_OLDER, ())


def test_a_text_column_stands_for_its_code_column():
    headers = [TEXT_TWINS.get(field.code, field.code) for field in fields_of(X1)]
    assert resolve_columns(headers, X1, Layout.CATEGORY_LIST).missing == ()


def test_a_layout_that_is_named_is_not_guessed():
    assert resolve_columns(["XM", "XB"], X1, Layout.CATEGORY_LIST).layout is Layout.CATEGORY_LIST


def test_what_the_newer_layout_does_not_carry_is_not_demanded():
    carried = carried_codes(Layout.NEWER_27, X1)
    assert {"RXNY", "BYNY", "JYBH", "XXXSM"}.isdisjoint(carried)
    assert {"XBM", "LWLXM", "LWXTLYM", "ZYDM"} <= carried


def test_a_professional_degree_keeps_the_major_column_of_the_newer_file_as_its_category():
    columns = resolve_columns(NEWER_27_COLUMNS, RecordCategory.S3)
    assert columns.mapping["ZYDM"] == "ZYLY"
    assert "ZYLY" in columns.carried


def test_unknown_missing_and_duplicated_columns_are_all_named():
    headers = [field.code for field in fields_of(X1) if field.code != "ZJHM"]
    columns = resolve_columns([*headers, "XM", "姓名", "星座"], X1)
    assert (columns.unknown, columns.missing, columns.duplicated) == (("星座",), ("ZJHM",), ("XM", "姓名"))
    assert columns.positions["XM"] == 0


def test_legacy_columns_are_accepted_and_not_kept():
    columns = resolve_columns(BACHELOR_OLDER_COLUMNS, X1)
    assert {"QQHM", "WXZH"} <= set(columns.ignored)
    assert {"QQHM", "WXZH"}.isdisjoint(columns.positions)


def test_our_own_remarks_in_a_returned_file_are_ignored():
    columns = resolve_columns(["XM", "错误码", "说明", "建议"], X1)
    assert (columns.unknown, columns.ignored) == ((), ("错误码", "说明", "建议"))


@pytest.mark.parametrize("header", [" xm ", "姓 名", "姓名*", "XM", "xM", "姓名#", "\ufeff姓名"])
def test_headers_are_known_however_they_are_typed(header):
    assert resolve_columns([header], X1).positions == {"XM": 0}


def test_brackets_may_be_full_or_half_width():
    names = ["学位授予单位校(院、所)长姓名", "学位授予单位校(院、所)长姓名"]
    assert [resolve_columns([name], X1).positions for name in names] == [{"XZXM": 0}] * 2


def test_a_correction_may_name_the_record_it_replaces():
    assert resolve_columns(["记录编号"], X1).positions == resolve_columns(["record_id"], X1).positions


def test_a_header_of_another_category_is_known_and_not_kept():
    columns = resolve_columns(["XM", "SQXWBH"], X1)
    assert (columns.unknown, columns.ignored) == ((), ("SQXWBH",))
    assert known_header("SQXWBH")
    assert not known_header("天气")
