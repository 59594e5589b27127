"""Watch records as they flow in and say, batch by batch, what is not as it was.

Laws. The first ``baseline`` records of a field say what is usual; each later ``window`` is held against it as soon as
it is full, so a finding is raised with the batch that completes it. A kind of identifier that is new is raised at once,
because it is being stored while it is judged. What was found is not raised again while it lasts. Memory is bounded: two
profiles a field, ``MOST_FIELDS`` fields. Findings hold names of fields, codes and numbers of records, never a value.

Called by: whoever takes records in (``Monitor.observe``); the lead of an ingestion decides what a finding stops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from shouxin.detection import plain
from shouxin.detection.column_evidence import CHANCE, Kinds, kinds_of
from shouxin.detection.columns import wilson
from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.scan import Finder
from shouxin.detection.stream.drift import MAJOR, drift_of
from shouxin.detection.stream.profile import FieldProfile
from shouxin.domain.items import ItemCode

__all__ = ["MOST_FIELDS", "Monitor", "RecordBatch", "StreamFinding", "StreamSignal"]

RecordBatch: TypeAlias = Sequence[Mapping[str, str | None]]

MOST_FIELDS: Final = 1_000
_LEAST_NEW: Final = 3  # values of a new kind, so that one stray number is not a new kind
_SURELY: Final = 0.02  # share of values that must hold a new kind, by the lower bound
_LEAST_JUMP: Final = 0.1  # of missing values
_BEYOND: Final = 10.0  # times the largest magnitude that was usual


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


@dataclass(slots=True)
class _Watched:
    usual: FieldProfile = field(default_factory=FieldProfile)
    now: FieldProfile = field(default_factory=FieldProfile)
    raised: set[str] = field(default_factory=set)


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
            found += self._taken(name, one, len(batch), present[name], kinds[name])
        return found

    def _begun(self, name: str, size: int) -> list[StreamFinding]:
        if len(self._fields) >= MOST_FIELDS:
            told, self._full = self._full, True
            return [] if told else [StreamFinding(StreamSignal.TOO_MANY_FIELDS, "", self.records)]
        self._fields[name] = _Watched()
        first = self.records == size
        return [] if first else [StreamFinding(StreamSignal.NEW_FIELD, name, self.records)]

    def _taken(
        self, name: str, one: _Watched, records: int, present: Sequence[str], kinds: Kinds
    ) -> list[StreamFinding]:
        learning = one.usual.records < self.baseline
        profile = one.usual if learning else one.now
        profile.take(records, present, kinds)
        if learning:
            return []
        found = self._new_kinds(name, one)
        if one.now.records >= self.window:
            found += self._judged(name, one)
            one.now = FieldProfile()
        return found

    def _new_kinds(self, name: str, one: _Watched) -> list[StreamFinding]:
        found = []
        for kind, count in one.now.kinds.items():
            code = FindingKind(kind)
            low, _ = wilson(count, one.now.values)
            usual = one.usual.kinds[kind] / max(1, one.usual.values)
            least = max(_SURELY, 2 * CHANCE.get(code, 0.0), 5 * usual)
            if count >= _LEAST_NEW and low >= least and kind not in one.raised:
                one.raised.add(kind)
                share = count / one.now.values
                found.append(
                    StreamFinding(StreamSignal.NEW_KIND, name, self.records, usual, share, code, ITEM_OF[code])
                )
        return found

    def _judged(self, name: str, one: _Watched) -> list[StreamFinding]:
        """Hold a full window against what is usual."""
        usual, now = one.usual, one.now
        signs: dict[StreamSignal, tuple[float, float]] = {}
        before, after = usual.missing / usual.records, now.missing / now.records
        if wilson(now.missing, now.records)[0] > before + _LEAST_JUMP:
            signs[StreamSignal.MISSING] = before, after
        reach = max(abs(usual.numbers.low), abs(usual.numbers.high)) if usual.numbers.count else math.inf
        beyond = max(abs(now.numbers.low), abs(now.numbers.high)) if now.numbers.count else 0.0
        if beyond > _BEYOND * reach > 0:
            signs[StreamSignal.RANGE] = _BEYOND, beyond / reach
        moved = max(drift_of(usual.numbers, now.numbers), drift_of(usual.lengths, now.lengths))
        if moved > MAJOR:
            signs[StreamSignal.DRIFT] = MAJOR, moved
        new = [StreamFinding(sign, name, self.records, *signs[sign]) for sign in signs if sign not in one.raised]
        one.raised = {kind for kind in one.raised if kind in now.kinds} | {sign.value for sign in signs}
        return new
