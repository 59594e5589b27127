"""Find every row about a person: from what identifies them, through references, until nothing new is found.

Laws of this file.

1. Nobody walks over a ``shared`` reference. A row that only *names* the person is reached as that party and leads
   nowhere.
2. A strong identity decides. A weak one (a mobile) decides only where no row that says by itself whose it is holds the
   same value; where one does, the rows that hang on it are ``contested``: left alone, and said. That row is too, unless
   it is shown to be somebody else's: it, or what refers to it or it refers to, holds another value of a kind of which a
   person has one and this person's is known. What is not known of this person shows nothing.
3. Of a kind of which a person has one, a second value means that somebody else was reached: the walk stops
   (``Strayed``), and nothing may be done on it. So does a table with more rows than one person can have.
4. The walk ends: every value is sought once, cycles or not.

Pure but for the port. Called by: ``act`` (before, and again to read back), ``shouxin dataset preview``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from shouxin.operations.downstream.dataset import (
    OWNER,
    Dataset,
    DescribedTable,
    StrategyKind,
    TableName,
    Way,
    ways_into,
)
from shouxin.operations.downstream.rows import Key, Rows, Sought, batches
from shouxin.operations.downstream.spelling import folded, spellings

__all__ = ["Contested", "Reach", "ReachedRow", "Strayed", "Trail", "walk"]

_Source = tuple[TableName, tuple[str, ...]]


@dataclass(slots=True)
class Trail:
    """What is known of one person: ``identities`` (kind -> values as written) and values of columns referred to.

    Whoever erases keeps it until the read-back is done: with it, rows that lost their owner are still found. It holds
    personal information, shows none, and is never stored in the clear.
    """

    identities: dict[str, dict[str, None]] = field(default_factory=dict, repr=False)
    keys: dict[_Source, dict[Key, None]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, given: Mapping[str, Iterable[str]]) -> Trail:
        """Return the trail of a person of whom these identities are known: kind -> values."""
        return cls({kind: dict.fromkeys(values) for kind, values in given.items()})

    def copy(self) -> Trail:
        """Return a trail that grows apart from this one."""
        return Trail({k: dict(v) for k, v in self.identities.items()}, {k: dict(v) for k, v in self.keys.items()})


@dataclass(slots=True)
class ReachedRow:
    """A row about the person. ``parties``: as whom they stand in it (``OWNER`` or the name of a named party)."""

    table: TableName
    key: Key = field(repr=False)
    values: dict[str, Any] = field(repr=False)
    present: dict[str, bool] = field(repr=False)
    parties: set[str] = field(default_factory=set)
    shared: bool = False

    @property
    def owned(self) -> bool:
        """True if the row is about the person, not only naming them."""
        return OWNER in self.parties


@dataclass(frozen=True, slots=True)
class Contested:
    """Rows that hang on a weak identity which another row that says whose it is holds too.

    ``unknown``: the columns by which these rows say whose they are, in words that are not known of this person; empty
    where they do not say it.
    """

    table: TableName
    columns: tuple[str, ...]
    rows: int
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Strayed:
    """Why the walk stopped: ``one`` (a second value of a kind of which there is one) or ``many`` (too many rows)."""

    code: str
    table: TableName
    about: str


@dataclass(slots=True)
class Reach:
    """What a walk found. ``others``: weak identities (kind, folded value) in rows that may be somebody else's too."""

    trail: Trail
    rows: dict[TableName, dict[Key, ReachedRow]]
    contested: list[Contested] = field(default_factory=list)
    others: set[tuple[str, str]] = field(default_factory=set, repr=False)
    strayed: Strayed | None = None

    def of(self, table: TableName) -> list[ReachedRow]:
        """Return the rows reached in one table."""
        return list(self.rows.get(table, {}).values())


# Walks that find out whose one row is, in one walk; what is not looked at is left and said like all that is in doubt.
_MOST_LOOKS: Final = 100
_CHANGING: Final = frozenset({StrategyKind.REPLACE, StrategyKind.TOKEN})


def _sought(dataset: Dataset, table: DescribedTable, ways: Sequence[Way], extra: Iterable[str]) -> Sought:
    """Return which columns the walk and the plan need of a table; large ones are asked only whether they are null."""
    needed = dict.fromkeys(table.key)
    needed.update(dict.fromkeys(name for name, one in table.columns.items() if one.identity))
    needed.update(dict.fromkeys(name for reference in table.references for name in reference.columns))
    if table.freeze is not None:
        needed[table.freeze.column] = None
    for _, reference in dataset.references_to(table.name):
        needed.update(dict.fromkeys(reference.to_columns))
    for way in ways:
        if way.source and way.source[0] == table.name:
            needed.update(dict.fromkeys(way.source[1]))
    strategies = [*table.owned().items(), *((name, one.strategy) for one in table.named for name in one.columns)]
    for name, strategy in strategies:
        if strategy.kind in _CHANGING:
            needed[name] = None
        if strategy.since:
            needed[strategy.since] = None
    needed.update(dict.fromkeys(name for name in extra if name in table.columns))
    null = [name for name, one in strategies if StrategyKind.NULL in {one.kind, one.then}]
    return Sought(table.name, tuple(needed), tuple(dict.fromkeys(null)))


