"""Documents of pages, with the real renderer and reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.connectors.readers.apart import Apart
from shouxin.connectors.readers.files import FolderFiles
from shouxin.demo.identities import Fabricator
from shouxin.detection.survey.grading import PlaceVerdict, judge_report
from shouxin.detection.survey.reading import MediaWindow
from shouxin.documents.typst_pdf import typeset
from shouxin.domain.clock import Instant, SystemClock
from shouxin.operations.scanning.scan_source import scan_source
from tests.connectors.media.looking import WHO, encrypted, findings, pdf, pieces, says, scanned, unread


def test_text_is_found_on_its_page_and_at_its_place(apart: Apart) -> None:
    """The text layer gives the number on the second page, in points from the upper left corner."""
    some = pieces(pdf(says("nothing to see on this page"), says(f"ID number {WHO.id_number} of the borrower")), apart)
    (one,) = findings(some)
    assert (one.kind, one.page) == ("resident_id", 2)
    assert one.box is not None
    assert 120 < one.box.left < 140
    assert 125 < one.box.top < one.box.bottom < 150
    assert sum(piece.looked for piece in some if isinstance(piece, MediaWindow)) == 2


def test_names_and_addresses_of_a_page_are_found_as_in_a_text(tmp_path: Path) -> None:
    """A scan that looks for names finds in a PDF what it finds in the same words as a text; one that does not, none."""
    said = [f"借款人：{one.name}，住址：{one.address}" for one in (Fabricator(2).identity(n) for n in range(4))]
    (tmp_path / "a.txt").write_text("\n".join(said), "utf-8")
    (tmp_path / "a.pdf").write_bytes(
        typeset({"main.typ": "\n\n".join(['#set document(title: "t")', *said]).encode()}, Instant(0))
    )
    names, plain = ({one.place: set(one.items) for one in _judged(tmp_path, names=names)} for names in (True, False))
    assert names["a.pdf"] == names["a.txt"] == {"identity.name", "contact.address"}
    assert plain == {"a.pdf": set(), "a.txt": set()}


def _judged(folder: Path, *, names: bool) -> tuple[PlaceVerdict, ...]:
    return judge_report(scan_source(FolderFiles(folder), SystemClock(), names=names)).places


def test_a_scanned_contract_is_read(apart: Apart) -> None:
    """A page that is a picture is rendered and read: the kind of document, number and mobile, in points."""
    found = {one.kind: one for one in findings(pieces(scanned(), apart))}
    assert {"contract", "resident_id", "mobile"} <= set(found)
    box = found["resident_id"].box
    assert box is not None
    assert abs(box.top - 310 * 0.72) < 12  # drawn at 310 of 1169 pixels, 100 dots an inch
    assert found["resident_id"].page == 1


def _loop() -> bytes:
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 2/Kids[2 0 R 3 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 3 0 R/MediaBox[0 0 10 10]/Contents 3 0 R>>endobj\n"
        b"trailer<</Root 1 0 R/Size 4>>\n%%EOF"
    )


@pytest.mark.parametrize(
    ("data", "reason"), [(encrypted(), "encrypted"), (b"%PDF-1.7\n" + b"\x00\xff" * 3_000, "broken")]
)
def test_what_does_not_open_is_told(data: bytes, reason: str, apart: Apart) -> None:
    """An encrypted document and a stump end with their reason."""
    assert unread(pieces(data, apart)) == [(reason, "pdf")]


def test_pages_that_hold_themselves_come_to_an_end(apart: Apart) -> None:
    """A tree of pages with a loop ends, and the next document is read as ever."""
    pieces(_loop(), apart)
    assert [one.kind for one in findings(pieces(pdf(says(WHO.mobile)), apart))] == ["mobile"]


def test_scripts_are_not_run(apart: Apart) -> None:
    """A document that runs a loop without end when it is opened is read like any other."""
    script = b"/OpenAction<</S/JavaScript/JS(while(true){})>>"
    assert [one.kind for one in findings(pieces(pdf(says(WHO.mobile), extra=script), apart))] == ["mobile"]


def test_ten_thousand_pages_are_bounded_and_what_is_left_is_told(apart: Apart) -> None:
    """Of 10,000 pages 2,000 are looked at; the rest is told, and so is how many there are."""
    text = says(f"a page with some words and a mobile {WHO.mobile}")
    some = pieces(pdf(*[text] * 10_000), apart)
    assert unread(some) == [("too-large", "8000 pages")]
    assert len(findings(some)) == 2_000
    assert sum(piece.whole for piece in some if isinstance(piece, MediaWindow)) == 10_000


def test_a_page_as_large_as_a_field_is_rendered_small(apart: Apart) -> None:
    """A page of 14,400 points a side without text is looked at without taking its size in memory."""
    huge = pdf(b"0 0 1 rg 100 100 9000 9000 re f").replace(b"[0 0 595 842]", b"[0 0 14400 14400]")
    some = pieces(huge, apart)
    assert not unread(some)
    assert not findings(some)
