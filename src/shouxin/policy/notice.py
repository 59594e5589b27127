"""The notice: what a person is told before anything is done, derived from the purpose card (PIPL 17; design section 4).

Laws of this file. A notice is written from the card, never beside it: equal cards make equal notices, to the byte. What
was shown is named by the SHA-256 of ``Notice.text``; the text carries purpose, version, language, kind and question, so
that one digest never stands for two of them. What the regulation wants as a list (清单) is a list: what is collected,
and to whom it is provided (网络数据安全管理条例 21). A notice that would be incomplete is not written at all. By which
law it is written is the pack's: its sections, rights and words stand beside its rules (``packs/*/notice``).

Called by: whoever serves a notice. What was served is recorded by ``consent``, before what was chosen.
**Source:** PIPL 13-17, 23, 24, 29-31, 39, 44-50, 65; 网络数据安全管理条例 21, 22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.consent_demand import About
from shouxin.policy.lawpack import LawPack
from shouxin.policy.notice_sections import NoticeKind, NoticeSection, NoticeWriter
from shouxin.policy.notice_wording import Wording, notice_law, wording
from shouxin.policy.recipient import Recipient

__all__ = ["Notice", "NoticeKind", "NoticeSection", "notice_for"]

_SEPARATE: Final = frozenset({About.SENSITIVE, About.PROVIDE, About.EXPORT, About.PUBLISH, About.PUBLIC_PLACE})


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
    def unread(self) -> tuple[str, ...]:
        """The articles that it cites and that nobody has read in a held text: counsel compares them first."""
        return tuple(dict.fromkeys(cites for section in self.sections for cites in section.unread))

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
        Invalid: another language; a basis that this law does not know; a kind that does not fit the card; a recipient
            or a source that is missing, unknown, or beyond the card's items; an institution without a name, a contact
            or a way to complain.
    """
    words = wording(language, notice_law(pack))
    asked = _question(card, kind, about, words)
    if any(not text.strip() for text in (institution.name, institution.contact, institution.complaint)):
        raise Invalid("a notice names who handles, how to reach them and where to complain", "institution")
    writer = NoticeWriter(card, pack, institution, tuple(recipients), words, kind, asked, on, dict(sources or {}))
    writer.check()
    reference = "/".join((card.purpose, str(card.version), language, kind.value, asked or "-"))
    return Notice(
        purpose=card.purpose,
        version=card.version,
        language=language,
        kind=kind,
        about=asked,
        title=words.say("title_" + kind.value.replace("-", "_"), title=writer.title),
        reference=words.say("reference", reference=reference),
        sections=tuple(writer.sections()),
        sensitive=writer.sensitive,
    )


def _question(card: Card, kind: NoticeKind, about: About | None, words: Wording) -> str:
    """Return what the notice asks, empty if nothing; refuse a kind that does not fit the card."""
    on_consent = card.lawful_basis == "consent"
    if kind is NoticeKind.SEPARATE_CONSENT:
        if about not in _SEPARATE:
            raise Invalid("a separate consent says what it is about", "about")
        empty = {
            About.PROVIDE: not card.recipients,
            About.EXPORT: not words.abroad(card.locations),
            About.PUBLISH: not card.published,
            About.PUBLIC_PLACE: not card.public_place_images,
        }
        if empty.get(about):
            raise Invalid("the card does nothing of what this would ask: it says so in no field", "about")
        return about.value
    if about is not None:
        raise Invalid("only a separate consent says what it is about", "about")
    if kind is NoticeKind.GUARDIAN:
        return About.GUARDIAN.value
    if kind is not NoticeKind.THIRD_PERSON and on_consent != (kind is NoticeKind.CONSENT):
        raise Invalid("this kind of notice does not fit the card's lawful basis", "kind")
    return About.PROCESSING.value if on_consent else ""
