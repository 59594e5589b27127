"""Watch records as they flow in and say, batch by batch, what is not as it was.

Laws. The first ``baseline`` records of a field say what is usual, in however many runs they came (``kept``); each later
``window`` is held against it as soon as it is full, and at the end of a run what there is of one. Until then each
stretch of ``LEAST`` is held against what came before it, in all but how its numbers are distributed. A kind of
identifier that is new is raised at once, because it is being stored while it is judged, and never becomes usual; so is
a field that nobody fills any more. What was found is not raised again while it lasts. Memory is bounded: two profiles a
field, ``MOST_FIELDS`` fields. Findings hold names of fields, codes and numbers of records, never a value.

Called by: whoever takes records in (``Monitor.observe``); the lead of an ingestion decides what a finding stops.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from shouxin.detection import plain
from shouxin.detection.column_evidence import CHANCE, Kinds, kinds_of
from shouxin.detection.columns import wilson
from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.scan import Finder
from shouxin.detection.stream.drift import MAJOR, drift_of
from shouxin.detection.stream.profile import FieldProfile, KeptProfile
from shouxin.detection.stream.quantiles import Quantiles
from shouxin.domain.items import ItemCode

__all__ = ["LEAST", "MOST_FIELDS", "KeptField", "Monitor", "RecordBatch", "StreamFinding", "StreamSignal"]

RecordBatch: TypeAlias = Sequence[Mapping[str, str | None]]

MOST_FIELDS: Final = 1_000
LEAST: Final = 50  # records that say anything of others
_ENOUGH: Final = 300  # records that say how far numbers reach
_SOME: Final = 100  # records of a window that the end of a run cuts short
_ALLOWED: Final = 26.0  # the index by chance, of ten parts: 9 (1/n + 1/m), and four deviations of sqrt(18) (1/n + 1/m)
_LEAST_GONE: Final = 10  # records in a row that lack a field
_UNLIKELY: Final = 1e-4  # that they lack it by chance
_LEAST_NEW: Final = 3  # values of a new kind, so that one stray number is not a new kind
_SURELY: Final = 0.02  # share of values that must hold a new kind, by the lower bound
_LEAST_JUMP: Final = 0.1  # of missing values
_BEYOND: Final = 10.0  # times the largest magnitude that was usual

# By check digit, region and date no chance explains three, whatever their share of a free text.
_CERTAIN: Final = frozenset({FindingKind.RESIDENT_ID})


class StreamSignal(StrEnum):
    """What may be wrong."""

    NEW_KIND = "new-kind"  # values of a kind of identifier that the field did not hold
    NEW_FIELD = "new-field"  # a field that no earlier record had
    MISSING = "missing"  # many more values are missing than before
    RANGE = "range"  # numbers beyond ten times the range that was usual
    DRIFT = "drift"  # the distribution of numbers or of lengths moved
    TOO_MANY_FIELDS = "too-many-fields"  # the rest is not watched


@dataclass(frozen=True, slots=True)
class StreamFinding:
    """One thing that is not as it was, at the ``record``-th record of the stream.

    ``before`` and ``now`` are shares (``missing``, ``new-kind``), or the bound and what passed it: how many times the
    usual reach (``range``), the stability index (``drift``). ``kind`` and ``item`` say what is new for ``new-kind``.
    """

    signal: StreamSignal
    field: str
    record: int
    before: float = 0.0
    now: float = 0.0
    kind: FindingKind | None = None
    item: ItemCode | None = None


@dataclass(frozen=True, slots=True)
class KeptField:
    """What is kept of a field from one run to the next: what is usual, and what is not judged yet."""

    usual: KeptProfile
    now: KeptProfile


@dataclass(slots=True)
class _Watched:
    usual: FieldProfile = field(default_factory=FieldProfile)
    now: FieldProfile = field(default_factory=FieldProfile)
    raised: set[str] = field(default_factory=set)
    gone: int = 0  # records in a row, up to the last, that lack it


@dataclass(slots=True)
class Monitor:
    """Watches one stream. ``baseline`` records say what is usual, each ``window`` records are held against it.

    ``find`` is an engine, ``bulk.finder()`` where speed counts. Not for several threads at once.
    """

    baseline: int = 1_000
    window: int = 1_000
    find: Finder = plain.find
    records: int = 0
    _fields: dict[str, _Watched] = field(default_factory=dict)
    _full: bool = False
    _resumed: bool = False

    def resume(self, kept: Mapping[str, KeptField]) -> None:
        """Go on from what an earlier run kept; before the first batch."""
        self._resumed = bool(kept)
        for name, one in kept.items():
            self._fields[name] = _Watched(FieldProfile.of(one.usual), FieldProfile.of(one.now))

    def kept(self) -> dict[str, KeptField]:
        """Return what the next run goes on from: counts, sketches and kinds of each field, by its name."""
        return {name: KeptField(one.usual.kept(), one.now.kept()) for name, one in self._fields.items()}

    def end(self) -> list[StreamFinding]:
        """Say what is newly wrong in windows that are not full, once no more comes; they go on with the next run."""
        settled = {name: one for name, one in self._fields.items() if one.usual.records >= self.baseline}
        return [found for name, one in settled.items() if one.now.records >= _SOME for found in self._judged(name, one)]

    def observe(self, batch: RecordBatch) -> list[StreamFinding]:
        """Take a batch in and return what is newly wrong; an empty batch says nothing.

        Memory holds the batch, so let it be of some hundred to some thousand records.
        """
        if not batch:
            return []
        self.records += len(batch)
        found: list[StreamFinding] = []
        names = dict.fromkeys(name for record in batch for name in record)
        for name in names:
            if name not in self._fields:
                found += self._begun(name, len(batch))
        present = {
            name: [value for record in batch if (value := record.get(name)) and not value.isspace()]
            for name in self._fields
        }
        kinds = kinds_of(present, self.find)
        for name, one in self._fields.items():
            one.gone = _trailing(batch, name, one.gone) if len(present[name]) < len(batch) else 0
            found += self._taken(name, one, len(batch), present[name], kinds[name])
        return found

    def _begun(self, name: str, size: int) -> list[StreamFinding]:
        if len(self._fields) >= MOST_FIELDS:
            told, self._full = self._full, True
            return [] if told else [StreamFinding(StreamSignal.TOO_MANY_FIELDS, "", self.records)]
        self._fields[name] = _Watched()
        first = self.records == size and not self._resumed
        return [] if first else [StreamFinding(StreamSignal.NEW_FIELD, name, self.records)]

    def _taken(
        self, name: str, one: _Watched, records: int, present: Sequence[str], kinds: Kinds
    ) -> list[StreamFinding]:
        one.now.take(records, present, kinds)
        found = self._new_kinds(name, one, {*kinds[0], *kinds[1]}) if one.usual.records >= LEAST else []
        found += self._gone(name, one)
        if one.now.records >= (LEAST if one.usual.records < self.baseline else self.window):
            found += self._closed(name, one)
        return found

    def _closed(self, name: str, one: _Watched) -> list[StreamFinding]:
        """Judge a stretch, and let it say what is usual where that is not settled; a new kind never is."""
        found = self._judged(name, one) if one.usual.records >= LEAST else []
        if one.usual.records < self.baseline:
            one.usual.add_all(one.now, one.raised)
        one.now = FieldProfile()
        return found

    def _gone(self, name: str, one: _Watched) -> list[StreamFinding]:
        """Say that a field is filled no more, as soon as so many in a row lack it that chance does not explain it."""
        records = one.usual.records + one.now.records - one.gone
        missing = one.usual.missing + one.now.missing - one.gone
        if one.gone < _LEAST_GONE or records < _LEAST_GONE or StreamSignal.MISSING in one.raised:
            return []
        if wilson(missing, records)[1] ** one.gone > _UNLIKELY:
            return []
        one.raised.add(StreamSignal.MISSING)
        return [StreamFinding(StreamSignal.MISSING, name, self.records, missing / records, 1.0)]

    def _new_kinds(self, name: str, one: _Watched, came: Collection[str]) -> list[StreamFinding]:
        found = []
        for kind, count in ((kind, one.now.kinds[kind]) for kind in came):
            code = FindingKind(kind)
            low, _ = wilson(count, one.now.values)
            usual = one.usual.kinds[kind] / max(1, one.usual.values)
            least = max(_SURELY, 2 * CHANCE.get(code, 0.0), 5 * usual)
            sure = low >= least or (code in _CERTAIN and not usual)
            if count >= _LEAST_NEW and sure and kind not in one.raised:
                one.raised.add(kind)
                share = count / one.now.values
                found.append(
                    StreamFinding(StreamSignal.NEW_KIND, name, self.records, usual, share, code, ITEM_OF[code])
                )
        return found

    def _judged(self, name: str, one: _Watched) -> list[StreamFinding]:
        """Hold a stretch against what is usual."""
        usual, now = one.usual, one.now
        signs: dict[StreamSignal, tuple[float, float]] = {}
        before, after = usual.missing / usual.records, now.missing / now.records
        if wilson(now.missing, now.records)[0] > wilson(usual.missing, usual.records)[1] + _LEAST_JUMP:
            signs[StreamSignal.MISSING] = before, after
        reach = max(abs(usual.numbers.low), abs(usual.numbers.high)) if usual.numbers.count else math.inf
        beyond = max(abs(now.numbers.low), abs(now.numbers.high)) if now.numbers.count else 0.0
        if beyond > _BEYOND * reach > 0 and usual.records >= _ENOUGH:
            signs[StreamSignal.RANGE] = _BEYOND, beyond / reach
        pairs = ((usual.numbers, now.numbers), (usual.lengths, now.lengths))
        moved = max(drift_of(*pair) - _by_chance(*pair) for pair in pairs)
        if moved > MAJOR and usual.records >= self.baseline:
            signs[StreamSignal.DRIFT] = MAJOR, moved
        new = [StreamFinding(sign, name, self.records, *signs[sign]) for sign in signs if sign not in one.raised]
        gone = {StreamSignal.MISSING.value} if one.gone and StreamSignal.MISSING in one.raised else set[str]()
        one.raised = {kind for kind in one.raised if kind in now.kinds} | {sign.value for sign in signs} | gone
        return new


def _by_chance(before: Quantiles, after: Quantiles) -> float:
    """Return how large the stability index of equal distributions is by chance."""
    return _ALLOWED * (1 / before.count + 1 / after.count) if before.count and after.count else 0.0


def _trailing(batch: RecordBatch, name: str, before: int) -> int:
    """Return how many records in a row lack a field by the end of a batch, given how many did before it."""
    for at, record in enumerate(reversed(batch)):
        if (value := record.get(name)) and not value.isspace():
            return at
    return before + len(batch)
