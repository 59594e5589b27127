"""What a card would change, before it is adopted: consents, grants, retention, and who may do what (PIPL 14(2))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shouxin.actors.account import Token
from shouxin.approvals.request import Grant
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.workspace import Workspace
from shouxin.policy.adoption import widens
from shouxin.policy.card import Card, Term, read_card
from shouxin.retention.shortened import term_name
from shouxin.vault.records import Records

__all__ = ["Changed", "Impact", "TermChange", "impact_of"]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a list of the card gains and loses; ``name`` is the field."""

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
    information change (PIPL 14(2)). ``grants`` counts running grants, ``void`` those of them that would cover nothing.
    """

    purpose: str
    version: int
    new: bool
    consents: int
    asked_again: int
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
        before = current_engine(workspace, records, "", act.now).cards.get(card.purpose)
        changed = () if before is None else tuple(one for one in _lists(before, card) if one.gains or one.loses)
        standing = _standing(workspace, records, card.purpose)
        again = before is not None and widens(before, card)
        grants = _running(workspace, records, card.purpose, act.now)
        return Impact(
            purpose=card.purpose,
            version=card.version,
            new=before is None,
            consents=standing,
            asked_again=standing if again else 0,
            grants=len(grants),
            void=sum(one.form not in card.roles or not set(one.items) <= set(card.items) for one in grants),
            changed=changed,
            terms=tuple(_terms(before, card, records.cells.count_cells(card.purpose))),
        )

    return workspace.data.read(work)


def _lists(before: Card, after: Card) -> Iterable[Changed]:
    def roles(card: Card) -> set[str]:
        return {f"{form}: {role}" for form, named in card.roles.items() for role in named}

    yield _changed("items", before.items, after.items)
    yield _changed("forms", before.roles, after.roles)
    yield _changed("roles", roles(before), roles(after))
    yield _changed("recipients", before.recipients, after.recipients)
    yield _changed("locations", before.locations, after.locations)
    yield _changed("draws_on", before.draws_on, after.draws_on)


def _changed(name: str, before: Iterable[str], after: Iterable[str]) -> Changed:
    had, has = set(before), set(after)
    return Changed(name, tuple(sorted(has - had)), tuple(sorted(had - has)))


def _standing(workspace: Workspace, records: Records, purpose: str) -> int:
    rows = records.authority.find(AuthorityKind.CONSENT, name=purpose)
    return len({one.subject for one in workspace.notary.read_all(rows, Consent) if one.stands})


def _running(workspace: Workspace, records: Records, purpose: str, now: Instant) -> list[Grant]:
    grants = workspace.notary.read_all(records.authority.find(AuthorityKind.GRANT), Grant)
    return [one for one in grants if one.purpose == purpose and not one.ended and now < one.until]


def _terms(before: Card | None, after: Card, cells: Mapping[str, int]) -> Iterable[TermChange]:
    had = {} if before is None else before.retention
    for name in sorted({*had, *after.retention}):
        was, will = had.get(name), after.retention.get(name)
        if was == will:
            continue
        stays = () if was is None else tuple(one for one in was.floors if will is None or one not in will.floors)
        kept = sum(count for term, count in cells.items() if term_name(term) == name)
        yield TermChange(name, was, will, kept, stays)
