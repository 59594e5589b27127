"""Processes that are killed where they are told to, and the questions that are asked afterwards.

They are forked by a *nursery* that never touched an object store: its library does not survive a fork.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from shouxin.errors import ShouxinError
from shouxin.operations.erasing.erase import erase
from tests.faults.interrupted import ROOT, Case, Moment, Site, intact, no_loose_ends, no_plaintext, plant
from tests.faults.interrupted_epochs import Advancing, Reconciling, Restoring
from tests.faults.interrupted_erasing import Archiving, ErasingArchived, ErasingInPart, ErasingWhole, Recalling
from tests.faults.interrupted_records import Collecting, Correcting, Disclosing, Keeping
from tests.faults.interrupted_rights import Answering, Receiving
from tests.operations.portfolio import (
    Lender,
    lender,
)
from tests.workspaces import close

CASES: Final[dict[str, Case]] = {
    "collect": Collecting(),
    "keep": Keeping(),
    "disclose": Disclosing(),
    "correct": Correcting(),
    "erase-whole": ErasingWhole(),
    "erase-in-part": ErasingInPart(),
    "archive": Archiving(),
    "recall": Recalling(),
    "erase-archived": ErasingArchived(),
    "advance": Advancing(),
    "restore": Restoring(),
    "reconcile": Reconciling(),
    "receive-right": Receiving(),
    "answer-right": Answering(),
}
# A restore that was stopped half way may leave a workspace that opens only by restoring again.
MAY_NOT_OPEN: Final = {"restore"}
# Before it is reconciled, the rows of a backup are not what the log says, and an audit says so.
HALF_RESTORED: Final = {"restore", "reconcile"}


def _play(name: str, site: Site, target: tuple[int, str] | None, report: Path, *, again: bool) -> None:
    """Run one case in this process, or take it up ``again``; kill it at ``target``, or write down every write."""
    seen: list[str] = []

    def fault(number: int, write: str, moment: Moment) -> None:
        if target == (number, moment):
            os.kill(os.getpid(), signal.SIGKILL)
        if moment == "before":
            seen.append(write)

    plant(pytest.MonkeyPatch(), fault)
    case = CASES[name]
    close((case.resume(site, site.open()) if again else case.run(site)).workspace)
    report.write_text(json.dumps(seen))


def nursery() -> None:
    """Fork a process for each order on standard input, and say on standard output how it ended."""
    with TemporaryDirectory() as folder:  # so that no child has to compile what all of them run
        bank = lender(Path(folder))
        bank.take([1])
        bank.raw(bank.people[1])
        Correcting().act(bank)
        erase(bank.workspace, bank.tokens["dpo"], bank.people[1])
        Advancing().act(bank)
        close(bank.workspace)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            report = Path(order["report"])
            try:
                target = tuple(order["target"]) if order["target"] else None
                _play(order["case"], Site(**order["site"]), target, report, again=order["again"])
            except BaseException:
                report.write_text(traceback.format_exc())
                os._exit(1)
            os._exit(0)
        if order["within"] is not None:
            time.sleep(order["within"])
            os.kill(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


@dataclass
class Nursery:
    """The process that forks others."""

    process: subprocess.Popen[str]

    def run(
        self,
        case: str,
        site: Site,
        target: tuple[int, str] | None,
        *,
        again: bool = False,
        within: float | None = None,
    ) -> tuple[int, str]:
        """Run ``case`` to its end, or to where it is killed; return how it ended and what it wrote down.

        With ``again`` it is taken up where it stopped. It is killed at ``target``, or ``within`` so many seconds.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        report = Path(site.home).parent / "report"
        report.unlink(missing_ok=True)
        order = {"case": case, "site": asdict(site), "target": target, "report": str(report)}
        order |= {"again": again, "within": within}
        print(json.dumps(order), file=self.process.stdin, flush=True)
        ended = int(self.process.stdout.readline())
        return ended, report.read_text() if report.exists() else ""


@contextlib.contextmanager
def started() -> Iterator[Nursery]:
    """Start a nursery; it ends with the block."""
    code = "from tests.faults.nursery import nursery; nursery()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
    )
    with process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def judged(name: str, site: Site, bank: Lender | None) -> None:
    """Ask everything of a workspace after a fault: as it is, and after it was taken up again."""
    case = CASES[name]
    no_plaintext(Path(site.home))
    if bank is None and name in MAY_NOT_OPEN:
        try:
            bank = site.open()
        except ShouxinError:
            bank = None
    elif bank is None:
        bank = site.open()
    if bank is None:
        bank = case.run(site)
    else:
        if name not in HALF_RESTORED:
            intact(bank, finished=False)
        case.between(site, bank)
        bank = case.resume(site, bank)
    close(bank.workspace)
    bank = site.open()
    intact(bank, finished=True)
    no_plaintext(Path(site.home))
    no_loose_ends(bank)
    case.after(site, bank)
    close(bank.workspace)


def faults(tmp_path: Path, name: str, forge: Nursery) -> tuple[Site, list[str]]:
    """Prepare a case, and count its writes by running it to its end; none may be missing that it is there for."""
    site = CASES[name].prepare(tmp_path / "prepared")
    ended, report = forge.run(name, site.copied(tmp_path / "counted"), None)
    assert ended == 0, report
    writes: list[str] = json.loads(report)
    rest = iter(writes)
    missing = [write for write in CASES[name].writes if write not in rest]
    assert not missing, f"{name} no longer meets, in this order, {missing}: {writes}"
    return site, writes


def problem(error: Exception) -> str:
    """Return what went wrong and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"
