"""Letters (.eml, .mht) and the texts of office documents (.docx, .pptx, .odt), as people see them.

Laws. What a mail program or a word processor puts together is put together before it is looked at: the parts of a
letter out of their transfer encoding, the runs of a paragraph into one line. Both are read from memory, up to
``IN_MEMORY``; what comes out is taken from the allowance. Nothing that a document asks for is fetched, no entity of XML
resolved.

Called by: ``content``.
**Source:** RFC 2045 (transfer encodings) by Python's ``email``; ECMA-376-1, 17.3 (paragraphs, runs); ODF 1.3, 5.1.
"""

from __future__ import annotations

import email.parser
import email.policy
import html
import io
import re
from collections.abc import Generator
from email.message import EmailMessage
from typing import BinaryIO, Final, cast

from shouxin.connectors.readers.blob import Allowance, Blob, in_memory

__all__ = ["LETTERS", "TEXTS", "as_read", "parts_of_letter"]

LETTERS: Final = frozenset({"eml", "mht", "mhtml"})
# Members of an office document whose text is cut into runs.
TEXTS: Final = re.compile(r"!(?:word/[^/]+|ppt/(?:slides|notesSlides|comments)/[^/]+|content|styles)\.xml$")
_MOST_PARTS: Final = 1_000
_NAMES: Final = {"text/html": "html", "text/plain": "txt", "message/rfc822": "eml"}
_BREAK: Final = re.compile(
    rb"</(?:[a-z]+:)?(?:p|h|tr|br|tab|comment)>|<(?:[a-z]+:)?(?:br|tab|cr|line-break)(?: [^<>]*)?/>"
)
_TAG: Final = re.compile(rb"<[^<>]*>")


def _blob(place: str, data: bytes) -> Blob:
    return Blob(place, len(data), lambda: cast("BinaryIO", io.BytesIO(data)))


def parts_of_letter(blob: Blob, allowance: Allowance) -> Generator[Blob]:
    """Yield the head of a letter and each of its parts, decoded, by name or number.

    Raises:
        Invalid: it is too large, or has too much in it.
    """
    letter = email.parser.BytesParser(EmailMessage, policy=email.policy.default).parsebytes(in_memory(blob))
    head = "".join(f"{name}: {value}\n" for name, value in letter.items())
    yield _blob(f"{blob.place}!head.txt", head.encode("utf-8", "replace"))
    for number, part in enumerate(letter.walk(), 1):
        if part.is_multipart():
            continue
        allowance.take(members=1 + _MOST_PARTS * (number > _MOST_PARTS))
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or not data:
            continue
        allowance.take(len(data))
        name = part.get_filename() or f"part {number}.{_NAMES.get(part.get_content_type(), 'bin')}"
        charset = part.get_content_charset() or ""
        if part.get_content_maintype() == "text" and charset:
            data = _decoded(data, charset)
        yield _blob(f"{blob.place}!{name}", data)


def _decoded(data: bytes, charset: str) -> bytes:
    try:
        return data.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, UnicodeError):
        return data


def as_read(member: Blob, allowance: Allowance) -> Blob:
    """Return the text of a member as its reader sees it: a line a paragraph, without marks between the runs.

    Raises:
        Invalid: it is too large.
    """
    data = in_memory(member)
    allowance.take(len(data))
    lines = _TAG.sub(b"", _BREAK.sub(b"\n", data))
    text = html.unescape(lines.decode("utf-8", "replace")).encode("utf-8", "replace")
    return _blob(member.place, text)
