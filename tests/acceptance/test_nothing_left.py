"""A search place by place, before an erasure and after its sealing: each place is named, found once and not again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shouxin.bootstrap import open_workspace
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, OperatorError, ShouxinError
from shouxin.keys.chain import SEAL, decode
from shouxin.operations.advance import advance
from shouxin.operations.erasing.erase import erase
from shouxin.operations.objects.archive import run_archive
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.tiers import archive_of
from tests.operations.archives import DAYS, wait, with_archive
from tests.operations.portfolio import ID_NUMBER, MARK, VIDEO, Hands, Lender, values_of
from tests.workspaces import close

_LONG = f"{MARK}影像".encode() * 400_000  # 4.8 MB: more chunks than are handed out between two questions


def _in_files(place: Path, pieces: set[bytes]) -> Callable[[], bool]:
    """Look for pieces in every file below a place, free pages and write-ahead logs included."""

    def found() -> bool:
        contents = (path.read_bytes() for path in place.rglob("*") if path.is_file())
        return any(piece in content for content in contents for piece in pieces)

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


@pytest.mark.slow
def test_each_place_is_found_before_and_not_after(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, tags, objects in both stores, files, logs, temporary files, an old copy, a running process, an export."""
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
        "running process": lambda: _shows(serving, 1),
        "export in flight": lambda: _goes_on(chunks[1]),
    }
    close(workspace)
    shutil.copytree(bank.home, tmp_path / "old" / bank.home.name)
    shutil.copytree(tmp_path / "archive", tmp_path / "old" / "archive")
    places["old copy under today's root key"] = old_copy_opens
    planted = tmp_path / "temporary" / "planted"
    planted.write_bytes(next(iter(said)))
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    chunks = disclose_object(workspace, bank.tokens["credit_officer"], wish, hot)
    assert {name for name, found in places.items() if found()} == places.keys()
    planted.unlink()

    chunks = disclose_object(workspace, bank.tokens["credit_officer"], wish, hot)
    next(chunks[1])
    erase(workspace, bank.tokens["dpo"], who)
    advance(workspace, bank.tokens["operator"])
    close(workspace)
    assert [name for name, found in places.items() if found()] == []
    assert _shows(serving, 2)
    assert ID_NUMBER in bank.masked(bank.people[2])[bank.people[2]]
