"""Phrases that several documents lay out alike: a basis, a grade, a term, an item, the page that says what from.

Called by: the ``*_pages`` modules of this room.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from shouxin.documents.declared import FloorLine, ItemLine, Measure, TermLine
from shouxin.documents.document import Block, Document, Fields, Heading, Listing, OpenQuestion, Paragraph, Table
from shouxin.documents.words import Language, Words

__all__ = [
    "basis_of",
    "ceiling_of",
    "closing",
    "document",
    "floors_of",
    "grade_of",
    "items_table",
    "judged",
    "label",
    "measures_list",
    "named",
    "questions",
    "terms_table",
    "yes_no",
]

_SHORT: Final = 16  # of a digest: enough to tell packs apart on paper, the JSON has all of it


def label(words: Words, *codes: str) -> tuple[str, ...]:
    """Return the labels of ``codes``."""
    return tuple(words.say("label", code) for code in codes)


def yes_no(words: Words, *, value: bool) -> str:
    """Return yes or no."""
    return words.say("say", "yes" if value else "no")


def named(words: Words, group: str, codes: Iterable[str]) -> str:
    """Return codes as an enumeration of what they are called."""
    return words.joined(words.say(group, code) for code in codes)


def basis_of(words: Words, basis: str, article: str, *, separate: bool) -> str:
    """Return a lawful basis with its article, and whether consent is separate."""
    text = words.aside(words.say("basis", basis), article)
    return words.joined([text, words.say("say", "separate")]) if separate else text


def grade_of(words: Words, level: int, klass: str, raised_by: Iterable[str], *, sensitive: bool) -> str:
    """Return a grade, and the combinations that raised it."""
    verdict = words.say("say", "is_sensitive" if sensitive else "not_sensitive")
    text = words.say("say", "level_class", level=level, klass=klass, sensitive=verdict)
    raised = ", ".join(raised_by)
    return words.aside(text, words.say("say", "raised_by", names=raised) if raised else "")


def judged(words: Words, item: ItemLine) -> str:
    """Return which standard judged an item, and how that was checked; that none names it."""
    if not item.standard:
        return words.say("say", "not_judged")
    return f"{item.standard} [{item.standard_verified}]"


def items_table(words: Words, items: Iterable[ItemLine]) -> Table:
    """Return items with their grades, one a row."""
    rows = (
        (one.title, one.code, f"L{one.level}", one.klass, yes_no(words, value=one.sensitive), judged(words, one))
        for one in items
    )
    return Table(
        label(words, "item", "code", "level", "klass", "sensitive", "standard"), tuple(rows), (5, 6, 2, 2, 2, 6)
    )


def ceiling_of(words: Words, days: int, starts: str) -> str:
    """Return how long something is kept at most."""
    return words.say("say", "days_from", days=days, starts=words.say("starts", starts))


def floors_of(words: Words, floors: Iterable[FloorLine]) -> str:
    """Return how long something is kept at least; a floor that does not bind is named as such."""

    def told(floor: FloorLine) -> str:
        if not floor.binds:
            return words.say("say", "floor_advises", rule=floor.rule)
        unit, starts = words.say("unit", floor.unit), words.say("starts", floor.clock_start)
        return words.say("say", "floor", article=floor.article, n=floor.n, unit=unit, starts=starts)

    return words.joined(map(told, floors))


def terms_table(words: Words, terms: Iterable[TermLine], titles: dict[str, str]) -> Table:
    """Return retention terms, one a row; ``titles`` are those of the items."""
    rows = (
        (
            one.name,
            words.joined(titles.get(code, code) for code in one.items),
            ceiling_of(words, one.ceiling_days, one.starts),
            floors_of(words, one.floors),
        )
        for one in terms
    )
    return Table(label(words, "term", "kept_items", "ceiling", "floor"), tuple(rows), (2, 6, 4, 5))


def measures_list(words: Words, measures: Iterable[Measure]) -> Listing:
    """Return measures with the article that asks for each."""
    return Listing(tuple((one.code, words.aside(words.say("measure", one.code), one.article)) for one in measures))


def questions(asked: Iterable[tuple[str, str, str]], first: int = 1) -> list[OpenQuestion]:
    """Return open questions (code, text, article), numbered from ``first``."""
    return [OpenQuestion(number, *one) for number, one in enumerate(asked, first)]


def closing(words: Words, kind: str, pack: str) -> list[Block]:
    """Return the last section: what the document was derived from, and how far its form was checked."""
    return [
        Heading(words.say("heading", "basis")),
        Paragraph(words.say("note", "made_of", pack=pack[:_SHORT]), quiet=True),
        Paragraph(words.say("note", kind), quiet=True),
    ]


def document(
    words: Words,
    kind: str,
    institution: str,
    on: date,
    pack: str,
    status: str,
    blocks: Iterable[Block],
    title: str = "",
) -> Document:
    """Return a document of ``kind`` with its head; ``title`` says what it is about, empty: everything."""
    language: Language = words.language
    head = Fields(((words.say("label", "institution"), institution), (words.say("label", "day"), on.isoformat())))
    return Document(
        kind=kind,
        language=language,
        title=words.say("title", kind),
        subtitle=title or words.say("subtitle", kind),
        institution=institution,
        on=on,
        status=status,
        made_of=words.say("note", "made_of", pack=pack[:_SHORT]),
        blocks=(head, *blocks, *closing(words, kind, pack)),
    )
