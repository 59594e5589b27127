"""Whoever was erased comes back by no source: table, pages of a partner, push, edge; dropped unsealed, and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import msgspec
import pytest

from shouxin.bootstrap import open_file
from shouxin.cli.source import told
from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.invite_edge import invite_edge
from shouxin.operations.collecting.kept_out import SUPPRESSED
from shouxin.operations.collecting.run_plan import Ran, run_plan
from shouxin.operations.erasing.suppression import readmit, suppress
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SqlAddress
from shouxin.vault.records import Records
from tests import workspaces
from tests.connectors.sources import test_push_server as push
from tests.connectors.sources import test_rest_pages as rest
from tests.connectors.sources import test_sql_table as sql
from tests.databases import Fresh, mariadb, postgresql
from tests.operations.collecting import test_invite_edge as edge
from tests.operations.deletion.house import NO_RETURN
from tests.partner_api import partner
from tests.plans import PLAN, approved, file_of, files_hold, person_line

__all__ = ["mariadb", "postgresql"]

ID_NUMBER: Final = ItemCode("identity.id_number")
OUT: Final = 2  # of the people 1, 2 and 3, who was erased


def id_number_of(number: int) -> str:
    """Return the identity number of an invented applicant."""
    return person_line(number).split(",")[1]


def keep_out(bank: Workspace, *id_numbers: str) -> None:
    """Let these numbers stand as those of people who were erased."""
    dpo = workspaces.signed_in(bank, "dpo")
    workspaces.adopt(bank, dpo, NO_RETURN)

    def work(records: Records) -> int:
        act = begin(bank, records, dpo)
        card = current_engine(bank, records, "no.return", act.now).card("no.return")
        inner = [bank.tagger.inner(ID_NUMBER, one) for one in id_numbers]
        return suppress(bank, records, act, card, inner)

    assert bank.data.transact(work).value == len(id_numbers)


def is_out(home: Path, bank: Workspace, ran: Ran) -> None:
    """Hold a run of the people 1 to 3 against what it must say, and the files against what they must not hold."""
    assert (ran.run.taken, ran.run.aside, ran.run.subjects) == (2, 1, 2)
    assert [one.reason for one in ran.aside] == [SUPPRESSED]
    assert sql.people(bank) == 2
    bank.close()
    assert files_hold(home, id_number_of(OUT), person_line(OUT).split(",")[2], "credit.review") == ["credit.review"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_a_table_brings_nobody_back(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """The row is set aside by its reason; the rows around it are taken."""
    if kind == "sqlite":
        dsn = f"sqlite:///{tmp_path / 'core.db'}"
    else:
        fresh: Fresh = request.getfixturevalue(kind)
        dsn = fresh()
    sql.filled(dsn, range(1, 4))
    bank = workspaces.ready(tmp_path)
    keep_out(bank, id_number_of(OUT))
    collector, plan = approved(bank, sql.SQL_PLAN, sql.source_of(dsn))
    source = SqlTable(SqlAddress(dsn, "applicant", sql.ORDER))
    ran = run_plan(bank, collector, plan.code, source)
    source.close()
    is_out(workspaces.home_of(tmp_path), bank, ran)


def test_a_file_says_every_time_who_is_kept_out_and_brings_them_once_they_are_let_in(tmp_path: Path) -> None:
    """Named by each collection of the content, wherever it lies; let in, taken exactly once, and no other again."""
    bank = workspaces.ready(tmp_path)
    keep_out(bank, id_number_of(OUT))
    collector, plan = approved(bank, PLAN.replace("volume = 1000", "volume = 3"))
    first = file_of(tmp_path / "people.csv", range(1, 4))
    copy = tmp_path / "copy.csv"
    copy.write_bytes(first.read_bytes())

    def collected(path: Path) -> tuple[object, ...]:
        ran = run_plan(bank, collector, plan.code, CsvSource(path))
        aside = [(one.line, one.reason) for one in ran.aside]
        return ran.run.taken, ran.run.outcome, aside, ran.already, ran.erased, sql.people(bank)

    out = [(OUT + 1, SUPPRESSED)]
    assert collected(first) == (2, "finished", out, 0, 0, 2)
    assert collected(first) == (0, "finished", out, 2, 0, 2)
    assert collected(copy) == (0, "finished", out, 2, 0, 2)
    readmit(bank, workspaces.signed_in(bank, "dpo"), ID_NUMBER, Plaintext.of(id_number_of(OUT)))
    assert collected(copy) == (1, "finished", [], 2, 0, 3)
    assert collected(first) == (0, "finished", [], 3, 0, 3)
    assert verify_ledger(bank).flaws == []


def test_a_killed_collection_keeps_what_waits(tmp_path: Path) -> None:
    """Killed behind a batch that set somebody aside, it goes on; that line is named again and taken once let in."""
    bank = workspaces.ready(tmp_path)
    keep_out(bank, id_number_of(OUT))
    collector, plan = approved(bank, PLAN.replace("volume = 1000", "volume = 1201"))
    path = file_of(tmp_path / "people.csv", range(1, 1201))  # the header is a line of what was read before a kill

    class Killed(Exception):
        pass

    def kill(_line: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        run_plan(bank, collector, plan.code, CsvSource(path), step=kill)
    taken = sql.people(bank)
    ran = run_plan(bank, collector, plan.code, CsvSource(path))
    assert (taken, ran.run.outcome, sql.people(bank)) == (999, "finished", 1199)
    assert [(one.line, one.reason) for one in ran.aside] == [(OUT + 1, SUPPRESSED)]
    readmit(bank, workspaces.signed_in(bank, "dpo"), ID_NUMBER, Plaintext.of(id_number_of(OUT)))
    assert run_plan(bank, collector, plan.code, CsvSource(path)).run.taken == 1
    assert sql.people(bank) == 1200


def test_a_file_counts_apart_who_was_erased_since(tmp_path: Path) -> None:
    """Three had come; one is kept out by now: two are here already, and the third is not among them."""
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank)
    path = file_of(tmp_path / "people.csv", range(1, 4))
    assert run_plan(bank, collector, plan.code, CsvSource(path)).run.taken == 3
    keep_out(bank, id_number_of(OUT))
    again = run_plan(bank, collector, plan.code, CsvSource(path))
    assert (again.run.taken, again.already, again.erased, again.aside) == (0, 3, 1, ())
    lines = told(again).lines
    assert "2 were taken in before; 1 was erased since, kept out" in "\n".join(map(str, lines))


def test_a_partners_pages_bring_nobody_back(tmp_path: Path) -> None:
    """Page by page, the one record is set aside and the others are taken."""
    bank = workspaces.ready(tmp_path)
    keep_out(bank, id_number_of(OUT))
    paging = 'paging = "page"'
    with partner(rest.pages_of(2, 3)) as api:
        collector, plan = approved(bank, PLAN.replace("\n[design]", rest.FIELDS), rest.source_of(api.url, paging))
        source = rest.opened(api, paging)
        ran = run_plan(bank, collector, plan.code, source)
        source.close()
    is_out(workspaces.home_of(tmp_path), bank, ran)


def test_a_push_brings_nobody_back_and_the_partner_is_told_which_record(tmp_path: Path) -> None:
    """The delivery is answered: taken, and the line that was set aside with its reason; sent again it says the same."""
    with push.listening(tmp_path) as wire:
        keep_out(wire.bank, id_number_of(OUT))
        status, said = wire.push(push.body_of(1, OUT, 3))
        assert (status, said["taken"], [one["reason"] for one in said["aside"]]) == (200, 2, [SUPPRESSED])
        again = wire.push(push.body_of(OUT))[1]
        assert (again["taken"], [one["reason"] for one in again["aside"]]) == (0, [SUPPRESSED])
        assert wire.people() == 2
        assert files_hold(workspaces.home_of(tmp_path), id_number_of(OUT)) == []
        readmit(wire.bank, workspaces.signed_in(wire.bank, "dpo"), ID_NUMBER, Plaintext.of(id_number_of(OUT)))
        assert wire.push(push.body_of(OUT))[1]["taken"] == 1  # by the very record that was dropped before
        assert wire.people() == 3


def test_an_edge_brings_nobody_back(tmp_path: Path) -> None:
    """What a branch sealed about them is opened, seen to be theirs, and not sealed anew."""
    bank = workspaces.ready(tmp_path)
    workspaces.adopt(bank, workspaces.signed_in(bank, "dpo"), edge.MATCHING)
    collector, _ = approved(bank, edge.EDGE_PLAN)
    keep_out(bank, edge.APPLICANT["identity.id_number"])
    folder = tmp_path / "branch"
    invitation = msgspec.json.encode(invite_edge(bank, collector, "applications"))
    ran = edge.ran_edge(folder, invitation, "one.sealed", "--agreed")
    assert json.loads(ran.stdout)["sent"], ran.stderr
    done = run_plan(bank, collector, "applications", open_file(bank, folder / "one.sealed", "applications"))
    assert (done.run.taken, done.run.aside, [one.reason for one in done.aside]) == (0, 1, [SUPPRESSED])
    assert sql.people(bank) == 0
