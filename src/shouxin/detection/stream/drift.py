"""How far two profiles of one field lie apart.

Laws. Pure functions of two profiles; symmetric up to smoothing; nought for equal shares.

Called by: ``monitor``. **Source:** the population stability index, a symmetrised Kullback-Leibler divergence (S.
Kullback, R. A. Leibler, Ann. Math. Stat. 22 (1951) 79-86); above 0.25 credit scoring speaks of a major shift.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from shouxin.detection.stream.quantiles import Quantiles

__all__ = ["MAJOR", "drift_of", "stability"]

MAJOR: Final = 0.25
_PARTS: Final = 10
_SMOOTH: Final = 0.0005  # so that an empty part is far, not infinitely far


def stability(before: Sequence[float], after: Sequence[float]) -> float:
    """Return the population stability index of two lists of shares of the same parts; 0 and more."""
    pairs = [(max(one, _SMOOTH), max(other, _SMOOTH)) for one, other in zip(before, after, strict=True)]
    return sum((other - one) * math.log(other / one) for one, other in pairs)


def drift_of(before: Quantiles, after: Quantiles) -> float:
    """Return how far the distribution of numbers moved, over the tenths of the earlier one."""
    borders = sorted({before.at(part / _PARTS) for part in range(1, _PARTS)})
    return stability(before.shares(borders), after.shares(borders)) if before.count and after.count else 0.0
