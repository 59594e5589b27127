"""What the lender itself knows of an erasure beyond the log: it stands on the certificate as attested."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import cache
from typing import Final

from shouxin.approvals.order import Order
from shouxin.consent.recipient_notice import OWN_DAYS, DaySetBy, RecipientNotice
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import ObjectId, OperationId, SubjectId
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.certifying.behind import by_law, in_archive, in_databases
from shouxin.operations.certifying.destructions import destructions_in, residuals_of
from shouxin.operations.collecting.purge import Purge
from shouxin.operations.workspace import Workspace
from shouxin.policy.chain_rules import PurposeCode
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.rights.transitions import RightState
from shouxin.vault.attestation import (
    Attestation,
    DatabaseErased,
    EvidenceKept,
    ListedResidual,
    ResidualState,
    SuppressionKept,
)
from shouxin.vault.destruction import DestructionRecord
from shouxin.vault.erasure import Erasure, ErasureState, Outcome
from shouxin.vault.records import Records

__all__ = ["Known"]

_COPIES: Final = "copies-of-the-keyring-until-the-epoch-advances"
_EPOCH_DAYS: Final = timedelta(days=7)  # design section 5: the longest that an epoch lasts by default
_OFFICER: Final = "data-protection-officer"
_TO_ERASE: Final = frozenset({RightKind.DELETE, RightKind.CLOSE_ACCOUNT})
# The lender must be able to show that it did right, and is liable where it cannot (PIPL 69(1)).
_EVIDENCE: Final = "rights.evidence"
_SHOWS: Final = "PIPL 69(1)"


class Known:
    """What one transaction knows beside the log, read once for the erasures of many ``people``."""

    def __init__(self, workspace: Workspace, records: Records, people: Collection[SubjectId]) -> None:
        self._workspace = workspace
        self._records = records
        told = records.authority.about(AuthorityKind.RECIPIENT_NOTICE, people)
        self._told: dict[SubjectId | None, list[RecipientNotice]] = {}
        for row in told:
            self._told.setdefault(row.subject, []).append(workspace.notary.read(row, RecipientNotice))
        self._rights: dict[SubjectId | None, list[RightRequest]] = {}
        for row in records.authority.about(AuthorityKind.RIGHT, people):
            asked = workspace.notary.read(row, RightRequest)
            if asked.kind in _TO_ERASE:
                self._rights.setdefault(row.subject, []).append(asked)
        self._destructions = [one for _, one in destructions_in(workspace, records)]
        self._in_sources = _in_sources(workspace, records)
        self._order = cache(self._read_order)
        self._evidence_card = _evidence_card(workspace, records)

    def of(self, erasure: Erasure) -> Attestation:
        """Return it for one erasure: residuals, other databases, what is kept as evidence, the tag that stays.

        Recipients are tracked until they acknowledge; a database that was left to an officer stands with its date.
        """
        order = self._order(erasure.order) if erasure.order else None
        card = self._evidence_card or (order.purpose if order else "")
        residuals = [*_copies(self._workspace, erasure), *_recipients(self._told.get(erasure.subject, ()))]
        residuals += [*_to_destroy(self._destructions, erasure), *self._in_sources]
        residuals += _depicted(self._records, erasure)
        residuals += [*in_archive(self._workspace, self._records, erasure), *in_databases(erasure)]
        residuals += by_law(self._workspace, self._records, erasure, self._destructions)
        if order is not None:
            residuals += _left_to_officers(order, erasure)
        return Attestation(
            residuals=tuple(residuals),
            downstream=_databases(order, erasure),
            evidence_retained=_evidence(order, self._asked(order, erasure), erasure, card),
            suppression=_suppression(erasure),
        )

    def _asked(self, order: Order | None, erasure: Erasure) -> list[RightRequest]:
        """Return the requests that this erasure answers: the order's, or without one those to erase that stood then."""
        if order is not None:
            row = self._records.authority.get(AuthorityKind.RIGHT, order.right) if order.right else None
            return [] if row is None else [self._workspace.notary.read(row, RightRequest)]
        found = self._rights.get(erasure.subject, ())
        return [one for one in found if one.received <= erasure.planned and _still_stood(one, erasure)]

    def _read_order(self, identifier: bytes) -> Order | None:
        row = self._records.authority.get(AuthorityKind.ORDER, identifier)
        return None if row is None else self._workspace.notary.read(row, Order)


def _evidence_card(workspace: Workspace, records: Records) -> str:
    """Return the card under which requests, checks of identity, papers and approvals are kept, if it was adopted.

    A lender that has none keeps them under the card of the order: a card that does not stand is not named.
    """
    cards = standing_engine(workspace, records, _EVIDENCE, workspace.now(records)).cards
    return _EVIDENCE if PurposeCode(_EVIDENCE) in cards else ""


def _databases(order: Order | None, erasure: Erasure) -> tuple[DatabaseErased, ...]:
    """Return what each database answered; one that failed and was left to an officer has failed, whoever mends it."""
    told = [DatabaseErased(one.system, one.outcome.value, one.tables) for one in erasure.systems]
    left = () if order is None else (one.system for one in order.residuals)
    known = {one.database for one in told}
    return (*told, *(DatabaseErased(one, Outcome.FAILED.value) for one in left if one not in known))


