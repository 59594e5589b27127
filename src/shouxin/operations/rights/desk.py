"""The rows of what people ask: read with their MAC checked, written in one transaction with their event."""

from __future__ import annotations

from collections.abc import Callable

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, RightId, SubjectId, new
from shouxin.errors import NotFound
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.rights.request import RightRequest
from shouxin.vault.records import Records

__all__ = ["Step", "change", "load", "named", "of_person", "record_change", "write"]

Step = Callable[[Records, Act, RightRequest], RightRequest]


def load(workspace: Workspace, records: Records, right: RightId) -> tuple[AuthorityRow, RightRequest]:
    """Return the row of a request and what it says.

    Raises:
        NotFound: there is none of this identifier. Tampered: it is not what was written.
    """
    row = records.authority.get(AuthorityKind.RIGHT, right)
    if row is None:
        raise NotFound("nobody asked anything under this identifier")
    return row, workspace.notary.read(row, RightRequest)


def of_person(workspace: Workspace, records: Records, subject: SubjectId) -> list[tuple[RightId, RightRequest]]:
    """Return what was ever asked about ``subject``, by identifier."""
    rows = records.authority.find(AuthorityKind.RIGHT, subject=subject)
    return [(RightId(row.identifier), workspace.notary.read(row, RightRequest)) for row in rows]


def named(workspace: Workspace, subject: SubjectId) -> tuple[EventId, str]:
    """Return a salt for an event about ``subject``, and the commitment to them under it."""
    salt = new(EventId)
    return salt, workspace.door.witness([subject], salt).members[0].hex()


def write(
    workspace: Workspace, records: Records, right: RightId, request: RightRequest, before: AuthorityRow | None = None
) -> AuthorityRow:
    """Write the next version of a request; the caller records its event in the same transaction."""
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(
        AuthorityKind.RIGHT, right, version, request, name=request.state, subject=request.subject
    )
    records.authority.put(row)
    return row


def change(
    workspace: Workspace,
    token: Token,
    right: RightId,
    code: str,
    step: Step,
    *,
    roles: tuple[str, ...] = ("rights_desk", "dpo"),
    rules: Callable[[RightRequest], tuple[str, ...]] = lambda _: (),
) -> RightRequest:
    """Take one step in the life of a request and record it as ``code``; return the request after it.

    Raises:
        NotFound: there is no such request. NotInThisState: the table has no such step.
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> RightRequest:
        act = begin(workspace, records, token)
        act.need(*roles)
        before, request = load(workspace, records, right)
        after = step(records, act, request)
        record_change(workspace, records, act, (right, before), after, code, rules(after))
        return after

    return workspace.data.transact(work).value


def record_change(
    workspace: Workspace,
    records: Records,
    act: Act,
    place: tuple[RightId, AuthorityRow],
    after: RightRequest,
    code: str,
    rules: tuple[str, ...] = (),
) -> None:
    """Write a request's next version and record what changed."""
    right, before = place
    row = write(workspace, records, right, after, before)
    salt, subject = named(workspace, after.subject)
    records.record(
        act.event(
            EventKind.RIGHT_CHANGED,
            salt,
            subject=subject,
            change=code,
            state=after.state.value,
            rules=list(rules),
            **row_facts(row, before),
        )
    )
