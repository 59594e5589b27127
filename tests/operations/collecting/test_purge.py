from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.clock import DAY
from shouxin.domain.event_kind import EventKind
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused, StoreUnavailable
from shouxin.operations.acting import begin
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import Met
from shouxin.operations.collecting.purge import attest_purge, list_purges, look_again
from shouxin.operations.collecting.receive_push import Delivery
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.erasing.suppression import readmit, suppress
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import read_card
from shouxin.policy.source import SqlAddress
from shouxin.vault.records import Records
from tests import recorded, workspaces
from tests.connectors.sources.test_rest_pages import FIELDS, opened, record, source_of
from tests.operations.portfolio import Hands
from tests.partner_api import page, partner
from tests.plans import PLAN, SOURCE, approved, file_of, person_line

ID_NUMBER = ItemCode("identity.id_number")
SQL = """\
source = "branch"
kind = "sql"
title = "The loan system"
audit_due = 2099-12-31
own = true
[sql]
dsn = "{dsn}"
table = "people"
order = ["id"]
"""
PUSHED = SOURCE.replace('"file"', '"push"') + f'push_key = "{"0" * 63}1"\n'


def test_a_file_counts_as_gone_only_at_the_place_from_which_it_was_copied(tmp_path: Path) -> None:
    """A path that never was, or another file, says nothing of the one that stands; nor does a folder that is away."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    (tmp_path / "in").mkdir()
    path = file_of(tmp_path / "in" / "people.csv", range(3))
    run_plan(bank, collector, "applications", CsvSource(path))
    with pytest.raises(NotFound, match="this very place"):
        look_again(bank, collector, "applications", CsvSource(tmp_path / "never.csv"))
    with pytest.raises(NotFound):
        look_again(bank, collector, "applications", CsvSource(file_of(tmp_path / "other.csv", range(3))))
    assert look_again(bank, collector, "applications", CsvSource(path)).left == 3
    path.unlink()
    (tmp_path / "in").rename(tmp_path / "unmounted")
    with pytest.raises(StoreUnavailable, match="cannot be looked at"):
        look_again(bank, collector, "applications", CsvSource(path))
    assert not any(one.is_gone() for one in list_purges(bank, collector))
    (tmp_path / "in").mkdir()
    assert look_again(bank, collector, "applications", CsvSource(path)).is_gone()


def test_each_content_that_was_copied_from_one_place_is_looked_at(tmp_path: Path) -> None:
    """Tonight's file took the place of last night's: both are tracked, and both go with the file."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = tmp_path / "people.csv"
    for night in range(2):
        run_plan(bank, collector, "applications", CsvSource(file_of(path, range(3 * night, 3 * night + 3))))
    assert look_again(bank, collector, "applications", CsvSource(path)).left == 3
    assert len([one for one in list_purges(bank, collector) if not one.is_gone()]) == 2
    path.unlink()
    look_again(bank, collector, "applications", CsvSource(path))
    assert all(one.is_gone() for one in list_purges(bank, collector))


def test_a_run_whose_work_was_done_by_a_killed_process_leaves_a_date_too(tmp_path: Path) -> None:
    """All was committed before the kill; the run that goes on takes nothing, and the copy is tracked all the same."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    source = CsvSource(file_of(tmp_path / "people.csv", range(3)))

    def killed(_line: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_plan(bank, collector, "applications", source, step=killed)
    assert list_purges(bank, collector) == []
    assert run_plan(bank, collector, "applications", source).run.taken == 0
    assert len(list_purges(bank, collector)) == 1


def _table(path: Path) -> tuple[SqlTable, sa.Engine]:
    """A table with the people 1, 2 and 4, and what changes it."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        columns = ", ".join(f'"{one}"' for one in ("identity.name", "identity.id_number", "contact.mobile"))
        connection.exec_driver_sql(f'CREATE TABLE people (id INTEGER PRIMARY KEY, {columns}, "credit.amount")')
    for number in (1, 2, 4):
        _insert(engine, number)
    return SqlTable(SqlAddress(f"sqlite:///{path}", "people", ("id",)), page=2), engine


