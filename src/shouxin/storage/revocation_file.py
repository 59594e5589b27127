"""The list of revocations in a file, kept apart: a few kinds of lines, each with a MAC over itself and all before it.

``intended <size> <mac> …``, then ``replaced <size>`` or, where that commit never came, ``stands <size>``; a line about
another intention than the last says nothing. A MAC behind a plus sign is of a version that the commit writes once more:
it leaves the list. ``restored <size>``: a backup was put back, and the log has so many entries.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from shouxin.errors import ReadOnly, Tampered
from shouxin.storage.chained_lines import START, ChainedLines

__all__ = ["RevocationFile"]

_NAME: Final = "the list of revocations"
_BEGUN: Final = b"begun"
_INTENDED: Final = b"intended"
_REPLACED: Final = b"replaced"
_STANDS: Final = b"stands"
_RESTORED: Final = b"restored"


class RevocationFile:
    """The driver of ``domain.revocation.Revocations``.

    ``key`` gives the MAC key when it is first needed; ``restoring`` says whether a backup was put back and is not
    reconciled: meanwhile old rows are what there is, nothing is disclosed from them, and nobody is asked here.
    """

    def __init__(self, path: Path, key: Callable[[], bytes], restoring: Callable[[], bool] = lambda: False) -> None:
        self._lines = ChainedLines(path, _NAME, key)
        self._restoring = restoring
        self._revoked: dict[bytes, int] = {}
        self._intended: tuple[int, list[bytes], list[bytes]] | None = None
        self._reached = -1  # how long the log was before the last commit that replaced a right
        self._read_to = START
        self._reading = threading.Lock()

    def create(self) -> None:
        """Begin the list, unless it is there; durable on return. From then on a missing file is a loss."""
        if self._lines.size() < 0:
            self._lines.append([_BEGUN])

    def replaced(self, mac: bytes, size: int) -> bool:
        """Say whether a version was replaced for good by what the log's first ``size`` entries say."""
        return (before := self._revoked.get(mac)) is not None and before < size and not self._restoring()

    def refresh(self) -> None:
        """Read what others have added: mostly a look at the size of the file."""
        if self._lines.size() == self._read_to.offset:
            return
        with self._reading:  # another thread may have read on since, so the size is looked at again
            if self._lines.size() < self._read_to.offset:
                raise Tampered(f"{_NAME} is shorter than it was, or gone")
            for bodies, place in self._lines.pieces(self._read_to):
                for body in bodies:
                    self._take(body)
                self._read_to = place

    def _take(self, body: bytes) -> None:
        word, *values = body.split(b" ")
        if word == _BEGUN:
            return
        if not values or not values[0].isdigit():
            raise Tampered(f"{_NAME} has a line that no version of ours wrote")
        size = int(values[0])
        if word == _INTENDED:
            said = [one.decode() for one in values[1:]]
            macs, anew = ([one.lstrip("+") for one in said if one.startswith("+") is new] for new in (False, True))
            self._intended = size, list(map(bytes.fromhex, macs)), list(map(bytes.fromhex, anew))
        elif word == _RESTORED:
            self._revoked = {mac: min(before, size - 1) for mac, before in self._revoked.items()}
            self._reached = min(self._reached, size - 1)
            self._intended = None
        elif self._intended is not None and self._intended[0] == size:
            if word == _REPLACED:
                self._replace(*self._intended)
            self._intended = None

    def _replace(self, size: int, gone: Sequence[bytes], anew: Sequence[bytes]) -> None:
        for mac in anew:
            self._revoked.pop(mac, None)
        self._revoked.update(dict.fromkeys(gone, size))
        self._reached = max(self._reached, size)

    def rolled_back(self, size: int, /) -> bool:
        """Say whether a log of ``size`` entries is shorter than it was when a right was ended."""
        return size <= self._reached and not self._restoring()

    def settle(self, size: int) -> None:
        """Decide what became of a commit whose process died; read what others have added."""
        self.refresh()
        if self.rolled_back(size):
            raise ReadOnly(
                f"the log has {size} entries, but a right was ended behind {self._reached}: it was rolled back"
            )
        if self._intended is not None:
            before = self._intended[0]
            self._note(_REPLACED if size > before else _STANDS, before)

    def restored(self, size: int) -> None:
        """Note that a backup was put back whose log has ``size`` entries; durable on return."""
        self._note(_RESTORED, size)

    def _note(self, word: bytes, size: int) -> None:
        self._lines.append([b"%s %d" % (word, size)])
        self.refresh()

    def listed(self, macs: Iterable[bytes]) -> list[bytes]:
        """Return those of many versions that stand on the list."""
        return [mac for mac in macs if mac in self._revoked]

    def intend(self, size: int, macs: Sequence[bytes], anew: Sequence[bytes] = ()) -> None:
        """Note which versions a commit is about to replace, and which it writes once more; durable on return."""
        words = [*(mac.hex() for mac in macs), *(f"+{mac.hex()}" for mac in anew)]
        self._lines.append([b" ".join([_INTENDED, b"%d" % size, *(word.encode() for word in words)])])
        self.refresh()

    def confirm(self, size: int) -> None:
        """Note that the commit that was intended behind ``size`` entries came."""
        self._note(_REPLACED, size)

    def unsettled(self) -> bool:
        """Say whether a process died, or could not write, between a commit and its note."""
        self.refresh()
        return self._intended is not None
