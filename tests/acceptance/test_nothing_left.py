"""A search place by place, before an erasure and after its sealing: each place is named, found once and not again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from shouxin.bootstrap import open_workspace
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId, show
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, OperatorError, ShouxinError
from shouxin.keys.chain import SEAL, decode
from shouxin.operations.advance import advance
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.archive import run_archive
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.tiers import archive_of
from shouxin.storage.tables import AUTHORITY
from tests.house.tree import ROOT
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.portfolio import ID_NUMBER, MARK, VIDEO, Hands, Lender, values_of
from tests.web.served import Visitor
from tests.workspaces import PASSPHRASE, close

_LONG = f"{MARK}影像".encode() * 400_000  # 4.8 MB: more chunks than are handed out between two questions


def _in_files(place: Path, pieces: set[bytes]) -> Callable[[], bool]:
    """Look for pieces in every file below a place, free pages and write-ahead logs included.

    Another process reads them: one that closes a file of a store lets go of the locks that it has on it, and the web
    process would take itself for the last one.
    """

    def found() -> bool:
        files = [str(path) for path in sorted(place.rglob("*")) if path.is_file()]
        read = subprocess.run(["cat", "--", *files], capture_output=True, check=True).stdout if files else b""
        return any(piece in read for piece in pieces)

    return found


def _shows(bank: Lender, number: int) -> bool:
    """Say whether a process that runs already shows somebody, by search or by name."""
    try:
        return bool(bank.find(number)) or not bank.is_gone(bank.people[number])
    except ShouxinError:
        return False


def _goes_on(chunks: Iterator[Plaintext]) -> bool:
    """Say whether an export that is on its way comes to its end."""
    try:
        return sum(1 for _ in chunks) > 0
    except (NotFound, OSError, OperatorError):
        return False


def _in_job_tables(data: sqlite3.Connection, pieces: Collection[bytes]) -> bool:
    """Look for pieces in every column of every table that says what is to be done, by whom and how far it is."""
    tables = [AUTHORITY[kind].name for kind in AuthorityKind]
    rows = (row for table in tables for row in data.execute(f'SELECT * FROM "{table}"'))
    told = (one.encode() if isinstance(one, str) else one for row in rows for one in row)
    return any(piece in one for one in told if isinstance(one, bytes) for piece in pieces)


@dataclass
class _Web:
    """``shouxin serve`` as a process of its own, and everything that it has printed."""

    port: int
    printed: list[bytes] = field(default_factory=list)


@contextmanager
def _served(home: Path, temporary: Path) -> Iterator[_Web]:
    command = [sys.executable, "-m", "shouxin.cli", "serve", "--port", "0", "--home", str(home)]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env) as program:
        assert program.stderr is not None
        said = program.stderr.readline()
        try:
            found = re.search(rb"http://127\.0\.0\.1:([0-9]+)/", said)
            assert found is not None, said
            web = _Web(int(found[1]), [said])
            yield web
        finally:
            program.send_signal(signal.SIGINT)
            rest = program.communicate(timeout=30)
    web.printed += rest


def _looked_at(web: _Web, bank: Lender, number: int) -> Visitor:
    """Have the desk let a person see their page, and ask for them by number where nobody should; return the person."""
    desk = Visitor(web.port)
    assert desk.sign_in("rights_desk", PASSPHRASE).status == 303
    made = desk.post("/pass", subject=show(SubjectId, bank.people[number]), minutes="30")
    code = made.text.partition("code=")[2].partition("<")[0].partition('"')[0]
    person = Visitor(web.port)
    assert person.post("/person/enter", code=code).status == 303
    assert "Who used my information" in person.get("/person").plain()
    for value in values_of(number).values():
        assert desk.get(f"/orders/{quote(value.text())}").status in {404, 422}
    return person


@pytest.mark.slow
def test_each_place_is_found_before_and_not_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, tags, objects in both stores, files, logs, temporary files, job tables, the web, old copies, exports."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    clock = Hands()
    bank = with_archive(tmp_path, clock)
    bank.take([1, 2], customer=False)
    who = bank.people[1]
    cold = bank.film(who)
    wait(bank, clock, days=DAYS + 1)
    run_archive(bank.workspace, bank.tokens["operator"])
    hot = bank.film(who, _LONG)
    serving = bank.reopened(clock)
    workspace = bank.workspace
    rows = workspace.data.read(lambda records: records.cells.cells_of([who]))
    chain = workspace.custody.keyring.get([who])[who]
    epoch = workspace.custody.current
    tags = {tag for tag, _, _ in workspace.index.rows_of(epoch, [row.cell for row in rows])}
    sealed = {row.sealed[-40:] for row in rows}
    wrapped = {link.wrapped for link in decode(chain.links[SEAL:])} | {chain.wrapped}
    blobs = {
        name: b"".join(store.get(one))[-40:]
        for name, store, one in (
            ("hot", workspace.objects, hot),
            ("cold", archive_of(workspace), cold),
        )
    }
    said = {value.text().encode() for value in values_of(1).values()}
    everything = said | sealed | wrapped | tags | set(blobs.values())
    data = sqlite3.connect(bank.home / "data" / "data.db", isolation_level=None)
    printed: list[bytes] = []

    def key_opens() -> bool:
        found = workspace.custody.keyring.get([who]).get(who)
        return found is not None and any(map(workspace.custody.open(found).holds, (row.cell for row in rows)))

    def tag_stands() -> bool:
        cells = [row.cell for row in rows]
        return any(workspace.index.rows_of(one, cells) for one in workspace.index.generations())

    def old_copy_opens() -> bool:
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(tmp_path / "old", copy)
        shutil.rmtree(copy / bank.home.name / "root")
        shutil.copytree(bank.home / "root", copy / bank.home.name / "root")
        try:
            again = open_workspace(copy / bank.home.name, clock=clock)
        except ShouxinError:
            return False
        return _shows(Lender(again, bank.tokens, copy / bank.home.name, dict(bank.people)), 1)

    places: dict[str, Callable[[], bool]] = {
        "key in the keyring": key_opens,
        "tag in the index": tag_stands,
        "object in the hot store": lambda: workspace.objects.exists(hot),
        "object in the archive": lambda: archive_of(workspace).exists(cold),
        "sealed bytes in files of the data store, free pages and log": _in_files(bank.home / "data", sealed),
        "blob in files of the object store": _in_files(bank.home / "data", {blobs["hot"]}),
        "blob in files of the archive": _in_files(tmp_path / "archive", {blobs["cold"]}),
        "wrapped keys in files of the keyring": _in_files(bank.home / "keyring", wrapped),
        "tags in files of the index": _in_files(bank.home / "index", tags),
        "values in temporary files": _in_files(tmp_path / "temporary", said | {MARK.encode()}),
        "job tables": lambda: _in_job_tables(data, everything),
        "what the web process has printed": lambda: any(one in text for text in printed for one in said),
        "running process": lambda: _shows(serving, 1),
        "export in flight": lambda: _goes_on(chunks[1]),
    }
    close(workspace)
    (tmp_path / "old").mkdir()
    subprocess.run(["cp", "-R", bank.home, tmp_path / "old" / bank.home.name], check=True)
    shutil.copytree(tmp_path / "archive", tmp_path / "old" / "archive")
    places["old copy under today's root key"] = old_copy_opens
    planted = tmp_path / "temporary" / "planted"
    planted.write_bytes(next(iter(said)))
    printed.append(b"GET /orders/" + next(iter(said)))
    data.execute("BEGIN")  # a job that names somebody is planted and taken back: whoever writes would wait for it
    data.execute("UPDATE accounts SET name = ?", (next(iter(said)).decode(),))
    assert places["job tables"]()
    data.execute("ROLLBACK")
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    chunks = disclose_object(workspace, bank.tokens["credit_officer"], wish, hot)
    assert {name for name, found in places.items() if found()} == places.keys() - {"job tables"}
    planted.unlink()
    printed.clear()

    chunks = disclose_object(workspace, bank.tokens["credit_officer"], wish, hot)
    next(chunks[1])
    with _served(bank.home, tmp_path / "temporary") as web:
        person = _looked_at(web, bank, 1)
        erase(workspace, bank.tokens["dpo"], who)
        advance(workspace, bank.tokens["operator"])
        shown = [person.get("/person").text, Visitor(web.port).get("/sign-in").text]
        assert not [one for one in said for text in shown if one in text.encode()]
    printed += web.printed
    close(workspace)
    with closing(data):
        assert [name for name, found in places.items() if found()] == []
        assert _shows(serving, 2)
        assert ID_NUMBER in bank.masked(bank.people[2])[bank.people[2]]
