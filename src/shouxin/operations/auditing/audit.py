"""The audit of integrity: verify everything, sample proofs and objects, file a signed report, record its digest.

What is verified: every leaf, tile, checkpoint and row that carries authority (``operations.auditing.verify``), keys
against cells and objects, the index, both object stores, and every finished erasure against all of them. Sampled are
inclusion proofs against the signed checkpoint, and objects, which are read whole and hashed. The report is filed before
the event that names it: a crash between the two leaves a file that nobody vouches for, and the audit is still due.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, Instant, write
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import ObjectId
from shouxin.errors import IntegrityError, Invalid, ReadOnly, Tampered
from shouxin.ledger.log import Audit, Flaw, FlawKind
from shouxin.ledger.note import Verifier, verify
from shouxin.ledger.proof import inclusion_proof, verify_inclusion
from shouxin.ledger.tree import leaf_hash
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.auditing.verify_stores import altered_objects
from shouxin.operations.workspace import Workspace
from shouxin.vault.entry_proof import canonical
from shouxin.vault.records import Records

__all__ = ["FORMAT", "FiledAudit", "IntegrityAudit", "audit_due", "check_report", "run_audit"]

FORMAT: Final = "shouxin.integrity/1"
AUDITORS: Final = ("auditor", "operator", "dpo")
_PLACE: Final = hashlib.sha256(b"shouxin/audit").digest()[:16]


@dataclass(frozen=True, slots=True)
class FiledAudit:
    """The last audit, as its authority row says it: when, how it ended, the report's digest, how many flaws."""

    at: Instant
    outcome: str
    report: str
    flaws: int


@dataclass(frozen=True, slots=True)
class IntegrityAudit:
    """What an audit found. ``report`` is the signed document; ``recorded``: the ledger could still be written to."""

    report: dict[str, Any]
    intact: bool
    recorded: bool


def run_audit(
    workspace: Workspace,
    token: Token,
    file: Callable[[dict[str, Any], bytes], None],
    *,
    sample: int = 100,
    step: Callable[[int], None] = lambda _done: None,
) -> IntegrityAudit:
    """Audit everything, hand the signed report to ``file`` (with its canonical bytes), and record it.

    ``sample`` proofs and ``sample`` objects are drawn at random. Never raises for what it finds: findings are in the
    report. Where findings keep the ledger from being written to, the report says the more and no event does.

    Raises:
        Refused, NotSignedIn: the caller may not. Invalid: a sample below 0.
    """
    if sample < 0:
        raise Invalid("a sample counts from 0", "sample")
    workspace.data.read(lambda records: begin(workspace, records, token).need(*AUDITORS))
    last = audit_due(workspace)[1]
    found = verify_ledger(workspace, step=step)
    proofs, objects = workspace.data.read(lambda records: _sample(workspace, records, sample, found))
    report = _report(workspace, found, last, {"asked": sample, "proofs": proofs, "objects": objects})
    content = canonical(report)
    file(report, content)
    broken = report["outcome"] == "broken"
    try:
        _record(workspace, token, report, hashlib.sha256(content).hexdigest(), sample)
    except (IntegrityError, ReadOnly):
        if not broken:
            raise
        return IntegrityAudit(report, intact=False, recorded=False)
    return IntegrityAudit(report, intact=not broken, recorded=True)


def _sample(workspace: Workspace, records: Records, most: int, found: Audit) -> tuple[int, int]:
    """Check some proofs and objects, note what is wrong with them, and return how many of each were checked."""
    draw = random.SystemRandom()
    note = None
    try:
        note = workspace.shelf.get()
        head = None if note is None else workspace.head.open(note)
    except (IntegrityError, Invalid):
        head = None  # named by the verification
    proofs = 0
    if head is not None and head.size <= records.ledger.size:
        leaves = draw.sample(range(head.size), min(most, head.size))
        found.flaws += _unproved(records, sorted(leaves), head.size, head.root)
        proofs = len(leaves)
    every = [one for one, _ in records.all_objects()]
    wanted: list[ObjectId] = draw.sample(every, min(most, len(every)))
    found.flaws += altered_objects(workspace, records, wanted)
    return proofs, len(wanted)


