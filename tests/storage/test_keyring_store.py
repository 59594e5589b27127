"""The keyring on SQLite: a destroyed key is in none of its files, and a copy is a whole keyring."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import Fenced, Misconfigured, Tampered
from shouxin.keys.chain import Chain
from shouxin.keys.keyring import EpochRow, ServiceKey
from shouxin.keys.root import EpochNumber
from shouxin.storage.keyring_store import SqlKeyring

ONE = EpochNumber(1)
SERVICE = [ServiceKey("index.prf", ONE, b"s" * 40)]


def _keyring(tmp_path: Path) -> SqlKeyring:
    SqlKeyring.create(tmp_path / "keyring.db")
    made = SqlKeyring(tmp_path / "keyring.db")
    made.add_epoch(EpochRow(ONE, b"e" * 40, "opened"), SERVICE)
    return made


def _chain(wrapped: bytes = b"w" * 40, links: bytes = b"") -> Chain:
    return Chain(new(SubjectId), 1, ONE, wrapped, links)


def test_a_wrapped_key_of_another_length_moves_nobody(tmp_path: Path) -> None:
    """Keys are moved joined together: one that is too short would give everybody behind it another's."""
    keyring = _keyring(tmp_path)
    before = [_chain(b"a" * 40), _chain(b"b" * 39), _chain(b"c" * 40)]
    keyring.add(before, fence=ONE)
    keyring.add_epoch(EpochRow(EpochNumber(2), b"e" * 40, "opened"), [replace(SERVICE[0], epoch=EpochNumber(2))])
    with pytest.raises(Tampered):
        keyring.rewrap(ONE, 0, 10, lambda wrapped: wrapped, fence=EpochNumber(2))
    assert keyring.get([chain.subject for chain in before]) == {chain.subject: chain for chain in before}


def test_a_keyring_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    """Opening a keyring that is missing does not start an empty one, in which everybody would be erased."""
    with pytest.raises(Misconfigured, match="keyring"):
        SqlKeyring(tmp_path / "keyring.db")


def test_the_file_is_private(tmp_path: Path) -> None:
    """Mode 0600 for the store and its log."""
    _keyring(tmp_path).add([_chain()], fence=ONE)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_what_was_replaced_or_removed_is_in_no_file_after_compacting(tmp_path: Path) -> None:
    """The wrapped keys that erasing destroyed are found nowhere in the keyring's files; survivors are there."""
    old, gone, links = b"OLD-WRAPPED-KEY!" * 3, b"REMOVED-WRAPPED!" * 3, b"A-LINK-THAT-DIES" * 4
    keyring = _keyring(tmp_path)
    partly, whole = _chain(old, links), _chain(gone)
    keyring.add([partly, whole], fence=ONE)
    assert any(old in path.read_bytes() for path in tmp_path.iterdir())
    keyring.replace([partly], [replace(partly, generation=2, wrapped=b"n" * 40, links=b"")], fence=ONE)
    keyring.remove([whole], fence=ONE)
    keyring.compact()
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        assert old not in content
        assert gone not in content
        assert links not in content
    assert keyring.get([partly.subject])[partly.subject].wrapped == b"n" * 40


def test_a_copy_is_a_whole_keyring_of_its_own(tmp_path: Path) -> None:
    """The copy has epochs, service keys and chains as of then, and later changes do not reach it."""
    keyring = _keyring(tmp_path)
    chain = _chain()
    keyring.add([chain], fence=ONE)
    keyring.copy_to(tmp_path / "copy.db")
    keyring.remove([chain], fence=ONE)
    copy = SqlKeyring(tmp_path / "copy.db")
    assert copy.get([chain.subject]) == {chain.subject: chain}
    assert copy.epochs() == keyring.epochs()
    assert copy.service_keys(ONE) == SERVICE
    assert keyring.count() == 0


def test_of_two_that_replace_one_chain_one_is_fenced(tmp_path: Path) -> None:
    """Two threads that read the same chain and add a link each: one wins, the other must begin again."""
    keyring = _keyring(tmp_path)
    chain = _chain()
    keyring.add([chain], fence=ONE)
    barrier, outcomes = threading.Barrier(4), []

    def run(number: int) -> None:
        barrier.wait()
        try:
            keyring.replace([chain], [replace(chain, links=bytes([number]))], fence=ONE)
            outcomes.append(number)
        except Fenced:
            pass

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1
    assert keyring.get([chain.subject])[chain.subject].links == bytes(outcomes)


def test_an_edited_row_is_what_custody_sees(tmp_path: Path) -> None:
    """The store believes nothing: bytes edited by SQL come back as they are, for custody to refuse."""
    keyring = _keyring(tmp_path)
    chain = _chain()
    keyring.add([chain], fence=ONE)
    with sqlite3.connect(tmp_path / "keyring.db") as connection:
        connection.execute("UPDATE chains SET wrapped = ?", (b"x" * 40,))
    assert keyring.get([chain.subject])[chain.subject].wrapped == b"x" * 40
