"""Turns among processes: one has it, the others get it next, and nobody waits for ever."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from shouxin.errors import StoreUnavailable
from shouxin.storage import turns
from shouxin.storage.turns import Turns


def test_one_at_a_time_has_the_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds it taken goes on without it in the end, and gets it once it is free."""
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0.01)
    one, other = Turns(tmp_path / "turn"), Turns(tmp_path / "turn")
    with one.taken() as first:
        with other.taken() as second:
            assert (first, second) == (True, False)
        with other.taken() as third:  # it has not let go of what it did not have
            assert not third
    with other.taken() as fourth:
        assert fourth
    one.close()
    one.close()
    with one.taken() as fifth:
        assert fifth
    one.close()
    other.close()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    """The turn of a process that was killed in the middle of it is free."""
    told, tell = os.pipe()
    child = os.fork()
    if child == 0:
        with Turns(tmp_path / "turn").taken():
            os.write(tell, b"x")
            signal.pause()
    assert os.read(told, 1) == b"x"
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    mine = Turns(tmp_path / "turn")
    with mine.taken() as got:
        assert got
    mine.close()


def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """No turn can be had where there is no place for it."""
    with pytest.raises(StoreUnavailable), Turns(tmp_path / "away" / "turn").taken():
        pass
