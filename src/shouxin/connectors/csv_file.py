"""CSV files as a source: one person a line, in columns named by item codes; bad lines are set aside, never lost.

Reads bytes and splits lines itself, so that one broken line cannot swallow the next. What is wrong with a line is
named by a code and its column, never by its content.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shouxin.detection.checksums import id_number_is_valid
from shouxin.errors import Invalid, StoreUnavailable
from shouxin.operations.intake import Aside, Intake

__all__ = ["CsvSource"]

_LONGEST_LINE: Final = 1 << 20
_ID_NUMBER: Final = "identity.id_number"


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A CSV file whose lines end in LF. ``build`` makes an intake of a line's number and fields, or raises Invalid."""

    path: Path
    build: Callable[[int, Mapping[str, str]], Intake]

    def content(self) -> bytes:
        """Return all bytes, for the digest that identifies this content."""
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None

    def records(self) -> Iterator[Intake | Aside]:
        """Yield an intake or an aside for every line after the header, numbered as an editor numbers them.

        Raises:
            Invalid: the header does not read or names a column twice. StoreUnavailable: the file cannot be read.
        """
        try:
            with self.path.open("rb") as handle:
                header = self._fields(handle.readline(_LONGEST_LINE))
                if len(set(header)) != len(header):
                    raise Invalid("the header names a column twice", f"{self.path.name}:1")
                number = 1
                while line := handle.readline(_LONGEST_LINE):
                    number += 1
                    yield self._record(number, header, line)
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None

    @staticmethod
    def _fields(line: bytes) -> list[str]:
        rows = list(csv.reader([line.decode("utf-8").rstrip("\r\n")], strict=True))
        return rows[0] if rows else []

    def _record(self, number: int, header: list[str], line: bytes) -> Intake | Aside:
        try:
            fields = self._fields(line)
        except UnicodeDecodeError:
            return Aside(number, "not-utf-8")
        except csv.Error:
            return Aside(number, "not-csv")
        if len(fields) != len(header):
            return Aside(number, "other-number-of-fields")
        values = dict(zip(header, fields, strict=True))
        if _ID_NUMBER in values and not id_number_is_valid(values[_ID_NUMBER]):
            return Aside(number, "id-number-check-digit")
        try:
            return self.build(number, values)
        except Invalid as error:
            return Aside(number, error.place or "invalid")
