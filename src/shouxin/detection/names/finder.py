"""Names and places as an engine for ``scan``: alone, or beside the engine that finds identifiers.

Laws. Spans are of the text as it was given: the block is folded first (width, nothing without width), and every span
goes back through the fold. An identifier wins over a name or a place that shares a byte with it. Work is in proportion
to the block; memory is some fifty times the block's characters that may begin a name. What is found is a hint from a
small model (score at most 0.86), never a proof.

Called by: operations that scan text, through ``scan_bytes(chunks, names_finder(...))``; needs numpy.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from shouxin.detection.finding import DICTIONARY, MODEL, ORDINAL, SHAPE, FindingKind, Findings, Row
from shouxin.detection.names.address import addresses
from shouxin.detection.names.alone import believed
from shouxin.detection.names.candidates import Family, foreign, listed, named, suffixed
from shouxin.detection.names.characters import Characters, characters
from shouxin.detection.names.model import Model, best, model
from shouxin.detection.names.rules import rule_rows
from shouxin.detection.normalise import fold_characters
from shouxin.detection.scan import Finder

__all__ = ["names_finder", "names_in"]

_KIND: Final = {
    Family.NAME: (ORDINAL[FindingKind.PERSON_NAME], DICTIONARY | MODEL),
    Family.LISTED: (ORDINAL[FindingKind.PLACE], DICTIONARY | MODEL),
    Family.FOREIGN: (ORDINAL[FindingKind.PERSON_NAME], SHAPE | MODEL),
    Family.SUFFIXED: (ORDINAL[FindingKind.PLACE], SHAPE | MODEL),
}
_NAME: Final = ORDINAL[FindingKind.PERSON_NAME]
_HANDLE: Final = ORDINAL[FindingKind.HANDLE]
_PLACE: Final = ORDINAL[FindingKind.PLACE]
_CERTAIN: Final = 100.0  # nats: what a rule has matched outweighs every score


def _weighed(text: Characters, weigher: Model) -> list[tuple[float, Row]]:
    """What the model takes for a name or a place, with its score; may overlap."""
    found: list[tuple[float, Row]] = []
    for find in (named, foreign, listed, suffixed):
        spans = find(text)
        if not len(spans):
            continue
        scores = weigher.scores(text, spans)
        right = np.flatnonzero(best(spans, scores))
        if spans.family is Family.NAME:
            right = right[believed(text, spans.starts[right], spans.ends[right], scores[right], weigher.lexicon)]
        kind, evidence = _KIND[spans.family]
        columns = zip(scores[right].tolist(), spans.starts[right].tolist(), spans.ends[right].tolist(), strict=True)
        found += [(score, (kind, start, end, evidence)) for score, start, end in columns]
    return found


def _apart(weighed: Iterable[tuple[float, Row]]) -> list[Row]:
    """Of rows that overlap the one with the highest score; of equals the first, of these the longest. In order."""
    kept: list[Row] = []
    cluster: list[tuple[float, Row]] = []
    reach = 0
    for one in sorted(weighed, key=_by_start):
        row = one[1]
        if row[1] >= reach and cluster:
            kept += _winners(cluster) if len(cluster) > 1 else [cluster[0][1]]
            cluster = []
        cluster.append(one)
        reach = max(reach, row[2])
    return kept + _winners(cluster)


def _by_start(one: tuple[float, Row]) -> int:
    return one[1][1]


def _winners(cluster: list[tuple[float, Row]]) -> list[Row]:
    """Those that stay, of rows that hang together by overlapping."""
    kept: list[Row] = []
    starts: list[int] = []
    for _, row in sorted(cluster, key=lambda one: (-one[0], one[1][1], -one[1][2])):
        place = bisect_left(starts, row[1])  # only neighbours can overlap: a hostile cluster is as long as its block
        if (place == 0 or kept[place - 1][2] <= row[1]) and (place == len(kept) or row[2] <= kept[place][1]):
            kept.insert(place, row)
            starts.insert(place, row[1])
    return kept


def names_in(text: Characters, weigher: Model) -> list[Row]:
    """Return names, handles, places and addresses, apart and in order, spans in characters."""
    string = text.text()
    weighed = _weighed(text, weigher)
    people = {row[1:3] for _, row in weighed if row[0] == _NAME}
    # an account that is called like a person is that person's name
    ruled = [(_CERTAIN, row) for row in rule_rows(string) if row[0] != _HANDLE or row[1:3] not in people]
    rows = _apart([*ruled, *weighed])
    places = [row for row in rows if row[0] == _PLACE]
    others = [(0.0, row) for row in rows if row[0] != _PLACE]
    merged = [(_CERTAIN, row) for row in addresses(string, places)]  # numbers may have taken a name in
    return _apart([*merged, *others])


def _beside(own: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """Both, in order, without those of ``own`` that share a byte with one of ``others``."""
    starts = [row[1] for row in others]
    ends = [row[2] for row in others]
    free = [row for row in own if (place := bisect_right(ends, row[1])) == len(others) or starts[place] >= row[2]]
    return sorted([*others, *free], key=lambda row: row[1])


def names_finder(identifiers: Finder | None = None) -> Finder:
    """Return an engine that finds names, handles, places and addresses, and what ``identifiers`` finds, if given.

    Raises:
        Tampered: the model's file is not the one that was made.
    """
    weigher = model()

    def find(block: bytes) -> Findings:
        folded = fold_characters(block)
        text = characters(folded.data)
        own: list[Row] = []
        places = text.places.tolist()
        for kind, start, end, evidence in names_in(text, weigher):
            own.append((kind, *folded.origin(places[start], places[end]), evidence))
        return Findings.of(_beside(own, list(identifiers(block).rows())) if identifiers else own)

    return find