def _insert(engine: sa.Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO people VALUES (?,?,?,?,?)", (number, *person_line(number).split(",")))


def test_only_rows_that_stand_as_they_arrived_are_deleted_in_a_table(tmp_path: Path) -> None:
    """A row that changed since and one that never came stay, and are counted apart; the copy is not gone yet."""
    bank = workspaces.ready(tmp_path)
    source, engine = _table(tmp_path / "core.db")
    collector, _ = approved(bank, PLAN, SQL.format(dsn=f"sqlite:///{tmp_path / 'core.db'}"))
    assert run_plan(bank, collector, "applications", source).run.taken == 3
    _insert(engine, 3)
    with engine.begin() as connection:
        connection.exec_driver_sql('UPDATE people SET "credit.amount" = 999 WHERE id = 2')
    seen = look_again(bank, collector, "applications", source)
    assert (seen.left, seen.changed, seen.unknown) == (3, 1, 1)
    seen = look_again(bank, collector, "applications", source, erase=True)
    assert (seen.left, seen.changed, seen.unknown, seen.is_gone()) == (1, 1, 1, False)
    with engine.begin() as connection:
        assert [row[0] for row in connection.exec_driver_sql("SELECT id FROM people ORDER BY id")] == [2, 3]
        connection.exec_driver_sql("DELETE FROM people WHERE id = 2")
    assert look_again(bank, collector, "applications", source).is_gone()
    source.close()


def test_a_row_is_known_by_what_was_asked_for_also_after_the_plan_was_designed_anew(tmp_path: Path) -> None:
    """Rows of the first plan and of the second, which asks for another column, are both deleted."""
    bank = workspaces.ready(tmp_path)
    source, engine = _table(tmp_path / "core.db")
    dsn = SQL.format(dsn=f"sqlite:///{tmp_path / 'core.db'}")
    collector, _ = approved(bank, PLAN.replace(', "credit.amount"', ""), dsn)
    run_plan(bank, collector, "applications", source)
    _insert(engine, 5)
    approved(bank, PLAN, dsn)
    run_plan(bank, collector, "applications", source)
    assert look_again(bank, collector, "applications", source, erase=True).is_gone()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == 0
    source.close()


def keep_out(bank: Workspace, number: int) -> None:
    """Note that the person ``number`` was erased and must not come back."""
    tag, dpo = bank.tagger.inner(ID_NUMBER, number_of(number).text()), workspaces.signed_in(bank, "dpo")

    def work(records: Records) -> None:
        suppress(bank, records, begin(bank, records, dpo), read_card(workspaces.CARD)[0], [tag])

    bank.data.transact(work)


def number_of(number: int) -> Plaintext:
    """Return the identity number of the person ``number``."""
    return Plaintext.of(person_line(number).split(",")[1])


def _standing(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT id FROM people ORDER BY id")]


def _noted(home: Path) -> int:
    with closing(sqlite3.connect(home / "data" / "data.db")) as file:
        return int(file.execute("SELECT count(*) FROM arrivals").fetchone()[0])


def test_a_row_of_somebody_who_must_not_come_back_goes_from_the_source_too(tmp_path: Path) -> None:
    """Set aside as suppressed it counts as left, keeps no other row from being deleted, and is deleted with them."""
    bank = workspaces.ready(tmp_path)
    source, engine = _table(tmp_path / "core.db")
    collector, _ = approved(bank, PLAN, SQL.format(dsn=f"sqlite:///{tmp_path / 'core.db'}"))
    keep_out(bank, 2)
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, [one.reason for one in ran.aside]) == (2, ["suppressed"])
    _insert(engine, 3)  # behind what was read: it never came
    assert _noted(workspaces.home_of(tmp_path)) == 3
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM people WHERE id IN (1, 4)")
    seen = look_again(bank, collector, "applications", source)
    assert (seen.left, seen.changed, seen.unknown, seen.is_gone()) == (1, 0, 1, False)
    assert look_again(bank, collector, "applications", source, erase=True).is_gone()
    assert _standing(engine) == [3]
    assert _noted(workspaces.home_of(tmp_path)) == 2  # what remembered the row is gone with it
    source.close()


def test_what_was_set_aside_otherwise_keeps_a_suppressed_row_from_being_deleted(tmp_path: Path) -> None:
    """A row whose number is none is nowhere else: nothing is deleted."""
    bank = workspaces.ready(tmp_path)
    source, engine = _table(tmp_path / "core.db")
    collector, _ = approved(bank, PLAN, SQL.format(dsn=f"sqlite:///{tmp_path / 'core.db'}"))
    keep_out(bank, 2)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET \"identity.id_number\" = '110105194912310021' WHERE id = 4")
    assert run_plan(bank, collector, "applications", source).run.aside == 2
    with pytest.raises(Invalid, match="set aside"):
        look_again(bank, collector, "applications", source, erase=True)
    assert _standing(engine) == [1, 2, 4]
    source.close()


