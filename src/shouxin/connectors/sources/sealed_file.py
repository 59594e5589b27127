"""Files that edges have sealed to the institution: one record a line, opened here and nowhere on the way.

Called by: ``bootstrap.open_file``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import msgspec

from shouxin.edge.invitation import EDGE_FORMAT, EdgeRecord, bound_to
from shouxin.errors import Invalid, NotInThisState, StoreUnavailable, Tampered
from shouxin.keys.sealed_to import OpeningKey
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit, Yielded

__all__ = ["SealedFile"]

_LONGEST_LINE: Final = 16 << 20
_HEAD: Final = f"{EDGE_FORMAT}\n".encode()


class SealedFile:
    """The file at ``path``, sealed under ``plan`` to the institution whose log is ``institution``."""

    def __init__(self, path: Path, key: OpeningKey, institution: str, plan: str) -> None:
        self._path = path
        self._key = key
        self._info = bound_to(institution, plan)

    def _lines(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                if file.readline(len(_HEAD)) != _HEAD:
                    raise Invalid("this is no file that an edge has sealed", self._path.name)
                while line := file.readline(_LONGEST_LINE):
                    yield line
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None

    def identity(self) -> bytes:
        """Return what all files of a plan have in common: a record that comes in two of them is taken once."""
        return hashlib.sha256(self._info).digest()

    def describe(self) -> tuple[str, ...]:
        """Return nothing: what a record holds is known when it is opened."""
        return ()

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record; what arrived before is known by its key.

        Raises:
            Invalid: it is no such file. StoreUnavailable: it cannot be read.
        """
        del wanted
        for line, sealed in enumerate(self._lines(), reached.line + 1):
            try:
                opened = self._key.open(base64.b64decode(sealed.strip(), validate=True), self._info)
                record = msgspec.json.decode(opened, type=EdgeRecord)
            except (Tampered, binascii.Error):
                yield Unfit(line, "not-sealed-to-this-plan")
            except (msgspec.DecodeError, UnicodeDecodeError):
                yield Unfit(line, "no-record")
            else:
                yield SourceRecord(line, record.fields, (), record.key)

    def erase(self, reached: Reached) -> int:
        """A file is deleted by whoever keeps it."""
        del reached
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached) -> int:
        """Return how many sealed records are still there; none when the file is gone."""
        return sum(1 for _ in self._lines()) if reached.line and self._path.exists() else 0

    def close(self) -> None:
        """Nothing is held open between calls."""
