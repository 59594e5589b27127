"""Correct and freeze a person in one of the lender's databases: the same walk, one transaction, the same read-back.

Laws of this file. A correction sets a column of whoever it is about: of a row about the person all but what names
somebody else in it, of a row that names the person only what names them. Only rows about the person are frozen. A
table that has no flag cannot be frozen, and that is ``failed`` with what to do, because a freeze that nobody honours
is none (PIPL 47(2)). Of the flags that are up a release lowers those that the freeze had raised: what a floor or the
lender's own programs froze stays so.

Called by: ``amend_systems``. **Source:** PIPL 46 (correct and complete), 47(2) (store and protect only).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.errors import OperatorError
from shouxin.operations.downstream.act import carry_out
from shouxin.operations.downstream.dataset import OWNER, Dataset, DescribedTable, TableName
from shouxin.operations.downstream.plan import Step
from shouxin.operations.downstream.report import (
    Amended,
    Report,
    TablePart,
    about,
    blocked,
    contested,
    refused,
    strayed,
)
from shouxin.operations.downstream.rows import Database, Key, Rows
from shouxin.operations.downstream.schema import compare
from shouxin.operations.downstream.spelling import folded
from shouxin.operations.downstream.walk import Reach, ReachedRow, Trail, walk
from shouxin.vault.erasure import Outcome

__all__ = ["Correction", "correct_downstream", "flags_to_raise", "freeze_downstream"]

# What to set in one row: column -> value; empty where it is so already.
_Wish = Callable[[DescribedTable, ReachedRow], Mapping[str, object]]
# Table -> party (or ``OWNER``) -> columns.
_Holding = Mapping[TableName, Mapping[str, list[str]]]
# Where a row names somebody as a contact, what is theirs has an item of its own.
_AS_CONTACT: Final = {
    ItemCode("identity.name"): ItemCode("emergency.name"),
    ItemCode("contact.mobile"): ItemCode("emergency.mobile"),
}


_NOT_OURS: Final = "a floor or somebody else froze these rows: see what keeps them before you lower the flag by hand"


@dataclass(frozen=True, slots=True)
class Correction:
    """An item and its right ``value``; with ``was``, only where that stands now (a history keeps its other values)."""

    item: ItemCode
    value: str = field(repr=False)
    was: str | None = field(default=None, repr=False)


def _amend(
    database: Database,
    dataset: Dataset,
    trail: Trail,
    columns: list[str],
    wish: _Wish,
    told: Amended,
    concerns: Callable[[DescribedTable], bool],
) -> Report:
    """Set what ``wish`` says in every row reached; durable and read back on return.

    Rows of the tables that this ``concerns`` and of which nobody can say whose they are were left, and are said.
    """
    known = trail.copy()
    try:
        blocking = blocked(compare(dataset, database.schema(dataset)))
        if blocking:
            return Report(dataset.name, dataset.digest, blocking, trail=known)
        before, done = database.transact(lambda rows: _round(dataset, rows, known, columns, wish))
        if before.strayed is not None:
            return Report(dataset.name, dataset.digest, (strayed(before.strayed),), trail=known)
        known = before.trail
        after = database.read(lambda rows: walk(dataset, rows, known, columns))
    except OperatorError as error:
        return Report(dataset.name, dataset.digest, (about(error),), trail=known)
    parts = [] if after.strayed is None else [strayed(after.strayed)]
    parts += [contested(one) for one in after.contested if concerns(dataset.tables[one.table])]
    for name in dataset.tables:
        left = sum(bool(wish(dataset.tables[name], row)) for row in after.of(name))
        if left:
            to_do = "something writes these rows: stop what syncs into this table, then run again"
            parts.append(refused(name, left, "read-back: rows are there that should be changed", to_do))
        elif done.get(name):
            parts.append(TablePart(name, told, done[name]))
    counts = {str(name): len(rows) for name, rows in before.rows.items() if rows}
    left_over = {str(name): len(rows) for name, rows in after.rows.items() if rows}
    return Report(dataset.name, dataset.digest, tuple(parts), counts, left_over, 1, trail=after.trail)


def _round(
    dataset: Dataset, rows: Rows, trail: Trail, columns: list[str], wish: _Wish
) -> tuple[Reach, dict[TableName, int]]:
    reach = walk(dataset, rows, trail, columns)
    steps: list[Step] = []
    done: dict[TableName, int] = {}
    if reach.strayed is not None:
        return reach, done
    for name, table in dataset.tables.items():
        together: dict[tuple[tuple[str, object], ...], list[Key]] = {}
        for row in reach.of(name):
            values = wish(table, row) if table.key else {}
            if values:
                together.setdefault(tuple(sorted(values.items())), []).append(row.key)
        steps += [Step(name, tuple(keys), dict(values)) for values, keys in together.items()]
        done[name] = sum(map(len, together.values()))
    carry_out(dataset, rows, steps)
    return reach, done


def _holding(table: DescribedTable, item: ItemCode) -> dict[str, list[str]]:
    """Return the columns that hold ``item``, by whose it is there: the owner's, or that of whom the row names."""
    named = {column for party in table.named for column in party.columns}
    as_named = {item, _AS_CONTACT.get(item, item)}
    found = {OWNER: [name for name, one in table.columns.items() if one.item == item and name not in named]}
    for party in table.named:
        found[party.name] = [name for name in party.columns if table.columns[name].item in as_named]
    return found


