"""Workbooks, Parquet, JSON, and archives of them and of CSV, as a source: one record a row, in named fields.

Laws. Workbooks and Parquet are read by the readers that scans have, in a process apart whose memory and time have an
end; archives are unpacked as scans unpack them, in a stream with an allowance. A row keeps its fields together: columns
of unequal length are refused, and nested columns of Parquet are left out, for their values belong to no row. A
workbook's sheets and an archive's members are read one after another; each has a header of its own. A member that is no
table is a record that does not read: nothing of an archive is passed over in silence.

Called by: ``bootstrap.open_file``. Needs the extra ``files`` for workbooks and Parquet.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, ClassVar, Final, TypeAlias, cast

import orjson

from shouxin.connectors.csv_file import CsvLines
from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.archive import PACKED, members_of_tar, members_of_zip, unpacked
from shouxin.connectors.readers.blob import Allowance, Blob, in_memory
from shouxin.connectors.readers.file_place import FilePlace, explained_file
from shouxin.connectors.readers.formats import HEAD, format_of
from shouxin.connectors.readers.json_rows import MOST
from shouxin.connectors.sources.rest_pages import flattened
from shouxin.detection.survey.reading import RowWindow, Sampling, Unread, UnreadReason
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Invalid, Misconfigured, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import (
    NO_TEXT,
    Looked,
    Recall,
    SourceRecord,
    Unfit,
    Yielded,
    standing_at,
)
from shouxin.policy.source import SourceKind

__all__ = ["SUFFIXES", "TableFile"]

_READERS: Final = {
    ".xlsx": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".parquet": "parquet rows",
}
_LINES: Final = frozenset({".jsonl", ".ndjson"})
_DOCUMENT: Final = ".json"
_TABLES: Final = frozenset({*_READERS, *_LINES, _DOCUMENT, ".csv"})
_ARCHIVES: Final = frozenset({".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz"})
SUFFIXES: Final = frozenset({*_READERS, *_LINES, _DOCUMENT, *_ARCHIVES})
_LONGEST_LINE: Final = 4 << 20
_DEEPEST: Final = 3  # archives in archives
_WINDOW: Final = Sampling(rows=2_000, everything=True)

# A row's fields, or why something in the place of one does not read.
_Row: TypeAlias = Mapping[str, str] | str


class TableFile:
    """The file at ``place``, a path or the URL of an object; its suffix says what it is, an archive's its members'."""

    kind: ClassVar = SourceKind.FILE
    lines_stand: ClassVar = True

    def __init__(self, place: Path | str) -> None:
        self._place = FilePlace(place)
        self._apart = Apart()

    def identity(self) -> bytes:
        """Return the digest of the content.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        return self._place.digest()

    def locator(self) -> bytes:
        """Return where it lies."""
        return self._place.locator()

    def describe(self) -> tuple[str, ...]:
        """Return the names of a table's columns, or of all fields that some record of a JSON file has.

        Nothing for an archive: each of its members has its own.
        """
        if self._place.suffix in _ARCHIVES:
            return ()
        if self._place.suffix not in _READERS:
            names = dict.fromkeys(name for row in self._rows() if not isinstance(row, str) for name in row)
            return tuple(names)
        try:
            windows = self._windows(self._place.blob())
            return tuple(next((window.columns for window in windows if window.columns), {}))
        finally:
            self._apart.close()

    def _windows(self, blob: Blob) -> Iterator[RowWindow]:
        suffix = f".{blob.suffix}"
        for piece in self._apart.read(_READERS[suffix], blob, _WINDOW):
            if isinstance(piece, Unread) and piece.reason is UnreadReason.NO_READER:
                raise Misconfigured(f"the reader is not installed: {piece.detail}")
            if isinstance(piece, Unread) and piece.reason is not UnreadReason.BINARY:
                raise StoreUnavailable(f"the source file cannot be read ({piece.reason.value})")
            if isinstance(piece, RowWindow):
                yield piece

    def _rows(self) -> Iterator[_Row]:
        """Yield rows, or why something in the place of one does not read."""
        try:
            blob = self._place.blob()
            yield from self._of(blob, Allowance.of(blob.size), 0)
        except Invalid as error:
            if error.place in set(UnreadReason):
                raise StoreUnavailable(f"the source file cannot be read ({error.place})") from None
            raise

    def _of(self, blob: Blob, allowance: Allowance, depth: int) -> Iterator[_Row]:
        suffix = f".{blob.suffix}"
        if suffix in _READERS:
            for window in self._windows(blob):
                if any(len(values) != window.read for values in window.columns.values()):
                    raise Invalid("the rows of the file have unequal numbers of fields", self._place.name)
                for row in zip(*window.columns.values(), strict=True):
                    yield {name: value or "" for name, value in zip(window.columns, row, strict=True)}
        elif suffix in _ARCHIVES:
            with explained_file():
                yield from self._members(blob, allowance, depth)
        elif suffix in _TABLES:
            with explained_file(), blob.open() as stream:
                yield from self._text(suffix, stream)
        else:
            yield "no-table-in-archive"

    def _text(self, suffix: str, stream: BinaryIO) -> Iterator[_Row]:
        if suffix == ".csv":
            for one in CsvLines(stream, self._place.name):
                if isinstance(one, SourceRecord | Unfit):
                    yield one.fields.reveal() if isinstance(one, SourceRecord) else one.reason
        elif suffix == _DOCUMENT:
            yield from _document(stream)
        else:
            while line := stream.readline(_LONGEST_LINE):
                if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                    while line and not line.endswith(b"\n"):
                        line = stream.readline(_LONGEST_LINE)
                    yield "line-too-long"
                elif line.strip():
                    yield _object(line.removeprefix(b"\xef\xbb\xbf"))

    def _members(self, blob: Blob, allowance: Allowance, depth: int) -> Iterator[_Row]:
        if depth >= _DEEPEST:
            yield "archive-too-deep"
            return
        with blob.open() as stream:
            form = format_of(stream.read(HEAD))
        if form in PACKED:
            yield from self._of(unpacked(blob, form, allowance), allowance, depth + 1)
            return
        if form not in {"zip", "tar"}:
            raise StoreUnavailable("the source file is not the archive that its name says")
        if not blob.seekable:
            data = in_memory(blob)
            blob = replace(blob, open=lambda: cast("BinaryIO", io.BytesIO(data)), seekable=True)
        with closing((members_of_zip if form == "zip" else members_of_tar)(blob, allowance)) as members:
            for one in members:
                if isinstance(one, Unread):
                    yield f"member-{one.reason.value}"
                else:
                    yield from self._of(one, allowance, depth + 1)

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every row after ``reached``; rows are counted from 1, headers not.

        Raises:
            Invalid: rows have unequal numbers of fields. Misconfigured: a package is missing. StoreUnavailable: the
            file cannot be read, or not within the bounds of memory and time.
        """
        del wanted
        for line, row in enumerate(self._rows(), 1):
            if line > reached.line:
                yield Unfit(line, row) if isinstance(row, str) else SourceRecord(line, PlainFields(row))

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield what stands at these lines: the same as ever.

        Raises:
            Invalid, StoreUnavailable: see ``read``.
        """
        return standing_at(self.read(Reached(), wanted), places)

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """A file is deleted by whoever keeps it."""
        del reached, wanted, recall
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return how many rows are still there, whatever they hold; none when the file is gone from its place."""
        del wanted, recall
        if not reached.line or not self._place.is_there():
            return Looked(0)
        return Looked(min(sum(1 for _ in self._rows()), reached.line))

    def close(self) -> None:
        """End the process apart."""
        self._apart.close()


def _with_halves(data: bytes) -> object:
    """Return what a document says that holds half of a surrogate pair: one such record does not keep the others out.

    Raises:
        StoreUnavailable: it is no JSON.
    """
    with suppress(ValueError, RecursionError):  # the reader's error holds the whole document: let go before ours
        return json.loads(data.decode(), parse_constant=_refused)
    raise StoreUnavailable("the source file does not read as JSON")


def _refused(_constant: str) -> None:
    raise ValueError  # NaN and the infinities are no JSON


def _object(line: bytes) -> _Row:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return "not-json"
    return _flat(value)


def _flat(value: object) -> _Row:
    if not isinstance(value, dict):
        return "not-an-object"
    try:
        fields = flattened(value)
    except ValueError:
        return "too-deep-or-wide"
    return fields if PlainFields(fields).is_text() else NO_TEXT


def _document(stream: BinaryIO) -> Iterator[_Row]:
    """Yield the objects of a list, or the one object that a document is.

    Raises:
        StoreUnavailable: it is no JSON, or larger than may be held at once.
    """
    data = stream.read(MOST + 1)
    if len(data) > MOST:
        raise StoreUnavailable(f"a JSON document has at most {MOST >> 20} MiB; write JSON lines")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        value = _with_halves(data)
    yield from map(_flat, value if isinstance(value, list) else [value])
