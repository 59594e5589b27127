"""Where a person stands: what is kept of them, for what, how long at least, and nothing of what it says.

Names, not values: purposes, terms, item codes, sizes and dates. So this is no disclosure; values come through
``operations.opening.disclose`` only. What is kept and until when is asked of ``operations.retaining.scope``: it is what
an erasure would find.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ObjectId, SubjectId
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.retaining.scope import parts_of
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.retention.resolve import Kept
from shouxin.vault.erasure import Outcome, Part
from shouxin.vault.records import ObjectRow, Records, SubjectState

__all__ = ["WATCHING", "HeldObject", "Holding", "Standing", "list_objects", "standing"]

# Who watches over what is kept, whatever the purpose.
WATCHING: Final = ("dpo", "rights_desk", "auditor")


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept for one purpose under one term, in so many cells; ``kept`` is the floor that runs, if one does.

    ``kind`` is ``cell``, ``edge`` (what this person says about another) or ``named-edge`` (what another says of them).
    """

    kind: str
    purpose: str
    term: str
    items: tuple[str, ...]
    cells: int
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class HeldObject:
    """An object of a person; ``size`` in bytes of what was kept."""

    object_id: ObjectId
    purpose: str
    term: str
    item: str
    size: int
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands.

    ``told`` counts the notices that they were shown, ``consents`` those of them that are agreements which stand;
    ``depicted`` the objects of others that show them.
    """

    subject: SubjectId
    state: SubjectState
    since: Instant
    merged_into: SubjectId | None
    holdings: tuple[Holding, ...]
    objects: tuple[HeldObject, ...]
    depicted: int
    told: int
    consents: int

    @property
    def floors(self) -> tuple[Kept, ...]:
        """The floors that keep something today, each once, the one that runs longest first."""
        every = [*(one.kept for one in self.holdings), *(one.kept for one in self.objects)]
        kept = dict.fromkeys(one for one in every if one is not None)
        return tuple(sorted(kept, key=lambda one: (one.until or date.max, one.rule), reverse=True))


def _kept(part: Part) -> Kept | None:
    return Kept(part.rule, part.article, part.until) if part.outcome is Outcome.RETAINED else None


def _holdings(parts: Iterable[Part]) -> tuple[Holding, ...]:
    """Put cells of one kind, purpose, term and floor together."""
    alike: dict[tuple[str, str, str, Kept | None], list[Part]] = {}
    for part in parts:
        alike.setdefault((part.kind, part.purpose, part.term, _kept(part)), []).append(part)
    found = [
        Holding(kind, purpose, term, tuple(sorted({item for one in ones for item in one.items})), len(ones), kept)
        for (kind, purpose, term, kept), ones in alike.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.kind, one.purpose, one.term)))


def _held(row: ObjectRow, kept: Kept | None = None) -> HeldObject:
    return HeldObject(row.object_id, row.purpose, row.term, row.item, row.size, kept)


def standing(workspace: Workspace, token: Token, subject: SubjectId) -> Standing:
    """Return where ``subject`` stands at this moment.

    Raises:
        NotFound: no such person. Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> Standing:
        act = begin(workspace, records, token)
        act.need(*WATCHING)
        _, person = resolve_subject(workspace, records, subject)
        parts = parts_of(workspace, records, act, subject)
        floors = {part.identifier: _kept(part) for part in parts if part.kind == "object"}
        rows = records.cells.objects_of([subject])
        told = workspace.notary.read_all(records.authority.find(AuthorityKind.CONSENT, subject=subject), Consent)
        return Standing(
            subject=subject,
            state=person.state,
            since=person.since,
            merged_into=person.merged_into,
            holdings=_holdings(part for part in parts if part.kind not in {"object", "depiction"}),
            objects=tuple(_held(row, floors.get(row.object_id)) for row in rows),
            depicted=sum(part.kind == "depiction" for part in parts),
            told=len(told),
            consents=sum(consent.stands for consent in told),
        )

    return workspace.data.read(work)


def _asks(card: Card | None, roles: frozenset[str]) -> bool:
    return card is not None and any(not roles.isdisjoint(asking) for asking in card.roles.values())


def list_objects(workspace: Workspace, token: Token, subject: SubjectId) -> list[HeldObject]:
    """Return the objects of ``subject`` of those purposes whose card names a role of the caller; all for who watches.

    Raises:
        NotFound: no such person. Refused: no card names a role of the caller.
    """

    def work(records: Records) -> list[HeldObject]:
        act = begin(workspace, records, token)
        cards = {str(code): card for code, card in standing_engine(workspace, records, "", act.now).cards.items()}
        named = {role for card in cards.values() for asking in card.roles.values() for role in asking}
        act.need(*WATCHING, *sorted(named))
        resolve_subject(workspace, records, subject)
        rows = records.cells.objects_of([subject])
        every = not act.actor.roles.isdisjoint(WATCHING)
        return [_held(row) for row in rows if every or _asks(cards.get(row.purpose), act.actor.roles)]

    return workspace.data.read(work)
