"""What a blob holds, by its format: the one place where formats meet readers.

Laws. A reader may raise anything; here it becomes an ``Unread`` with the name of what was raised, never its message,
which might quote a value. A table with rows that do not parse, and a document that does not, are read as text as well.

Called by: ``folder`` and ``bucket``; archives come back here for each member.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import BinaryIO, Final, cast

from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.archive import PACKED, members_of_tar, members_of_zip, names_of_zip, unpacked
from shouxin.connectors.readers.blob import Allowance, Blob, in_memory
from shouxin.connectors.readers.delimited import NAMED, Delimited
from shouxin.connectors.readers.formats import HEAD, LOOKED_AT, format_of
from shouxin.connectors.readers.json_rows import MOST, JsonLines, document_windows, is_json_lines
from shouxin.connectors.readers.mail import LETTERS, TEXTS, as_read, parts_of_letter
from shouxin.connectors.readers.sqlite_file import sqlite_pieces
from shouxin.connectors.readers.text import text_windows, utf_8
from shouxin.detection.survey.reading import Piece, Sampling, Unread, UnreadReason
from shouxin.errors import Invalid

__all__ = ["Reading"]

_DEEPEST: Final = 3  # archives in archives
_WORKBOOKS: Final = ("xl/workbook.xml", "xl/workbook.bin")
_JSON: Final = frozenset({"json", "geojson"})
_LINES: Final = frozenset({"jsonl", "ndjson"})
_REASONS: Final[dict[type[Exception], UnreadReason]] = {
    PermissionError: UnreadReason.DENIED,
    MemoryError: UnreadReason.TOO_LARGE,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of one spot: how much of tables, and what may still be unpacked."""

    sampling: Sampling
    allowance: Allowance
    apart: Apart

    def pieces(self, blob: Blob, at: int = 0, depth: int = 0) -> Iterator[Piece]:
        """Yield what a blob holds; raises nothing but ``KeyboardInterrupt`` and its like."""
        try:
            yield from self._by_format(blob, at, depth)
        except Invalid as error:
            known = error.place in set(UnreadReason)
            reason = UnreadReason(error.place) if known else UnreadReason.BROKEN
            yield Unread(blob.place, reason, error.detail.removeprefix(f"{error.place}: "), blob.size)
        except Exception as error:
            reason = _REASONS.get(type(error), UnreadReason.BROKEN)
            yield Unread(blob.place, reason, type(error).__name__, blob.size)

    def _by_format(self, blob: Blob, at: int, depth: int) -> Iterator[Piece]:
        with blob.open() as stream:
            head = stream.read(HEAD)
        form = format_of(head)
        match form:
            case "text" if blob.suffix in LETTERS:
                yield from self._letter(blob, depth)
            case "text":
                yield from self._text(blob, head, at)
            case "parquet":
                yield from self.apart.read("parquet", blob, self.sampling)
            case "ole2":
                yield from self._ole2(blob)
            case _ if form in LOOKED_AT:
                yield from self.apart.read(LOOKED_AT[form], blob, self.sampling)
            case "sqlite":
                yield from sqlite_pieces(blob, self.sampling)
            case "zip" | "tar":
                yield from self._archive(blob, form, depth)
            case _ if form in PACKED:
                if depth >= _DEEPEST:
                    yield Unread(blob.place, UnreadReason.TOO_DEEP, form, blob.size)
                else:
                    yield from self.pieces(unpacked(blob, form, self.allowance), 0, depth + 1)
            case _:
                reason = UnreadReason.ENCRYPTED if "encrypted" in form else UnreadReason.BINARY
                yield Unread(blob.place, reason, form, blob.size)

    def _text(self, blob: Blob, head: bytes, at: int) -> Iterator[Piece]:
        lines = is_json_lines(utf_8(head)[0])
        if at == 0 and (lines or blob.suffix in _LINES | _JSON | NAMED):
            aside = yield from self._table(blob, lines=lines or blob.suffix in _LINES)
            if not aside:
                return
        with blob.open() as stream:
            yield from text_windows(stream, blob.place, at)

    def _table(self, blob: Blob, *, lines: bool) -> Generator[Piece, None, bool]:
        """Yield the rows of a text that is a table; returns whether it has to be read as text too."""
        with blob.open() as stream:
            windows = text_windows(stream, blob.place)
            if lines:
                table = JsonLines(windows)
                yield from table.windows(blob.place, self.sampling)
                return table.aside > 0
            if blob.suffix in _JSON:
                data = b""
                for window in windows:
                    data += window.data
                    if len(data) > MOST:
                        return True
                rows = document_windows(data, blob.place, self.sampling)
                yield from rows or ()
                return rows is None
            divided = Delimited(windows, blob.suffix)
            if not divided.sign:
                return True
            yield from divided.windows(blob.place, self.sampling)
            return divided.aside > 0

    def _ole2(self, blob: Blob) -> Iterator[Piece]:
        if blob.suffix in {"xls", "xlsx", "et"}:
            yield from self.apart.read("workbook", blob, self.sampling)
        else:
            yield Unread(blob.place, UnreadReason.BINARY, "ole2 (old Office document)", blob.size)

    def _archive(self, blob: Blob, form: str, depth: int) -> Iterator[Piece]:
        if not blob.seekable:
            data = in_memory(blob)
            blob = replace(blob, open=lambda: cast("BinaryIO", io.BytesIO(data)), seekable=True)
        if form == "zip":
            names = names_of_zip(blob)
            if any(name in names for name in _WORKBOOKS):
                yield from self._workbook(blob)
                return
        if depth >= _DEEPEST:
            yield Unread(blob.place, UnreadReason.TOO_DEEP, form, blob.size)
            return
        listed = members_of_zip if form == "zip" else members_of_tar
        with closing(listed(blob, self.allowance)) as members:
            for one in members:
                if isinstance(one, Unread):
                    yield one
                else:
                    yield from self._member(one, depth)

    def _letter(self, blob: Blob, depth: int) -> Iterator[Piece]:
        if depth >= _DEEPEST:
            yield Unread(blob.place, UnreadReason.TOO_DEEP, "letter", blob.size)
            return
        for part in parts_of_letter(blob, self.allowance):
            yield from self._member(part, depth)

    def _member(self, member: Blob, depth: int) -> Iterator[Piece]:
        """One member; a bomb ends its archive, whatever else goes wrong ends the member only."""
        if TEXTS.search(member.place):
            member = as_read(member, self.allowance)
        for piece in self.pieces(member, 0, depth + 1):
            yield piece
            if isinstance(piece, Unread) and piece.reason is UnreadReason.BOMB:
                raise Invalid(piece.detail, UnreadReason.BOMB.value)

    def _workbook(self, blob: Blob) -> Iterator[Piece]:
        """A workbook, after all of it was unpacked once: what it claims about its sizes is not believed."""
        with blob.open() as stream, zipfile.ZipFile(stream) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    while data := member.read(1 << 20):
                        self.allowance.take(len(data))
        yield from self.apart.read("workbook", blob, self.sampling)
