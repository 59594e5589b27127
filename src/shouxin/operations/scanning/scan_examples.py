"""Masked examples for a report: enough to recognise what a finding is, never a value.

Laws. Every example went through the mask of its item; what does not have the shape of its mask is ``***`` and left out.
At most three a column or kind, each once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shouxin.detection import plain
from shouxin.detection.finding import ITEM_OF, KINDS, Findings
from shouxin.detection.scan import Finder
from shouxin.detection.survey.evidence import PlaceEvidence, shown
from shouxin.detection.survey.reading import RowWindow
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.protection.masks import COMPLETE, mask

__all__ = ["Examples"]

_MOST: Final = 3
_LOOKED_AT: Final = 50  # values of a column, findings of a block


@dataclass(slots=True)
class Examples:
    """Fills ``kept``: place -> column or kind -> masked values."""

    kept: dict[str, dict[str, list[str]]]

    def _keep(self, place: str, name: str, item: ItemCode, value: bytes) -> None:
        masked = mask(item, Plaintext.of(value.decode("utf-8", "replace"))).text
        kept = self.kept.get(place, {}).get(name, [])
        if masked != COMPLETE and masked not in kept and len(kept) < _MOST:
            self.kept.setdefault(place, {}).setdefault(name, []).append(masked)

    def of_rows(self, evidence: PlaceEvidence, window: RowWindow) -> None:
        """Keep examples of the columns in which something was found."""
        holding = {one.name for one in evidence.columns if one.whole or one.inside}
        for name, values in window.columns.items():
            safe, _ = shown(name)
            for value in [one for one in values if one][:_LOOKED_AT] if safe in holding else ():
                label = f"{safe}: ".encode()
                line = label + value.encode("utf-8", "replace")
                for one in plain.find(line):
                    if one.start >= len(label):
                        self._keep(evidence.place, safe, one.item, line[one.start : one.end])

    def watched(self, place: str, find: Finder) -> Finder:
        """Return the engine, which now also keeps examples of what it finds in a text."""

        def seen(block: bytes) -> Findings:
            findings = find(block)
            taken = dict[int, int]()
            for kind, start, end, _ in findings.rows():
                taken[kind] = taken.get(kind, 0) + 1
                if taken[kind] <= _LOOKED_AT:
                    item = ITEM_OF[KINDS[kind]]
                    self._keep(place, KINDS[kind].value, item, block[start:end])
            return findings

        return seen
