"""What a folder, files and options come to: material to push, or what is missing."""

import json
from datetime import date
from pathlib import Path

import pytest

from cli.material import MaterialIncomplete, MaterialUnreadable, Wishes, gather
from contracts.standard.layouts import Layout
from contracts.vocabulary import DegreeLevel, RecordCategory

TOML = 'number = "校学位〔2026〕18号"\neffective_on = 2026-06-28\nheadcount = 120\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("10284-X1.csv", "决议.pdf", "决议名单.csv"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "resolution.toml").write_text(TOML, "utf-8")
    return tmp_path


def test_a_folder_with_the_resolutions_data_is_whole(folder: Path) -> None:
    material = gather([folder], Wishes())
    assert material.facts is not None
    assert (material.facts.number, material.facts.effective_on, material.facts.headcount) == (
        "校学位〔2026〕18号",
        date(2026, 6, 28),
        120,
    )
    assert material.facts.levels == (DegreeLevel.BACHELOR,)
    assert (material.scan, material.roster) == (folder / "决议.pdf", folder / "决议名单.csv")
    assert [(each.records.name, each.category) for each in material.batches] == [("10284-X1.csv", "X1")]


def test_the_data_may_be_json_and_name_batches(folder: Path) -> None:
    (folder / "resolution.toml").unlink()
    (folder / "a.csv").write_bytes(b"x")
    said = {
        "number": "1",
        "effective_on": "2026-06-28",
        "headcount": 3,
        "levels": ["2", 3],
        "batches": [{"records": "a.csv", "category": "B1", "layout": "newer_27"}],
    }
    (folder / "resolution.json").write_text(json.dumps(said), "utf-8")
    material = gather([folder], Wishes())
    [batch] = material.batches
    assert (batch.records, batch.category, batch.layout) == (
        folder / "a.csv",
        RecordCategory.B1,
        Layout.NEWER_27,
    )
    assert material.facts is not None
    assert material.facts.levels == (DegreeLevel.DOCTOR, DegreeLevel.MASTER)


def test_what_is_said_on_the_command_line_goes_first(folder: Path) -> None:
    material = gather([folder], Wishes(number="2", headcount=7, category=RecordCategory.X2))
    assert material.facts is not None
    assert (material.number, material.facts.headcount) == ("2", 7)
    assert [each.category for each in material.batches] == [RecordCategory.X2]


def test_a_number_alone_means_a_resolution_that_is_registered(folder: Path) -> None:
    material = gather([folder / "10284-X1.csv"], Wishes(number="2"))
    assert (material.facts, material.scan, material.number) == (None, None, "2")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('headcount = "many"', "headcount many"),
        ('effective_on = "soon"', "effective_on soon"),
        ('levels = ["9"]', "2 doctor, 3 master, 4 bachelor"),
        ('category = "Z9"', "category Z9"),
        ("[[batches]]\ncategory = 'X1'", "names its records"),
        ("[[batches]]\nrecords = 'a-X1.csv'\nlayout = 'odd'", "layout odd"),
    ],
)
def test_what_cannot_be_meant_is_told(folder: Path, change: str, told: str) -> None:
    kept = [line for line in TOML.splitlines() if line.split(" ")[0] not in change]
    (folder / "resolution.toml").write_text("\n".join([*kept, change]), "utf-8")
    with pytest.raises(MaterialIncomplete, match=told):
        gather([folder], Wishes())


def test_what_is_missing_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MaterialIncomplete, match="number is not given"):
        gather([folder / "10284-X1.csv"], Wishes())
    with pytest.raises(MaterialIncomplete, match="no record file"):
        gather([folder / "决议.pdf"], Wishes(number="1"))
    with pytest.raises(MaterialIncomplete, match="--effective-on, --resolution"):
        gather([folder / "10284-X1.csv"], Wishes(number="1", headcount=3))
    (tmp_path / "records.csv").write_bytes(b"x")
    with pytest.raises(MaterialIncomplete, match="which category"):
        gather([tmp_path / "records.csv"], Wishes(number="1"))


def test_what_cannot_be_read_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MaterialUnreadable, match="no such file"):
        gather([tmp_path / "nothing"], Wishes())
    (folder / "10284-X1.csv").write_bytes(b"")
    with pytest.raises(MaterialUnreadable, match="empty"):
        gather([folder], Wishes())
    (folder / "resolution.toml").write_text("number =", "utf-8")
    with pytest.raises(MaterialUnreadable, match=r"resolution\.toml"):
        gather([folder], Wishes())
