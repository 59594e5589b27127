"""Whether a disclosure is permitted, on the facts of one transaction, and its record in the same transaction.

Decide and record stand here, before any key is fetched (laws 1 and 3); what is then opened, and how it is protected on
its way out, is the affair of ``disclose``, ``disclose_object`` and ``relay``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.request import Grant, Request
from shouxin.approvals.transitions import RequestState
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, end_of_day
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotFound, Refused, RolledBack, Tampered
from shouxin.keys.chain import Chain
from shouxin.keys.custody import OpenChain
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.consenting.carried import carried
from shouxin.operations.retaining.past_use import out_of_use
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form, PurposeCode
from shouxin.policy.consent_demand import SEPARATELY
from shouxin.policy.decision import Decision, Question, Reason
from shouxin.policy.engine import Engine
from shouxin.retention.outlook import Outlook
from shouxin.vault.cell import item_codes
from shouxin.vault.door import RAW, Proposed, Witnessed
from shouxin.vault.records import CellRow, Records, SubjectState

__all__ = [
    "DISCLOSED_FORMS",
    "FEW",
    "FROZEN",
    "MOST_SUBJECTS",
    "USED",
    "AskedFacts",
    "Denied",
    "Judged",
    "Permitted",
    "Wish",
    "check_wish",
    "decide_and_record",
    "facts_of",
    "judge",
    "kept_from_use",
    "kept_only",
    "may_be_shown",
    "record",
    "why_out_of_use",
]

MOST_SUBJECTS: Final = 100_000
# What is of at most so many people is opened at once, before whoever is committed next has their turn.
FEW: Final = 8
USED: Final = frozenset({SubjectState.ACTIVE, SubjectState.MERGED})
# What a law keeps past its use is stored and protected only.
FROZEN: Final = Reason("CN-PIPL-47-2-FROZEN", "PIPL 47(2)")
# ``sealed`` is how data comes in: it permits nobody to see anything.
DISCLOSED_FORMS: Final = frozenset({RAW, "masked", "pseudonymous"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to use: ``purpose`` is empty when they state none; 1 to 100,000 subjects."""

    purpose: str
    items: frozenset[ItemCode]
    subjects: tuple[SubjectId, ...]
    form: Form


def check_wish(wish: Wish, forms: Collection[str] = DISCLOSED_FORMS) -> None:
    """Refuse a wish that no operation could mean.

    Raises:
        Invalid: no people or too many, somebody twice, no items, or an unknown form.
    """
    if not 1 <= len(wish.subjects) <= MOST_SUBJECTS or len(set(wish.subjects)) != len(wish.subjects):
        raise Invalid(f"a disclosure is of 1 to {MOST_SUBJECTS} different people", "subjects")
    if not wish.items:
        raise Invalid("a disclosure names at least one item", "items")
    if wish.form not in forms:
        raise Invalid("nothing is disclosed in this form", "form")


@dataclass(frozen=True, slots=True)
class Denied:
    """A wish that the policy refused; the refusal is on record."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Permitted:
    """A permit on its way to the door: what stands in the transaction, which cells, and what of them is disputed.

    ``chains`` are those of whom the event names, as the commitments were made with them.
    """

    proposed: Proposed
    cells: list[CellRow]
    disputed: dict[SubjectId, frozenset[ItemCode]]
    chains: Mapping[SubjectId, OpenChain] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Way:
    """What a permit opens and whom its event names."""

    named: Witnessed
    purposes: frozenset[str]
    cells: list[CellRow]
    disputed: dict[SubjectId, frozenset[ItemCode]]
    statutory: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A wish as it was judged: the decision, the event that will say so, and what a permit opens; not on record yet.

    ``until`` is when it ends by the clock alone: with the sign-in, the grant or the day, whichever comes first.
    """

    decision: Decision
    event: Event
    until: Instant
    way: _Way | None = None


@dataclass(slots=True)
class AskedFacts:
    """What is so at this moment: the question; what each person disputes of what is asked for; what is only kept.

    ``kept`` are the cells and objects of these people that a floor keeps from erasure: stored and protected only.
    ``grant`` is the one that was asked for and runs.
    """

    question: Question
    disputed: dict[SubjectId, frozenset[ItemCode]]
    kept: set[bytes]
    grant: Grant | None = None


