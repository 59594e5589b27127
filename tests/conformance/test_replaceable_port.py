"""The port of tables whose columns become tokens (``replace_columns.Replaceable``): one suite over every driver.

A driver's line makes a table ``applicant`` with six invented people in a fresh database, and returns what replaces its
columns and the engine by which a program of the lender sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import pytest
import sqlalchemy as sa

from shouxin.connectors.sources.replaced_columns import ReplacedColumns
from shouxin.errors import Invalid, Misconfigured, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.intake_source import SourceRecord
from shouxin.operations.collecting.replaceable import Replaceable, Replaced, Stays
from shouxin.policy.source import SqlAddress
from tests.connectors.sources.test_sql_table import ORDER, filled
from tests.databases import Fresh, postgresql

__all__ = ["postgresql"]

Made = tuple[Replaceable, sa.Engine]
COLUMNS: Final = ("full_name", "phone")


def _postgresql(fresh: Fresh) -> Made:
    dsn = fresh()
    engine = filled(dsn, range(1, 7))
    return ReplacedColumns(SqlAddress(dsn, "applicant", ORDER)), engine


REPLACEABLES: Final[dict[str, Callable[[Fresh], Made]]] = {"postgresql": _postgresql}


@pytest.fixture(params=list(REPLACEABLES.values()), ids=list(REPLACEABLES))
def made(request: pytest.FixtureRequest, postgresql: Fresh) -> Iterator[Made]:
    """Each driver's table in turn."""
    table, engine = request.param(postgresql)
    yield table, engine
    table.close()
    engine.dispose()


def _exchange(rows: Sequence[SourceRecord]) -> list[Mapping[str, str] | Stays]:
    """A token for every value, but none for the person numbered 3."""
    values = [row.fields.reveal() for row in rows]
    return [
        Stays.CHANGED if row["phone"].endswith("3") else {one: f"t-{row[one]}" for one in COLUMNS} for row in values
    ]


def _seen(engine: sa.Engine) -> list[tuple[str, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT full_name, phone FROM applicant ORDER BY id")]


def _names(engine: sa.Engine) -> set[str]:
    return {one["name"] for one in sa.inspect(engine).get_columns("applicant")}


def test_values_become_tokens_and_who_has_none_keeps_theirs(made: Made) -> None:
    """Rows are counted, every other value is exchanged, and the replacement waits."""
    table, engine = made
    before = _seen(engine)
    assert not table.waiting(COLUMNS)
    assert table.replace(COLUMNS, COLUMNS, _exchange) == Replaced(5, changed=1)
    assert _seen(engine) == [row if row[1].endswith("3") else tuple(f"t-{value}" for value in row) for row in before]
    assert table.waiting(COLUMNS)


def test_rolled_back_all_is_as_before_but_what_was_written_since(made: Made) -> None:
    """Values come back where their token stands; another's value stays and is counted; nothing is left beside."""
    table, engine = made
    before, names = _seen(engine), _names(engine)
    table.replace(COLUMNS, COLUMNS, _exchange)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET phone = 'later' WHERE id = 5")
    assert table.roll_back(COLUMNS) == 1
    assert _seen(engine) == [*before[:4], (before[4][0], "later"), before[5]]
    assert (_names(engine), table.waiting(COLUMNS)) == (names, False)


def test_confirmed_nothing_stands_beside_the_tokens(made: Made) -> None:
    """The columns are as many as before, the tokens stay, and nothing waits."""
    table, engine = made
    names = _names(engine)
    table.replace(COLUMNS, COLUMNS, _exchange)
    tokens = _seen(engine)
    assert [table.confirm(COLUMNS) for _ in range(2)] == [0, 0]
    assert table.waiting(COLUMNS)
    with pytest.raises(NotInThisState, match="confirm again"):
        table.roll_back(COLUMNS)
    for _ in range(2):
        table.conclude(COLUMNS)
    assert (_seen(engine), _names(engine), table.waiting(COLUMNS)) == (tokens, names, False)


def test_a_value_without_a_token_stays_and_what_is_empty_stays_empty(made: Made) -> None:
    """Of a row only what has a token is exchanged; an empty text is no missing one; rolled back all is as before."""
    table, engine = made
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET full_name = '' WHERE id = 2")
    before = _seen(engine)

    def phones(rows: Sequence[SourceRecord]) -> list[Mapping[str, str] | Stays]:
        return [{"phone": f"t-{row.fields.reveal()['phone']}"} for row in rows]

    assert table.replace(COLUMNS, COLUMNS, phones) == Replaced(6, values=5)
    assert _seen(engine) == [(name, f"t-{phone}") for name, phone in before]
    assert table.roll_back(COLUMNS) == 0
    assert _seen(engine) == before


def test_rows_that_their_key_does_not_tell_apart_are_not_touched(made: Made) -> None:
    """Two rows of one name would get one another's tokens, and one's values would be lost: nothing is changed."""
    table, engine = made
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE applicant DROP CONSTRAINT applicant_pkey")
        connection.exec_driver_sql(
            "UPDATE applicant SET (updated, id) = (SELECT updated, id FROM applicant WHERE id=1)"
        )
    before, names = _seen(engine), _names(engine)
    with pytest.raises(Misconfigured, match="apart"):
        table.replace(COLUMNS, COLUMNS, _exchange)
    dsn = engine.url.render_as_string(hide_password=False)
    told_wrong = ReplacedColumns(SqlAddress(dsn, "applicant", ORDER, key=("id",)))  # what the register says is not so
    with pytest.raises(StoreUnavailable, match="apart"):
        told_wrong.replace(COLUMNS, COLUMNS, _exchange)
    told_wrong.close()
    assert (_seen(engine), _names(engine), table.waiting(COLUMNS)) == (before, names, False)


def test_who_fails_in_the_middle_changes_nothing(made: Made) -> None:
    """An exchange that raises, and a column that is not there: the table is as it was, and nothing waits."""
    table, engine = made
    before, names = _seen(engine), _names(engine)

    def broken(_rows: Sequence[SourceRecord]) -> list[Mapping[str, str] | Stays]:
        raise Invalid("no token for this", "phone")

    with pytest.raises(Invalid, match="no token"):
        table.replace(COLUMNS, COLUMNS, broken)
    with pytest.raises(Invalid, match="nickname"):
        table.replace(("phone", "nickname"), COLUMNS, _exchange)
    assert (_seen(engine), _names(engine), table.waiting(COLUMNS)) == (before, names, False)
