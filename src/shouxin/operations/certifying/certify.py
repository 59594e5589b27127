"""Issue a deletion certificate: what was erased, what stays and why, who ever looked, and the proof of each line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import msgspec

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant, write
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.domain.undisturbed import undisturbed
from shouxin.errors import NotFound
from shouxin.operations.account_for import Covering, Opening, evidence_of, opening_row
from shouxin.operations.acting import begin
from shouxin.operations.certifying.attest import Known
from shouxin.operations.workspace import Workspace
from shouxin.vault.attestation import Attestation
from shouxin.vault.certificate import ANSWERED, BASE_ATTESTED, FORMAT, PROVED, statement, summary_of
from shouxin.vault.entry_proof import canonical
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import Records

__all__ = ["certificate", "certificate_bytes", "certificate_of", "certificates"]

# Attested where the certificate speaks of it at all, by field.
_ATTESTED_WITH: Final = {
    "downstream": "other-databases-are-as-reported",
    "evidence_retained": "evidence-serves-nothing-but-to-answer",
    "suppression": "suppression-tag-serves-nothing-else",
}


def _when(instant: Instant | None) -> str | None:
    return None if instant is None else write(instant)


def _row(opening: Opening) -> dict[str, Any]:
    return {**opening_row(opening), "hashes": [one.hex() for one in opening.hashes]}


def certificate_bytes(document: dict[str, Any]) -> bytes:
    """Return a certificate as the file that is handed out: canonical JSON (RFC 8785)."""
    return canonical(document)


def certificate(
    workspace: Workspace, token: Token, operation: OperationId, said: Attestation | None = None
) -> dict[str, Any]:
    """Return the certificate of an erasure that is live or sealed; issued again after sealing, it says so.

    ``said`` is what the caller knows beyond the workspace: further residuals, databases, evidence.
    The document is meant for the person: it holds nothing about anybody else, and of the person only random
    identifiers. A checkpoint that covers all of it is on the shelf on return.

    Raises:
        NotFound: no such erasure, or one that is not done yet. Refused, NotSignedIn: the caller may not.
    """
    return certificates(workspace, token, [operation], said)[0]


@undisturbed()
def certificates(
    workspace: Workspace, token: Token, operations: Sequence[OperationId], said: Attestation | None = None
) -> list[dict[str, Any]]:
    """Return the certificates of several erasures under one checkpoint; see ``certificate``."""
    workspace.data.transact(
        lambda records: begin(workspace, records, token).need("dpo", "rights_desk", "auditor"), covered=True
    )
    return _issue(workspace, operations, None, said)


def certificate_of(
    workspace: Workspace,
    operation: OperationId,
    *,
    subject: SubjectId | None = None,
    said: Attestation | None = None,
) -> dict[str, Any]:
    """Return the certificate as ``certificate`` does; who may have it, and the covering checkpoint, is the caller's.

    With a ``subject``, an erasure of anybody else is not found.

    Raises:
        NotFound: no such erasure, or one that is not done yet.
    """
    return _issue(workspace, [operation], subject, said)[0]


def _issue(
    workspace: Workspace, operations: Sequence[OperationId], subject: SubjectId | None, said: Attestation | None
) -> list[dict[str, Any]]:
    def work(records: Records) -> list[dict[str, Any]]:
        rows = records.authority.among(AuthorityKind.ERASURE, operations)
        erasures = [_finished(workspace, rows.get(operation), subject) for operation in operations]
        people = {erasure.subject for erasure in erasures}
        opened = records.cells.openings_among(people)
        told_of = [sorted(one.leaf for one in erasure.systems if one.leaf >= 0) for erasure in erasures]
        listed = [
            [*erasure.leaves, *told, *opened[erasure.subject]] for erasure, told in zip(erasures, told_of, strict=True)
        ]
        covering, known = Covering(workspace, records, people, chain(*listed)), Known(workspace, records, people)
        documents = []
        for erasure, told, leaves in zip(erasures, told_of, listed, strict=True):
            own = erasure.leaves
            evidence = evidence_of(workspace, records, erasure.subject, leaves, covering)
            cut = len(own) + len(told)
            held = known.of(erasure)
            given = held if said is None else held.with_more(said)
            now = workspace.now(records)
            shown = evidence[: len(own)], evidence[len(own) : cut], evidence[cut:]
            documents.append(_document(workspace, erasure, now, shown, given))
        return documents

    documents = workspace.data.read(work)
    for document in documents:
        document["signature"] = workspace.head.sign_text(statement(document))
    return documents


def _finished(workspace: Workspace, row: AuthorityRow | None, subject: SubjectId | None) -> Erasure:
    """Return the erasure of a row: finished, and of ``subject`` if one is named."""
    erasure = None if row is None else workspace.notary.read(row, Erasure)
    others = erasure is not None and subject not in {None, erasure.subject}
    if erasure is None or others or erasure.state not in {ErasureState.LIVE, ErasureState.SEALED}:
        raise NotFound("there is no finished erasure of this identifier")
    return erasure


def _document(
    workspace: Workspace,
    erasure: Erasure,
    now: Instant,
    rows: tuple[list[Opening], list[Opening], list[Opening]],
    said: Attestation,
) -> dict[str, Any]:
    """Return the document without its signature; ``rows`` are the events, what databases answered, and the openings."""
    events, told, seen = rows
    parts = msgspec.json.decode(msgspec.json.encode(erasure.listed()))
    attested = said.fields()
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
        "issued": write(now),
        "summary": summary_of(parts, [one.event.facts for one in seen]),
        "parts": parts,
        "events": [_row(one) for one in events],
        "databases": [_row(one) for one in told],
        "openings": [_row(one) for one in seen],
        "checkpoint": events[0].checkpoint,
        "accountable_until": None if erasure.accountable_until is None else erasure.accountable_until.isoformat(),
        **attested,
        "proved": [*PROVED, *([ANSWERED] if told else [])],
        "attested": [*BASE_ATTESTED, *(code for field, code in _ATTESTED_WITH.items() if attested[field])],
    }