def _unproved(records: Records, leaves: list[int], size: int, root: bytes) -> Iterator[Flaw]:
    """Yield the leaves that the stored tiles do not prove to stand under the signed root."""
    for leaf in leaves:
        try:
            hashes = inclusion_proof(leaf, size, records.ledger.tile)
            verify_inclusion(leaf_hash(records.ledger.entry(leaf)), leaf, size, hashes, root)
        except (IntegrityError, Invalid):
            detail = "the stored tiles do not prove that this entry is in the log that was signed"
            yield Flaw(FlawKind.ALTERED_TILE, f"proof/{leaf}", detail)


def _report(workspace: Workspace, found: Audit, last: FiledAudit | None, sample: dict[str, int]) -> dict[str, Any]:
    """Return the signed report; it names rows by the beginning of random identifiers, and nobody."""
    incomplete = any(flaw.kind is FlawKind.UNREACHABLE for flaw in found.flaws)
    outcome = "incomplete" if incomplete else "intact"
    report: dict[str, Any] = {
        "format": FORMAT,
        "institution": {"name": workspace.institution.name, "origin": workspace.institution.origin},
        "at": write(workspace.data.read(workspace.now)),
        "outcome": outcome if found.intact else "broken",
        "log": {"size": found.size, "root": found.root.hex(), "entries": found.entries, "tiles": found.tiles},
        "checkpoints": found.checkpoints,
        "sample": sample,
        "previous": None if last is None else {"at": write(last.at), "report": last.report, "outcome": last.outcome},
        "findings": [
            {"code": flaw.kind.value, "place": flaw.place, "detail": flaw.detail, "integrity": flaw.is_integrity}
            for flaw in found.flaws
        ],
    }
    report["signature"] = workspace.head.sign_text(_statement(report))
    return report


def _statement(report: dict[str, Any]) -> str:
    body = canonical({key: value for key, value in report.items() if key != "signature"})
    return f"{FORMAT}\n{hashlib.sha256(body).hexdigest()}\n"


def _record(workspace: Workspace, token: Token, report: dict[str, Any], digest: str, sample: int) -> None:
    """Record that the report was filed, with its digest and its findings by code."""
    findings = report["findings"]

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        role = act.need(*AUDITORS)
        before = records.authority.get(AuthorityKind.AUDIT, _PLACE)
        value = FiledAudit(act.now, report["outcome"], digest, len(findings))
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.AUDIT, _PLACE, version, value)
        records.authority.put(row)
        records.record(
            act.event(
                EventKind.AUDIT_DONE,
                role=role,
                report=digest,
                outcome=value.outcome,
                findings=sorted({one["code"] for one in findings}),
                flaws=value.flaws,
                sample=sample,
                **row_facts(row, before),
            )
        )

    workspace.data.transact(work, covered=True)


def audit_due(workspace: Workspace) -> tuple[bool, FiledAudit | None]:
    """Say whether an audit is due: the last one is older than the settings allow, or was not whole; and return it.

    Needs no sign-in: it shows a date.

    Raises:
        Tampered: the row of the last audit is not what this institution wrote.
    """

    def work(records: Records) -> tuple[bool, FiledAudit | None]:
        row = records.authority.get(AuthorityKind.AUDIT, _PLACE)
        if row is None:
            return True, None
        last = workspace.notary.read(row, FiledAudit)
        late = workspace.now(records) - last.at >= workspace.audit_days * DAY
        return late or last.outcome != "intact", last

    return workspace.data.read(work)


def check_report(report: dict[str, Any], log: Verifier) -> str:
    """Check a report against the key that the caller trusts; return its outcome.

    Raises:
        Tampered: it is none, or not what the institution signed.
    """
    try:
        signed = verify(report["signature"], [log])
        if report["format"] != FORMAT or signed.text != _statement(report):
            raise Tampered("the report was changed after it was signed")
        return str(report["outcome"])
    except (KeyError, TypeError, ValueError, Invalid):
        raise Tampered("this is no report of an audit of integrity") from None
