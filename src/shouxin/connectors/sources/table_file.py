"""Workbooks, Parquet and JSON lines as a source: one record a row, in named fields.

Laws. Workbooks and Parquet are read by the readers that scans have, in a process apart whose memory and time have an
end. A row keeps its fields together: columns of unequal length are refused, and nested columns of Parquet are left out,
for their values belong to no row. A workbook's sheets are read one after another; each has a header of its own.

Called by: ``bootstrap.open_file``. Needs the extra ``files`` for anything but JSON lines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final

import orjson

from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.blob import Blob
from shouxin.connectors.sources.rest_pages import flattened
from shouxin.detection.survey.reading import RowWindow, Sampling, Unread, UnreadReason
from shouxin.errors import Invalid, Misconfigured, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit, Yielded

__all__ = ["SUFFIXES", "TableFile"]

_READERS: Final = {
    ".xlsx": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".parquet": "parquet rows",
}
_LINES: Final = frozenset({".jsonl", ".ndjson"})
SUFFIXES: Final = frozenset({*_READERS, *_LINES})
_LONGEST_LINE: Final = 4 << 20
_WINDOW: Final = Sampling(rows=2_000, everything=True)


class TableFile:
    """The file at ``path``; its suffix says what it is."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader = _READERS.get(path.suffix.lower(), "")
        self._apart = Apart()

    def identity(self) -> bytes:
        """Return the digest of the content.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        return CsvSource(self._path).identity()

    def describe(self) -> tuple[str, ...]:
        """Return the names of a table's columns; nothing for JSON lines, where each says for itself what it holds."""
        if not self._reader:
            return ()
        try:
            return tuple(next((window.columns for window in self._windows() if window.columns), {}))
        finally:
            self._apart.close()

    def _windows(self) -> Iterator[RowWindow]:
        name, path = self._path.name, self._path
        if not path.is_file():
            raise StoreUnavailable("the source file cannot be read (there is none)")
        blob = Blob(name, path.stat().st_size, lambda: path.open("rb"), locator=("file", str(path)))
        for piece in self._apart.read(self._reader, blob, _WINDOW):
            if isinstance(piece, Unread) and piece.reason is UnreadReason.NO_READER:
                raise Misconfigured(f"the package {piece.detail} is needed: install shouxin[files]")
            if isinstance(piece, Unread) and piece.reason is not UnreadReason.BINARY:
                raise StoreUnavailable(f"the source file cannot be read ({piece.reason.value})")
            if isinstance(piece, RowWindow):
                yield piece

    def _rows(self) -> Iterator[Mapping[str, str] | str]:
        """Yield rows, or why something in the place of one does not read."""
        if not self._reader:
            yield from self._objects()
            return
        for window in self._windows():
            if any(len(values) != window.read for values in window.columns.values()):
                raise Invalid("the rows of the file have unequal numbers of fields", self._path.name)
            for row in zip(*window.columns.values(), strict=True):
                yield {name: value or "" for name, value in zip(window.columns, row, strict=True)}

    def _objects(self) -> Iterator[Mapping[str, str] | str]:
        try:
            with self._path.open("rb") as file:
                while line := file.readline(_LONGEST_LINE):
                    if not line.strip():
                        continue
                    try:
                        value = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
                        yield flattened(value) if isinstance(value, dict) else "not-an-object"
                    except orjson.JSONDecodeError:
                        yield "not-json"
                    except ValueError:
                        yield "too-deep-or-wide"
        except OSError as error:
            raise StoreUnavailable(f"the source file cannot be read ({error.strerror})") from None

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every row after ``reached``; rows are counted from 1, headers not.

        Raises:
            Invalid: rows have unequal numbers of fields. Misconfigured: a package is missing. StoreUnavailable: the
            file cannot be read, or not within the bounds of memory and time.
        """
        del wanted
        for line, row in enumerate(self._rows(), 1):
            if line > reached.line:
                yield Unfit(line, row) if isinstance(row, str) else SourceRecord(line, row)

    def erase(self, reached: Reached) -> int:
        """A file is deleted by whoever keeps it."""
        del reached
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached) -> int:
        """Return how many rows are still there; none when the file is gone."""
        if not reached.line or not self._path.exists():
            return 0
        return min(sum(1 for _ in self._rows()), reached.line)

    def close(self) -> None:
        """End the process apart."""
        self._apart.close()
