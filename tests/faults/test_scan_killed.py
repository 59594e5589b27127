"""A scan that is killed with SIGKILL and started again with ``--resume`` reports what an undisturbed one does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.readers.sources import MOBILES, table
from tests.house.tree import ROOT

_FILES = 60


def _started(*words: str | Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "shouxin.cli", "source", "scan", *map(str, words)]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _report(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    del found["scan"]["began"], found["scan"]["ended"]
    return found


@pytest.mark.slow
def test_killed_and_resumed(tmp_path: Path) -> None:
    """Killed twice in the middle, the notes hold no value, and the report is the same to the last count."""
    folder = tmp_path / "source"
    folder.mkdir()
    for number in range(_FILES):
        (folder / f"{number:03}.csv").write_text(table(60 + number), "utf-8")
    assert _started(folder, "--report", tmp_path / "whole.json").wait() == 0
    cut, notes = tmp_path / "cut.json", tmp_path / "cut.json.part"
    more: tuple[str, ...] = ()
    for lines in (12, 36):
        running = _started(folder, "--report", cut, *more)
        end = time.monotonic() + 60
        while not (notes.exists() and notes.read_bytes().count(b"\n") > lines):
            assert running.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < end
        running.send_signal(signal.SIGKILL)
        running.wait()
        more = ("--resume",)
    kept = notes.read_bytes()
    assert b"mobile" in kept
    assert not [one for one in MOBILES if one.encode() in kept]
    assert not cut.exists()
    assert _started(folder, "--report", cut, "--resume").wait() == 0
    assert _report(cut) == _report(tmp_path / "whole.json")
    assert len(_report(cut)["scan"]["places"]) == _FILES
    assert not notes.exists()
