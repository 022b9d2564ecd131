"""A sample submission lies in one folder and fits together."""

from datetime import date

import pytest

from cli.sample.submission import make_submission
from contracts.standard.layouts import Layout
from contracts.standard.record_set import assign_record_ids
from contracts.standard.roster import compare_roster, read_roster
from contracts.standard.scans import inspect_scan
from contracts.vocabulary import DegreeLevel, RecordCategory
from tests.cli.sample.doors import AWARDED, findings_of


def submission(folder, **changes):
    terms = {"seed": 3, "award_on": AWARDED, "resolution_number": "校学位〔2026〕12号"} | changes
    return make_submission(folder, "10284", "S1", 60, **terms)


def test_the_record_file_is_valid_and_names_the_resolution(tmp_path):
    sent = submission(tmp_path / "new")
    records, findings = findings_of(sent.records_path.read_bytes(), "csv", RecordCategory.S1)
    assert findings == []
    assert set(records.frame["JYBH"]) == {sent.resolution_number}


def test_it_says_what_the_resolution_says(tmp_path):
    sent = submission(tmp_path, effective_on=date(2026, 6, 30))
    assert (sent.headcount, sent.effective_on, sent.levels) == (60, date(2026, 6, 30), (DegreeLevel.MASTER,))
    assert sent.scan_path.read_bytes().startswith(b"%PDF-")
    assert sent.roster_path.read_bytes().count(b"\r\n") == 61


def test_planted_faults_stand_in_the_record_file_but_not_in_the_list_of_names(tmp_path):
    sent = submission(tmp_path, faults=[("F13", 3), ("F04", 2)])
    _, findings = findings_of(sent.records_path.read_bytes(), "csv", RecordCategory.S1)
    assert findings == sent.answers.select("rule", "row", "field").rows()
    assert all(name in sent.roster_path.read_text("utf-8-sig") for name in sent.records["XM"])


def test_a_workbook_in_another_layout_can_be_asked_for(tmp_path):
    sent = submission(tmp_path, form="xlsx", layout=Layout.NEWER_27)
    records, findings = findings_of(sent.records_path.read_bytes(), "xlsx", RecordCategory.S1)
    assert (records.columns.layout, findings) == (Layout.NEWER_27, [])


def test_without_a_number_each_submission_of_a_unit_gets_its_own(tmp_path):
    numbers = {
        submission(tmp_path, resolution_number=None, first_serial=first).resolution_number
        for first in (1, 101)
    }
    assert len(numbers) == 2


def test_two_submissions_share_a_folder(tmp_path):
    first, second = submission(tmp_path), submission(tmp_path, first_serial=61)
    paths = {first.records_path, first.scan_path, first.roster_path}
    paths |= {second.records_path, second.scan_path, second.roster_path}
    assert set(tmp_path.iterdir()) == paths
    assert set(first.records["XWZSBH"]).isdisjoint(second.records["XWZSBH"])


@pytest.mark.parametrize("category", RecordCategory)
def test_the_list_of_names_agrees_with_the_records(tmp_path, category):
    sent = make_submission(tmp_path, "10284", category, 60, seed=3, award_on=AWARDED)
    records = sent.records.with_row_index("row", offset=2)
    roster = read_roster(sent.roster_path.read_bytes(), sent.roster_path.name)
    compared = compare_roster(assign_record_ids(records, "0" * 32, 1), roster)
    assert (compared.matched_count, compared.agrees) == (60, True)


def test_the_scan_is_a_readable_document(tmp_path):
    sent = submission(tmp_path)
    assert inspect_scan(sent.scan_path.read_bytes()).page_count == 3
