from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = """还款 3000 v
利息 2000 n
今天 2500 t
我们 9000 r
的 90000 u
了 50000 u
和 40000 c
银行 3000 n
高兴 1200 a
张小明 30 nr
李建国 30 nr
王志强 30 nr
青龙河 5 ns
铁路局 5 nt
"""


def _train(folder: Path, number: int, seed: int) -> bytes:
    words, target = folder / "words.txt", folder / f"{number}.npz"
    words.write_text(WORDS, "utf-8")
    command = [sys.executable, "-m", "tools.names.train", "--lines", "120", "--passes", "1", "--seed", str(seed)]
    env = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}", "PYTHONHASHSEED": str(number)}
    subprocess.run([*command, "--words", str(words), "--to", str(target)], cwd=ROOT, env=env, check=True)
    return target.read_bytes()


@pytest.mark.slow
def test_training_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    """Two runs, whatever the order of sets in each, write the same bytes; another seed writes others."""
    first = _train(tmp_path, 1, seed=1)
    assert _train(tmp_path, 2, seed=1) == first
    assert _train(tmp_path, 3, seed=2) != first