def _with_right_value(dataset: Dataset, trail: Trail, holding: _Holding, value: str) -> Trail:
    """Return the trail of somebody whom the right value identifies from now on."""
    known = trail.copy()
    for name, table in dataset.tables.items():
        kinds = {OWNER: {column: one.identity for column, one in table.columns.items()}}
        kinds |= {party.name: dict(party.identities) for party in table.named}
        for party, columns in holding[name].items():
            for kind in filter(None, (kinds[party].get(column) for column in columns)):
                known.identities.setdefault(kind, {})[value] = None
    return known


def correct_downstream(database: Database, dataset: Dataset, trail: Trail, correction: Correction) -> Report:
    """Set an item to its right value in every row about the person, and where a row names them."""
    item, value, was = correction.item, correction.value, correction.was
    holding = {name: _holding(table, item) for name, table in dataset.tables.items()}
    every = {name: {one for columns in found.values() for one in columns} for name, found in holding.items()}
    keys = [name for name, table in dataset.tables.items() if every[name] & set(table.key)]
    if keys:
        to_do = "a key cannot be corrected in place: move the rows by hand"
        part = refused(keys[0], 0, f"{item} is in the key", to_do)
        return Report(dataset.name, dataset.digest, (part,), trail=trail.copy())

    def wish(table: DescribedTable, row: ReachedRow) -> Mapping[str, object]:
        wrong: dict[str, object] = {}
        for party in row.parties:
            for name in holding[table.name][party]:
                held = row.values.get(name)
                asked = was is None or (held is not None and folded(item, str(held)) == folded(item, was))
                missing = held is None and party == OWNER  # what a row does not say of whom it names stays unsaid
                if asked and (missing or (held is not None and str(held).rstrip() != value)):
                    wrong[name] = value
        return wrong

    known = _with_right_value(dataset, trail, holding, value)
    return _amend(
        database,
        dataset,
        known,
        sorted(set().union(*every.values())),
        wish,
        Amended.CORRECTED,
        lambda table: bool(every[table.name]),
    )


def _flags_of(dataset: Dataset) -> list[str]:
    return sorted({one.freeze.column for one in dataset.tables.values() if one.freeze})


def _unlike(table: DescribedTable, row: ReachedRow, *, frozen: bool) -> Mapping[str, object]:
    """Return what to set in the flag of a row about the person; empty where it is so already, or has none."""
    if table.freeze is None or not row.owned:
        return {}
    wanted = table.freeze.value if frozen else table.freeze.free
    return {} if row.values.get(table.freeze.column) == wanted else {table.freeze.column: wanted}


def flags_to_raise(database: Database, dataset: Dataset, trail: Trail) -> list[tuple[TableName, Key]]:
    """Return the rows whose flag a freeze would raise; changes nothing, and says nothing of what cannot be asked."""
    try:
        if blocked(compare(dataset, database.schema(dataset))):
            return []
        reach = database.read(lambda rows: walk(dataset, rows, trail.copy(), _flags_of(dataset)))
    except OperatorError:
        return []  # the freeze itself says so
    tables = dataset.tables.items()
    return [(name, row.key) for name, table in tables for row in reach.of(name) if _unlike(table, row, frozen=True)]


def freeze_downstream(
    database: Database,
    dataset: Dataset,
    trail: Trail,
    *,
    frozen: bool = True,
    ours: Callable[[TableName, Key], bool] = lambda _table, _key: True,
) -> Report:
    """Raise the freeze flag of every row about the person, or lower it where the freeze that ends had raised it.

    A table of theirs without a flag, its own or the one it is ``frozen_with``, is ``failed``. A flag that somebody else
    raised (``ours`` says no) is ``retained``.
    """
    others: dict[TableName, set[Key]] = {}

    def wish(table: DescribedTable, row: ReachedRow) -> Mapping[str, object]:
        wrong = _unlike(table, row, frozen=frozen)
        if wrong and not frozen and not ours(table.name, row.key):
            others.setdefault(table.name, set()).add(row.key)
            return {}
        return wrong

    told = Amended.FROZEN if frozen else Amended.RELEASED
    report = _amend(database, dataset, trail, _flags_of(dataset), wish, told, lambda table: frozen and table.personal)
    missing = [
        TablePart(name, Outcome.RETAINED, len(keys), frozen=len(keys), to_do=_NOT_OURS) for name, keys in others.items()
    ]
    for name, table in dataset.tables.items():
        flagged = table.freeze is not None or report.after.get(table.frozen_with, 0) > 0
        if frozen and table.personal and not flagged and report.after.get(name):
            to_do = "add a flag column that every reader of this table honours, or name the table it is frozen_with"
            missing.append(refused(name, report.after[name], "cannot be frozen here", to_do))
    return Report(
        report.dataset, report.digest, (*report.parts, *missing), report.before, report.after, report.rounds,
        trail=report.trail,
    )  # fmt: skip
