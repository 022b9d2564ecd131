"""What must be filled, by category, condition and layout."""

import polars as pl
import pytest

from contracts.standard.fields import Requirement, field_codes, fields_of
from contracts.standard.layouts import Layout, resolve_columns
from contracts.standard.pack import PACK, Stage, check_records
from contracts.standard.rules.examples import baseline
from contracts.standard.rules.required import CONDITIONS, REPORTED_BY
from contracts.vocabulary import RecordCategory
from tests.contracts.standard.rules.cases import check, context_of, frame_of

FILLED_BY_THE_PLATFORM_OR_DEFAULT = {"XWZSYS", "SFDEXW", "SFFXXW"}


def test_every_condition_of_the_field_list_is_known() -> None:
    written = {
        field.condition for category in RecordCategory for field in fields_of(category) if field.condition
    }
    assert written == set(CONDITIONS)


def test_the_rules_that_report_empty_fields_exist() -> None:
    assert set(REPORTED_BY.values()) <= {rule.id for rule in PACK.rules}


@pytest.mark.parametrize("category", list(RecordCategory))
def test_every_mandatory_field_left_empty_is_reported_at_its_field(category: RecordCategory) -> None:
    for field in fields_of(category):
        if field.requirement is not Requirement.MANDATORY or field.code not in baseline(category):
            continue
        report = check({field.code: None}, category=category)
        demanded = field.code not in FILLED_BY_THE_PLATFORM_OR_DEFAULT | {"XMPY"}
        demanded = demanded and not (category is RecordCategory.X2 and field.code == "GBM")
        assert (field.code in report.findings["field"].to_list()) == demanded, field.code


def test_a_missing_column_is_one_finding_and_not_one_for_each_row() -> None:
    headers = [code for code in field_codes(RecordCategory.X1) if code != "ZYMC"]
    columns = resolve_columns(headers, RecordCategory.X1)
    frame = frame_of(
        [
            {"ZYMC": None},
            {"ZYMC": None, "ZJHM": "440106200002291115", "CSRQ": "20000229", "XWZSBH": "1000142025000002"},
        ]
    )
    findings = check_records(frame, context_of(columns=columns)).findings
    assert findings.select("rule", "row", "field").rows() == [("F01", None, "ZYMC")]
    assert "ZYMC" in findings["message_en"][0]


def test_what_the_layout_does_not_carry_is_not_demanded() -> None:
    absent = {
        "MZM": None,
        "ZZMMM": None,
        "RXNY": None,
        "BYNY": None,
        "XXXSM": None,
        "JYBH": None,
        "ZP": None,
        "ZSZYMC": None,
        "XZ": None,
    }
    assert check(absent, layout=Layout.NEWER_27).findings.is_empty()
    assert set(check(absent, layout=Layout.CATEGORY_LIST).findings["field"]) == set(absent)


def test_a_conditional_field_is_demanded_at_every_door_though_its_column_is_away() -> None:
    headers = [code for code in field_codes(RecordCategory.S1) if code != "LWYJFX"]
    columns = resolve_columns(headers, RecordCategory.S1)
    frame = frame_of([{"LWYJFX": None}], RecordCategory.S1)
    at_the_unit = context_of(RecordCategory.S1, columns=columns)
    at_the_centre = context_of(RecordCategory.S1, Stage.CENTRE, layout=columns.layout)
    for context in (at_the_unit, at_the_centre):
        assert check_records(frame, context).findings.select("rule", "row", "field").rows() == [
            ("F01", 2, "LWYJFX")
        ]


def test_the_text_of_a_code_fills_it() -> None:
    frame = frame_of([{"XBM": None, "XB": "男"}])
    assert "XBM" not in check_records(frame, context_of()).findings["field"].to_list()


def test_pinyin_is_demanded_before_the_format_of_2024_only() -> None:
    before = {"XMPY": None, "HXWRQ": "20240531", "XWZSBH": "1000142024000001", "BYNY": "202405"}
    after = before | {"HXWRQ": "20240601"}
    assert check(before).by_rule() == {"F01": 1}
    assert check(after).findings.is_empty()


def test_bachelor_theses_are_demanded_since_june_2024_only() -> None:
    none: dict[str, str | None] = dict.fromkeys(
        ("LWLXM", "DSXM", "LWTM", "LWGJC", "LWXTLYM", "LWYJFX", "LWZXYZ")
    )
    before = none | {"HXWRQ": "20240531", "XWZSBH": "1000142024000001", "BYNY": "202405"}
    assert check(before).findings.is_empty()
    assert check(before | {"HXWRQ": "20240601"}).findings["field"].to_list() == ["LWLXM"]
    assert check(none | {"LWLXM": "SMLW"}).findings.is_empty()


def test_without_a_header_row_no_first_record_is_shown() -> None:
    columns = resolve_columns(["张三丰", "Zhang Sanfeng", "1"], RecordCategory.X1)
    text = check_records(frame_of([{}]), context_of(columns=columns)).findings.write_csv()
    assert "张三丰" not in text
    named = resolve_columns([*field_codes(RecordCategory.X1), "民族成分"], RecordCategory.X1)
    findings = check_records(frame_of([{}]), context_of(columns=named)).findings
    assert findings.filter(pl.col("message_zh").str.contains("民族成分")).height == 1
