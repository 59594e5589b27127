"""Two people make an account, and neither can act by it: who adds does not confirm, and who confirms knows half."""

from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.actors.account import AccountKind, Token
from shouxin.bootstrap import create_workspace
from shouxin.errors import Invalid, NotInThisState, NotSignedIn, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.staff.accounts import add_account, close_account, confirm_account, list_accounts, sign_in
from shouxin.operations.staff.enrol import change_passphrase, enrol
from shouxin.operations.workspace import Workspace
from tests.operations.portfolio import Hands
from tests.workspaces import GIVEN_OUT, PASSPHRASE, fresh, signed_in


def added(workspace: Workspace, *roles: str) -> tuple[Token, Token]:
    """Let the operator add ``mei``; return the operator's token and the other manager's."""
    operator = signed_in(workspace, "operator")
    add_account(workspace, operator, "mei", roles or ["approver"], GIVEN_OUT)
    return operator, signed_in(workspace, "dpo")


def refused(workspace: Workspace, passphrase: str) -> str:
    """Return why ``mei`` cannot sign in with ``passphrase``."""
    with pytest.raises(NotSignedIn) as refusal:
        sign_in(workspace, "mei", passphrase)
    return refusal.value.detail


@pytest.mark.parametrize("role", ["approver", "dpo", "operator", "analyst", "auditor"])
def test_one_manager_alone_makes_no_account_that_acts(tmp_path: Path, role: str) -> None:
    """Whatever it is for, what an operator added does not sign in, and the operator cannot confirm it."""
    workspace = fresh(tmp_path)
    operator, _ = added(workspace, role)
    assert "confirm" in refused(workspace, GIVEN_OUT)
    with pytest.raises(Refused) as refusal:
        confirm_account(workspace, operator, "mei")
    assert refusal.value.reasons == (("maker-checker", "PIPL 51(1)(4)"),)
    assert "confirm" in refused(workspace, GIVEN_OUT)


def test_an_account_acts_once_another_manager_confirmed_and_its_person_took_it_over(tmp_path: Path) -> None:
    """Then with the passphrase that only they know; who made it and who confirmed it stand in the row."""
    workspace = fresh(tmp_path)
    operator, second = added(workspace, "approver")
    code = confirm_account(workspace, second, "mei")
    assert "code" in refused(workspace, GIVEN_OUT)
    enrol(workspace, "mei", GIVEN_OUT, code, PASSPHRASE)
    assert "not right" in refused(workspace, GIVEN_OUT)
    sign_in(workspace, "mei", PASSPHRASE)
    named = {account.name: (identifier, account) for identifier, account in list_accounts(workspace, operator)}
    assert (named["mei"][1].made_by, named["mei"][1].confirmed_by) == (named["operator"][0], named["dpo"][0])
    assert verify_ledger(workspace).flaws == []


@pytest.mark.parametrize("role", ["analyst", "approver", "auditor", "collector", "model", "rights_desk"])
def test_nobody_but_a_manager_confirms(tmp_path: Path, role: str) -> None:
    """Another role is refused, and the account still waits."""
    workspace = fresh(tmp_path)
    added(workspace)
    with pytest.raises(Refused):
        confirm_account(workspace, signed_in(workspace, role), "mei")
    assert "confirm" in refused(workspace, GIVEN_OUT)


def test_an_auditor_confirms_where_no_other_manager_is_left(tmp_path: Path) -> None:
    """Not while there is one; once they are closed, the auditor is the second person, and the next manager stands."""
    workspace = fresh(tmp_path)
    operator, _ = added(workspace, "dpo")
    auditor = signed_in(workspace, "auditor")
    for name in ("dpo", "dpo.2"):
        with pytest.raises(Refused):
            confirm_account(workspace, auditor, "mei")
        close_account(workspace, operator, name)
    with pytest.raises(Refused):
        confirm_account(workspace, operator, "mei")
    enrol(workspace, "mei", GIVEN_OUT, confirm_account(workspace, auditor, "mei"), PASSPHRASE)
    add_account(workspace, operator, "next", ["analyst"], GIVEN_OUT)
    with pytest.raises(Refused):
        confirm_account(workspace, auditor, "next")
    confirm_account(workspace, sign_in(workspace, "mei", PASSPHRASE)[0], "next")


def test_neither_half_alone_takes_an_account_over(tmp_path: Path) -> None:
    """The adder's passphrase with a guessed code, and the confirmer's code with a guessed passphrase, are refused."""
    workspace = fresh(tmp_path)
    _, second = added(workspace)
    code = confirm_account(workspace, second, "mei")
    for passphrase, typed in ((GIVEN_OUT, "0000-0000-0000-0000"), ("some guessed passphrase", code)):
        with pytest.raises(NotSignedIn):
            enrol(workspace, "mei", passphrase, typed, PASSPHRASE)
    enrol(workspace, "mei", GIVEN_OUT, code, PASSPHRASE)


