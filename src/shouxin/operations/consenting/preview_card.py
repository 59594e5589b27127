"""What a card means before it is adopted: what people would read and be asked, who must agree, what is assessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.errors import Invalid
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.adopting.recipients import recipients_in
from shouxin.operations.consenting.notices import question_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, PurposeCode, read_card
from shouxin.policy.consent_demand import About, ConsentDemand, consent_needed, sensitive_items
from shouxin.policy.notice import NoticeKind, notice_for
from shouxin.policy.recipient import Recipient
from shouxin.policy.sharing_rules import assessments_due
from shouxin.vault.records import Records

__all__ = ["CardPreview", "preview_card"]


@dataclass(frozen=True, slots=True)
class CardPreview:
    """What a card would mean.

    ``notice`` is the first text that people would be served, empty where it cannot be written: ``lacking`` says why.
    ``unread`` are the articles that it cites and that were not read in a held text.
    ``consents`` are the questions that each person would be asked, each alone; none on another basis. ``assessments``
    are codes and subjects of what must be assessed first.
    """

    card: Card
    notice: str
    lacking: str
    unread: tuple[str, ...]
    consents: tuple[ConsentDemand, ...]
    assessments: tuple[tuple[str, str], ...]


def preview_card(
    workspace: Workspace,
    token: Token,
    text: str,
    file: str = "card",
    language: str = "zh",
    beside: Mapping[PurposeCode, Card] | None = None,
) -> CardPreview:
    """Return what the card ``text`` would mean if it were adopted now; nothing is changed.

    ``beside`` are cards that would be adopted with it. For everybody who is signed in.

    Raises:
        Invalid: the card does not read. NotSignedIn: the caller is not.
    """
    card, _ = read_card(text, file)

    def work(records: Records) -> CardPreview:
        act = begin(workspace, records, token)
        cards = {**standing_engine(workspace, records, "", act.now).cards, **(beside or {})}
        kind, about = question_of(workspace, act, card)
        day = local_date(act.now)
        found = recipients_in(workspace, records, card.recipients) if card.recipients else []
        notice, lacking, unread = _written(workspace, card, found, language, (kind, about), cards, day)
        return CardPreview(
            card,
            notice,
            lacking,
            unread,
            consent_needed(card, workspace.pack, day),
            tuple(assessments_due(card, ", ".join(sensitive_items(card, day)))),
        )

    return workspace.data.read(work)


def _written(
    workspace: Workspace,
    card: Card,
    recipients: Sequence[Recipient],
    language: str,
    asked: tuple[NoticeKind, About | None],
    cards: Mapping[PurposeCode, Card],
    day: date,
) -> tuple[str, str, tuple[str, ...]]:
    """Return the text of the notice, what it lacks if there is none, and its articles that nobody has read."""
    kind, about = asked
    sources = {code: cards[code] for code in card.draws_on if code in cards}
    if idle := [one.code for one in recipients if set(one.items).isdisjoint(card.items)]:
        return "", f"recipients: the contract with {', '.join(idle)} allows none of the card's items", ()
    receiving = [replace(one, items=tuple(item for item in one.items if item in card.items)) for one in recipients]
    try:
        written = notice_for(
            card, workspace.pack, workspace.handler, receiving, language, kind, day, about=about, sources=sources
        )
    except Invalid as error:
        return "", str(error), ()
    return written.text, "", written.unread
