"""Accounts: add one, confirm it, close it, sign in and out.

An operator adds an account and another manager confirms it (``operations.staff.enrol`` lets the person take it over),
because whoever makes accounts alone makes a whole chain of approvers. The first two stand at once: there is nobody else
yet.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from shouxin.actors.account import (
    ROLES,
    Account,
    AccountKind,
    Actor,
    SignIn,
    Token,
    check_passphrase,
    hash_passphrase,
    issue_code,
    issue_token,
)
from shouxin.actors.transitions import CODE_HOURS, MANAGERS, STAND_IN, AccountEvent, AccountState, follow, state_of
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import HOUR, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import AccountId, OperationId, SignInId, new
from shouxin.errors import Invalid, NotFound, NotSignedIn, Refused
from shouxin.ledger.entry import decode
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = [
    "NOT_RIGHT",
    "SIGN_IN_CHANGES",
    "add_account",
    "change_account",
    "check_new_passphrase",
    "close_account",
    "confirm_account",
    "is_confirmed",
    "list_accounts",
    "note_failure",
    "open_to",
    "secret_of",
    "sign_in",
    "sign_out",
]

SIGN_IN_HOURS: Final = 8
LONGEST_HOURS: Final = 24
_SHORTEST: Final = 12
# A name stands in commands, file names and tables: nothing in it can be misread for another.
_NAME: Final = re.compile(r"[a-z0-9._-]{1,64}")
# How an event says that nothing of an account changed but the count of its failed sign-ins.
SIGN_IN_CHANGES: Final = ("sign-in-wrong", "sign-in-right")
# The Argon2id hash of 32 random bytes that were thrown away: what a passphrase is checked against where there is no
# account of the name. It is written down, because hashing one in each new process would take as long again.
_NOBODYS: Final = "$argon2id$v=19$m=65536,t=3,p=4$WV8KOLmtt4oeyowvli5qKg$5KAq5jI2sft69sjKzvUdesNe4AEHWdnUSIOaRnqouH4"
NOT_RIGHT: Final = "name or passphrase is not right, or it was tried too often: then wait 15 minutes"
_WAITING: Final = {
    AccountState.ADDED: "this account waits until another manager confirms it: shouxin account confirm",
    AccountState.CONFIRMED: "this account waits for its person and the code of its confirmation: shouxin account enrol",
}


def _find(workspace: Workspace, records: Records, name: str) -> tuple[AuthorityRow, Account] | None:
    for row in records.authority.find(AuthorityKind.ACCOUNT, name=name):
        account = workspace.notary.read(row, Account)
        if account.name == name:
            return row, account
    return None


def _as_founder(workspace: Workspace, records: Records, account: AccountId, made: Account) -> Act:
    """Return the act by which the very first account makes itself; refused once there is any account."""
    # The log's first entry opens the institution; whatever came after it came from accounts, so there were some.
    if records.authority.find(AuthorityKind.ACCOUNT) or records.ledger.size > 1:
        raise NotSignedIn("this workspace has accounts: sign in as an operator to add another")
    actor = Actor(account, made.name, frozenset(made.roles), made.pepper, SignInId(bytes(16)))
    return Act.of(actor, workspace.now(records), new(OperationId), workspace.notary)


def add_account(
    workspace: Workspace,
    token: Token | None,
    name: str,
    roles: Iterable[str],
    passphrase: str,
    kind: AccountKind = AccountKind.PERSON,
) -> AccountId:
    """Add an account, which another manager then confirms; it is durable on return, and cannot act before.

    The first one of a workspace needs no ``token`` and must be an operator. The first manager whom that operator adds
    stands at once as well, because nobody else could confirm; the log says ``founded`` of these two.

    Raises:
        Invalid: an unknown role, a passphrase under 12 characters, a name that stands already or has other than 1 to 64
            characters of a-z, 0-9, dot, underscore and hyphen.
        Refused, NotSignedIn: the caller is no operator.
    """
    wanted = tuple(sorted(set(roles)))
    if not wanted or not ROLES.issuperset(wanted):
        raise Invalid(f"roles are among {', '.join(sorted(ROLES))}", "roles")
    if not _NAME.fullmatch(name):
        raise Invalid("a name has 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen", "name")
    check_new_passphrase(passphrase)
    if token is None and "operator" not in wanted:
        raise Invalid("the first account is an operator", "roles")
    made = Account(name, kind, wanted, hash_passphrase(passphrase), secrets.token_bytes(32))
    account = new(AccountId)

    def work(records: Records) -> None:
        act = _as_founder(workspace, records, account, made) if token is None else begin(workspace, records, token)
        act.need("operator")
        if _find(workspace, records, name) is not None:
            raise Invalid("an account of this name stands already", "name")
        founded = token is None or _is_second(workspace, records, act, made)
        value = made if founded else replace(made, made_by=act.actor.account)
        row = workspace.notary.write(AuthorityKind.ACCOUNT, account, 1, value, name=name)
        records.authority.put(row)
        change = "founded" if founded else "added"
        records.record(act.event(EventKind.ACCOUNT_CHANGED, role="operator", change=change, **row_facts(row)))

    workspace.data.transact(work)
    return account


def check_new_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short.

    Raises:
        Invalid: under 12 characters.
    """
    if len(passphrase) < _SHORTEST:
        raise Invalid(f"a passphrase has at least {_SHORTEST} characters", "passphrase")


