"""The second story as a stranger runs it: its own API, page and PostgreSQL, one process, every command tried again.

It is told once a test run: OCR of a video takes its time.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from shouxin.demo.identities import Fabricator
from shouxin.demo.search import find
from tests.house.tree import SRC

pytestmark = pytest.mark.slow

STEPS: Final = ("planned", "from_api", "from_page", "from_database", "tokens", "graded", "gone")
# A word of what a step's command shows when it is run again in the workspace that was kept.
AGAIN: Final = {
    "planned": "loan-system",
    "from_api": "wechat",
    "from_page": "6 records taken",
    "from_database": "40 records taken",
    "tokens": "{found[0]}",
    "graded": "interview.mp4",
    "gone": "intact",
}


def _shouxin(*words: str, place: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    return subprocess.run(
        [sys.executable, "-m", "shouxin.cli", *words],
        cwd=place,
        env={**kept, "HOME": str(place), "PYTHONPATH": str(SRC), "COLUMNS": "200"},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_second_story_holds_and_each_step_can_be_seen_again(tmp_path: Path) -> None:
    """Exit code 0, every check held, and no number in any file; the same search finds all of them in the clear."""
    home = tmp_path / "home"
    ran = _shouxin("demo", "--sources", "--json", "--home", str(home), place=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    steps = {step["name"]: step for step in told["steps"]}
    assert told["ok"] is True
    assert tuple(steps) == STEPS
    assert all(step["ok"] for step in told["steps"])
    assert (steps["from_api"]["taken"], steps["from_api"]["unplanned"]) == (12, ["id", "person.religion", "wechat"])
    assert steps["graded"]["level"] >= 4
    assert re.fullmatch(r"1[0-2]\d{9}", steps["tokens"]["token"])
    for name, step in steps.items():
        words = shlex.split(step["command"])
        again = _shouxin(*words[1:], place=tmp_path, given=step.get("token", ""))
        assert again.returncode == 0, f"{step['command']}\n{again.stdout}{again.stderr}"
        assert AGAIN[name].format(**step) in again.stdout, step["command"]
    everybody = [Fabricator(20240701).identity(at) for at in range(58)]
    numbers = [number for one in everybody for number in (one.id_number, one.mobile)]
    needles = {str(at): number.encode() for at, number in enumerate(numbers)}
    assert not {name for name, count in find(home, needles).items() if count}
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "one").write_bytes(b" ".join(needles.values()))
    assert all(find(tmp_path / "plain", needles).values())
