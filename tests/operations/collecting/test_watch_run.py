from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from shouxin.connectors.csv_file import CsvSource
from shouxin.domain.event_kind import EventKind
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import StoreUnavailable
from shouxin.operations.collecting.analyse_plan import analyse_plan
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Yielded
from shouxin.operations.collecting.plan_row import RunFinding
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
