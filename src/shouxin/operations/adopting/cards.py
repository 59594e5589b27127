"""Adopt a purpose card, and keep the compiled policy equal to what is adopted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

from shouxin.actors.account import ROLES, Token
from shouxin.domain.authority import AuthorityKind, check_current
from shouxin.domain.clock import Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.recipients import register_in
from shouxin.operations.adopting.standing_law import check_law
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import AdoptedCard
from shouxin.policy.card import Card, PurposeCode, read_card
from shouxin.policy.declared_toml import line_of
from shouxin.policy.engine import Engine
from shouxin.policy.lint import Severity, lint
from shouxin.vault.records import Records

__all__ = ["adopt_card", "adopt_cards", "check_purposes", "current_engine", "list_cards", "standing_engine"]


def _identifier(purpose: str) -> bytes:
    return hashlib.sha256(b"shouxin/card\0" + purpose.encode()).digest()[:16]


def adopt_card(workspace: Workspace, token: Token, text: str, file: str = "card") -> Card:
    """Adopt one card; see ``adopt_cards``."""
    return adopt_cards(workspace, token, [(text, file)])[0]


def adopt_cards(workspace: Workspace, token: Token, texts: Sequence[tuple[str, str]]) -> list[Card]:
    """Adopt cards (each with the name of its file), all or none: from this commit on, decisions quote them.

    Cards that are adopted together may draw on one another. Only a data-protection officer does this.

    Raises:
        Invalid: a card does not read, its review finds an error (``policy.lint``), it is not the next version, or two
            are of one purpose.
        Refused, NotSignedIn: the caller may not.
    """
    given = [(*read_card(text, file), text, file) for text, file in texts]
    if len({card.purpose for card, *_ in given}) < len(given):
        raise Invalid("two of these cards are of one purpose", "purpose")

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo")
        beside = {**current_engine(workspace, records, "", act.now).cards, **{card.purpose: card for card, *_ in given}}
        for card, digest, text, file in given:
            _check(workspace, records, act, card, text, file, beside)
            _adopt(workspace, records, act, card, digest, text, file)

    workspace.data.transact(work)
    return [card for card, *_ in given]


def _check(
    workspace: Workspace,
    records: Records,
    act: Act,
    card: Card,
    text: str,
    file: str,
    beside: Mapping[PurposeCode, Card],
) -> None:
    """Refuse a card that its review calls an error, or the second one that says how to delete."""
    register, facts = register_in(workspace, records), workspace.institution.facts
    for remark in lint(card, workspace.pack, beside, local_date(act.now), ROLES, register, facts):
        if remark.severity is Severity.ERROR:
            cited = f" ({remark.article})" if remark.article else ""
            raise Invalid(f"{remark.why_en}{cited}", f"{file}:{line_of(text, remark.place)}")
    other = [one.purpose for one in beside.values() if one.deletion is not None and one.purpose != card.purpose]
    if card.deletion is not None and other:
        raise Invalid(f"purpose {other[0]} says already how to delete: one card does", f"{file}: deletion")


def _adopt(workspace: Workspace, records: Records, act: Act, card: Card, digest: bytes, text: str, file: str) -> None:
    """Write the card's row as its next version, and record it."""
    before = records.authority.get(AuthorityKind.CARD, _identifier(card.purpose))
    version = 1 if before is None else before.version + 1
    if card.version != version:
        raise Invalid(f"the next version of this card is {version}", f"{file}:{line_of(text, 'version')}")
    value = AdoptedCard(text, act.now, workspace.pack.digest)
    if before is not None:
        value = workspace.notary.read(before, AdoptedCard).followed_by(text, act.now, workspace.pack.digest)
    row = workspace.notary.write(AuthorityKind.CARD, _identifier(card.purpose), version, value, name=card.purpose)
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.CARD_ADOPTED,
            role="dpo",
            purpose=card.purpose,
            version=version,
            card=digest.hex(),
            pack=workspace.pack.digest,
            wording=int(card.wording_only),
            **row_facts(row, before),
        )
    )


def list_cards(workspace: Workspace, token: Token) -> list[Card]:
    """Return the cards that are adopted now, by purpose, each checked against what the institution signed.

    For everybody who is signed in: a card holds no personal information, and whoever works here must know what for.

    Raises:
        NotSignedIn: the caller is not. Tampered: a card's row is not what was adopted.
    """

    def work(records: Records) -> list[Card]:
        act = begin(workspace, records, token)
        cards = standing_engine(workspace, records, "", act.now).cards
        return sorted(cards.values(), key=lambda card: card.purpose)

    return workspace.data.read(work)


def current_engine(workspace: Workspace, records: Records, purpose: str, now: Instant) -> Engine:
    """Return the engine to decide by: the cards as they stand in this transaction, under the pack that was adopted.

    With a ``purpose`` only its card and those that it draws on are looked at; with an empty one, all of them.

    Raises:
        LawNotAdopted: the pack of this program is not the adopted one: nothing is decided by it.
        Tampered: a row is not what the institution adopted.
    """
    check_law(workspace, records)
    return standing_engine(workspace, records, purpose, now)


def standing_engine(workspace: Workspace, records: Records, purpose: str, now: Instant) -> Engine:
    """Return the engine for the cards as they stand, its pack adopted or not; compiled anew when one changed.

    For what only reads, and for what must not wait for the officer: a withdrawal, a person's own page, the end of an
    erasure.

    Raises:
        Tampered: a card's row is not what the institution adopted. RolledBack: an earlier version was put back.
    """
    rows = records.authority.find(AuthorityKind.CARD, name=purpose or None)
    for row in rows:
        check_current(row)
    marks = {row.name: row.mac for row in rows}
    engine = workspace.engine  # read once: another thread may put a newer one in its place at any time
    known = engine.marks
    current = marks == known if not purpose else marks.get(purpose, b"") == known.get(purpose, b"")
    if current and purpose and (card := engine.cards.get(PurposeCode(purpose))) is not None:
        # What the card draws on is opened, kept and told by its own card, which another process may have replaced.
        drawn = {one: records.authority.find(AuthorityKind.CARD, name=one) for one in card.draws_on}
        for row in chain.from_iterable(drawn.values()):
            check_current(row)
        current = all(next((row.mac for row in rows), b"") == known.get(one, b"") for one, rows in drawn.items())
    if not current or engine.day != local_date(now):
        everything = records.authority.find(AuthorityKind.CARD)
        adopted = workspace.notary.read_all(everything, AdoptedCard)
        cards = [one.card() for one in adopted if one.stands]
        engine = Engine(
            workspace.pack,
            cards,
            local_date(now),
            [one.versions() for one in adopted],
            {row.name: row.mac for row in everything},
            workspace.institution.facts,
        )
        workspace.engine = engine
    return engine


def check_purposes(records: Records, purposes: Collection[str] | None) -> None:
    """Raise ``Invalid`` for a wish that names no purpose, or one that nobody adopted: it would find nothing."""
    if purposes is None:
        return
    adopted = {row.name for row in records.authority.find(AuthorityKind.CARD)}
    if not purposes or not adopted.issuperset(purposes):
        raise Invalid("a part is named by the purposes of adopted cards", "purposes")
