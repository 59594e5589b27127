"""The draft of an impact assessment: what is known is filled in, what a human must judge is asked.

Laws of this file. No question is answered by the product: it states facts of the card, the law pack and the taxonomy,
and what ``policy.lint`` remarks; necessity, likelihood, severity, sufficiency and the conclusion stay open. A trigger
that a card cannot show (PIPL 55(1)(5)) is a question, never a no.

The order of sections is that of GB/T 39335-2020, 5.1 to 5.9, and the three points of PIPL 56(1). The standard's text is
not held: its clause titles come from a secondary source, the four sources of risk and the four effects on rights from
memory. The draft says so on its last page.

Called by: ``operations.adopting.derive``. **Source:** PIPL 55, 56 (text); GB/T 39335-2020 5.1-5.9 (secondary).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

import msgspec

from shouxin.documents.declared import Declared, Trigger
from shouxin.documents.processing_record import RecordEntry, processing_record
from shouxin.documents.words import Language, Words
from shouxin.errors import Invalid
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import places_abroad
from shouxin.policy.lint import lint

__all__ = [
    "CRITERIA",
    "AssessmentDraft",
    "AssessmentQuestion",
    "AssessmentRemark",
    "Fact",
    "PurposeAssessment",
    "assessment_draft",
]

# Section -> (clause or article, its questions). A section's facts are made by ``_facts``.
CRITERIA: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "preparation": ("GB/T 39335 5.2", ("assessors", "approver", "period", "consulted")),
    "mapping": ("GB/T 39335 5.3", ("scale", "systems", "flows")),
    "lawful": ("PIPL 56(1)(1)", ("legitimate", "necessary", "alternatives")),
    "risk_network": ("GB/T 39335 5.4", ("network_weaknesses",)),
    "risk_process": ("GB/T 39335 5.4", ("process_weaknesses",)),
    "risk_people": ("GB/T 39335 5.4", ("people_weaknesses",)),
    "risk_business": ("GB/T 39335 5.4", ("business_weaknesses",)),
    "effect_choice": ("PIPL 56(1)(2)", ("choice_severity",)),
    "effect_treatment": ("PIPL 56(1)(2)", ("treatment_severity",)),
    "effect_reputation": ("PIPL 56(1)(2)", ("reputation_severity",)),
    "effect_property": ("PIPL 56(1)(2)", ("property_severity",)),
    "measures": ("PIPL 56(1)(3)", ("effective", "proportionate")),
    "combined": ("GB/T 39335 5.6", ("likelihood", "risk_level")),
    "treatment": ("GB/T 39335 5.8", ("treatment", "review")),
    "conclusion": ("GB/T 39335 5.7", ("conclusion", "signature")),
    "publication": ("GB/T 39335 5.9", ("publication",)),
}
_OTHER: Final = "CN-PIPL-55-1-5-MAJOR"
_KEEP: Final = "CN-PIPL-56-2-KEEP"


class AssessmentQuestion(msgspec.Struct, frozen=True):
    """A question that only a human answers: its section, its stable code, who asks, and the text."""

    section: str
    code: str
    article: str
    text: str


class Fact(msgspec.Struct, frozen=True):
    """Something that is known and bears on a section; ``code`` is stable, ``text`` in the draft's language."""

    section: str
    code: str
    text: str


class AssessmentRemark(msgspec.Struct, frozen=True):
    """What the review of the card said (``policy.lint``), in the draft's language."""

    severity: str
    code: str
    place: str
    article: str
    why: str
    mend: str


class PurposeAssessment(msgspec.Struct, frozen=True):
    """The draft for one purpose. ``required`` is true when a trigger is known; otherwise 55(1)(5) decides: it is asked.

    ``report`` is the finished assessment that the card names, empty: none yet.
    """

    entry: RecordEntry
    required: bool
    triggers: tuple[Trigger, ...]
    other_trigger: str
    report: str
    remarks: tuple[AssessmentRemark, ...]
    facts: tuple[Fact, ...]
    questions: tuple[AssessmentQuestion, ...]


class AssessmentDraft(msgspec.Struct, frozen=True):
    """Drafts for the purposes that were asked for, on a day; ``keep_years`` is how long the report stays."""

    language: Language
    institution: str
    on: date
    pack: str
    keep_years: int
    keep_article: str
    parts: tuple[PurposeAssessment, ...]
    kind: str = "assessment"


