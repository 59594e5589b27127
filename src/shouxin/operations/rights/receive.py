"""Receive what a person asks, objects to, complains of or reports (PIPL 50; 网络数据安全管理条例 20, 23).

Anybody may file: a customer, somebody whom a customer named, or somebody of whom nothing is kept. A person is looked
for by any of their identifiers, each look-up recorded as any other. What they wrote is sealed under their own key and
hashed as it was received; clocks start at once, before anybody has looked into the matter. What protects the person
while it is looked into (a mark, an end to automated decisions) takes effect with the receipt, and is lifted when it was
refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import RightId, SubjectId, new
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.opening.look_up import look_up
from shouxin.operations.rights.clocks import begin_clocks
from shouxin.operations.rights.desk import load, named, of_person, record_change, write
from shouxin.operations.rights.evidence import STATEMENT, HandedIn, with_evidence
from shouxin.operations.rights.marks import mark_within
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.rights.kinds import ERASING, OF_ANYBODY, Capacity, RightKind, shown_for
from shouxin.rights.request import Evidence, RightRequest, join
from shouxin.rights.transitions import RightEvent, RightState
from shouxin.vault.records import Records, SubjectState

__all__ = ["ANSWERING", "Received", "RightFiling", "as_pieces", "find_person", "hand_in", "receive"]

ANSWERING: Final = "rights.answer"
_ANYWHERE: Final = (ItemCode("contact.mobile"), ItemCode("emergency.mobile"))


@dataclass(frozen=True, slots=True)
class RightFiling:
    """What somebody files.

    ``subject`` is whose data it is about, nothing where nobody was found (complaints only). ``about`` are items or
    purposes, by their codes (empty: all), of a deletion purposes only. ``pieces`` are what they wrote and handed in.
    ``is_complex``: a complaint that takes longer by law. ``channel`` is a code such as ``branch``, ``phone``,
    ``portal``. ``right`` is under what the caller wants it to be known: filing again under the same changes nothing, so
    a caller that was killed may retry.
    """

    kind: RightKind
    subject: SubjectId | None
    channel: str
    pieces: HandedIn = ()
    about: tuple[str, ...] = ()
    capacity: Capacity = Capacity.SELF
    is_complex: bool = False
    right: RightId | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it was taken in; ``is_joined`` if the same was asked before and is owed still."""

    right: RightId
    request: RightRequest
    is_joined: bool


def find_person(workspace: Workspace, token: Token, known: Mapping[ItemCode, Plaintext]) -> dict[SubjectId, int]:
    """Return whom any of ``known`` leads to, with how many of them do; also where another named them as a contact.

    Each look-up is recorded and counted. An item that the card of ``rights.answer`` does not list is not looked for.

    Raises:
        Refused: another role, or too many look-ups in this hour. Invalid: none of these items is looked for.
    """

    def listed(records: Records) -> frozenset[ItemCode]:
        engine = standing_engine(workspace, records, ANSWERING, workspace.now(records))
        card = engine.cards.get(PurposeCode(ANSWERING))
        return frozenset() if card is None else frozenset(card.items)

    items = workspace.data.read(listed)
    wanted: dict[tuple[ItemCode, bytes], ItemCode] = {}
    for item, value in known.items():
        for one in _ANYWHERE if item in _ANYWHERE else (item,):
            if one in items:
                wanted[one, workspace.tagger.inner(one, value.text())] = item
    if not wanted:
        raise Invalid("none of these items is looked for to answer people", "known")
    found: dict[SubjectId, set[ItemCode]] = {}
    asked: set[bytes] = set()
    for (one, tag), item in wanted.items():
        if tag in asked:  # both kinds of number have one tag: what one finds the other does
            continue
        asked.add(tag)
        for subject in look_up(workspace, token, ANSWERING, one, known[item]):
            found.setdefault(subject, set()).add(item)
    return {subject: len(matched) for subject, matched in found.items()}


def receive(workspace: Workspace, token: Token, filing: RightFiling) -> Received:
    """Take a request in, or join it to one that asked the same and is owed still.

    Durable on return: what was handed in is sealed and hashed, clocks run, and what protects the person meanwhile is in
    effect. The caller's role must be one that the card of ``rights.evidence`` lets take such things in.

    Raises:
        Invalid: nobody can ask this in that capacity, nothing says what it is about, or who it is about.
        NotFound: no such person. Refused, NotSignedIn: the caller may not.
    """
    _check(filing)
    own = filing.capacity is Capacity.SELF
    about = None if filing.subject is None else _whose(workspace, filing.subject)
    key = about if own else None
    if key is None and not filing.pieces:
        raise Invalid("somebody who is not known here says something", "pieces")
    fresh = filing.right or new(RightId)
    if filing.right is not None and (stands := workspace.data.read(lambda seen: _standing(workspace, seen, fresh))):
        return Received(fresh, stands, is_joined=False)

    def work(records: Records, act: Act, filer: SubjectId, evidence: tuple[Evidence, ...]) -> Received:
        act.need("rights_desk", "dpo")
        subject = filer if about is None else about
        earlier = _same(workspace, records, filing, subject)
        if earlier is not None:
            before, request = load(workspace, records, earlier)
            joined = _with_clocks(workspace, join(request, evidence), filing, act)
            record_change(workspace, records, act, (earlier, before), joined, RightEvent.JOIN.value)
            return Received(earlier, joined, is_joined=True)
        _check_about(workspace, records, act, filing)
        request = RightRequest(
            kind=filing.kind,
            state=RightState.RECEIVED,
            subject=subject,
            filer=filer,
            capacity=filing.capacity,
            channel=filing.channel,
            received=act.now,
            clocks=begin_clocks(workspace.pack, filing.kind, act.now, is_complex=filing.is_complex),
            evidence=evidence,
            about=filing.about,
        )
        request = replace(request, about=mark_within(workspace, records, act, request))
        _record(workspace, records, act, fresh, request)
        return Received(fresh, request, is_joined=False)

    return with_evidence(workspace, token, key, filing.pieces, work)


