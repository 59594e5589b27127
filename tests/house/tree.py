"""The tree that the house rules are about, read once: files, syntax trees, and what is tracked."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGE = SRC / "shouxin"


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package: path below ``src`` -> syntax tree."""
    return {
        path.relative_to(SRC).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def expect_none(found: Iterable[str]) -> None:
    """Fail with one line for each thing found; a rule of the house is kept when there is none."""
    lines = sorted(found)
    if lines:
        pytest.fail("\n".join([f"{len(lines)} found", *lines]), pytrace=False)


def room(module: str) -> str:
    """The top folder that a module lives in; empty for those at the root of the package."""
    parts = module.split("/")
    return parts[1] if len(parts) > 2 else ""


def kept_files() -> list[Path]:
    """Every text file that is or could be committed, from git where there is git, else from the folder."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    else:
        files = [path for path in ROOT.rglob("*") if not set(path.relative_to(ROOT).parts) & _NEVER_COMMITTED]
    return [path for path in files if path.is_file() and path.suffix not in {".png", ".jpg", ".mp4", ".pyc", ".woff2"}]


_NEVER_COMMITTED = {
    ".git",
    ".venv",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
}