def test_a_suppressed_row_that_changed_or_whose_person_was_let_in_again_stays(tmp_path: Path) -> None:
    """Deleting goes no further than what stands as it came, and takes no record by which somebody comes back."""
    bank = workspaces.ready(tmp_path)
    source, engine = _table(tmp_path / "core.db")
    collector, _ = approved(bank, PLAN, SQL.format(dsn=f"sqlite:///{tmp_path / 'core.db'}"))
    for number in (1, 2):
        keep_out(bank, number)
    assert len(run_plan(bank, collector, "applications", source).aside) == 2
    readmit(bank, workspaces.signed_in(bank, "rights_desk"), ID_NUMBER, number_of(1))
    with engine.begin() as connection:
        connection.exec_driver_sql('UPDATE people SET "credit.amount" = 999 WHERE id = 2')
    seen = look_again(bank, collector, "applications", source, erase=True)
    assert (seen.left, seen.changed, seen.unknown) == (1, 1, 1)
    assert _standing(engine) == [1, 2]
    with engine.begin() as connection:
        connection.exec_driver_sql('UPDATE people SET "credit.amount" = 5002 WHERE id = 2')
    seen = look_again(bank, collector, "applications", source, erase=True)
    assert (seen.left, seen.unknown, _standing(engine)) == (0, 1, [1])
    source.close()


def test_a_record_that_is_set_aside_night_after_night_is_deleted_in_an_api(tmp_path: Path) -> None:
    """It never arrives, so each run says so anew; the copy of all the others is purged with it."""
    bank = workspaces.ready(tmp_path)
    rows = {number: record(number) for number in (1, 2, 3)}
    more = 'paging = "none"\nerase = "/people/{key}"'
    with partner(
        lambda *_: page(list(rows.values())), delete=lambda path: rows.pop(int(path.rpartition("/")[2]))
    ) as api:
        collector, plan = approved(bank, PLAN.replace("\n[design]", FIELDS), source_of(api.url, more))
        source = opened(api, more)
        keep_out(bank, 2)
        for _ in range(2):
            ran = run_plan(bank, collector, plan.code, source)
            assert [one.reason for one in ran.aside] == ["suppressed"]
        assert look_again(bank, collector, plan.code, source, erase=True).is_gone()
        assert not rows
        source.close()


def test_columns_that_do_not_tell_rows_apart_delete_nothing(tmp_path: Path) -> None:
    """A key that two rows share would take one that is not meant with it: all stays."""
    bank = workspaces.ready(tmp_path)
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    source, engine = _table(tmp_path / "core.db")
    _insert(engine, 5)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET \"contact.mobile\" = '13800009999' WHERE id IN (1, 5)")
    source = SqlTable(SqlAddress(dsn, "people", ("id",), ("contact.mobile",)))
    collector, _ = approved(bank, PLAN, SQL.format(dsn=dsn) + 'key = ["contact.mobile"]\n')
    run_plan(bank, collector, "applications", source)
    with engine.begin() as connection:
        connection.exec_driver_sql('UPDATE people SET "credit.amount" = 999 WHERE id = 5')
    with pytest.raises(StoreUnavailable, match="tell rows apart"):
        look_again(bank, collector, "applications", source, erase=True)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM people").scalar_one() == 4
    source.close()


