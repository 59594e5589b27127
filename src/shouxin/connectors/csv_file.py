"""CSV files as a source: one record a line, in named columns; bad lines are set aside, never lost.

Reads bytes and splits lines itself, so that one broken line cannot swallow the next. What is wrong with a line is
named by a code and its column, never by its content.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shouxin.errors import Invalid, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit, Yielded

__all__ = ["CsvSource"]

_LONGEST_LINE: Final = 1 << 20
_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A CSV file whose lines end in LF; lines are numbered as an editor numbers them."""

    path: Path

    def identity(self) -> bytes:
        """Return the digest of the content: the same content is the same source, wherever it lies.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        digest = hashlib.sha256()
        try:
            with self.path.open("rb") as handle:
                while piece := handle.read(_PIECE):
                    digest.update(piece)
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None
        return digest.digest()

    def count(self) -> int:
        """Return how many lines there are, for showing progress."""
        with self.path.open("rb") as handle:
            return sum(piece.count(b"\n") for piece in iter(lambda: handle.read(_PIECE), b""))

    def describe(self) -> tuple[str, ...]:
        """Return the columns of the header."""
        try:
            with self.path.open("rb") as handle:
                return tuple(self._fields(handle.readline(_LONGEST_LINE)))
        except (OSError, UnicodeDecodeError, csv.Error):
            raise StoreUnavailable("the header of the source file cannot be read") from None

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every line after the header and after ``reached``.

        Raises:
            Invalid: the header does not read or names a column twice. StoreUnavailable: the file cannot be read.
        """
        del wanted  # a line is read whole
        try:
            with self.path.open("rb") as handle:
                header = self._header(handle.readline(_LONGEST_LINE))
                number = 1
                while line := handle.readline(_LONGEST_LINE):
                    number += 1
                    if number > reached.line:
                        yield self._record(number, header, line)
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None

    def erase(self, reached: Reached) -> int:
        """A file is deleted by whoever keeps it, with its copies and backups."""
        del reached
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached) -> int:
        """Return how many lines are still there; none when the file is gone."""
        return max(min(self.count(), reached.line) - 1, 0) if self.path.exists() else 0

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _header(self, line: bytes) -> list[str]:
        try:
            header = self._fields(line)
        except (UnicodeDecodeError, csv.Error):
            raise Invalid("the header does not read as UTF-8 CSV", f"{self.path.name}:1") from None
        if len(set(header)) != len(header):
            raise Invalid("the header names a column twice", f"{self.path.name}:1")
        return header

    @staticmethod
    def _fields(line: bytes) -> list[str]:
        rows = list(csv.reader([line.decode("utf-8").rstrip("\r\n")], strict=True))
        return rows[0] if rows else []

    def _record(self, number: int, header: list[str], line: bytes) -> Yielded:
        try:
            fields = self._fields(line)
        except UnicodeDecodeError:
            return Unfit(number, "not-utf-8")
        except csv.Error:
            return Unfit(number, "not-csv")
        if len(fields) != len(header):
            return Unfit(number, "other-number-of-fields")
        return SourceRecord(number, dict(zip(header, fields, strict=True)))
