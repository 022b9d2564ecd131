"""Samples are made-up, repeatable and keep the rules of dates, studies and theses."""

import time
from datetime import date

import polars as pl
import pytest

from cli.sample import identity
from cli.sample.records import make_records
from contracts.standard.tables import code_table
from contracts.vocabulary import RecordCategory
from tests.cli.sample.doors import AWARDED, sample

EVERY_CATEGORY = list(RecordCategory)


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


def test_awards_older_than_the_form_of_certificate_numbers_are_refused():
    with pytest.raises(ValueError, match="2016"):
        sample("X1", award_on=date(2015, 12, 31))


def test_records_before_june_2024_carry_no_bachelor_thesis():
    assert sample("X1", award_on=date(2024, 5, 31))["LWTM"].is_null().all()
    assert sample("X1", award_on=date(2024, 6, 1))["LWTM"].n_unique() > 1


def test_twenty_thousand_records_take_two_seconds_at_most():
    started = time.process_time()
    assert sample("X1", 20_000).height == 20_000
    assert time.process_time() - started < 2


def months(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 4).cast(pl.Int32) * 12 + pl.col(column).str.slice(4, 2).cast(pl.Int32)


def breaking(frame: pl.DataFrame, *rules: pl.Expr) -> int:
    return frame.filter(pl.any_horizontal(~rule.fill_null(value=False) for rule in rules)).height


STUDENTS = [category for category in EVERY_CATEGORY if category not in ("B2", "S2")]
GRADUATES = [category for category in EVERY_CATEGORY if category[0] != "X"]


@pytest.mark.parametrize(
    "award_on", [date(2026, 6, 1), date(2026, 1, 31), date(2026, 12, 31), date(2026, 7, 1)]
)
@pytest.mark.parametrize("category", STUDENTS)
def test_people_enter_study_at_least_a_year_and_graduate_before_the_award(category, award_on):
    frame = sample(category, award_on=award_on)
    studied = months("BYNY") - months("RXNY")
    assert breaking(frame, studied >= 12, months("BYNY") <= months("HXWRQ"), studied <= 8 * 12) == 0
    age = (pl.col("RXNY").str.slice(0, 4).cast(pl.Int32)) - pl.col("CSRQ").str.slice(0, 4).cast(pl.Int32)
    assert breaking(frame, age >= 14) == 0


@pytest.mark.parametrize("category", ["B2", "S2"])
def test_applicants_have_an_application_in_place_of_a_course(category):
    frame = sample(category)
    assert frame.select(pl.col("RXNY", "XH", "BYNY").is_null().all()).row(0) == (True, True, True)
    assert breaking(frame, months("SQXWNY") <= months("HXWRQ"), pl.col("SQXWBH").is_unique()) == 0


@pytest.mark.parametrize("category", STUDENTS)
def test_student_numbers_are_unique_and_short_enough_for_thesis_sampling(category):
    assert breaking(sample(category), pl.col("XH").is_unique(), pl.col("XH").str.len_chars() <= 15) == 0


@pytest.mark.parametrize("category", EVERY_CATEGORY)
def test_the_photo_is_named_after_the_document_number(category):
    assert breaking(sample(category), pl.col("ZP") == pl.col("ZJHM") + ".jpg") == 0


@pytest.mark.parametrize("category", [*GRADUATES, RecordCategory.X1, RecordCategory.X3, RecordCategory.X4])
def test_theses_have_three_to_five_keywords_and_short_directions(category):
    frame = sample(category).filter(pl.col("LWTM").is_not_null())
    keywords, directions = pl.col("LWGJC").str.split("；"), pl.col("LWYJFX").str.split("；")
    assert frame.height > 200
    assert (
        breaking(
            frame,
            keywords.list.len().is_between(3, 5),
            keywords.list.n_unique() == keywords.list.len(),
            directions.list.len() <= 2,
            directions.list.eval(pl.element().str.len_chars()).list.max() <= 15,
            ~directions.list.contains(pl.col("ZYMC")),
            pl.col("LWTM").str.len_chars() <= 200,
            pl.col("DSXM").is_not_null(),
        )
        == 0
    )


@pytest.mark.parametrize("category", ["X1", "X3", "X4"])
def test_bachelors_without_a_thesis_and_with_a_classified_one_say_nothing_of_it(category):
    frame = sample(category, 1_000).filter(pl.col("LWLXM").is_in(["W", "SMLW"]))
    fields = ("DSXM", "LWTM", "LWGJC", "LWXTLYM", "LWYJFX", "LWZXYZ")
    assert frame.height > 3
    assert frame.select(pl.all_horizontal(pl.col(*fields).is_null()).all()).item()


@pytest.mark.parametrize("category", ["B1", "B2", "S1", "S2"])
def test_academic_degrees_carry_a_name_their_discipline_may_award(category):
    awardable = code_table("discipline_first_level_2022").rows.select(
        YJXKM="code", first_level="name_zh", awardable=pl.col("awardable_categories").str.split("|")
    )
    frame = sample(category).join(awardable, on="YJXKM", how="left")
    by_first_level = pl.col("SFYJXK") == "1"
    assert (
        breaking(
            frame,
            pl.col("awardable").list.contains(pl.col("XWLBM").str.slice(1)),
            ~by_first_level | (pl.col("ZYMC") == pl.col("first_level")),
            ~by_first_level | pl.col("ZYDM").is_null() | (pl.col("ZYDM") == pl.col("YJXKM") + "00"),
            by_first_level | (pl.col("ZYDM").str.slice(0, 4) == pl.col("YJXKM")),
        )
        == 0
    )


@pytest.mark.parametrize("category", ["B3", "S3"])
def test_professional_degrees_carry_the_code_of_their_category(category):
    assert breaking(sample(category), pl.col("XWLBM").str.slice(1) == pl.col("ZYLY")) == 0


@pytest.mark.parametrize("category", ["X1", "X2", "X3", "X4"])
def test_majors_are_in_the_catalogue_under_their_name(category):
    names = code_table("bachelor_majors").names
    pairs = sample(category).select("ZYDM", "ZYMC", "ZSZYMC").unique().rows()
    assert all(names[code] == name == on_certificate for code, name, on_certificate in pairs)


def test_architects_get_the_professional_bachelor_degree():
    assert sample("X4").select("XWLBM", "ZYDM", "XZ").unique().rows() == [("40851", "082801", "5")]


def test_foreign_students_are_not_chinese_and_have_no_ethnic_group():
    frame = sample("X3")
    assert breaking(frame, pl.col("GBM") != "156", pl.col("MZM").is_null(), pl.col("ZZMMM").is_null()) == 0


def test_joint_degrees_name_the_other_unit():
    frame = sample("X1", 1_000)
    assert frame.filter(pl.col("SFLHXW") == "1")["LHPYDWM"].to_list() == ["10001"] * 5
    assert frame.filter(pl.col("SFLHXW") == "0")["LHPYDWM"].null_count() == 995
