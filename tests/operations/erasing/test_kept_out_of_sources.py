"""Whoever was erased comes back by no source: table, pages of a partner, push, edge; dropped unsealed, and said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import msgspec
import pytest

from shouxin.bootstrap import open_file
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
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
from tests.plans import PLAN, approved, files_hold, person_line

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
    """The row is set aside by its reason; the rows around it are taken; tonight's second run says it again."""
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
