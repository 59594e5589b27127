"""CSV files as a source: one record a line, in named columns; bad lines are set aside, never lost.

Laws. Lines are split as bytes, so that one broken line cannot swallow the next: a field may hold line breaks (RFC 4180)
only where the lines together read as one record of the header's length. A line that is too long is set aside once, and
reading goes on behind its true end. The file is UTF-8, GB 18030 or UTF-16, told as scans tell it, and then strictly
that; UTF-16 is read as UTF-8, a piece at a time. What is wrong with a line is named by a code and its column, never by
its content.

**Source:** RFC 4180 section 2; GB 18030-2022 (no byte of a longer character is a quote or a line feed).
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from shouxin.connectors.readers.file_place import FilePlace, explained_file
from shouxin.connectors.readers.text import as_utf_8, utf_8
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Invalid, NotInThisState, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import (
    Looked,
    Recall,
    SourceRecord,
    Unfit,
    Yielded,
    standing_at,
)
from shouxin.policy.source import SourceKind

__all__ = ["CsvLines", "CsvSource"]

_LONGEST_LINE: Final = 1 << 20
_PIECE: Final = 1 << 20
_PROBE: Final = 1 << 16  # bytes that say what a file is written in
_MOST_LINES: Final = 50  # of one record whose field holds line breaks
_TOO_LONG: Final = "line-too-long"
_MARK: Final = b"\xef\xbb\xbf"


class CsvLines:
    """The records of one CSV stream, read once; ``name`` is for errors."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream, self._written = as_utf_8(stream)
        self._name = name
        self._waiting: deque[bytes] = deque()
        self._codec = "utf-8" if self._written else ""
        self._number = 1
        self.header = self._header()

    def _line(self) -> bytes:
        """Return the next line as it stands; one that is too long is cut, without its end."""
        return self._waiting.popleft() if self._waiting else self._read_line()

    def _read_line(self) -> bytes:
        line = self._stream.readline(_LONGEST_LINE)
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = self._stream.readline(_PIECE)
        return line

    def _text(self, line: bytes) -> str:
        """Return a line as text.

        Raises:
            UnicodeDecodeError: it is not in the encoding of the file.
        """
        if not self._codec and not line.isascii():
            self._codec = self._judged(line)
        return line.decode(self._codec or "utf-8").rstrip("\r\n")

    def _judged(self, line: bytes) -> str:
        """Return what the file is written in, by its first line that is not plain ASCII and the lines after it.

        One line does not say it: a broken one of UTF-8 may well read as GB 18030.
        """
        ahead = [line, *self._waiting]
        size = sum(map(len, ahead))
        while size < _PROBE and (more := self._read_line()):
            self._waiting.append(more)
            ahead.append(more)
            size += len(more)
        told = [utf_8(one)[1] for one in ahead if not one.isascii()]
        return "gb18030" if 2 * told.count("gb18030") > len(told) else "utf-8"

    @staticmethod
    def _fields(text: str) -> list[str]:
        rows = list(csv.reader([f"{line}\n" for line in text.split("\n")] if "\n" in text else [text], strict=True))
        return rows[0] if len(rows) == 1 else []

    def _header(self) -> list[str]:
        try:
            header = self._fields(self._text(self._line().removeprefix(_MARK)))
        except (UnicodeDecodeError, csv.Error):
            raise Invalid("the header does not read as UTF-8, GB 18030 or UTF-16 CSV", f"{self._name}:1") from None
        if len(set(header)) != len(header):
            raise Invalid("the header names a column twice", f"{self._name}:1")
        return header

    def __iter__(self) -> Iterator[Yielded]:
        """Yield every record after the header, by the number of its first line; blank lines are counted, and none."""
        while line := self._line():
            self._number += 1
            number = self._number
            if len(line) >= _LONGEST_LINE and not line.endswith(b"\n"):
                yield Unfit(number, _TOO_LONG)
            elif line.strip():  # a blank line is no record
                yield self._record(number, line)

    def _record(self, number: int, line: bytes) -> Yielded:
        try:
            fields = self._fields(self._text(line))
        except UnicodeDecodeError:
            return Unfit(number, f"not-{self._written[:6] or self._codec or 'utf-8'}")
        except csv.Error:
            held = self._joined(line)
            return SourceRecord(number, PlainFields(held)) if held else Unfit(number, "not-csv")
        if len(fields) != len(self.header):
            return Unfit(number, "other-number-of-fields")
        return SourceRecord(number, PlainFields(dict(zip(self.header, fields, strict=True))))

    def _joined(self, line: bytes) -> dict[str, str]:
        """Return the record that ``line`` and those after it make together; nothing if they make none."""
        if not line.count(b'"') % 2:
            return {}
        whole, taken = line, list[bytes]()
        while len(taken) < _MOST_LINES and len(whole) < _LONGEST_LINE and (more := self._line()):
            taken.append(more)
            whole += more
            if whole.count(b'"') % 2:
                continue
            try:
                fields = self._fields(self._text(whole))
            except (UnicodeDecodeError, csv.Error):
                break
            if len(fields) != len(self.header):
                break
            self._number += len(taken)
            return dict(zip(self.header, fields, strict=True))
        self._waiting.extendleft(reversed(taken))
        return {}


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A CSV file at a path (or the URL of an object); lines are numbered as an editor numbers them."""

    path: Path | str
    kind: ClassVar = SourceKind.FILE
    lines_stand: ClassVar = True

    @property
    def _place(self) -> FilePlace:
        return FilePlace(self.path)

    def identity(self) -> bytes:
        """Return the digest of the content: the same content is the same source, wherever it lies.

        Raises:
            StoreUnavailable: the file cannot be read.
        """
        return self._place.digest()

    def locator(self) -> bytes:
        """Return where it lies."""
        return self._place.locator()

    def count(self) -> int:
        """Return how many lines there are, for showing progress."""
        with explained_file(), self._place.open() as stream:
            text, _ = as_utf_8(stream)
            return sum(piece.count(b"\n") for piece in iter(lambda: text.read(_PIECE), b""))

    def describe(self) -> tuple[str, ...]:
        """Return the columns of the header.

        Raises:
            StoreUnavailable: the file cannot be read, or its header does not read.
        """
        with explained_file(), self._place.open() as stream:
            try:
                return tuple(CsvLines(stream, self._place.name).header)
            except Invalid:
                raise StoreUnavailable("the header of the source file cannot be read") from None

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record after the header and after ``reached``.

        Raises:
            Invalid: the header does not read or names a column twice. StoreUnavailable: the file cannot be read.
        """
        del wanted  # a line is read whole
        with explained_file(), self._place.open() as stream:
            for one in CsvLines(stream, self._place.name):
                if isinstance(one, SourceRecord | Unfit) and one.line > reached.line:
                    yield one

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield what stands at these lines: the same as ever.

        Raises:
            Invalid, StoreUnavailable: see ``read``.
        """
        return standing_at(self.read(Reached(), wanted), places)

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """A file is deleted by whoever keeps it, with its copies and backups."""
        del reached, wanted, recall
        raise NotInThisState("a file is not erased from here: delete it where it lies, then look again")

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return how many records are still there, whatever they hold; none when the file is gone from its place."""
        del wanted, recall
        if not self._place.is_there():
            return Looked(0)
        with explained_file(), self._place.open() as stream:
            every = CsvLines(stream, self._place.name)
            return Looked(sum(1 for one in every if isinstance(one, SourceRecord | Unfit) and one.line <= reached.line))

    def close(self) -> None:
        """Nothing is held open between calls."""
