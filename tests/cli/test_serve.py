from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.shell import lender, run
from tests.house.tree import ROOT
from tests.web.served import Visitor


def test_serve_listens_on_this_machine_until_it_is_stopped(tmp_path: Path) -> None:
    """It says where, answers there, and Ctrl-C ends it."""
    home, _ = lender(tmp_path)
    command = [sys.executable, "-m", "shouxin.cli", "serve", "--port", "0", "--home", str(home)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env) as program:
        assert program.stderr is not None
        said = program.stderr.readline()
        try:
            found = re.search(r"http://127\.0\.0\.1:([0-9]+)/", said)
            assert found is not None, said
            assert Visitor(int(found[1])).get("/verify").status == 200
        finally:
            program.send_signal(signal.SIGINT)
        assert program.wait(30) in {0, 130}


def test_beyond_this_machine_a_name_is_needed(tmp_path: Path) -> None:
    """Nobody listens everywhere by a slip; an address that is not this machine's is said, without a traceback."""
    home, _ = lender(tmp_path)
    ran = run("serve", "--bind", "0.0.0.0", "--json", home=home)
    assert (ran.code, ran.data["error"]) == (1, "invalid")
    ran = run("serve", "--bind", "192.0.2.1", "--host", "x.example", home=home)
    assert ran.code == 1
    assert "nothing can listen" in ran.err


def test_a_pass_is_issued_on_the_command_line(tmp_path: Path) -> None:
    """The code is shown once, with the path of the page; other roles may not."""
    home, [who] = lender(tmp_path, 1, "analyst", "dpo")
    made = run("subject", "pass", who, "--minutes", "5", "--json", "--as", "dpo", home=home).data
    assert made["path"] == f"/person/enter?code={made['code']}"
    assert made["code"].startswith("pas_")
    assert run("subject", "pass", who, "--as", "analyst", home=home).code == 1
