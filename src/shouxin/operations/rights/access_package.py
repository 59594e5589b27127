"""Make the package that a person receives (PIPL 45): disclosed through the door once, sealed, and never kept here.

Decide and record: one disclosure of everything the card of ``rights.access`` lists, for a request that is being handled
for somebody who was identified; both are read in the transaction that records it. Act: open, gather, seal under a
passphrase that is drawn for this file. Note it on the request. A crash before the note leaves a recorded opening and no
file; making it again is another disclosure.
"""

from __future__ import annotations

import html
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.actors.account import Token
from shouxin.consent.consent import Consent
from shouxin.documents.package_page import page
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, local_date
from shouxin.domain.identifiers import RightId, SubjectId, show
from shouxin.domain.items import ItemCode
from shouxin.errors import Fenced, Invalid, NotFound, NotInThisState, Refused, Tampered
from shouxin.keys.passphrase import PassphraseBox, new_passphrase, open_box, seal_box
from shouxin.ledger.entry import decode
from shouxin.operations.account_for import Opening, account_for
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.opening.disclose import Disclosed, HeldValue, disclose_each
from shouxin.operations.opening.permit import Wish
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.retaining.scope import parts_of
from shouxin.operations.rights.answer import WITH_PACKAGE
from shouxin.operations.rights.desk import change, load
from shouxin.operations.subjects import person_of, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card, Form
from shouxin.retention.outlook import State
from shouxin.rights.package import (
    AccessPackage,
    Agreed,
    KeptValue,
    LeftOut,
    Named,
    PurposeOf,
    StatedOfOther,
    Used,
    document,
)
from shouxin.rights.request import RightRequest
from shouxin.rights.sealed_page import CONTEXT, Contents, box_in, contents_of, join_contents, sealed_page
from shouxin.rights.transitions import RightState
from shouxin.vault.erasure import Part
from shouxin.vault.records import CellRow, ObjectRow, Records, SubjectState

__all__ = ["ACCESS", "SealedPackage", "make_package", "open_package"]

ACCESS: Final = "rights.access"
_RAW: Final = Form("raw")
_WORDS: Final = {"disclosure.made": "form", "look-up.made": "look-up"}


@dataclass(frozen=True, slots=True)
class SealedPackage:
    """A package, sealed: the file, the passphrase (told apart from it, kept nowhere), the leaf of its disclosure."""

    file: str
    passphrase: str
    leaf: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the data store says about a person beside what is sealed."""

    person: SubjectId
    everybody: tuple[SubjectId, ...]
    request: RightRequest
    cards: dict[str, Card]
    access: Card


def make_package(workspace: Workspace, token: Token, right: RightId) -> SealedPackage:
    """Return everything kept about the person of a request, sealed under a passphrase that is used once.

    On return the disclosure is durable and covered, and the request says that a package was made. Nothing of the
    package is kept here: a file that was lost is made anew, and recorded anew. Whoever was erased, in whole or in part,
    while it was made gets none: what was opened is dropped before anybody has it.

    Raises:
        Fenced: something of the person was erased or corrected meanwhile; make it anew.
        Refused: the request is no request for a copy, is not handled, or the policy denies. Invalid: no card of purpose
            ``rights.access`` was adopted. NotFound: the person was erased.
    """
    facts = workspace.data.read(lambda records: _gather(workspace, records, token, right))
    generations = _generations(workspace, facts.everybody)
    wish = Wish(ACCESS, frozenset(facts.access.items), facts.everybody, _RAW)

    def owed(records: Records) -> None:
        _owed(workspace, records, right)

    disclosed, held = disclose_each(workspace, token, wish, owed)
    openings = [one for subject in facts.everybody for one in account_for(workspace, token, subject)]
    package = workspace.data.read(
        lambda records: _compose(
            workspace, records, begin(workspace, records, token), facts, right, disclosed, held, openings
        )
    )
    passphrase = new_passphrase()
    body = json.dumps(document(package), ensure_ascii=False, indent=1).encode()
    readable = page(package, workspace.pack)
    inside = Contents(readable, {"personal-information.json": body, "personal-information.html": readable.encode()})
    box = seal_box(passphrase, join_contents(inside), CONTEXT)

    def made(records: Records, _act: Act, request: RightRequest) -> RightRequest:
        _owed(workspace, records, right)
        _stands_still(workspace, records, facts, generations)
        return replace(request, packages=(*request.packages, disclosed.leaf))

    change(workspace, token, right, "package", made, rules=lambda _: ("CN-PIPL-45-1-ACCESS",))
    return SealedPackage(sealed_page(box, package.lender, html.escape), passphrase, disclosed.leaf, package.left_out)


def _generations(workspace: Workspace, people: Sequence[SubjectId]) -> dict[SubjectId, int]:
    """Return the generation of each person's key; it moves on when anything of theirs is destroyed."""
    return {one: chain.generation for one, chain in workspace.custody.keyring.get(list(people)).items()}


