"""Adopt a purpose card, and keep the compiled policy equal to what is adopted."""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, local_date
from shouxin.domain.event import EventKind
from shouxin.errors import Invalid
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import AdoptedCard
from shouxin.policy.card import Card, read_card
from shouxin.policy.engine import Engine
from shouxin.vault.records import Records

__all__ = ["adopt_card", "current_engine"]

# Forms that a card may name but that no operation can produce yet: adopting such a card would promise too much.
_NOT_YET: Final = frozenset({"aggregate", "relayed"})


def _identifier(purpose: str) -> bytes:
    return hashlib.sha256(b"shouxin/card\0" + purpose.encode()).digest()[:16]


def adopt_card(workspace: Workspace, token: Token, text: str, file: str = "card") -> Card:
    """Adopt a card: from this commit on, decisions quote it. Only a data-protection officer does this.

    Raises:
        Invalid: the card does not read, cites a rule that the law pack has not, or is not the next version.
        Refused, NotSignedIn: the caller may not.
    """
    card, digest = read_card(text, file)
    for name, term in card.retention.items():
        for rule_id in term.floors:
            if not workspace.pack.rule(rule_id).floor:
                raise Invalid(f"{rule_id} is no retention floor", f"{file}: retention.{name}")
    if odd := sorted(_NOT_YET & set(card.roles)):
        raise Invalid(f"no operation produces the form {odd[0]} yet", f"{file}: roles")

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo")
        before = records.authority.get(AuthorityKind.CARD, _identifier(card.purpose))
        version = 1 if before is None else before.version + 1
        if card.version != version:
            raise Invalid(f"the next version of this card is {version}", f"{file}: version")
        value = AdoptedCard(text, act.now, workspace.pack.digest)
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
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work)
    return card


def current_engine(workspace: Workspace, records: Records, purpose: str, now: Instant) -> Engine:
    """Return the engine for the cards as they stand in this transaction; compiled anew only when one changed.

    With a ``purpose`` only its card is looked at; with an empty one, all of them.

    Raises:
        Tampered: a card's row is not what the institution adopted.
    """
    rows = records.authority.find(AuthorityKind.CARD, name=purpose or None)
    marks = {row.name: row.mac for row in rows}
    known = workspace.engine_marks
    current = marks == known if not purpose else marks.get(purpose, b"") == known.get(purpose, b"")
    if not current or workspace.engine.day != local_date(now):
        everything = records.authority.find(AuthorityKind.CARD)
        cards = [adopted.card() for adopted in workspace.notary.read_all(everything, AdoptedCard) if adopted.stands]
        workspace.engine = Engine(workspace.pack, cards, local_date(now))
        workspace.engine_marks = {row.name: row.mac for row in everything}
    return workspace.engine
