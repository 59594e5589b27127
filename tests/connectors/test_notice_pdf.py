"""A notice on paper holds its canonical text, and never reads it as markup."""

from __future__ import annotations

from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from shouxin.connectors.notice_pdf import ATTACHMENT, notice_pdf
from shouxin.domain.clock import Instant
from shouxin.errors import Misconfigured

FONT = "Libertinus Serif"
TEXT = '请您同意：x\n编号：a/1\n\n1. #panic("read as markup") *b* $c$ \\ @d <e> // f\n- g\n'
AT = Instant(1_767_225_600_000)


def test_the_canonical_text_is_attached_to_the_byte() -> None:
    """Under the name that the check looks for, once; markup in it is text."""
    reader = PdfFileReader(BytesIO(notice_pdf(TEXT, "x", "zh", FONT, AT)))
    name, specification = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert name == ATTACHMENT
    assert specification.get_object()["/EF"]["/F"].data == TEXT.encode()


def test_equal_input_makes_an_equal_document() -> None:
    """So that what was sent can be made again and compared; another time is another document."""
    assert notice_pdf(TEXT, "x", "zh", FONT, AT) == notice_pdf(TEXT, "x", "zh", FONT, AT)
    assert notice_pdf(TEXT, "x", "zh", FONT, AT) != notice_pdf(TEXT, "x", "zh", FONT, Instant(AT + 1000))


def test_a_font_that_is_not_there_is_the_operators_matter() -> None:
    """A notice of boxes informs nobody: the family is named and must be there."""
    with pytest.raises(Misconfigured, match="font"):
        notice_pdf(TEXT, "x", "zh", "No Such Family", AT)
