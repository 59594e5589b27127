"""Second factors: enrol a telephone, and ask for a fresh code where a passphrase alone is too little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Account, Token, check_passphrase
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import MINUTE, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import AccountId
from shouxin.errors import NotFound, NotSignedIn, Refused, Tampered
from shouxin.keys.second_factor import SecondFactor
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["WRONG_CODE", "Enrolled", "enrol_second_factor", "reset_second_factor", "spend_code"]

WRONG_CODE: Final = [("second-factor", "PIPL 51(1)(4)")]
_MOST_FAILURES: Final = 5
_SHUT: Final = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A telephone as its row says it: the wrapped secret, since when, and the last step whose code was used.

    ``failures`` counts wrong codes since the last right one; the fifth shuts it until ``shut_until``.
    """

    account: AccountId
    wrapped: bytes
    since: Instant
    used: int = 0
    ended: bool = False
    failures: int = 0
    shut_until: Instant | None = None


def enrol_second_factor(workspace: Workspace, token: Token, passphrase: str) -> str:
    """Enrol one's own telephone; return the address that it reads (``otpauth://…``), which is never shown again.

    Durable on return. The passphrase is asked again, so that a borrowed screen cannot enrol a stranger's telephone;
    whoever has one enrolled has it reset first, by an operator.

    Raises:
        NotSignedIn: another passphrase. Refused: one is enrolled. Tampered: the row of an earlier one was deleted.
    """

    def work(records: Records) -> str:
        act = begin(workspace, records, token)
        account = _account_of(workspace, records, act)[1]
        if not check_passphrase(account.secret, passphrase):
            raise NotSignedIn("the passphrase is not right")
        before = _row_of(records, act, account)
        if before is not None and not workspace.notary.read(before, Enrolled).ended:
            raise Refused("a telephone is enrolled already: an operator resets it", WRONG_CODE)
        wrapped, address = SecondFactor(workspace.custody).enrol(account.name, workspace.institution.name)
        enrolled = Enrolled(act.actor.account, wrapped, act.now)
        version = 1 if before is None else before.version + 1
        made = workspace.notary.write(AuthorityKind.SECOND_FACTOR, act.actor.account, version, enrolled)
        records.authority.put(made)
        records.record(act.event(EventKind.SECOND_FACTOR_CHANGED, change="enrolled", **row_facts(made, before)))
        _note_telephone(workspace, records, act)
        return address

    return workspace.data.transact(work).value


def _account_of(workspace: Workspace, records: Records, act: Act) -> tuple[AuthorityRow, Account]:
    """Return the actor's own account: it stands, because they act."""
    row = records.authority.get(AuthorityKind.ACCOUNT, act.actor.account)
    if row is None:
        raise NotSignedIn("the account of this sign-in is gone")
    return row, workspace.notary.read(row, Account)


def _row_of(records: Records, act: Act, account: Account) -> AuthorityRow | None:
    """Return the row of the actor's telephone, which stays when it is reset.

    Raises:
        Tampered: there was one, as the account says, and somebody deleted it.
    """
    row = records.authority.get(AuthorityKind.SECOND_FACTOR, act.actor.account)
    if row is None and account.telephone:
        raise Tampered("the row of a second factor is missing: it is reset by an operator, and never deleted")
    return row


def _note_telephone(workspace: Workspace, records: Records, act: Act) -> None:
    """Say in the account that a telephone was enrolled, once: who deletes its row is then noticed."""
    before, account = _account_of(workspace, records, act)
    if not account.telephone:
        row = workspace.notary.write(
            AuthorityKind.ACCOUNT,
            before.identifier,
            before.version + 1,
            replace(account, telephone=True),
            name=before.name,
        )
        records.authority.put(row)
        records.record(act.event(EventKind.ACCOUNT_CHANGED, change="telephone", **row_facts(row, before)))


def reset_second_factor(workspace: Workspace, token: Token, account: AccountId) -> None:
    """End somebody's telephone, so that they can enrol another. Only an operator, and never one's own.

    Raises:
        NotFound: none is enrolled. Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("operator")
        if account == act.actor.account:
            raise Refused("somebody else resets one's own second factor", [("maker-checker", "PIPL 51(1)(4)")])
        before = records.authority.get(AuthorityKind.SECOND_FACTOR, account)
        enrolled = None if before is None else workspace.notary.read(before, Enrolled)
        if before is None or enrolled is None or enrolled.ended:
            raise NotFound("no telephone is enrolled")
        made = workspace.notary.write(
            AuthorityKind.SECOND_FACTOR, account, before.version + 1, replace(enrolled, ended=True)
        )
        records.authority.put(made)
        records.record(act.event(EventKind.SECOND_FACTOR_CHANGED, change="reset", **row_facts(made, before)))

    workspace.data.transact(work)


def spend_code(workspace: Workspace, records: Records, act: Act, code: str, enrolled_before: Instant) -> bool:
    """Use a fresh code of the actor's telephone; say whether it was right. Either is recorded: commit it.

    A code counts once, and only one of a telephone enrolled before that instant. After five wrong ones the telephone is
    shut for a quarter of an hour (RFC 6238 section 5.1, RFC 4226 section 7.3).

    Raises:
        Refused: no telephone, one enrolled too late, or one that is shut. Tampered: its row was deleted.
    """
    before = _row_of(records, act, _account_of(workspace, records, act)[1])
    enrolled = None if before is None else workspace.notary.read(before, Enrolled)
    if before is None or enrolled is None or enrolled.ended:
        raise Refused("enrol a second factor first: shouxin account second-factor", WRONG_CODE)
    if enrolled.since >= enrolled_before:
        raise Refused("this telephone was enrolled after what it is to confirm", WRONG_CODE)
    if enrolled.shut_until is not None and act.now < enrolled.shut_until:
        raise Refused("too many wrong codes: wait a quarter of an hour", WRONG_CODE)
    step = SecondFactor(workspace.custody).check(enrolled.wrapped, code, act.now, enrolled.used)
    if step is None:
        over = enrolled.shut_until is not None  # counting begins anew after a quarter of an hour
        failures = 1 if over else enrolled.failures + 1
        shut = Instant(act.now + _SHUT) if failures >= _MOST_FAILURES else None
        after = replace(enrolled, failures=failures, shut_until=shut)
    else:
        after = replace(enrolled, used=step, failures=0, shut_until=None)
    made = workspace.notary.write(AuthorityKind.SECOND_FACTOR, act.actor.account, before.version + 1, after)
    records.authority.put(made)
    _note_telephone(workspace, records, act)
    change = "wrong" if step is None else "used"
    records.record(act.event(EventKind.SECOND_FACTOR_CHANGED, change=change, **row_facts(made, before)))
    return step is not None