def assessment_draft(
    declared: Declared, language: Language, roles: Collection[str], purpose: str = ""
) -> AssessmentDraft:
    """Return drafts for all adopted purposes, or for one; ``roles`` are those that exist (for the review of cards).

    Raises:
        NotFound: no card was adopted, or none for this purpose.
        Invalid: the institution's law pack has no such assessment (PIPL 55, 56).
    """
    keep = declared.pack.by_id.get(_KEEP)
    if keep is None or not keep.n:
        raise Invalid("the law pack of this region has no impact assessment after PIPL 55", "region")
    words = Words(language)
    entries = processing_record(declared, language, purpose).entries
    parts = zip(declared.chosen(purpose), entries, strict=True)
    return AssessmentDraft(
        language=language,
        institution=declared.institution.name,
        on=declared.on,
        pack=declared.pack.digest,
        keep_years=keep.n,
        keep_article=keep.cites,
        parts=tuple(_part(card, entry, declared, words, roles) for card, entry in parts),
    )


def _part(
    card: Card, entry: RecordEntry, declared: Declared, words: Words, roles: Collection[str]
) -> PurposeAssessment:
    cards = {one.purpose: one for one in declared.cards}
    remarks = lint(card, declared.pack, cards, declared.on, roles, facts=declared.institution.facts)
    other = declared.article(_OTHER)
    questions = [
        AssessmentQuestion("necessity", "major_effect", other, words.say("question", "major_effect")),
        *(
            AssessmentQuestion(section, code, article, words.say("question", code))
            for section, (article, codes) in CRITERIA.items()
            for code in codes
        ),
    ]
    return PurposeAssessment(
        entry=entry,
        required=bool(entry.triggers),
        triggers=entry.triggers,
        other_trigger=other,
        report=card.assessment,
        remarks=tuple(
            AssessmentRemark(
                one.severity.value,
                one.code,
                one.place,
                one.article,
                words.title(one.why_zh, one.why_en),
                words.title(one.mend_zh, one.mend_en),
            )
            for one in remarks
        ),
        facts=_facts(card, entry, words),
        questions=tuple(questions),
    )


def _facts(card: Card, entry: RecordEntry, words: Words) -> tuple[Fact, ...]:
    """Return what is known of each section; a fact is said only where the card or the taxonomy has it."""
    third = [code for code in entry.people if code != "applicant"]
    raw = [one for one in entry.forms if one.form == "raw"]
    longest = max((term.ceiling_days for term in entry.terms), default=0)
    found: dict[tuple[str, str], tuple[bool, dict[str, object]]] = {
        ("risk_network", "locations"): (
            bool(card.locations),
            {"places": words.joined(map(words.place, card.locations))},
        ),
        ("risk_network", "abroad"): (
            bool(places_abroad(card)),
            {"places": words.joined(map(words.place, places_abroad(card)))},
        ),
        ("risk_process", "raw"): (
            bool(raw),
            {"roles": words.joined(words.say("role", role) for one in raw for role in one.roles)},
        ),
        ("risk_process", "no_raw"): (not raw, {}),
        ("risk_process", "longest"): (bool(entry.terms), {"days": longest}),
        ("risk_process", "draws_on"): (bool(card.draws_on), {"purposes": words.joined(card.draws_on)}),
        ("risk_people", "recipients"): (bool(card.recipients), {"recipients": words.joined(card.recipients)}),
        ("risk_people", "no_recipients"): (not card.recipients, {}),
        ("risk_people", "raw_without_approval"): (bool(raw) and not any(one.approval for one in raw), {}),
        ("risk_business", "third_people"): (
            bool(third),
            {"people": words.joined(words.say("people", code) for code in third)},
        ),
        ("risk_business", "grade"): (True, {"level": entry.level, "klass": entry.klass}),
        ("effect_choice", "consent"): (card.lawful_basis == "consent", {}),
        ("effect_choice", "no_consent"): (card.lawful_basis != "consent", {"article": card.basis_article}),
        ("effect_choice", "automated"): (card.automated, {}),
        ("effect_treatment", "automated_treatment"): (card.automated, {"count": len(card.items)}),
        ("effect_reputation", "sensitive"): (
            entry.sensitive,
            {"items": words.joined([one.title for one in entry.items if one.sensitive] or entry.raised_by)},
        ),
        ("effect_reputation", "third_reputation"): (bool(third), {}),
        ("effect_property", "highest"): (
            any(one.klass == "C3" for one in entry.items),
            {"items": words.joined(one.title for one in entry.items if one.klass == "C3")},
        ),
        ("effect_property", "raised"): (bool(entry.raised_by), {"names": words.joined(entry.raised_by)}),
    }
    return tuple(
        Fact(section, code, words.say("fact", code, **about))
        for (section, code), (holds, about) in found.items()
        if holds
    )
