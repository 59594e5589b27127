"""What was set aside is asked for again by every run, and comes in once its reason is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import begin
from shouxin.operations.collecting.asides import Moved, PlaceMove, forget_asides, write_step
from shouxin.operations.collecting.collect import collect, source_digest, standing
from shouxin.operations.collecting.intake import Aside, Reached
from shouxin.operations.collecting.plans import get_plan
from shouxin.operations.collecting.purge import look_again
from shouxin.operations.collecting.receive_push import Delivery
from shouxin.operations.collecting.run_plan import Ran, run_plan
from shouxin.operations.erasing.suppression import readmit
from shouxin.operations.subjects import freeze, release
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from shouxin.policy.source import SqlAddress
from shouxin.vault.records import Records
from tests import workspaces
from tests.connectors.sources.test_rest_pages import FIELDS, opened, record, source_of
from tests.operations.collecting.test_collect import PLACE, TWO, naming
from tests.operations.collecting.test_purge import ID_NUMBER, SQL, keep_out, number_of
from tests.operations.portfolio import lender
from tests.partner_api import page, partner
from tests.plans import HEAD, PLAN, SOURCE, approved, file_of, person_line


def _reasons(ran: Ran) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in ran.aside]


def _people(bank: Workspace) -> list[SubjectId]:
    rows = bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT))
    return [SubjectId(row.identifier) for row in rows]


def _cells(bank: Workspace) -> int:
    return bank.data.read(lambda seen: len(list(seen.all_cells())))


def _back(bank: Workspace, number: int) -> None:
    readmit(bank, workspaces.signed_in(bank, "rights_desk"), ID_NUMBER, number_of(number))


class _Table:
    """A lender's table ``people``, and the source that reads it."""

    def __init__(self, folder: Path, *numbers: int) -> None:
        dsn = f"sqlite:///{folder / 'core.db'}"
        self.words = SQL.format(dsn=dsn)
        self.engine = sa.create_engine(dsn, poolclass=sa.NullPool)
        columns = ", ".join(f'"{one}"' for one in HEAD.split(","))
        self.run(f"CREATE TABLE people (id INTEGER PRIMARY KEY, {columns})")
        self.add(*numbers)
        self.source = SqlTable(SqlAddress(dsn, "people", ("id",)), page=2)

    def run(self, words: str, *values: object) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql(words, values)

    def add(self, *numbers: int) -> None:
        for number in numbers:
            self.run("INSERT INTO people VALUES (?,?,?,?,?)", number, *person_line(number).split(","))


def test_a_row_of_a_table_comes_in_once_its_person_is_let_in_again(tmp_path: Path) -> None:
    """The table was read far beyond it; the next run asks for it again, and names it each time until then."""
    bank, table = workspaces.ready(tmp_path), _Table(tmp_path, 1, 2, 4)
    collector, _ = approved(bank, PLAN, table.words)
    keep_out(bank, 2)
    assert _reasons(run_plan(bank, collector, "applications", table.source)) == [(2, "suppressed")]
    table.add(5)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.taken, _reasons(ran)) == (1, [(2, "suppressed")])
    _back(bank, 2)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.taken, _reasons(ran), len(_people(bank))) == (1, [], 4)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.taken, _reasons(ran), len(_people(bank))) == (0, [], 4)
    table.source.close()


@pytest.mark.parametrize("kind", ["file", "sql"])
def test_records_of_somebody_frozen_come_in_after_the_freeze_has_ended(tmp_path: Path, kind: str) -> None:
    """Each of several records of theirs is named, and each comes in once: none is lost behind the first."""
    bank, table = workspaces.ready(tmp_path), _Table(tmp_path, 1)
    collector, _ = approved(bank, PLAN, table.words if kind == "sql" else SOURCE)
    dpo = workspaces.signed_in(bank, "dpo")
    path = file_of(tmp_path / "one.csv", range(1, 2))
    source = table.source if kind == "sql" else CsvSource(path)
    assert run_plan(bank, collector, "applications", source).run.taken == 1
    (who,) = _people(bank)
    freeze(bank, dpo, who)
    if kind == "sql":
        for number in (7, 8):
            table.run("INSERT INTO people VALUES (?,?,?,?,?)", number, *person_line(1).split(","))
        table.add(9)
    else:
        path.write_text("\n".join([HEAD, *(person_line(number) for number in (1, 9, 1))]), "utf-8")
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, [one.reason for one in ran.aside]) == (1, ["frozen", "frozen"])
    release(bank, dpo, who)
    before = _cells(bank)
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, ran.run.subjects, _reasons(ran)) == (2, 0, [])
    assert _cells(bank) == before + 2
    assert run_plan(bank, collector, "applications", source).run.taken == 0
    assert _cells(bank) == before + 2
    table.source.close()


