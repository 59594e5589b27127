"""Many decisions in one commit: each on the facts as the one before it left them, each with its own error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId
from shouxin.errors import NotFound, NotSignedIn, Refused, Tampered
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.opening.disclose import Disclosed, disclose
from shouxin.operations.staff.accounts import sign_out
from shouxin.operations.subjects import freeze
from shouxin.storage.data_store import SqlDataStore
from tests import recorded
from tests.at_once import at_once
from tests.operations.portfolio import Lender, lender


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Three customers, each of whom was seen once: what could be remembered of them is."""
    made = lender(tmp_path)
    made.take([1, 2, 3])
    made.masked(*made.people.values())
    return made


def _at_once(bank: Lender, calls: list[Callable[[], object]]) -> list[object]:
    """Make ``calls``, each in a thread of its own, be committed together; return results or errors in order."""
    store = bank.workspace.data
    assert isinstance(store, SqlDataStore)
    return at_once(store, calls)


def _sees(bank: Lender, subject: SubjectId, role: str = "analyst") -> Callable[[], Disclosed]:
    return lambda: disclose(bank.workspace, bank.tokens[role], bank.wish(subject))


def _is_shown(outcome: object, subject: SubjectId) -> bool:
    return isinstance(outcome, Disclosed) and bool(outcome.values[subject])


def _forge(bank: Lender, statement: str, *values: object) -> None:
    assert recorded.forge(bank.home / "data" / "data.db", statement, *values) == 1


def test_each_is_opened_for_itself(bank: Lender) -> None:
    """Three people in one commit: each caller gets the one whom they asked for, and each has an entry."""
    people = list(bank.people.values())
    outcomes = _at_once(bank, [_sees(bank, one) for one in people])
    shown = [one for one in outcomes if isinstance(one, Disclosed)]
    assert [set(one.values) for one in shown] == [{one} for one in people]
    assert len({str(one.values) for one in shown}) == 3
    assert len({one.leaf for one in shown}) == 3
    assert verify_ledger(bank.workspace).intact


def test_a_freeze_counts_for_the_next_in_the_same_commit(bank: Lender) -> None:
    """Rows that were read for all of them at once are not believed once one of them has written."""
    one, other, _ = bank.people.values()
    outcomes = _at_once(
        bank,
        [
            _sees(bank, one),
            lambda: freeze(bank.workspace, bank.tokens["dpo"], one),
            _sees(bank, one),
            _sees(bank, other),
        ],
    )
    assert _is_shown(outcomes[0], one)
    assert isinstance(outcomes[2], Refused)
    assert _is_shown(outcomes[3], other)
    assert isinstance(_at_once(bank, [_sees(bank, one), _sees(bank, other)])[0], Refused)


def test_a_sign_out_counts_for_the_next_in_the_same_commit(bank: Lender) -> None:
    """Who has signed out sees nothing more, though their colleagues do."""
    one, other, _ = bank.people.values()
    outcomes = _at_once(
        bank,
        [
            _sees(bank, one),
            lambda: sign_out(bank.workspace, bank.tokens["analyst"]),
            _sees(bank, one),
            _sees(bank, other, "analyst.2"),
        ],
    )
    assert _is_shown(outcomes[0], one)
    assert isinstance(outcomes[2], NotSignedIn)
    assert _is_shown(outcomes[3], other)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE subjects SET body = replace(body, 'active', 'frozen') WHERE identifier = ?",
        "UPDATE subjects SET mac = zeroblob(32) WHERE identifier = ?",
        "UPDATE subjects SET mac = 'text' WHERE identifier = ?",
        "UPDATE consents SET mac = zeroblob(32) WHERE identifier = (SELECT identifier FROM consents WHERE subject = ?)",
        "UPDATE cells SET kind = 'odd' WHERE cell = (SELECT min(cell) FROM cells WHERE subject = ?)",
    ],
)
def test_a_forged_row_is_its_readers_error(bank: Lender, forgery: str) -> None:
    """Read together with others', also after a good one was read, it is refused; the others are served."""
    one, other, third = bank.people.values()
    _forge(bank, forgery, one)
    outcomes = _at_once(bank, [_sees(bank, other), _sees(bank, one), _sees(bank, third)])
    assert isinstance(outcomes[1], Tampered)
    assert _is_shown(outcomes[0], other)
    assert _is_shown(outcomes[2], third)


def test_somebody_unknown_is_not_found_among_others(bank: Lender) -> None:
    """An identifier of nobody harms only who asked for it."""
    one, other, _ = bank.people.values()
    nobody = SubjectId(bytes(16))
    outcomes = _at_once(bank, [_sees(bank, one), _sees(bank, nobody), _sees(bank, other)])
    assert isinstance(outcomes[1], NotFound)
    assert _is_shown(outcomes[0], one)
    assert _is_shown(outcomes[2], other)
