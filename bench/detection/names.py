"""Names and places on text the model never saw, against jieba on the same text; and how fast, one core.

F1 is of exact spans. On Weibo NER the names are PER.NAM and the places GPE.NAM and LOC.NAM; of jieba the tags nr, nrt,
nrfg and ns. Handles count as names there, because that corpus labels them so; the figure without them is given too. On
the held-out text, jieba's places go through the same grammar of addresses as ours.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any

from bench.detection.log_text import log_text
from bench.detection.names_text import held_out_text
from bench.detection.weibo import posts
from bench.figure import at_least, figure
from shouxin.detection.finding import DICTIONARY, KINDS, ORDINAL, FindingKind
from shouxin.detection.names.address import addresses
from shouxin.detection.names.characters import characters
from shouxin.detection.names.finder import names_finder, names_in
from shouxin.detection.names.model import model

Spans = set[tuple[int, int]]

MEGABYTE = 1_000_000


def _ours(text: str) -> dict[FindingKind, Spans]:
    found: dict[FindingKind, Spans] = {kind: set() for kind in KINDS}
    for kind, start, end, _ in names_in(characters(text.encode("utf-8", "surrogatepass")), model()):
        found[KINDS[kind]].add((start, end))
    return found


def _jieba(text: str) -> dict[FindingKind, Spans]:
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
    rows = [(ORDINAL[FindingKind.PLACE], start, end, DICTIONARY) for start, end in places]
    merged = list(addresses(text, rows))
    return {
        FindingKind.PERSON_NAME: names,
        FindingKind.HANDLE: set(),
        FindingKind.PLACE: places,
        FindingKind.ADDRESS: {row[1:3] for row in merged if row[0] == ORDINAL[FindingKind.ADDRESS]},
    }


def _f1(wanted: Iterable[Spans], found: Iterable[Spans]) -> tuple[float, float, float]:
    pairs = list(zip(wanted, found, strict=True))
    right = sum(len(one & other) for one, other in pairs)
    there, said = sum(len(one) for one, _ in pairs), sum(len(other) for _, other in pairs)
    return 2 * right / max(there + said, 1), right / max(said, 1), right / max(there, 1)


def _covered(spans: Iterable[Spans]) -> list[Spans]:
    return [{(at, at + 1) for start, end in some for at in range(start, end)} for some in spans]


def _compared(
    work: str, wanted: Sequence[Spans], ours: Sequence[Spans], theirs: Sequence[Spans] | None
) -> tuple[dict[str, Any], str]:
    own, precision, recall = _f1(wanted, ours)
    said = f"{work}: ours precision {precision:.3f}, recall {recall:.3f}"
    if theirs is None:
        return figure(work, own, "F1"), said
    other, p, r = _f1(wanted, theirs)
    return (
        figure(work, own, "F1", peer=("jieba", other), goal=at_least(round(other + 0.10, 3))),
        f"{said}; jieba precision {p:.3f}, recall {r:.3f}",
    )


def _quality(quick: bool) -> tuple[list[dict[str, Any]], list[str]]:
    figures, notes = [], []
    has_jieba = find_spec("jieba") is not None
    if has_jieba:
        import logging

        import jieba

        jieba.setLogLevel(logging.ERROR)

    def compare(title: str, texts: Sequence[str], asked: Sequence[tuple[str, Sequence[Spans], tuple[FindingKind, ...], bool]]) -> None:
        ours = [_ours(text) for text in texts]
        theirs = [_jieba(text) for text in texts] if has_jieba else None
        for work, wanted, kinds, by_character in asked:
            def of(found: list[dict[FindingKind, Spans]]) -> list[Spans]:
                made = [set().union(*(one[kind] for kind in kinds)) for one in found]
                return _covered(made) if by_character else made

            line, note = _compared(f"{title}: {work}", _covered(wanted) if by_character else wanted, of(ours), of(theirs) if theirs else None)
            figures.append(line)
            notes.append(note)

    name, handle, place, address = FindingKind.PERSON_NAME, FindingKind.HANDLE, FindingKind.PLACE, FindingKind.ADDRESS
    weibo = posts("test")
    if weibo:
        people, places = [one[1] for one in weibo], [one[2] for one in weibo]
        compare(
            "Weibo NER test",
            [one[0] for one in weibo],
            [
                ("names", people, (name, handle), False),
                ("names, without handles", people, (name,), False),
                ("places", places, (place, address), False),
            ],
        )
    else:
        notes.append("Weibo NER was not there: SHOUXIN_WEIBO_NER names its folder.")
    held = held_out_text(200 if quick else 1500)
    compare(
        "held-out text",
        [one[0] for one in held],
        [
            ("names", [one[1] for one in held], (name,), False),
            ("places", [one[2] for one in held], (place,), False),
            ("addresses, whole", [one[3] for one in held], (address,), False),
            ("addresses, by character", [one[2] | one[3] for one in held], (place, address), True),
        ],
    )
    return figures, notes


def _speed(data: bytes, rounds: int) -> float:
    find = names_finder()
    find(data[: 1 << 20])
    speeds = []
    for _ in range(rounds):
        start = time.process_time()
        for at in range(0, len(data), 1 << 21):
            find(data[at : at + (1 << 21)])
        speeds.append(len(data) / (time.process_time() - start) / MEGABYTE)
    return median(speeds)


def _jieba_speed(data: bytes) -> float:
    text = data.decode("utf-8", "ignore")
    start = time.process_time()
    _jieba(text)
    return len(data) / (time.process_time() - start) / MEGABYTE


def run(*, quick: bool = False) -> dict[str, Any]:
    """Measure; see the module."""
    figures, notes = _quality(quick)
    size, rounds = (1 << 20, 1) if quick else (8 << 20, 5)
    prose = "\n".join(one[0] for one in held_out_text(3000, seed=12)).encode()
    prose *= size // len(prose) + 1
    peer = ("jieba", _jieba_speed(prose[: 100_000])) if find_spec("jieba") else None
    figures += [
        figure("names and addresses in dense Chinese records, one core", _speed(prose, rounds), "MB/s", peer=peer, goal=at_least(3)),
        figure("the same in log text", _speed(log_text(size), rounds), "MB/s", goal=at_least(3)),
    ]
    return {"title": "Names and places on text the model never saw", "figures": figures, "notes": notes}


if __name__ == "__main__":
    found = run()
    for one in found["figures"]:
        print(one["work"], "|", one["ours_text"], "|", one["peer_text"], "|", one["must"], one["verdict"])
    print("\n".join(found["notes"]))
