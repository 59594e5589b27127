from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, HOUR, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Invalid, NotFound, NotInThisState, StoreUnavailable
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting import run_plan as running
from shouxin.operations.collecting.analyse_plan import analyse_plan
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Yielded
from shouxin.operations.collecting.plan_row import PlanRun, PlanTotals, RunFinding
from shouxin.operations.collecting.plans import end_plan, get_plan
from shouxin.operations.collecting.purge import list_purges, look_again
from shouxin.operations.collecting.run_plan import ready_to_run, run_plan
from shouxin.operations.collecting.unused import unused_items
from shouxin.operations.retaining.schedule import schedule
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanState
from tests import recorded, workspaces
from tests.operations.portfolio import Hands
from tests.plans import HEAD, PLAN, SOURCE, approved, file_of, files_hold


def _people(workspace: Workspace) -> int:
    return len(workspace.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


def test_without_an_approved_plan_nothing_is_read(tmp_path: Path) -> None:
    """A source that nobody approved a plan for is not even opened."""
    bank = workspaces.ready(tmp_path)
    collector = workspaces.signed_in(bank, "collector")

    class Unopened(CsvSource):
        def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
            raise AssertionError("it was read")

    path = file_of(tmp_path / "people.csv", range(3))
    with pytest.raises(NotFound):
        run_plan(bank, collector, "applications", Unopened(path))
    collector, _ = approved(bank)
    end_plan(bank, collector, "applications")
    with pytest.raises(NotInThisState, match="ended is not for 'shouxin plan run'"):
        run_plan(bank, collector, "applications", Unopened(path))
    assert _people(bank) == 0


def test_a_field_that_was_not_planned_is_dropped_before_storage_and_told_by_name(tmp_path: Path) -> None:
    """An item that the taxonomy knows, and a column that nobody knows, both stay out of every file."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    head = f"{HEAD},identity.religion,宠物名"
    path = file_of(tmp_path / "people.csv", range(3), head, ",信仰甲,旺财乙")
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert (run.taken, run.outcome) == (3, "finished")
    assert run.unplanned == ("identity.religion", "宠物名")
    assert recorded.events(bank, EventKind.PLAN_RAN)[-1].facts["unplanned"] == 2
    path.unlink()
    bank.close()
    assert files_hold(workspaces.home_of(tmp_path), "信仰甲", "旺财乙", "宠物名") == ["宠物名"]


def test_an_item_that_the_card_needs_and_the_plan_does_not_name_stays_out(tmp_path: Path) -> None:
    """The plan is narrower than the card: what it leaves out is dropped, and counts as unplanned."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace(', "contact.mobile"', ""))
    path = file_of(tmp_path / "people.csv", range(1, 4))
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert (run.taken, run.unplanned) == (3, ("contact.mobile",))
    assert run.seen == ("credit.amount", "identity.id_number", "identity.name")
    (sealed, *_) = recorded.events(bank, EventKind.CELLS_SEALED)
    assert sealed.facts["items"] == 3


def test_a_header_that_is_a_line_of_data_has_no_value_told(tmp_path: Path) -> None:
    """What looks like somebody's number is not repeated as the name of a field."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = file_of(tmp_path / "people.csv", range(1), f"{HEAD},13800001234", ",x")
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert run.unplanned == ("(a name with digits)",)


@pytest.mark.parametrize(
    "head", ["张三,男", "欧阳娜娜,2026-01-31,identity.name", "lin@example.com,林黛玉,identity.name"]
)
def test_a_file_without_a_header_has_none_of_its_first_line_told(tmp_path: Path, head: str) -> None:
    """No name is planned, or one looks like a value: then the names beside it are somebody's too."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = tmp_path / "people.csv"
    rows = "\n".join([head, *(["王五,x,李四"[: 4 if head.count(",") == 1 else None]] * 3)])
    path.write_text(rows + "\n", "utf-8")
    raised: list[RunFinding] = []
    run = run_plan(bank, collector, "applications", CsvSource(path), raised=raised.append).run
    assert set(run.unplanned) <= {"(a name that may be a value)", "(a name with digits)"}
    told = repr((run.unplanned, raised, get_plan(bank, collector, "applications").runs))
    assert [one for one in head.split(",") if one in told and one != "identity.name"] == []
    assert raised


def test_more_than_the_plan_allows_stops_the_run(tmp_path: Path) -> None:
    """What is within the volume stays; the plan is stopped, and goes on only under another design."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("volume = 1000", "volume = 5"))
    path = file_of(tmp_path / "people.csv", range(20))
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert (run.outcome, run.taken, _people(bank)) == ("over-volume", 5, 5)
    assert get_plan(bank, collector, "applications").state is PlanState.STOPPED
    with pytest.raises(NotInThisState, match="stopped is not for 'shouxin plan run'"):
        run_plan(bank, collector, "applications", CsvSource(path))
    assert analyse_plan(bank, collector, "applications").state == "stopped"


def test_a_source_that_dies_half_way_leaves_the_run_open_and_it_goes_on(tmp_path: Path) -> None:
    """What was taken is counted, the rest comes with the next call, nothing twice; one run in all."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = file_of(tmp_path / "people.csv", range(1, 801))

    class Dies(CsvSource):
        def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
            for one in CsvSource.read(self, reached):
                if one.line > 601:
                    raise StoreUnavailable("the source broke off")
                yield one

    with pytest.raises(StoreUnavailable, match="broke off"):
        run_plan(bank, collector, "applications", Dies(path))
    assert _people(bank) == 600
    (run,) = get_plan(bank, collector, "applications").runs
    assert (run.outcome, run.taken, run.ended) == ("", 600, None)
    run = run_plan(bank, collector, "applications", CsvSource(path)).run
    assert (run.outcome, run.taken, _people(bank)) == ("finished", 800, 800)
    assert len(get_plan(bank, collector, "applications").runs) == 1


def test_a_plan_that_is_ended_while_it_runs_stops_before_the_next_batch(tmp_path: Path) -> None:
    """The plan is asked again in the transaction of each batch."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("volume = 1000", "volume = 5000"))
    path = file_of(tmp_path / "people.csv", range(1, collecting._BATCH + 300))

    def step(line: int) -> None:
        end_plan(bank, collector, "applications")

    with pytest.raises(NotInThisState, match="ended is not for 'shouxin plan run'"):
        run_plan(bank, collector, "applications", CsvSource(path), step=step)
    assert _people(bank) == collecting._BATCH


def test_a_source_that_is_only_observed_is_not_taken_from(tmp_path: Path) -> None:
    """The mode is part of what was approved."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace('mode = "copy"', 'mode = "observe"'))
    with pytest.raises(NotInThisState, match="source scan"):
        run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "p.csv", range(1, 3))))


