"""At a million people: look up and disclose against ten thousand; erase one; advance the epoch while others read."""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import at_most, figure, times
from bench.house import House
from bench.million import PURPOSE, build
from bench.people import ID_NUMBER, MOBILE, NAME, id_number
from bench.stores import bare_commit
from bench.timing import milliseconds, percentile, seconds
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import StoreUnavailable
from shouxin.keys.epoch import EpochStep
from shouxin.operations.advance import Advance, advance
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.opening.permit import Wish
from shouxin.policy.card import Form

ITEMS = frozenset({NAME, MOBILE})
_MOST_BREAKS = 10
_WORTH_REPEATING = 120.0  # seconds; an advance that is slower than that is not run a second time


@dataclass(slots=True)
class Town:
    """A workspace of many people, and how long it took to make."""

    house: House
    people: list[SubjectId]
    took: float

    def serve(self, number: int) -> None:
        """Look person ``number`` up by ID number and disclose name and mobile masked."""
        workspace, token = self.house.workspace, self.house.tokens["analyst"]
        found = look_up(workspace, token, PURPOSE, ID_NUMBER, Plaintext.of(id_number(number)))
        assert found == [self.people[number]], "the look-up found somebody else"
        shown = disclose(workspace, token, Wish(PURPOSE, ITEMS, tuple(found), Form("masked")))
        assert set(shown.values[found[0]]) == ITEMS