def _left_to_officers(order: Order, erasure: Erasure) -> list[ListedResidual]:
    """Return the databases that somebody answers for and that did not answer well for this person before."""
    good = {one.system for one in erasure.systems if one.outcome is not Outcome.FAILED}
    return [
        ListedResidual("downstream-failed", one.system, _OFFICER, one.due)
        for one in order.residuals
        if one.system not in good
    ]


def _depicted(records: Records, erasure: Erasure) -> list[ListedResidual]:
    """Return the objects of others that show this person, by purpose; closed once none of them stands any more.

    Such an object is somebody else's and stays theirs. Whoever answers for it keeps a rendition in which nobody is seen
    in its place, and has the original erased.
    """
    standing: dict[str, bool] = {}
    for part in erasure.parts:
        if part.kind == "depiction":
            still = records.cells.object_of(ObjectId(part.identifier)) is not None
            standing[part.purpose] = standing.get(part.purpose, False) or still
    due = local_date(erasure.planned if erasure.live is None else erasure.live) + timedelta(OWN_DAYS)
    return [
        ListedResidual(
            "depicted-with-another",
            purpose,
            _OFFICER,
            due,
            ResidualState.OPEN if still else ResidualState.CLOSED,
            DaySetBy.OWN,
        )
        for purpose, still in sorted(standing.items())
    ]


def _copies(workspace: Workspace, erasure: Erasure) -> list[ListedResidual]:
    since = local_date(erasure.planned if erasure.live is None else erasure.live)
    held = [
        ListedResidual(
            one.code,
            "root-provider",
            "key-custodian",
            since + (_EPOCH_DAYS if one.days is None else timedelta(one.days)),
        )
        for one in workspace.custody.provider.residuals()
    ]
    sealed = erasure.state is ErasureState.SEALED
    state = ResidualState.CLOSED if sealed else ResidualState.OPEN
    copies = ListedResidual(_COPIES, "keyring-backups", "key-custodian", since + _EPOCH_DAYS, state)
    return [*held, copies]


def _recipients(told: Iterable[RecipientNotice]) -> list[ListedResidual]:
    """Return whoever was told of a deletion or withdrawal and has not acknowledged it."""
    return [
        ListedResidual(
            "recipient-not-acknowledged",
            one.recipient,
            _OFFICER,
            one.due,
            ResidualState.OPEN if one.acknowledged is None else ResidualState.CLOSED,
            one.day_set_by,
        )
        for one in sorted(told, key=lambda one: (one.recipient, one.purpose))
    ]


def _to_destroy(records: Iterable[DestructionRecord], erasure: Erasure) -> list[ListedResidual]:
    """Return what software cannot shred and somebody answers for."""
    found = residuals_of(records, subject=erasure.subject, operation=OperationId(erasure.operation))
    return [ListedResidual(one.what, one.where, one.owner, one.due, ResidualState(one.state)) for one in found]


def _in_sources(workspace: Workspace, records: Records) -> list[ListedResidual]:
    """Return the sources that were copied and not purged yet; whoever came from one may still stand in it."""
    purges = workspace.notary.read_all(records.authority.find(AuthorityKind.PURGE), Purge)
    waiting = {(one.source, local_date(one.due)) for one in purges if not one.is_gone()}
    return [ListedResidual("source-not-purged", source, _OFFICER, due) for source, due in sorted(waiting)]


def _still_stood(request: RightRequest, erasure: Erasure) -> bool:
    """Say whether a request was owed when an erasure was planned."""
    done = request.answer
    return request.state is not RightState.WITHDRAWN and (done is None or done.at >= erasure.planned)


def _evidence(
    order: Order | None, asked: Collection[RightRequest], erasure: Erasure, card: str
) -> tuple[EvidenceKept, ...]:
    """Return what the lender keeps to show that it did right: what was asked, who asked, what was filed, who agreed.

    Each piece of a request is named by the SHA-256 of its sealed bytes, as they were when it was received. Of an order
    for which nobody asked there is no request.
    """
    if not card:
        return ()  # nothing is kept under a card that does not stand
    pieces = [("request", piece.sealed.hex()) for one in asked for piece in one.evidence]
    if order is None:
        checks = [one.check.evidence.hex() for one in asked if one.check is not None]
        kept = [*(pieces or [("request", "") for _ in asked]), *(("identity-check", one) for one in checks)]
    else:
        shown = [] if order.identity is None else [("identity-check", order.identity.evidence.hex())]
        papers = [("filing", one.paper.hex()) for one in order.filings]
        asking = pieces or ([("request", "")] if order.right or order.identity is not None else [])
        kept = [*asking, *shown, *papers, ("approvals", "")]
    return tuple(EvidenceKept(what, card, _SHOWS, erasure.accountable_until, digest) for what, digest in kept)


def _suppression(erasure: Erasure) -> SuppressionKept | None:
    if erasure.barred_until is None:
        return None
    return SuppressionKept(erasure.barred_by, "mark", "PIPL 47(1)", erasure.barred_until)