def _stands_still(workspace: Workspace, records: Records, facts: _Facts, generations: dict[SubjectId, int]) -> None:
    """Make sure that nothing of the person went since it was opened.

    Raises:
        NotFound: the person was erased, or is being erased. Fenced: a part went, or somebody was merged or split off.
    """
    people = with_merged(workspace, records, [person_of(workspace, records, facts.person)[-1].subject])
    states = {resolve_subject(workspace, records, one)[1].state for one in (*people, *facts.everybody)}
    if not states.isdisjoint({SubjectState.ERASED, SubjectState.ERASING}):
        raise NotFound("the person was erased while their copy was made; it was dropped")
    if set(people) != set(facts.everybody) or _generations(workspace, facts.everybody) != generations:
        raise Fenced("something of the person changed while their copy was made: make it anew")


def open_package(file: str, passphrase: str) -> Contents:
    """Return what a sealed package holds, as any browser would show it.

    Raises:
        Invalid: this is no sealed package, or it does not open: another passphrase, or it was altered.
    """
    held = box_in(file)
    salt, nonce, sealed, rounds = held["salt"], held["nonce"], held["sealed"], held["iterations"]
    if not (isinstance(salt, bytes) and isinstance(nonce, bytes) and isinstance(sealed, bytes)):
        raise Invalid("this sealed page does not read as one", "file")
    try:
        opened = open_box(passphrase, PassphraseBox(salt, nonce, int(rounds), sealed), CONTEXT)
    except Tampered:
        raise Invalid(
            "this is not its passphrase; or, if every character is right, the file was altered", "passphrase"
        ) from None
    return contents_of(opened)


def _owed(workspace: Workspace, records: Records, right: RightId) -> RightRequest:
    """Return the request, if a copy is owed on it to somebody who was identified.

    Raises:
        Refused: it is not of such a kind. NotInThisState: it is not being handled, or nobody was identified.
    """
    request = load(workspace, records, right)[1]
    if request.kind not in WITH_PACKAGE:
        raise Refused("a package answers a request for a copy", [("CN-PIPL-45-1-ACCESS", "PIPL 45(1)")])
    if request.state is not RightState.IN_PROGRESS or request.check is None:
        raise NotInThisState("a package is made while a request is handled, for somebody who was identified")
    return request


def _gather(workspace: Workspace, records: Records, token: Token, right: RightId) -> _Facts:
    act = begin(workspace, records, token)
    act.need("rights_desk", "dpo")
    request = _owed(workspace, records, right)
    engine = current_engine(workspace, records, "", act.now)
    person = person_of(workspace, records, request.subject)[-1].subject
    cards = {str(code): card for code, card in engine.cards.items()}
    return _Facts(person, tuple(with_merged(workspace, records, [person])), request, cards, engine.card(ACCESS))


def _compose(
    workspace: Workspace,
    records: Records,
    act: Act,
    facts: _Facts,
    right: RightId,
    disclosed: Disclosed,
    held: Sequence[HeldValue],
    openings: Sequence[Opening],
) -> AccessPackage:
    """Put together what was opened with what the rows say of it."""
    subjects = facts.everybody
    parts = [part for one in subjects for part in parts_of(workspace, records, act, one)]
    objects = {row.object_id: row for row in records.cells.objects_of(subjects)}
    terms = _Terms(workspace, records, local_date(act.now))
    disputed = {item for items in disclosed.disputed.values() for item in items}
    kept = [terms.kept(one, disputed) for one in held if one.row.other is None]
    others = {
        other: number for number, other in enumerate(dict.fromkeys(one.row.other for one in held if one.row.other), 1)
    }
    stated = [
        StatedOfOther(others[one.row.other], terms.kept(one, disputed)) for one in held if one.row.other is not None
    ]
    standing = person_of(workspace, records, facts.person)[-1]
    purposes = sorted({part.purpose for part in parts})
    handler = workspace.handler
    return AccessPackage(
        lender=handler.name or workspace.institution.name,
        contact=handler.contact,
        complaint=handler.complaint,
        subject=show(SubjectId, facts.person),
        right=show(RightId, right),
        made=act.now,
        leaf=disclosed.leaf,
        state=standing.state.value,
        purposes=tuple(_purpose(facts.cards[one]) for one in purposes if one in facts.cards),
        kept=(*kept, *(terms.object_of(row) for row in objects.values())),
        statements=tuple(stated),
        agreed=tuple(_agreed(workspace, records, subjects)),
        used=tuple(_used(one) for one in sorted(openings, key=lambda one: one.leaf)),
        left_out=tuple(_left_out(parts, held)),
        human_only=standing.human_only,
        titles={code: Named(card.title_zh, card.title_en) for code, card in facts.cards.items()},
    )


