"""The pages of an impact-assessment draft: facts stand as facts, and what is asked has room for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shouxin.documents.assessment import CRITERIA, AssessmentDraft, PurposeAssessment
from shouxin.documents.document import (
    Block,
    Document,
    Fields,
    Heading,
    Listing,
    Mark,
    Table,
    questions_of,
)
from shouxin.documents.phrases import basis_of, document, label, measures_list, questions
from shouxin.documents.record_pages import entry_blocks
from shouxin.documents.words import Words

__all__ = ["assessment_pages"]

_REASONS: Final = ("sensitive", "automated", "recipients", "published", "abroad")
_ARTICLES: Final = {"sensitive": "(1)", "automated": "(2)", "recipients": "(3)", "published": "(3)", "abroad": "(4)"}


def assessment_pages(draft: AssessmentDraft) -> Document:
    """Return the draft, laid out, one part a purpose."""
    words = Words(draft.language)
    blocks: list[Block] = []
    for number, part in enumerate(draft.parts, 1):
        if len(draft.parts) > 1:
            blocks.append(
                Heading(words.aside(part.entry.title, words.say("say", "part", number=number)), 0, part.entry.purpose)
            )
        blocks += _part(part, draft, words, first=len(questions_of(blocks)) + 1)
    status = words.say("status", "assessment", count=len(questions_of(blocks)))
    one = draft.parts[0].entry if len(draft.parts) == 1 else None
    title = "" if one is None else words.aside(one.title, one.purpose)
    return document(words, draft.kind, draft.institution, draft.on, draft.pack, status, blocks, title)


def _part(part: PurposeAssessment, draft: AssessmentDraft, words: Words, first: int) -> Iterator[Block]:
    for section in ("necessity", *CRITERIA):
        article = CRITERIA[section][0] if section in CRITERIA else "GB/T 39335 5.1"
        yield Heading(words.say("section", section), 1, article)
        yield from _known(section, part, draft, words)
        facts = tuple(("", one.text) for one in part.facts if one.section == section)
        if facts:
            yield Listing(facts)
        asked = [(one.code, one.text, one.article) for one in part.questions if one.section == section]
        yield from questions(asked, first)
        first += len(asked)


def _known(section: str, part: PurposeAssessment, draft: AssessmentDraft, words: Words) -> Iterator[Block]:
    """Yield what a section is filled with from the card, beside its facts."""
    entry = part.entry
    if section == "necessity":
        yield _triggers(part, words)
        report = words.say("say", "assessment_named", report=part.report) if part.report else ""
        keep = words.say("say", "years", n=draft.keep_years, article=draft.keep_article)
        pairs = {"report": report or words.say("say", "assessment_missing"), "keep": keep}
        yield Fields(tuple((words.say("label", code), text) for code, text in pairs.items()))
    elif section == "mapping":
        yield from entry_blocks(entry, words, level=2)
    elif section == "lawful":
        basis = basis_of(words, entry.basis, entry.basis_article, separate=entry.separate_consent)
        yield Fields(((words.say("label", "basis"), basis), (words.say("label", "explanation"), entry.explanation)))
        yield from (Mark(one.severity, one.why, one.article, one.mend) for one in part.remarks)
        if not part.remarks:
            yield Mark("good", words.aside(words.say("label", "remark"), words.say("say", "nothing_found")))
    elif section == "measures":
        yield measures_list(words, entry.measures)


def _triggers(part: PurposeAssessment, words: Words) -> Table:
    """Return the five cases of PIPL 55(1), each with what the card shows; the fifth is for the assessor."""
    known = {one.code: one for one in part.triggers}
    titles = {one.code: one.title for one in part.entry.items}
    rows: list[tuple[str, ...]] = []
    for code in _REASONS:
        found = known.get(code)
        about = words.joined(titles.get(one, one) for one in found.about) if found else "—"
        result = words.say("say", "found_yes" if found else "found_no")
        rows.append((words.say("trigger", code), f"PIPL 55(1){_ARTICLES[code]}", result, about))
    rows.append((words.say("trigger", "other"), part.other_trigger, words.say("say", "found_open"), "—"))
    return Table(label(words, "trigger", "article", "result", "about"), tuple(rows), (6, 3, 3, 6))
