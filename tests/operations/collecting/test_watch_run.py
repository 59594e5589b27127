from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.detection.stream.monitor import KeptField
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import StoreUnavailable
from shouxin.operations.collecting.analyse_plan import analyse_plan
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Yielded
from shouxin.operations.collecting.plan_row import RunFinding
from shouxin.operations.collecting.plans import get_plan
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.collecting.watch_run import RunWatch
from tests import recorded, workspaces
from tests.plans import HEAD, PLAN, approved, file_of, person_line


def _flowing(count: int, at: int, **later: str) -> Iterator[tuple[Yielded, bytes]]:
    """Records of a branch; from number ``at`` on with fields of ``later``."""
    for number in range(count):
        fields = {"amount": str(5000 + number % 100), "remark": "quiet", **(later if number >= at else {})}
        yield SourceRecord(number + 1, PlainFields(fields)), b""


@pytest.mark.parametrize(
    ("later", "told"),
    [
        ({"remark": "13800001234"}, ("new-kind", "remark", "mobile")),
        ({"nickname": "x"}, ("new-field", "nickname", "")),
        ({"amount": ""}, ("missing", "amount", "")),
        ({"amount": "9000000"}, ("range", "amount", "")),
        ({"amount": "5"}, ("drift", "amount", "")),
        ({}, None),
    ],
)
def test_what_is_not_as_it_was_is_told_before_its_piece_goes_on(later: dict[str, str], told: Any) -> None:
    """Each signal, by name and kind, when no more than the piece that shows it was handed on; nothing for nothing."""
    raised: list[tuple[RunFinding, int]] = []
    handed = 0
    watch = RunWatch(lambda one: raised.append((one, handed)))
    for _ in watch.over(_flowing(3_000, 1_500, **later)):
        handed += 1
    assert handed == 3_000
    assert [(one.signal, one.field, one.kind) for one, _ in raised][:1] == ([] if told is None else [told])
    assert all(at < one.record for one, at in raised)
    assert watch.findings == [one for one, _ in raised]
    assert not any("13800001234" in repr(one) for one in watch.findings)


def test_a_change_late_in_a_long_stream_is_seen_though_not_every_record_is_looked_at() -> None:
    """Behind 20,000 records the new kind is raised within 2,000 of them."""
    watch = RunWatch(lambda _one: None)
    assert sum(1 for _ in watch.over(_flowing(24_000, 20_000, remark="13800001234"))) == 24_000
    (found,) = [one for one in watch.findings if one.signal == "new-kind"]
    assert 20_000 < found.record <= 22_000


def test_findings_stand_with_the_run_and_are_counted_in_the_ledger(tmp_path: Path) -> None:
    """The run and its analysis name them; the event holds how many; a name with digits is not told."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN.replace("volume = 1000", "volume = 5000"))

    class Widened(CsvSource):
        def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
            for one in super().read(reached, wanted):
                if isinstance(one, SourceRecord) and one.line > 520:
                    yield SourceRecord(
                        one.line, PlainFields({**one.fields.reveal(), "wechat": "wx", "13800001234": "x"})
                    )
                else:
                    yield one

    told: list[RunFinding] = []
    path = file_of(tmp_path / "people.csv", range(1, 601))
    run = run_plan(bank, collector, "applications", Widened(path), raised=told.append).run
    assert {(one.signal, one.field) for one in run.findings} == {
        ("new-field", "wechat"),
        ("new-field", "(a name with digits)"),
    }
    assert tuple(told) == run.findings
    assert recorded.events(bank, EventKind.PLAN_RAN)[-1].facts["findings"] == 2
    assert analyse_plan(bank, collector, "applications").runs[-1].findings == run.findings


def test_an_item_that_the_run_before_brought_and_this_one_does_not_is_missing(tmp_path: Path) -> None:
    """Every amount is empty in the second file."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)
    first = run_plan(bank, collector, "applications", CsvSource(file_of(tmp_path / "a.csv", range(1, 4)))).run
    assert first.findings == ()
    lines = [HEAD, *(person_line(number).rpartition(",")[0] + "," for number in range(4, 7))]
    (tmp_path / "b.csv").write_text("\n".join(lines) + "\n", "utf-8")
    second = run_plan(bank, collector, "applications", CsvSource(tmp_path / "b.csv")).run
    assert [(one.signal, one.field) for one in second.findings] == [("missing", "credit.amount")]


