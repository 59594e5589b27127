"""Notices as they are served: written from the adopted card, kept by digest, each text once (PIPL 17, 30).

What a person was shown must be shown again years later, whatever the card says by then. So the text itself is kept, as
a row that an event vouches for; a choice names it by its SHA-256.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from shouxin.consent.receipt import Particulars
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.event import Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, new
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.adopting.recipients import recipients_in
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import About, consent_needed
from shouxin.policy.notice import Notice, NoticeKind, notice_for
from shouxin.vault.receipt import particulars_of
from shouxin.vault.records import Records

__all__ = ["KeptNotice", "kept_notice", "question_of", "write_notice"]

_MOST = 512


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice as it was served: its text, and the same as fields for the receipts of those who answer it."""

    text: str
    purpose: str
    version: int
    language: str
    kind: str
    about: str
    told: Particulars


def question_of(
    workspace: Workspace, act: Act, card: Card, *, third_person: bool = False
) -> tuple[NoticeKind, About | None]:
    """Return which notice a card serves first, and what it asks: nothing where another basis than consent holds."""
    if card.lawful_basis != "consent":
        return (NoticeKind.THIRD_PERSON if third_person else NoticeKind.OTHER_BASIS), None
    needed = consent_needed(card, workspace.pack, local_date(act.now))
    about = next((one.about for one in needed), About.PROCESSING)
    if third_person:
        return NoticeKind.THIRD_PERSON, None
    return (NoticeKind.SEPARATE_CONSENT, about) if about is About.SENSITIVE else (NoticeKind.CONSENT, None)


def write_notice(
    workspace: Workspace,
    records: Records,
    act: Act,
    card: Card,
    language: str,
    kind: NoticeKind,
    about: About | None = None,
) -> Notice:
    """Return the notice of ``card`` as it is served now; its text is kept, and recorded when it is new.

    Raises:
        Invalid: the notice would not be complete (a recipient is not registered, a text is missing); see
            ``policy.notice``.
    """
    day = local_date(act.now)
    found = recipients_in(workspace, records, card.recipients) if card.recipients else []
    # A contract may allow more than this purpose gives; people are told what they get here.
    recipients = tuple(replace(one, items=tuple(item for item in one.items if item in card.items)) for one in found)
    cards = current_engine(workspace, records, "", act.now).cards
    drawn = tuple((code, cards[code].version) for code in card.draws_on if code in cards)
    key = (card.purpose, card.version, language, kind, about, day, recipients, drawn)
    notice = workspace.notices.get(key)
    if notice is None:
        sources = {code: cards[code] for code in card.draws_on if code in cards}
        notice = notice_for(
            card, workspace.pack, workspace.handler, recipients, language, kind, day, about=about, sources=sources
        )
        if len(workspace.notices) >= _MOST:
            workspace.notices.clear()
        workspace.notices[key] = notice
    if records.authority.get(AuthorityKind.NOTICE, notice.digest[:16]) is None:
        _keep(workspace, records, act, notice, particulars_of(card, notice, recipients))
    return notice


def _keep(workspace: Workspace, records: Records, act: Act, notice: Notice, told: Particulars) -> None:
    value = KeptNotice(
        notice.text,
        notice.purpose,
        notice.version,
        notice.language,
        notice.kind.value,
        notice.about,
        told,
    )
    row = workspace.notary.write(AuthorityKind.NOTICE, notice.digest[:16], 1, value, name=notice.purpose)
    records.authority.put(row)
    vouched = row_facts(row)
    facts: dict[str, Fact] = {
        "purpose": notice.purpose,
        "version": notice.version,
        "notice": notice.digest.hex(),
        "language": notice.language,
        "kind": notice.kind.value,
        "row": vouched["row"],
        "was": vouched["was"],
    }
    records.record(act.say(EventKind.NOTICE_WRITTEN, new(EventId), facts))


def kept_notice(workspace: Workspace, records: Records, digest: bytes) -> KeptNotice:
    """Return the notice of this digest as it was served.

    Raises:
        NotFound: no notice of this digest was served. Tampered: its row is not what was written.
    """
    row = records.authority.get(AuthorityKind.NOTICE, digest[:16])
    if row is None:
        raise NotFound("no notice of this digest was served here")
    return workspace.notary.read(row, KeptNotice)