def test_whoever_names_somebody_frozen_is_kept_without_them_and_told(tmp_path: Path) -> None:
    """The part that is left out blocks the purge; the record is not taken a second time for it."""
    bank = lender(tmp_path)
    bank.take([2])
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[2])
    words = (bank.workspace, bank.tokens["collector"], TWO)
    done = collect(*words, [naming(1, 1, 2)], place=PLACE)
    assert (done.taken, done.aside) == (1, [Aside(1, "frozen", final=True)])
    release(bank.workspace, bank.tokens["dpo"], bank.people[2])
    before = _cells(bank.workspace)
    assert (collect(*words, [naming(1, 1, 2)], place=PLACE).taken, _cells(bank.workspace)) == (0, before)

    def look(records: Records, but: str) -> None:
        act, moved = begin(bank.workspace, records, words[1]), Moved(source="core", purposes=[], taken=0, aside=0)
        forget_asides(bank.workspace, records, act, PLACE, moved, but=but)

    bank.workspace.data.transact(lambda records: look(records, "suppressed"))  # it has met the record of which it is
    assert [one.reason for one in standing(bank.workspace, PLACE).rows.values()] == ["frozen"]
    bank.workspace.data.transact(lambda records: look(records, ""))
    assert standing(bank.workspace, PLACE).rows == {}


def test_of_a_record_of_somebody_frozen_nobody_is_taken(tmp_path: Path) -> None:
    """Whom it names comes in with it, not before and again: the record is set aside whole."""
    bank = lender(tmp_path)
    bank.take([1])
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    words = (bank.workspace, bank.tokens["collector"], TWO)
    done = collect(*words, [naming(1, 1, 2)], place=PLACE)
    assert (done.taken, done.subjects, done.aside) == (0, 0, [Aside(1, "frozen")])
    release(bank.workspace, bank.tokens["dpo"], bank.people[1])
    done = collect(*words, [naming(1, 1, 2)], place=PLACE)
    assert (done.taken, done.subjects, done.aside) == (1, 1, [])


def test_a_row_that_is_gone_from_its_table_is_not_set_aside_any_more(tmp_path: Path) -> None:
    """Deleted there by whoever runs it: what is left may be erased."""
    bank, table = workspaces.ready(tmp_path), _Table(tmp_path, 1, 2)
    collector, _ = approved(bank, PLAN, table.words)
    table.run("UPDATE people SET \"identity.id_number\" = '110105194912310021' WHERE id = 1")
    assert _reasons(run_plan(bank, collector, "applications", table.source)) == [(1, "id-number-check-digit")]
    with pytest.raises(Invalid, match="set aside"):
        look_again(bank, collector, "applications", table.source, erase=True)
    table.run("DELETE FROM people WHERE id = 1")
    assert _reasons(run_plan(bank, collector, "applications", table.source)) == []
    assert look_again(bank, collector, "applications", table.source, erase=True).is_gone()
    table.source.close()


def test_a_row_is_asked_for_as_it_was_read_and_comes_once_if_it_moved(tmp_path: Path) -> None:
    """A time that SQLite holds in other words than it is handed out; a row that changed has another place."""
    dsn = f"sqlite:///{tmp_path / 'core.db'}"
    bank, engine = workspaces.ready(tmp_path), sa.create_engine(dsn, poolclass=sa.NullPool)
    columns = ", ".join(f'"{one}"' for one in HEAD.split(","))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE people (id INTEGER PRIMARY KEY, updated TIMESTAMP, {columns})")
        for number in (1, 2, 3):
            row = (number, f"2026-01-01 00:00:0{number}", *person_line(number).split(","))
            connection.exec_driver_sql("INSERT INTO people VALUES (?,?,?,?,?,?)", row)
    words = SQL.format(dsn=dsn).replace('["id"]', '["updated", "id"]')
    collector, _ = approved(bank, PLAN, words)
    source = SqlTable(SqlAddress(dsn, "people", ("updated", "id")))
    for number in (1, 2):
        keep_out(bank, number)
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, _reasons(ran)) == (1, [(1, "suppressed"), (2, "suppressed")])
    for number in (1, 2):
        _back(bank, number)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE people SET updated = '2026-01-02 00:00:00' WHERE id = 1")
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, _reasons(ran), len(_people(bank))) == (2, [], 3)
    source.close()


def test_no_more_is_set_aside_than_the_volume(tmp_path: Path) -> None:
    """As many wait as the plan may take; a batch by which more would is not taken, and the plan stops and says why."""
    bank, table = workspaces.ready(tmp_path), _Table(tmp_path, 1, 2, 3)
    text = PLAN.replace("volume = 1000", "volume = 3")
    collector, _ = approved(bank, text, table.words)
    for number in (1, 2, 3, 4):
        keep_out(bank, number)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.outcome, len(ran.aside)) == ("finished", 3)
    place = ran.run.place
    table.add(4, 5)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.outcome, ran.run.taken) == ("over-waiting", 0)
    assert get_plan(bank, collector, "applications").state is PlanState.STOPPED
    assert (len(standing(bank, place).rows), standing(bank, place).reached.line) == (3, 3)
    with pytest.raises(NotInThisState, match="stopped"):
        run_plan(bank, collector, "applications", table.source)
    collector, _ = approved(bank, PLAN.replace("volume = 1000", "volume = 4"), table.words)
    ran = run_plan(bank, collector, "applications", table.source)
    assert (ran.run.outcome, ran.run.taken, len(ran.aside)) == ("finished", 1, 4)
    table.source.close()


