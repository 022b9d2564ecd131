"""Samples are made-up, valid and repeatable."""

import time
from datetime import date

import polars as pl
import pytest

from cli.sample import identity
from cli.sample.records import make_records
from contracts.vocabulary import RecordCategory

AWARDED = date(2026, 6, 20)
EVERY_CATEGORY = list(RecordCategory)


def sample(category: str, count: int = 300, **changes) -> pl.DataFrame:
    terms = {"seed": 7, "award_on": AWARDED, "resolution_number": "校学位〔2026〕12号"} | changes
    return make_records(category, "10284", count, **terms)


@pytest.mark.parametrize("category", EVERY_CATEGORY)
def test_the_same_seed_makes_the_same_records(category):
    assert sample(category).equals(sample(category))


@pytest.mark.parametrize("category", EVERY_CATEGORY)
def test_another_seed_makes_other_people(category):
    assert sample(category)["ZJHM"].to_list() != sample(category, seed=8)["ZJHM"].to_list()


@pytest.mark.parametrize("category", EVERY_CATEGORY)
def test_certificate_numbers_say_unit_level_year_and_serial(category):
    numbers = sample(category, 5, first_serial=40)["XWZSBH"].to_list()
    level = RecordCategory(category).level
    assert numbers == [f"10284{level}2026{serial:06d}" for serial in range(40, 45)]


def test_serial_numbers_of_more_than_six_digits_are_refused():
    assert sample("X1", 5, first_serial=999_995)["XWZSBH"][-1] == "1028442026999999"
    with pytest.raises(ValueError, match="six digits"):
        sample("X1", 5, first_serial=999_996)


def test_a_unit_outside_the_institution_table_is_refused():
    with pytest.raises(ValueError, match="00000"):
        make_records("X1", "00000", 1, seed=1, award_on=AWARDED, resolution_number="1")


@pytest.mark.parametrize("category", EVERY_CATEGORY)
def test_nobody_has_the_document_number_of_another(category):
    assert sample(category, 2_000)["ZJHM"].n_unique() == 2_000


def test_check_characters_follow_gb_11643():
    for number in ("11010519491231002X", "810000199003070015", "440106200002291115"):
        assert identity.check_character(number[:17]) == number[17]


def test_no_resident_number_can_belong_to_a_person():
    numbers = sample("X1", 2_000).filter(pl.col("ZJLXM") == "01")["ZJHM"]
    assert numbers.str.slice(2, 4).unique().to_list() == ["0000"]


def test_a_sample_holds_rare_characters_minority_names_and_every_kind_of_document():
    everyone = pl.concat([sample("S1").select("XM", "ZJLXM"), sample("X3").select("XM", "ZJLXM")])
    names = everyone["XM"].to_list()
    assert any(ord(character) > 0xFFFF for name in names for character in name)
    assert any("·" in name for name in names)
    assert set(everyone["ZJLXM"]) >= {"01", "07", "08", "09", "10", "11"}


def test_records_before_june_2024_carry_no_bachelor_thesis():
    assert sample("X1", award_on=date(2024, 5, 31))["LWTM"].is_null().all()
    assert sample("X1", award_on=date(2024, 6, 1))["LWTM"].n_unique() > 1


def test_twenty_thousand_records_take_two_seconds_at_most():
    started = time.process_time()
    assert sample("X1", 20_000).height == 20_000
    assert time.process_time() - started < 2
