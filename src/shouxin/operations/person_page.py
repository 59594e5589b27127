"""A person's own page: by a pass they see what they asked and who used their data, and have their certificates.

Decide: the desk issues a pass for one person (PIPL 45(1), 50(1)). Record: issuing and entering are events. Act: what is
shown holds codes, times and proofs, no plaintext of anybody; plaintext leaves through a disclosure only (law 1).

A pass is entered once: a link that lies in a chat or a browser's history opens nothing a second time. It ends by
itself, a restore ends it too, and it gives no right to change anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from shouxin.actors.account import Token
from shouxin.actors.person_pass import Pass, PassCode, issue_code, read_code
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import MINUTE, Instant
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId, PassId, SubjectId, new
from shouxin.errors import Invalid, NotFound, NotSignedIn
from shouxin.operations.account_for import Opening, evidence_of
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.certifying.certify import certificate_of
from shouxin.operations.rights.clocks import deadlines_of
from shouxin.operations.rights.desk import of_person
from shouxin.operations.subjects import resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.policy.deadline import Deadline
from shouxin.rights.request import RightRequest
from shouxin.vault.erasure import Erasure, ErasureState
from shouxin.vault.records import Records, SubjectState

__all__ = ["LONGEST_PASS", "PersonSeen", "enter_pass", "issue_pass", "person_certificate", "person_seen"]

LONGEST_PASS: Final = 24 * 60
_SERVICE: Final = "sign-in.mac"
_OVER: Final = "this pass is unknown, was entered already, or has ended: ask the rights desk for another"


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """What a person sees of themselves; ``openings`` is nothing once accountability has ended (PIPL 47).

    ``requests`` are what was asked about them, the latest first, each with its clocks, what hurries most first.
    ``purposes`` are the titles (zh, en) of the cards that stand, by code.
    """

    subject: SubjectId
    state: SubjectState
    until: Instant
    requests: tuple[tuple[RightRequest, tuple[Deadline, ...]], ...]
    openings: tuple[Opening, ...] | None
    erasures: tuple[tuple[OperationId, Erasure], ...]
    purposes: Mapping[str, tuple[str, str]]


def issue_pass(workspace: Workspace, token: Token, subject: SubjectId, minutes: int = 30) -> tuple[PassCode, Instant]:
    """Issue a pass for one person; return its code, which is never shown again, and when it ends. Durable on return.

    That whoever gets it is the person is the desk's to see, as for any request.

    Raises:
        NotFound: no such person. Invalid: other than 1 to ``LONGEST_PASS`` minutes.
        Refused, NotSignedIn: the caller may not.
    """
    if not 1 <= minutes <= LONGEST_PASS:
        raise Invalid(f"a pass runs for 1 to {LONGEST_PASS} minutes", "minutes")
    pass_id = new(PassId)

    def work(records: Records) -> Instant:
        act = begin(workspace, records, token)
        act.need("rights_desk", "dpo")
        resolve_subject(workspace, records, subject)
        value = Pass(subject, act.actor.account, Instant(act.now + minutes * MINUTE))
        row = workspace.notary.write(AuthorityKind.PASS, pass_id, 1, value, subject=subject)
        records.authority.put(row)
        salt = new(EventId)
        about = workspace.door.witness([subject], salt).members[0].hex()
        facts = row_facts(row)
        records.record(act.event(EventKind.PASS_ISSUED, salt, subject=about, until=value.until, **facts))
        return value.until

    until = workspace.data.transact(work).value
    return issue_code(workspace.custody.service(_SERVICE), pass_id), until


def _pass(workspace: Workspace, records: Records, code: PassCode) -> tuple[AuthorityRow, Pass]:
    """Return the row of a pass that still runs.

    Raises:
        NotSignedIn: there is none, or it has ended.
    """
    row = records.authority.get(AuthorityKind.PASS, read_code(workspace.custody.service(_SERVICE), code))
    value = None if row is None else workspace.notary.read(row, Pass)
    if row is None or value is None or not value.runs(workspace.now(records)):
        raise NotSignedIn(_OVER)
    return row, value


def enter_pass(workspace: Workspace, code: PassCode) -> Instant:
    """Enter a pass, the first time and the last; return when it ends. Durable on return.

    Raises:
        NotSignedIn: there is none of this code, it was entered already, or it has ended.
    """

    def work(records: Records) -> Instant:
        before, value = _pass(workspace, records, code)
        if value.used is not None:
            raise NotSignedIn(_OVER)
        now = workspace.now(records)
        after = replace(value, used=now)
        row = workspace.notary.write(
            AuthorityKind.PASS, before.identifier, before.version + 1, after, subject=value.subject
        )
        records.authority.put(row)
        salt = new(EventId)
        about = workspace.door.witness([value.subject], salt).members[0].hex()
        facts = row_facts(row, before)
        said = {
            name: workspace.notary.veil(salt, name, mac) for name, mac in (("row", facts["row"]), ("was", facts["was"]))
        }
        event = Event(EventKind.PASS_USED, now, salt, new(OperationId), {"subject": about, **said})
        records.record(event)
        return value.until

    return workspace.data.transact(work).value


def _entered(workspace: Workspace, records: Records, code: PassCode) -> Pass:
    value = _pass(workspace, records, code)[1]
    if value.used is None:
        raise NotSignedIn("a pass is entered before anything is seen by it")
    return value


def _requests(
    workspace: Workspace, records: Records, subject: SubjectId
) -> tuple[tuple[RightRequest, tuple[Deadline, ...]], ...]:
    asked = [one for _, one in of_person(workspace, records, subject)]
    asked.sort(key=lambda one: one.received, reverse=True)
    return tuple((one, tuple(deadlines_of(workspace.pack, one))) for one in asked)


def person_seen(workspace: Workspace, code: PassCode) -> PersonSeen:
    """Return what the person of an entered pass sees, as it stands now; every opening is proved in the log.

    Raises:
        NotSignedIn: no such pass, not entered, or ended.
    """
    # A checkpoint over the latest openings is on the shelf before they are proved under it.
    workspace.data.transact(lambda records: _entered(workspace, records, code), covered=True)

    def work(records: Records) -> PersonSeen:
        value = _entered(workspace, records, code)
        person = resolve_subject(workspace, records, value.subject)[1]
        leaves = records.cells.openings_of(value.subject)
        try:
            openings = tuple(evidence_of(workspace, records, value.subject, leaves))
        except NotFound:
            openings = None
        rows = records.authority.find(AuthorityKind.ERASURE, subject=value.subject)
        erasures = [(OperationId(row.identifier), workspace.notary.read(row, Erasure)) for row in rows]
        done = [one for one in erasures if one[1].state in {ErasureState.LIVE, ErasureState.SEALED}]
        done.sort(key=lambda one: one[1].planned)
        cards = standing_engine(workspace, records, "", workspace.now(records)).cards.values()
        titles = {str(one.purpose): (one.title_zh, one.title_en) for one in cards}
        requests = _requests(workspace, records, value.subject)
        return PersonSeen(value.subject, person.state, value.until, requests, openings, tuple(done), titles)

    return workspace.data.read(work)


def person_certificate(workspace: Workspace, code: PassCode, operation: OperationId) -> dict[str, Any]:
    """Return the certificate of one of the person's own erasures.

    Raises:
        NotFound: there is none of this identifier that is theirs. NotSignedIn: as ``person_seen``.
    """
    value = workspace.data.transact(lambda records: _entered(workspace, records, code), covered=True).value
    return certificate_of(workspace, operation, subject=value.subject)
