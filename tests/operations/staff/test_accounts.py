from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from argon2 import extract_parameters

from shouxin.actors.account import ROLES, AccountKind, Token
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound, NotSignedIn, Refused
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.staff import accounts
from shouxin.operations.staff.accounts import add_account, close_account, list_accounts, sign_in, sign_out
from shouxin.operations.workspace import Workspace
from tests import recorded
from tests.operations.portfolio import Hands
from tests.workspaces import PASSPHRASE, fresh, hire, home_of, reopened, signed_in


def test_an_operator_adds_an_account_that_can_sign_in(tmp_path: Path) -> None:
    """What an operator adds and another confirms can sign in and acts with exactly the roles it was given."""
    workspace = fresh(tmp_path)
    managers = signed_in(workspace, "operator"), signed_in(workspace, "dpo")
    hire(workspace, managers, "nightly", ["auditor", "operator"], AccountKind.SERVICE)
    token = sign_in(workspace, "nightly", PASSPHRASE)[0]
    found = {account.name: account for _, account in list_accounts(workspace, token)}
    assert found["nightly"].roles == ("auditor", "operator")
    assert found["nightly"].kind is AccountKind.SERVICE
    assert PASSPHRASE not in found["nightly"].secret


@pytest.mark.parametrize("role", sorted(ROLES - {"operator"}))
def test_nobody_but_an_operator_adds_or_closes_an_account(tmp_path: Path, role: str) -> None:
    """Any other role is refused with the article, and no account comes of it."""
    workspace = fresh(tmp_path)
    token, operator = signed_in(workspace, role), signed_in(workspace, "operator")
    before = len(list_accounts(workspace, operator))
    with pytest.raises(Refused) as refusal:
        add_account(workspace, token, "friend", ["operator"], PASSPHRASE)
    assert refusal.value.reasons == (("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)"),)
    with pytest.raises(Refused):
        close_account(workspace, token, "operator")
    assert len(list_accounts(workspace, operator)) == before


@pytest.mark.parametrize(
    ("name", "roles", "passphrase", "place"),
    [
        ("new", ["emperor"], PASSPHRASE, "roles"),
        ("new", [], PASSPHRASE, "roles"),
        ("new", ["analyst"], "elevenchars", "passphrase"),
        ("analyst", ["analyst"], PASSPHRASE, "name"),
    ],
)
def test_a_bad_account_is_refused(tmp_path: Path, name: str, roles: list[str], passphrase: str, place: str) -> None:
    """An unknown role, no role, a short passphrase or a name that stands already is invalid, and says where."""
    workspace = fresh(tmp_path)
    with pytest.raises(Invalid) as refusal:
        add_account(workspace, signed_in(workspace, "operator"), name, roles, passphrase)
    assert refusal.value.place == place


@pytest.mark.parametrize("name", ["", "Mei", "mei wang", "王小明", "../dpo", "mei\n", "a" * 65, "mei@bank", "мei"])
def test_a_name_has_nothing_that_can_be_misread(tmp_path: Path, name: str) -> None:
    """Other than 1 to 64 characters of a-z, 0-9, dot, underscore and hyphen is invalid."""
    workspace = fresh(tmp_path)
    with pytest.raises(Invalid) as refusal:
        add_account(workspace, signed_in(workspace, "operator"), name, ["analyst"], PASSPHRASE)
    assert refusal.value.place == "name"


def test_the_first_account_is_the_only_one_that_makes_itself(tmp_path: Path) -> None:
    """Once there is an account, nobody adds another without being signed in."""
    workspace = fresh(tmp_path)
    with pytest.raises(NotSignedIn):
        add_account(workspace, None, "second", ["operator"], PASSPHRASE)


def test_who_empties_the_table_of_accounts_does_not_become_the_founder(tmp_path: Path) -> None:
    """The ledger remembers that there was a first account: deleting the rows by SQL does not make a new operator."""
    fresh(tmp_path)
    with sqlite3.connect(home_of(tmp_path) / "data" / "data.db") as rows:
        rows.execute("DELETE FROM accounts")
    with pytest.raises(NotSignedIn):
        add_account(reopened(tmp_path), None, "usurper", ["operator"], PASSPHRASE)


