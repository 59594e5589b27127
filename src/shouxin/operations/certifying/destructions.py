"""Destroy what software cannot shred, and prove it: open a record, witness it twice, escalate what is late."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.actors.account import Account, AccountKind, Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import AccountId, DestructionId, OperationId, SubjectId, new
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.acting import NOTHING_BEFORE, Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.destruction import (
    DestructionRecord,
    DestructionResidual,
    DestructionState,
    Medium,
    check_method,
    escalate,
    residual_of,
    witness,
)
from shouxin.vault.records import Records

__all__ = [
    "Thing",
    "destructions_in",
    "escalate_overdue",
    "list_destructions",
    "open_destruction",
    "residuals_of",
    "witness_destruction",
]

_KEEPERS: Final = ("dpo", "rights_desk", "operator")
_WATCHERS: Final = (*_KEEPERS, "auditor")


@dataclass(frozen=True, slots=True)
class Thing:
    """What is to be destroyed: medium and method by their codes, the serial on it, the code of where it is.

    ``owner`` is the name of the account that answers for it until ``due``.
    """

    medium: Medium
    method: str
    serial: str
    where: str
    owner: str
    due: date
    subject: SubjectId | None = None
    operation: OperationId | None = None


def _serial(workspace: Workspace, identifier: bytes, serial: str) -> str:
    """Return the keyed hash of a serial; another record of the same thing has another (HMAC-SHA256, RFC 2104)."""
    written = "".join(serial.split()).upper()
    if not written:
        raise Invalid("the serial is what stands on the thing: it is not empty", "serial")
    key = workspace.custody.service("authority.mac")
    return hmac.digest(key, b"shouxin/serial/v1\0" + identifier + written.encode(), "sha256").hex()


def _account(workspace: Workspace, records: Records, name: str) -> tuple[AccountId, Account]:
    for row in records.authority.find(AuthorityKind.ACCOUNT, name=name):
        account = workspace.notary.read(row, Account)
        if account.name == name and not account.closed:
            return AccountId(row.identifier), account
    raise NotFound("there is no account of this name")


def open_destruction(workspace: Workspace, token: Token, thing: Thing) -> DestructionId:
    """Record that a thing must be destroyed by a day, and who answers for that.

    Raises:
        Invalid: a method that does not suit the medium, a day that has passed, an empty serial.
        NotFound: nobody of the owner's name. Refused, NotSignedIn: the caller may not.
    """
    check_method(thing.medium, thing.method)
    identifier = new(DestructionId)
    serial = _serial(workspace, identifier, thing.serial)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*_KEEPERS)
        if thing.due < local_date(act.now):
            raise Invalid("the day by which it is destroyed has passed already", "due")
        owner, account = _account(workspace, records, thing.owner)
        if not account.roles:
            raise Invalid("whoever answers for it has a role", "owner")
        one = DestructionRecord(
            medium=thing.medium,
            method=thing.method,
            serial=serial,
            where=thing.where,
            owner=owner,
            role=min(account.roles),
            opened=act.now,
            due=thing.due,
            subject=thing.subject,
            operation=thing.operation,
        )
        _write(workspace, records, act, identifier, one, None)

    workspace.data.transact(work)
    return identifier


def _write(
    workspace: Workspace,
    records: Records,
    act: Act,
    identifier: DestructionId,
    one: DestructionRecord,
    before: AuthorityRow | None,
) -> None:
    """Write a record together with its event."""
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(
        AuthorityKind.DESTRUCTION, identifier, version, one, name=one.state.value, subject=one.subject
    )
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.DESTRUCTION_CHANGED,
            medium=one.medium.value,
            method=one.method,
            where=one.where,
            state=one.state.value,
            witnesses=len(one.witnesses),
            evidence=one.witnesses[-1].evidence if one.witnesses else NOTHING_BEFORE,
            **row_facts(row, before),
        )
    )


def witness_destruction(
    workspace: Workspace, token: Token, identifier: DestructionId, serial: str, evidence: str
) -> DestructionRecord:
    """Say that one saw the thing destroyed; ``serial`` is what stands on it, ``evidence`` SHA-256 in hex.

    The second of two different people makes it destroyed. Durable on return, and covered by a signed checkpoint.

    Raises:
        Refused: the owner, somebody who has witnessed it already, a program, what the other witness has shown.
        Invalid: another serial, evidence of an empty file.
        NotFound: no such record. NotInThisState: it is destroyed already.
    """
    hashed = _serial(workspace, identifier, serial)

    def work(records: Records) -> DestructionRecord:
        act = begin(workspace, records, token)
        row = records.authority.get(AuthorityKind.ACCOUNT, act.actor.account)
        if row is None or workspace.notary.read(row, Account).kind is not AccountKind.PERSON:
            raise Refused("a person witnesses, not a program", [("two-witnesses", "PIPL 51(1)(4)")])
        before = records.authority.get(AuthorityKind.DESTRUCTION, identifier)
        if before is None:
            raise NotFound("there is no record of this identifier")
        one = witness(workspace.notary.read(before, DestructionRecord), act.actor.account, hashed, evidence, act.now)
        _write(workspace, records, act, identifier, one, before)
        return one

    return workspace.data.transact(work, covered=True).value


def escalate_overdue(workspace: Workspace, token: Token) -> list[DestructionId]:
    """Escalate every record whose day has passed; return which. Nothing happens by itself: run it from a timer."""

    def work(records: Records) -> list[DestructionId]:
        act = begin(workspace, records, token)
        act.need(*_KEEPERS)
        late: list[DestructionId] = []
        for before in records.authority.find(AuthorityKind.DESTRUCTION, name=DestructionState.OPEN.value):
            one = workspace.notary.read(before, DestructionRecord)
            if one.overdue(local_date(act.now)):
                late.append(DestructionId(before.identifier))
                _write(workspace, records, act, late[-1], escalate(one), before)
        return late

    return workspace.data.transact(work).value


def list_destructions(
    workspace: Workspace, token: Token, *, all_states: bool = False
) -> list[tuple[DestructionId, DestructionRecord]]:
    """Return records that are not destroyed yet (or all), those with the nearest day first."""

    def work(records: Records) -> list[tuple[DestructionId, DestructionRecord]]:
        begin(workspace, records, token).need(*_WATCHERS)
        found = list(destructions_in(workspace, records))
        over = DestructionState.DESTROYED
        return sorted(
            (pair for pair in found if all_states or pair[1].state is not over), key=lambda pair: (pair[1].due, pair[0])
        )

    return workspace.data.read(work)


def destructions_in(workspace: Workspace, records: Records) -> Iterator[tuple[DestructionId, DestructionRecord]]:
    """Yield every record, destroyed or not.

    Raises:
        Tampered: a row is not what this institution wrote.
    """
    for row in records.authority.find(AuthorityKind.DESTRUCTION):
        yield DestructionId(row.identifier), workspace.notary.read(row, DestructionRecord)


def residuals_of(
    every: Iterable[DestructionRecord], *, subject: SubjectId | None = None, operation: OperationId | None = None
) -> tuple[DestructionResidual, ...]:
    """Return what a certificate lists: everything of ``subject``, or of an erasure, that is or was to be destroyed.

    With both, what matches either. Sorted by day; what is destroyed is ``closed``.
    """
    found = [
        one
        for one in every
        if (subject is not None and one.subject == subject) or (operation is not None and one.operation == operation)
    ]
    return tuple(sorted((residual_of(one) for one in found), key=lambda one: (one.due, one.what, one.where)))
