"""The pages of the record of processing activities."""

from __future__ import annotations

from collections.abc import Iterator

from shouxin.documents.document import Block, Document, Fields, Heading, Mark, Paragraph, Table, questions_of
from shouxin.documents.phrases import (
    basis_of,
    document,
    grade_of,
    items_table,
    label,
    measures_list,
    named,
    questions,
    terms_table,
    yes_no,
)
from shouxin.documents.processing_record import FormLine, ProcessingRecord, RecordEntry
from shouxin.documents.words import Words

__all__ = ["entry_blocks", "forms_table", "record_pages"]

_ASKED = {"officer": "PIPL 52", "joint_handlers": "PIPL 20(1)"}


def record_pages(record: ProcessingRecord) -> Document:
    """Return the record, laid out."""
    words = Words(record.language)
    blocks: list[Block] = [*_summary(record, words)]
    blocks.append(Heading(words.say("heading", "activities")))
    for entry in record.entries:
        blocks += [
            Heading(entry.title, 2, entry.purpose),
            Paragraph(entry.explanation),
            *_lacking(entry, words),
            *entry_blocks(entry, words),
        ]
    blocks.append(Heading(words.say("heading", "questions")))
    blocks += questions((code, words.say("question", code), _ASKED.get(code, "")) for code in record.questions)
    status = words.say("status", "record", count=len(questions_of(blocks)))
    return document(words, record.kind, record.institution, record.on, record.pack, status, blocks)


def _summary(record: ProcessingRecord, words: Words) -> Iterator[Block]:
    entries = record.entries
    yield Heading(words.say("heading", "summary"))
    yield Fields(
        (
            (words.say("label", "region"), words.say("region", record.region)),
            (words.say("label", "origin"), record.origin),
            (words.say("label", "count_purposes"), str(len(entries))),
            (words.say("label", "count_items"), str(len({item.code for one in entries for item in one.items}))),
            (words.say("label", "count_recipients"), str(len({who.code for one in entries for who in one.recipients}))),
            (words.say("label", "count_abroad"), str(sum(bool(one.abroad) for one in entries))),
            (words.say("label", "count_automated"), str(sum(one.automated for one in entries))),
        )
    )
    rows = (
        (
            one.title,
            words.aside(words.say("basis", one.basis), one.basis_article),
            named(words, "people", one.people),
            str(len(one.items)),
            yes_no(words, value=one.sensitive),
            one.assessment or "—",
        )
        for one in entries
    )
    heads = label(words, "purpose", "basis", "people", "count_items", "sensitive", "assessment")
    yield Table(heads, tuple(rows), (5, 6, 4, 2, 2, 3))


def _lacking(entry: RecordEntry, words: Words) -> Iterator[Block]:
    """Mark what the record itself shows to be missing."""
    if entry.triggers and not entry.assessment:
        articles = words.joined(one.article for one in entry.triggers)
        yield Mark("error", words.say("say", "assessment_missing"), articles)
    for one in entry.recipients:
        if not one.known:
            yield Mark("error", words.aside(one.code, words.say("say", "unknown")))


def entry_blocks(entry: RecordEntry, words: Words, *, level: int = 3) -> Iterator[Block]:
    """Yield what is known of one processing activity; ``level`` is that of its headings."""
    yield Fields(tuple(_fields(entry, words)))
    yield items_table(words, entry.items)
    if entry.terms:
        titles = {one.code: one.title for one in entry.items}
        yield Heading(words.say("heading", "retention"), level)
        yield terms_table(words, entry.terms, titles)
    yield Heading(words.say("heading", "access"), level)
    yield forms_table(entry.forms, words)
    yield Heading(words.say("heading", "measures"), level)
    yield measures_list(words, entry.measures)


def _fields(entry: RecordEntry, words: Words) -> Iterator[tuple[str, str]]:
    def said(code: str, **about: object) -> str:
        return words.say("say", code, **about)

    basis = basis_of(words, entry.basis, entry.basis_article, separate=entry.separate_consent)
    recipients = words.joined(
        words.aside(one.name or one.code, one.contract or ("" if one.known else said("unknown")))
        for one in entry.recipients
    )
    grade = grade_of(words, entry.level, entry.klass, entry.raised_by, sensitive=entry.sensitive)
    reasons = words.joined(words.aside(words.say("trigger", one.code), one.article) for one in entry.triggers)
    report = said("assessment_named", report=entry.assessment) if entry.assessment else said("assessment_missing")
    where = words.joined(map(words.place, entry.locations))
    shown = {
        "version": str(entry.version),
        "basis": words.joined([basis, said("statutory")]) if entry.statutory else basis,
        "products": words.joined(entry.products),
        "people": named(words, "people", entry.people),
        "grade": grade,
        "draws_on": words.joined(entry.draws_on) if entry.draws_on else said("none"),
        "recipients": recipients if entry.recipients else said("none"),
        "locations": words.aside(where, words.say("label", "abroad") if entry.abroad else ""),
        "look_ups": said("per_hour", count=entry.look_ups_an_hour) if entry.look_ups_an_hour else said("no_limit"),
        "automated": words.aside(yes_no(words, value=entry.automated), entry.automated_explanation),
        "assessment": words.aside(said("assessment_needed", reasons=reasons), report)
        if entry.triggers
        else said("assessment_none"),
    }
    yield from ((words.say("label", code), text) for code, text in shown.items())


def forms_table(forms: tuple[FormLine, ...], words: Words) -> Table:
    """Return who may ask for which form, and who must agree."""

    def approval(one: FormLine) -> str:
        if not one.approval:
            return words.say("say", "no_approval")
        levels = (_level(level, words) for level in one.approval)
        chain = f"{words.say('say', 'then')} ".join(levels)
        return words.say("say", "approval", levels=chain, minutes=one.grant_minutes)

    rows = ((words.say("form", one.form), named(words, "role", one.roles), approval(one)) for one in forms)
    return Table(label(words, "form", "roles", "approval"), tuple(rows), (2, 5, 7))


def _level(level: str, words: Words) -> str:
    count, _, role = level.partition(" x ")
    return f"{count} x {words.say('role', role)}"
