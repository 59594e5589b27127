"""Draft an order: whom it is about, on which ground, under which rules; then see what it would do.

The rules stand on one card of the institution (``[deletion]``); an order keeps the version under which it was drafted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from shouxin.actors.account import Token
from shouxin.approvals.chain import Level
from shouxin.approvals.order import CITED, VAULT, Ground, Identity, Order, Preview, PreviewLine, identify, scoped
from shouxin.approvals.order_transitions import CAME_TO_NOTHING
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY
from shouxin.domain.identifiers import OrderId, SubjectId, new
from shouxin.domain.paper import paper_digest
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Misconfigured, NotFound
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import check_purposes, current_engine
from shouxin.operations.consenting.tell_recipients import named_by
from shouxin.operations.deletion.book import MOST, OrderBatch, batches_of, book_batch
from shouxin.operations.deletion.downstream import preview_in
from shouxin.operations.downstream.asked_for import extent_of
from shouxin.operations.downstream.databases import OpenDatabase, standing_databases
from shouxin.operations.downstream.extent import ALL_OF_THEM, Extent
from shouxin.operations.downstream.systems import Systems
from shouxin.operations.orders import order_of, put_order
from shouxin.operations.retaining.scope import Asked, parts_of
from shouxin.operations.rights.evidence import HANDED_IN, with_evidence
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Card
from shouxin.policy.chain_rules import ApprovalLevel, DeletionRules
from shouxin.policy.engine import Engine
from shouxin.rights.request import Evidence
from shouxin.vault.erasure import NOT_IN_SCOPE, Outcome
from shouxin.vault.records import Records, SubjectState

__all__ = ["DRAFTERS", "MOST_PEOPLE", "Proof", "Wanted", "draft_order", "draft_within", "preview_order", "rules_of"]

DRAFTERS = ("rights_desk", "dpo")
_ASKED_ABOUT = 20
MOST_PEOPLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be deleted: of whom, why, and what of it (``purposes`` empty and not ``due``: everything).

    ``right`` is the request of the person that it answers; see ``operations.deletion.for_right``.
    """

    subjects: tuple[SubjectId, ...]
    ground: Ground
    purposes: frozenset[str] = frozenset()
    due: bool = False
    right: bytes = b""

    @property
    def asked(self) -> Asked:
        """What an erasure of each person is asked for."""
        return Asked(self.purposes or None, self.due)

    def digest(self) -> bytes:
        """Return SHA-256 over whom and what: the scope that every step of the order repeats."""
        said = hashlib.sha256(b"shouxin/order/v1\0")
        said.update(b"\0".join(sorted(self.subjects)))
        said.update("\0".join(("", self.ground, str(self.due), *sorted(self.purposes))).encode())
        return said.digest()


@dataclass(frozen=True, slots=True)
class Proof:
    """How it was seen that whoever asks is the person: a code, and SHA-256 of the evidence.

    ``paper`` is the evidence itself, where it is handed over: it is sealed under the card ``rights.evidence`` and a key
    of its own, so that it outlives the person's key as what the lender must be able to show.
    """

    proof: str
    evidence: bytes
    paper: Plaintext | None = None

    @classmethod
    def of(cls, proof: str, paper: Plaintext) -> Proof:
        """Return a proof by a paper that is handed over."""
        return cls(proof, paper_digest(paper.reveal()), paper)


def rules_of(engine: Engine) -> tuple[Card, DeletionRules]:
    """Return the card that says how this institution deletes, and its rules.

    Raises:
        Misconfigured: no card, or more than one, has a table ``[deletion]``.
    """
    found = [(card, card.deletion) for card in engine.cards.values() if card.deletion is not None]
    if not found:
        raise Misconfigured(
            "no adopted card has a table [deletion], which says who agrees (levels, bulk): adopt one, with the pattern "
            "data.deletion.toml among the demo's cards; until then shouxin subject erase, as docs/deleting.md says"
        )
    if len(found) != 1:
        named = ", ".join(sorted(card.purpose for card, _ in found))
        raise Misconfigured(
            f"{len(found)} adopted cards have a table [deletion] ({named}), and one says who agrees: adopt a version "
            "without it of all but one"
        )
    return found[0]


