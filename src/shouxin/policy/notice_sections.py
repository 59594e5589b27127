"""The sections of a notice, each written from the card; which of them a notice has, and in which order, is the law's.

Laws of this file. A section says what the card, the lender and the register say, and nothing of its own. Where it would
lack something, the notice is not written at all.

Called by: ``notice``. **Source:** PIPL 13-17, 23-26, 29-31, 39, 44-50, 65; 网络数据安全管理条例 21, 22;
GDPR 12-14, 22.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.policy.card import Card, Form, PurposeCode, Term
from shouxin.policy.consent_demand import About, sensitive_items
from shouxin.policy.lawpack import LawPack
from shouxin.policy.notice_wording import Wording, one_line
from shouxin.policy.recipient import Recipient

__all__ = ["NoticeKind", "NoticeSection", "NoticeWriter"]

_RAW: Final = "raw"
_NAMES_ABROAD: Final = "CN-PIPL-39-TELL"  # the rule that wants each recipient abroad named; the GDPR's does not
# Roles behind which no human stands.
_PROGRAMS: Final = frozenset({"model"})


class NoticeKind(StrEnum):
    """To whom a notice speaks, and whether it asks."""

    CONSENT = "consent"
    SEPARATE_CONSENT = "separate-consent"
    OTHER_BASIS = "other-basis"
    GUARDIAN = "guardian"
    THIRD_PERSON = "third-person"


@dataclass(frozen=True, slots=True)
class NoticeSection:
    """One part of a notice: a heading, sentences, a list, and the line that cites the law (empty: none).

    ``unread`` are the articles of that line that were not read in a held text.
    """

    code: str
    heading: str
    sentences: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    cited: str = ""
    unread: tuple[str, ...] = ()


def _key(code: str) -> str:
    return code.replace("-", "_")


@dataclass(frozen=True, slots=True)
class NoticeWriter:
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
        named = _NAMES_ABROAD in self.words.rules.get("export", ())
        if named and self.words.abroad(self.card.locations) and not self._receiving_abroad:
            raise Invalid("a notice names who receives abroad: the register says of nobody that they do", "recipients")

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
        behind = self.words.behind(rules or [code], self.pack, self.on)
        unread = tuple(rule.cites for rule in behind if not rule.may_decide)
        cited = self.words.cited(behind, self.pack)
        return NoticeSection(code, self.words.say(code), tuple(sentences), tuple(entries), cited, unread)

    def sections(self) -> Iterator[NoticeSection]:
        """Yield every section that the law lists and that this card and kind need, in its order."""
        parts: Mapping[str, Callable[[], NoticeSection | None]] = {
            "opening": self._opening,
            "handler": self._who,
            "purpose": self._why,
            "collection": self._collected,
            "required": self._required,
            "automated": self._automated,
            "sensitive": self._sensitive,
            "storage": self._kept,
            "provision": self._provided,
            "export": self._abroad,
            "rights": self._rights,
            "choice": self._choice,
            "complaint": self._complaint,
        }
        yield from (section for code in self.words.sections if (section := parts[code]()) is not None)

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
        if not self.words.has(f"basis_{self.card.lawful_basis}"):
            raise Invalid("the law by which notices are written here knows no such basis", "lawful_basis")
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
        public_place = ["about_public_place"] if self.card.public_place_images else []
        lines += [self.words.say("list_public_place") for _ in public_place]
        for code in self.card.items:
            key = "list_sensitive_item" if code in self.sensitive else "list_item"
            lines.append(self.words.say(key, item=self._item(code)))
        return self._section("collection", entries=lines, rules=["collection", *public_place])

    def _form(self, form: Form) -> str:
        """Return who uses what in ``form``: people with a chain of approvals, people without one, or programs alone."""
        if form != _RAW:
            return self.words.say(f"form_{form}")
        if form in self.card.approval:
            return self.words.say("form_raw_approved")
        programs = set(self.card.roles[form]) <= _PROGRAMS
        return self.words.say("form_raw_program" if programs else "form_raw")

    def _required(self) -> NoticeSection:
        """Whether it must be given, and what follows if it is not (GDPR 13(2)(e))."""
        key = f"required_{self.card.lawful_basis}"
        return self._section("required", [self.words.say(key if self.words.has(key) else "required_other")])

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

    @property
    def _receiving_abroad(self) -> list[Recipient]:
        return [one for one in self.recipients if one.place and self.words.abroad([one.place])]

    def _recipient(self, key: str, one: Recipient) -> str:
        items, place = self._items(one.items), self._place(one.place)
        return self.words.say(key, name=one.name, contact=one.contact, title=self.title, items=items, place=place)

    def _provided(self) -> NoticeSection:
        """The list of recipients (PIPL 23; 网络数据安全管理条例 21(2)), and what everybody may see (PIPL 25)."""
        public = [self.words.say("provision_public", items=self._items(self.card.items))] if self.card.published else []
        if not self.recipients:
            if public:
                return self._section("provision", public, rules=["about_publish"])
            return NoticeSection("provision", self.words.say("provision"), (self.words.say("provision_none"),))
        lines = [self._recipient("recipient", one) for one in self.recipients]
        rules = ["provision", "about_publish"] if public else ["provision"]
        return self._section("provision", public or [self.words.say("provision_all")], lines, rules)

    def _abroad(self) -> NoticeSection | None:
        abroad = self.words.abroad(self.card.locations)
        if not abroad:
            return None
        places = self.words.join(map(self._place, abroad))
        lines = [self._recipient("export_recipient", one) for one in self._receiving_abroad or self.recipients]
        return self._section("export", [self.words.say("export_where", places=places)], lines)

    def _rights(self) -> NoticeSection:
        told = {name: cites for name, cites in self.words.rights.items() if self.about or name != "withdraw"}
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
