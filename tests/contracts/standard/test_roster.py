"""The list of names against the records: missing, extra, different."""

import polars as pl
import pytest

from contracts.standard.roster import RosterDifference, compare_roster, read_roster
from contracts.standard.unreadable import Unreadable, UnreadableReason
from tests.contracts.standard.hostile import csv_bytes, hostile_files, xlsx_bytes

HEADERS = ("序号", "姓名", "学号", "学位证书编号", "学位类别", "专业名称")
PERSONS = (
    ("1", "张三", "20220001", "1028442026000001", "工学学士学位", "软件工程"),
    ("2", "李四", "20220002", "1028442026000002", "工学学士学位", "软件工程"),
    ("3", "王伟", "20220003", "1028442026000003", "理学学士学位", "数学与应用数学"),
)


def roster(*persons: tuple[str, ...]) -> pl.DataFrame:
    return read_roster(csv_bytes(persons, HEADERS), "list.csv")


def records(*persons: tuple[str, ...]) -> pl.DataFrame:
    degrees = {"工学学士学位": "408", "理学学士学位": "407"}
    rows = [(f"b.1.{int(no) + 1}", xm, xh, no_, degrees[xw], zy) for no, xm, xh, no_, xw, zy in persons]
    return pl.DataFrame(rows, schema=["record_id", "XM", "XH", "XWZSBH", "XWLBM", "ZYMC"], orient="row")


def changed(person: tuple[str, ...], place: int, value: str) -> tuple[str, ...]:
    return (*person[:place], value, *person[place + 1 :])


def test_a_list_and_its_records_agree():
    comparison = compare_roster(records(*PERSONS), roster(*PERSONS))
    assert comparison.agrees
    assert comparison.matched_count == 3


def test_order_does_not_matter():
    assert compare_roster(records(*PERSONS), roster(*PERSONS[::-1])).agrees


def test_a_person_on_the_list_without_a_record_is_missing():
    comparison = compare_roster(records(*PERSONS[:2]), roster(*PERSONS))
    assert (comparison.missing, comparison.extra, comparison.different) == ((4,), (), ())


def test_a_record_of_nobody_on_the_list_is_extra():
    comparison = compare_roster(records(*PERSONS), roster(*PERSONS[1:]))
    assert (comparison.missing, comparison.extra) == ((), ("b.1.2",))


def test_a_person_twice_in_the_records_is_extra_once():
    twice = records(*PERSONS, changed(PERSONS[0], 0, "9"))
    comparison = compare_roster(twice, roster(*PERSONS))
    assert (comparison.matched_count, comparison.extra, comparison.missing) == (3, ("b.1.10",), ())


@pytest.mark.parametrize(
    ("place", "value", "field"),
    [
        (1, "张叁", "XM"),
        (2, "20229999", "XH"),
        (3, "1028442026999999", "XWZSBH"),
        (4, "理学学士学位", "XWLBM"),
        (5, "网络工程", "ZYMC"),
    ],
)
def test_each_field_that_differs_is_named(place, value, field):
    listed = roster(changed(PERSONS[0], place, value), *PERSONS[1:])
    comparison = compare_roster(records(*PERSONS), listed)
    assert comparison.different == (RosterDifference("b.1.2", 2, (field,)),)
    assert (comparison.missing, comparison.extra) == ((), ())


def test_two_persons_of_one_name_are_told_apart_by_their_numbers():
    twins = (PERSONS[0], changed(changed(PERSONS[1], 1, "张三"), 0, "2"))
    assert compare_roster(records(*twins), roster(*twins[::-1])).agrees


def test_without_numbers_name_and_major_decide():
    bare = read_roster(csv_bytes(tuple((p[1], p[5]) for p in PERSONS), ("姓名", "专业名称")), "list.csv")
    assert compare_roster(records(*PERSONS), bare).agrees
    assert compare_roster(records(*PERSONS[:2]), bare).missing == (4,)


def test_two_persons_of_one_name_and_major_need_two_records():
    bare = read_roster(csv_bytes((("张三", "软件工程"),) * 2, ("姓名", "专业名称")), "list.csv")
    comparison = compare_roster(records(PERSONS[0]), bare)
    assert (comparison.matched_count, comparison.missing) == (1, (3,))


def test_the_major_printed_on_the_certificate_counts_as_the_major():
    listed = roster(changed(PERSONS[0], 5, "软件工程(卓越班)"))
    ours = records(PERSONS[0]).with_columns(ZSZYMC=pl.lit("软件工程(卓越班)"))
    assert compare_roster(ours, listed).agrees


def test_an_applicant_without_student_number_is_matched_by_the_application_number():
    ours = records(PERSONS[0]).with_columns(XH=pl.lit(None, pl.String), SQXWBH=pl.lit("T2026001"))
    assert compare_roster(ours, roster(changed(PERSONS[0], 2, "T2026001"))).agrees


def test_a_degree_category_may_be_given_as_code_or_short_name():
    listed = roster(changed(PERSONS[0], 4, "工学学士"), changed(PERSONS[1], 4, "408"))
    assert compare_roster(records(*PERSONS[:2]), listed).agrees


def test_blanks_around_a_typed_value_do_not_matter():
    assert compare_roster(records(PERSONS[0]), roster(changed(PERSONS[0], 1, " 张三\u3000"))).agrees


def test_a_list_is_read_from_csv_and_xlsx_alike():
    by_csv, by_xlsx = roster(*PERSONS), read_roster(xlsx_bytes(PERSONS, HEADERS), "list.xlsx")
    assert by_csv.equals(by_xlsx)
    assert by_csv.columns == ["row", "seq", "XM", "XH", "XWLBM", "ZYMC", "XWZSBH"]
    assert by_csv.row(0) == (2, "1", "张三", "20220001", "408", "软件工程", "1028442026000001")


def test_a_list_without_names_is_no_list():
    with pytest.raises(Unreadable) as answer:
        read_roster(csv_bytes((("1", "2022"),), ("序号", "学号")), "list.csv")
    assert answer.value.code is UnreadableReason.NO_KNOWN_COLUMNS


@pytest.mark.parametrize(
    "name", ["mixed encodings", "a short row", "xlsx: formula", "xlsx: XLSX bomb", "empty file"]
)
def test_a_hostile_list_is_answered_like_a_hostile_file(name):
    filename, data, reason = hostile_files()[name]
    with pytest.raises(Unreadable) as answer:
        read_roster(data, filename)
    assert answer.value.code is reason


def test_no_records_and_no_rows_agree_with_nothing_else():
    comparison = compare_roster(records(*PERSONS).clear(), roster(*PERSONS))
    assert (comparison.matched_count, comparison.missing) == (0, (2, 3, 4))
