"""The import contract bites: planted faults are seen, each one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, expect_none

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"

# file to add, what it says, and what the contract must say about it
FAULTS = [
    ("vault/planted.py", "import shouxin.storage", "shouxin.vault.planted -> shouxin.storage"),
    ("policy/planted.py", "import shouxin.ledger", "shouxin.policy.planted -> shouxin.ledger"),
    ("domain/planted.py", "import shouxin.keys", "shouxin.domain.planted -> shouxin.keys"),
    ("vault/planted.py", "import cryptography", "shouxin.vault.planted -> cryptography"),
    ("ledger/planted.py", "import cryptography", "shouxin.ledger.planted -> cryptography"),
    ("keys/planted.py", "import argon2", "shouxin.keys.planted -> argon2"),
    ("documents/planted.py", "import shouxin.operations", "shouxin.documents.planted -> shouxin.operations"),
    ("operations/planted.py", "import sqlalchemy", "shouxin.operations.planted -> sqlalchemy"),
    ("cli/planted.py", "import shouxin.storage", "shouxin.cli.planted -> shouxin.storage"),
    ("web/planted.py", "import shouxin.storage", "shouxin.web.planted -> shouxin.storage"),
    ("operations/planted.py", "import starlette", "shouxin.operations.planted -> starlette"),
    ("utils/__init__.py", "", "utils"),
]


def _lint(home: Path, file: str, text: str) -> subprocess.CompletedProcess[str]:
    """What the contract says about a copy of the package that has ``file`` added."""
    shutil.copytree(PACKAGE, home / "src" / "shouxin", ignore=lambda _, names: [n for n in names if _is_data(n)])
    shutil.copy(ROOT / "pyproject.toml", home)
    planted = home / "src" / "shouxin" / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f'"""Planted."""\n{text}\n', encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(home / "src"), "COLUMNS": "200"}
    return subprocess.run([sys.executable, "-c", LINT], cwd=home, env=env, capture_output=True, text=True, check=False)


def _is_data(name: str) -> bool:
    return name == "__pycache__" or ("." in name and not name.endswith(".py"))


@pytest.mark.slow
def test_the_import_contract_bites(tmp_path: Path) -> None:
    """Each forbidden import, and a folder that nobody listed, breaks the contract and is named in the report."""

    def blind(number: int) -> str:
        file, text, seen = FAULTS[number]
        result = _lint(tmp_path / str(number), file, text)
        bitten = result.returncode == 1 and seen in result.stdout
        return "" if bitten else f"{file}: {text}\n{result.stdout}{result.stderr}"

    with ThreadPoolExecutor(4) as pool:
        expect_none(report for report in pool.map(blind, range(len(FAULTS))) if report)
