"""The notice: what a person is told before anything is done, derived from the purpose card (PIPL 17; design section 4).

Laws of this file. A notice is written from the card, never beside it: equal cards make equal notices, to the byte. What
was shown is named by the SHA-256 of ``Notice.text``; the text carries purpose, version, language, kind and question, so
that one digest never stands for two of them. What the regulation wants as a list (清单) is a list: what is collected,
and to whom it is provided (网络数据安全管理条例 21). A notice that would be incomplete is not written at all.

Called by: whoever serves a notice. What was served is recorded by ``consent``, before what was chosen.
**Source:** PIPL 13-17, 23, 24, 29-31, 39, 44-50, 65; 网络数据安全管理条例 21, 22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.policy.card import Card, Form, PurposeCode, Term
from shouxin.policy.consent_demand import About, is_abroad, sensitive_items
from shouxin.policy.lawpack import LawPack
from shouxin.policy.notice_wording import Wording, one_line, wording
from shouxin.policy.recipient import Recipient

__all__ = ["Notice", "NoticeKind", "NoticeSection", "notice_for"]

_REGION: Final = "cn"
_RAW: Final = "raw"
# Roles behind which no human stands.
_PROGRAMS: Final = frozenset({"model"})
# What each right cites; those of consent and accounts are told where they exist.
_RIGHTS: Final = {
    "know": "PIPL 44",
    "access": "PIPL 45(1)",
    "port": "PIPL 45(3)",
    "correct": "PIPL 46(1)",
    "delete": "PIPL 47(1)",
    "explain": "PIPL 48",
    "relatives": "PIPL 49",
    "close": "NDSR 21(1)(4)",
    "withdraw": "PIPL 15(1)",
}
_SEPARATE: Final = frozenset({About.SENSITIVE, About.PROVIDE, About.EXPORT, About.PUBLISH, About.PUBLIC_PLACE})


class NoticeKind(StrEnum):
    """To whom a notice speaks, and whether it asks."""

    CONSENT = "consent"
    SEPARATE_CONSENT = "separate-consent"
    OTHER_BASIS = "other-basis"
    GUARDIAN = "guardian"
    THIRD_PERSON = "third-person"


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """One part of a notice: a heading, sentences, a list, and the line that cites the law (empty: none)."""

    code: str
    heading: str
    sentences: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    cited: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in one language. ``about`` is the question that it asks, empty where it asks none.

    ``sensitive`` are the items that it calls sensitive.
    """

    purpose: str
    version: int
    language: str
    kind: NoticeKind
    about: str
    title: str
    reference: str
    sections: tuple[NoticeSection, ...]
    sensitive: tuple[ItemCode, ...] = ()

    @property
    def asks(self) -> bool:
        """Say whether the person has something to choose."""
        return bool(self.about)

    @property
    def text(self) -> str:
        """The notice as it is shown and hashed: lines that end in LF, in Unicode's normal form C."""
        lines = [self.title, self.reference]
        for number, section in enumerate(self.sections, 1):
            lines += ["", f"{number}. {section.heading}", *section.sentences]
            lines += [f"- {entry}" for entry in section.entries]
            lines += [section.cited] if section.cited else []
        return "\n".join(lines) + "\n"

    @property
    def digest(self) -> bytes:
        """SHA-256 of ``text`` in UTF-8: what was served, and what a choice refers to."""
        return hashlib.sha256(self.text.encode()).digest()


def notice_for(
    card: Card,
    pack: LawPack,
    institution: Handler,
    recipients: Sequence[Recipient],
    language: str,
    kind: NoticeKind,
    on: date,
    *,
    about: About | None = None,
    sources: Mapping[PurposeCode, Card] | None = None,
) -> Notice:
    """Write the notice of ``card`` as it holds on the day ``on``.

    ``recipients`` are those that the card names, no more and no fewer; ``sources`` the cards that it draws on. A
    separate consent needs to know ``about`` what it is; every other kind knows by itself.

    Raises:
        Invalid: another language or region; a kind that does not fit the card; a recipient or a source that is missing,
            unknown, or beyond the card's items; an institution without a name, a contact or a way to complain.
    """
    if pack.region != _REGION:
        raise Invalid("notices are written for the law of cn only", "pack")
    words = wording(language)
    asked = _question(card, kind, about)
    if any(not text.strip() for text in (institution.name, institution.contact, institution.complaint)):
        raise Invalid("a notice names who handles, how to reach them and where to complain", "institution")
    writer = _Writer(card, pack, institution, tuple(recipients), words, kind, asked, on, dict(sources or {}))
    writer.check()
    reference = "/".join((card.purpose, str(card.version), language, kind.value, asked or "-"))
    return Notice(
        purpose=card.purpose,
        version=card.version,
        language=language,
        kind=kind,
        about=asked,
        title=words.say("title_" + _key(kind.value), title=writer.title),
        reference=words.say("reference", reference=reference),
        sections=tuple(writer.sections()),
        sensitive=writer.sensitive,
    )


def _key(code: str) -> str:
    return code.replace("-", "_")


