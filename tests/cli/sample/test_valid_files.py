"""Every sample passes the real reader and the real rule pack, in every layout and encoding."""

from datetime import date

import pytest

from cli.sample.layouts import Encoding, Form, Headers, written
from contracts.standard.layouts import Layout
from contracts.standard.pack import Stage
from contracts.vocabulary import RecordCategory
from tests.cli.sample.doors import PLACES, findings_of, sample


@pytest.mark.parametrize("headers", Headers)
@pytest.mark.parametrize(("category", "layout"), PLACES)
def test_a_sample_has_no_finding_in_any_layout(category, layout, headers):
    content = written(sample(category), category, layout=layout, headers=headers)
    records, findings = findings_of(content, "csv", category)
    assert (records.row_count, records.columns.layout, records.eaten) == (300, layout, ())
    assert findings == []


@pytest.mark.parametrize("encoding", Encoding)
@pytest.mark.parametrize("category", [RecordCategory.S1, RecordCategory.X1])
def test_a_sample_survives_every_encoding_with_its_rare_characters(category, encoding):
    frame = sample(category)
    records, findings = findings_of(written(frame, category, encoding=encoding), "csv", category)
    assert findings == []
    assert records.frame["XM"].to_list() == frame["XM"].to_list()


@pytest.mark.parametrize(("category", "layout"), PLACES)
def test_a_workbook_has_no_finding_and_keeps_every_number_as_text(category, layout):
    frame = sample(category)
    content = written(frame, category, layout=layout, form=Form.XLSX)
    records, findings = findings_of(content, "xlsx", category)
    assert findings == []
    assert records.frame["ZJHM"].to_list() == frame["ZJHM"].to_list()


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("category", RecordCategory)
@pytest.mark.parametrize(
    "award_on", [date(2016, 1, 1), date(2024, 5, 31), date(2026, 1, 5), date(2026, 11, 10)]
)
def test_samples_are_valid_at_every_stage_on_any_award_date(category, stage, award_on):
    content = written(sample(category, award_on=award_on), category)
    assert findings_of(content, "csv", category, stage)[1] == []


@pytest.mark.parametrize("unit", ["80901", "91901", "10001"])
def test_a_unit_of_any_kind_can_have_a_sample(unit):
    content = written(sample("B1", unit=unit), "B1")
    assert findings_of(content, "csv", RecordCategory.B1, unit=unit)[1] == []


@pytest.mark.parametrize("category", RecordCategory)
def test_reading_the_category_list_back_gives_the_same_records(category):
    frame = sample(category)
    records, _ = findings_of(written(frame, category), "csv", category)
    assert records.frame.select(frame.columns).equals(frame)


def test_the_older_layout_refuses_graduates():
    with pytest.raises(ValueError, match="bachelor"):
        written(sample("S1", 3), "S1", layout=Layout.BACHELOR_OLDER)
