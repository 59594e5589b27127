"""The pages of the sharing list: what is wrong first, then the recipients, then who gets what."""

from __future__ import annotations

from shouxin.documents.document import Block, Document, Fields, Heading, Mark, Paragraph, Table, questions_of
from shouxin.documents.phrases import document, items_table, label, questions
from shouxin.documents.sharing import SharingList, SharingRow
from shouxin.documents.words import Words

__all__ = ["sharing_pages"]


def sharing_pages(shared: SharingList) -> Document:
    """Return the sharing list, laid out."""
    words = Words(shared.language)
    blocks: list[Block] = [Heading(words.say("heading", "findings"))]
    blocks += [Mark(one.severity, one.text, one.article) for one in shared.findings]
    if not shared.findings:
        blocks.append(Mark("good", words.say("say", "nothing_found")))
    blocks += [Heading(words.say("heading", "summary")), _summary(shared, words)]
    blocks.append(Heading(words.say("heading", "shared")))
    for row in shared.rows:
        blocks += _row(row, words)
    if not shared.rows:
        blocks.append(Paragraph(words.say("say", "nothing_shared")))
    asked = [
        ("recipient_kind", words.say("question", "recipient_kind", recipient=code), "PIPL 21, 23")
        for code in shared.recipients
    ]
    if asked:
        blocks += [Heading(words.say("heading", "questions")), *questions(asked)]
    status = words.say("status", "sharing", findings=len(shared.findings), count=len(questions_of(blocks)))
    return document(words, shared.kind, shared.institution, shared.on, shared.pack, status, blocks)


def _contract(row: SharingRow, words: Words) -> str:
    if not row.contract:
        return words.say("say", "contract_not_needed") if not row.contract_needed else "—"
    return row.contract


def _ends(row: SharingRow, words: Words) -> str:
    if row.contract_ends is None:
        return words.say("say", "unknown")
    return words.aside(row.contract_ends.isoformat(), words.say("say", "runs" if row.contract_runs else "ended"))


def _summary(shared: SharingList, words: Words) -> Table:
    rows = (
        (row.name or row.recipient, row.title, str(len(row.items)), _contract(row, words), _ends(row, words))
        for row in shared.rows
    )
    heads = label(words, "recipient", "purpose", "count_items", "contract", "contract_ends")
    return Table(heads, tuple(rows), (5, 5, 2, 4, 4))


def _row(row: SharingRow, words: Words) -> list[Block]:
    consent = words.say("say", "no_consent")
    if row.consent == "separate":
        consent = words.say("say", "separate_if", articles=words.joined(row.consent_articles))
    fields = {
        "purpose": words.aside(row.title, row.purpose),
        "contact": row.contact or words.say("say", "unknown"),
        "contract": _contract(row, words),
        "contract_ends": _ends(row, words),
        "basis": words.say("basis", row.basis),
        "consent": consent,
        "abroad": words.joined(map(words.place, row.abroad)) if row.abroad else words.say("say", "no"),
        "beyond": words.joined(one.title for one in row.beyond) if row.beyond else words.say("say", "none"),
    }
    blocks: list[Block] = [
        Heading(row.name or row.recipient, 2, row.recipient),
        Fields(tuple((words.say("label", code), text) for code, text in fields.items())),
    ]
    return [*blocks, items_table(words, row.items)] if row.items else blocks