def draft_order(workspace: Workspace, token: Token, wanted: Wanted, proof: Proof | None = None) -> OrderId:
    """Open an order about ``wanted``, with the ``proof`` of who asks; durable on return, nothing is deleted.

    Raises:
        Invalid: nobody or too many, somebody twice, an unknown purpose, or a proof where none is due (or the reverse).
        NotFound: somebody who is unknown or erased. Misconfigured: no card says how to delete.
        Refused, NotSignedIn: the caller may not.
    """
    order_id = new(OrderId)

    def work(records: Records, act: Act, under: SubjectId | None, kept: tuple[Evidence, ...]) -> None:
        shown = None if proof is None else Identity(proof.proof, proof.evidence, act.actor.account, act.now)
        if shown is not None and kept and under is not None:
            shown = replace(shown, kept=kept[0].cell, under=under)
        draft_within(workspace, records, act, order_id, wanted, shown)

    if proof is None or proof.paper is None:
        workspace.data.transact(lambda records: work(records, begin(workspace, records, token), None, ()))
    else:
        with_evidence(workspace, token, None, [(HANDED_IN, proof.paper)], work)
    return order_id


def draft_within(
    workspace: Workspace, records: Records, act: Act, order_id: OrderId, wanted: Wanted, shown: Identity | None
) -> None:
    """Open an order inside a transaction that does more, as the link to a request. Raises as ``draft_order``."""
    act.need(*DRAFTERS)
    if not 1 <= len(wanted.subjects) <= MOST_PEOPLE or len(set(wanted.subjects)) != len(wanted.subjects):
        raise Invalid(f"an order is about 1 to {MOST_PEOPLE} different people", "subjects")
    check_purposes(records, wanted.purposes or None)
    card, rules = rules_of(current_engine(workspace, records, "", act.now))
    everybody = _everybody(workspace, records, wanted)
    before = 0 if wanted.right else _lately(workspace, records, act, rules)
    order = _made(act, replace(wanted, subjects=everybody), card, rules, before)
    put_order(workspace, records, act, order_id, None, identify(order, shown), "drafted")
    for number, start in enumerate(range(0, len(everybody), MOST)):
        batch = OrderBatch(order_id, number, everybody[start : start + MOST])
        book_batch(workspace, records, act, new(OrderId), None, batch)


def _everybody(workspace: Workspace, records: Records, wanted: Wanted) -> tuple[SubjectId, ...]:
    """Return every record of the people who are meant: an order counts and names whoever was merged into them too.

    Raises:
        NotFound: somebody is unknown or gone. Invalid: one proof of identity for several people.
    """
    roots: dict[SubjectId, None] = {}
    for subject in wanted.subjects:
        path = person_of(workspace, records, subject)
        if path[0].state in {SubjectState.ERASED, SubjectState.ERASING}:
            raise NotFound("there is nothing under one of these identifiers any more")
        roots[path[-1].subject] = None
    if wanted.ground is Ground.ASKED and len(roots) > 1:
        raise Invalid("whoever asks is one person: draft an order for each", "subjects")
    return tuple(with_merged(workspace, records, list(roots)))


def _lately(workspace: Workspace, records: Records, act: Act, rules: DeletionRules) -> int:
    """Return about how many people whoever drafts now has drafted smaller orders lately: many small ones are a bulk.

    What answers a person's own request does not count, nor what was refused or cancelled.
    """
    orders = workspace.notary.read_all(records.authority.find(AuthorityKind.ORDER), Order)
    since = act.now - rules.bulk_days * DAY
    return sum(
        one.people
        for one in orders
        if one.requester == act.actor.account
        and one.opened > since
        and not (one.bulk or one.right)
        and one.state not in CAME_TO_NOTHING
    )


def _levels(levels: Sequence[ApprovalLevel]) -> tuple[Level, ...]:
    return tuple(Level(level.role, level.quorum) for level in levels)


def _made(act: Act, wanted: Wanted, card: Card, rules: DeletionRules, before: int) -> Order:
    bulk = before + len(wanted.subjects) >= rules.bulk_from
    return Order(
        requester=act.actor.account,
        ground=wanted.ground,
        purpose=card.purpose,
        version=card.version,
        people=len(wanted.subjects),
        purposes=tuple(sorted(wanted.purposes)),
        due=wanted.due,
        scope=wanted.digest(),
        levels=_levels(rules.bulk if bulk else rules.levels),
        bulk=bulk,
        filing_due=wanted.ground.value in rules.filing,
        cool_minutes=rules.bulk_cool_off_minutes if bulk else rules.cool_off_minutes,
        request_minutes=rules.request_hours * 60,
        opened=act.now,
        right=wanted.right,
    )