@pytest.mark.parametrize(("frequency", "again"), [("any", True), ("once", False), ("daily", False)])
def test_a_plan_runs_as_often_as_it_says(tmp_path: Path, frequency: str, again: bool) -> None:
    """A second run in the same period is refused, unless the plan may run at any time."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace('frequency = "any"', f'frequency = "{frequency}"'))
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "one.csv", range(1, 3))))
    second = CsvSource(file_of(tmp_path / "two.csv", range(3, 6)))
    if again:
        assert run_plan(bank, collector, "applications", second).run.taken == 3
    else:
        with pytest.raises(NotInThisState, match="has run in this period"):
            run_plan(bank, collector, "applications", second)


def test_the_same_record_arrives_once_and_a_changed_one_again(tmp_path: Path) -> None:
    """A source that repeats and reorders what it hands out brings each record once, over runs too."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    plain = list(CsvSource(file_of(tmp_path / "p.csv", range(1, 6))).read(Reached()))
    keyed = [(str(number), one.fields) for number, one in enumerate(plain) if isinstance(one, SourceRecord)]

    class Repeats(CsvSource):
        def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
            for at, (key, fields) in enumerate([*keyed, *reversed(keyed)], reached.line + 1):
                yield SourceRecord(at, fields, (at,), key)

    source = Repeats(tmp_path / "p.csv")
    run = run_plan(bank, collector, "applications", source).run
    assert (run.taken, run.repeated, _people(bank)) == (5, 5, 5)
    keyed[0] = (keyed[0][0], PlainFields({**keyed[0][1].reveal(), "credit.amount": "1"}))
    run = run_plan(bank, collector, "applications", source).run
    assert (run.taken, run.repeated, _people(bank)) == (1, 9, 5)


