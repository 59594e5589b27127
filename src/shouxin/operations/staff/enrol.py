"""Take an account over, and change one's own passphrase.

Whoever added an account knows the passphrase that was typed then, and whoever confirmed it knows the code: neither
knows both. The person gives both and chooses a passphrase that neither knows. So nobody acts by an account that they
made, unless two managers of accounts make one thing together.
"""

from __future__ import annotations

from dataclasses import replace

from shouxin.actors.account import Account, Token, check_code, check_passphrase, hash_passphrase
from shouxin.actors.transitions import AccountEvent, AccountState, follow, state_of
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import AccountId
from shouxin.errors import Invalid, NotFound, NotSignedIn
from shouxin.operations.acting import begin
from shouxin.operations.staff.accounts import (
    NOT_RIGHT,
    change_account,
    check_new_passphrase,
    note_failure,
    open_to,
    secret_of,
)
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["change_passphrase", "enrol"]


def enrol(workspace: Workspace, name: str, passphrase: str, code: str, chosen: str) -> None:
    """Take the confirmed account ``name`` over; from this commit on ``chosen`` alone signs in.

    Raises:
        Invalid: ``chosen`` is under 12 characters, or the one it replaces.
        NotSignedIn: name, passphrase or code is not right, the code ended, or nobody confirmed the account yet; counted
            and recorded as a failed sign-in where there is such an account.
    """
    check_new_passphrase(chosen)
    if chosen == passphrase:
        raise Invalid("the new passphrase is another than the one that was given out", "passphrase")
    key = workspace.custody.service("sign-in.mac")
    found = workspace.data.read(lambda records: open_to(workspace, records, name))
    right = check_passphrase(secret_of(found), passphrase)
    secret = hash_passphrase(chosen)

    def work(records: Records) -> bool:
        now = open_to(workspace, records, name)
        if found is None or now is None:
            return False
        before, account = now
        identifier = AccountId(before.identifier)
        in_time = account.code_until is not None and workspace.now(records) < account.code_until
        awaited = state_of(account) is AccountState.CONFIRMED and account.secret == found[1].secret
        if not (right and awaited and in_time and check_code(key, identifier, code, account.code)):
            note_failure(workspace, records, identifier)
            return False
        follow(state_of(account), AccountEvent.ENROL)
        value = replace(account, secret=secret, code=b"", code_until=None, failures=0, shut_until=None)
        change_account(workspace, records, before, value, "enrolled")
        return True

    if found is None or not workspace.data.transact(work).value:
        raise NotSignedIn(NOT_RIGHT)


def change_passphrase(workspace: Workspace, token: Token, passphrase: str, chosen: str) -> None:
    """Replace one's own passphrase; sign-ins that are open go on until they end.

    Raises:
        Invalid: ``chosen`` is under 12 characters, or the one it replaces.
        NotSignedIn: ``passphrase`` is not the present one; counted and recorded as a failed sign-in.
    """
    check_new_passphrase(chosen)
    if chosen == passphrase:
        raise Invalid("the new passphrase is another than the present one", "passphrase")

    def mine(records: Records) -> Account | None:
        account = begin(workspace, records, token).actor.account
        row = records.authority.get(AuthorityKind.ACCOUNT, account)
        if row is None:
            raise NotFound("the account is gone")
        held = workspace.notary.read(row, Account)
        return None if open_to(workspace, records, held.name) is None else held

    held = workspace.data.read(mine)
    if held is None:
        raise NotSignedIn(NOT_RIGHT)
    right = check_passphrase(held.secret, passphrase)
    secret = hash_passphrase(chosen)

    def work(records: Records) -> bool:
        act = begin(workspace, records, token)
        before = records.authority.get(AuthorityKind.ACCOUNT, act.actor.account)
        account = None if before is None else workspace.notary.read(before, Account)
        if before is None or account is None or not right or account.secret != held.secret:
            note_failure(workspace, records, act.actor.account)
            return False
        change_account(workspace, records, before, replace(account, secret=secret), "passphrase")
        return True

    if not workspace.data.transact(work).value:
        raise NotSignedIn(NOT_RIGHT)
