"""In which order a plan is carried out, and what the database would do beyond it.

Laws of this file. Children go before parents; a cycle of foreign keys is broken where a column may be null, in rows
that go anyway. Whatever still refers to a row that goes, and neither goes nor lets go by plan, stands in the way:
whether the database would refuse, cascade or null it makes no difference, because nobody planned it.

Called by: ``act``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shouxin.operations.downstream.dataset import Dataset, TableName
from shouxin.operations.downstream.plan import Obstacle, RowPlan, Step
from shouxin.operations.downstream.rows import Key, Rows, Sought, batches
from shouxin.operations.downstream.schema import LiveKey, LiveSchema
from shouxin.operations.downstream.walk import ReachedRow

__all__ = ["beyond_the_plan", "put_in_order"]

_WHAT = {
    "CASCADE": "cascades",
    "SET NULL": "sets-null",
    "SET DEFAULT": "sets-default",
}


def _foreign(live: LiveSchema) -> Iterator[tuple[str, LiveKey]]:
    """Yield every foreign key with its table."""
    for name, table in live.tables.items():
        yield from ((name, key) for key in table.foreign)


def _targets(rows: Mapping[Key, ReachedRow], key: LiveKey) -> list[Key]:
    found = {tuple(row.values.get(column) for column in key.to_columns) for row in rows.values()}
    return [one for one in found if None not in one]


def beyond_the_plan(dataset: Dataset, live: LiveSchema, rows: Rows, plan: RowPlan) -> list[Obstacle]:
    """Return what refers to rows that go, and neither goes nor is nulled by the plan. Asks the database."""
    found: list[Obstacle] = []
    for name, key in _foreign(live):
        parents = plan.going.get(TableName(key.to), {})
        if not parents:
            continue
        table = dataset.tables.get(TableName(name))
        left = 0
        for batch in batches(_targets(parents, key)):
            if table is None or not table.key:
                left += rows.count(name, key.columns, batch)
                continue
            for child in rows.find(Sought(name, table.key), key.columns, batch):
                goes = child in plan.going.get(table.name, {})
                let_go = plan.changed.get(table.name, {}).get(child, {})
                left += not goes and not any(column in let_go for column in key.columns)
        if left:
            code = _WHAT.get(key.on_delete, "still-referenced")
            to_do = (
                f"rows of {name} refer by {', '.join(key.columns)} to rows of {key.to} that would go: "
                "describe them to go too, to let go (null), or keep both"
            )
            found.append(Obstacle(code, name, left, to_do))
    return found


def put_in_order(dataset: Dataset, live: LiveSchema, plan: RowPlan) -> None:
    """Fill ``plan.steps``; what cannot be ordered becomes an obstacle."""
    for changes in (plan.changed, plan.flags):
        for name, rows in changes.items():
            plan.steps += _changes(name, rows)
    left = [name for name, rows in plan.going.items() if rows]
    edges = {
        (TableName(name), key) for name, key in _foreign(live) if name in left and key.to in left and name != key.to
    }
    while left:
        free = next((name for name in left if not any(key.to == name for _, key in edges)), None)
        if free is None:
            broken = next(
                ((name, key) for name, key in sorted(edges, key=str) if _nullable(dataset, live, name, key)), None
            )
            if broken is None:
                to_do = f"make a foreign key between {', '.join(sorted(left))} nullable"
                plan.obstacles.append(Obstacle("cycle", left[0], len(plan.going[left[0]]), to_do))
                return
            plan.steps.append(_let_go(dataset, live, plan, *broken))
            edges.discard(broken)
            continue
        plan.steps += _deletions(dataset, live, plan, free)
        left.remove(free)
        edges = {(name, key) for name, key in edges if name != free}


def _changes(name: TableName, rows: Mapping[Key, Mapping[str, object]]) -> list[Step]:
    """Rows that get the same values in one step."""
    together: dict[tuple[tuple[str, object], ...], list[Key]] = {}
    for key, values in rows.items():
        together.setdefault(tuple(sorted(values.items())), []).append(key)
    return [Step(name, tuple(keys), dict(values)) for values, keys in together.items()]


def _nullable(dataset: Dataset, live: LiveSchema, name: str, key: LiveKey) -> list[str]:
    """Return the columns of a foreign key that may be null; one is enough to let go (SQL: MATCH SIMPLE)."""
    columns = live.tables[name].columns
    own = dataset.tables[TableName(name)].key
    return [one for one in key.columns if one not in own and columns[one].nullable and not columns[one].made]


def _let_go(dataset: Dataset, live: LiveSchema, plan: RowPlan, name: TableName, key: LiveKey) -> Step:
    nulls: dict[str, object] = dict.fromkeys(_nullable(dataset, live, name, key))
    return Step(name, tuple(plan.going[name]), nulls)


def _deletions(dataset: Dataset, live: LiveSchema, plan: RowPlan, name: TableName) -> list[Step]:
    """Delete the rows of one table; those that refer to one another let go first, or go in waves."""
    rows = plan.going[name]
    own = [key for key in live.tables[name].foreign if key.to == name]
    if not own:
        return [Step(name, tuple(rows))]
    firm = [key for key in own if not _nullable(dataset, live, name, key)]
    steps = [_let_go(dataset, live, plan, name, key) for key in own if key not in firm]
    left = dict(rows)
    while firm and left:
        held = {
            (*(row.values.get(column) for column in key.columns), key.to_columns)
            for row in left.values()
            for key in firm
            if not _points_at_itself(row, key)
        }
        wave = [
            one
            for one, row in left.items()
            if not any((*(row.values.get(column) for column in key.to_columns), key.to_columns) in held for key in firm)
        ]
        if not wave:
            to_do = f"rows of {name} refer to one another in a circle: make the column nullable"
            plan.obstacles.append(Obstacle("cycle", name, len(left), to_do))
            return steps
        steps.append(Step(name, tuple(wave)))
        left = {one: row for one, row in left.items() if one not in set(wave)}
    return steps if firm else [*steps, Step(name, tuple(rows))]


def _points_at_itself(row: ReachedRow, key: LiveKey) -> bool:
    return [row.values.get(one) for one in key.columns] == [row.values.get(one) for one in key.to_columns]
