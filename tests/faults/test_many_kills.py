"""Two thousand kills and more over erasing, archiving and advancing: at every write, at random, and during recovery.

Each round begins with a kill just before or after the next write of the operation, so that every write point comes up.
Then the operation is taken up again and killed again, at a random write or at a random moment between two writes, until
it comes through or has been killed often enough. Only then everything is asked (``judged``): nothing is half erased,
nobody who stays is lost, no erased person is readable, and an old keyring opens nothing once the epoch is left.
"""

from __future__ import annotations

import itertools
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from shouxin.errors import ShouxinError
from tests.faults.interrupted import Site, expect
from tests.faults.nursery import Nursery, faults, judged, problem, started
from tests.house.tree import expect_none

KILLS: Final = {
    "erase-whole": 400,
    "erase-in-part": 400,
    "erase-archived": 300,
    "archive": 300,
    "recall": 200,
    "advance": 500,
}
# How often one site is killed at most before it is judged.
IN_A_ROW: Final = 12


@pytest.fixture(scope="module")
def forge() -> Iterator[Nursery]:
    """Start a nursery for this module."""
    with started() as nursery:
        yield nursery


def _round(
    forge: Nursery, name: str, site: Site, first: tuple[int, str], chance: random.Random, span: tuple[int, float]
) -> int:
    """Kill one site at ``first``, then again and again while it recovers; return how many kills there were."""
    ended, report = forge.run(name, site, first)
    expect(ended == -signal.SIGKILL, f"it was not killed: {ended} {report}")
    writes, seconds = span
    for kills in range(1, IN_A_ROW):
        if chance.random() < 0.5:
            # What is left to do after some kills is short: early moments are more often still before its end.
            target = int(writes * chance.random() ** 2), chance.choice(("before", "after"))
            ended, report = forge.run(name, site, target, again=True)
        else:
            ended, report = forge.run(name, site, None, again=True, within=chance.uniform(0, 0.7 * seconds))
        if ended == 0:
            return kills
        expect(ended == -signal.SIGKILL, f"it could not go on: {ended} {report}")
    return IN_A_ROW


def test_the_count_is_what_was_asked() -> None:
    """The cases below add up to two thousand kills and more."""
    assert sum(KILLS.values()) >= 2_000


@pytest.mark.long
@pytest.mark.parametrize("name", KILLS)
def test_killed_again_and_again_it_is_all_or_nothing(tmp_path: Path, forge: Nursery, name: str) -> None:
    """Killed as often as it likes, also while it recovers, an operation is all or nothing in the end."""
    site, writes = faults(tmp_path, name, forge)
    begun = time.monotonic()
    forge.run(name, site.copied(tmp_path / "timed"), None)
    span = len(writes), time.monotonic() - begun
    points = itertools.cycle([(number, moment) for number in range(len(writes)) for moment in ("before", "after")])
    chance = random.Random(name)
    problems: list[str] = []
    kills = rounds = 0
    while kills < KILLS[name] or rounds < 2 * len(writes):
        rounds += 1
        first = next(points)
        here = site.copied(tmp_path / "here")
        try:
            kills += _round(forge, name, here, first, chance, span)
            judged(name, here, None)
        except (AssertionError, ShouxinError, LookupError, ValueError) as error:
            kills += 1
            problems.append(f"round {rounds}, first killed {first}: {problem(error)}")
        shutil.rmtree(tmp_path / "here")
    print(f"{name}: {kills} kills in {rounds} rounds over {len(writes)} writes")
    expect_none(problems)
