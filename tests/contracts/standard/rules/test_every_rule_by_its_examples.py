"""Every branch of every rule, by its own examples: a rule that fails here is named by the test's id."""

import csv
from importlib.resources import files

import pytest

from contracts.standard.fields import fields_of
from contracts.standard.pack import PACK, Stage
from contracts.standard.rules.examples import baseline
from contracts.standard.rules.rule import Branch, Example, JudgedElsewhere, Rule
from contracts.vocabulary import RecordCategory
from tests.contracts.standard.rules.cases import check, judged

BRANCHES = [
    pytest.param(rule, branch, id=f"{rule.id}-{branch.name}")
    for rule in PACK.rules
    for branch in rule.branches
    if not isinstance(branch.check, JudgedElsewhere)
]
# What a rule may point to besides a field of the standard.
NOT_FIELDS = {"*", "category", "resolution", "collector", "checker", "lineage"}


def findings_of_branch(rule: Rule, branch: Branch, case: Example) -> list[dict[str, object]]:
    message = (branch.message or rule.message).en.split("{detail}")[0]
    rows = judged(rule, case).findings.iter_rows(named=True)
    return [row for row in rows if row["rule"] == rule.id and str(row["message_en"]).startswith(message)]


@pytest.mark.parametrize(("rule", "branch"), BRANCHES)
def test_a_good_example_has_no_finding_of_its_rule(rule: Rule, branch: Branch) -> None:
    for case in branch.good:
        assert findings_of_branch(rule, branch, case) == [], case


@pytest.mark.parametrize(("rule", "branch"), BRANCHES)
def test_a_bad_example_has_a_finding_of_its_rule(rule: Rule, branch: Branch) -> None:
    for case in branch.bad:
        found = findings_of_branch(rule, branch, case)
        assert found, case
        expected = str(branch.severity or rule.severity)
        assert {row["severity"] for row in found} == {expected}
        assert {row["article"] for row in found} == {rule.article}


@pytest.mark.parametrize(("rule", "branch"), BRANCHES)
def test_no_finding_of_an_example_shows_a_value_of_the_record(rule: Rule, branch: Branch) -> None:
    for case in branch.bad:
        secrets = [cells.get(code) for cells in case.records for code in ("ZJHM", "XM", "XH", "XWZSBH")]
        text = judged(rule, case).findings.select("message_zh", "message_en", "fix_zh", "fix_en").write_csv()
        assert not [secret for secret in secrets if secret and len(secret) > 1 and secret in text]


@pytest.mark.parametrize("category", list(RecordCategory))
@pytest.mark.parametrize("stage", list(Stage))
def test_the_valid_record_of_each_category_has_no_finding(category: RecordCategory, stage: Stage) -> None:
    assert check(category=category, stage=stage).findings.is_empty()


@pytest.mark.parametrize("category", list(RecordCategory))
def test_the_valid_record_has_only_fields_of_its_category(category: RecordCategory) -> None:
    assert set(baseline(category)) <= {field.code for field in fields_of(category)}


def test_rules_have_the_identity_severity_stages_and_fields_of_the_published_table() -> None:
    table = files("contracts.standard").joinpath("tables", "rules.csv").read_text(encoding="utf-8")
    published = {row["rule"]: row for row in csv.DictReader(table.splitlines())}
    for rule in PACK.rules:
        row = published[rule.id]
        assert rule.severity == row["severity"], rule.id
        assert rule.stages == frozenset(Stage(letter) for letter in row["stage"].split(",")), rule.id
        assert set(rule.fields) == set(row["fields"].split(",")), rule.id


def test_every_field_a_rule_names_is_in_the_field_list() -> None:
    known = {field.code for category in RecordCategory for field in fields_of(category)}
    assert not {name for rule in PACK.rules for name in rule.fields} - known - NOT_FIELDS


def test_a_correction_that_names_no_returned_record_is_judged_by_the_collector() -> None:
    rule = next(rule for rule in PACK.rules if rule.id == "M10")
    branch = rule.branches[0]
    assert branch.check == JudgedElsewhere(by="collector")
    for case, owed in [(case, True) for case in branch.good] + [(case, False) for case in branch.bad]:
        assert (case.records[0]["record_id"] in case.given["owed_record_ids"]) is owed