def facts_of(
    workspace: Workspace, records: Records, act: Act, wish: Wish, engine: Engine, card: Card | None
) -> AskedFacts:
    """Gather the facts of this moment.

    What must hold for a disclosure must hold for every person in it.
    """
    consented = separate = notified = guarded = card is not None
    frozen = minor = refused = False
    agreed = frozenset(about.value for about in SEPARATELY)
    disputed: dict[SubjectId, frozenset[ItemCode]] = {}
    kept: set[bytes] = set()
    for subject in wish.subjects:
        if card is None:
            break
        path = person_of(workspace, records, subject)
        kept.update(path[0].kept_only)
        states = {one.state for one in path}
        if not states.isdisjoint({SubjectState.ERASED, SubjectState.ERASING}):
            raise NotFound("there is nothing under one of these identifiers")
        frozen = frozen or SubjectState.FROZEN in states
        refused = refused or any(wish.purpose in one.human_only for one in path)
        if marked := wish.items & {ItemCode(item) for one in path for item in one.disputed}:
            disputed[subject] = marked
        said = carried(workspace, records, act, engine, card, subject)
        notified = notified and said.notified
        consented = consented and said.consented
        separate = separate and said.separate
        agreed &= said.agreed
        minor = minor or said.minor
        guarded = guarded and (said.guardian or not said.minor)
    asks = card is not None and wish.form in card.approval
    grant = _granted(workspace, records, act, wish, card) if card is not None and asks else None
    question = Question(
        roles=act.actor.roles,
        purpose=wish.purpose,
        items=wish.items,
        form=wish.form,
        consented=consented,
        separate_consent=separate,
        notified=notified,
        frozen=frozen,
        minor_under_14=minor,
        guardian_consent=guarded,
        automation_refused=refused,
        agreed=agreed,
        approved=grant is not None,
    )
    return AskedFacts(question, disputed, kept, grant)


def _granted(workspace: Workspace, records: Records, act: Act, wish: Wish, card: Card) -> Grant | None:
    """Return a running grant that was given under the card as it stands and covers all of the wish, or nothing."""
    rows = records.authority.find(AuthorityKind.GRANT, name=act.actor.account.hex())
    for grant in workspace.notary.read_all(rows, Grant):
        if (
            grant.covers(act.actor.account, wish.purpose, wish.form, act.now)
            and grant.is_under(card.version)
            and set(grant.items) >= wish.items
            and set(grant.subjects) >= set(wish.subjects)
        ):
            _check_request(workspace, records, grant)
            return grant
    return None


def _check_request(workspace: Workspace, records: Records, grant: Grant) -> None:
    """Raise ``Tampered`` unless the request of a grant that runs is granted too: they end in one transaction."""
    row = records.authority.get(AuthorityKind.REQUEST, grant.request)
    if row is None or workspace.notary.read(row, Request).state is not RequestState.GRANTED:
        raise Tampered("a grant runs whose request has ended: an old version of it was put back")


def decide_and_record(
    workspace: Workspace, records: Records, token: Token, wish: Wish, shown: Sequence[SubjectId] = ()
) -> Permitted | Denied:
    """Decide on the facts of this transaction and record the decision in it; see ``judge``."""
    return record(records, judge(workspace, records, token, wish, shown))


def judge(workspace: Workspace, records: Records, token: Token, wish: Wish, shown: Sequence[SubjectId] = ()) -> Judged:
    """Decide on the facts that ``records`` shows; nothing is recorded yet, and no key of a cell is fetched.

    ``shown`` are people whom the object at hand depicts beside its own: they are judged and named as well.
    """
    act = begin(workspace, records, token)
    engine = current_engine(workspace, records, wish.purpose, act.now)
    card = engine.cards.get(PurposeCode(wish.purpose))
    may_be_shown(workspace, records, shown, statutory=card is not None and card.statutory)
    facts = facts_of(workspace, records, act, wish, engine, card)
    decision = engine.decide_again(facts.question)
    if not decision.permitted or card is None:
        return _denied(act, engine, decision)
    purposes = frozenset({card.purpose, *card.draws_on})
    told = _Told(workspace, records, act, engine, card)
    cells = _cells(workspace, records, wish, purposes, told)
    if not card.statutory and (stopped := out_of_use(workspace, records, act, engine, wish.purpose, cells, facts.kept)):
        if why := _asked_for(wish, cells, stopped):
            return _denied(act, engine, kept_from_use(decision, why))
        cells = [row for row in cells if row.cell not in stopped]
    event_id = new(EventId)
    about = (*shown, *(row.other for row in cells if row.other is not None))
    try:
        people = list(dict.fromkeys((*wish.subjects, *about)))
        named = workspace.door.witness(people, event_id, _chains(workspace, records, people))
    except NotFound:
        raise RolledBack("somebody who is kept has no key chain: this keyring is older than the data store") from None
    rules: list[str] = [reason.rule for reason in decision.reasons]
    event = act.event(
        EventKind.DISCLOSURE_MADE,
        event_id,
        role=act.actor.acts_as(*card.roles[wish.form]),
        purpose=card.purpose,
        version=card.version,
        items=sorted(wish.items),
        form=wish.form,
        rules=rules,
        members=named.root.hex(),
        count=len(named.members),
        grants=int(wish.form in card.approval),
    )
    way = _Way(named, purposes, cells, facts.disputed, card.statutory)
    return Judged(decision, event, _until(act, engine, facts.grant), way)


def _chains(workspace: Workspace, records: Records, people: Sequence[SubjectId]) -> Mapping[SubjectId, Chain]:
    """Return the key chains of ``people``; of one alone as it was read for all whose works look together."""
    read = workspace.custody.keyring.get
    if len(people) > 1:
        return read(people)
    chain = records.once((read, people[0]), lambda: read(people).get(people[0]))
    return {} if chain is None else {people[0]: chain}


