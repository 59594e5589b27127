"""A steward corrects a grade: a row with authority, an event, and a case that the rules are tested with.

Decide: the caller is a data steward or the data-protection officer. Record: items and reason as codes, the digest of
the case; place and column stand in the row only. Act: nothing else; every later scan reads the rows. One transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import msgspec

from shouxin.actors.account import Token
from shouxin.detection.survey.correction import GradeCorrection, case_file
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.errors import NotFound
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["KeptCorrection", "correct_grade", "export_corrections", "list_corrections", "withdraw_correction"]

_STEWARDS: Final = ("data_steward", "dpo")


@dataclass(frozen=True, slots=True)
class KeptCorrection:
    """A correction as its authority row says it; ``ended``: it was withdrawn."""

    said: GradeCorrection
    at: Instant
    ended: bool = False


def _identifier(said: GradeCorrection) -> bytes:
    return hashlib.sha256(b"shouxin/grade\0" + msgspec.json.encode(said.key)).digest()[:16]


def correct_grade(workspace: Workspace, token: Token, said: GradeCorrection) -> None:
    """Keep a correction, or replace the one of the same column, kind or place; honoured by every scan from now on.

    Raises:
        Refused, NotSignedIn: the caller is neither a data steward nor the data-protection officer.
    """
    _write(workspace, token, said, ended=False)


def withdraw_correction(workspace: Workspace, token: Token, said: GradeCorrection) -> None:
    """Take a correction back: the rules decide again.

    Raises:
        NotFound: none stands. Refused, NotSignedIn: see ``correct_grade``.
    """
    _write(workspace, token, said, ended=True)


def _write(workspace: Workspace, token: Token, said: GradeCorrection, *, ended: bool) -> None:
    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        role = act.need(*_STEWARDS)
        identifier = _identifier(said)
        before = records.authority.get(AuthorityKind.GRADE_CORRECTION, identifier)
        known = None if before is None else workspace.notary.read(before, KeptCorrection)
        if ended and (known is None or known.ended):
            raise NotFound("there is no such correction")
        kept = known.said if ended and known else said
        value = KeptCorrection(kept, act.now, ended)
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.GRADE_CORRECTION, identifier, version, value, name=kept.reason)
        records.authority.put(row)
        facts = row_facts(row, before)
        digest = hashlib.sha256(case_file([kept])).hexdigest()
        change = "withdrawn" if ended else "made" if known is None or known.ended else "changed"
        items, gone = sorted(kept.items), sorted(set(kept.was) - set(kept.items))
        event = act.event(
            EventKind.GRADE_CORRECTED,
            role=role,
            change=change,
            reason=kept.reason.value,
            items=[*items],
            removed=[*gone],
            case=digest,
            **facts,
        )
        records.record(event)

    workspace.data.transact(work)


def list_corrections(workspace: Workspace, token: Token, *, every: bool = False) -> list[KeptCorrection]:
    """Return the corrections that stand (or all), oldest first; for everybody who is signed in.

    Raises:
        Tampered: a row is not what the institution wrote.
    """

    def work(records: Records) -> list[KeptCorrection]:
        begin(workspace, records, token)
        rows = records.authority.find(AuthorityKind.GRADE_CORRECTION)
        kept = workspace.notary.read_all(rows, KeptCorrection)
        return sorted((one for one in kept if every or not one.ended), key=lambda one: one.at)

    return workspace.data.read(work)


def export_corrections(workspace: Workspace, token: Token) -> bytes:
    """Return the corrections that stand as a case file; see ``detection.survey.correction``."""
    return case_file([one.said for one in list_corrections(workspace, token)])