def test_a_copy_is_tracked_until_a_look_shows_it_gone(tmp_path: Path) -> None:
    """The plaintext waits for its purge date; a look finds it; after it is deleted a look finds nothing."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    source = CsvSource(file_of(tmp_path / "people.csv", range(1, 4)))
    run_plan(bank, collector, "applications", source)
    (due,) = list_purges(bank, collector)
    assert (due.left, due.due - bank.clock.now() > 6 * 86_400_000) == (None, True)
    assert due.is_late(due.due)
    assert look_again(bank, collector, "applications", source).left == 3
    with pytest.raises(NotInThisState, match="delete it where it lies"):
        look_again(bank, collector, "applications", source, erase=True)
    source.path.unlink()
    assert look_again(bank, collector, "applications", source).is_gone()
    assert [event.facts["state"] for event in recorded.events(bank, EventKind.PURGE_CHANGED)] == [
        "due",
        "left",
        "erasing",
        "gone",
    ]


def test_what_was_set_aside_is_not_deleted_in_the_source(tmp_path: Path) -> None:
    """A record that exists nowhere else keeps the purge from deleting."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = file_of(tmp_path / "people.csv", range(1, 3))
    path.write_text(path.read_text("utf-8") + "x,y\n", "utf-8")
    assert run_plan(bank, collector, "applications", CsvSource(path)).run.aside == 1
    with pytest.raises(Invalid, match="set aside"):
        look_again(bank, collector, "applications", CsvSource(path), erase=True)


def test_the_analysis_says_what_was_planned_for_nothing(tmp_path: Path) -> None:
    """An item that never came, and a milestone that is past, stand in the report."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("2099-01-31", "2020-01-31"))
    path = tmp_path / "people.csv"
    path.write_text("identity.name,contact.mobile\n王五,13800000000\n", "utf-8")
    run_plan(bank, collector, "applications", CsvSource(path))
    found = analyse_plan(bank, collector, "applications")
    assert found.never_came == ("credit.amount", "identity.id_number")
    assert (found.late, found.state, found.taken) == (("first file",), "analysed", 1)


def test_a_plan_that_has_ended_is_still_analysed_and_stays_ended(tmp_path: Path) -> None:
    """What it brought is asked for after its end most of all; asked twice, it has not begun again."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "people.csv", range(1, 4))))
    end_plan(bank, collector, "applications")
    found = [analyse_plan(bank, collector, "applications") for _ in range(2)]
    assert [(one.state, one.taken, one.count) for one in found] == [("ended", 3, 1), ("ended", 3, 1)]
    with pytest.raises(NotInThisState):
        ready_to_run(bank, collector, "applications")


