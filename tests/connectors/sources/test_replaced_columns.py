from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.connectors.sources.replaced_columns import ReplacedColumns
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.detection.checksums import id_number_is_valid
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotInThisState, StoreUnavailable
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.replace_columns import confirm_replacement, replace_columns, roll_back_replacement
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from shouxin.policy.source import SqlAddress
from tests import recorded, workspaces
from tests.connectors.sources.test_sql_table import ORDER, SQL_PLAN, add, filled, source_of
from tests.databases import Fresh, postgresql
from tests.plans import approved, person_line

__all__ = ["postgresql"]

PLAN = SQL_PLAN.replace('mode = "copy"', 'mode = "replace"').replace("purge_days = 7\n", "")
PLAN = PLAN.replace('amount = "credit.amount"\n', "").replace(', "credit.amount"]', "]")
NUMBERLESS = PLAN.replace('id_no = "identity.id_number"\n', "").replace('"identity.id_number", ', "")
ROWS = "SELECT id, full_name, id_no, phone FROM applicant ORDER BY id"


class Bank:
    """A lender whose loan system's rows were taken in under a plan to replace them."""

    def __init__(self, folder: Path, dsn: str, count: int = 12, plan: str = PLAN) -> None:
        self.dsn, self.engine = dsn, filled(dsn, range(1, count + 1))
        self.home: Workspace = workspaces.ready(folder)
        self.home_card()
        self.collector, _ = approved(self.home, plan, source_of(dsn))
        address = SqlAddress(dsn, "applicant", ORDER)
        self.source, self.table = SqlTable(address), ReplacedColumns(address)

    def home_card(self) -> None:
        """Adopt a version of the card that allows look-ups."""
        text = workspaces.CARD.replace("version = 1", "version = 2\nlook_ups_an_hour = 1000")
        workspaces.adopt(self.home, workspaces.signed_in(self.home, "dpo"), text)

    def say(self, *statements: str) -> None:
        """Do what a program of the lender does to the table."""
        with self.engine.begin() as connection:
            for one in statements:
                connection.exec_driver_sql(one)

    def rows(self) -> list[tuple[object, ...]]:
        """Return the table as a program of the lender sees it."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(ROWS)]

    def columns(self) -> set[str]:
        """Return the names of the table's columns."""
        return {one["name"] for one in sa.inspect(self.engine).get_columns("applicant")}

    def close(self) -> None:
        """Let go of both."""
        self.source.close()
        self.table.close()
        self.engine.dispose()


@pytest.fixture
def bank(tmp_path: Path, postgresql: Fresh) -> Iterator[Bank]:
    """A lender with twelve applicants, sealed, their columns not yet replaced."""
    made = Bank(tmp_path, postgresql())
    assert run_plan(made.home, made.collector, "applications", made.source).run.taken == 12
    yield made
    made.close()


def test_columns_become_tokens_and_the_door_leads_back(bank: Bank) -> None:
    """Same shape, nobody's number, and the person is found by the token and opened through the door only."""
    before = bank.rows()
    done = replace_columns(bank.home, bank.collector, "applications", bank.table)
    assert (done.rows, done.kept) == (12, 0)
    after = bank.rows()
    for old, new in zip(before, after, strict=True):
        assert old[0] == new[0]
        for was, now in zip(map(str, old[1:]), map(str, new[1:]), strict=True):
            assert was != now
            assert [(c.isdigit(), c.isalpha()) for c in was] == [(c.isdigit(), c.isalpha()) for c in now]
        assert not id_number_is_valid(str(new[2]))
        assert str(new[3])[:2] in {"10", "11", "12"}
    analyst = workspaces.signed_in(bank.home, "analyst")
    for item, at in ((workspaces.MOBILE, 3), (workspaces.ID_NUMBER, 2)):
        (who,) = look_up(bank.home, analyst, workspaces.PURPOSE, item, Plaintext.of(str(after[4][at])))
        (same,) = look_up(bank.home, analyst, workspaces.PURPOSE, item, Plaintext.of(str(before[4][at])))
        assert who == same
    wish = Wish(workspaces.PURPOSE, frozenset({workspaces.MOBILE}), (who,), Form("masked"))
    shown = disclose(bank.home, analyst, wish).values[who][workspaces.MOBILE]
    assert str(shown)[:3] == str(before[4][3])[:3]
    assert not verify_ledger(bank.home).flaws