def test_a_source_that_breaks_keeps_what_was_found_before(tmp_path: Path) -> None:
    """The run stays open with its finding; the same run goes on and does not lose it."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank)

    class Breaking(CsvSource):
        broken = True

        def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
            for one in super().read(reached, wanted):
                if Breaking.broken and one.line == 560:
                    raise StoreUnavailable("it died")
                if isinstance(one, SourceRecord) and one.line > 540:
                    yield SourceRecord(one.line, PlainFields({**one.fields.reveal(), "wechat": "wx"}))
                else:
                    yield one

    source = Breaking(file_of(tmp_path / "people.csv", range(1, 601)))
    with pytest.raises(StoreUnavailable):
        run_plan(bank, collector, "applications", source)
    Breaking.broken = False
    run = run_plan(bank, collector, "applications", source).run
    assert (run.taken, run.outcome) == (600, "finished")
    assert ("new-field", "wechat") in {(one.signal, one.field) for one in run.findings}


def test_files_of_a_hundred_and_fifty_are_held_against_those_before(tmp_path: Path) -> None:
    """A remark that turns into identity numbers on the fifth day is told that day; what is kept holds no value."""
    bank = workspaces.ready(tmp_path)
    collector, plan = approved(bank, PLAN.replace("volume = 1000", "volume = 5000"))
    told = []
    for day in range(6):
        lines = [f"{HEAD},remark"]
        for number in range(1 + day * 150, 151 + day * 150):
            other = person_line(number + 2_000).split(",")[1]
            lines.append(f"{person_line(number)},{'quiet' if day < 4 else other}")
        path = tmp_path / f"{day}.csv"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        run = run_plan(bank, collector, plan.code, CsvSource(path)).run
        told.append([(one.signal, one.field, one.kind) for one in run.findings])
    assert told[:4] == [[]] * 4
    assert ("new-kind", "remark", "resident_id") in told[4]
    assert ("new-kind", "remark", "resident_id") in told[5]
    kept = get_plan(bank, collector, plan.code).usual
    assert kept is not None
    assert (kept.plan, "resident_id" in kept.fields["remark"].usual.kinds) == (plan.digest(), False)
    assert other not in repr(kept)
    assert "138000" not in repr(kept)


def test_deliveries_of_two_are_held_against_those_before() -> None:
    """A new kind is told by its third value, in whichever delivery it comes; and a field that is new, at once."""
    usual: dict[str, KeptField] = {}
    told = []
    for number in range(40):
        watch = RunWatch(lambda _one: None, usual=usual)
        later = {"remark": person_line(number)[6:24]} if number >= 30 else {}
        assert sum(1 for _ in watch.over(_flowing(2, 0, **later))) == 2
        told.append([(one.signal, one.kind) for one in watch.findings])
        usual = watch.usual()
    assert not any(told[:31])
    assert ("new-kind", "resident_id") in told[31]
    watch = RunWatch(lambda _one: None, usual=usual)
    list(watch.over(_flowing(2, 0, nickname="x")))
    assert [(one.signal, one.field) for one in watch.findings] == [("new-field", "nickname")]


def test_a_field_that_ten_records_in_a_row_lack_is_missing() -> None:
    """In a first run of twenty, ten of which lost it; one that every third record has is not."""
    watch = RunWatch(lambda _one: None)
    list(watch.over(_flowing(20, 10, amount="")))
    assert [(one.signal, one.field) for one in watch.findings] == [("missing", "amount")]
    watch = RunWatch(lambda _one: None)
    read = list(_flowing(600, 600))
    now_and_then = ((SourceRecord(at, PlainFields({"a": "x" if at % 3 == 0 else ""})), b"") for at in range(len(read)))
    assert len(list(watch.over(now_and_then))) == 600
    assert not watch.findings


def test_a_slow_source_is_looked_at_before_a_piece_is_full() -> None:
    """By the clock: what came goes on with the record by which two seconds are over."""
    taken: list[int] = []

    class Hands:
        def now(self) -> Instant:
            return Instant(1_000 * len(taken))

    def slowly() -> Iterator[tuple[Yielded, bytes]]:
        for number, one in enumerate(_flowing(9, 9)):
            taken.append(number)
            yield one

    watch = RunWatch(lambda _one: None, clock=Hands())
    next(watch.over(slowly()))
    assert taken == [0, 1, 2]
