"""Fields and code tables: what the ten categories contain."""

import pytest

from contracts.standard.fields import TEXT_TWINS, Requirement, field_codes, field_of, fields_of
from contracts.standard.tables import code_table, has_code_table, institution, province_of
from contracts.vocabulary import RecordCategory


@pytest.mark.parametrize("category", RecordCategory)
def test_a_category_numbers_its_fields_from_one_without_gaps_or_twins(category):
    fields = fields_of(category)
    assert [field.seq for field in fields] == list(range(1, len(fields) + 1))
    assert len(set(field_codes(category))) == len(fields)


@pytest.mark.parametrize("category", RecordCategory)
def test_every_category_has_the_items_article_9_names(category):
    codes = set(field_codes(category))
    assert {
        "XM",
        "XBM",
        "CSRQ",
        "ZJLXM",
        "ZJHM",
        "XWSYDWM",
        "XWLBM",
        "HXWRQ",
        "XWZSBH",
        "JYBH",
        "ZP",
    } <= codes


def test_lengths_are_those_the_platform_needs():
    assert field_of(RecordCategory.X1, "XM").length_chars == 100
    assert field_of(RecordCategory.X1, "ZYDM").length_chars == 8
    assert field_of(RecordCategory.X1, "XWZSBH").length_chars == 18
    assert field_of(RecordCategory.X1, "XZ").length_chars == 3


def test_a_coded_field_names_its_table_and_its_text_twin():
    sex = field_of(RecordCategory.B1, "XBM")
    assert (sex.code_table, sex.text_twin, sex.requirement) == ("sex_gbt2261_1", "XB", Requirement.MANDATORY)


def test_a_number_checked_by_patterns_has_no_table_of_values():
    assert field_of(RecordCategory.X1, "ZJHM").code_table is None


def test_every_table_a_field_names_exists():
    assert all(has_code_table(f.code_table) for c in RecordCategory for f in fields_of(c) if f.code_table)


@pytest.mark.parametrize("code", ["XWZSYS", "XMPY", "SFDEXW"])
def test_a_column_the_platform_can_do_without_is_not_demanded(code):
    assert not field_of(RecordCategory.X1, code).column_demanded


def test_every_text_twin_belongs_to_a_field_of_some_category():
    known = {field.code for category in RecordCategory for field in fields_of(category)}
    assert set(TEXT_TWINS) <= known


@pytest.mark.parametrize(
    ("table", "text", "code"),
    [
        ("sex_gbt2261_1", "男", "1"),
        ("sex_gbt2261_1", "女性", "2"),
        ("country_gbt2659", "中国", "156"),
        ("country_gbt2659", "中国香港", "344"),
        ("ethnic_gbt3304", "汉", "01"),
        ("ethnic_gbt3304", "维吾尔族", "05"),
        ("political_gbt4762", "共青团员", "03"),
        ("id_document_type", "居民身份证", "01"),
        ("degree_category_xwlbm", "工学学士", "408"),
        ("thesis_type_bachelor", "毕业论文", "BYLW"),
        ("thesis_language", "中文", "zh"),
        ("institutions_2017", "北京大学", "10001"),
    ],
)
def test_a_text_in_use_leads_to_its_code(table, text, code):
    assert code_table(table).code_of(text) == code


def test_an_unknown_text_leads_to_no_code():
    assert code_table("sex_gbt2261_1").code_of("雄") is None


@pytest.mark.parametrize("name", ["no_such_table", "deadlines", "../tables", "fields/../rules"])
def test_only_code_tables_are_code_tables(name):
    with pytest.raises(KeyError):
        code_table(name)


def test_codes_of_the_current_tables_are_unique_where_a_field_uses_them():
    # 学习方式 is known in two coding schemes; its codes repeat and the newer names win.
    names = {f.code_table for c in RecordCategory for f in fields_of(c) if f.code_table} - {"study_mode_xxfs"}
    tables = [code_table(name) for name in names]
    assert [table.name for table in tables if len(table.codes) != table.rows.height] == []
    assert code_table("study_mode_xxfs").names["1"] == "全日制"


def test_a_unit_leads_to_the_province_that_reviews_it():
    assert (province_of("10284"), province_of("91901"), province_of("00000")) == ("32", "JD", None)


def test_sample_units_are_marked_and_real_ones_are_not():
    assert institution("80901").sample
    assert not institution("10001").sample
    assert institution("99999") is None