class _Walk:
    """One walk on its way."""

    def __init__(self, dataset: Dataset, rows: Rows, trail: Trail, extra: Iterable[str]) -> None:
        self._dataset = dataset
        self._rows = rows
        self.reach = Reach(Trail(), {name: {} for name in dataset.tables})
        into = {table.name: ways_into(dataset, table) for table in dataset.tables.values()}
        ways = [way for ways in into.values() for way in ways]
        self._by_kind: dict[str, list[Way]] = {}
        self._by_source: dict[_Source, list[Way]] = {}
        for way in ways:
            if way.source:
                self._by_source.setdefault(way.source, []).append(way)
            else:
                self._by_kind.setdefault(way.kind, []).append(way)
        wanted = list(extra)
        self._sought = {name: _sought(dataset, one, ways, wanted) for name, one in dataset.tables.items()}
        self._given = {kind: {self._fold(kind, one) for one in values} for kind, values in trail.identities.items()}
        self._front: list[tuple[Way, list[Key]]] = []
        self._weak: dict[tuple[str, str], bool] = {}
        self._elsewhere: set[tuple[TableName, Key]] = set()
        self._looks = 0
        for kind, values in trail.identities.items():
            for value in values:
                self._learn(kind, value)
        for source, keys in trail.keys.items():
            self._learn_keys(source, keys)

    def _fold(self, kind: str, value: str) -> str:
        known = self._dataset.identities.get(kind)
        return folded(known.item if known else None, value)

    def _learn(self, kind: str, value: str) -> None:
        """Take an identity in: strong ones are sought next, weak ones once all strong ones are done."""
        known = self._dataset.identities.get(kind)
        plain = self._fold(kind, value)
        if not plain:
            return
        values = self.reach.trail.identities.setdefault(kind, {})
        if value in values or known is None:  # a kind that only another database knows is remembered for that one
            values[value] = None
            return
        values[value] = None
        if known.weak:
            self._weak.setdefault((kind, plain), False)
            return
        for way in self._by_kind.get(kind, ()):
            self._front.append((way, [(one,) for one in spellings(known.item, value)]))

    def _learn_keys(self, source: _Source, keys: Iterable[Key]) -> None:
        known = self.reach.trail.keys.setdefault(source, {})
        fresh = [key for key in keys if key not in known and all(one is not None and one != "" for one in key)]
        known.update(dict.fromkeys(fresh))
        if fresh:
            self._front += [(way, fresh) for way in self._by_source.get(source, ())]

    def _find(self, way: Way, values: Sequence[Key]) -> list[ReachedRow]:
        """Return the rows of a way, whether they were reached before or not."""
        sought = self._sought[way.table]
        key = self._dataset.tables[way.table].key or sought.fetch  # without a key a row is what was read of it
        held = self.reach.rows[way.table]
        found: dict[Key, ReachedRow] = {}
        for batch in batches(values):
            for row in self._rows.find(sought, way.columns, batch):
                told = dict(zip(sought.fetch, row, strict=False))
                there = dict(zip(sought.present, row[len(sought.fetch) :], strict=True))
                name = tuple(told[column] for column in key)
                found[name] = held.get(name) or ReachedRow(way.table, name, told, there)
                if len(found) > self._dataset.most_rows:
                    self.reach.strayed = Strayed("many", way.table, str(self._dataset.most_rows))
                    return []
        return list(found.values())

    def _take(self, row: ReachedRow, party: str) -> None:
        """Count a row as reached; what an owner's row says about them is learned."""
        held = self.reach.rows[row.table]
        held[row.key] = row
        if len(held) > self._dataset.most_rows:
            self.reach.strayed = Strayed("many", row.table, str(self._dataset.most_rows))
        if party in row.parties:
            return
        row.parties.add(party)
        if party != OWNER:
            return
        table = self._dataset.tables[row.table]
        for name, column in table.columns.items():
            value = row.values.get(name)
            if column.identity and value is not None:
                self._check_one(row.table, column.identity, str(value))
                self._learn(column.identity, str(value))
        for source in self._by_source:
            if source[0] == row.table:
                self._learn_keys(source, [tuple(row.values[name] for name in source[1])])

    def _check_one(self, table: TableName, kind: str, value: str) -> None:
        plain = self._fold(kind, value)
        if not plain or not self._dataset.identities[kind].one:
            return
        allowed = self._given.setdefault(kind, {plain})
        if plain not in allowed:
            self.reach.strayed = Strayed("one", table, kind)

    def run(self) -> Reach:
        """Walk to the end, or until the walk has strayed."""
        self._follow()
        while self.reach.strayed is None and self._weigh():
            self._follow()
        if self.reach.strayed is None:
            self._last_holders()
        return self.reach

    def _follow(self) -> None:
        """Walk from everything strong that is known, until nothing new is found or the walk has strayed."""
        while self._front and self.reach.strayed is None:
            way, values = self._front.pop()
            for row in self._find(way, values):
                self._take(row, way.party)

    def _weigh(self) -> bool:
        """Look at every weak identity that is not settled; return true if one of them led further."""
        self.reach.contested, self.reach.others = [], set()
        further = False
        for (kind, plain), settled in list(self._weak.items()):
            if settled:
                continue
            item = self._dataset.identities[kind].item
            written = [one for one in self.reach.trail.identities[kind] if self._fold(kind, one) == plain]
            keys = [(one,) for one in dict.fromkeys(s for value in written for s in spellings(item, value))]
            found = [(way, row) for way in self._by_kind.get(kind, ()) for row in self._find(way, keys)]
            fresh = [(way, row) for way, row in found if way.party not in row.parties]
            if any(way.party == OWNER and self._says_whose(row) for way, row in fresh):
                self.reach.others.add((kind, plain))
                self.reach.contested += self._contested(fresh)
                continue
            self._weak[kind, plain] = True
            further = True
            for way, row in fresh:
                self._take(row, way.party)
        return further

    def _contested(self, fresh: Iterable[tuple[Way, ReachedRow]]) -> list[Contested]:
        """Return what is left of rows that a weak identity found: all that nothing shows to be somebody else's."""
        left: dict[tuple[TableName, tuple[str, ...], tuple[str, ...]], int] = {}
        for way, row in fresh:
            unknown = self._says_whose(row) if way.party == OWNER else ()
            if not unknown or not self._is_somebody_elses(row):
                place = (way.table, way.columns, unknown)
                left[place] = left.get(place, 0) + 1
        return [Contested(table, columns, rows, unknown) for (table, columns, unknown), rows in left.items()]

    def _says_whose(self, row: ReachedRow) -> tuple[str, ...]:
        """Return the columns by which a row says itself whose it is: strong identities, references of the person."""
        table = self._dataset.tables[row.table]
        strong: list[tuple[str, ...]] = [
            (name,)
            for name, one in table.columns.items()
            if one.identity and not self._dataset.identities[one.identity].weak
        ]
        strong += [reference.columns for reference in table.references if reference.of_person]
        said = [columns for columns in strong if all(row.values.get(name) not in (None, "") for name in columns)]
        return tuple(dict.fromkeys(name for columns in said for name in columns))

    def _is_somebody_elses(self, row: ReachedRow) -> bool:
        """True if a row, or what a walk from it reaches as if it were this person's, leads to somebody else."""
        place = (row.table, row.key)
        if place in self._elsewhere or self._holds_another(row):
            return True
        if self._looks < _MOST_LOOKS:
            self._looks += 1
            there = _Walk(self._dataset, self._rows, Trail(), ())
            there._given = {kind: set(values) for kind, values in self._given.items()}
            there._take(replace(row, parties=set()), OWNER)
            there._follow()
            stray = there.reach.strayed
            if stray is not None and stray.code == "one" and stray.about in self._given:
                met = (one for rows in there.reach.rows.values() for one in rows.values() if one.owned)
                self._elsewhere.update((one.table, one.key) for one in met)
        return place in self._elsewhere

    def _holds_another(self, row: ReachedRow) -> bool:
        """True if a row holds another value of a kind of which a person has one and this person's is known."""
        kinds = {name: one.identity for name, one in self._dataset.tables[row.table].columns.items() if one.identity}
        return any(
            self._dataset.identities[kind].one
            and self._given.get(kind)
            and (plain := self._fold(kind, str(row.values.get(name) or "")))
            and plain not in self._given[kind]
            for name, kind in kinds.items()
        )

    def _last_holders(self) -> None:
        """Reach shared rows to which nothing refers any more but rows of the person."""
        for table in self._dataset.tables.values():
            if not table.goes_with_last:
                continue
            pointing = list(self._dataset.references_to(table.name))
            wanted = {
                (reference.to_columns, tuple(row.values[name] for name in reference.columns))
                for other, reference in pointing
                for row in self.reach.of(other.name)
                if row.owned
            }
            wanted |= {
                (source[1], key)
                for source, keys in self.reach.trail.keys.items()
                if source[0] == table.name
                for key in keys
            }
            for columns, value in wanted:
                if None not in value:
                    self._take_if_last(table, columns, value)

    def _take_if_last(self, table: DescribedTable, columns: tuple[str, ...], value: Key) -> None:
        for other, reference in self._dataset.references_to(table.name):
            if reference.to_columns == columns:
                holding = self._find(Way(other.name, reference.columns, OWNER), [value])
                if any(not row.owned for row in holding):
                    return
        self.reach.trail.keys.setdefault((table.name, columns), {})[value] = None
        for row in self._find(Way(table.name, columns, OWNER), [value]):
            row.shared = True
            row.parties.add(OWNER)
            self.reach.rows[table.name][row.key] = row


def walk(dataset: Dataset, rows: Rows, trail: Trail, extra: Iterable[str] = ()) -> Reach:
    """Return every row about the person of ``trail``; ``extra`` are columns that are read besides.

    The trail of the result holds what was given and what was learned on the way.
    """
    return _Walk(dataset, rows, trail, extra).run()
