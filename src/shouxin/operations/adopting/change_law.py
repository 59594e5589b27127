"""Adopt the law pack of this program, after seeing what it changes: rules, and what rests on them.

A card names floors of the pack by id. A pack without one of them is not adopted: what is kept under that floor could
not be judged any more, so the program before is the one to use until a pack has the rule again (rules end by date).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shouxin.actors.account import ROLES, Token
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import NOTHING_BEFORE, Act, begin, row_facts
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.adopting.counted import cells_by_term, running_grants, standing_consents
from shouxin.operations.adopting.recipients import register_in
from shouxin.operations.adopting.standing_law import law_in_force, law_row, write_law
from shouxin.operations.workspace import Workspace
from shouxin.policy.adopted_law import AdoptedLaw, KnownRule, RuleChange, rule_changes
from shouxin.policy.card import Card
from shouxin.policy.consent_demand import consent_needed
from shouxin.policy.institution_facts import facts_digest
from shouxin.policy.lint import Remark, Severity, lint
from shouxin.vault.records import Records

__all__ = ["CardConcerned", "FloorChange", "LawImpact", "adopt_law", "law_impact"]


@dataclass(frozen=True, slots=True)
class FloorChange:
    """A floor that a term names and that changes: as it was and would be; ``cells`` are what is kept under the term."""

    term: str
    rule: str
    before: KnownRule | None
    after: KnownRule | None
    cells: int


@dataclass(frozen=True, slots=True)
class CardConcerned:
    """An adopted card that another pack concerns.

    ``deciding`` are changed rules that take part in its decisions, ``consent`` those that demand its consents;
    ``consents`` people who agreed, ``grants`` running grants: each goes on and is judged by the new rules. ``floors``
    are retention terms whose floor changes. ``faults`` are what the review of the card calls an error under the pack;
    ``missing`` floors that the pack has no more: with one of them it cannot be adopted.
    """

    purpose: str
    version: int
    deciding: tuple[str, ...]
    consent: tuple[str, ...]
    consents: int
    grants: int
    floors: tuple[FloorChange, ...]
    missing: tuple[str, ...]
    faults: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class LawImpact:
    """What adopting the pack of this program would change; ``waits``: it is not adopted, and nothing is decided.

    ``facts`` are what the institution says of itself in its settings, and said when it adopted (``facts_before``).
    """

    region: str
    version: str
    digest: str
    before: str
    waits: bool
    rules: tuple[RuleChange, ...]
    cards: tuple[CardConcerned, ...]
    facts_before: dict[str, bool | int]
    facts: dict[str, bool | int]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the rules that adopted cards name and that the pack does not have."""
        return tuple(sorted({name for card in self.cards for name in card.missing}))


def law_impact(workspace: Workspace, token: Token) -> LawImpact:
    """Return what adopting the pack of this program would change; nothing is changed.

    Raises:
        Refused, NotSignedIn: the caller is neither officer nor auditor. Tampered: a row was changed.
    """

    def work(records: Records) -> LawImpact:
        act = begin(workspace, records, token)
        act.need("dpo", "auditor")
        return _impact(workspace, records, act)

    return workspace.data.read(work)


def adopt_law(workspace: Workspace, token: Token) -> LawImpact:
    """Adopt the pack of this program; from this commit on decisions are made by it. Returns what that changed.

    Raises:
        Invalid: the pack lacks a floor that an adopted card names; nothing was adopted.
        NotInThisState: it is the adopted one already. Refused, NotSignedIn: the caller is no data-protection officer.
    """

    def work(records: Records) -> LawImpact:
        act = begin(workspace, records, token)
        act.need("dpo")
        found = _impact(workspace, records, act)
        if not found.waits:
            raise NotInThisState("the law pack of this program is adopted already")
        if found.missing:
            named = ", ".join(found.missing)
            raise Invalid(f"the pack lacks floors that adopted cards name: {named}; use one that has them", "law pack")
        before = law_row(records)
        row = write_law(workspace, before, act.now)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.LAW_ADOPTED,
                role="dpo",
                region=workspace.pack.region,
                release=workspace.pack.version,
                pack=workspace.pack.digest,
                replaced=found.before or NOTHING_BEFORE,
                **row_facts(row, before),
            )
        )
        if found.facts != found.facts_before:
            said, replaced = facts_digest(found.facts), facts_digest(found.facts_before)
            records.record(act.event(EventKind.FACTS_SAID, role="dpo", said=said, replaced=replaced))
        return found

    return workspace.data.transact(work).value


def _impact(workspace: Workspace, records: Records, act: Act) -> LawImpact:
    before, pack = law_in_force(workspace, records), workspace.pack
    changes = rule_changes(before, pack)
    concerned = _concerned(workspace, records, act, before, {one.rule: one for one in changes})
    return LawImpact(
        region=pack.region,
        version=pack.version,
        digest=pack.digest,
        before="" if before is None else before.digest,
        waits=before is None or not before.is_of(pack, workspace.institution.facts),
        facts_before={} if before is None else before.facts,
        facts=dict(workspace.institution.facts),
        rules=changes,
        cards=tuple(concerned),
    )


def _concerned(
    workspace: Workspace, records: Records, act: Act, before: AdoptedLaw | None, changes: Mapping[str, RuleChange]
) -> Iterable[CardConcerned]:
    """Yield every adopted card that a changed rule concerns, or that would not be adopted under the pack."""
    engine = standing_engine(workspace, records, "", act.now)
    register, today = register_in(workspace, records), local_date(act.now)
    deciding = tuple(one.rule for one in changes.values() if one.decides)
    for purpose, versions in sorted(engine.versions.items()):
        card, cells = versions[-1], cells_by_term(records, purpose)
        named = {(name, floor) for one in versions for name, term in one.retention.items() for floor in term.floors}
        floors = tuple(
            FloorChange(name, floor, changes[floor].before, changes[floor].after, cells[name])
            for name, floor in sorted(named)
            if floor in changes
        )
        found = lint(card, workspace.pack, engine.cards, today, ROLES, register, workspace.institution.facts)
        one = CardConcerned(
            purpose,
            card.version,
            deciding,
            _demanded(workspace, card, act, changes),
            len(standing_consents(workspace, records, purpose)),
            len(running_grants(workspace, records, purpose, act.now)),
            floors,
            tuple(sorted({floor for _, floor in named if floor not in workspace.pack.by_id})),
            tuple(remark for remark in found if remark.severity is Severity.ERROR),
        )
        if before is None or one.deciding or one.consent or one.floors or one.missing or one.faults:
            yield one


def _demanded(workspace: Workspace, card: Card, act: Act, changes: Mapping[str, RuleChange]) -> tuple[str, ...]:
    """Return the changed rules that demand a consent for ``card``; a demand whose rule is gone is not made any more."""
    needed = consent_needed(card, workspace.pack, local_date(act.now))
    return tuple(dict.fromkeys(str(one.rule) for one in needed if one.rule in changes))