def _question(card: Card, kind: NoticeKind, about: About | None) -> str:
    """Return what the notice asks, empty if nothing; refuse a kind that does not fit the card."""
    on_consent = card.lawful_basis == "consent"
    if kind is NoticeKind.SEPARATE_CONSENT:
        if about not in _SEPARATE:
            raise Invalid("a separate consent says what it is about", "about")
        empty = {About.PROVIDE: not card.recipients, About.EXPORT: not is_abroad(card)}
        if empty.get(about):
            raise Invalid("the card provides to nobody, or sends nothing abroad", "about")
        return about.value
    if about is not None:
        raise Invalid("only a separate consent says what it is about", "about")
    if kind is NoticeKind.GUARDIAN:
        return About.GUARDIAN.value
    if kind is not NoticeKind.THIRD_PERSON and on_consent != (kind is NoticeKind.CONSENT):
        raise Invalid("this kind of notice does not fit the card's lawful basis", "kind")
    return About.PROCESSING.value if on_consent else ""


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the sections of one notice, in their order."""

    card: Card
    pack: LawPack
    handler: Handler
    recipients: tuple[Recipient, ...]
    words: Wording
    kind: NoticeKind
    about: str
    on: date
    sources: Mapping[PurposeCode, Card] = field(default_factory=dict)

    def check(self) -> None:
        """Raise ``Invalid`` where the notice would be incomplete."""
        if sorted(one.code for one in self.recipients) != sorted(set(self.card.recipients)):
            raise Invalid("a notice names every recipient of the card, and no other", "recipients")
        if any(not set(one.items) <= set(self.card.items) or not one.items for one in self.recipients):
            raise Invalid("a recipient receives items of the card, and at least one", "recipients")
        if not set(self.card.draws_on) <= set(self.sources):
            raise Invalid("a notice names every purpose that the card draws on", "sources")
        if not self.card.items:
            raise Invalid("a notice names what is processed", "items")

    @property
    def title(self) -> str:
        """The purpose's title in the notice's language."""
        return self._of(self.card, "title")

    def _of(self, card: Card, name: str) -> str:
        text: str = getattr(card, f"{name}_{self.words.language}")
        if not text.strip():
            raise Invalid("the card lacks a text in this language", f"{name}_{self.words.language}")
        return text

    def _item(self, code: ItemCode) -> str:
        found = taxonomy().item(code)
        return found.title_zh if self.words.language == "zh" else found.title_en

    def _items(self, codes: Sequence[ItemCode]) -> str:
        return self.words.join(self._item(code) for code in codes)

    def _section(
        self, code: str, sentences: Sequence[str] = (), entries: Sequence[str] = (), rules: Sequence[str] = ()
    ) -> NoticeSection:
        cited = self.words.cited(rules or [code], self.pack, self.on)
        return NoticeSection(code, self.words.say(code), tuple(sentences), tuple(entries), cited)

    def sections(self) -> Iterator[NoticeSection]:
        """Yield every section that this card and kind need."""
        parts: list[Callable[[], NoticeSection | None]] = [
            self._opening,
            self._who,
            self._why,
            self._collected,
            self._automated,
            self._sensitive,
            self._kept,
            self._provided,
            self._abroad,
            self._rights,
            self._choice,
            self._complaint,
        ]
        yield from (section for part in parts if (section := part()) is not None)

    def _opening(self) -> NoticeSection:
        third = self.kind is NoticeKind.THIRD_PERSON
        keys = ["about_third_person"] if third else []
        if self.about:
            keys.append("about_" + _key(self.about))
        else:
            keys.append("about_third_person_basis" if third else "about_other_basis")
        rules = ["told", *keys] if third or not self.about else keys
        return self._section("question" if self.about else "told", [self.words.say(key) for key in keys], rules=rules)

    def _who(self) -> NoticeSection:
        lines = [
            self.words.say("handler_name", name=self.handler.name),
            self.words.say("handler_contact", contact=self.handler.contact),
        ]
        if self.handler.dpo_contact.strip():
            lines.append(self.words.say("handler_dpo", contact=self.handler.dpo_contact))
        return self._section("handler", entries=lines)

    def _why(self) -> NoticeSection:
        basis = self.words.say(f"basis_{self.card.lawful_basis}")
        article = self.words.article(self.card.basis_article, self.pack)
        told = [self.title, self._of(self.card, "explanation")]
        lines = [*told, self.words.say("purpose_basis", basis=basis, article=article)]
        return self._section("purpose", [one_line(line) for line in lines])

    def _collected(self) -> NoticeSection:
        """The list of what is collected: purpose, manner, kinds (网络数据安全管理条例 21(2))."""
        lines = [self.words.say("list_purpose", title=self.title)]
        lines += [self.words.say("list_form", form=self._form(form)) for form in sorted(self.card.roles)]
        drawn = [self._of(self.sources[purpose], "title") for purpose in self.card.draws_on]
        lines += [self.words.say("list_draws_on", title=title) for title in drawn]
        for code in self.card.items:
            key = "list_sensitive_item" if code in self.sensitive else "list_item"
            lines.append(self.words.say(key, item=self._item(code)))
        return self._section("collection", entries=lines)

    def _form(self, form: Form) -> str:
        """Return who uses what in ``form``: people with a chain of approvals, people without one, or programs alone."""
        if form != _RAW:
            return self.words.say(f"form_{form}")
        if form in self.card.approval:
            return self.words.say("form_raw_approved")
        programs = set(self.card.roles[form]) <= _PROGRAMS
        return self.words.say("form_raw_program" if programs else "form_raw")

    def _automated(self) -> NoticeSection | None:
        if not self.card.automated:
            return None
        explained = one_line(self._of(self.card, "automated_explanation"))
        return self._section("automated", [explained, self.words.say("automated_right")])

    @property
    def sensitive(self) -> tuple[ItemCode, ...]:
        """The sensitive items; about a child everything is (PIPL 28(1)), and so the guardian's notice says."""
        found = () if self.about == About.GUARDIAN else sensitive_items(self.card, self.on)
        return self.card.items if not found and self.about in {About.GUARDIAN, About.SENSITIVE} else found

    def _sensitive(self) -> NoticeSection | None:
        """Necessity and effect (PIPL 30)."""
        if not self.sensitive:
            return None
        effects: dict[str, list[ItemCode]] = {}
        for code in self.sensitive:
            kind = f"effect_{taxonomy().item(code).kind}"
            effects.setdefault(kind if self.words.has(kind) else "effect_other", []).append(code)
        why = self.words.say("sensitive_why", title=self.title, explanation=self._of(self.card, "explanation"))
        lines = [
            self.words.say("sensitive_effect", items=self._items(group), effect=self.words.say(effect))
            for effect, group in effects.items()
        ]
        return self._section("sensitive", [why], lines)

    def _kept(self) -> NoticeSection:
        lines = [self._term(term) for term in self.card.retention.values()] or [self.words.say("term_none")]
        places = self.words.join(self._place(place) for place in self.card.locations)
        after = [self.words.say("storage_expiry"), self.words.say("storage_place", places=places)]
        return self._section("storage", after, lines)

    def _place(self, code: str) -> str:
        return self.words.say(f"place_{code}") if self.words.has(f"place_{code}") else code

    def _term(self, term: Term) -> str:
        kept = self.words.say(f"term_{term.starts}", items=self._items(term.items), days=term.ceiling_days)
        floors = [self.pack.by_id[name] for name in term.floors if name in self.pack.by_id]
        lines = [kept]
        for rule in floors:
            if rule.may_decide and rule.in_force(self.on) and rule.n and self.words.has(f"unit_{rule.unit}"):
                article = self.words.article(rule.cites, self.pack)
                unit = self.words.say(f"unit_{rule.unit}")
                lines.append(self.words.say("term_floor", articles=article, n=rule.n, unit=unit))
        return self.words.words["listed_term"].join(lines)

    def _recipient(self, key: str, one: Recipient) -> str:
        items = self._items(one.items)
        return self.words.say(key, name=one.name, contact=one.contact, title=self.title, items=items)

    def _provided(self) -> NoticeSection:
        """The list of recipients (PIPL 23; 网络数据安全管理条例 21(2))."""
        if not self.recipients:
            return NoticeSection("provision", self.words.say("provision"), (self.words.say("provision_none"),))
        lines = [self._recipient("recipient", one) for one in self.recipients]
        return self._section("provision", [self.words.say("provision_all")], lines)

    def _abroad(self) -> NoticeSection | None:
        if not is_abroad(self.card):
            return None
        places = self.words.join(self._place(place) for place in self.card.locations if place != "CN")
        lines = [self._recipient("export_recipient", one) for one in self.recipients]
        return self._section("export", [self.words.say("export_where", places=places)], lines)

    def _rights(self) -> NoticeSection:
        told = {name: cites for name, cites in _RIGHTS.items() if self.about or name != "withdraw"}
        lines = [
            self.words.say(f"right_{name}", article=self.words.article(cites, self.pack))
            for name, cites in told.items()
        ]
        how = self.words.say("rights_how", contact=self.handler.contact)
        return self._section("rights", [how], lines)

    def _choice(self) -> NoticeSection:
        if self.about:
            lines = [self.words.say(f"choice_{name}") for name in ("free", "refuse", "withdraw")]
            lines.append(self.words.say("choice_again", days=self.card.ask_again_days))
            rules = ["choice_consent"]
        elif self.kind is NoticeKind.THIRD_PERSON:
            lines, rules = [], ["choice_other_basis"]
        else:
            lines, rules = [self.words.say("choice_other_basis")], ["choice_other_basis"]
        if self.kind is NoticeKind.THIRD_PERSON:
            lines.append(self.words.say("choice_third_person"))
        return self._section("choice", lines, rules=rules)

    def _complaint(self) -> NoticeSection:
        ours = self.words.say("complaint_ours", complaint=self.handler.complaint)
        lines = [ours, self.words.say("complaint_authority"), self.words.say("complaint_court")]
        return self._section("complaint", entries=lines)
