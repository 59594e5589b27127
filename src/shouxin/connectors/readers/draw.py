"""Drawing rows at random from a table that is read once, with bounded memory; and values as text.

Laws. Every row has the same chance, and the same source gives the same rows again: the draw is seeded by the place. If
the drawn rows take too much memory, fewer are kept, still at random. With ``everything``, rows are handed on in turns.

**Source:** bottom-k sampling (E. Cohen, H. Kaplan, PODC 2007): the rows with the smallest random keys.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from shouxin.detection.column_evidence import LONGEST
from shouxin.detection.survey.reading import Basis, RowWindow, Sampling

__all__ = ["as_text", "drawn", "flat", "windows_of"]

_MOST_BYTES: Final = 128 << 20
_MOST_VALUE: Final = LONGEST + 1  # characters kept of a value: one more than is looked at
_MOST_NAMES: Final = 2_000  # columns of a file, paths in nested rows; what is beyond is joined
_DEPTH: Final = 32
_OTHERS: Final = "*"


def as_text(value: object) -> str | None:
    """Write a value as a file would show it; ``None`` stays. Whole floats lose their point, as a spreadsheet's do."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        value = int(value)
    text = value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value)
    return text[:_MOST_VALUE]


def flat(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield each leaf of a nested value with its path: ``contacts[].mobile``."""
    if isinstance(value, Mapping) and depth < _DEPTH:
        for key, one in value.items():
            yield from flat(one, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list | tuple) and depth < _DEPTH:
        for one in value:
            yield from flat(one, f"{path}[]", depth + 1)
    else:
        yield path or "value", value


def _weight(row: Sequence[object]) -> int:
    return 64 + sum(64 + (len(value) if isinstance(value, str | bytes) else 0) for value in row)


def drawn(rows: Iterable[Sequence[Any]], seed: str, most: int) -> tuple[list[Sequence[Any]], int]:
    """Return at most ``most`` rows, in their order, and how many there were."""
    draw = random.Random(seed).random  # noqa: S311 - a sample that can be drawn again, no secret
    kept: list[tuple[float, int, int, Sequence[Any]]] = []
    held, number, limit = 0, 0, 1.0
    for number, row in enumerate(rows, start=1):
        key = draw()
        if key >= limit:
            continue
        weight = _weight(row)
        heapq.heappush(kept, (-key, number, weight, row))
        held += weight
        while len(kept) > most or (held > _MOST_BYTES and len(kept) > 1):
            _, _, gone, _ = heapq.heappop(kept)
            held -= gone
            limit = -kept[0][0]
    return [row for _, _, row in sorted((number, -key, row) for key, number, _, row in kept)], number


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[str | None]]:
    """The values of flat rows by column; a name that stands twice gets a number; fields beyond the names are joined."""
    seen: dict[str, int] = {}
    titles = []
    for name in names[:_MOST_NAMES]:
        seen[name] = seen.get(name, 0) + 1
        titles.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    columns: dict[str, list[str | None]] = {title: [] for title in titles}
    for row in rows:
        for title, value in zip(titles, row, strict=False):
            columns[title].append(as_text(value))
        for value in row[len(titles) :]:
            columns.setdefault(_OTHERS, []).append(as_text(value))
    return columns


def _nested(rows: Iterable[Sequence[Any]]) -> dict[str, list[str | None]]:
    """The leaves of nested rows by path."""
    columns: dict[str, list[str | None]] = {}
    for (row,) in rows:
        for path, value in flat(row):
            name = path if path in columns or len(columns) < _MOST_NAMES else _OTHERS
            columns.setdefault(name, []).append(as_text(value))
    return columns


def windows_of(
    rows: Iterable[Sequence[Any]],
    names: Sequence[str] | None,
    place: str,
    form: str,
    sampling: Sampling,
) -> Iterator[RowWindow]:
    """Yield the rows of a table as windows: one of a random sample, or all of them in turns.

    ``names`` is ``None`` for rows of one nested value each.
    """

    def window(some: Sequence[Sequence[Any]], count: int) -> RowWindow:
        columns = _nested(some) if names is None else _columns(names, some)
        basis = Basis.ALL if len(some) == count else Basis.RANDOM
        return RowWindow(place, form, columns, count, len(some), basis)

    if not sampling.everything:
        some, count = drawn(rows, place, sampling.rows)
        yield window(some, count)
        return
    turn: list[Sequence[Any]] = []
    held = 0
    for row in rows:
        turn.append(row)
        held += _weight(row)
        if len(turn) >= sampling.rows or held > _MOST_BYTES:
            yield window(turn, len(turn))
            turn, held = [], 0
    yield window(turn, len(turn))
