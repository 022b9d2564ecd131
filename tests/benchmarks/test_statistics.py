"""Percentiles and ratios of measurements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.statistics import Spread, percentile, ratio


def test_the_99th_percentile_of_a_few_values_is_the_largest() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_the_50th_percentile_has_half_of_the_values_at_or_below_it() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0
    assert percentile([5.0, 4.0, 1.0, 3.0, 2.0], 0.5) == 3.0


def test_the_99th_percentile_of_a_hundred_values_leaves_out_one() -> None:
    assert percentile([float(each) for each in range(1, 101)], 0.99) == 99.0


@given(st.lists(st.floats(0, 1e9), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_a_measured_value_that_the_share_does_not_exceed(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(each <= found for each in values) >= share * len(values) * (1 - 1e-12)


def test_nothing_has_no_percentile_and_no_share_is_above_one() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="share"):
        percentile([1.0], 1.5)


def test_a_spread_tells_the_ends_and_the_middle() -> None:
    assert Spread.of([2.0, 9.0, 4.0]) == Spread(3, 2.0, 4.0, 9.0, 9.0)


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratio(3.0, 0.0) is None
    assert ratio(3.0, 2.0) == 1.5
