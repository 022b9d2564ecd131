"""``xuewei sample`` as a person types it."""

import csv

import pytest
import typer
from typer.testing import CliRunner

from cli.sample.command import sample
from contracts.vocabulary import RecordCategory
from tests.cli.sample.doors import findings_of

app = typer.Typer()
app.command()(sample)


def run(*words) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    return result.exit_code, result.output


def test_a_valid_file_with_its_resolution_and_list_of_names(tmp_path):
    paths = {name: tmp_path / name for name in ("x1.csv", "resolution.pdf", "roster.csv")}
    status, said = run(
        *("--category", "X1", "--rows", 70, "--seed", 7, "--unit", "10284", "--on", "2026-06-20"),
        *("--number", "校学位〔2026〕12号", "-o", paths["x1.csv"]),
        *("--resolution", paths["resolution.pdf"], "--roster", paths["roster.csv"]),
    )
    records, findings = findings_of(paths["x1.csv"].read_bytes(), "csv", RecordCategory.X1)
    assert (status, records.row_count, findings) == (0, 70, [])
    assert "70" in said
    assert paths["resolution.pdf"].read_bytes().startswith(b"%PDF-")
    assert paths["roster.csv"].read_bytes().count(b"\r\n") == 71


def test_planted_faults_and_their_answer_key(tmp_path):
    sent, answers = tmp_path / "s1.xlsx", tmp_path / "answers.csv"
    status, _ = run(
        *("--category", "S1", "--rows", 200, "--faults", 37, "--answers", answers, "--on", "2026-06-20"),
        *("--number", "校学位〔2026〕12号", "-o", sent),
    )
    with answers.open(encoding="utf-8", newline="") as lines:
        key = [(row["rule"], int(row["row"]), row["field"]) for row in csv.DictReader(lines)]
    _, findings = findings_of(sent.read_bytes(), "xlsx", RecordCategory.S1)
    assert status == 0
    assert sorted(findings) == sorted(key)


def test_the_same_command_on_the_same_day_writes_the_same_file(tmp_path):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    for path in (first, second):
        run("--rows", 20, "--on", "2026-06-20", "-o", path)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--unit", "00000"), "institution table"),
        (("--category", "S1", "--layout", "bachelor_older"), "bachelor records only"),
        (("--rows", "3", "--faults", "40"), "no record is left"),
        (("--on", "2015-06-20"), "2016"),
        (("--category", "X9"), "X9"),
        (("--rows", "0"), "--rows"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line(tmp_path, words, complaint):
    path = tmp_path / "never.csv"
    status, said = run(*words, "-o", path)
    assert status == 2
    assert complaint in said
    assert not path.exists()


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path):
    status, said = run("--rows", 2, "-o", tmp_path / "missing" / "x1.csv")
    assert status == 2
    assert "cannot write" in said