def _standing(workspace: Workspace, records: Records, right: RightId) -> RightRequest | None:
    """Return what was filed under this identifier before, if anything was."""
    known = records.authority.get(AuthorityKind.RIGHT, right) is not None
    return load(workspace, records, right)[1] if known else None


def _check(filing: RightFiling) -> None:
    shown_for(filing.kind, filing.capacity)
    if filing.subject is None and filing.kind not in OF_ANYBODY:
        raise Invalid("this is asked about somebody of whom something is kept", "subject")
    if filing.kind in {RightKind.COMPLAIN, RightKind.REPORT_LEAK} and STATEMENT not in {
        item for item, _ in filing.pieces
    }:
        raise Invalid("a complaint or report says something", "pieces")
    if filing.kind is RightKind.OBJECT_CREDIT and not filing.about:
        raise Invalid("an objection names the items that are wrong or incomplete", "about")


def _check_about(workspace: Workspace, records: Records, act: Act, filing: RightFiling) -> None:
    """Refuse words that are neither an item nor an adopted purpose: such a mark would never be shown.

    What is deleted is named by purposes: an item alone is no scope of an order, nor of an erasure.
    """
    cards = standing_engine(workspace, records, "", act.now).cards
    items = taxonomy().items
    for word in filing.about:
        if filing.kind in ERASING and word in items:
            own = (code for code, card in cards.items() if word in card.items and not card.draws_on)
            keep = ", ".join(sorted(own)) or "no purpose of its own"
            instead = f"a deletion is about purposes ({word} is kept for {keep}): name them, or none for everything"
            raise Invalid(instead, "about")
        known = word in items if filing.kind is RightKind.OBJECT_CREDIT else word in items or word in cards
        if not known:
            raise Invalid("this is no item or purpose that is known here", "about")


def _whose(workspace: Workspace, subject: SubjectId) -> SubjectId:
    """Return the record that stands for the person, who must not be erased."""

    def work(records: Records) -> SubjectId:
        last = person_of(workspace, records, subject)[-1]
        if last.state in {SubjectState.ERASED, SubjectState.ERASING}:
            raise NotFound("there is nothing under this identifier any more")
        return last.subject

    return workspace.data.read(work)


def _same(workspace: Workspace, records: Records, filing: RightFiling, subject: SubjectId) -> RightId | None:
    """Return what was asked before about this person and is owed still, if this filing asks nothing beyond it.

    To delete and to close an account ask for one erasure. What somebody asks in one capacity (a relative, an agent, a
    guardian) is joined to what was asked in the same: the matter is one, whoever of them shows the papers. Two
    complaints are two matters.
    """
    if filing.kind in OF_ANYBODY:
        return None
    for right, request in of_person(workspace, records, subject):
        kinds = ERASING if filing.kind in ERASING else frozenset({filing.kind})
        alike = request.kind in kinds and request.capacity is filing.capacity
        covers = not request.about or (bool(filing.about) and set(filing.about) <= set(request.about))
        if alike and covers and request.state.owed:
            return right
    return None


def _with_clocks(workspace: Workspace, joined: RightRequest, filing: RightFiling, act: Act) -> RightRequest:
    """Return a request with the clocks of the kind that joined it, where it is another; the rest run on as they did."""
    known = {one.rule for one in joined.clocks}
    more = begin_clocks(workspace.pack, filing.kind, act.now) if filing.kind is not joined.kind else ()
    return replace(joined, clocks=(*joined.clocks, *(one for one in more if one.rule not in known)))


def _record(workspace: Workspace, records: Records, act: Act, right: RightId, request: RightRequest) -> None:
    row = write(workspace, records, right, request)
    salt, subject = named(workspace, request.subject)
    sealed = hashlib.sha256(b"".join(one.sealed for one in request.evidence))
    records.record(
        act.event(
            EventKind.RIGHT_RECEIVED,
            salt,
            subject=subject,
            right=request.kind.value,
            channel=request.channel,
            evidence=len(request.evidence),
            sealed=sealed.hexdigest(),
            **row_facts(row),
        )
    )


def hand_in(workspace: Workspace, token: Token, right: RightId, pieces: HandedIn) -> RightRequest:
    """Add evidence to a request that is owed: sealed and hashed as it is received.

    Raises:
        Refused: it is answered already. NotFound: there is no such request.
    """
    request = workspace.data.read(lambda records: load(workspace, records, right)[1])

    def work(records: Records, act: Act, _filer: SubjectId, evidence: tuple[Evidence, ...]) -> RightRequest:
        act.need("rights_desk", "dpo")
        before, now = load(workspace, records, right)
        if not now.state.owed:
            raise Refused("this is answered: file again", [("answered", "PIPL 50(1)")])
        after = replace(now, evidence=(*now.evidence, *evidence))
        record_change(workspace, records, act, (right, before), after, "hand-in")
        return after

    return with_evidence(workspace, token, request.filer, pieces, work)


def as_pieces(statement: Plaintext | None, handed_in: Sequence[Plaintext] = ()) -> list[tuple[ItemCode, Plaintext]]:
    """Return what somebody wrote and handed in, as pieces."""
    from_text = [] if statement is None else [(STATEMENT, statement)]
    return [*from_text, *((ItemCode("rights.evidence"), one) for one in handed_in)]