def town(home: Path, people: int) -> Town:
    """Make a workspace of so many people."""
    start = time.perf_counter()

    def step(done: int) -> None:
        if done % 100_000 == 0:
            print(f"  {done:,} people after {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)

    house, made = build(home, people, step)
    return Town(house, made, time.perf_counter() - start)


def _served(large: Town, small: Town, folder: Path, count: int) -> dict[str, list[float]]:
    """Return the seconds of serving random people in both, and of a bare durable commit, in turn."""
    chance, commit = random.Random(3), bare_commit(folder)
    took: dict[str, list[float]] = {"large": [], "small": [], "bare": []}
    for turn in range(count + 50):
        here = {
            "large": lambda: large.serve(chance.randrange(len(large.people))),
            "small": lambda: small.serve(chance.randrange(len(small.people))),
            "bare": commit,
        }
        for name, work in here.items():
            wait = seconds(work)
            if turn >= 50:  # the first ones warm the caches of all three
                took[name].append(wait)
    return took


def _erased(large: Town, numbers: list[int]) -> list[float]:
    """Erase these people, each to ``live``; return the seconds of each."""
    took: list[float] = []
    for number in numbers:
        done: list[str] = []
        took.append(
            seconds(
                lambda number=number, done=done: done.append(
                    erase(large.house.workspace, large.house.tokens["dpo"], large.people[number])[1].state.value
                )
            )
        )
        assert done == ["live"]
    return took


@dataclass(slots=True)
class Reader:
    """Somebody who looks up and reads all the time while something else goes on."""

    town: Town
    gone: frozenset[int]
    waits: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def live(self) -> None:
        """Serve random people until told to stop; what fails is counted by its kind, and is a wait as well."""
        chance = random.Random(5)
        while not self.stop.is_set():
            number = chance.randrange(len(self.town.people))
            if number in self.gone:
                continue
            start = time.perf_counter()
            try:
                self.town.serve(number)
            except Exception as error:
                self.errors[f"{type(error).__name__}: {error}"] += 1
            self.waits.append(time.perf_counter() - start)


@dataclass(slots=True)
class Advanced:
    """One advance: its seconds, those of each step, and who read meanwhile."""

    took: float
    steps: dict[str, float]
    reader: Reader | None
    breaks: Counter[str] = field(default_factory=Counter)


def _advanced(large: Town, gone: frozenset[int], *, served: bool) -> Advanced:
    reader = Reader(large, gone) if served else None
    thread = None if reader is None else threading.Thread(target=reader.live, daemon=True)
    steps: dict[str, float] = {}
    last = [time.perf_counter()]

    def step(reached: EpochStep) -> None:
        now = time.perf_counter()
        steps[reached.value] = now - last[0]
        last[0] = now

    if thread is not None:
        thread.start()
        time.sleep(0.5)
    done: list[Advance] = []
    breaks: Counter[str] = Counter()

    def work() -> None:
        """Advance; what breaks it is counted, and it is resumed, as an operator would."""
        while not done:
            try:
                done.append(advance(large.house.workspace, large.house.tokens["operator"], step=step))
            except StoreUnavailable as error:
                breaks[str(error)] += 1
                if breaks.total() > _MOST_BREAKS:
                    raise

    last[0] = time.perf_counter()
    took = seconds(work)
    if reader is not None and thread is not None:
        reader.stop.set()
        thread.join()
    assert done[0].subjects == len(large.people), "the advance lost somebody"
    return Advanced(took, steps, reader, breaks)


def _spread(waits: list[float]) -> str:
    p50, p99 = percentile(waits, 0.5) * 1000, percentile(waits, 0.99) * 1000
    return f"p50 {p50:.0f} ms, p99 {p99:,.0f} ms, longest {max(waits) * 1000:,.0f} ms"


def _folder_bytes(home: Path) -> dict[str, float]:
    return {
        name: sum(file.stat().st_size for file in (home / name).rglob("*") if file.is_file()) / 1e9
        for name in ("data", "keyring", "index")
    }


def run(*, quick: bool) -> dict[str, Any]:
    """Measure; see the module."""
    many, few, count, erasures = (20_000, 2_000, 60, 5) if quick else (1_000_000, 10_000, 400, 20)
    with tempfile.TemporaryDirectory(prefix="shouxin-bench-") as folder:
        place = Path(folder)
        large, small = town(place / "large", many), town(place / "small", few)
        sizes = _folder_bytes(place / "large")
        took = _served(large, small, place, count)
        numbers = random.Random(4).sample(range(many), erasures)
        erased, erased_few = _erased(large, numbers), _erased(small, list(range(erasures)))
        gone = frozenset(numbers)
        with_readers = _advanced(large, gone, served=True)
        alone = _advanced(large, gone, served=False) if with_readers.took < _WORTH_REPEATING else None
    return _told(large, small, sizes, took, (erased, erased_few), (with_readers, alone))


def _told(
    large: Town,
    small: Town,
    sizes: dict[str, float],
    took: dict[str, list[float]],
    erased: tuple[list[float], list[float]],
    advanced: tuple[Advanced, Advanced | None],
) -> dict[str, Any]:
    """Put what was measured into figures and words."""
    many, few = f"{len(large.people):,}", f"{len(small.people):,}"
    ms = {name: milliseconds(waits) for name, waits in took.items()}
    over = {name: ms[name] / ms["bare"] for name in ("large", "small")}
    above = {name: ms[name] - 2 * ms["bare"] for name in ("large", "small")}
    with_readers, alone = advanced
    reader = with_readers.reader
    assert reader is not None
    steps = ", ".join(f"{name} {value:.1f} s" for name, value in with_readers.steps.items())
    told = ", ".join(f"{name} {value:.1f} s" for name, value in alone.steps.items()) if alone else "not run"
    broken = "; ".join(f"{count} × {what}" for what, count in with_readers.breaks.most_common(5)) or "nothing"
    failed = "; ".join(f"{count} × {what}" for what, count in reader.errors.most_common(5)) or "none failed"
    return {
        "title": f"At {many} people with 3 tags each",
        "figures": [
            figure(
                f"look up by ID number and disclose masked at {many}, p50 over a bare durable commit",
                over["large"],
                "commits",
                peer=(f"the same at {few}", over["small"]),
                goal=times(at_most(1.5)),
            ),
            figure("the same, p50 in time", ms["large"], "ms", peer=(f"at {few}", ms["small"])),
            figure("the same, p50 above two bare commits", above["large"], "ms", peer=(f"at {few}", above["small"])),
            figure(
                f"erase one person among {many}, to `live`, p50",
                milliseconds(erased[0]),
                "ms",
                peer=(f"among {few}", milliseconds(erased[1])),
                goal=at_most(100),
            ),
            figure(
                f"advance the epoch over {many}, readers served",
                with_readers.took,
                "s",
                peer=None if alone is None else ("the same with nobody reading", alone.took),
                goal=at_most(60, 20),
            ),
            figure(
                "a reader meanwhile: look up and disclose, p99 wait",
                percentile(reader.waits, 0.99) * 1000,
                "ms",
                peer=("p50 before the advance", ms["large"]),
            ),
            figure(
                "a reader meanwhile, longest wait", max(reader.waits) * 1000, "ms", peer=("p50 before", ms["large"])
            ),
        ],
        "notes": [
            (
                f"The workspace is made directly, by the product's own functions in batches of 20,000, in "
                f"{large.took:.0f} s (`bench/million.py` says what that leaves out); data {sizes['data']:.2f} GB, "
                f"keyring {sizes['keyring']:.2f} GB, index {sizes['index']:.2f} GB. Bare durable commit p50 "
                f"{ms['bare']:.2f} ms. Look-up and disclosure are two recorded commits; all were measured in turn, "
                f"{len(took['large'])} times."
            ),
            (
                f"Erasing {len(erased[0])} people: slowest {max(erased[0]) * 1000:.0f} ms at {many}, "
                f"{max(erased[1]) * 1000:.0f} ms at {few}."
            ),
            (
                f"Steps of the advance with a reader: {steps}. Alone: {told}. What broke it while "
                f"somebody read (it was then resumed): {broken}."
            ),
            (
                f"One reader, all the time, in the same process: {len(reader.waits):,} calls, {_spread(reader.waits)}; "
                f"{failed}. Its median wait before: {median(took['large']) * 1000:.1f} ms."
            ),
        ],
    }
