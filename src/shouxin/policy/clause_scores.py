"""Weigh what a pattern does not know: clauses that say in other words what should not stand.

Laws of this file.

1. A clause is one sentence, or two that follow one another in a paragraph. Its score is a sum of weights of what it
   says (``clause_features``); nothing else decides, so the same text always scores the same.
2. The weights were learned from sentences that the project makes itself and from the labelled agreements of its tests
   (``bench/clauses``, ``bench.learn_clauses``). Their files carry a card: what from, how many, how they were chosen.
3. A suspicion says what weighed most; it is a reason to read the clause, never an error by itself.
4. The time is linear in the text: a clause has at most two sentences, and a sentence has a greatest length.

Called by: ``policy.agreement``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

import msgspec

from shouxin.policy.clause_features import Families, features, length
from shouxin.policy.passages import Passage

__all__ = ["Suspect", "suspects"]

_SHORTEST: Final = {"zh": 9, "en": 26}  # letters; what is shorter says too little to be weighed
_CUES: Final = 5  # what weighed most, told with a suspicion


@dataclass(frozen=True, slots=True)
class Suspect:
    """A clause that scores too high: its first and last passage by number, its kind, what weighed, by how much.

    ``score`` is in hundredths of log odds over the threshold, at least 0.
    """

    first: int
    last: int
    kind: str
    cues: tuple[str, ...]
    score: int


@dataclass(frozen=True, slots=True)
class _Card:
    made_by: str
    made_from: str
    clauses: int
    chosen_on: str


@dataclass(frozen=True, slots=True)
class _Weights:
    """What was learned, in hundredths: ``offending`` by feature; ``kinds`` by feature and number of the kind."""

    card: _Card
    language: str
    bias: int
    threshold: int
    names: tuple[str, ...]
    families: dict[str, tuple[str, ...]]
    offending: dict[str, int]
    kinds: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class _Weighed:
    known: frozenset[str]
    total: int


@cache
def _families(language: str) -> Families:
    return Families(_weights(language).families)


@cache
def _weights(language: str) -> _Weights:
    text = (files("shouxin.policy") / f"clause_weights_{language}.json").read_bytes()
    return msgspec.json.decode(text, type=_Weights)


def _weighed(text: str, weights: _Weights) -> _Weighed:
    offending = weights.offending
    known = frozenset(features(text, weights.language, _families(weights.language)) & offending.keys())
    return _Weighed(known, sum(offending[one] for one in known))


def _both(one: _Weighed, two: _Weighed, weights: _Weights) -> _Weighed:
    twice = sum(weights.offending[name] for name in one.known & two.known)
    return _Weighed(one.known | two.known, one.total + two.total - twice)


def _over(weighed: _Weighed, weights: _Weights) -> int:
    """Return by how much a clause is over the threshold; long clauses weigh no more than short ones."""
    return round(weighed.total / length(len(weighed.known))) + weights.bias - weights.threshold


def _kind(weighed: _Weighed, weights: _Weights) -> str:
    scores = dict.fromkeys(range(len(weights.names)), 0)
    for name in weighed.known:
        for number, weight in weights.kinds.get(name, {}).items():
            scores[int(number)] += weight
    return weights.names[max(scores, key=lambda one: (scores[one], -one))]


def _cues(weighed: _Weighed, weights: _Weights) -> tuple[str, ...]:
    """Return what weighed most towards the suspicion; families and frames are told by their names."""
    most = sorted(weighed.known, key=lambda one: (-weights.offending[one], one))[:_CUES]
    return tuple(one.lstrip("#'") for one in most)


def suspects(said: list[Passage], language: str, done: set[int]) -> Iterator[Suspect]:
    """Yield clauses of one language that score too high and do not overlap; the highest first.

    ``done`` are passages that need no weighing, by number, because they are marked or cleared already.
    """
    weights, shortest = _weights(language), _SHORTEST[language]
    wanted = {
        at: _weighed(one.text, weights)
        for at, one in enumerate(said)
        if one.chinese is (language == "zh") and not one.titled and at not in done and len(one.text) >= shortest
    }
    clauses = [(_over(one, weights), at, at, one) for at, one in wanted.items()]
    for (at, one), (by, two) in pairwise(wanted.items()):
        if by == at + 1 and said[at].block == said[by].block:
            both = _both(one, two, weights)
            clauses.append((_over(both, weights), at, by, both))
    taken: set[int] = set()
    for score, first, last, weighed in sorted(clauses, key=lambda one: (-one[0], one[1], one[2])):
        if score < 0:
            return
        if taken.isdisjoint({first, last}):
            taken |= {first, last}
            yield Suspect(first, last, _kind(weighed, weights), _cues(weighed, weights), score)
