"""Issue a deletion certificate: what was erased, what stays and why, who ever looked, and the proof of each line."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, write
from shouxin.domain.identifiers import OperationId
from shouxin.errors import NotFound
from shouxin.operations.account_for import Opening, evidence_of
from shouxin.operations.acting import begin
from shouxin.operations.workspace import Workspace
from shouxin.vault.certificate import FORMAT, statement
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import Records

__all__ = ["certificate", "opening_row"]

_PROVED: Final = (
    "planned-as-listed",
    "keys-replaced-and-parts-removed",
    "read-back-found-nothing",
    "openings-listed-are-in-the-log",
)
_ATTESTED: Final = (
    "no-copy-of-a-key-was-kept-outside-the-keyring",
    "the-provider-destroyed-the-root-key",
    "no-recipient-holds-a-copy-that-is-not-listed",
    "the-list-of-openings-is-complete",
)


def opening_row(opening: Opening) -> dict[str, Any]:
    """Return one entry with its proof as certificates and receipts hold it."""
    member = opening.member
    return {
        "leaf": opening.leaf,
        "entry": opening.entry.decode(),
        "blinding": opening.blinding.hex(),
        "member": None
        if member is None
        else {
            "position": member.position,
            "count": member.count,
            "hashes": [one.hex() for one in member.hashes],
        },
        "proof": opening.proof,
    }


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else write(instant)


def certificate(workspace: Workspace, token: Token, operation: OperationId) -> dict[str, Any]:
    """Return the certificate of an erasure that is live or sealed; issued again after sealing, it says so.

    The document is meant for the person: it holds nothing about anybody else, and of the person only random
    identifiers. A checkpoint that covers all of it is on the shelf on return.

    Raises:
        NotFound: no such erasure, or one that is not done yet. Refused, NotSignedIn: the caller may not.
    """
    workspace.data.transact(
        lambda records: begin(workspace, records, token).need("dpo", "rights_desk", "auditor"), covered=True
    )

    def work(records: Records) -> dict[str, Any]:
        row = records.authority.get(AuthorityKind.ERASURE, operation)
        erasure = None if row is None else workspace.notary.read(row, Erasure)
        if erasure is None or erasure.state not in {ErasureState.LIVE, ErasureState.SEALED}:
            raise NotFound("there is no finished erasure of this identifier")
        events = evidence_of(workspace, records, erasure.subject, list(erasure.leaves))
        seen = evidence_of(workspace, records, erasure.subject, records.cells.openings_of(erasure.subject))
        return _document(workspace, erasure, events, seen)

    document = workspace.data.read(work)
    document["signature"] = workspace.head.sign_text(statement(document))
    return document


def _document(workspace: Workspace, erasure: Erasure, events: list[Opening], seen: list[Opening]) -> dict[str, Any]:
    residuals = [{"code": one.code, "days": one.days} for one in workspace.custody.provider.residuals()]
    if erasure.state is ErasureState.LIVE:
        residuals.append({"code": "copies-of-the-keyring-until-the-epoch-advances", "days": 7})
    return {
        "format": FORMAT,
        "institution": {"name": workspace.institution.name, "origin": workspace.institution.origin},
        "subject": erasure.subject.hex(),
        "operation": erasure.operation.hex(),
        "scope": erasure.scope,
        "outcome": erasure.outcome,
        "planned": write(erasure.planned),
        "live": _when(erasure.live),
        "sealed": _when(erasure.sealed),
        "parts": json.loads(msgspec.json.encode(erasure.listed(), order="sorted")),
        "events": [opening_row(one) for one in events],
        "openings": [opening_row(one) for one in seen],
        "accountable_until": None if erasure.accountable_until is None else erasure.accountable_until.isoformat(),
        "residuals": residuals,
        "proved": list(_PROVED),
        "attested": list(_ATTESTED),
    }