def test_a_wrong_name_and_a_wrong_passphrase_look_the_same(tmp_path: Path) -> None:
    """Who guesses is not told whether the account exists."""
    workspace = fresh(tmp_path)
    with pytest.raises(NotSignedIn) as unknown:
        sign_in(workspace, "nobody", PASSPHRASE)
    with pytest.raises(NotSignedIn) as wrong:
        sign_in(workspace, "analyst", "another passphrase")
    assert unknown.value.detail == wrong.value.detail


@pytest.mark.parametrize("token", ["", "sgn_", "nonsense", "sgn_" + "0" * 32 + "." + "0" * 64])
def test_a_made_up_token_is_nobody(tmp_path: Path, token: str) -> None:
    """A token that this institution did not issue acts as nobody."""
    with pytest.raises(NotSignedIn):
        list_accounts(fresh(tmp_path), Token(token))


def test_every_character_of_a_token_matters(tmp_path: Path) -> None:
    """A token changed in any one place is nobody's."""
    workspace = fresh(tmp_path)
    token = signed_in(workspace, "operator")
    for at, old in enumerate(token):
        changed = token[:at] + ("1" if old == "0" else "0") + token[at + 1 :]
        with pytest.raises(NotSignedIn):
            list_accounts(workspace, Token(changed))


def test_a_sign_in_ends_by_itself(tmp_path: Path) -> None:
    """A sign-in carries its holder until its end and not a moment longer."""
    clock = Hands()
    workspace = fresh(tmp_path, clock)
    token, until = sign_in(workspace, "operator", PASSPHRASE, hours=1)
    clock.at = until - 1
    list_accounts(workspace, token)
    clock.at = until
    with pytest.raises(NotSignedIn):
        list_accounts(workspace, token)


def test_signing_out_ends_the_sign_in(tmp_path: Path) -> None:
    """After signing out the token acts as nobody; another sign-in of the same account goes on."""
    workspace = fresh(tmp_path)
    first, second = signed_in(workspace, "operator"), signed_in(workspace, "operator")
    sign_out(workspace, first)
    with pytest.raises(NotSignedIn):
        list_accounts(workspace, first)
    assert list_accounts(workspace, second)


def test_closing_an_account_ends_its_sign_ins_at_once(tmp_path: Path) -> None:
    """A closed account neither acts with a token it holds nor signs in again."""
    workspace = fresh(tmp_path)
    operator, auditor = signed_in(workspace, "operator"), signed_in(workspace, "auditor")
    list_accounts(workspace, auditor)
    close_account(workspace, operator, "auditor")
    with pytest.raises(NotSignedIn):
        list_accounts(workspace, auditor)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "auditor", PASSPHRASE)


def test_closing_an_account_that_is_not_there_is_said(tmp_path: Path) -> None:
    """There is nothing to close under an unknown name."""
    workspace = fresh(tmp_path)
    with pytest.raises(NotFound):
        close_account(workspace, signed_in(workspace, "operator"), "nobody")


def changes(workspace: Workspace) -> list[str]:
    """Return what the log says of accounts, in order."""
    found = recorded.events(workspace, EventKind.ACCOUNT_CHANGED)
    return [str(event.facts["change"]) for event in found if str(event.facts["change"]).startswith("sign-in")]


def wrong(workspace: Workspace, name: str, times: int) -> None:
    """Try ``times`` to sign in with a wrong passphrase."""
    for _ in range(times):
        with pytest.raises(NotSignedIn):
            sign_in(workspace, name, "another passphrase")


