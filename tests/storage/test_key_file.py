"""The key file: private or refused, whole or refused, overwritten before it is unlinked."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from shouxin.errors import Misconfigured, RootKeyUnavailable, StoreUnavailable
from shouxin.keys.root import EpochNumber
from shouxin.keys.suite import INTL, KEY_SIZE, Suite
from shouxin.storage.key_file import KeyFile

ONE = EpochNumber(1)


def _made(tmp_path: Path) -> tuple[KeyFile, Path]:
    provider = KeyFile(tmp_path / "root", INTL)
    provider.create(ONE)
    return provider, tmp_path / "root" / "epoch-1.key"


def test_a_key_file_is_private(tmp_path: Path) -> None:
    """The folder has mode 0700, the file 0600, and it holds one key."""
    _, path = _made(tmp_path)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == KEY_SIZE


def test_a_key_that_was_half_written_when_its_process_was_killed_goes(tmp_path: Path) -> None:
    """It never wrapped anything; making the key anew removes it, and leaves the keys of other epochs alone."""
    provider, path = _made(tmp_path)
    left = path.with_name(".epoch-2.key.0123abcd")
    left.write_bytes(b"half")
    provider.create(EpochNumber(2))
    assert sorted(one.name for one in path.parent.iterdir()) == ["epoch-1.key", "epoch-2.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_that_others_may_touch_is_not_used(tmp_path: Path, mode: int) -> None:
    """Any right of group or others makes the operator act first."""
    provider, path = _made(tmp_path)
    path.chmod(mode)
    with pytest.raises(Misconfigured, match="0600"):
        provider.wrap(ONE, b"k" * 32)


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_key_of_another_length_is_not_used(tmp_path: Path, size: int) -> None:
    """A key file that was cut short or is another file is not taken for a key."""
    provider, path = _made(tmp_path)
    path.write_bytes(bytes(size))
    with pytest.raises(RootKeyUnavailable):
        provider.unwrap(ONE, bytes(40))


def test_destroying_overwrites_before_it_unlinks(tmp_path: Path) -> None:
    """Whoever holds the file open, or finds its blocks, does not find the key."""
    provider, path = _made(tmp_path)
    key = path.read_bytes()
    handle = os.open(path, os.O_RDONLY)
    provider.destroy(ONE)
    left = os.pread(handle, 100, 0)
    os.close(handle)
    assert not path.exists()
    assert len(left) == KEY_SIZE
    assert left != key


def test_destroying_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The overwritten bytes and the folder are synchronised before the call returns."""
    provider, _ = _made(tmp_path)
    done: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    provider.destroy(ONE)
    assert done == [True, False, True]


@pytest.mark.parametrize("stopped", [0, 1, 2])
def test_destroying_that_was_stopped_leaves_no_file_that_looks_like_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: int
) -> None:
    """Stopped at any of its synchronisations the key counts as gone, and destroying again takes away what is left."""
    provider, path = _made(tmp_path)
    synced: list[int] = []

    def stop(handle: int) -> None:
        synced.append(handle)
        if len(synced) > stopped:
            raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", stop)
        with pytest.raises(StoreUnavailable):
            provider.destroy(ONE)
    assert not provider.exists(ONE)
    with pytest.raises(RootKeyUnavailable):
        provider.unwrap(ONE, bytes(40))
    provider.destroy(ONE)
    assert list(path.parent.iterdir()) == []


def test_two_who_make_the_same_key_get_the_same_key(tmp_path: Path) -> None:
    """Whoever comes while a key is being made waits for it: what the first wraps by it opens for both."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Suite):
        def new_key(self) -> bytes:
            begun.set()
            go_on.wait(60)
            return super().new_key()

    first, second = KeyFile(tmp_path / "root", Slow()), KeyFile(tmp_path / "root", INTL)
    threads = [threading.Thread(target=first.create, args=(ONE,))]
    threads[0].start()
    assert begun.wait(60)
    threads.append(threading.Thread(target=second.create, args=(ONE,)))
    threads[1].start()
    threads[1].join(0.2)
    assert threads[1].is_alive()
    assert not second.exists(ONE)
    go_on.set()
    threads[0].join(60)
    wrapped = first.wrap(ONE, bytes(KEY_SIZE))
    threads[1].join(60)
    assert second.unwrap(ONE, wrapped) == bytes(KEY_SIZE)
