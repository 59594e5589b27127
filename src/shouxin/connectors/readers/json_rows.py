"""JSON and JSON lines: objects as rows, nested values as columns by their path.

Laws. A line that does not parse is set aside and counted; the caller then reads the file as text as well. orjson
refuses what is nested deeper than 1,024, so no input makes us recurse without end. One document is held in memory
whole, hence only up to ``MOST``; a larger one is read as text.

Called by: ``content``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import orjson

from shouxin.connectors.readers.draw import windows_of
from shouxin.detection.survey.reading import Basis, RowWindow, Sampling, TextWindow

__all__ = ["MOST", "JsonLines", "document_windows", "is_json_lines"]

MOST: Final = 16 << 20  # bytes of one document
_LONGEST: Final = 4 << 20  # bytes of a line
_PROBE: Final = 5


def is_json_lines(head: bytes) -> bool:
    """Tell whether the first lines are an object each."""
    lines = [line for line in head.lstrip(b"\xef\xbb\xbf").split(b"\n")[:_PROBE] if line.strip()]
    if head.count(b"\n") < 1 or not lines:
        return False
    whole = lines if len(lines) < _PROBE and head.endswith(b"\n") else lines[:-1] or lines
    return all(_object(line) is not None for line in whole)


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


class JsonLines:
    """One file of objects, a line each, read once; ``aside`` counts the lines that are none."""

    def __init__(self, windows: Iterable[TextWindow]) -> None:
        self._windows = windows
        self.aside = 0

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        for window in self._windows:
            lines = (rest + window.data).split(b"\n")
            rest = lines.pop()
            yield from lines
            if len(rest) > _LONGEST:
                yield rest  # cannot parse: is set aside, and read as text
                rest = b""
        yield rest

    def _rows(self) -> Iterator[Sequence[Any]]:
        for line in self._lines():
            if not line.strip():
                continue
            row = _object(line.lstrip(b"\xef\xbb\xbf"))
            if row is None:
                self.aside += 1
            else:
                yield (row,)

    def windows(self, place: str, sampling: Sampling) -> Iterator[RowWindow]:
        """Yield the rows; call once."""
        yield from windows_of(self._rows(), None, place, "json lines", sampling)
        if self.aside:
            yield RowWindow(place, "json lines", {}, self.aside, 0, Basis.RANDOM, aside=self.aside)


def document_windows(data: bytes, place: str, sampling: Sampling) -> Iterator[RowWindow] | None:
    """Return the rows of one document: its list, or itself; ``None`` if it does not parse."""
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        return None
    rows = value if isinstance(value, list) else [value]
    return windows_of(((row,) for row in rows), None, place, "json", sampling)
