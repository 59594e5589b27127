from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.errors import NotInThisState, StoreUnavailable
from shouxin.operations.collecting.plans import end_plan, propose_plan
from shouxin.operations.collecting.replace_columns import (
    confirm_replacement,
    replace_columns,
    roll_back_replacement,
)
from shouxin.operations.collecting.run_plan import run_plan
from tests import recorded, workspaces
from tests.connectors.sources.test_replaced_columns import NUMBERLESS, PLAN, Bank
from tests.connectors.sources.test_sql_table import ORDER
from tests.databases import Fresh, postgresql
from tests.plans import PLAN as COPY
from tests.plans import SOURCE, approved

__all__ = ["postgresql"]

# Where the process that confirms is killed: before the table is rewritten, before that is recorded, and after it.
KILLS = {
    "dropped": "ReplacedColumns._rewrite = killed",
    "rewritten": "replace_columns._note = killed",
    "recorded": "ReplacedColumns.conclude = killed",
}


@pytest.fixture
def bank(tmp_path: Path, postgresql: Fresh) -> Iterator[Bank]:
    """A lender with six applicants, sealed, and tokens in place of their values; not confirmed yet."""
    made = Bank(tmp_path, postgresql(), 6)
    run_plan(made.home, made.collector, "applications", made.source)
    yield made
    made.close()


def _states(bank: Bank) -> list[object]:
    return [event.facts["state"] for event in recorded.events(bank.home, EventKind.COLUMNS_REPLACED)]


def _pages(bank: Bank) -> bytes:
    """Return the table's file as it lies on disk."""
    with bank.engine.begin() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        at = "SELECT current_setting('data_directory') || '/' || pg_relation_filepath('applicant')"
        return Path(connection.exec_driver_sql(at).scalar_one()).read_bytes()


def _killed(bank: Bank, folder: Path, where: str) -> int:
    """Confirm in a process of its own that kills itself; return how it ended."""
    script = f"""
import os, signal
from pathlib import Path
from shouxin.bootstrap import open_workspace
from shouxin.connectors.sources.replaced_columns import ReplacedColumns
from shouxin.operations.collecting import replace_columns
from shouxin.policy.source import SqlAddress
home = open_workspace(Path({str(workspaces.home_of(folder))!r}))
def killed(*words):
    os.kill(os.getpid(), signal.SIGKILL)
{where}
table = ReplacedColumns(SqlAddress({bank.dsn!r}, "applicant", {ORDER!r}))
replace_columns.confirm_replacement(home, {str(bank.collector)!r}, "applications", table)
"""
    env = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.run([sys.executable, "-c", script], env=env, check=False).returncode


@pytest.mark.parametrize("where", KILLS.values(), ids=KILLS)
def test_confirming_that_was_killed_is_taken_up_and_recorded(bank: Bank, tmp_path: Path, where: str) -> None:
    """Wherever it stops, nothing can be begun or rolled back but confirming; then no page holds a value."""
    before = bank.rows()
    replace_columns(bank.home, bank.collector, "applications", bank.table)
    tokens = bank.rows()
    assert _killed(bank, tmp_path, where) == -signal.SIGKILL
    with pytest.raises(NotInThisState, match="waits to be confirmed"):
        replace_columns(bank.home, bank.collector, "applications", bank.table)
    with pytest.raises(NotInThisState, match="confirm again"):
        roll_back_replacement(bank.home, bank.collector, "applications", bank.table)
    confirm_replacement(bank.home, bank.collector, "applications", bank.table)
    content = _pages(bank)
    assert not [row for row in before if str(row[2]).encode() in content or str(row[3]).encode() in content]
    assert str(tokens[0][3]).encode() in content
    assert (bank.rows(), _states(bank)[-1]) == (tokens, "confirmed")
    assert not {name for name in bank.columns() if name.startswith("shouxin")}
    with pytest.raises(NotInThisState, match="no replacement waits"):
        confirm_replacement(bank.home, bank.collector, "applications", bank.table)


def test_values_that_an_open_transaction_still_sees_are_not_gone(bank: Bank) -> None:
    """The database keeps old rows for who began before: nothing is confirmed until they are away."""
    before = bank.rows()
    with bank.engine.connect().execution_options(isolation_level="REPEATABLE READ") as reader:
        reader.exec_driver_sql("SELECT count(*) FROM pg_class")
        replace_columns(bank.home, bank.collector, "applications", bank.table)
        with pytest.raises(StoreUnavailable, match="confirm again"):
            confirm_replacement(bank.home, bank.collector, "applications", bank.table)
        assert str(before[0][3]).encode() in _pages(bank)
    assert _states(bank)[-1] == "replaced"
    confirm_replacement(bank.home, bank.collector, "applications", bank.table)
    content = _pages(bank)
    assert not [row for row in before if str(row[2]).encode() in content or str(row[3]).encode() in content]


@pytest.mark.parametrize("back", [True, False])
def test_what_waits_is_settled_also_after_its_plan_has_ended(bank: Bank, *, back: bool) -> None:
    """An ended plan replaces nothing more; what stands beside the tokens does not stay there for it."""
    before = bank.rows()
    replace_columns(bank.home, bank.collector, "applications", bank.table)
    end_plan(bank.home, bank.collector, "applications")
    if back:
        assert roll_back_replacement(bank.home, bank.collector, "applications", bank.table) == 0
        assert bank.rows() == before
    else:
        confirm_replacement(bank.home, bank.collector, "applications", bank.table)
    assert not {name for name in bank.columns() if name.startswith("shouxin")}
    with pytest.raises(NotInThisState, match="run the plan"):
        replace_columns(bank.home, bank.collector, "applications", bank.table)


def _people(bank: Bank) -> int:
    return len(bank.home.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


def test_tokens_are_taken_in_as_nobody(tmp_path: Path, postgresql: Fresh) -> None:
    """Rows that moved in the order, and an export of the table under a plan to copy: both are set aside, with why."""
    bank = Bank(tmp_path, postgresql(), 6, NUMBERLESS)
    run_plan(bank.home, bank.collector, "applications", bank.source)
    assert replace_columns(bank.home, bank.collector, "applications", bank.table).rows == 6
    bank.say("UPDATE applicant SET updated = TIMESTAMP '2026-02-01', amount = 1 WHERE id <= 5")
    ran = run_plan(bank.home, bank.collector, "applications", bank.source)
    assert (ran.run.taken, [one.reason for one in ran.aside]) == (0, ["holds-tokens"] * 5)
    export = tmp_path / "export.csv"
    lines = [f"{name},{phone}" for _, name, _, phone in bank.rows()]
    export.write_text("\n".join(["identity.name,contact.mobile", *lines, "张三,13800009999"]) + "\n", "utf-8")
    copy = COPY.replace('code = "applications"', 'code = "exports"').replace('"branch"', '"files"')
    approved(bank.home, copy, SOURCE.replace('"branch"', '"files"'))
    ran = run_plan(bank.home, bank.collector, "exports", CsvSource(export))
    assert (ran.run.taken, [one.reason for one in ran.aside], _people(bank)) == (1, ["holds-tokens"] * 6, 7)
    bank.close()


def test_a_plan_that_replaced_stays_one(bank: Bank) -> None:
    """Designed anew as one that copies, nobody would know its tokens again."""
    with pytest.raises(NotInThisState, match="code of its own"):
        propose_plan(bank.home, bank.collector, PLAN.replace('"replace"', '"copy"\npurge_days = 7'))
    assert propose_plan(bank.home, bank.collector, PLAN.replace("volume = 1000", "volume = 900")).runs
