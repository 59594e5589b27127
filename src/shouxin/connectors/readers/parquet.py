"""Parquet: a random sample over all row groups, read a few columns at a time, so that memory stays flat.

Laws. Every row has the same chance to be drawn. A row group is decoded whole (its pages cannot be entered elsewhere
than at their start), but never more of it than ``_AT_ONCE`` bytes; a column chunk that alone is larger is told and
left out.

Called by: ``apart``, in a process whose memory has an end: a forged file may claim any size.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO, Final

from shouxin.connectors.readers.blob import unreadable
from shouxin.connectors.readers.draw import as_text, flat
from shouxin.detection.survey.reading import Basis, Piece, RowWindow, Sampling, Unread, UnreadReason

__all__ = ["parquet_pieces", "parquet_rows"]

_AT_ONCE: Final = 32 << 20  # bytes of decoded columns
_MOST_CHUNK: Final = 1 << 30
_MOST_COLUMNS: Final = 10_000
_TURN: Final = 20_000  # rows handed on together when everything is read


def _chosen(rows: int, place: str, sampling: Sampling) -> list[int]:
    if rows <= sampling.rows or sampling.everything:
        return list(range(rows)) if not sampling.everything else []
    return sorted(random.Random(place).sample(range(rows), sampling.rows))  # noqa: S311 - a sample, no secret


def _columns_of(row_group: Any) -> Iterator[tuple[list[str], str]]:  # noqa: ANN401 - pyarrow has no types
    """Top-level columns, as many together as may be decoded at once; and one that is too large, by its path."""
    sizes: dict[str, int] = {}
    for at in range(row_group.num_columns):
        chunk = row_group.column(at)
        name = chunk.path_in_schema.partition(".")[0]
        sizes[name] = sizes.get(name, 0) + max(0, chunk.total_uncompressed_size)
    together: list[str] = []
    held = 0
    for name, size in sizes.items():
        if size > _MOST_CHUNK:
            yield [], name
            continue
        if together and held + size > _AT_ONCE:
            yield together, ""
            together, held = [], 0
        together.append(name)
        held += size
    if together:
        yield together, ""


def _values(table: Any) -> Iterator[tuple[str, list[str | None]]]:  # noqa: ANN401 - pyarrow has no types
    for name in table.column_names:
        column = table.column(name)
        if str(column.type).startswith(("struct", "list", "large_list", "map", "dictionary<values=struct")):
            nested: dict[str, list[str | None]] = {}
            for value in column.to_pylist():
                for path, leaf in flat(value, name):
                    nested.setdefault(path, []).append(as_text(leaf))
            yield from nested.items()
        else:
            yield name, [as_text(value) for value in column.to_pylist()]


def parquet_pieces(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
    """Yield the windows of a file; ``None`` now and then, to say that it goes on.

    Raises:
        Invalid: it has more columns than anybody needs. Anything that pyarrow raises.
    """
    parquet = import_module("pyarrow.parquet")
    file = parquet.ParquetFile(stream, memory_map=False, pre_buffer=False)
    metadata = file.metadata
    if metadata.num_columns > _MOST_COLUMNS:
        raise unreadable(UnreadReason.TOO_LARGE, "columns")
    chosen = _chosen(metadata.num_rows, place, sampling)
    if sampling.everything:
        yield from _everything(file, place)
        return
    columns: dict[str, list[str | None]] = {}
    at = start = 0
    left_out = dict[str, None]()
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        own = []
        while at < len(chosen) and chosen[at] < start + row_group.num_rows:
            own.append(chosen[at] - start)
            at += 1
        start += row_group.num_rows
        if own:
            for names, large in _columns_of(row_group):
                if large:
                    left_out[large] = None
                    continue
                for name, values in _values(file.read_row_group(group, columns=names).take(own)):
                    columns.setdefault(name, []).extend(values)
                yield None
    basis = Basis.ALL if len(chosen) == metadata.num_rows else Basis.RANDOM
    yield RowWindow(place, "parquet", columns, metadata.num_rows, len(chosen), basis)
    yield from (Unread(f"{place}!{name}", UnreadReason.TOO_LARGE, "column") for name in left_out)


def parquet_rows(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
    """Yield every row in turn, ``sampling.rows`` at a time, each column as long as the others.

    Nested columns are left out: what stands in a list belongs to no row by itself.

    Raises:
        Invalid: it has more columns than anybody needs, or two of one name. Anything that pyarrow raises.
    """
    nested = import_module("pyarrow.types").is_nested
    file = import_module("pyarrow.parquet").ParquetFile(stream, memory_map=False, pre_buffer=False)
    names = [field.name for field in file.schema_arrow if not nested(field.type)]
    if len(names) > _MOST_COLUMNS or len(set(file.schema_arrow.names)) < len(file.schema_arrow.names):
        raise unreadable(UnreadReason.BROKEN, "columns")
    for batch in file.iter_batches(batch_size=sampling.rows, columns=names):
        columns = {name: [as_text(value) for value in batch.column(name).to_pylist()] for name in names}
        yield RowWindow(place, "parquet", columns, batch.num_rows, batch.num_rows, Basis.ALL)


def _everything(file: Any, place: str) -> Iterator[Piece]:  # noqa: ANN401 - pyarrow has no types
    for batch in file.iter_batches(batch_size=_TURN, use_threads=True):
        yield RowWindow(place, "parquet", dict(_values(_table(batch))), batch.num_rows, batch.num_rows, Basis.ALL)


def _table(batch: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    return import_module("pyarrow").Table.from_batches([batch])
