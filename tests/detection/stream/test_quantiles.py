"""Quantiles are right to the stated error, whatever flows by; drift is nought for the same and large for another."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.stream.drift import MAJOR, drift_of, stability
from shouxin.detection.stream.quantiles import ACCURACY, Quantiles

numbers = st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=200)


def _of(values: list[float]) -> Quantiles:
    made = Quantiles()
    for value in values:
        made.add(value)
    return made


@given(numbers, st.floats(0, 1))
def test_a_quantile_is_right_to_the_error(values: list[float], share: float) -> None:
    """Against the sorted list."""
    right = sorted(values)[math.floor(share * (len(values) - 1))]
    assert abs(_of(values).at(share) - right) <= ACCURACY * abs(right) + 2e-9


@given(numbers)
def test_shares_add_up(values: list[float]) -> None:
    """To one, however many borders."""
    made = _of(values)
    shares = made.shares(sorted({made.at(part / 10) for part in range(1, 10)}))
    assert math.isclose(sum(shares), 1)
    assert drift_of(made, _of(values)) == 0


def test_nothing_has_no_quantile() -> None:
    """And what is not finite is left out."""
    made = _of([math.nan, math.inf])
    assert made.count == 0
    assert math.isnan(made.at(0.5))
    assert drift_of(made, _of([1.0])) == 0


def test_another_distribution_is_far() -> None:
    """Doubled amounts; the index of two lists by hand."""
    before = [float(one) for one in range(100, 200)]
    assert drift_of(_of(before), _of([2 * one for one in before])) > MAJOR
    assert math.isclose(stability([0.5, 0.5], [0.25, 0.75]), -0.25 * math.log(0.5) + 0.25 * math.log(1.5))


def test_bins_are_bounded() -> None:
    """Numbers of every magnitude: the large ones keep their accuracy."""
    made = _of([math.exp(at / 3) for at in range(-60, 2_000)])
    assert len(made.above) <= 1024
    assert math.isclose(made.at(1), math.exp(1_999 / 3), rel_tol=ACCURACY)
