"""CSV, TSV and their like: which sign divides the fields, whether the first line names them, and the rows.

Laws. A first line that holds what a value would hold is no header: its columns are numbered, and the line is a row.
Rows that do not parse are counted and set aside, and the caller reads the file as text as well, so nothing is lost.

Called by: ``content``; ``CsvSource`` is another thing: it takes people in, strictly.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final

from shouxin.connectors.readers.draw import windows_of
from shouxin.detection.scan import scan
from shouxin.detection.survey.reading import Basis, RowWindow, Sampling, TextWindow

__all__ = ["NAMED", "Delimited", "divided", "is_header"]

NAMED: Final = frozenset({"csv", "tsv", "tab", "psv", "txt", "dat", "del"})
_CERTAIN: Final = frozenset({"csv", "tsv", "tab", "psv"})
_SIGNS: Final = ",\t;|\x01"
_PROBE: Final = 60  # lines
_LONGEST: Final = 1 << 20  # characters of a line; longer, and it is no table
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9.,:/ T-]*")
_NAME: Final = 80  # characters of a header's field


def _lines(windows: Iterable[TextWindow]) -> Iterator[str]:
    """The lines of a text with their ends, never longer than about a window."""
    rest = ""
    for window in windows:
        text = rest + window.data.decode("utf-8", "replace")
        lines = text.split("\n")
        rest = lines.pop()
        yield from (f"{line}\n" for line in lines)
        if len(rest) > _LONGEST:
            yield rest
            rest = ""
    if rest:
        yield rest


def divided(lines: Sequence[str], suffix: str) -> str:
    """Return the sign that divides the fields of these first lines; nothing if they are no table."""
    if not lines or any(len(line) >= _LONGEST or "\0" in line for line in lines):
        return ""
    best, fit = "", 0.0
    for sign in _SIGNS:
        try:
            counts = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
        except csv.Error:
            continue
        fields, often = max(counts.items(), key=lambda one: (one[1] * (one[0] > 1), one[0]), default=(0, 0))
        share = often / max(1, counts.total())
        if fields > 1 and share > fit:
            best, fit = sign, share
    if suffix in _CERTAIN:
        return best if fit >= 0.5 else "," if suffix == "csv" else "\t"
    enough = len(lines) > 2 and fit >= 0.95
    return best if enough and len(next(csv.reader(lines, delimiter=best), [])) > 2 else ""


def is_header(fields: Sequence[str]) -> bool:
    """Tell whether a first line names columns: no field is a number, a date or anything that a detector knows."""
    trimmed = [field.strip().lstrip("\ufeff") for field in fields]
    if not any(trimmed) or any(_NUMBER.fullmatch(field) or len(field) > _NAME for field in trimmed):
        return False
    return not scan("\n".join(trimmed))


class Delimited:
    """One file of divided fields, read once. ``aside`` is how many rows did not parse, when all were read."""

    def __init__(self, windows: Iterable[TextWindow], suffix: str) -> None:
        lines = _lines(windows)
        self._first = list(islice(lines, _PROBE))
        self._rest = lines
        probe = self._first if len(self._first) < _PROBE else self._first[:-1]
        self.sign = divided(probe, suffix)
        self.aside = 0

    def _rows(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                self.aside += 1
                continue
            if row:
                yield row

    def windows(self, place: str, sampling: Sampling) -> Iterator[RowWindow]:
        """Yield the rows; call once, and only if there is a ``sign``."""
        rows = self._rows(csv.reader(chain(self._first, self._rest), delimiter=self.sign))
        first = next(rows, [])
        if is_header(first):
            names = [field.strip().lstrip("\ufeff") or f"#{at}" for at, field in enumerate(first, 1)]
        else:
            names = [f"#{at}" for at in range(1, len(first) + 1)]
            rows = chain([first] if first else [], rows)
        yield from windows_of(rows, names, place, "tsv" if self.sign == "\t" else "csv", sampling)
        if self.aside:
            yield RowWindow(place, "csv", {}, self.aside, 0, _basis(sampling), aside=self.aside)


def _basis(sampling: Sampling) -> Basis:
    return Basis.ALL if sampling.everything else Basis.RANDOM
