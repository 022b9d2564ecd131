"""What is told of a set of measurements: percentiles and ratios, nothing assumed about their distribution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Self


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that at least ``share`` (0 < share ≤ 1) are not above.

    With fewer than 100 values the 99th is the largest. ValueError for no values or another share.
    """
    if not values:
        raise ValueError("no values")
    if not 0 < share <= 1:
        raise ValueError(f"a share is above 0 and at most 1: {share}")
    return sorted(values)[ceil(share * len(values)) - 1]


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of repeated measurements, in the unit they were taken in."""

    count: int
    least: float
    p50: float
    p99: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of these values; ValueError for none."""
        return cls(len(values), min(values), percentile(values, 0.5), percentile(values, 0.99), max(values))


def ratio(measured: float, peer: float) -> float | None:
    """Measured over peer; None where the peer is nothing."""
    return measured / peer if peer else None
