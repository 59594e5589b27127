"""A document as a value: headings, paragraphs, fields, tables, lists, marks and open questions.

Laws of this file. A document holds text, never markup: whoever renders it shows each text as it stands. What only a
human can say is an ``OpenQuestion``; nobody answers one on their behalf. The bytes are canonical JSON, so that two
documents of the same facts are the same bytes and a hash names one.

Called by: every document of this room (to make one), ``typst_pdf`` and the command line (to show one).
**Source:** RFC 8785 for ``canonical``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from shouxin.documents.words import Language

__all__ = [
    "Block",
    "Document",
    "Fields",
    "Heading",
    "Listing",
    "Mark",
    "OpenQuestion",
    "Paragraph",
    "Table",
    "canonical",
    "questions_of",
]


class Heading(msgspec.Struct, frozen=True, tag="heading", tag_field="block"):
    """A heading; ``level`` 0 opens a page, 1 a section, 2 and 3 a part of one. ``code`` stands beside it: a purpose."""

    text: str
    level: int = 1
    code: str = ""


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph", tag_field="block"):
    """Running text; ``quiet`` is said in small print: sources, how it was made."""

    text: str
    quiet: bool = False


class Fields(msgspec.Struct, frozen=True, tag="fields", tag_field="block"):
    """Pairs of a label and what is known under it."""

    pairs: tuple[tuple[str, str], ...]


class Table(msgspec.Struct, frozen=True, tag="table", tag_field="block"):
    """Rows under heads, each row as long as ``heads``; ``widths`` are shares of the line, empty: all alike."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


class Listing(msgspec.Struct, frozen=True, tag="list", tag_field="block"):
    """Entries in order; ``code`` is what stands before each, empty: nothing."""

    entries: tuple[tuple[str, str], ...]


class Mark(msgspec.Struct, frozen=True, tag="mark", tag_field="block"):
    """Something that the reader must see: ``severity`` is ``error``, ``warning``, ``advice`` or ``good``."""

    severity: str
    text: str
    article: str = ""
    mend: str = ""


class OpenQuestion(msgspec.Struct, frozen=True, tag="question", tag_field="block"):
    """What a human must write; ``code`` is stable, ``number`` counts from 1 in one document, ``article`` who asks."""

    number: int
    code: str
    text: str
    article: str = ""


Block = Heading | Paragraph | Fields | Table | Listing | Mark | OpenQuestion


class Document(msgspec.Struct, frozen=True):
    """A document that is ready to be shown.

    ``kind`` is one of ``record``, ``inventory``, ``sharing``, ``assessment``, ``scan``; ``on`` the day whose rules and
    standards it was derived by; ``made_of`` says from what, for its last page. ``status`` stands in the head: a draft
    says so.
    """

    kind: str
    language: Language
    title: str
    subtitle: str
    institution: str
    on: date
    status: str
    made_of: str
    blocks: tuple[Block, ...]


def canonical(value: object) -> bytes:
    """Return a value of this room as canonical JSON (RFC 8785): sorted keys, no blanks, no fractions."""
    return msgspec.json.encode(value, order="sorted")


def questions_of(blocks: Iterable[Block]) -> Sequence[OpenQuestion]:
    """Return the open questions among ``blocks``, in order."""
    return [one for one in blocks if isinstance(one, OpenQuestion)]
