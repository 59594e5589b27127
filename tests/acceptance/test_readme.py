"""The README: its first workspace works as printed, its story is the demo's, its two languages agree."""

from __future__ import annotations

import ast
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.policy.lawpack import load_pack
from tests.acceptance.documents import documents, fenced, marked
from tests.house.tree import PACKAGE, ROOT, SRC, expect_none


@dataclass(frozen=True, slots=True)
class FirstWorkspace:
    """What the block of the README left behind, and what it printed."""

    place: Path
    code: int
    out: str
    err: str


def _run_block(place: Path) -> subprocess.CompletedProcess[str]:
    """Run the block in a folder that looks like a checkout, with ``shouxin`` on the path and a home of its own."""
    (place / "src").symlink_to(SRC)
    return _run(place, place, marked("README.md", "runs"))


def _run(place: Path, folder: Path, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script in ``folder``, with ``shouxin`` from ``place`` on the path and ``place`` as the home."""
    (place / "bin").mkdir(exist_ok=True)
    command = place / "bin" / "shouxin"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shouxin.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHOUXIN")}
    path = f"{command.parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**kept, "PATH": path, "HOME": str(place), "PYTHONPATH": str(SRC), **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstWorkspace:
    """Run the block once, whatever number of processes this test run has."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "readme-run-once"
    place.mkdir(exist_ok=True)
    record = place / "ran.json"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not record.exists():
            ran = _run_block(place)
            record.write_text(json.dumps([ran.returncode, ran.stdout, ran.stderr]), "utf-8")
    return FirstWorkspace(place, *json.loads(record.read_text("utf-8")))


@pytest.mark.slow
def test_the_first_workspace_of_the_readme_works(first: FirstWorkspace) -> None:
    """Every line of the block succeeds as printed, and does what the text around it says."""
    assert first.code == 0, first.out + first.err
    for told in ("王*", "erased", "intact"):
        assert told in first.out
    assert "王小明" not in first.out


@pytest.mark.slow
def test_the_first_copy_follows_from_the_first_workspace(first: FirstWorkspace, tmp_path: Path) -> None:
    """The block of docs/rights.md goes on where the README's ends, up to the opened package of the new person."""
    assert first.code == 0, first.err
    place = tmp_path / "again"
    shutil.copytree(first.place, place, symlinks=True)
    folder = place / "first-lender"
    given = dict(
        re.findall(
            r"^export (?:SHOUXIN_HOME=\S+ )?(SHOUXIN_PASSPHRASE)='(.+?)'", marked("README.md", "runs"), re.MULTILINE
        )
    )
    home = {"CARDS": str(place / "src/shouxin/demo/cards"), "SHOUXIN_HOME": str(folder / "workspace")}
    ran = _run(place, folder, marked("docs/rights.md", "runs"), **home, **given)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    document = json.loads((folder / "copy" / "personal-information.json").read_text("utf-8"))
    kept = {one["item"]: one["value"] for one in document["kept"]}
    assert (kept["identity.name"], kept["identity.id_number"]) == ("邱妹", "429905198204152166")


@pytest.mark.slow
def test_the_certificate_can_be_checked_by_hand(first: FirstWorkspace, tmp_path: Path) -> None:
    """The program in the workspace's public folder accepts a real certificate by the key beside it, and no other."""
    assert first.code == 0, first.err
    [real] = (first.place / "first-lender").glob("deleted.json")
    [public] = (first.place / "first-lender").glob("*/public")
    body = json.loads(real.read_text("utf-8"))

    def by_hand(document: dict[str, Any]) -> int:
        (tmp_path / "certificate.json").write_bytes(certificate_bytes(document))
        words = ["certificate.json", "--key", str(public / "log.vkey")]
        command = [sys.executable, "-I", str(public / "verify_certificate.py"), *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert by_hand(body) == 0
    for name, changed in {
        "subject": "00" * 16,
        "outcome": "retained",
        "parts": [],
        "openings": body["openings"][:-1],
        "events": [{**body["events"][0], "leaf": 1}, *body["events"][1:]],
    }.items():
        assert by_hand({**body, name: changed}) != 0, name


def test_both_readmes_show_the_same_commands() -> None:
    """The Chinese README is not a second truth: its blocks are those of the English one."""
    english, chinese = (fenced(documents()[name], "sh", "text") for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese


def _told_by_the_demo() -> list[re.Pattern[str]]:
    """What the demo can print: its strings, with anything where a value goes."""
    patterns: list[re.Pattern[str]] = []
    for path in (PACKAGE / "demo").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [one.value if isinstance(one, ast.Constant) else None for one in node.values]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = [node.value]
            else:
                continue
            if sum(len(str(part)) for part in parts if part) >= 6:
                text = "".join(".+" if part is None else re.escape(str(part)) for part in parts)
                patterns.append(re.compile(r"\s*" + text.removeprefix(r"\ \ ")))
    return patterns


def test_the_excerpt_of_the_demo_is_true() -> None:
    """Every line of the story in the README is one that the demo prints."""
    patterns = _told_by_the_demo()
    lines = [line.strip() for line in marked("README.md", "demo").splitlines() if line.strip() not in ("", "...")]
    told = [re.fullmatch(r"(?:\[\d/9\] ✓ )?(.*?)(?:  \(\d+\.\d s\))?", line) for line in lines]
    expect_none(line[1] for line in told if line and not any(one.fullmatch(line[1]) for one in patterns))
    assert not any(one.fullmatch("the moon is made of cheese, as everybody knows") for one in patterns)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_counts_the_rules_that_are_loaded(name: str) -> None:
    """The number of rules of Chinese law is that of the law pack."""
    told = re.search(r"([0-9]+) (?:rules of Chinese law|条中国法规则)", (ROOT / name).read_text("utf-8"))
    assert told is not None
    assert int(told.group(1)) == len(load_pack("cn").rules)
