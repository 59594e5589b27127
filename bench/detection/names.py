"""Names and places on text the model never saw, against jieba on the same text; and how fast, one core.

F1 is of exact spans. On Weibo NER the names are PER.NAM and the places GPE.NAM and LOC.NAM; of jieba the tags nr, nrt,
nrfg and ns. An account behind ``@`` is a finding of its own kind here, while that corpus labels some of them as people:
the figure with them is given too. On the held-out text jieba's places go through the same grammar of addresses as ours.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from typing import Any

from bench.detection.log_text import log_text
from bench.detection.names_text import held_out_text
from bench.detection.weibo import posts
from bench.figure import at_least, figure
from shouxin.detection.bulk import finder
from shouxin.detection.finding import DICTIONARY, KINDS, ORDINAL, FindingKind
from shouxin.detection.names.address import addresses
from shouxin.detection.names.characters import characters
from shouxin.detection.names.finder import names_finder, names_in
from shouxin.detection.names.model import model
from shouxin.detection.scan import Finder, scan_bytes

Spans = set[tuple[int, int]]
Found = dict[FindingKind, Spans]

MEGABYTE = 1_000_000
MARGIN = 0.10
NAME, HANDLE, PLACE, ADDRESS = (
    FindingKind.PERSON_NAME,
    FindingKind.HANDLE,
    FindingKind.PLACE,
    FindingKind.ADDRESS,
)


@dataclass(frozen=True)
class Asked:
    """One comparison: which spans of a labelled text are wanted, which kinds answer, and what is counted."""

    work: str
    wanted: tuple[int, ...]
    kinds: tuple[FindingKind, ...]
    by_character: bool = False
    has_goal: bool = True

    def of_text(self, text: Sequence[Any]) -> Spans:
        return self._counted(set().union(*(text[place] for place in self.wanted)))

    def of_found(self, found: Found) -> Spans:
        return self._counted(set().union(*(found[kind] for kind in self.kinds)))

    def _counted(self, spans: Spans) -> Spans:
        return {(at, at + 1) for start, end in spans for at in range(start, end)} if self.by_character else spans


WEIBO = (
    Asked("names", (1,), (NAME,)),
    Asked("names, accounts with them", (1,), (NAME, HANDLE), has_goal=False),
    Asked("places", (2,), (PLACE, ADDRESS)),
)
HELD_OUT = (
    Asked("names", (1,), (NAME,)),
    Asked("addresses, whole", (3,), (ADDRESS,)),
    Asked("places and addresses, by character", (2, 3), (PLACE, ADDRESS), by_character=True),
)


def ours(text: str) -> Found:
    """What the product finds."""
    found: Found = {kind: set() for kind in KINDS}
    for kind, start, end, _ in names_in(characters(text.encode("utf-8", "surrogatepass")), model()):
        found[KINDS[kind]].add((start, end))
    return found


def theirs(text: str) -> Found:
    """What jieba finds; its places are put together to addresses by our grammar."""
    import jieba.posseg

    names: Spans = set()
    places: Spans = set()
    at = 0
    for word, tag in jieba.posseg.cut(text):
        if tag.startswith("nr"):
            names.add((at, at + len(word)))
        elif tag == "ns":
            places.add((at, at + len(word)))
        at += len(word)
    merged = addresses(text, [(ORDINAL[PLACE], start, end, DICTIONARY) for start, end in places])
    return {
        NAME: names,
        HANDLE: set(),
        PLACE: places,
        ADDRESS: {row[1:3] for row in merged if row[0] == ORDINAL[ADDRESS]},
    }


def f1(wanted: Iterable[Spans], found: Iterable[Spans]) -> tuple[float, str]:
    """Return F1, and precision and recall in words."""
    pairs = list(zip(wanted, found, strict=True))
    right = sum(len(one & other) for one, other in pairs)
    there, said = sum(len(one) for one, _ in pairs), sum(len(other) for _, other in pairs)
    in_words = f"precision {right / max(said, 1):.3f}, recall {right / max(there, 1):.3f} ({right} of {there})"
    return 2 * right / max(there + said, 1), in_words


def _compared(title: str, texts: Sequence[Any], asked: Sequence[Asked]) -> tuple[list[dict[str, Any]], list[str]]:
    figures: list[dict[str, Any]] = []
    notes: list[str] = []
    own = [ours(one[0]) for one in texts]
    peers = [theirs(one[0]) for one in texts] if find_spec("jieba") else None
    for one in asked:
        work, wanted = f"{title}: {one.work}", [one.of_text(text) for text in texts]
        value, said = f1(wanted, map(one.of_found, own))
        notes.append(f"{work}: ours {said}")
        if peers is None:
            figures.append(figure(work, value, "F1"))
            continue
        other, said = f1(wanted, map(one.of_found, peers))
        notes[-1] += f"; jieba {said}."
        goal = at_least(round(other + MARGIN, 3)) if one.has_goal else None
        figures.append(figure(work, value, "F1", peer=("jieba", other), goal=goal))
    return figures, notes


def _speed(data: bytes, find: Finder, rounds: int) -> float:
    """Megabytes a second of processor time, the median of some rounds."""
    speeds = []
    for _ in range(rounds):
        start = time.process_time()
        for _batch in scan_bytes([data], find):
            pass
        speeds.append(len(data) / (time.process_time() - start) / MEGABYTE)
    return median(speeds)


def _peer_speed(data: bytes) -> tuple[str, float] | None:
    if not find_spec("jieba"):
        return None
    text = data.decode("utf-8", "ignore")
    start = time.process_time()
    theirs(text)
    return "jieba", len(data) / (time.process_time() - start) / MEGABYTE


def _speeds(*, quick: bool) -> list[dict[str, Any]]:
    size, rounds = (1 << 20, 1) if quick else (8 << 20, 5)
    records = "\n".join(one[0] for one in held_out_text(3000, seed=12)).encode()
    records *= size // len(records) + 1
    log, names = log_text(size), names_finder()
    names(records[: 1 << 20])
    goal = at_least(3)
    return [
        figure(
            "names and addresses in dense Chinese records, one core",
            _speed(records, names, rounds),
            "MB/s",
            peer=_peer_speed(records[:100_000]),
            goal=goal,
        ),
        figure("the same in log text", _speed(log, names, rounds), "MB/s", goal=goal),
        figure("log text, with all identifiers", _speed(log, names_finder(finder()), rounds), "MB/s", goal=goal),
    ]


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure; see the module."""
    logging.getLogger("jieba").setLevel(logging.ERROR)
    figures: list[dict[str, Any]] = []
    notes: list[str] = []
    if weibo := posts("test"):
        figures, notes = _compared("Weibo NER test", weibo, WEIBO)
    else:
        notes.append("Weibo NER was not there: SHOUXIN_WEIBO_NER names its folder.")
    held, said = _compared("held-out text", held_out_text(200 if quick else 1500), HELD_OUT)
    return {
        "title": "Names and places on text the model never saw",
        "figures": [*figures, *held, *_speeds(quick=quick)],
        "notes": [*notes, *said],
    }


if __name__ == "__main__":
    result = run()
    for line in result["figures"]:
        print(line["work"], "|", line["ours_text"], "|", line["peer_text"], "|", line["must"], line["verdict"])
    print("\n".join(result["notes"]))
