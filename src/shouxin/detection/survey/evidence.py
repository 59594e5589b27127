"""What a scan saw at each place, as counts that can be stored, added up and judged again without reading again.

Laws. No value and no part of a value is in here, and no position of one in text or tables; of a picture, page or video
it says where to look, because nobody finds a face in an hour of video by its count. A place, or a name of a column,
that itself holds personal information is written with the kind in its stead (``shown``). Text is counted by kind and
evidence; of every sixteenth block also how many numbers had the length of a card or device, so that what chance lets
through is known.

Called by: ``operations.scanning.scan_source`` adds up; ``grading`` judges; reports and checkpoints keep it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from shouxin.detection import plain
from shouxin.detection.column_evidence import ColumnEvidence, candidates, merged, observe
from shouxin.detection.finding import BY_MODEL, KINDS, RULES, FindingKind, Findings
from shouxin.detection.media.media_finding import MediaFinding, MediaForm, items_of
from shouxin.detection.scan import Finder
from shouxin.detection.survey.reading import Basis, MediaWindow, RowWindow, Sampling, Unread
from shouxin.domain.items import ItemCode

__all__ = [
    "FEW_NAMES",
    "FORMAT",
    "MOST_FINDINGS",
    "NOBODY",
    "MediaEvidence",
    "PlaceEvidence",
    "ScanReport",
    "TextEvidence",
    "shown",
]

FORMAT: Final = "shouxin-scan-report/1"
MOST_FINDINGS: Final = 500  # with place and time, of one place
FEW_NAMES: Final = 3  # so many names are no mistake of the model
NOBODY: Final = frozenset({FindingKind.PLACE, FindingKind.ORGANISATION})
_BELIEVED: Final = 0.5
_EVERY: Final = 16  # blocks, one of which is looked at for candidates
_ADDRESSES: Final = frozenset({FindingKind.IPV4, FindingKind.IPV6, FindingKind.MAC})  # in a place: of machines
_LONGEST_PLACE: Final = 2_000  # characters


def shown(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a name as a report may show it, and the kinds of what was taken out of it."""
    data = name[:_LONGEST_PLACE].encode("utf-8", "backslashreplace")
    made, at, kinds = bytearray(), 0, list[str]()
    for one in plain.find(data):
        if one.kind not in _ADDRESSES and one.score >= 0.5:
            made += data[at : one.start] + f"[{one.kind.value}]".encode()
            at = one.end
            kinds.append(one.kind.value)
    return (made + data[at:]).decode("utf-8", "replace"), tuple(kinds)


@dataclass(slots=True)
class TextEvidence:
    """Counts of a text.

    ``found`` is kind -> evidence bits -> how many; ``tried`` and ``passed`` are of the blocks that were looked at for
    candidates, by kind of ``CHANCE``.
    """

    size: int = 0  # bytes, as UTF-8
    blocks: int = 0
    found: dict[str, dict[int, int]] = field(default_factory=dict)
    tried: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    encodings: list[str] = field(default_factory=list)

    def add(self, findings: Findings) -> None:
        """Count what is reported of one block."""
        for (ordinal, bits), count in Counter(zip(findings.kinds, findings.evidence, strict=True)).items():
            by_bits = self.found.setdefault(KINDS[ordinal].value, {})
            by_bits[bits] = by_bits.get(bits, 0) + count

    def watched(self, find: Finder) -> Finder:
        """Return the engine, which now also counts the candidates in one of sixteen blocks."""

        def seen(block: bytes) -> Findings:
            findings = find(block)
            if self.blocks % _EVERY == 0:
                text, passed = block.decode("utf-8", "replace"), Counter(findings.kinds)
                for kind, shape in candidates().items():
                    if tried := sum(1 for _ in shape.finditer(text)):
                        self.tried[kind.value] = self.tried.get(kind.value, 0) + tried
                for ordinal, count in passed.items():
                    name = KINDS[ordinal].value
                    self.passed[name] = self.passed.get(name, 0) + count
            self.blocks += 1
            return findings

        return seen


