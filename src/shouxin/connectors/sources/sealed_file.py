"""Files that edges have sealed to the institution: one record a line, opened here and nowhere on the way.

Called by: ``bootstrap.open_file``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final

from shouxin.connectors.readers.file_place import FilePlace
from shouxin.edge.invitation import EDGE_FORMAT, bound_to
from shouxin.errors import Invalid, NotInThisState, StoreUnavailable
from shouxin.keys.sealed_to import OpeningKey
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import (
    Looked,
    Recall,
    SourceRecord,
    Unfit,
    Yielded,
    looked_at,
)
from shouxin.operations.collecting.sealed_record import EdgeOpener
from shouxin.policy.source import SourceKind

__all__ = ["SealedFile"]

_LONGEST_LINE: Final = 16 << 20
_HEAD: Final = f"{EDGE_FORMAT}\n".encode()


class SealedFile:
    """The file at ``path``, sealed under ``plan`` to the institution whose log is ``institution``."""

    kind: ClassVar = SourceKind.FILE
    lines_stand: ClassVar = False

    def __init__(self, path: Path, key: OpeningKey, institution: str, plan: str) -> None:
        self._path = path
        self._place = FilePlace(path)
        self._opener = EdgeOpener(key, institution, plan)

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
        return hashlib.sha256(bound_to(self._opener.institution, self._opener.plan)).digest()

    def locator(self) -> bytes:
        """Return where it lies."""
        return self._place.locator()

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
            yield self._opener.record(line, sealed.strip())

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield nothing: a record comes again with the file that holds it."""
        del places, wanted
        return iter(())

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """A file is deleted by whoever keeps it."""
        del reached, wanted, recall
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return how many sealed records that arrived are still there; none when the file is gone from its place."""
        del wanted
        if not reached.line or not self._place.is_there():
            return Looked(0)
        return looked_at(self.read(Reached()), recall)

    def close(self) -> None:
        """Nothing is held open between calls."""
