"""Identifiers that were written to be missed, and numbers that only look like some; by people who saw no rule of ours.

The sets stand in ``tests/detection/adversarial`` and ``adversarial2`` to ``adversarial5``, one an author (``*.jsonl``:
a text, and the spans in it with their kinds). As the first README says: a finding is right if its kind is and half of
what both spans cover is common; best overlap first, one to one; precision and recall are over all texts.
``first_run.json`` of each is
what was measured before anybody looked. The second is in halves by template: its failures were seen of one half only.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from bench.figure import at_least, figure
from shouxin.detection.scan import scan

_TESTS: Final = Path(__file__).parents[2] / "tests" / "detection"
FOLDER: Final = _TESTS / "adversarial"
SECOND: Final = _TESTS / "adversarial2"
SETS: Final[Mapping[str, Path]] = MappingProxyType(
    {"first": FOLDER, "second": SECOND, "third": _TESTS / "adversarial3", "fourth": _TESTS / "adversarial4"}
)
# Not mended by yet: what it shows is what the next author's lines may show.
FIFTH: Final = _TESTS / "adversarial5"
MASKED: Final = "near-miss: masked"
COMMON: Final = 0.5  # of the union of both spans
_SEEN: Final = (
    "A first run is that of detectors whose authors had not seen the set. Ours, beside it, is after they were mended "
    "by the classes of failure that it showed: figures on sets that were seen, which say less about other texts. What "
    "comes nearest to the next author is the fifth set, by whose failures nothing has been mended yet."
)
Labelled = tuple[str, list[tuple[str, int, int]]]
# What the set calls our kinds; one that is not here has its own name there, or is not labelled.
ALIASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "resident_id": "id_number",
        "resident_id_15": "id_number",
        "credit_code": "social_credit_code",
        "bank_account": "bank_card",
        "password": "credential",
        "secret_key": "credential",
    }
)


def read_set(folder: Path = FOLDER) -> list[Labelled]:
    """Return each text with its spans (kind, start, end; in characters), by file and line."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                one = json.loads(line)
                spans = [(span["kind"], span["start"], span["end"]) for span in one["spans"]]
                found.append((one["text"], spans))
    return found


def noted(folder: Path, note: str) -> list[Labelled]:
    """Return the texts of one set whose note begins so."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    chosen = [json.loads(line)["note"].startswith(note) for line in lines]
    return [text for text, wanted in zip(read_set(folder), chosen, strict=True) if wanted]


def halves(folder: Path = SECOND) -> dict[str, list[Labelled]]:
    """Part a set by the names of its templates: into what was mended with its failures in sight, and the rest."""
    parted: dict[str, list[Labelled]] = {"open": [], "closed": []}
    groups = (folder / "groups.tsv").read_text("utf-8").splitlines()
    for text, line in zip(read_set(folder), groups, strict=True):
        odd = sha256(line.split("\t")[1].encode()).digest()[0] % 2
        parted["closed" if odd else "open"].append(text)
    return parted


def _overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> float:
    """Which share of both spans is common; 0 if the kinds differ."""
    common = min(one[2], other[2]) - max(one[1], other[1])
    return common / (max(one[2], other[2]) - min(one[1], other[1])) if one[0] == other[0] and common > 0 else 0.0


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
        named = [(ALIASES.get(one.kind, one.kind.value), one.start, one.end) for one in scan(text)]
        found = [one for one in named if one[0] in known]
        pairs = ((_overlap(one, span), at, to) for at, one in enumerate(found) for to, span in enumerate(spans))
        ours, theirs = set(range(len(found))), set(range(len(spans)))
        for common, at, to in sorted(pairs, reverse=True):
            if common >= COMMON and at in ours and to in theirs:
                ours.remove(at)
                theirs.remove(to)
                tally.right[found[at][0]] += 1
        tally.wanted.update(kind for kind, *_ in spans)
        tally.found.update(kind for kind, *_ in found)
        if ours or theirs:
            tally.wrong.append((text, [spans[to] for to in sorted(theirs)], [found[at] for at in sorted(ours)]))
    return tally


def _measures(tally: Tally) -> dict[str, list[float]]:
    """Precision and recall over all (under ``all``) and of each kind."""
    kinds: dict[str, str | None] = {"all": None, **{kind: kind for kind in sorted(tally.wanted)}}
    return {name: [round(tally.precision(kind), 4), round(tally.recall(kind), 4)] for name, kind in kinds.items()}


def _rows(which: str, folder: Path, now: dict[str, list[float]], wanted: Counter[str]) -> list[dict[str, Any]]:
    """Two lines for all kinds and for each, beside the first run."""
    first = json.loads((folder / "first_run.json").read_text("utf-8"))
    rows = []
    for name, (precision, recall) in now.items():
        goals = (at_least(99), at_least(98)) if name == "all" else (None, None)
        said = f" ({wanted.total() if name == 'all' else wanted[name]})"
        for word, value, goal, at in (("precision", precision, goals[0], 0), ("recall", recall, goals[1], 1)):
            peer = ("the first run", 100 * first[name][at])
            rows.append(figure(f"{which} set, {name}{said}: {word}", 100 * value, "%", peer=peer, goal=goal))
    return rows


def _half_notes() -> list[str]:
    """What the halves of the second set showed while one of them was not looked at; and how they stand now."""
    known = json.loads((SECOND / "halves.json").read_text("utf-8"))
    notes = []
    for name, texts in halves().items():
        tally = measured(texts)
        now = [tally.precision(), tally.recall()]
        steps = [f"{step}: {100 * values[0]:.1f} % and {100 * values[1]:.1f} %" for step, values in known[name].items()]
        notes.append(
            f"second set, {name} half ({tally.wanted.total()} identifiers), precision and recall: {'; '.join(steps)}; "
            f"now: {100 * now[0]:.1f} % and {100 * now[1]:.1f} %."
        )
    return notes


def run() -> dict[str, Any]:
    """Measure; see the module."""
    rows, notes, measures = [], [], {}
    for which, folder in {**SETS, "fifth": FIFTH}.items():
        texts = read_set(folder)
        tally = measured(texts)
        measures[which] = _measures(tally)
        rows += _rows(which, folder, measures[which], tally.wanted)
        notes.append(f"{which} set: {len(texts)} texts, {tally.wanted.total()} identifiers; the engine of short texts.")
    masked = noted(SECOND, MASKED)
    notes.append(f"Of {len(masked)} masked values in the second set {measured(masked).found.total()} are findings.")
    notes += [*_half_notes(), _SEEN]
    return {
        "title": "Adversarial identifiers",
        "figures": rows,
        "notes": notes,
        "measures": measures,
    }
