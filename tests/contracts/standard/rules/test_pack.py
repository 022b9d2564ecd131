"""The pack as a whole: what it checks, what it reports, what names it."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.standard.fields import field_codes
from contracts.standard.pack import (
    PACK,
    RulePack,
    Severity,
    Spot,
    Stage,
    check_records,
    find_rule,
    findings_csv,
    findings_jsonl,
    findings_of_rule,
    findings_parquet,
)
from contracts.standard.rules.findings import FINDING_COLUMNS
from contracts.standard.rules.rule import RuleWithoutExamplesError
from contracts.vocabulary import RecordCategory
from tests.contracts.standard.rules.cases import check, context_of, frame_of

OTHER_PERSON: dict[str, str | None] = {
    "ZJHM": "440106200002291115",
    "CSRQ": "20000229",
    "XWZSBH": "1000142025000002",
}


def test_the_hash_is_the_same_in_another_process() -> None:
    program = "from contracts.standard.pack import PACK; print(PACK.sha256)"
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert hashes == {PACK.sha256}


def test_the_hash_changes_with_the_data_of_a_rule() -> None:
    first = PACK.rules[0]
    changed = RulePack(PACK.version, (replace(first, severity=Severity.WARN), *PACK.rules[1:]))
    reworded = RulePack(PACK.version, (replace(first, message=first.fix), *PACK.rules[1:]))
    same = RulePack(PACK.version, PACK.rules)
    assert len({PACK.sha256, changed.sha256, reworded.sha256}) == 3
    assert same.sha256 == PACK.sha256


def test_a_rule_without_a_good_or_a_bad_example_does_not_load() -> None:
    rule = PACK.rules[0]
    for lacking in (replace(rule.branches[0], good=()), replace(rule.branches[0], bad=())):
        with pytest.raises(RuleWithoutExamplesError, match=rule.id):
            replace(rule, branches=(lacking,))
    with pytest.raises(RuleWithoutExamplesError):
        replace(rule, branches=())


def test_rule_ids_are_unique_and_every_rule_can_be_found() -> None:
    ids = [rule.id for rule in PACK.rules]
    assert len(set(ids)) == len(ids)
    assert [find_rule(rule_id) for rule_id in ids] == list(PACK.rules)
    assert find_rule("F99") is None


def test_every_finding_is_reported_not_only_the_first() -> None:
    report = check({"XBM": "9", "CSRQ": "20020230", "XM": "李 明"}, OTHER_PERSON | {"GBM": "999"})
    rows = set(report.findings.select("row", "rule", "field").rows())
    assert {(2, "F06", "XBM"), (2, "F10", "CSRQ"), (2, "F04", "XM"), (3, "F07", "GBM")} <= rows
    assert report.error_count == report.findings.height


def test_findings_have_the_published_columns_and_name_the_pack() -> None:
    finding = check({"XBM": "9", "ZJLXM": "10", "ZJHM": "FX123456", "ZZMMM": "03"}).findings
    assert finding.schema == pl.Schema(FINDING_COLUMNS)
    assert finding["pack"].to_list() == [PACK.label]
    assert PACK.label == f"{PACK.version}+{PACK.sha256[:12]}"
    assert finding.row(0, named=True) | {"pack": "", "message_zh": "", "fix_zh": ""} == {
        "rule": "F06",
        "severity": "error",
        "stage": "U",
        "category": "X1",
        "row": 2,
        "field": "XBM",
        "record_id": None,
        "message_zh": "",
        "message_en": "The sex code must be 1 (male) or 2 (female)",
        "fix_zh": "",
        "fix_en": "Enter 1 or 2 as on the identity document",
        "article": "9(1)",
        "pack": "",
    }


def test_a_finding_carries_the_identifier_of_its_record() -> None:
    record_id = "0123456789abcdef0123456789abcdef.1.2"
    report = check({"XBM": "9", "record_id": record_id}, {"record_id": record_id[:-1] + "3"})
    assert set(report.findings.filter(pl.col("rule") == "F06")["record_id"]) == {record_id}
    assert set(report.findings.filter(pl.col("rule") == "M01")["record_id"].str.slice(-1)) == {"2", "3"}


def test_counts_by_rule_follow_the_order_of_the_pack() -> None:
    report = check({"XBM": "9"}, OTHER_PERSON | {"XBM": "0"}, OTHER_PERSON | {"XM": "1", "XH": "1" * 20})
    assert list(report.by_rule().items())[:3] == [("F04", 1), ("F06", 2), ("F23", 1)]
    assert report.note_count == 1
    assert report.warn_count == 0
    assert sum(report.by_rule().values()) == report.findings.height


def test_findings_stand_in_order_of_rows_and_the_batch_comes_first() -> None:
    report = check({"XBM": "9"}, OTHER_PERSON | {"XBM": "9"}, documents=())
    assert report.findings["row"].to_list() == [None, 2, 3]


def test_a_duplicate_names_the_row_of_the_other_record() -> None:
    findings = check(
        {}, OTHER_PERSON, {**OTHER_PERSON, "ZJHM": "FX1234567", "ZJLXM": "10", "ZZMMM": "03"}
    ).findings
    texts = findings.filter(pl.col("rule") == "M01").select("row", "message_en").rows()
    assert texts == [
        (3, "The certificate number appears twice in this batch, see row 4"),
        (4, "The certificate number appears twice in this batch, see row 3"),
    ]


def test_an_input_that_was_not_given_is_not_checked_never_passed() -> None:
    without = check(resolution_numbers=None)
    assert set(without.not_checked) == {"F01", "F28", "D01", "S01"}
    assert "D01" not in without.rules_checked
    assert "M10" not in {*without.rules_checked, *without.not_checked}
    assert "F28" not in check().not_checked


def test_a_stage_runs_its_own_rules_only() -> None:
    assert check(stage=Stage.PROVINCE).rules_checked == ("F28", "C07")
    centre = check(stage=Stage.CENTRE).rules_checked
    assert "F28" not in centre
    assert "F13" in centre


def test_a_rule_applies_from_its_first_day_until_the_day_it_ends() -> None:
    rule = replace(PACK.rules[0], since=date(2026, 1, 1), until=date(2026, 7, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [rule.applies(replace(context_of(), on=day)) for day in days] == [False, True, True, False]


def test_a_set_without_records_has_no_findings_about_records() -> None:
    assert check_records(frame_of([{}]).clear(), context_of()).findings.is_empty()


def test_a_frame_without_any_field_column_is_all_empty_cells() -> None:
    report = check_records(pl.DataFrame({"row": [2]}), context_of())
    assert {"F04", "F06", "F12", "F27", "F28"} <= set(report.by_rule())


# A valid record of the second is also one of the first: only study form and thesis tell them apart, and no rule asks.
HELD_BY = {("X1", "X3"), ("X2", "X1"), ("X2", "X3")}


@pytest.mark.parametrize("given_as", list(RecordCategory))
def test_records_of_one_category_given_as_another_have_findings(given_as: RecordCategory) -> None:
    silent = {
        (given_as.value, category.value)
        for category in RecordCategory
        if check_records(frame_of([{}], category), context_of(given_as)).findings.is_empty()
    }
    assert silent - HELD_BY == {(given_as.value, given_as.value)}


ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(
    st.sampled_from("0123456789X·•"), max_size=20
)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(RecordCategory), st.sampled_from(Stage))
def test_no_text_makes_the_pack_raise(data: st.DataObject, category: RecordCategory, stage: Stage) -> None:
    codes = [*field_codes(category), "XB", "GB", "ZJLX", "XWLB", "record_id"]
    cells = st.dictionaries(st.sampled_from(codes), st.none() | ANY_TEXT)
    records = data.draw(st.lists(cells, max_size=4))
    report = check_records(
        frame_of(records, category) if records else frame_of([{}]).clear(), context_of(category, stage)
    )
    assert report.findings.schema == pl.Schema(FINDING_COLUMNS)
    assert findings_jsonl(report.findings).count(b"\n") == report.findings.height


def test_findings_leave_as_json_lines_and_parquet() -> None:
    findings = check({"XBM": "9"}).findings
    lines = [json.loads(line) for line in findings_jsonl(findings).splitlines()]
    assert lines == findings.to_dicts()
    assert pl.read_parquet(io.BytesIO(findings_parquet(findings))).equals(findings)


def test_a_spreadsheet_does_not_run_a_finding_as_a_formula() -> None:
    spot = Spot(detail="", field='=HYPERLINK("http://x")', record_id="+1")
    content = findings_csv(findings_of_rule("M10", [spot], context_of()))
    assert content.startswith(b"\xef\xbb\xbf")
    table = pl.read_csv(content, infer_schema=False)
    assert table["field"].to_list() == ['\'=HYPERLINK("http://x")']
    assert table["record_id"].to_list() == ["'+1"]


def test_a_finding_made_by_the_collector_looks_like_all_others() -> None:
    findings = findings_of_rule("M10", [Spot(7, None, "a.1.7")], context_of(stage=Stage.UNIT))
    assert findings.schema == pl.Schema(FINDING_COLUMNS)
    assert findings.select("rule", "row", "record_id", "article").row(0) == ("M10", 7, "a.1.7", "17")
    with pytest.raises(KeyError):
        findings_of_rule("M99", [], context_of())