@dataclass(slots=True)
class MediaEvidence:
    """What was seen and heard in a picture, document of pages, video or recording.

    ``looked`` of ``whole``: see ``reading.MediaWindow``. ``findings`` holds the first ``MOST_FINDINGS`` of them;
    ``found`` counts all, by kind: those with a score of at least one half, and the others.
    """

    form: MediaForm
    looked: float = 0
    whole: float = 0
    findings: list[MediaFinding] = field(default_factory=list)
    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, window: MediaWindow) -> None:
        """Add a window."""
        self.looked += window.looked
        self.whole += window.whole
        for one in window.findings:
            strong, weak = self.found.get(one.kind, (0, 0))
            self.found[one.kind] = (strong + 1, weak) if one.score >= _BELIEVED else (strong, weak + 1)
        self.findings += window.findings[: max(0, MOST_FINDINGS - len(self.findings))]

    def items(self, refused: frozenset[str] = frozenset()) -> tuple[ItemCode, ...]:
        """Return the items that all of it makes, without kinds that a steward refused.

        Names too few to be believed make none, as in a text.
        """
        strong = {kind: count for kind, (count, _) in self.found.items() if count and kind not in refused}
        named = sum(strong.get(kind.value, 0) for kind in BY_MODEL - NOBODY)
        if named < FEW_NAMES and not any(kind in strong for kind in KINDS if kind not in BY_MODEL):
            strong = {kind: count for kind, count in strong.items() if kind not in BY_MODEL}
        return items_of(self.form, (MediaFinding(kind, 1.0) for kind in strong))


@dataclass(slots=True)
class PlaceEvidence:
    """What was seen at one place: a text, a table, or (a table with broken rows) both, or something to look at.

    ``rows`` is how many there are, ``read`` how many of them were looked at, by ``basis``; ``aside`` do not fit.
    """

    place: str
    form: str = ""
    rows: int = 0
    read: int = 0
    basis: Basis = Basis.ALL
    aside: int = 0
    columns: list[ColumnEvidence] = field(default_factory=list)
    text: TextEvidence | None = None
    media: MediaEvidence | None = None
    in_names: list[str] = field(default_factory=list)  # kinds found in the place itself and in names of columns
    rules: str = RULES

    def add_media(self, window: MediaWindow) -> None:
        """Add what was seen or heard."""
        self.form = window.form.value
        self.media = self.media or MediaEvidence(window.form)
        self.media.add(window)

    def add_rows(self, window: RowWindow, find: Finder) -> None:
        """Add a window of rows."""
        if window.columns or not self.form:
            self.form, self.basis = window.form, window.basis
        self.rows += window.rows
        self.read += window.read
        self.aside += window.aside
        known = {one.name: number for number, one in enumerate(self.columns)}
        for name, values in window.columns.items():
            safe, kinds = shown(name)
            one = observe(safe, values, find, window.longest)
            if safe in known:
                self.columns[known[safe]] = merged(self.columns[known[safe]], one)
            else:
                known[safe] = len(self.columns)
                self.columns.append(one)
                self.in_names += kinds


@dataclass(slots=True)
class ScanReport:
    """A whole scan.

    ``spots`` is how many files, objects and tables the source described; ``began`` and ``ended`` are RFC 3339, and
    ``ended`` is empty while it runs.
    """

    source: str
    sampling: Sampling = field(default_factory=Sampling)
    began: str = ""
    ended: str = ""
    spots: int = 0
    places: list[PlaceEvidence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    examples: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # masked, by place and column or kind
    rules: str = RULES
    others: str = ""  # which recognisers of others looked too
    names: str = ""  # version of the model of names that looked too; empty: none did
    format: str = FORMAT
    identity: str = ""  # of the source, where two have the same name; reports of before have none
