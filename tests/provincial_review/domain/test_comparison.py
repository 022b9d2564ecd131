"""The round against the resolution's list of names."""

import json

import polars as pl

from cli.sample.roster import roster_csv
from contracts.standard.record_set import read_parquet, write_parquet
from contracts.vocabulary import DegreeLevel
from services.provincial_review.domain.comparison import Compared, compare
from tests.provincial_review.submissions import records

FRAME = read_parquet(write_parquet(records(6)))
IDS = FRAME["record_id"].to_list()


def against(
    frame: pl.DataFrame,
    listed: pl.DataFrame,
    *others: pl.DataFrame,
    level: DegreeLevel = DegreeLevel.BACHELOR,
) -> Compared:
    return compare(
        frame, [write_parquet(each) for each in others], roster_csv(listed, "X1"), "roster.csv", level
    )


def counts(compared: Compared) -> tuple[int, int, int]:
    return compared.missing_count, compared.extra_count, compared.different_count


def test_a_round_that_is_the_list_agrees():
    assert counts(against(FRAME, FRAME)) == (0, 0, 0)


def test_who_is_on_the_list_only_is_missing_and_named_for_the_reviewer():
    compared = against(FRAME.head(5), FRAME)
    assert counts(compared) == (1, 0, 0)
    assert json.loads(compared.document)["missing"][0]["XM"] == FRAME["XM"][5]


def test_who_is_not_on_the_list_is_extra():
    compared = against(FRAME, FRAME.head(5))
    assert counts(compared) == (0, 1, 0)
    assert json.loads(compared.document)["extra"] == [{"record_id": IDS[5], "row": 7}]


def test_a_wrong_name_is_a_difference_with_both_values():
    listed = FRAME.with_columns(XM=FRAME["XM"].replace(FRAME["XM"][2], "另一名"))
    compared = against(FRAME, listed)
    assert counts(compared) == (0, 0, 1)
    (different,) = json.loads(compared.document)["different"]
    assert (different["record_id"], different["row"], different["list_row"]) == (IDS[2], 4, 4)
    assert different["fields"] == {"XM": {"record": FRAME["XM"][2], "list": "另一名"}}


def test_records_of_other_rounds_under_the_resolution_are_not_missing():
    assert counts(against(FRAME.tail(2), FRAME, FRAME.head(4))) == (0, 0, 0)


def test_extra_and_different_records_of_other_rounds_are_not_this_rounds():
    stranger = records(9).tail(1).select(FRAME.columns)
    assert counts(against(FRAME.tail(2), FRAME, FRAME.head(4), stranger)) == (0, 0, 0)


def test_persons_of_another_level_are_not_looked_for():
    assert counts(against(FRAME.head(1), FRAME, level=DegreeLevel.MASTER))[0] == 0
    assert counts(against(FRAME.head(1), FRAME, level=DegreeLevel.BACHELOR))[0] == 5
