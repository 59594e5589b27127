"""Identifiers that were written to be missed, and numbers that only look like some; by people who saw no rule of ours.

The set stands in ``tests/detection/adversarial`` (``*.jsonl``: a text, and the spans in it with their kinds). A finding
is right if its kind is and four fifths of both spans are common; precision and recall are over all texts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.figure import at_least, figure
from shouxin.detection.scan import scan

FOLDER: Final = Path(__file__).parents[2] / "tests" / "detection" / "adversarial"
COMMON: Final = 0.8  # of the union of both spans
Labelled = tuple[str, list[tuple[str, int, int]]]
# Names of kinds that others use for ours.
ALIASES: Final[Mapping[str, str]] = {}


def read_set(folder: Path = FOLDER) -> list[Labelled]:
    """Return each text with its spans (kind, start, end; in characters), by file and line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                one = json.loads(line)
                spans = [(ALIASES.get(span["kind"], span["kind"]), span["start"], span["end"]) for span in one["spans"]]
                found.append((one["text"], spans))
    return found


def _same(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    common = min(one[2], other[2]) - max(one[1], other[1])
    return one[0] == other[0] and common >= COMMON * (max(one[2], other[2]) - min(one[1], other[1]))


@dataclass(slots=True)
class Tally:
    """How many of each kind were wanted, found, and right; and the texts in which something is wrong."""

    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[str, list[tuple[str, int, int]], list[tuple[str, int, int]]]] = field(default_factory=list)

    def precision(self, kind: str | None = None) -> float:
        """Return which share of what was found (of a kind) is right; 1 if nothing was."""
        return self._share(self.found, kind)

    def recall(self, kind: str | None = None) -> float:
        """Return which share of what is there (of a kind) was found; 1 if nothing is."""
        return self._share(self.wanted, kind)

    def _share(self, of: Counter[str], kind: str | None) -> float:
        whole, right = (of[kind], self.right[kind]) if kind else (of.total(), self.right.total())
        return right / whole if whole else 1.0


def measured(texts: Iterable[Labelled]) -> Tally:
    """Scan every text and compare; kinds that the set never labels are not held against us."""
    texts = list(texts)
    known = {kind for _, spans in texts for kind, *_ in spans}
    tally = Tally()
    for text, spans in texts:
        found = [(one.kind.value, one.start, one.end) for one in scan(text) if one.kind.value in known]
        left = list(spans)
        missed = []
        for one in found:
            match = next((span for span in left if _same(one, span)), None)
            if match is None:
                missed.append(one)
            else:
                left.remove(match)
                tally.right[one[0]] += 1
        tally.wanted.update(kind for kind, *_ in spans)
        tally.found.update(kind for kind, *_ in found)
        if left or missed:
            tally.wrong.append((text, left, missed))
    return tally


def run() -> dict[str, Any]:
    """Measure; see the module."""
    texts = read_set()
    if not texts:
        return {"title": "Adversarial identifiers", "figures": [], "notes": ["The set is not there."]}
    tally = measured(texts)
    per_kind = [
        f"{kind} P {tally.precision(kind):.3f} R {tally.recall(kind):.3f} ({tally.wanted[kind]})"
        for kind in sorted(tally.wanted)
    ]
    return {
        "title": "Adversarial identifiers",
        "figures": [
            figure("precision", tally.precision(), "", goal=at_least(0.99)),
            figure("recall", tally.recall(), "", goal=at_least(0.98)),
        ],
        "notes": [f"{len(texts)} texts, {tally.wanted.total()} identifiers.", "; ".join(per_kind)],
    }
