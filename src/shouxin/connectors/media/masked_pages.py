"""A document of pages (PDF) masked: each page becomes a picture in which nobody is seen and nothing is read.

Laws. The rendition is a new document of pictures: no text, form, script, attachment, link or word about the document
goes over. Text is painted where the document says that it stands, and wherever else it is seen. All pages are masked or
there is no rendition. Then it is opened again and looked at, page by page, as whoever gets it would. One page is held
at a time, beside the pictures that are done, which are compressed.

Called by: ``redaction``.
"""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

from shouxin.connectors.media.engines import Frame
from shouxin.connectors.media.masking import is_seen, mask
from shouxin.connectors.media.pages import SIDE
from shouxin.detection.media.box import Box
from shouxin.detection.media.rendition import RenditionFacts
from shouxin.errors import Invalid

__all__ = ["MOST_PAGES", "masked_pages"]

MOST_PAGES: Final = 200
_PLACES: Final = 50_000  # of text on a page
_AROUND: Final = 3  # pixels around a place of text: what slants and hangs reaches out of it
_QUALITY: Final = 92  # of JPEG


def masked_pages(stream: BinaryIO, folder: Path) -> tuple[Path, RenditionFacts]:
    """Write the rendition of a PDF into ``folder`` and return where it is.

    Raises:
        Invalid: broken, with a password (``encrypted``), of more than ``MOST_PAGES`` pages (``too-large``), or
            something is still seen (``seen``).
    """
    pdfium, target = import_module("pypdfium2"), folder / "rendition.pdf"
    faces = texts = 0
    with _opened(pdfium, stream.read()) as book, pdfium.PdfDocument.new() as made:
        count = len(book)
        if not count:
            raise Invalid("pages", "broken")
        if count > MOST_PAGES:
            raise Invalid("pages", "too-large")
        for number in range(count):
            page = book[number]
            frame, places = _drawn(page)
            seen, read = mask(frame, places)
            faces, texts = faces + seen, texts + read
            _add(pdfium, made, frame, page.get_size())
            page.close()
        made.save(target)
    _read_back(pdfium, target, count)
    return target, RenditionFacts(".pdf", faces, texts, pages=count)


def _opened(pdfium: Any, data: bytes | Path) -> Any:  # noqa: ANN401 - of a package that is imported late
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Invalid("pages", "encrypted" if "assword" in str(error) else "broken") from None


def _picture(page: Any) -> tuple[Frame, Any]:  # noqa: ANN401 - as above
    """Return a page as it is seen, and what turns its points into pixels."""
    bitmap = page.render(scale=SIDE / max(*page.get_size(), 1.0), may_draw_forms=False)
    frame = np.array(bitmap.to_numpy()[:, :, :3], dtype=np.uint8)
    placing = bitmap.get_posconv(page)
    bitmap.close()
    return frame, placing


def _drawn(page: Any) -> tuple[Frame, list[Box]]:  # noqa: ANN401 - as above
    """Return a page as it is seen, and where the document says that text stands on it."""
    frame, placing = _picture(page)
    height, width = frame.shape[:2]
    text = page.get_textpage()
    count = text.count_rects()
    if count > _PLACES:
        raise Invalid("places", "too-large")
    places = []
    for at in range(count):
        left, bottom, right, top = text.get_rect(at)
        corners = [placing.to_bitmap(x, y) for x in (left, right) for y in (bottom, top)]  # a page may be turned
        across, down = [x for x, _ in corners], [y for _, y in corners]
        places.append(
            Box(
                max(0, min(across) - _AROUND),
                max(0, min(down) - _AROUND),
                min(width, max(across) + _AROUND),
                min(height, max(down) + _AROUND),
            )
        )
    text.close()
    return frame, [one for one in places if one.left < one.right and one.top < one.bottom]


def _add(pdfium: Any, made: Any, frame: Frame, size: tuple[float, float]) -> None:  # noqa: ANN401 - as above
    """Add a page of ``size`` points that is this picture."""
    cv2 = import_module("cv2")
    _, coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    picture = pdfium.PdfImage.new(made)
    picture.load_jpeg(io.BytesIO(bytes(coded)), inline=True)
    picture.set_matrix(pdfium.PdfMatrix().scale(*size))
    page = made.new_page(*size)
    page.insert_obj(picture)
    page.gen_content()
    page.close()


def _read_back(pdfium: Any, target: Path, count: int) -> None:  # noqa: ANN401 - as above
    """Look at the rendition as it was written.

    Raises:
        Invalid: pages are missing, it has text, or something is seen on them (``seen``).
    """
    with _opened(pdfium, target) as book:
        if len(book) != count:
            raise Invalid("rendition", "broken")
        for number in range(count):
            page = book[number]
            text = page.get_textpage()
            written = text.count_chars()
            text.close()
            if written or is_seen(_picture(page)[0]):
                raise Invalid("rendition", "seen")
            page.close()
