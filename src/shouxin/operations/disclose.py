"""Disclose: use personal information for a stated purpose, in a stated form (laws 1 and 3).

The four steps stand in their order, with *record* before *act*, as law 1 demands: decide and record in one
transaction, so that no permit is staler than its record; then the door opens; then what leaves is protected.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.actors.account import Token
from shouxin.approvals.request import Grant
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import EventKind
from shouxin.domain.identifiers import EventId, ObjectId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Refused, RolledBack
from shouxin.operations.acting import Act, begin
from shouxin.operations.cards import current_engine
from shouxin.operations.carried import carried
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form, PurposeCode
from shouxin.policy.decision import Decision, Question
from shouxin.policy.engine import Engine
from shouxin.protection.masks import mask
from shouxin.protection.pseudonym import Pseudonymiser
from shouxin.vault.cell import item_codes
from shouxin.vault.door import RAW, Proposed, Recorded
from shouxin.vault.records import CellRow, ObjectRow, Records, SubjectState

__all__ = ["Denied", "Disclosed", "Wish", "check_wish", "decide_and_record", "disclose", "disclose_object"]


MOST_SUBJECTS: Final = 100_000
_USED: Final = frozenset({SubjectState.ACTIVE, SubjectState.MERGED})
# ``sealed`` is how data comes in: it permits nobody to see anything.
DISCLOSED_FORMS: Final = frozenset({RAW, "masked", "pseudonymous"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to use: ``purpose`` is empty when they state none; 1 to 100,000 subjects."""

    purpose: str
    items: frozenset[ItemCode]
    subjects: tuple[SubjectId, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What came through the door, and where the ledger holds it. Raw values are ``Plaintext``, others safe text.

    ``statements`` are what one of these people (first) stated about another (second), who is named in the event too.
    """

    leaf: int
    decision: Decision
    values: Mapping[SubjectId, Mapping[ItemCode, Plaintext | str]]
    statements: Mapping[tuple[SubjectId, SubjectId], Mapping[ItemCode, Plaintext | str]]


@dataclass(frozen=True, slots=True)
class Denied:
    """A wish that the policy refused; the refusal is on record."""

    decision: Decision


def _facts(workspace: Workspace, records: Records, act: Act, wish: Wish, engine: Engine, card: Card | None) -> Question:
    """Gather the facts of this moment. What must hold for a disclosure must hold for every person in it."""
    consented = separate = notified = card is not None
    frozen = False
    for subject in wish.subjects:
        if card is None:
            break
        states = {one.state for one in person_of(workspace, records, subject)}
        if not states.isdisjoint({SubjectState.ERASED, SubjectState.ERASING}):
            raise NotFound("there is nothing under one of these identifiers")
        frozen = frozen or SubjectState.FROZEN in states
        said = carried(workspace, records, act, engine, card, subject)
        notified = notified and said.notified
        consented = consented and said.consented
        separate = separate and said.separate
    return Question(
        roles=act.actor.roles,
        purpose=wish.purpose,
        items=wish.items,
        form=wish.form,
        consented=consented,
        separate_consent=separate,
        notified=notified,
        frozen=frozen,
        approved=card is not None and wish.form in card.approval and _granted(workspace, records, act, wish, card),
    )


def _granted(workspace: Workspace, records: Records, act: Act, wish: Wish, card: Card) -> bool:
    """Say whether a running grant, given under the card as it stands, covers all of the wish."""
    rows = records.authority.find(AuthorityKind.GRANT, name=act.actor.account.hex())
    for grant in workspace.notary.read_all(rows, Grant):
        if (
            grant.covers(act.actor.account, wish.purpose, wish.form, act.now)
            and grant.version == card.version
            and set(grant.items) >= wish.items
            and set(grant.subjects) >= set(wish.subjects)
        ):
            return True
    return False


def decide_and_record(
    workspace: Workspace, records: Records, token: Token, wish: Wish, shown: Sequence[SubjectId] = ()
) -> tuple[Proposed, list[CellRow]] | Denied:
    """Decide on the facts of this transaction and record the decision in it.

    ``shown`` are people whom the object at hand depicts beside its own: they are judged and named as well.
    """
    act = begin(workspace, records, token)
    engine = current_engine(workspace, records, wish.purpose, act.now)
    card = engine.cards.get(PurposeCode(wish.purpose))
    _may_be_shown(workspace, records, shown, statutory=card is not None and card.statutory)
    decision = engine.decide_again(_facts(workspace, records, act, wish, engine, card))
    rules: list[str] = [reason.rule for reason in decision.reasons]
    if not decision.permitted or card is None:
        purpose = decision.purpose or "none"
        records.record(act.event(EventKind.DISCLOSURE_REFUSED, rules=rules, purpose=purpose, form=wish.form))
        return Denied(decision)
    purposes = frozenset({card.purpose, *card.draws_on})
    cells = _cells(workspace, records, wish, purposes, statutory=card.statutory)
    event_id = new(EventId)
    about = (*shown, *(row.other for row in cells if row.other is not None))
    try:
        named = workspace.door.witness(list(dict.fromkeys((*wish.subjects, *about))), event_id)
    except NotFound:
        raise RolledBack("somebody who is kept has no key chain: this keyring is older than the data store") from None
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
    leaf = records.record(event)
    records.cells.add_opening(leaf, named.subjects, named.joined)
    return Proposed(decision, frozenset(named.subjects), purposes, leaf, card.statutory), cells


def _may_be_shown(workspace: Workspace, records: Records, shown: Sequence[SubjectId], *, statutory: bool) -> None:
    """Refuse to show an object that depicts somebody whose data is only stored and protected.

    Somebody who was erased is still depicted: the object is retained, and their erasure says so.
    """
    for subject in shown:
        if records.authority.get(AuthorityKind.SUBJECT, subject) is None:
            continue
        states = {one.state for one in person_of(workspace, records, subject)}
        if not statutory and SubjectState.FROZEN in states:
            raise Refused("this object shows somebody who is frozen", [("CN-PIPL-47-2-FROZEN", "PIPL 47(2)")])


def _cells(
    workspace: Workspace, records: Records, wish: Wish, purposes: frozenset[str], *, statutory: bool
) -> list[CellRow]:
    """Return what a permit opens. What is stated about somebody else goes along only while their data may be used."""
    kept = set() if statutory else _kept_only(workspace, records, wish.subjects)

    def may_go(row: CellRow) -> bool:
        if row.cell in kept:
            return False
        if row.other is None:
            return True
        if wish.items.isdisjoint(item_codes(row.sealed)):
            return False
        states = {one.state for one in person_of(workspace, records, row.other)}
        return states <= (_USED | {SubjectState.FROZEN} if statutory else _USED)

    return [row for row in records.cells.cells_of(wish.subjects) if row.purpose in purposes and may_go(row)]


def _kept_only(workspace: Workspace, records: Records, subjects: Sequence[SubjectId]) -> set[bytes]:
    """Return the cells and objects of some people that a floor keeps from erasure: stored and protected only."""
    found = (person_of(workspace, records, subject)[0].kept_only for subject in subjects)
    return {identifier for identifiers in found for identifier in identifiers}


def disclose(workspace: Workspace, token: Token, wish: Wish) -> Disclosed:
    """Use items of people for a purpose; return them in the form that was asked for and permitted.

    On return the event is durable; for raw values a signed checkpoint that covers it is on the shelf. A refusal is
    recorded too.

    Raises:
        Refused: the policy denies; carries rules and articles.
        NotFound: an unknown or erased person.
        NotSignedIn, Tampered: see ``operations.acting``.
    """
    check_wish(wish)
    committed = workspace.data.transact(
        lambda records: decide_and_record(workspace, records, token, wish), covered=wish.form == RAW
    )
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    proposed, cells = committed.value
    recorded = Recorded(proposed, committed.size, committed.covered)
    try:
        opened = workspace.door.open(recorded, cells)
    except NotFound:
        _explain_missing_key(workspace, cells)
        raise
    return Disclosed(
        proposed.leaf,
        proposed.decision,
        {who: _protect(workspace, wish, of) for who, of in opened.values.items()},
        {pair: _protect(workspace, wish, of) for pair, of in opened.statements.items()},
    )


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


def _explain_missing_key(workspace: Workspace, cells: list[CellRow]) -> None:
    """Tell an erasure that came between record and opening from a keyring that is too old.

    Raises:
        RolledBack: the rows still stand and nobody is being erased, so their keys should be there.
    """

    def stands(records: Records) -> bool:
        still = {row.cell for row in records.cells.cells_of(list({row.subject for row in cells}))}
        people = {row.subject for row in cells} | {row.other for row in cells if row.other is not None}
        states = {one.state for who in people for one in person_of(workspace, records, who)}
        return all(row.cell in still for row in cells) and states <= _USED | {SubjectState.FROZEN}

    if workspace.data.read(stands):
        raise RolledBack("a cell that stands has no key: this keyring is older than the data store")


def _protect(
    workspace: Workspace, wish: Wish, values: Mapping[ItemCode, Plaintext]
) -> Mapping[ItemCode, Plaintext | str]:
    """Bring opened values into the form that was permitted."""
    if wish.form == RAW:
        return values
    if wish.form == "pseudonymous":
        pseudonymiser = Pseudonymiser(workspace.custody.service("index.prf"), wish.purpose)
        return {item: pseudonymiser.pseudonym(item, value) for item, value in values.items()}
    return {item: mask(item, value).text for item, value in values.items()}


def disclose_object(
    workspace: Workspace, token: Token, wish: Wish, object_id: ObjectId
) -> tuple[int, Iterator[Plaintext]]:
    """Use one object raw: return its leaf in the ledger and its chunks; conditions as for ``disclose``."""

    def work(records: Records) -> tuple[Proposed, list[ObjectRow]] | Denied:
        shown = [one for one in records.cells.depicted_in(object_id) if one not in wish.subjects]
        result = decide_and_record(workspace, records, token, wish, shown)
        if isinstance(result, Denied):
            return result
        rows = [row for row in records.cells.objects_of(wish.subjects) if row.object_id == object_id]
        if rows and object_id in _kept_only(workspace, records, wish.subjects) and not result[0].statutory:
            raise Refused("this object is stored and protected only", [("CN-PIPL-47-2-FROZEN", "PIPL 47(2)")])
        return result[0], rows

    check_wish(wish)
    if wish.form != RAW:
        raise Invalid("an object is shown raw or not at all", "form")
    committed = workspace.data.transact(work, covered=True)
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    proposed, rows = committed.value
    if not rows:
        raise NotFound("there is no such object under this person")
    recorded = Recorded(proposed, committed.size, committed.covered)
    return proposed.leaf, workspace.door.open_object(recorded, rows[0])
