"""A disk without room: every operation is done or is an operator's error, and with room again everything is whole.

``disk`` is a real one of 12 MB (a tmpfs), where this process may mount; the kernel then says ENOSPC at whichever write
is one too many. ``limit`` needs no rights: the kernel lets no file grow beyond a size (RLIMIT_FSIZE) and says EFBIG at
the same writes. Where nothing may be mounted, ``disk`` is tried by that limit too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from shouxin.errors import OperatorError
from shouxin.operations.erasing.erase import erase
from tests.faults.interrupted import Site, intact, opens
from tests.faults.nursery import CASES, HALF_RESTORED, judged
from tests.operations.portfolio import Hands, Lender, lender
from tests.workspaces import close

DISK: Final = 12 << 20
# What is left, in bytes, from nothing to enough: each stops an operation at a later write.
ROOMS: Final = (0, 16 << 10, 48 << 10, 96 << 10, 160 << 10, 320 << 10, 640 << 10, 3 << 20)


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Make ``folder`` a disk of its own with 12 MB, when this process may; say whether."""
    folder.mkdir()
    mount = shutil.which("mount")
    made = mount is not None and os.geteuid() == 0
    if made:
        words = [str(mount), "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
        made = subprocess.run(words, check=False, capture_output=True).returncode == 0
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.contextmanager
def full(folder: Path, *, mounted: bool, room: int) -> Iterator[None]:
    """Leave ``room`` bytes on the disk; or else let no file of this process grow beyond a page and ``room`` bytes."""
    if mounted:
        with (folder / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(bytes(4096)):
                pass
        os.truncate(folder / "filler", max(0, (folder / "filler").stat().st_size - room))
        try:
            yield
        finally:
            (folder / "filler").unlink()
        return
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096 + room, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)


def everything(bank: Lender) -> list[str]:
    """Do what writes, as long as it is let; return how each ended."""
    ended: list[str] = []
    for act in (
        lambda: bank.take(range(10, 60)),
        lambda: bank.film(bank.people[1], os.urandom(3_000_000)),
        lambda: bank.raw(bank.people[1]),
        lambda: bank.masked(bank.people[2]),
        lambda: erase(bank.workspace, bank.tokens["dpo"], bank.people[3]),
    ):
        try:
            act()
            ended.append("done")
        except OperatorError as error:
            ended.append(error.code)
    return ended


@pytest.mark.parametrize("by", ["disk", "limit"])
def test_on_a_full_disk_all_or_nothing_is_written(tmp_path: Path, by: str) -> None:
    """With no room left every operation is an operator's error; with room again all who were there open."""
    with small_disk(tmp_path / "disk") as mounted:
        bank = lender(tmp_path / "disk", Hands())
        bank.take([1, 2])
        bank.take([3], customer=False)
        close(bank.workspace)
        bank = bank.reopened()
        with full(tmp_path / "disk", mounted=mounted and by == "disk", room=0):
            ended = everything(bank)
        assert "done" not in ended
        close(bank.workspace)
        again = bank.reopened()
        opens(again, 1, 2)
        assert again.find(10) == []
        again.take([10, 11])
        opens(again, 10, 11)
        intact(again, finished=True)
        if not again.is_gone(again.people[3]):
            opens(again, 3)
            erase(again.workspace, again.tokens["dpo"], again.people[3])
        assert again.is_gone(again.people[3])
        close(again.workspace)


def _ended(name: str, site: Site, bank: Lender | None) -> str:
    """Do the operation of a case; return how it ended. Anything but an operator's error is an error of the test."""
    case = CASES[name]
    try:
        case.run(site) if bank is None else case.act(bank)
    except OperatorError as error:
        return error.code
    return "done"


@pytest.mark.parametrize("by", ["disk", "limit"])
@pytest.mark.parametrize("name", ["correct", "erase-in-part", "advance", "restore", "reconcile"])
def test_with_more_and_more_room_it_stops_later_and_is_all_or_nothing(tmp_path: Path, name: str, by: str) -> None:
    """Whichever write has no room: nothing is half done, nobody is lost, it can go on; with enough room it is done."""
    site = CASES[name].prepare(tmp_path / "prepared")
    ended: list[str] = []
    with small_disk(tmp_path / "disk") as mounted:
        for room in ROOMS:
            here = site.copied(tmp_path / "disk" / str(room))
            bank = None if name in HALF_RESTORED else here.open()
            with full(tmp_path / "disk", mounted=mounted and by == "disk", room=room):
                ended.append(_ended(name, here, bank))
            judged(name, here, bank)
            shutil.rmtree(tmp_path / "disk" / str(room))
            if ended[-1] == "done":
                break
    assert ended[-1] == "done"
    assert len(ended) > 1
    assert set(ended[:-1]) == {"store-unavailable"}
