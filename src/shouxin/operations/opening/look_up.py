"""Look up: find people by an identifier. Each look-up, hit or miss, is itself a recorded, rate-limited disclosure.

Nothing is returned but random identifiers; what stands behind them is the affair of ``operations.opening.disclose``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import HOUR, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.consenting.carried import carried
from shouxin.operations.index_age import check_index
from shouxin.operations.keyring_age import check_has_chain
from shouxin.operations.opening.permit import kept_only
from shouxin.operations.retaining.past_use import out_of_use
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, PurposeCode
from shouxin.policy.decision import Reason, unknown_purpose
from shouxin.policy.engine import Engine
from shouxin.vault.door import Witnessed
from shouxin.vault.records import Records, SubjectState

__all__ = ["look_up", "standing"]

_PURPOSE: Final = Reason("CN-PIPL-6-1-PURPOSE", "PIPL 6(1)")
_EMERGENCY: Final = "emergency"
_FOUND: Final = frozenset({SubjectState.ACTIVE, SubjectState.FROZEN, SubjectState.MERGED})


def look_up(workspace: Workspace, token: Token, purpose: str, item: ItemCode, value: Plaintext) -> list[SubjectId]:
    """Return whom ``value`` of ``item`` leads to, for a purpose whose card allows look-ups.

    Erased people are not found, nor, for a purpose on consent, people whose consent does not stand, nor who was not
    told of the purpose yet. The event is durable on return, also for a miss and for a refusal.

    Raises:
        Refused: no purpose, another role, an item that the card does not list, or too many look-ups in this hour.
        Invalid: the item is not indexed. RolledBack: index or keyring is an old copy.
    """
    inner = workspace.tagger.inner(item, value.text())
    found = _candidates(workspace, inner)

    def work(records: Records) -> list[SubjectId] | Refused:
        act = begin(workspace, records, token)
        engine = current_engine(workspace, records, purpose, act.now)
        card = engine.cards.get(PurposeCode(purpose))
        try:
            card = _permit(records, act, card, purpose, item)
        except Refused as refusal:
            rules: list[str] = [rule for rule, _ in refusal.reasons]
            code = card.purpose if card else "none"
            records.record(act.event(EventKind.DISCLOSURE_REFUSED, rules=rules, purpose=code, form="look-up"))
            return refusal
        check_index(workspace, records)
        records.cells.add_look_up(act.actor.account, act.now, Instant(act.now - HOUR))
        purposes = {card.purpose, *card.draws_on}
        led = found if card.statutory else _in_use(workspace, records, act, engine, card, found)
        hits = standing(workspace, records, led, purposes, frozen=card.statutory)
        hits = [one for one in hits if _may_be_found(workspace, records, act, engine, card, one)]
        for one in hits:
            check_has_chain(workspace, one)
        salt = new(EventId)
        named = workspace.door.witness(hits, salt) if hits else Witnessed((), (), bytes(32))
        leaf = records.record(
            act.event(
                EventKind.LOOK_UP_MADE,
                salt,
                purpose=card.purpose,
                version=card.version,
                item=item,
                members=named.root.hex(),
                count=len(named.members),
            )
        )
        if hits:
            records.cells.add_opening(leaf, named.subjects, named.joined)
        return hits

    answer = workspace.data.transact(work).value
    if isinstance(answer, Refused):
        raise answer
    return answer


def _permit(records: Records, act: Act, card: Card | None, purpose: str, item: ItemCode) -> Card:
    """Return the card under which this look-up may be made.

    Raises:
        Refused: it may not.
    """
    if card is None:
        if purpose:
            raise unknown_purpose([_PURPOSE])
        raise Refused("a look-up needs a purpose", [(_PURPOSE.rule, _PURPOSE.article)])
    act.need(*{role for roles in card.roles.values() for role in roles})
    if item not in card.items:
        raise Refused("the purpose does not need this item", [("CN-PIPL-6-1-ITEMS", "PIPL 6(1)")])
    if records.cells.count_look_ups(act.actor.account, Instant(act.now - HOUR)) >= card.look_ups_an_hour:
        raise Refused("this account has searched too often in this hour", [("look-up-rate", "PIPL 51(1)(4)")])
    return card


def _may_be_found(
    workspace: Workspace, records: Records, act: Act, engine: Engine, card: Card, subject: SubjectId
) -> bool:
    """Say whether a number may lead to ``subject`` for this purpose, by what they were told and said.

    Who refused, withdrew or was not asked is not found on consent (PIPL 13, 15); who was not told, by nothing but the
    purpose that delivers the notice, a duty, or an emergency, after which people are told (17(1), 18).
    """
    if card.lawful_basis != "consent" and (card.statutory or card.lawful_basis == _EMERGENCY):
        return True
    said = carried(workspace, records, act, engine, card, subject)
    return said.consented if card.lawful_basis == "consent" else said.notified


def _candidates(workspace: Workspace, inner: bytes) -> list[tuple[SubjectId, CellId]]:
    """Ask every open generation of the index; a row may stand in two while an epoch is being left."""
    found: dict[tuple[SubjectId, CellId], None] = {}
    for epoch, cipher in workspace.generations():
        for place in workspace.index.find(epoch, workspace.tagger.outer(cipher, [inner])[0]):
            found[place] = None
    return list(found)


def _in_use(
    workspace: Workspace,
    records: Records,
    act: Act,
    engine: Engine,
    card: Card,
    found: Sequence[tuple[SubjectId, CellId]],
) -> list[tuple[SubjectId, CellId]]:
    """Return ``found`` without the cells that are out of use: by what they say nobody is found."""
    wanted = {cell for _, cell in found}
    people = [one for one, _ in found if records.authority.get(AuthorityKind.SUBJECT, one) is not None]
    held = (row for one in dict.fromkeys(people) for row in records.cells.cells_of([one]) if row.cell in wanted)
    rows = [row for row in held if row.purpose in {card.purpose, *card.draws_on}]
    shut = {*out_of_use(workspace, records, act, engine, card.purpose, rows), *kept_only(workspace, records, people)}
    return [(one, cell) for one, cell in found if cell not in shut]


def standing(
    workspace: Workspace,
    records: Records,
    found: Iterable[tuple[SubjectId, CellId]],
    purposes: Collection[str] | None = None,
    *,
    frozen: bool = True,
) -> list[SubjectId]:
    """Return who stands behind rows of the index: merges are followed to their end, erased people are left out.

    With ``purposes``, only what is kept for one of them leads anywhere; without ``frozen``, nothing leads to somebody
    whose data is only stored and protected (PIPL 47(2)). A row whose cell does not stand leads nowhere: what it was
    written for was never recorded, or is gone.
    """
    hits: dict[SubjectId, None] = {}
    for subject, cell in found:
        held = [row for row in records.cells.cells_of([subject]) if row.cell == cell]
        if not held or (purposes is not None and held[0].purpose not in purposes):
            continue
        if records.authority.get(AuthorityKind.SUBJECT, subject) is None:
            continue
        path = person_of(workspace, records, subject)
        states = {one.state for one in path}
        if states <= _FOUND and (frozen or SubjectState.FROZEN not in states):
            hits[path[-1].subject] = None
    return list(hits)