class _Terms:
    """Says since when and until when something is kept; remembers the time of each leaf."""

    def __init__(self, workspace: Workspace, records: Records, today: date) -> None:
        self._records = records
        self._judge = Judge(workspace, records, current_engine(workspace, records, "", workspace.now(records)), today)
        self._times: dict[int, Instant] = {}

    def _since(self, leaf: int) -> Instant:
        if leaf not in self._times:
            self._times[leaf] = decode(self._records.ledger.entry(leaf)).at
        return self._times[leaf]

    def kept(self, one: HeldValue, disputed: Collection[ItemCode]) -> KeptValue:
        """Return one value with its terms."""
        told = self._told(one.row, one.item)
        return replace(told, value=one.value, disputed=one.item in disputed)

    def object_of(self, row: ObjectRow) -> KeptValue:
        """Return one object by its size, with its terms."""
        return replace(self._told(row, ItemCode(row.item)), size=row.size)

    def _told(self, row: CellRow | ObjectRow, item: ItemCode) -> KeptValue:
        outlook = self._judge.outlook(row)
        kept = outlook.kept
        due = None if outlook.state is State.KEPT else outlook.on
        article, until = ("", None) if kept is None else (kept.article, kept.until)
        return KeptValue(
            item,
            row.purpose,
            row.term,
            self._since(row.leaf),
            None,
            floor=article,
            floor_until=until,
            due=due,
        )


def _purpose(card: Card) -> PurposeOf:
    automated = Named(card.automated_explanation_zh, card.automated_explanation_en) if card.automated else None
    return PurposeOf(
        card.purpose,
        Named(card.title_zh, card.title_en),
        Named(card.explanation_zh, card.explanation_en),
        card.lawful_basis,
        card.basis_article,
        card.recipients,
        card.locations,
        automated,
    )


def _agreed(workspace: Workspace, records: Records, subjects: Sequence[SubjectId]) -> Iterable[Agreed]:
    for subject in subjects:
        rows = records.authority.find(AuthorityKind.CONSENT, subject=subject)
        for one in workspace.notary.read_all(rows, Consent):
            yield Agreed(
                one.purpose,
                one.version,
                one.about,
                one.notice.hex(),
                one.notified,
                one.given,
                one.refused,
                one.withdrawn,
            )


def _used(opening: Opening) -> Used:
    facts = opening.event.facts
    listed = facts.get("items")
    items = listed if isinstance(listed, list) else [str(facts["item"])] if "item" in facts else []
    proof = {"entry": opening.entry.decode(), "proof": opening.proof, "blinding": opening.blinding.hex()}
    if opening.member is not None:
        proof["member"] = json.dumps(
            {"position": opening.member.position, "hashes": [one.hex() for one in opening.member.hashes]}
        )
    form = str(facts.get("form", "look-up"))
    kind = opening.event.kind.value
    return Used(
        opening.leaf,
        opening.at,
        kind,
        str(facts.get("purpose", "")),
        form,
        tuple(items),
        str(facts.get("role", "")),
        proof,
    )


def _left_out(parts: Iterable[Part], held: Iterable[HeldValue]) -> Iterable[LeftOut]:
    """Say what is kept and not given: other people's statements and images, large objects, what no card lets go."""
    given = {(one.row.purpose, one.item) for one in held}
    told: dict[tuple[str, str, str], LeftOut] = {}
    for part in parts:
        for item in part.items:
            why, article = "", ""
            if part.kind == "named-edge":
                why, article = "said-by-somebody-else", "NDSR 25(1)(4)"
            elif part.kind == "depiction":
                why, article = "shows-somebody-else-too", "NDSR 25(1)(4)"
            elif part.kind == "object":
                why, article = "handed-over-as-a-file-of-its-own", "PIPL 45(2)"
            elif (part.purpose, ItemCode(item)) not in given:
                other = part.kind == "edge"
                why = "the-other-is-erased-or-frozen" if other else "the-card-does-not-draw-on-it"
                article = "PIPL 47" if other else "PIPL 45(1)"
            if why:
                told[item, part.purpose, why] = LeftOut(item, part.purpose, why, article)
    return told.values()
