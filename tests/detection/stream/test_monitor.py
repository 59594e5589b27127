"""A stream that changes: each change is told once, by the batch that completes the evidence; a steady one is silent."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from shouxin.detection.bulk import finder
from shouxin.detection.stream.monitor import MOST_FIELDS, Monitor, StreamFinding, StreamSignal
from tests.connectors.readers.sources import CARDS, MOBILES

RNG = random.Random(7)


def _records(count: int, **changes: object) -> list[dict[str, str | None]]:
    made = []
    for _ in range(count):
        record: dict[str, str | None] = {
            "mobile": RNG.choice(MOBILES),
            "amount": f"{RNG.lognormvariate(8, 0.5):.2f}",
            "remark": RNG.choice(("还款", "无", "下周再联系")),
        }
        made.append({**record, **{name: one() if callable(one) else one for name, one in changes.items()}})
    return made


def _watch(monitor: Monitor, records: list[dict[str, str | None]]) -> list[StreamFinding]:
    return [found for at in range(0, len(records), 250) for found in monitor.observe(records[at : at + 250])]


def _told(found: list[StreamFinding]) -> list[tuple[str, str]]:
    return [(one.signal.value, one.field) for one in found]


@pytest.fixture
def monitor() -> Monitor:
    """One that has seen what is usual."""
    made = Monitor(find=finder())
    assert _watch(made, _records(1_000)) == []
    return made


def test_a_steady_stream_is_silent(monitor: Monitor) -> None:
    """Eight windows more of the same."""
    assert _watch(monitor, _records(8_000)) == []


@pytest.mark.parametrize(
    ("signal", "name", "change"),
    [
        ("new-kind", "remark", lambda: f"call {RNG.choice(MOBILES)}" if RNG.random() < 0.1 else "无"),
        ("missing", "amount", lambda: None if RNG.random() < 0.3 else "3000.00"),
        ("drift", "amount", lambda: f"{RNG.lognormvariate(9, 0.5):.2f}"),
        ("range", "amount", lambda: "99999999" if RNG.random() < 0.01 else f"{RNG.lognormvariate(8, 0.5):.2f}"),
        ("new-field", "card", lambda: "x"),
    ],
)
def test_a_change_is_told_once(monitor: Monitor, signal: str, name: str, change: object) -> None:
    """Within a window of its beginning, and not again while it lasts."""
    found = _watch(monitor, _records(3_000, **{name: change}))
    assert _told(found).count((signal, name)) == 1
    first = next(one for one in found if one.signal.value == signal)
    assert first.record <= 2_000


def test_a_new_kind_is_told_with_its_batch(monitor: Monitor) -> None:
    """Not at the end of the window: it is being stored meanwhile. What it is, and which item."""
    (found,) = monitor.observe(_records(250, remark=lambda: RNG.choice(CARDS)))
    assert (found.signal, found.kind, found.item, found.record) == (
        StreamSignal.NEW_KIND,
        "bank_card",
        "account.card_number",
        1_250,
    )
    assert found.now == 1.0


def test_numbers_that_pass_by_chance_are_no_new_kind(monitor: Monitor) -> None:
    """A tenth of order numbers of a card's length has a right check digit."""
    found = _watch(monitor, _records(1_000, remark=lambda: f"62{RNG.randrange(10**14):014}"))
    assert _told(found) == [("drift", "remark")]


def test_findings_hold_no_value(monitor: Monitor) -> None:
    """Neither a number of somebody nor the amount that broke the range."""
    found = _watch(monitor, _records(1_000, remark=lambda: RNG.choice(MOBILES), amount="88888888"))
    assert {one.signal for one in found} >= {StreamSignal.NEW_KIND, StreamSignal.RANGE}
    assert "88888888" not in str(found)
    assert not [one for one in MOBILES if one in str(found)]


def test_memory_stays_where_it_is() -> None:
    """A hundred thousand records more cost nothing; fields beyond the bound are told once and not watched."""
    made = Monitor(find=finder())
    batch: list[dict[str, str | None]] = [{"n": str(RNG.random() * 10 ** RNG.randrange(9))} for _ in range(5_000)]
    made.observe(batch)
    made.observe(batch)
    tracemalloc.start()
    for _ in range(6):
        made.observe(batch)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 3_000_000
    wide = {f"f{at}": "x" for at in range(MOST_FIELDS + 10)}
    assert [one.signal for one in made.observe([wide]) if one.signal is StreamSignal.TOO_MANY_FIELDS] == [
        StreamSignal.TOO_MANY_FIELDS
    ]
    assert StreamSignal.TOO_MANY_FIELDS not in {one.signal for one in made.observe([wide])}
    assert made.observe([]) == []