def _is_second(workspace: Workspace, records: Records, act: Act, made: Account) -> bool:
    """Say whether ``made`` is the second manager of the institution, and a person; closed ones count as well.

    The log is asked too: rows can be hidden for a moment by whoever can write them.
    """
    rows = records.authority.find(AuthorityKind.ACCOUNT)
    managers = [row for row in rows if not set(MANAGERS).isdisjoint(workspace.notary.read(row, Account).roles)]
    alone = [row.identifier for row in managers] == [act.actor.account]
    if not alone or made.kind is not AccountKind.PERSON or set(MANAGERS).isdisjoint(made.roles):
        return False
    entries = (body for _, body in records.ledger.entries(0, records.ledger.size) if b'"founded"' in body)
    return sum(decode(body).facts.get("change") == "founded" for body in entries) == 1


def _stand_in(workspace: Workspace, records: Records, account: Account) -> tuple[str, ...]:
    """Return who confirms where nobody but whoever added ``account`` manages accounts any more."""
    for row in records.authority.find(AuthorityKind.ACCOUNT):
        other = workspace.notary.read(row, Account)
        manages = not set(MANAGERS).isdisjoint(other.roles) and state_of(other) is AccountState.ACTIVE
        if manages and row.identifier != account.made_by:
            return ()
    return (STAND_IN,)


def confirm_account(workspace: Workspace, token: Token, name: str) -> str:
    """Confirm an account that somebody else added; return the code by which its person takes it over, for 72 hours.

    The code is shown once and kept as a keyed digest. Confirming again, before it was used, makes a new one.

    Raises:
        Refused: one's own addition, or the caller is neither operator nor data-protection officer; an auditor may only
            where no other manager is left.
        NotFound: no account of this name. NotInThisState: it is in use, or closed.
    """
    key = workspace.custody.service("sign-in.mac")

    def work(records: Records) -> str:
        act = begin(workspace, records, token)
        act.need(*MANAGERS, STAND_IN)
        found = _find(workspace, records, name)
        if found is None:
            raise NotFound("there is no account of this name")
        before, account = found
        role = act.need(*MANAGERS, *_stand_in(workspace, records, account))
        follow(state_of(account), AccountEvent.CONFIRM)
        if account.made_by == act.actor.account:
            raise Refused("who added an account does not confirm it", [("maker-checker", "PIPL 51(1)(4)")])
        code, digest = issue_code(key, AccountId(before.identifier))
        until = Instant(act.now + CODE_HOURS * HOUR)
        value = replace(account, confirmed_by=act.actor.account, code=digest, code_until=until)
        row = workspace.notary.write(AuthorityKind.ACCOUNT, before.identifier, before.version + 1, value, name=name)
        records.authority.put(row)
        records.record(act.event(EventKind.ACCOUNT_CHANGED, role=role, change="confirmed", **row_facts(row, before)))
        return code

    return workspace.data.transact(work).value


