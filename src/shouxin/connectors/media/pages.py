"""Documents of pages (PDF): the text that they carry, and what is seen on the pages themselves.

Laws. Scripts, forms and attachments are not run or opened: the renderer is built without them. The text of every page
is read, up to ``_PAGES``; a page with pictures or without text is rendered and looked at, up to ``_RENDERED`` of them,
drawn over the whole document. What was not looked at is told. A page that is larger than paper is rendered small.

Called by: ``readers.apart``; ``masked_pages`` renders as large.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO, Final

import numpy as np

from shouxin.connectors.media.engines import text_finder
from shouxin.connectors.media.picture import looked_at
from shouxin.detection.finding import Finding
from shouxin.detection.media.box import Box, hull
from shouxin.detection.media.media_finding import MediaFinding, MediaForm
from shouxin.detection.scan import Finder, scan
from shouxin.detection.survey.reading import MediaWindow, Piece, Sampling, Unread, UnreadReason

__all__ = ["SIDE", "page_pieces"]

_PAGES: Final = 2_000
_RENDERED: Final = 40
_LONGEST_TEXT: Final = 200_000  # characters of a page
_FEW: Final = 20  # characters: a page with less is looked at
SIDE: Final = 1_600  # pixels of the longer side: 137 dpi of A4
_SECONDS: Final = 600.0  # for all pages


def page_pieces(stream: BinaryIO, place: str, sampling: Sampling) -> Iterator[Piece | None]:
    """Yield what is found on each page; ``None`` now and then, to say that it goes on.

    Raises:
        Whatever pdfium raises; ``apart`` makes an ``Unread`` of it.
    """
    pdfium = import_module("pypdfium2")
    try:
        book = pdfium.PdfDocument(stream.read())
    except pdfium.PdfiumError as error:
        reason = UnreadReason.ENCRYPTED if "assword" in str(error) else UnreadReason.BROKEN
        yield Unread(place, reason, "pdf")
        return
    with book:
        yield from _Book(pdfium, book, place, text_finder(names=sampling.names)).pieces()


class _Book:
    """One document, while it is looked at."""

    def __init__(self, pdfium: Any, book: Any, place: str, find: Finder) -> None:  # noqa: ANN401 - imported late
        self._find = find
        self._pdfium, self._book, self._place = pdfium, book, place
        self._ends = time.monotonic() + _SECONDS
        self._wanting: list[int] = []
        self._seen = self._looked = self._broken = 0

    def pieces(self) -> Iterator[Piece | None]:
        """Yield what its pages say, what they show, and what was left out."""
        whole = len(self._book)
        yield from self._texts(min(whole, _PAGES))
        yield from self._pictures()
        yield MediaWindow(self._place, MediaForm.PAGES, [], 0, whole)
        if left := whole - self._seen - self._broken:
            yield Unread(self._place, UnreadReason.TOO_LARGE, f"{left} pages")
        if left := len(self._wanting) - self._looked:
            yield Unread(self._place, UnreadReason.TOO_LARGE, f"pictures of {left} pages")
        if self._broken:
            yield Unread(self._place, UnreadReason.BROKEN, f"{self._broken} pages")

    def _texts(self, count: int) -> Iterator[Piece | None]:
        for number in range(count):
            yield None
            if time.monotonic() > self._ends:
                return
            try:
                page = self._book[number]
                found, few = _of_text(page, number + 1, self._find)
                if few or _has_pictures(self._pdfium, page):
                    self._wanting.append(number)
                page.close()
            except self._pdfium.PdfiumError:
                self._broken += 1
                continue
            self._seen += 1
            yield MediaWindow(self._place, MediaForm.PAGES, found, 1, 0)

    def _pictures(self) -> Iterator[Piece | None]:
        for number in _spread(self._wanting):
            yield None
            if time.monotonic() > self._ends:
                return
            found = _of_picture(self._book[number], number + 1, self._find)
            self._looked += 1
            yield MediaWindow(self._place, MediaForm.PAGES, found, 0, 0)


def _spread(numbers: list[int]) -> list[int]:
    """At most ``_RENDERED`` of them, evenly over all: the first pages of many files are alike."""
    if len(numbers) <= _RENDERED:
        return numbers
    return [numbers[at * len(numbers) // _RENDERED] for at in range(_RENDERED)]


def _has_pictures(pdfium: Any, page: Any) -> bool:  # noqa: ANN401 - objects of a package that is imported late
    return next(iter(page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)), None) is not None


def _of_text(page: Any, number: int, find: Finder) -> tuple[list[MediaFinding], bool]:  # noqa: ANN401 - as above
    """What the text of a page holds, and whether there is hardly any."""
    text = page.get_textpage()
    count = min(text.count_chars(), _LONGEST_TEXT)
    content = text.get_text_range(0, count) if count > 0 else ""
    height = page.get_height()
    found = [_placed(text, one, number, height) for one in scan(content, find)]
    text.close()
    return found, count < _FEW


def _placed(text: Any, one: Finding, number: int, height: float) -> MediaFinding:  # noqa: ANN401 - as above
    boxes = []
    for at in range(one.start, min(one.end, text.count_chars())):
        left, bottom, right, top = text.get_charbox(at)  # from the lower left corner
        if right > left and top > bottom:
            boxes.append(Box(int(left), int(height - top), int(right) + 1, int(height - bottom) + 1))
    box = hull(boxes) if boxes else None
    return MediaFinding(one.kind.value, one.score, box, number, evidence=("page text", *one.evidence))


def _of_picture(page: Any, number: int, find: Finder) -> list[MediaFinding]:  # noqa: ANN401 - as above
    """What is seen on a page, in points of the page."""
    width, height = page.get_size()
    factor = SIDE / max(width, height, 1.0)
    bitmap = page.render(scale=factor, may_draw_forms=False)
    frame = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    bitmap.close()
    return [
        MediaFinding(one.kind, one.score, one.box.scaled(1 / factor) if one.box else None, number, 0, 0, one.evidence)
        for one in looked_at(frame, find=find)
    ]