def _until(act: Act, engine: Engine, grant: Grant | None = None) -> Instant:
    """Return the first instant at which the clock alone may end a permit: cards, law and terms count days."""
    ends = [Instant(end_of_day(engine.day) + 1), act.until, None if grant is None else grant.until]
    return min(end for end in ends if end is not None)


def _denied(act: Act, engine: Engine, decision: Decision) -> Judged:
    """Return a refusal with the event that says so."""
    rules: list[str] = [reason.rule for reason in decision.reasons]
    purpose = decision.purpose or "none"
    event = act.event(EventKind.DISCLOSURE_REFUSED, rules=rules, purpose=purpose, form=decision.form)
    return Judged(decision, event, _until(act, engine))


def record(records: Records, judged: Judged) -> Permitted | Denied:
    """Record what was judged, in a transaction in which its facts still stand; what a permit opens is named with it."""
    leaf = records.record(judged.event)
    way = judged.way
    if way is None:
        return Denied(judged.decision)
    named = way.named
    records.cells.add_opening(leaf, named.subjects, named.joined)
    proposed = Proposed(judged.decision, frozenset(named.subjects), way.purposes, leaf, way.statutory)
    return Permitted(proposed, way.cells, way.disputed, named.chains if len(named.subjects) <= FEW else {})


def _asked_for(wish: Wish, cells: Sequence[CellRow], stopped: Mapping[bytes, Outlook]) -> list[Outlook]:
    """Return why those items of the wish are out of use of which nothing newer is in use."""
    open_: set[tuple[SubjectId, ItemCode]] = set()
    shut: dict[tuple[SubjectId, ItemCode], Outlook] = {}
    for row in cells:
        said = {(row.subject, item): stopped.get(row.cell) for item in wish.items.intersection(item_codes(row.sealed))}
        open_.update(one for one, why in said.items() if why is None)
        shut.update({one: why for one, why in said.items() if why is not None})
    return [why for one, why in shut.items() if one not in open_]


def kept_from_use(decision: Decision, why: Collection[Outlook]) -> Decision:
    """Return a permit as the refusal that it is for what is out of use; the reasons say why."""
    return replace(decision, permitted=False, reasons=why_out_of_use(why))


def why_out_of_use(why: Collection[Outlook]) -> tuple[Reason, ...]:
    """Return the reasons for which something is read no more: what keeps it (PIPL 47(2)), or why it must go (47(1))."""
    kept = [Reason(one.kept.rule, one.kept.article) for one in why if one.kept is not None]
    due = [Reason(one.cause.rule, one.cause.article) for one in why if one.kept is None]
    return tuple(dict.fromkeys([*([FROZEN] if kept else []), *kept, *due]))


def may_be_shown(workspace: Workspace, records: Records, shown: Sequence[SubjectId], *, statutory: bool) -> None:
    """Refuse to show an object that depicts somebody whose data is only stored and protected.

    Somebody who was erased is still depicted: the object is retained, and their erasure says so.
    """
    for subject in shown:
        if records.authority.get(AuthorityKind.SUBJECT, subject) is None:
            continue
        states = {one.state for one in person_of(workspace, records, subject)}
        if not statutory and SubjectState.FROZEN in states:
            raise Refused("this object shows somebody who is frozen", [(FROZEN.rule, FROZEN.article)])


class _Told:
    """Says whether what one person states about another may be used: the other was told of it, and agreed if asked.

    **Source:** PIPL 17(1), 13(1)(1). A duty of the law, and the purpose that delivers the notice, need no notice first.
    """

    def __init__(self, workspace: Workspace, records: Records, act: Act, engine: Engine, card: Card) -> None:
        self._place = (workspace, records, act, engine)
        self._cards = engine.cards
        self.card = card

    def may_serve(self, row: CellRow, other: SubjectId) -> bool:
        """Say whether ``row``, which is about ``other`` too, may serve the purpose."""
        if self.card.statutory or self.card.delivers_notice:
            return True
        source = self._cards.get(PurposeCode(row.purpose))
        if source is None:
            return False
        said = carried(*self._place, source, other)
        return said.notified and (said.consented or source.lawful_basis != "consent")


def _cells(workspace: Workspace, records: Records, wish: Wish, purposes: frozenset[str], told: _Told) -> list[CellRow]:
    """Return what a permit opens. What is stated about somebody else goes along only while their data may be used."""
    statutory = told.card.statutory

    def may_go(row: CellRow) -> bool:
        if row.other is None:
            return True
        if wish.items.isdisjoint(item_codes(row.sealed)) or not told.may_serve(row, row.other):
            return False
        states = {one.state for one in person_of(workspace, records, row.other)}
        return states <= (USED | {SubjectState.FROZEN} if statutory else USED)

    return [row for row in records.cells.cells_of(wish.subjects) if row.purpose in purposes and may_go(row)]


def kept_only(workspace: Workspace, records: Records, subjects: Sequence[SubjectId]) -> set[bytes]:
    """Return the cells and objects of some people that a floor keeps from erasure: stored and protected only."""
    found = (person_of(workspace, records, subject)[0].kept_only for subject in subjects)
    return {identifier for identifiers in found for identifier in identifiers}
