"""Seal what people hand in and what they are answered, under the person's own key, in the evidence purpose (PIPL 69).

Keys are durable before what they seal, as for everything that is collected (``operations.collecting.sealing``); cells,
the row of the request and its events are one transaction. What a crash leaves is a key without a cell, which is reaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.collecting.intake import Portion
from shouxin.operations.collecting.sealing import Draft, draw_keys, write_drafts
from shouxin.operations.rekeying import settle_clean
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.policy.decision import Question
from shouxin.rights.request import Evidence
from shouxin.vault.cell import item_codes
from shouxin.vault.records import Records, SubjectState

__all__ = ["EVIDENCE", "HANDED_IN", "REPLY", "STATEMENT", "HandedIn", "with_evidence"]

EVIDENCE: Final = "rights.evidence"
STATEMENT: Final = ItemCode("rights.statement")
HANDED_IN: Final = ItemCode("rights.evidence")
REPLY: Final = ItemCode("rights.reply")
LARGEST: Final = 16 * 1024 * 1024
# What a person hands in, piece by piece; each is a cell of its own.
HandedIn = Sequence[tuple[ItemCode, Plaintext]]

T = TypeVar("T")
# Somebody whose data is only kept may ask and complain as anybody: storing is what a freeze allows (PIPL 47(2)).
_INTO: Final = (SubjectState.ACTIVE, SubjectState.FROZEN)


def with_evidence(
    workspace: Workspace,
    token: Token,
    subject: SubjectId | None,
    pieces: HandedIn,
    work: Callable[[Records, Act, SubjectId, tuple[Evidence, ...]], T],
) -> T:
    """Seal ``pieces`` under the key of ``subject`` (nothing: of somebody new) and do ``work`` in the same transaction.

    ``work`` receives whose key it was and what lies where. Durable on return, all of it or nothing.

    Raises:
        Invalid: no card of purpose ``rights.evidence`` takes these items, or a piece is larger than 16 MiB.
        Refused: the policy denies. Fenced: the person was erased meanwhile.
    """
    if any(len(value) > LARGEST for _, value in pieces):
        raise Invalid("one piece of evidence has at most 16 MiB; keep a larger one as an object", "evidence")
    if not pieces and subject is not None:

        def bare(records: Records) -> T:
            return work(records, begin(workspace, records, token), subject, ())

        return workspace.data.transact(bare).value
    card = workspace.data.read(lambda seen: _permit(workspace, seen, begin(workspace, seen, token), pieces))
    existing = None if subject is None else workspace.custody.keyring.get([subject]).get(subject)
    if subject is not None and existing is None:
        raise NotFound("there is nothing under this identifier any more")
    portions = [Portion(EVIDENCE, card.term_of(item), {item: value}) for item, value in pieces]
    draft = Draft(subject or new(SubjectId), portions, existing=existing, leads=1)
    with workspace.custody.keyring.at_work():
        (drawn,) = draw_keys(workspace, [draft])

        def sealed(records: Records) -> T:
            act = begin(workspace, records, token)
            role = act.need(*_permit(workspace, records, act, pieces).roles[Form("sealed")])
            write_drafts(workspace, records, act, {}, [(draft, drawn)], role=role, into=_INTO)
            return work(records, act, draft.subject, _handed_in(records, act, draft))

        done = workspace.data.transact(sealed).value
        settle_clean(workspace, [draft.subject], known=existing is not None)
    return done


def _permit(workspace: Workspace, records: Records, act: Act, pieces: HandedIn) -> Card:
    """Decide whether the caller may take these pieces in; return the card by which they may."""
    # Not ``current_engine``: what somebody asks is taken in, and its clocks start, whether or not the officer has yet
    # looked at another law pack (PIPL 50(1): a lender's own delay closes no counter). Nothing is decided about them
    # here; whoever decides asks for the adopted pack by itself: an order when it is drafted, an answer when it refuses.
    engine = standing_engine(workspace, records, EVIDENCE, act.now)
    card = engine.card(EVIDENCE)
    items = frozenset(item for item, _ in pieces) or frozenset({STATEMENT})
    engine.decide(Question(roles=act.actor.roles, purpose=EVIDENCE, items=items, form=Form("sealed"))).enforce()
    return card


def _handed_in(records: Records, act: Act, draft: Draft) -> tuple[Evidence, ...]:
    """Return where each piece lies, with the digest of its sealed bytes."""
    rows = {row.cell: row for row in records.cells.cells_of([draft.subject])}
    return tuple(
        Evidence(cell, draft.subject, item, hashlib.sha256(rows[cell].sealed).digest(), act.now)
        for cell in draft.cells
        for item in item_codes(rows[cell].sealed)
    )
