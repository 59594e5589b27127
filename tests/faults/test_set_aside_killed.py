"""Killed in the middle of a run: what was set aside is known to the run that goes on, and stays in the source."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.actors.account import Token
from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, Tampered
from shouxin.operations.collecting.plans import get_plan
from shouxin.operations.collecting.purge import look_again
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.erasing.suppression import readmit
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SqlAddress
from tests import workspaces
from tests.connectors.sources.test_sql_table import ORDER, SQL_PLAN, filled, people, source_of
from tests.operations.collecting.test_purge import keep_out, number_of
from tests.plans import PLAN, approved, file_of

# A batch of four, and a kill once so many of them are sealed: at the next one nothing of it is committed yet.
KILLED = """
import os, signal, sys
from pathlib import Path
from shouxin.bootstrap import CsvSource, open_workspace
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.operations.collecting import collect
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.policy.source import SqlAddress
bank = open_workspace(Path({home!r}))
count = 0
write = collect.write_drafts
def killed(*words):
    global count
    write(*words)
    count += 1
    if count == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
collect.write_drafts, collect._BATCH = killed, 4
run_plan(bank, {token!r}, "applications", {source})
"""
ID_NUMBER = ItemCode("identity.id_number")


def killed_run(tmp_path: Path, bank: Workspace, token: Token, source: str, at: int) -> Workspace:
    """Run the plan in a process that is killed before its batch ``at`` is committed; return the workspace anew."""
    bank.close()
    script = KILLED.format(home=str(workspaces.home_of(tmp_path)), token=str(token), source=source, at=at)
    process = subprocess.run([sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": "src"}, check=False)
    assert process.returncode == -signal.SIGKILL
    return workspaces.reopened(tmp_path)


def _ids(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT id FROM applicant ORDER BY id")]


def test_what_a_killed_process_set_aside_is_known_and_not_deleted_in_the_source(tmp_path: Path) -> None:
    """Bad, suppressed: both are listed by the run that goes on; nothing goes until they are mended or come in."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    engine = filled(dsn, range(1, 13))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE applicant SET id_no = '110105194912310021' WHERE id = 3")
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, SQL_PLAN, source_of(dsn))
    keep_out(bank, 2)
    source = SqlTable(SqlAddress(dsn, "applicant", ORDER))
    bank = killed_run(tmp_path, bank, collector, f"SqlTable(SqlAddress({dsn!r}, 'applicant', {ORDER!r}))", 3)
    assert people(bank) == 6
    assert get_plan(bank, collector, "applications").runs[-1].aside == 0  # what it did stands in no run

    ran = run_plan(bank, collector, "applications", source)
    assert [(one.line, one.reason) for one in ran.aside] == [(2, "suppressed"), (3, "id-number-check-digit")]
    assert (ran.run.aside, ran.run.suppressed, people(bank)) == (2, 1, 10)
    with pytest.raises(Invalid, match="set aside"):
        look_again(bank, collector, "applications", source, erase=True)
    assert _ids(engine) == list(range(1, 13))

    with engine.begin() as connection:  # mended: the row comes in, though the table was read far beyond it
        connection.execute(sa.text("UPDATE applicant SET id_no = :d WHERE id = 3"), {"d": number_of(3).text()})
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, [one.reason for one in ran.aside], people(bank)) == (1, ["suppressed"], 11)
    readmit(bank, workspaces.signed_in(bank, "rights_desk"), ID_NUMBER, number_of(2))
    assert look_again(bank, collector, "applications", source, erase=True).is_gone()
    assert _ids(engine) == [2]  # it never came in: it is not deleted, and comes in now
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, ran.aside, people(bank)) == (1, (), 12)
    assert look_again(bank, collector, "applications", source, erase=True).is_gone()
    assert _ids(engine) == []
    source.close()


@pytest.mark.parametrize("extra", [0, 1])
def test_exactly_the_volume_passes_also_after_a_kill_and_one_more_stops(tmp_path: Path, extra: int) -> None:
    """Neither the header, nor blank lines, nor what was taken before the kill counts a second time."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("volume = 1000", "volume = 10"))
    path = file_of(tmp_path / "people.csv", range(1, 11 + extra))
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], "", *lines[3:], "", ""]), "utf-8")
    bank = killed_run(tmp_path, bank, collector, f"CsvSource(Path({str(path)!r}))", 2)
    assert people(bank) == 4
    ran = run_plan(bank, collector, "applications", CsvSource(path))
    assert (ran.run.outcome, people(bank), ran.aside) == ("over-volume" if extra else "finished", 10, ())


def test_a_list_that_somebody_cut_is_refused(tmp_path: Path) -> None:
    """A row of what was set aside that is taken away, or another's, would let a source be erased: it is missed."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = file_of(tmp_path / "people.csv", range(1, 3))
    path.write_text(path.read_text("utf-8") + "x,y\nz\n", "utf-8")
    assert run_plan(bank, collector, "applications", CsvSource(path)).run.aside == 2
    bank.close()
    home = workspaces.home_of(tmp_path)
    engine = sa.create_engine(f"sqlite:///{home / 'data' / 'data.db'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM asides WHERE digest = (SELECT min(digest) FROM asides)")
    bank = workspaces.reopened(tmp_path)
    with pytest.raises(Tampered, match="set aside"):
        look_again(bank, collector, "applications", CsvSource(path), erase=True)
    bank.close()
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO asides SELECT place, randomblob(16), sealed FROM asides")
    bank = workspaces.reopened(tmp_path)
    with pytest.raises(Tampered):
        run_plan(bank, collector, "applications", CsvSource(path))
