"""PDFs say what the document says, as text, in archival form; what cannot be shown is an error."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from unittest import mock

import pypdf
import pytest

from shouxin.actors.account import ROLES
from shouxin.documents import typst_pdf
from shouxin.documents.assessment import assessment_draft
from shouxin.documents.document import Block, Document, Fields, Heading, Listing, Mark, OpenQuestion, Paragraph, Table
from shouxin.documents.laid_out import laid_out
from shouxin.documents.processing_record import processing_record
from shouxin.documents.typst_pdf import FONT_PACKAGE, pdf
from shouxin.domain.clock import Instant
from shouxin.errors import Misconfigured
from tests.documents.lender import card, declared

MADE = Instant(1_790_000_000_000)


def _read(made: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(made))


def _text(made: bytes) -> str:
    """Everything that a reader could select, without the breaks of lines."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in _read(made).pages))


def _document(*blocks: Block, title: str = "标题", language: str = "zh") -> Document:
    return Document(
        "record",
        "zh" if language == "zh" else "en",
        title,
        "副题",
        "某公司",
        date(2026, 11, 22),
        "状态",
        "依据",
        blocks,
    )


def test_text_can_be_selected_in_both_languages() -> None:
    """Titles, articles and codes of the demo's cards can be found, also codes that are broken across lines."""
    zh = _text(pdf(laid_out(processing_record(declared(name="守信示范公司"), "zh")), MADE))
    en = _text(pdf(laid_out(processing_record(declared(), "en")), MADE))
    for found in (
        "守信示范公司",
        "处理活动记录",
        "核实身份",
        "identity.id_number",
        "AML34(3)",
        "通讯录中的人",
        "第1页，共",
    ):
        assert found in zh
    for found in ("Recordofprocessingactivities", "Verifyingwhoyouare", "identity.id_number", "Page1of"):
        assert found in en
    assert "Verifying" not in zh


def test_the_same_document_and_time_are_the_same_bytes() -> None:
    """Nothing of the machine or the moment is in the file but the time that was given."""
    document = laid_out(assessment_draft(declared(), "zh", ROLES, "credit.scoring"))
    first = pdf(document, MADE)
    assert first == pdf(document, MADE)
    assert first != pdf(document, Instant(MADE + 1000))
    meta = _read(first).metadata
    assert meta is not None
    assert meta.creation_date is not None
    assert meta.creation_date.timestamp() * 1000 == MADE
    assert meta.title == "个人信息保护影响评估报告（草稿） · 某公司"


def test_it_is_archival_and_accessible() -> None:
    """The file declares PDF/A-2a and PDF/UA-1, is tagged, says its language and embeds its fonts."""
    reader = _read(pdf(_document(Heading("概览"), Table(("甲",), (("乙",),))), MADE))
    xmp = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part>2<.*pdfaid:conformance>A<", xmp, re.DOTALL)
    assert "pdfuaid:part>1<" in xmp
    root = reader.trailer["/Root"]
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "zh-CN")


HOSTILE = [
    '#import "@preview/evil:0.1.0": *',
    '#read("/etc/passwd")',
    "= 标题 *粗* _斜_ $x^2$ `raw` <label> @ref //注释",
    "#panic(1)] #[ ) ) } \\ \" ' #",
    '"); #import "x"; (',
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_looks_like_markup_comes_out_as_text(text: str) -> None:
    """In every place of the model what was written is what is read: nothing is evaluated, nothing is lost."""
    blocks = (
        Heading(text, 1, text),
        Paragraph(text),
        Paragraph(text, quiet=True),
        Fields(((text, text),)),
        Table((text,), ((text,),)),
        Listing((("", text),)),
        Mark("error", text, text, text),
        OpenQuestion(1, "code", text, text),
    )
    once = _text(pdf(_document(Heading("概览")), MADE)).count(re.sub(r"\s+", "", text))
    found = _text(pdf(_document(*blocks, title=text), MADE))
    assert once == 0
    assert found.count(re.sub(r"\s+", "", text)) >= 14


def test_a_hostile_card_is_a_document_like_any_other() -> None:
    """From the card's title to the page: the whole way."""
    hostile = card("emergency.contact", title_zh=HOSTILE[0], explanation_zh=HOSTILE[1])
    found = _text(pdf(laid_out(processing_record(declared(hostile), "zh")), MADE))
    assert found.count('#import"@preview/evil:0.1.0":*') == 2
    assert '#read("/etc/passwd")' in found


def test_what_could_not_be_seen_is_spelled_out() -> None:
    """A mark of direction cannot turn a line around, and a control character cannot hide."""
    found = _text(pdf(_document(Paragraph("合同\u202e编号\x00\x1b[2J\u200b\n\t末")), MADE))
    assert "合同\\u{202e}编号\\u{0}\\u{1b}[2J\\u{200b}末" in found


def test_a_missing_chinese_font_is_an_error_that_says_what_to_install() -> None:
    """Without the package there is no page of empty boxes; the message has the code point and the package."""
    with mock.patch.object(typst_pdf, "_FONT_MODULE", "no_such_package"), pytest.raises(Misconfigured) as refused:
        pdf(_document(), MADE)
    assert FONT_PACKAGE in refused.value.detail
    assert re.search(r"U\+[4-9][0-9A-F]{3}\b", refused.value.detail)


def test_a_character_without_a_glyph_is_an_error_too() -> None:
    """One rare character stops the document, by its code point; the text around it is not repeated."""
    with pytest.raises(Misconfigured) as refused:
        pdf(_document(Paragraph("机密\U0001f004")), MADE)
    assert "U+1F004:" in refused.value.detail
    assert "机密" not in refused.value.detail
    with pytest.raises(Misconfigured) as quoted:  # Typst quotes a combining mark as an escape
        pdf(_document(Paragraph("a\u0b3c")), MADE)
    assert re.search(r"U\+0B3C\b", quoted.value.detail)
    assert "U+005C" not in quoted.value.detail


def test_a_folder_of_fonts_helps_where_the_package_is_missing() -> None:
    """Fonts of the lender's own are looked into after the package's."""
    (own,) = typst_pdf.packaged_fonts()
    with mock.patch.object(typst_pdf, "_FONT_MODULE", "no_such_package"):
        assert "标题" in _text(pdf(_document(), MADE, [own]))
        with pytest.raises(Misconfigured):
            pdf(_document(), MADE, [Path("no-such-folder")])


def test_severities_and_parts_are_laid_out() -> None:
    """A draft about several purposes has contents, and each part opens a page of its own."""
    draft = laid_out(assessment_draft(declared(card("interview.video"), card("emergency.contact")), "en", ROLES))
    pages = [re.sub(r"\s+", "", page.extract_text()) for page in _read(pdf(draft, MADE)).pages]
    assert "Reachingyouwhenwecannotreachtheborrower(Part1)" in pages[0]
    assert pages[1].count("Thevideointerview(Part2)") == 0
    opened = [number for number, page in enumerate(pages) if "(Part2)" in page]
    assert opened[0] == 0
    assert opened[1] > 1
    assert "Willthereportbepublished" in "".join(pages[: opened[1]])
    assert "Willthereportbepublished" not in pages[opened[1]]
    assert "Error" in _text(pdf(_document(Mark("error", "x", "PIPL 55"), language="en"), MADE))
