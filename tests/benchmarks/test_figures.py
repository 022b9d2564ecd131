"""How figures are judged and shown."""

import pytest

from benchmarks.figures import Better, Figure, shown, table


def test_more_records_a_second_than_the_goal_meet_it_and_fewer_miss_it() -> None:
    assert Figure("a", 4_000, "records/s", Better.MORE, 4_000).is_met
    assert Figure("a", 3_999, "records/s", Better.MORE, 4_000).is_met is False


def test_less_time_than_the_goal_meets_it_and_more_misses_it() -> None:
    assert Figure("a", 700, "ms", Better.LESS, 700).is_met
    assert Figure("a", 701, "ms", Better.LESS, 700).is_met is False


def test_without_a_goal_nothing_is_met_or_missed() -> None:
    assert Figure("a", 1, "ms", Better.LESS).is_met is None


def test_the_ratio_is_measured_over_peer() -> None:
    assert Figure("a", 50, "rows/s", Better.MORE, peer=200).ratio == 0.25
    assert Figure("a", 50, "rows/s", Better.MORE).ratio is None
    assert Figure("a", 50, "rows/s", Better.MORE, peer=0).ratio is None


def test_the_table_has_a_line_for_each_figure_under_a_heading() -> None:
    lines = table(
        [
            Figure("filing", 5_000, "records/s", Better.MORE, 4_000, 60_000, "COPY"),
            Figure("waiting", 900, "ms", Better.LESS, 700),
        ]
    ).splitlines()
    assert lines[0].split() == ["figure", "measured", "goal", "peer", "ratio", "peer", "is"]
    assert lines[2].split() == [
        "filing",
        "5,000",
        "records/s",
        "≥",
        "4,000",
        "met",
        "60,000",
        "0.0833",
        "COPY",
    ]
    assert lines[3].split() == ["waiting", "900", "ms", "≤", "700", "MISSED"]
    assert len(lines) == 4


def test_the_json_of_a_figure_has_its_ratio_and_whether_the_goal_is_met() -> None:
    told = Figure("filing", 5_000, "records/s", Better.MORE, 4_000, 50_000, "COPY", {"runs": 3}).as_json()
    assert (told["ratio"], told["is_met"], told["details"]) == (0.1, True, {"runs": 3})


@pytest.mark.parametrize(("number", "text"), [(12_345.6, "12,346"), (12.345, "12.3"), (0.00123, "0.00123")])
def test_numbers_are_shown_with_three_digits_that_count(number: float, text: str) -> None:
    assert shown(number) == text