def test_five_wrong_codes_shut_the_account(tmp_path: Path) -> None:
    """The sixth is refused even if it is right; a code is no easier to guess than a passphrase."""
    workspace = fresh(tmp_path, Hands())
    _, second = added(workspace)
    code = confirm_account(workspace, second, "mei")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            enrol(workspace, "mei", GIVEN_OUT, "0000-0000-0000-0000", PASSPHRASE)
    with pytest.raises(NotSignedIn):
        enrol(workspace, "mei", GIVEN_OUT, code, PASSPHRASE)


def test_a_code_works_once_and_ends_after_three_days(tmp_path: Path) -> None:
    """Late it is nothing; a new one replaces the old; used, it takes nothing over again."""
    clock = Hands()
    workspace = fresh(tmp_path, clock)
    operator, second = added(workspace)
    late = confirm_account(workspace, second, "mei")
    clock.on(hours=72)
    with pytest.raises(NotSignedIn):
        enrol(workspace, "mei", GIVEN_OUT, late, PASSPHRASE)
    with pytest.raises(NotSignedIn):  # the manager's own sign-in ended meanwhile
        confirm_account(workspace, second, "mei")
    second = signed_in(workspace, "dpo")
    code = confirm_account(workspace, second, "mei")
    with pytest.raises(NotSignedIn):
        enrol(workspace, "mei", GIVEN_OUT, late, PASSPHRASE)
    enrol(workspace, "mei", GIVEN_OUT, code, PASSPHRASE)
    with pytest.raises(NotSignedIn):
        enrol(workspace, "mei", PASSPHRASE, code, "a third passphrase")
    with pytest.raises(NotInThisState):
        confirm_account(workspace, second, "mei")
    close_account(workspace, signed_in(workspace, "operator"), "mei")
    with pytest.raises(NotInThisState):
        confirm_account(workspace, second, "mei")
    with pytest.raises(NotSignedIn):
        confirm_account(workspace, operator, "mei")


@pytest.mark.parametrize("chosen", ["elevenchars", GIVEN_OUT])
def test_who_takes_an_account_over_chooses_another_passphrase(tmp_path: Path, chosen: str) -> None:
    """A short one, or the one that the adder knows, is refused."""
    workspace = fresh(tmp_path)
    _, second = added(workspace)
    code = confirm_account(workspace, second, "mei")
    with pytest.raises(Invalid):
        enrol(workspace, "mei", GIVEN_OUT, code, chosen)


def test_the_first_two_managers_stand_at_once_and_no_third(tmp_path: Path) -> None:
    """The founder's first manager needs nobody; neither a program, nor another role, nor a third manager does so."""
    workspace = create_workspace(tmp_path / "new", "测试金融有限公司", "lender.example/log")
    add_account(workspace, None, "first", ["operator"], PASSPHRASE)
    founder = signed_in(workspace, "first")
    add_account(workspace, founder, "program", ["dpo"], PASSPHRASE, AccountKind.SERVICE)
    add_account(workspace, founder, "analyst", ["analyst"], PASSPHRASE)
    for name in ("program", "analyst"):
        with pytest.raises(NotSignedIn):
            sign_in(workspace, name, PASSPHRASE)


def test_a_second_manager_who_was_closed_is_not_replaced_alone(tmp_path: Path) -> None:
    """The founder closes the second manager and adds another: that one waits for somebody else."""
    workspace = create_workspace(tmp_path / "new", "测试金融有限公司", "lender.example/log")
    add_account(workspace, None, "first", ["operator"], PASSPHRASE)
    founder = signed_in(workspace, "first")
    add_account(workspace, founder, "second", ["dpo"], PASSPHRASE)
    sign_in(workspace, "second", PASSPHRASE)
    close_account(workspace, founder, "second")
    add_account(workspace, founder, "third", ["dpo"], PASSPHRASE)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "third", PASSPHRASE)


def test_a_passphrase_is_changed_by_whoever_knows_it(tmp_path: Path) -> None:
    """With the present one, to another that is long enough; a wrong one is counted as at sign-in."""
    workspace = fresh(tmp_path, Hands())
    token = signed_in(workspace, "analyst")
    with pytest.raises(NotSignedIn):
        change_passphrase(workspace, token, "a wrong passphrase", "another long passphrase")
    with pytest.raises(Invalid):
        change_passphrase(workspace, token, PASSPHRASE, PASSPHRASE)
    change_passphrase(workspace, token, PASSPHRASE, "another long passphrase")
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "analyst", PASSPHRASE)
    sign_in(workspace, "analyst", "another long passphrase")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            change_passphrase(workspace, token, "a wrong passphrase", "a third long passphrase")
    with pytest.raises(NotSignedIn):
        change_passphrase(workspace, token, "another long passphrase", "a third long passphrase")
    assert verify_ledger(workspace).flaws == []
