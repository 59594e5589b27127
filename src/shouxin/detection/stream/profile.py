"""What one field of a stream of records looks like over a stretch of it: counts, a sketch of its numbers, its kinds.

Laws. No value is kept, nor a part of one: counts, extremes of numbers and kinds of identifiers only. Extremes are kept
of fields without identifiers alone, because the largest mobile is somebody's. Memory is bounded per field.

Called by: ``monitor``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from shouxin.detection.column_evidence import Kinds
from shouxin.detection.stream.quantiles import KeptQuantiles, Quantiles

__all__ = ["FieldProfile", "KeptProfile"]

_LONGEST: Final = 24  # characters of a number; a longer one is an identifier


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """A profile as it may be kept from one run to the next: counts and sketches."""

    records: int = 0
    missing: int = 0
    numeric: int = 0
    numbers: KeptQuantiles = field(default_factory=KeptQuantiles)
    lengths: KeptQuantiles = field(default_factory=KeptQuantiles)
    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class FieldProfile:
    """One field. ``records`` is how many were seen, ``missing`` how many of them have no value here.

    ``numbers`` are of values that are decimal numbers; ``lengths`` of all; ``kinds`` how many are or hold a kind.
    """

    records: int = 0
    missing: int = 0
    numeric: int = 0
    numbers: Quantiles = field(default_factory=Quantiles)
    lengths: Quantiles = field(default_factory=Quantiles)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def values(self) -> int:
        """How many values there were."""
        return self.records - self.missing

    def take(self, records: int, present: Sequence[str], kinds: Kinds) -> None:
        """Count the values of one batch of ``records``: those that are ``present`` (not blank), and their kinds."""
        whole, inside = kinds
        self.records += records
        self.missing += records - len(present)
        self.kinds.update(whole)
        self.kinds.update(inside)
        for length, times in Counter(map(len, present)).items():
            self.lengths.add(length, times)
        for value in present if not (whole or inside) else ():
            number = _number(value)
            if number is not None:
                self.numeric += 1
                self.numbers.add(number)

    def add_all(self, other: FieldProfile, but: Collection[str] = ()) -> None:
        """Count all that another profile of the field counted, ``but`` no kinds of these."""
        self.records += other.records
        self.missing += other.missing
        self.numeric += other.numeric
        self.numbers.add_all(other.numbers)
        self.lengths.add_all(other.lengths)
        self.kinds.update({kind: count for kind, count in other.kinds.items() if kind not in but})

    def kept(self) -> KeptProfile:
        """Return what may be kept of it."""
        return KeptProfile(
            self.records, self.missing, self.numeric, self.numbers.kept(), self.lengths.kept(), dict(self.kinds)
        )

    @classmethod
    def of(cls, kept: KeptProfile) -> FieldProfile:
        """Return a profile that goes on from what was kept."""
        numbers, lengths = Quantiles.of(kept.numbers), Quantiles.of(kept.lengths)
        return cls(kept.records, kept.missing, kept.numeric, numbers, lengths, Counter(kept.kinds))


def _number(value: str) -> float | None:
    text = value.strip().replace(",", "")
    if not text or len(text) > _LONGEST or text[-1] not in "0123456789." or text[0] not in "+-.0123456789":
        return None
    try:
        return float(text)
    except ValueError:
        return None
