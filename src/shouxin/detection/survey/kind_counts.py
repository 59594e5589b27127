"""How often a text holds each kind, and which of them count.

Laws. Judged from counts alone, so that the evidence of a correction is judged again as a scan is (``replay``).

Called by: ``grading`` and ``correction``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from shouxin.detection.column_evidence import CHANCE, by_chance
from shouxin.detection.columns import wilson
from shouxin.detection.finding import BY_MODEL, FindingKind, score_of
from shouxin.detection.survey.evidence import FEW_NAMES, NOBODY, TextEvidence

__all__ = ["KindCount", "kinds_in"]

_KNOWN: Final = frozenset(kind.value for kind in FindingKind)
_BELIEVED: Final = 0.5  # the score from which a finding in a text counts


@dataclass(frozen=True, slots=True)
class KindCount:
    """How often a text holds a kind. ``weak`` findings have a score under one half; ``chance`` takes the whole back.

    ``hint`` does so for what only the model of names saw, too rarely to be believed of a text without identifiers;
    ``refused`` for what a steward took out.
    """

    kind: FindingKind
    strong: int
    weak: int
    chance: bool
    hint: bool = False
    refused: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is graded."""
        return self.strong > 0 and not (self.chance or self.hint or self.refused)


def kinds_in(text: TextEvidence) -> tuple[KindCount, ...]:
    """Return what a text holds by the rules of today, most frequent first."""
    counts = []
    for name, by_bits in text.found.items():
        if name not in _KNOWN:
            continue  # of rules that knew other kinds
        kind = FindingKind(name)
        strong = sum(count for bits, count in by_bits.items() if score_of(kind, bits) >= _BELIEVED)
        counts.append(KindCount(kind, strong, sum(by_bits.values()) - strong, _is_chance(kind, text)))
    named = sum(one.strong for one in counts if one.kind in BY_MODEL and one.kind not in NOBODY)
    if named < FEW_NAMES and not any(one.counts and one.kind not in BY_MODEL for one in counts):
        counts = [replace(one, hint=one.kind in BY_MODEL) for one in counts]
    return tuple(sorted(counts, key=lambda one: (-one.strong, -one.weak, one.kind)))


def _is_chance(kind: FindingKind, text: TextEvidence) -> bool:
    counted = by_chance(kind, text.passed, text.tried)
    return counted is not None and counted[0] > 0 and wilson(*counted)[0] <= 2 * CHANCE[kind]
