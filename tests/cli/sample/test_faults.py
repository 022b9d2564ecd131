"""Planted faults are found at their row and field, and nothing else is."""

from itertools import product

import pytest

from cli.sample.faults import plant, plantable_rules
from cli.sample.layouts import written
from contracts.standard.layouts import Layout
from contracts.vocabulary import RecordCategory
from tests.cli.sample.doors import PLACES, findings_of, sample

_PERSON_AND_AWARD = "F02 F03 F04 F06 F07 F10 F11 F12 F13 F17 F21 F22 F23 F25 F27 F28"
_TOGETHER = "C01 C02 C03 C04 C05 C06 C07 M01 M03"
ALL_RULES = [*_PERSON_AND_AWARD.split(), *_TOGETHER.split()]


@pytest.mark.parametrize(("category", "layout"), PLACES)
def test_the_findings_are_exactly_the_answers_in_every_layout(category, layout):
    frame = sample(category, 600)
    planted, answers = plant(frame, category, 3 * len(ALL_RULES), seed=3, layout=layout)
    content = written(planted, category, layout=layout)
    _, findings = findings_of(content, "csv", category)
    assert sorted(set(findings), key=str) == sorted(answers.rows(), key=str)


@pytest.mark.parametrize(
    ("category", "rule"), list(product([RecordCategory.X1, RecordCategory.S1], ALL_RULES))
)
def test_each_rule_can_be_broken_on_its_own(category, rule):
    planted, answers = plant(sample(category), category, [(rule, 1)], seed=5)
    _, findings = findings_of(written(planted, category), "csv", category)
    assert {finding[0] for finding in findings} == {rule}
    assert {row for _, row, _ in findings} == set(answers["row"])


def test_planting_is_repeatable_and_leaves_the_other_records_alone():
    frame = sample("X1")
    planted, answers = plant(frame, "X1", 37, seed=11)
    again, _ = plant(frame, "X1", 37, seed=11)
    touched = [row - 2 for row in answers["row"]]
    assert planted.equals(again)
    assert not planted.equals(frame)
    untouched = [place for place in range(frame.height) if place not in touched]
    assert planted[untouched].equals(frame[untouched])


def test_no_record_gets_two_faults():
    _, answers = plant(sample("X1"), "X1", 50, seed=2)
    assert answers["row"].n_unique() == answers.height


def test_no_faults_give_no_answers():
    frame = sample("X1", 5)
    planted, answers = plant(frame, "X1", 0, seed=1)
    assert planted.equals(frame)
    assert answers.is_empty()


def test_more_faults_than_records_are_refused():
    with pytest.raises(ValueError, match="no record is left"):
        plant(sample("X1", 5), "X1", 6, seed=1)


def test_a_rule_the_layout_does_not_show_is_refused():
    frame = sample("X1")
    assert "F28" not in plantable_rules(frame, "X1", Layout.NEWER_27)
    with pytest.raises(ValueError, match="F28"):
        plant(frame, "X1", [("F28", 1)], seed=1, layout=Layout.NEWER_27)


def test_rules_of_student_numbers_are_not_for_those_without_study():
    assert "F23" not in plantable_rules(sample("B2"), "B2")
