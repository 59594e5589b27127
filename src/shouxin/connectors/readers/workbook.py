"""Workbooks (xlsx, xls, ods): every sheet as a table.

Laws. A sheet is held in memory whole, as large as its corners say: a forged one may say anything, hence the process
apart. Sheets that are hidden are read like the others. A first row that is no header is a row, as in a CSV file.

Called by: ``apart``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from typing import BinaryIO

from shouxin.connectors.readers.delimited import is_header
from shouxin.connectors.readers.draw import as_text, windows_of
from shouxin.detection.survey.reading import Piece, Sampling, Unread, UnreadReason

__all__ = ["workbook_pieces"]


def workbook_pieces(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
    """Yield the rows of every sheet; ``None`` now and then, to say that it goes on.

    Raises:
        Whatever calamine raises.
    """
    calamine = import_module("python_calamine")
    with calamine.load_workbook(stream) as book:
        for meta in book.sheets_metadata:
            inner = f"{place}!{meta.name}"
            if str(meta.typ).rpartition(".")[2] != "WorkSheet":
                yield Unread(inner, UnreadReason.BINARY, "sheet without cells")
                continue
            yield None
            rows = iter(book.get_sheet_by_name(meta.name).iter_rows())
            first: list[object] = next(rows, [])
            fields = [as_text(value) or "" for value in first]
            named = is_header(fields)
            names = [field if named and field else f"#{at}" for at, field in enumerate(fields, 1)]
            rest = rows if named or not first else chain([first], rows)
            yield from windows_of(rest, names, inner, "sheet", sampling)
