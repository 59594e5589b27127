"""Second factors: whose row was deleted behind everybody's back cannot enrol another telephone."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shouxin.actors.account import Account
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.errors import Tampered
from shouxin.operations.acting import begin
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.staff import second_factor
from shouxin.operations.staff.accounts import list_accounts
from shouxin.operations.staff.second_factor import enrol_second_factor, reset_second_factor, spend_code
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records
from tests import recorded
from tests.operations.portfolio import Hands
from tests.workspaces import PASSPHRASE, close, fresh, home_of, reopened, signed_in


def _deleted(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Delete the rows of all second factors by SQL and return the workspace, opened anew."""
    close(workspace)
    recorded.forge(home_of(tmp_path) / "data" / "data.db", "DELETE FROM second_factors")
    return reopened(tmp_path)


def _noted(workspace: Workspace) -> dict[str, bool]:
    found = list_accounts(workspace, signed_in(workspace, "operator"))
    return {account.name: account.telephone for _, account in found if account.telephone}


@pytest.mark.parametrize("was_reset", [False, True])
def test_whose_telephone_was_deleted_cannot_enrol_another(tmp_path: Path, was_reset: bool) -> None:
    """Neither while one was enrolled nor after it was reset: its account says that there is a row; so does verify."""
    workspace = fresh(tmp_path)
    dpo, operator = signed_in(workspace, "dpo"), signed_in(workspace, "operator")
    enrol_second_factor(workspace, dpo, PASSPHRASE)
    assert _noted(workspace) == {"dpo": True}
    if was_reset:
        ids = {account.name: name for name, account in list_accounts(workspace, operator)}
        reset_second_factor(workspace, operator, ids["dpo"])
    again = _deleted(workspace, tmp_path)
    with pytest.raises(Tampered, match="second factor is missing"):
        enrol_second_factor(again, dpo, PASSPHRASE)
    assert not verify_ledger(again).intact
    enrol_second_factor(again, operator, PASSPHRASE)  # who never had one
    close(again)


def test_a_telephone_of_before_is_noted_with_its_next_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account of an older version says nothing of its telephone; once a code of it was used, it does."""
    hands = Hands()
    workspace = fresh(tmp_path, hands)
    dpo = signed_in(workspace, "dpo")
    with monkeypatch.context() as older:
        older.setattr(second_factor, "_note_telephone", lambda *_: None)
        address = enrol_second_factor(workspace, dpo, PASSPHRASE)
    assert _noted(workspace) == {}
    hands.on(minutes=1)
    secret = base64.b32decode(address.partition("secret=")[2].partition("&")[0])
    code = TOTP(secret, 6, SHA1(), 30).generate(hands.now() // 1000).decode()

    def work(records: Records) -> bool:
        act = begin(workspace, records, dpo)
        return spend_code(workspace, records, act, code, Instant(act.now))

    assert workspace.data.transact(work).value
    assert _noted(workspace) == {"dpo": True}
    rows = workspace.data.read(lambda records: records.authority.find(AuthorityKind.ACCOUNT, name="dpo"))
    assert [workspace.notary.read(row, Account).telephone for row in rows] == [True]
    assert verify_ledger(workspace).flaws == []
    close(workspace)
