"""Renditions of documents, with the real renderer and reader: what could be read before cannot be read after."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from shouxin.connectors.media.masked_pages import MOST_PAGES, masked_pages
from shouxin.connectors.media.rendering import MediaRenderer
from shouxin.connectors.readers.apart import Apart
from shouxin.detection.media.rendition import RenditionFacts
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from tests.connectors.media.looking import WHO, encrypted, findings, pdf, pieces, says, scanned


def _masked(data: bytes) -> tuple[RenditionFacts, bytes]:
    with MediaRenderer().masked([Plaintext(data)]) as made:
        return made.facts, b"".join(made.parts)


def _seen(data: bytes, number: int, scale: float = 2.0) -> np.ndarray:
    """A page as a reader of the document sees it."""
    with pypdfium2.PdfDocument(data) as book:
        return np.array(book[number].render(scale=scale).to_numpy()[:, :, :3])


@pytest.mark.slow
def test_a_document_is_masked_text_layer_scan_and_all(apart: Apart) -> None:
    """Numbers that stand in the text and on a scanned page are found before and not after; no text is left to copy."""
    both = PdfWriter()
    drawn = b"0.9 0.1 0.1 rg 300 100 200 200 re f 0 g " + says(f"ID number {WHO.id_number} mobile {WHO.mobile}")
    both.append(PdfReader(io.BytesIO(pdf(drawn, extra=b"/OpenAction<</S/JavaScript/JS(1)>>"))))
    both.append(PdfReader(io.BytesIO(scanned())))
    both.add_metadata({"/Title": WHO.name})
    held = io.BytesIO()
    both.write(held)
    before = {(one.kind, one.page) for one in findings(pieces(held.getvalue(), apart))}
    assert {("resident_id", 1), ("mobile", 1), ("resident_id", 2), ("mobile", 2)} <= before
    facts, made = _masked(held.getvalue())
    assert (facts.suffix, facts.pages) == (".pdf", 2)
    assert facts.texts > 5
    assert not findings(pieces(made, apart))
    book = PdfReader(io.BytesIO(made))
    assert [page.extract_text() for page in book.pages] == ["", ""]
    assert [len(page.images) for page in book.pages] == [1, 1]
    assert [tuple(map(round, page.mediabox[2:])) for page in book.pages] == [(595, 842), (595, 842)]
    assert "/OpenAction" not in book.trailer["/Root"]
    assert not (book.metadata or {}).get("/Title")
    first = _seen(made, 0)
    line = first[2 * 133 : 2 * 141, 2 * 75 : 2 * 300]  # the line stands 142 points from the top
    assert int(line.max()) - int(line.min()) < 12  # one colour, as JPEG has it
    assert abs(first[2 * 640, 2 * 400].astype(int) - (26, 26, 230)).max() < 12  # what is no text is as it was


@pytest.mark.slow
@pytest.mark.parametrize("turned", [0, 90, 270])
def test_text_too_small_to_be_read_is_masked_where_the_document_says_it_stands(tmp_path: Path, turned: int) -> None:
    """Whoever enlarges the page finds one colour, however the page is turned."""
    small = pdf(f"BT /F 2 Tf 100 400 Td ({WHO.id_number}) Tj ET".encode())
    made = PdfWriter()
    made.append(PdfReader(io.BytesIO(small)))
    made.pages[0].rotate(turned)
    held = io.BytesIO()
    made.write(held)
    assert int(_seen(held.getvalue(), 0, 4).min()) < 100
    target, facts = masked_pages(io.BytesIO(held.getvalue()), tmp_path)
    assert facts.texts == 1
    before, after = _seen(held.getvalue(), 0, 4), _seen(target.read_bytes(), 0, 4)
    ink = cv2.cvtColor(before, cv2.COLOR_BGR2GRAY) < 200
    assert ink.any()
    assert int(after[ink].max()) < 90


def test_what_cannot_be_opened_or_is_too_long_has_no_rendition(tmp_path: Path) -> None:
    """A password, a stump, more pages than are masked: told by what it is, and nothing is written."""
    for data, reason in (
        (encrypted(), "encrypted"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 3_000, "broken"),
        (pdf(*[b""] * (MOST_PAGES + 1)), "too-large"),
    ):
        with pytest.raises(Invalid) as refused:
            masked_pages(io.BytesIO(data), tmp_path)
        assert refused.value.place == reason
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Invalid, match="cannot be masked: encrypted"), MediaRenderer().masked([Plaintext(encrypted())]):
        pass


def test_a_page_as_large_as_a_field_is_masked_small(tmp_path: Path) -> None:
    """A page of 14,400 points a side takes no more memory than any other, and keeps its size."""
    huge = pdf(b"0 0 1 rg 100 100 9000 9000 re f").replace(b"[0 0 595 842]", b"[0 0 14400 14400]")
    target, facts = masked_pages(io.BytesIO(huge), tmp_path)
    assert facts.pages == 1
    with pypdfium2.PdfDocument(target) as book:
        assert tuple(map(round, book[0].get_size())) == (14400, 14400)
    (picture,) = PdfReader(target).pages[0].images
    assert picture.image is not None
    assert picture.image.size == (1600, 1600)