def test_it_is_rolled_back_whole_until_it_is_confirmed(bank: Bank) -> None:
    """Everything is as it was, but what a program wrote since; the columns beside are gone."""
    before = bank.rows()
    replace_columns(bank.home, bank.collector, "applications", bank.table)
    with pytest.raises(NotInThisState, match="waits"):
        replace_columns(bank.home, bank.collector, "applications", bank.table)
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET phone = '13900001111' WHERE id = 3")
    assert roll_back_replacement(bank.home, bank.collector, "applications", bank.table) == 1
    after = bank.rows()
    assert after[2][3] == "13900001111"
    assert [row for row in after if row[0] != 3] == [row for row in before if row[0] != 3]
    assert not {name for name in bank.columns() if name.startswith("shouxin")}
    with pytest.raises(NotInThisState, match="rolled back"):
        roll_back_replacement(bank.home, bank.collector, "applications", bank.table)


def test_confirmed_the_values_are_nowhere_in_the_table(bank: Bank) -> None:
    """Neither columns nor pages of the table hold a value any more, and nothing can be rolled back."""
    before = bank.rows()
    replace_columns(bank.home, bank.collector, "applications", bank.table)
    confirm_replacement(bank.home, bank.collector, "applications", bank.table)
    assert not {name for name in bank.columns() if name.startswith("shouxin")}
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        at = connection.exec_driver_sql(
            "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('applicant')"
        ).scalar_one()
    content = Path(at).read_bytes()
    assert str(bank.rows()[0][3]).encode() in content
    assert not [row for row in before if str(row[3]).encode() in content or str(row[2]).encode() in content]
    with pytest.raises(NotInThisState):
        roll_back_replacement(bank.home, bank.collector, "applications", bank.table)
    states = [event.facts["state"] for event in recorded.events(bank.home, EventKind.COLUMNS_REPLACED)]
    assert states == ["intended", "replaced", "confirmed"]


def test_a_row_that_is_nowhere_else_keeps_its_values_and_tokens_are_not_replaced_again(bank: Bank) -> None:
    """Rows that came after the run stay until they are sealed; a second replacement touches only them."""
    add(bank.engine, range(20, 22))
    assert replace_columns(bank.home, bank.collector, "applications", bank.table).kept == 2
    assert bank.rows()[-1][3] == person_line(21).split(",")[2]
    confirm_replacement(bank.home, bank.collector, "applications", bank.table)
    tokens = bank.rows()[:12]
    assert run_plan(bank.home, bank.collector, "applications", bank.source).run.taken == 2
    done = replace_columns(bank.home, bank.collector, "applications", bank.table)
    assert (done.rows, done.kept, done.already) == (2, 0, 12)
    assert bank.rows()[:12] == tokens


def test_a_token_of_an_erased_person_leads_nowhere(bank: Bank) -> None:
    """Erasing the person takes the way from the token with it."""
    replace_columns(bank.home, bank.collector, "applications", bank.table)
    analyst = workspaces.signed_in(bank.home, "analyst")
    phone = Plaintext.of(str(bank.rows()[0][3]))
    (who,) = look_up(bank.home, analyst, workspaces.PURPOSE, workspaces.MOBILE, phone)
    erase(bank.home, workspaces.signed_in(bank.home, "dpo"), who)
    assert look_up(bank.home, analyst, workspaces.PURPOSE, workspaces.MOBILE, phone) == []


def test_a_database_that_refuses_leaves_everything_as_it_was(bank: Bank) -> None:
    """A constraint that no token meets undoes all of it: one transaction."""
    before = bank.rows()
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE applicant ADD CHECK (id <> 7 OR phone LIKE '138%%')")
    with pytest.raises(StoreUnavailable, match="constraint"):
        replace_columns(bank.home, bank.collector, "applications", bank.table)
    assert bank.rows() == before
    assert not {name for name in bank.columns() if name.startswith("shouxin")}


def test_nothing_is_replaced_before_it_is_sealed(tmp_path: Path, postgresql: Fresh) -> None:
    """A plan that has not run to its end replaces nothing; nor may the key of the rows become tokens."""
    bank = Bank(tmp_path, postgresql())
    with pytest.raises(NotInThisState, match="run the plan"):
        replace_columns(bank.home, bank.collector, "applications", bank.table)
    run_plan(bank.home, bank.collector, "applications", bank.source)
    other = ReplacedColumns(SqlAddress(str(bank.engine.url), "applicant", ("phone",)))
    with pytest.raises(Invalid, match="named and ordered"):
        other.replace(["phone"], ["phone"], lambda rows: [])
    other.close()
    bank.close()
