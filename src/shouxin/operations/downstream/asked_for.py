"""What an order of a part, or of what is due, means to databases, which know items and no purposes.

A card says which items a purpose keeps under which term. So what goes is: the items of what is asked for, and of these
the ones stay that another purpose of the person uses, or that a law or a hold keeps. What leaves nothing of the person
here is an erasure of everything there too.

Called by: whoever erases, and whoever previews that. **Source:** PIPL 47(1), 47(2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.operations.acting import Act
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.downstream.extent import Extent, in_use
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.retaining.scope import Asked, parts_of
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.retention.resolve import Kept
from shouxin.retention.shortened import term_name
from shouxin.vault.erasure import Outcome, Part
from shouxin.vault.records import Records

__all__ = ["extent_of"]

_OWN: Final = frozenset({"cell", "edge", "named-edge", "object"})


def extent_of(workspace: Workspace, records: Records, act: Act, subject: SubjectId, asked: Asked) -> Extent:
    """Return what an erasure of ``asked`` means for databases, on what is kept of the whole person at this moment."""
    engine = current_engine(workspace, records, "", act.now)
    holds = Judge(workspace, records, engine, local_date(act.now)).holds_now(subject)
    if everything := next((hold for hold in holds if not hold.purposes), None):
        return Extent(held=everything.keeping())
    stays = {item: hold.keeping() for hold in holds for purpose in hold.purposes for item in _items_of(engine, purpose)}
    if asked.whole:
        return Extent(stays=stays)
    root = person_of(workspace, records, subject)[-1].subject
    everybody = dict.fromkeys((subject, *with_merged(workspace, records, [root])))
    parts = [part for one in everybody for part in parts_of(workspace, records, act, one, asked) if part.kind in _OWN]
    return _extent_from(engine, parts, asked, stays)


def _extent_from(engine: Engine, parts: Iterable[Part], asked: Asked, held: Mapping[str, Kept]) -> Extent:
    """Return the extent of an erasure of a part; one that leaves nothing of the person here is one of everything."""
    stays: dict[str, Kept] = {}
    used: dict[str, Kept] = {}
    going = {item for purpose in asked.purposes or () for item in _items_of(engine, purpose)}
    emptied = True
    for part in parts:
        items = {*part.items, *_items_of(engine, part.purpose, part.term)}
        why = Kept(part.rule, part.article, part.until)
        retained = part.outcome is Outcome.RETAINED
        emptied = emptied and not retained
        if not retained or not in_use(why):
            going |= items
        if retained:
            (used if in_use(why) else stays).update(dict.fromkeys(items, why))
    if emptied:
        return Extent(stays=held)
    return Extent(frozenset(going), {**held, **stays, **used})


def _items_of(engine: Engine, purpose: str, term: str = "") -> frozenset[str]:
    """Return what a purpose keeps (under one term), by every version of its card."""
    cards = engine.versions.get(PurposeCode(purpose), ())
    terms = [kept for card in cards for name, kept in card.retention.items() if term_name(term) in {"", name}]
    return frozenset(str(item) for one in terms for item in one.items)
