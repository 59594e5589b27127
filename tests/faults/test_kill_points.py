"""Killed, or refused by a store, at every durable write of every operation that spans more than one store.

Each operation is run once to count its writes. Then it is run again for each of them: in a process of its own that
kills itself (SIGKILL) just before or just after that write; and in this process with the write refused, lost or kept.
Afterwards the workspace is opened anew and everything is asked that a lender would ask.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.errors import OperatorError, ShouxinError, StoreUnavailable
from tests.faults.interrupted import READS, WRITES, Moment, expect, plant
from tests.faults.nursery import CASES, HALF_RESTORED, Nursery, faults, judged, problem, started
from tests.house.tree import expect_none


@pytest.fixture(scope="module")
def forge() -> Iterator[Nursery]:
    """Start a nursery for this module."""
    with started() as nursery:
        yield nursery


def test_every_method_of_a_driver_is_killed_at_or_only_reads() -> None:
    """A driver that learns to write in a new way says so in ``WRITES``, or no kill would ever come there."""
    assert WRITES.keys() == READS.keys()
    for driver, writes in WRITES.items():
        public = [name for name in vars(driver) if not name.startswith("_")]
        assert sorted(public) == sorted((*writes, *READS[driver])), driver.__name__


# What is killed before a write has left on disk what is killed after the one before it: all but the first are checked
# twice, so the second time is for long runs.
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.long), "after"])
@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_write_it_is_all_or_nothing(tmp_path: Path, forge: Nursery, name: str, moment: str) -> None:
    """Killed at any write: nothing is half done, nobody who stays is lost, nobody erased opens, and it can go on."""
    site, writes = faults(tmp_path, name, forge)
    problems: list[str] = []
    for number, write in enumerate(writes):
        here = site.copied(tmp_path / str(number))
        ended, report = forge.run(name, here, (number, moment))
        try:
            expect(ended == -signal.SIGKILL, f"it was not killed: {ended} {report}")
            judged(name, here, None)
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            problems.append(f"killed {moment} {number} {write}: {problem(error)}")
        shutil.rmtree(tmp_path / str(number))
    assert writes
    expect_none(problems)


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("name", CASES)
def test_a_refused_write_is_all_or_nothing(tmp_path: Path, forge: Nursery, name: str, kept: bool) -> None:
    """A store that says no, whether the write was lost or kept: the same, and the same process can go on."""
    site, writes = faults(tmp_path, name, forge)
    wrong: Moment = "after" if kept else "before"
    problems: list[str] = []
    for number, write in enumerate(writes):
        here = site.copied(tmp_path / str(number))
        case, bank = CASES[name], None
        refused: list[str] = []

        def fault(at: int, met: str, moment: Moment, wanted: int = number, refused: list[str] = refused) -> None:
            if (at, moment) == (wanted, wrong):
                refused.append(met)
                raise StoreUnavailable("the store cannot be used now")

        try:
            with pytest.MonkeyPatch.context() as patch:
                bank = None if name in HALF_RESTORED else here.open()
                plant(patch, fault)
                with contextlib.suppress(OperatorError):
                    case.run(here) if bank is None else case.act(bank)
            expect(refused == [write], f"not refused but {refused}")
            judged(name, here, bank)
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            problems.append(f"{'kept' if kept else 'lost'} {number} {write}: {problem(error)}")
        shutil.rmtree(tmp_path / str(number))
    assert writes
    expect_none(problems)