def test_an_api_is_looked_at_by_what_arrived_and_erased_record_by_record(tmp_path: Path) -> None:
    """Another record in the place of a copied one is not the copied one; with a path, records are deleted there."""
    bank = workspaces.ready(tmp_path)
    rows = {number: record(number) for number in (1, 2, 3)}
    more = 'paging = "none"\nerase = "/people/{key}"'
    with partner(
        lambda *_: page(list(rows.values())), delete=lambda path: rows.pop(int(path.rpartition("/")[2]))
    ) as api:
        collector, plan = approved(bank, PLAN.replace("\n[design]", FIELDS), source_of(api.url, more))
        source = opened(api, more)
        run_plan(bank, collector, plan.code, source)
        del rows[1]
        rows[9] = record(9)
        rows[2]["phone"] = "13900000000"
        seen = look_again(bank, collector, plan.code, source)
        assert (seen.left, seen.changed, seen.unknown) == (2, 1, 1)
        seen = look_again(bank, collector, plan.code, source, erase=True)
        assert (seen.left, seen.changed, sorted(rows)) == (1, 1, [2, 9])
        del rows[2]
        assert look_again(bank, collector, plan.code, source).is_gone()
        source.close()
    silent = opened(api, 'paging = "none"')
    with pytest.raises(NotInThisState, match="says how"):
        silent.erase(Reached(3), (), lambda records: [Met.SAME for _ in records])
    silent.close()


def test_what_a_partner_pushed_ends_with_their_word_and_begins_with_the_next_delivery(tmp_path: Path) -> None:
    """Nobody can look there: it is late until their statement is recorded; what comes later has a date of its own."""
    clock = Hands()
    bank = workspaces.ready(tmp_path, clock)
    collector, _ = approved(bank, PLAN, PUSHED)
    dpo = workspaces.signed_in(bank, "dpo")
    with pytest.raises(NotFound, match="waits"):
        attest_purge(bank, dpo, "applications", bytes(32))
    assert run_plan(bank, collector, "applications", _delivery(1, 2)).run.taken == 2
    clock.on(days=8)
    collector, dpo = workspaces.signed_in(bank, "collector"), workspaces.signed_in(bank, "dpo")
    assert [one.is_late(bank.clock.now()) for one in list_purges(bank, dpo)] == [True]
    with pytest.raises(NotInThisState, match="nobody can look"):
        look_again(bank, collector, "applications", _delivery())
    with pytest.raises(Refused):
        attest_purge(bank, collector, "applications", bytes(32))
    said = attest_purge(bank, dpo, "applications", b"w" * 32)
    assert (said.has_ended(), said.is_gone(), said.looked) == (True, False, None)
    (kept,) = list_purges(bank, dpo)
    assert (kept.evidence, kept.attested, kept.is_late(bank.clock.now())) == (b"w" * 32, said.attested, False)
    assert recorded.events(bank, EventKind.PURGE_CHANGED)[-1].facts["state"] == "attested"
    with pytest.raises(NotFound, match="waits"):
        attest_purge(bank, dpo, "applications", bytes(32))
    run_plan(bank, collector, "applications", _delivery(2, 3))
    (anew,) = list_purges(bank, dpo)
    assert (anew.has_ended(), anew.due) == (False, bank.clock.now() + 7 * DAY)


def _delivery(*numbers: int) -> Delivery:
    fields = ("identity.name", "identity.id_number", "contact.mobile", "credit.amount")
    held = [dict(zip(fields, person_line(one).split(","), strict=True)) for one in numbers]
    return Delivery(tuple({"key": str(one), "fields": said} for one, said in zip(numbers, held, strict=True)))


def test_a_partners_word_ends_nothing_where_it_can_be_looked(tmp_path: Path) -> None:
    """A file that was copied is looked for."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "people.csv", range(3))))
    with pytest.raises(NotInThisState, match="look at every other"):
        attest_purge(bank, workspaces.signed_in(bank, "dpo"), "applications", bytes(32))
    assert not any(one.has_ended() for one in list_purges(bank, collector))