def test_an_item_that_never_comes_is_a_finding_and_a_record_without_any_is_set_aside(tmp_path: Path) -> None:
    """A header that lost two columns is told in the run; a file with none of them takes nobody in, and says so."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = tmp_path / "p.csv"
    path.write_text("identity.name,other\n王五,1\n,2\n", "utf-8")
    ran = run_plan(bank, collector, "applications", CsvSource(path))
    assert (ran.run.taken, [one.reason for one in ran.aside]) == (1, ["nothing-planned"])
    assert {(one.signal, one.field) for one in ran.run.findings} == {
        ("never-came", item) for item in ("contact.mobile", "credit.amount", "identity.id_number")
    }
    path.write_text("张三,x\n1,2\n", "utf-8")
    ran = run_plan(bank, collector, "applications", CsvSource(path))
    assert (ran.run.taken, ran.run.aside, _people(bank)) == (0, 1, 1)
    assert {one.signal for one in ran.run.findings} == {"never-came", "missing"}


def test_a_driver_of_another_kind_than_the_source_is_refused(tmp_path: Path) -> None:
    """A file does not pass for what a partner signs and pushes."""
    bank = workspaces.ready(tmp_path)
    key = "0" * 63 + "1"
    collector, _ = approved(bank, PLAN, SOURCE.replace('"file"', '"push"') + f'push_key = "{key}"\n')
    with pytest.raises(Invalid, match="of kind push, not file"):
        run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "forged.csv", range(3))))
    assert _people(bank) == 0


@pytest.mark.parametrize(("days", "kept"), [("30", 30), ("90", 90)])
def test_the_shorter_term_of_plan_and_card_binds_what_is_sealed(tmp_path: Path, days: str, kept: int) -> None:
    """What was collected under a plan of thirty days is due after thirty, though the card says a hundred and eighty."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("retention_days = 90", f"retention_days = {days}"))
    run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "p.csv", range(1, 3))))
    today = local_date(bank.clock.now())
    dpo = workspaces.signed_in(bank, "dpo")
    found = list(schedule(bank, dpo))
    assert {(one.term, one.outlook.on) for one in found} == {(f"file@{kept}", today + timedelta(days=kept))}
    due = {one.outlook.state.value for one in schedule(bank, dpo, today + timedelta(days=kept))}
    assert due == {"due"}
    assert {one.outlook.state.value for one in schedule(bank, dpo, today + timedelta(days=kept - 1))} == {"in-use"}


def test_runs_that_are_not_kept_one_by_one_any_more_still_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report and the minimisation report remember what the first run brought."""
    monkeypatch.setattr(running, "KEPT_RUNS", 3)  # a hundred of them take a minute
    clock = Hands()
    bank = workspaces.ready(tmp_path, clock)
    collector, _ = approved(bank, PLAN.replace("days = 30", "days = 4000"))
    path = file_of(tmp_path / "p.csv", range(1, 3))
    run_plan(bank, collector, "applications", CsvSource(path))
    clock.at += 91 * DAY
    collector = workspaces.signed_in(bank, "collector")
    for _ in range(4):
        clock.at += HOUR
        run_plan(bank, collector, "applications", CsvSource(path))
    dpo = workspaces.signed_in(bank, "dpo")
    plan = get_plan(bank, dpo, "applications")
    assert (len(plan.runs), plan.counted().runs) == (3, 5)
    found = analyse_plan(bank, dpo, "applications")
    assert (found.count, found.taken, found.never_came) == (5, 2, ())
    assert {one.item for one in unused_items(bank, dpo, 90)} == {
        "identity.name",
        "identity.id_number",
        "contact.mobile",
        "credit.amount",
    }
    old = replace(plan, runs=(PlanRun(plan.since, b"p" * 16, 0, taken=7, seen=("a.b",)),), totals=PlanTotals())
    assert (old.counted().taken, old.counted().items["a.b"].records) == (7, 7)


def test_where_nobody_replaces_what_looks_like_a_token_is_a_number(tmp_path: Path) -> None:
    """A mobile of another numbering plan begins as a token does: its owner comes in."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    path = tmp_path / "people.csv"
    path.write_text("identity.name,contact.mobile\nJane Doe,12025550123\n", "utf-8")
    assert run_plan(bank, collector, "applications", CsvSource(path)).run.taken == 1
