"""Identifiers, offices and categories: exactly the written forms, nothing near them."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts import vocabulary
from contracts.generate import CONTRACTS
from contracts.vocabulary import (
    CATEGORY_NAMES_ZH,
    DegreeLevel,
    Office,
    OfficeKind,
    Published,
    RecordCategory,
    new_id,
)

DIGITS = "0123456789"
UNIT_CODES = st.text(DIGITS, min_size=5, max_size=5)
PROVINCE_CODES = st.text(DIGITS, min_size=2, max_size=2)
OFFICES = st.one_of(
    UNIT_CODES.map(Office.unit),
    PROVINCE_CODES.map(Office.province),
    st.sampled_from(
        [Office.province("JD"), Office(OfficeKind.NATIONAL_OFFICE), Office(OfficeKind.NATIONAL_CENTRE)]
    ),
)


def accepts(name, value):
    try:
        TypeAdapter(getattr(vocabulary, name)).validate_python(value)
    except ValidationError:
        return False
    return True


@given(office=OFFICES)
def test_an_office_is_read_back_from_its_written_form(office):
    assert Office.parse(str(office)) == office
    assert accepts("OfficeId", str(office))


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("unit:10284", Office(OfficeKind.UNIT, "10284")),
        ("province:32", Office(OfficeKind.PROVINCE, "32")),
        ("military:JD", Office(OfficeKind.MILITARY, "JD")),
        ("national_office", Office(OfficeKind.NATIONAL_OFFICE)),
        ("national_centre", Office(OfficeKind.NATIONAL_CENTRE)),
    ],
)
def test_the_five_kinds_of_office_have_one_written_form_each(text, office):
    assert Office.parse(text) == office
    assert str(office) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "unit", "unit:", "unit:1028", "unit:102844", "unit:1028a", " unit:10284", "unit:10284 "),
        *("unit:10284\n", "unit:１０２８４", "unit:10284:1", "unit:JD", "Unit:10284", "UNIT:10284"),
        *("province", "province:3", "province:320", "province:JD", "military", "military:32", "military:jd"),
        *("national_office:", "national_office:1", "national_centre:32", "national", "ministry:1"),
    ],
)
def test_anything_else_is_no_office(text):
    with pytest.raises(ValueError, match=r"office|OfficeKind"):
        Office.parse(text)
    assert not accepts("OfficeId", text)


@given(text=st.text(max_size=30))
def test_the_typed_and_the_parsed_office_agree_on_any_text(text):
    try:
        Office.parse(text)
    except ValueError:
        assert not accepts("OfficeId", text)
    else:
        assert accepts("OfficeId", text)


def test_the_military_office_is_a_tenant_of_its_own():
    assert Office.province("JD") == Office(OfficeKind.MILITARY, "JD")
    assert Office.province("32") == Office(OfficeKind.PROVINCE, "32")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("BatchId", ["0" * 32], ["0" * 31, "0" * 33, "A" * 32, "0" * 31 + "\n", "g" * 32]),
        ("RecordId", [f"{'0' * 32}.1.20000"], [f"{'0' * 32}.1", f"{'0' * 32}.1.x", f"{'0' * 32}.1.١"]),
        ("UnitCode", ["10284"], ["1028", "102840", "１０２８４", "10284\n"]),
        ("ProvinceCode", ["32", "JD"], ["3", "320", "jd", "３２"]),
        ("Sha256", ["a" * 64], ["a" * 63, "A" * 64, "a" * 64 + "\n"]),
        ("PersonId", ["p-1", "3f2c:9|a"], ["", "张三", "a b", "a@b.cn", "x" * 101]),
        ("Code", ["T03", "xuewei/collector", "2026.1"], ["", "a b", "张三", "-x", "x" * 201]),
        ("MediaType", ["text/csv", "text/csv; charset=utf-8"], ["csv", "text/", "text/csv; x", "文/本"]),
        ("Round", [1, 9], [0, -1]),
        ("Count", [0, 20_000], [-1]),
    ],
)
def test_an_identifier_has_exactly_its_written_form(name, good, bad):
    assert [value for value in good if not accepts(name, value)] == []
    assert [value for value in bad if accepts(name, value)] == []


def test_a_new_id_is_fresh_and_fits_batches_and_resolutions():
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(accepts("BatchId", id_) and accepts("ResolutionId", id_) for id_ in ids)


def test_the_ten_categories_are_those_of_the_standard():
    with (CONTRACTS / "standard" / "tables" / "record_category.csv").open(encoding="utf-8") as table:
        names = {row["code"]: row["name_zh"] for row in csv.DictReader(table)}
    assert {category.value for category in RecordCategory} == set(names) == set(CATEGORY_NAMES_ZH)
    assert {category: category.name_zh for category in RecordCategory} == names


def test_the_level_of_a_category_is_the_digit_of_the_certificate_number():
    levels = {category.value: category.level for category in RecordCategory}
    assert {levels[code] for code in ("B1", "B2", "B3")} == {DegreeLevel.DOCTOR}
    assert {levels[code] for code in ("S1", "S2", "S3")} == {DegreeLevel.MASTER}
    assert {levels[code] for code in ("X1", "X2", "X3", "X4")} == {DegreeLevel.BACHELOR}
    assert [level.value for level in DegreeLevel] == ["2", "3", "4"]


def test_what_is_published_cannot_be_changed_and_tolerates_newer_fields():
    class Said(Published):
        count: int

    said = Said.model_validate({"count": 1, "newer": True})
    with pytest.raises(ValidationError):
        said.count = 2
    assert said.model_dump() == {"count": 1}
