"""Correct and freeze a person in one of the lender's databases: the same walk, one transaction, the same read-back.

Laws of this file. A correction sets a column of whoever it is about: of a row about the person all but what names
somebody else in it, of a row that names the person only what names them. Only rows about the person are frozen. A
table that has no flag cannot be frozen, and that is ``failed`` with what to do, because a freeze that nobody honours
is none (PIPL 47(2)).

Called by: ``across``. **Source:** PIPL 46 (correct and complete), 47(2) (store and protect only).
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
from shouxin.operations.downstream.report import Amended, Report, TablePart, about, blocked, refused, strayed
from shouxin.operations.downstream.rows import Database, Key, Rows
from shouxin.operations.downstream.schema import compare
from shouxin.operations.downstream.spelling import folded
from shouxin.operations.downstream.walk import Reach, ReachedRow, Trail, walk

__all__ = ["Correction", "correct_downstream", "freeze_downstream"]

# What to set in one row: column -> value; empty where it is so already.
_Wish = Callable[[DescribedTable, ReachedRow], Mapping[str, object]]
# Table -> party (or ``OWNER``) -> columns.
_Holding = Mapping[TableName, Mapping[str, list[str]]]
# Where a row names somebody as a contact, what is theirs has an item of its own.
_AS_CONTACT: Final = {
    ItemCode("identity.name"): ItemCode("emergency.name"),
    ItemCode("contact.mobile"): ItemCode("emergency.mobile"),
}


@dataclass(frozen=True, slots=True)
class Correction:
    """An item and its right ``value``; with ``was``, only where that stands now (a history keeps its other values)."""

    item: ItemCode
    value: str = field(repr=False)
    was: str | None = field(default=None, repr=False)


def _amend(
    database: Database, dataset: Dataset, trail: Trail, columns: list[str], wish: _Wish, told: Amended
) -> Report:
    """Set what ``wish`` says in every row reached; durable and read back on return."""
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
    return _amend(database, dataset, known, sorted(set().union(*every.values())), wish, Amended.CORRECTED)


def freeze_downstream(database: Database, dataset: Dataset, trail: Trail, *, frozen: bool = True) -> Report:
    """Raise (or lower) the freeze flag of every row about the person.

    A table of theirs without a flag, its own or the one it is ``frozen_with``, is ``failed``.
    """
    flags = sorted({one.freeze.column for one in dataset.tables.values() if one.freeze})

    def wish(table: DescribedTable, row: ReachedRow) -> Mapping[str, object]:
        if table.freeze is None or not row.owned:
            return {}
        wanted = table.freeze.value if frozen else table.freeze.free
        held = row.values.get(table.freeze.column)
        return {} if held == wanted else {table.freeze.column: wanted}

    told = Amended.FROZEN if frozen else Amended.RELEASED
    report = _amend(database, dataset, trail, flags, wish, told)
    missing: list[TablePart] = []
    for name, table in dataset.tables.items():
        flagged = table.freeze is not None or report.after.get(table.frozen_with, 0) > 0
        if frozen and table.personal and not flagged and report.after.get(name):
            to_do = "add a flag column that every reader of this table honours, or name the table it is frozen_with"
            missing.append(refused(name, report.after[name], "cannot be frozen here", to_do))
    return Report(
        report.dataset, report.digest, (*report.parts, *missing), report.before, report.after, report.rounds,
        trail=report.trail,
    )  # fmt: skip
