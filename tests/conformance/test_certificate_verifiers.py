"""Two programs that share no code check certificates: the package's, and the one file for strangers."""

from __future__ import annotations

import ast
import base64
import copy
import os
import subprocess
import sys
from pathlib import Path

from shouxin.bootstrap import verifier_script
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.certifying.certify import certificate_bytes
from tests.conformance.issued import Issued
from tests.conformance.verifiers import SCRIPT, agreed, by_package, by_stranger, signed


def test_both_accept_every_honest_certificate(issued: Issued) -> None:
    """Each shape is accepted by both, with the same number of witnesses; so is a newline at the end."""
    for name, document in issued.documents.items():
        content = certificate_bytes(document)
        for one in (content, content + b"\n"):
            code, witnesses = by_package(one, issued.head.verifier, issued.witness)
            assert (code, witnesses) == by_stranger(one, issued.head.verifier, issued.witness)
            assert (code, witnesses) == (0, 0 if name == "live" else 1), name
    assert {one["outcome"] for one in issued.documents.values()} >= {"erased", "erased-in-part"}
    assert any(row["member"] for one in issued.documents.values() for row in one["openings"])


def run(*words: str | Path, optimised: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the file as a stranger does: this interpreter, isolated, no package path."""
    flags = ["-I", "-O"] if optimised else ["-I"]
    command = [sys.executable, *flags, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})


def test_a_stranger_runs_it_with_files_and_keys_only(issued: Issued, tmp_path: Path) -> None:
    """Exit code 0 for what holds, in both languages; 1 for too few witnesses or no key; 3 for a change."""
    paper, key = tmp_path / "deleted.json", tmp_path / "log.vkey"
    paper.write_bytes(certificate_bytes(issued.documents["sealed-1"]))
    key.write_text(issued.head.vkey + "\n", "utf-8")
    witness = issued.witness.vkey
    held = run(paper, "--key", key, "--witness-key", witness, "--language", "en")
    assert held.returncode == 0, held.stderr
    for said in (
        "1. Proved",
        "AML 34(3)",
        "2. Attested only",
        "recipient-not-told",
        "3. What this program cannot prove",
    ):
        assert said in held.stdout
    assert run(paper, "--key", key, optimised=True).returncode == 0
    assert run(paper, "--key", witness).returncode == 1
    assert run(paper, "--key", key, "--witness-key", issued.head.vkey).returncode == 1
    assert run(tmp_path / "nowhere", "--key", key).returncode == 1
    assert run(paper).returncode == 2
    live = tmp_path / "live.json"
    live.write_bytes(certificate_bytes(issued.documents["live"]))
    assert run(live, "--key", key, "--witness-key", witness).returncode == 1
    assert run(live, "--key", key, "--witness-key", witness, "--quorum", "0").returncode == 0
    paper.write_bytes(paper.read_bytes().replace(b'"outcome":"erased-in-part"', b'"outcome":"erased"', 1))
    assert run(paper, "--key", key, optimised=True).returncode == 3


def test_a_key_of_somebody_else_opens_nothing(issued: Issued) -> None:
    """Signed by anybody but the log that the reader trusts, both refuse; and so for a false cosignature."""
    document = copy.deepcopy(issued.documents["sealed-3"])
    stranger = LogHead(issued.head.verifier.name, b"s" * 32)
    content = certificate_bytes(document)
    for code in (one(content, stranger.verifier, issued.witness)[0] for one in (by_package, by_stranger)):
        assert code == 3
    line = document["checkpoint"].rstrip("\n").rpartition(" ")[2]
    raw = bytearray(base64.b64decode(line))
    raw[-1] ^= 1
    document["checkpoint"] = document["checkpoint"].replace(line, base64.b64encode(bytes(raw)).decode())
    assert agreed(signed(document, issued), issued) == 3


def test_it_is_one_short_file_without_the_package() -> None:
    """Under 300 lines, read by Python 3.9, nothing imported but the standard library and ``cryptography``."""
    text = SCRIPT.read_text("utf-8")
    assert text.count("\n") < 300
    tree = ast.parse(text, feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {name.partition(".")[0] for name in names}
    assert "cryptography" in rooms
    assert rooms - {"cryptography"} <= set(sys.stdlib_module_names)
    assert verifier_script() == SCRIPT.read_bytes()