def test_what_a_partner_does_not_push_again_is_told_and_taken_when_it_is(tmp_path: Path) -> None:
    """Nobody can ask a partner's system for it: each delivery says how many records wait for being sent anew."""
    bank = workspaces.ready(tmp_path)
    key = "0" * 63 + "1"
    collector, _ = approved(bank, PLAN, SOURCE.replace('"file"', '"push"') + f'push_key = "{key}"\n')
    keep_out(bank, 1)
    sent = [
        {"key": str(number), "fields": dict(zip(HEAD.split(","), person_line(number).split(","), strict=True))}
        for number in (1, 2, 3)
    ]

    def push(*records: object) -> Ran:
        return run_plan(bank, collector, "applications", Delivery(records))

    assert _reasons(push(sent[0], sent[1], {"no": "record"})) == [(1, "suppressed"), (3, "no-key-and-fields")]
    _back(bank, 1)
    ran = push(sent[2])
    assert ([(one.signal, one.count) for one in ran.run.findings], _reasons(ran)) == ([("not-asked-again", 2)], [])
    ran = push(sent[0])
    assert (ran.run.taken, ran.run.repeated, len(_people(bank))) == (1, 0, 3)


def test_what_does_not_read_is_set_aside_once_however_often_it_comes(tmp_path: Path) -> None:
    """An API that has one bad record among its pages every night has one record set aside, not one a night."""
    bank = workspaces.ready(tmp_path)
    rows = [record(1), {"id": ""}, record(2), record(3)]
    with partner(lambda *_: page(rows)) as api:
        more = 'paging = "none"'
        collector, plan = approved(bank, PLAN.replace("\n[design]", FIELDS), source_of(api.url, more))
        source = opened(api, more)
        for taken in (3, 0):
            ran = run_plan(bank, collector, plan.code, source)
            assert (ran.run.taken, _reasons(ran)) == (taken, [(2, "no-key")])
            assert standing(bank, ran.run.place).reached.done() == 4
        source.close()


def test_what_was_taken_away_in_an_api_does_not_keep_the_rest_from_being_erased(tmp_path: Path) -> None:
    """A look that meets every record and none that never came ends it, not before; of whom is kept out it goes last."""
    bank = workspaces.ready(tmp_path)
    rows = [record(1), {"id": ""}, record(2)]
    more = 'paging = "none"\nerase = "/people/{key}"'

    def delete(path: str) -> None:
        rows[:] = [one for one in rows if not path.endswith(f"/{one['id']}")]

    with partner(lambda *_: page(rows), delete=delete) as api:
        collector, plan = approved(bank, PLAN.replace("\n[design]", FIELDS), source_of(api.url, more))
        source = opened(api, more)
        keep_out(bank, 2)
        place = run_plan(bank, collector, plan.code, source).run.place
        assert look_again(bank, collector, plan.code, source).unknown == 1
        with pytest.raises(Invalid, match="set aside"):
            look_again(bank, collector, plan.code, source, erase=True)
        del rows[1]
        assert look_again(bank, collector, plan.code, source).left == 2
        assert [one.reason for one in standing(bank, place).rows.values()] == ["suppressed"]
        assert look_again(bank, collector, plan.code, source, erase=True).is_gone()
        assert (rows, standing(bank, place).rows) == ([], {})
        source.close()


def test_lines_that_an_older_version_left_waiting_are_still_looked_at(tmp_path: Path) -> None:
    """They stand in the position itself, without a row each and without a count of records."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    source = CsvSource(file_of(tmp_path / "people.csv", range(1, 4)))
    place = source_digest("branch", b"applications\0" + source.identity())
    before = Reached(line=3, waiting=(2,))

    def work(records: Records) -> None:
        moved = Moved(source="branch", purposes=["credit.review"], taken=0, aside=0)
        write_step(bank, records, begin(bank, records, collector), place, PlaceMove(before, frozenset(), {}), moved)

    bank.data.transact(work)
    keep_out(bank, 1)
    ran = run_plan(bank, collector, "applications", source)
    assert (ran.run.taken, _reasons(ran)) == (1, [(2, "suppressed")])
    assert standing(bank, place).reached.waiting == ()
    _back(bank, 1)
    assert run_plan(bank, collector, "applications", source).run.taken == 1
