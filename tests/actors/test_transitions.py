"""The life of an account is exactly its table, and is read from its row."""

from __future__ import annotations

from itertools import product

import pytest

from shouxin.actors.account import Account, AccountKind, check_code, issue_code
from shouxin.actors.transitions import TRANSITIONS, AccountEvent, AccountState, follow, state_of
from shouxin.domain.identifiers import AccountId
from shouxin.errors import NotInThisState

# Written out a second time on purpose: a row added to the table by mistake fails here.
LEGAL = {
    "added": {"confirm": "confirmed", "close": "closed"},
    "confirmed": {"confirm": "confirmed", "enrol": "active", "close": "closed"},
    "active": {"close": "closed"},
    "closed": {},
}
ONE, OTHER = AccountId(b"1" * 16), AccountId(b"2" * 16)


@pytest.mark.parametrize(("state", "event"), list(product(AccountState, AccountEvent)))
def test_every_pair_follows_the_table_or_raises(state: AccountState, event: AccountEvent) -> None:
    """A legal event leads to its state; an illegal one raises, names both and leaves the table as it was."""
    before = dict(TRANSITIONS)
    expected = LEGAL[state].get(event)
    if expected is None:
        with pytest.raises(NotInThisState, match=f"{state}.*{event}"):
            follow(state, event)
    else:
        assert follow(state, event) == expected
    assert before == TRANSITIONS


@pytest.mark.parametrize(
    ("made_by", "confirmed_by", "code", "closed", "state"),
    [
        (None, None, b"", False, "active"),
        (ONE, None, b"", False, "added"),
        (ONE, OTHER, b"c", False, "confirmed"),
        (ONE, OTHER, b"", False, "active"),
        (ONE, None, b"", True, "closed"),
        (None, None, b"", True, "closed"),
    ],
)
def test_where_an_account_stands_is_read_from_its_row(
    made_by: AccountId | None, confirmed_by: AccountId | None, code: bytes, closed: bool, state: str
) -> None:
    """Nobody made it, nobody confirmed it, its code is out, it was taken over, it is closed."""
    account = Account(
        "mei",
        AccountKind.PERSON,
        ("analyst",),
        "secret",
        b"p" * 32,
        closed=closed,
        made_by=made_by,
        confirmed_by=confirmed_by,
        code=code,
    )
    assert state_of(account) == state


def test_a_code_fits_one_account_under_one_key() -> None:
    """As it was given out, or as people type it; not for another account, another key, or with a letter changed."""
    code, digest = issue_code(b"k" * 32, ONE)
    assert check_code(b"k" * 32, ONE, code, digest)
    assert check_code(b"k" * 32, ONE, f" {code.replace('-', '').upper()} ", digest)
    assert not check_code(b"k" * 32, OTHER, code, digest)
    assert not check_code(b"q" * 32, ONE, code, digest)
    assert not check_code(b"k" * 32, ONE, ("1" if code[0] == "0" else "0") + code[1:], digest)
    assert code != issue_code(b"k" * 32, ONE)[0]