def preview_order(
    workspace: Workspace, token: Token, order_id: OrderId, open_database: OpenDatabase | None = None
) -> Preview:
    """Work out what an order would do, and keep it with the order for those who decide; durable on return.

    With ``open_database`` the lender's own databases are asked about the first people of the order, table by table:
    they are told who that is (a disclosure, on record), and nothing changes there.

    Raises:
        NotFound: no such order. NotInThisState: somebody was asked to agree already. Refused: the caller may not.
    """
    subjects = workspace.data.read(
        lambda records: [one for booked in batches_of(workspace, records, order_id) for one in booked.batch.subjects]
    )
    tally = _Tally()
    for start in range(0, len(subjects), MOST):  # snapshots of some people each: a long look keeps nobody waiting
        page = subjects[start : start + MOST]
        workspace.data.read(partial(tally.add, workspace, token, order_id, page))

    if open_database is not None and tally.extents:
        _ask_databases(workspace, token, order_id, tally, open_database)

    def work(records: Records) -> Preview:
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        before, order = order_of(workspace, records, order_id)
        erased_by = CITED[order.ground][1]
        engine = current_engine(workspace, records, "", act.now)
        preview = Preview(
            act.now,
            dict(sorted(tally.erased.items())),
            dict(sorted(tally.retained.items())),
            tally.until,
            len(tally.others - set(subjects)),
            tuple(sorted(tally.systems)),
            tuple(sorted({code for purpose in tally.purposes for code in named_by(engine, purpose)})),
            tuple(replace(one, article=one.article or erased_by, count=count) for one, count in tally.listed()),
            tally.asked,
        )
        put_order(workspace, records, act, order_id, before, scoped(order, preview), "previewed")
        return preview

    return workspace.data.transact(work).value


def _ask_databases(
    workspace: Workspace, token: Token, order_id: OrderId, tally: _Tally, open_database: OpenDatabase
) -> None:
    """Ask every database what it would do about the first people of an order."""

    def ready(records: Records) -> Systems:
        order = order_of(workspace, records, order_id)[1]
        card = current_engine(workspace, records, order.purpose, workspace.now(records)).card(order.purpose)
        return Systems.of(standing_databases(workspace, records), open_database, card)

    systems = workspace.data.read(ready)
    for subject, extent in list(tally.extents.items())[:_ASKED_ABOUT]:
        for report in preview_in(systems, workspace, token, subject, extent):
            for part in report.parts:
                if part.rows or part.outcome is Outcome.FAILED:
                    where = PreviewLine(report.dataset, part.table, part.outcome.value, 0, part.article, part.until)
                    to_do = "; ".join(filter(None, (part.to_do, report.doubt)))
                    tally.lines[replace(where, to_do=to_do)] += part.rows
        tally.asked += 1


class _Tally:
    """Counts what an order would do, person by person; ``lines`` by place, with their counts."""

    def __init__(self) -> None:
        self.lines: Counter[PreviewLine] = Counter()
        self.extents: dict[SubjectId, Extent] = {}
        self.asked = 0
        self.erased: Counter[str] = Counter()
        self.retained: Counter[str] = Counter()
        self.others: set[SubjectId] = set()
        self.purposes: set[str] = set()
        self.systems: set[str] = set()
        self.until: date | None = None

    def add(
        self, workspace: Workspace, token: Token, order_id: OrderId, people: Collection[SubjectId], records: Records
    ) -> None:
        """Count some people, in one snapshot."""
        act = begin(workspace, records, token)
        act.need(*DRAFTERS)
        order = order_of(workspace, records, order_id)[1]
        asked = Asked(frozenset(order.purposes) or None, order.due)
        databases = {one.name: one.dataset() for one in standing_databases(workspace, records)}
        for subject in people:
            extent = extent_of(workspace, records, act, subject, asked) if databases else ALL_OF_THEM
            reached = [name for name, dataset in databases.items() if extent.reaches(dataset)]
            self.systems.update(reached)
            if reached and len(self.extents) < _ASKED_ABOUT:
                self.extents[subject] = extent
            for part in parts_of(workspace, records, act, subject, asked):
                if part.rule != NOT_IN_SCOPE:
                    said = (part.outcome.value, 0, part.article, part.until)
                    self.lines.update(PreviewLine(VAULT, item, *said) for item in part.items)
                if part.outcome is Outcome.ERASED:
                    self.erased.update(part.items)
                elif part.rule != NOT_IN_SCOPE:
                    self.retained[part.article] += 1
                    self.until = max(filter(None, (self.until, part.until)), default=None)
                if part.rule != NOT_IN_SCOPE:
                    self.purposes.add(part.purpose)
                if part.other is not None:
                    self.others.add(part.other)
            self.others.update(held.subject for _, held in records.cells.objects_depicting([subject]))

    def listed(self) -> list[tuple[PreviewLine, int]]:
        """Return every line with its count: what goes before what stays, here before elsewhere."""
        order = [one.value for one in Outcome]
        return sorted(
            self.lines.items(),
            key=lambda said: (said[0].where != VAULT, said[0].where, order.index(said[0].outcome), said[0].what),
        )