def close_account(workspace: Workspace, token: Token, name: str) -> None:
    """Close an account and end its sign-ins: they stop working with the next operation.

    Raises:
        NotFound: no account of this name. NotInThisState: it is closed already. Refused: the caller is no operator.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("operator")
        found = _find(workspace, records, name)
        if found is None:
            raise NotFound("there is no account of this name")
        before, account = found
        follow(state_of(account), AccountEvent.CLOSE)
        row = workspace.notary.write(
            AuthorityKind.ACCOUNT, before.identifier, before.version + 1, replace(account, closed=True), name=name
        )
        records.authority.put(row)
        records.record(act.event(EventKind.ACCOUNT_CHANGED, role="operator", change="closed", **row_facts(row, before)))
        for one in records.authority.find(AuthorityKind.SIGN_IN, name=AccountId(before.identifier).hex()):
            _end_sign_in(workspace, records, act, one)

    workspace.data.transact(work)


def list_accounts(workspace: Workspace, token: Token) -> list[tuple[AccountId, Account]]:
    """Return all accounts, by name; for operators and auditors."""

    def work(records: Records) -> list[tuple[AccountId, Account]]:
        begin(workspace, records, token).need("operator", "auditor", "dpo")
        rows = records.authority.find(AuthorityKind.ACCOUNT)
        pairs = [(AccountId(row.identifier), workspace.notary.read(row, Account)) for row in rows]
        return sorted(pairs, key=lambda pair: pair[1].name)

    return workspace.data.read(work)


def secret_of(found: tuple[AuthorityRow, Account] | None) -> str:
    """Return what a passphrase is checked against; where there is no account, something that nothing fits."""
    return _NOBODYS if found is None else found[1].secret


def is_confirmed(workspace: Workspace, records: Records, name: str) -> bool:
    """Say whether somebody has an account of this name that a second person confirmed and nobody closed."""
    found = _find(workspace, records, name)
    return found is not None and state_of(found[1]) in {AccountState.CONFIRMED, AccountState.ACTIVE}


def open_to(workspace: Workspace, records: Records, name: str) -> tuple[AuthorityRow, Account] | None:
    """Return the account of this name if a passphrase may be tried with it now."""
    found = _find(workspace, records, name)
    if found is None or found[1].closed:
        return None
    until = found[1].shut_until
    return None if until is not None and workspace.now(records) < until else found


def note_failure(workspace: Workspace, records: Records, account: AccountId) -> None:
    """Count a failed sign-in and record it."""
    before = records.authority.get(AuthorityKind.ACCOUNT, account)
    if before is not None:
        value = workspace.notary.read(before, Account).failed(workspace.now(records))
        change_account(workspace, records, before, value, SIGN_IN_CHANGES[0])


def change_account(workspace: Workspace, records: Records, before: AuthorityRow, value: Account, change: str) -> None:
    """Write what whoever signs in changed of their account; record it as the account's own act, in no role."""
    row = workspace.notary.write(AuthorityKind.ACCOUNT, before.identifier, before.version + 1, value, name=before.name)
    records.authority.put(row)
    actor = Actor(AccountId(before.identifier), value.name, frozenset(), value.pepper, SignInId(bytes(16)))
    act = Act.of(actor, workspace.now(records), new(OperationId), workspace.notary)
    records.record(act.event(EventKind.ACCOUNT_CHANGED, change=change, **row_facts(row, before)))


def sign_in(
    workspace: Workspace, name: str, passphrase: str, hours: int = SIGN_IN_HOURS, *, restoring: bool = False
) -> tuple[Token, Instant]:
    """Sign in and return the token and when it ends; ``restoring`` when a restore is to be finished with it.

    Raises:
        NotSignedIn: unknown name, wrong passphrase, or shut after too many, without saying which. A wrong passphrase
            of a known account is recorded.
    """
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid(f"a sign-in lasts 1 to {LONGEST_HOURS} hours", "hours")
    found = workspace.data.read(lambda records: open_to(workspace, records, name))
    # A passphrase is checked in any case: how long it takes says nothing about which names there are.
    right = check_passphrase(secret_of(found), passphrase)
    transact = workspace.data.during_restore if restoring else workspace.data.transact
    if found is None or not right:
        if found is not None:
            transact(lambda records: note_failure(workspace, records, AccountId(found[0].identifier)))
        raise NotSignedIn(NOT_RIGHT)
    if state_of(found[1]) is not AccountState.ACTIVE:  # said only to whoever knows the passphrase
        raise NotSignedIn(_WAITING[state_of(found[1])])
    identifier = new(SignInId)
    account_id = AccountId(found[0].identifier)

    def work(records: Records) -> Instant:
        now = workspace.now(records)
        if open_to(workspace, records, name) is None:  # shut or closed while the passphrase was checked
            raise NotSignedIn(NOT_RIGHT)
        before = records.authority.get(AuthorityKind.ACCOUNT, account_id)
        account = found[1] if before is None else workspace.notary.read(before, Account)
        if before is not None and account.failures:
            change_account(
                workspace, records, before, replace(account, failures=0, shut_until=None), SIGN_IN_CHANGES[1]
            )
        value = SignIn(account_id, now, Instant(now + hours * HOUR))
        row = workspace.notary.write(AuthorityKind.SIGN_IN, identifier, 1, value, name=account_id.hex())
        records.authority.put(row)
        actor = Actor(account_id, account.name, frozenset(account.roles), account.pepper, identifier)
        act = Act.of(actor, now, new(OperationId), workspace.notary)
        records.record(act.event(EventKind.SIGN_IN_OPENED, until=value.until, **row_facts(row)))
        return value.until

    until = transact(work).value
    return issue_token(workspace.custody.service("sign-in.mac"), identifier), until


def sign_out(workspace: Workspace, token: Token) -> None:
    """End the sign-in that ``token`` stands for."""

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        before = records.authority.get(AuthorityKind.SIGN_IN, act.actor.sign_in)
        if before is None:
            raise NotSignedIn("this sign-in is unknown here")
        _end_sign_in(workspace, records, act, before)

    workspace.data.transact(work)


def _end_sign_in(workspace: Workspace, records: Records, act: Act, before: AuthorityRow) -> None:
    """Write that a sign-in has ended, with its event; one that has ended is left alone."""
    standing = workspace.notary.read(before, SignIn)
    if standing.ended:
        return
    value = replace(standing, ended=True)
    row = workspace.notary.write(AuthorityKind.SIGN_IN, before.identifier, before.version + 1, value, name=before.name)
    records.authority.put(row)
    records.record(act.event(EventKind.SIGN_IN_ENDED, **row_facts(row, before)))
