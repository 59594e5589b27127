"""What a card would change, before it is adopted: consents, grants, retention, and who may do what (PIPL 14(2))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from shouxin.actors.account import Token
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.adopting.counted import cells_by_term, running_grants, standing_consents
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import asks_again, widened
from shouxin.policy.card import Card, Form, Term, read_card
from shouxin.vault.records import Records

__all__ = ["Changed", "Impact", "TermChange", "impact_of"]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a field of the card gains and loses; ``name`` is the field. One value in place of another is both."""

    name: str
    gains: tuple[str, ...]
    loses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermChange:
    """One retention term: what it said, what it would say (nothing: it is not there), and how many cells it keeps.

    ``keeps_floors`` are floors that the new text leaves out and that go on holding for what is kept already.
    """

    name: str
    before: Term | None
    after: Term | None
    cells: int
    keeps_floors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What adopting a card would do now.

    ``asked_again`` counts people whose consent to the version before no longer fits: purpose, manner or kinds of
    information change (PIPL 14(2)), ``because`` of these fields. ``grants`` counts running grants, ``void`` those of
    them that would cover nothing.
    """

    purpose: str
    version: int
    new: bool
    consents: int
    asked_again: int
    because: tuple[str, ...]
    grants: int
    void: int
    changed: tuple[Changed, ...]
    terms: tuple[TermChange, ...]


def impact_of(workspace: Workspace, token: Token, text: str, file: str = "card") -> Impact:
    """Return what adopting the card ``text`` would change; nothing is changed.

    Raises:
        Invalid: the card does not read. Refused, NotSignedIn: the caller is neither officer nor auditor.
    """
    card, _ = read_card(text, file)

    def work(records: Records) -> Impact:
        act = begin(workspace, records, token)
        act.need("dpo", "auditor")
        engine = standing_engine(workspace, records, "", act.now)
        before = engine.cards.get(card.purpose)
        changed = () if before is None else tuple(one for one in _changes(before, card) if one.gains or one.loses)
        standing = standing_consents(workspace, records, card.purpose)
        versions = (*engine.versions.get(card.purpose, ()), card)
        grants = running_grants(workspace, records, card.purpose, act.now)
        return Impact(
            purpose=card.purpose,
            version=card.version,
            new=before is None,
            consents=len(standing),
            asked_again=sum(all(asks_again(versions, shown) for shown in every) for every in standing.values()),
            because=() if before is None else widened(before, card),
            grants=len(grants),
            void=sum(not one.is_under(card.version) for one in grants),
            changed=changed,
            terms=tuple(_terms(before, card, cells_by_term(records, card.purpose))),
        )

    return workspace.data.read(work)


def _changes(before: Card, after: Card) -> Iterable[Changed]:
    """Yield what becomes of every field but the version and the terms, which ``TermChange`` tells."""
    yield _changed("items", before.items, after.items)
    yield _changed("forms", before.roles, after.roles)
    yield _changed("roles", _each(before.roles), _each(after.roles))
    yield _changed("approval", _chains(before), _chains(after))
    yield _changed("contracts", before.contracts.items(), after.contracts.items())
    told = {"items", "roles", "approval", "contracts", "retention", "version", "purpose"}
    for name in Card.__struct_fields__:
        was, now = getattr(before, name), getattr(after, name)
        if name in told:
            continue
        if isinstance(was, tuple):
            yield _changed(name, was, now)
        elif was != now:
            yield Changed(name, (_said(now),), (_said(was),))


def _each(listed: Mapping[Form, Iterable[str]]) -> set[str]:
    return {f"{form}: {one}" for form, named in listed.items() for one in named}


def _chains(card: Card) -> set[str]:
    """Return who must agree to each form, and for how long, as one line a form."""
    return {
        f"{form}: {', then '.join(f'{level.quorum} x {level.role}' for level in chain.levels)}"
        f" within {chain.request_hours} h, for {chain.grant_minutes} min"
        for form, chain in card.approval.items()
    }


def _said(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value, order="deterministic").decode()


def _changed(name: str, before: Iterable[str | tuple[str, str]], after: Iterable[str | tuple[str, str]]) -> Changed:
    had, has = ({one if isinstance(one, str) else " ".join(one) for one in every} for every in (before, after))
    return Changed(name, tuple(sorted(has - had)), tuple(sorted(had - has)))


def _terms(before: Card | None, after: Card, cells: Mapping[str, int]) -> Iterable[TermChange]:
    had = {} if before is None else before.retention
    for name in sorted({*had, *after.retention}):
        was, will = had.get(name), after.retention.get(name)
        if was == will:
            continue
        stays = () if was is None else tuple(one for one in was.floors if will is None or one not in will.floors)
        yield TermChange(name, was, will, cells.get(name, 0), stays)