def test_five_wrong_passphrases_shut_an_account_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    """From the fifth on even the right one is refused, for 15 minutes by the clock; each wrong one is on record.

    Another account is not touched, also a process begun meanwhile knows; once it is over counting begins anew, so that
    a stranger's single guess keeps nobody out.
    """
    clock = Hands()
    workspace = fresh(tmp_path, clock)
    wrong(workspace, "analyst", 5)
    for one in (workspace, reopened(tmp_path, clock)):
        with pytest.raises(NotSignedIn):
            sign_in(one, "analyst", PASSPHRASE)
        sign_in(one, "analyst.2", PASSPHRASE)
    clock.at += 15 * 60_000 - 1
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "analyst", PASSPHRASE)
    clock.at += 1
    wrong(workspace, "analyst", 1)
    assert list_accounts(workspace, signed_in(workspace, "auditor"))
    sign_in(workspace, "analyst", PASSPHRASE)
    assert changes(workspace) == ["sign-in-wrong"] * 6 + ["sign-in-right"]
    assert verify_ledger(workspace).flaws == []


def test_a_right_sign_in_forgives_the_wrong_ones(tmp_path: Path) -> None:
    """Four wrong, one right, four wrong: the account is open, and the count begins anew with each right one."""
    workspace = fresh(tmp_path, Hands())
    for _ in range(2):
        wrong(workspace, "analyst", 4)
        sign_in(workspace, "analyst", PASSPHRASE)
    assert changes(workspace) == ["sign-in-wrong"] * 4 + ["sign-in-right"] + ["sign-in-wrong"] * 4 + ["sign-in-right"]
    sign_in(workspace, "analyst", PASSPHRASE)
    assert len(changes(workspace)) == 10


def test_a_clock_set_on_for_the_wait_and_back_opens_nothing_early(tmp_path: Path) -> None:
    """A clock that goes back does not shorten the wait, and what the ledger has seen is not unseen."""
    clock = Hands()
    workspace = fresh(tmp_path, clock)
    wrong(workspace, "analyst", 5)
    clock.on(hours=-5)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "analyst", PASSPHRASE)


def test_guesses_made_at_once_are_counted_before_one_gets_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right passphrase whose check ends after five wrong ones were noted comes too late."""
    workspace = fresh(tmp_path, Hands())
    check = accounts.check_passphrase
    rivals: list[bool] = []

    def slow(secret: str, passphrase: str) -> bool:
        if not rivals:
            rivals.append(True)
            wrong(workspace, "analyst", 5)
        return check(secret, passphrase)

    monkeypatch.setattr(accounts, "check_passphrase", slow)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "analyst", PASSPHRASE)
    assert changes(workspace) == ["sign-in-wrong"] * 5


def test_whether_an_account_exists_or_is_shut_costs_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase is checked once and in full in every case: unknown, closed, shut, wrong; only the last is noted."""
    clock = Hands()
    workspace = fresh(tmp_path, clock)
    close_account(workspace, signed_in(workspace, "operator"), "auditor")
    wrong(workspace, "analyst", 5)
    checked: list[str] = []
    check = accounts.check_passphrase

    def counted(secret: str, passphrase: str) -> bool:
        checked.append(secret)
        return check(secret, passphrase)

    monkeypatch.setattr(accounts, "check_passphrase", counted)
    before = len(changes(workspace))
    for name in ("nobody", "auditor", "analyst", "dpo"):
        with pytest.raises(NotSignedIn) as refusal:
            sign_in(workspace, name, "another passphrase")
        assert refusal.value.detail.startswith("name or passphrase is not right")
    assert len(checked) == 4
    assert len(changes(workspace)) == before + 1
    # What stands in for nobody's secret is hashed as a new account's is; accounts of tests are hashed more cheaply.
    real = accounts.hash_passphrase(PASSPHRASE)
    assert [extract_parameters(secret) for secret in checked[:3]] == [extract_parameters(real)] * 3


def test_a_name_that_does_not_exist_is_checked_against_a_hash_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is hashed for it: in a new process it would take as long again and give the name away."""
    workspace = fresh(tmp_path)

    def never(_: str) -> str:
        raise AssertionError("a sign-in hashes nothing")

    monkeypatch.setattr(accounts, "hash_passphrase", never)
    with pytest.raises(NotSignedIn):
        sign_in(workspace, "nobody", PASSPHRASE)
