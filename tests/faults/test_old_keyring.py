"""An old copy of the keyring beside today's data store and index: nobody who came since is said to be gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, RolledBack
from shouxin.operations.account_for import account_for
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose_object import record_object
from shouxin.operations.recovery.backup import back_up
from shouxin.operations.subjects import freeze, merge
from tests.faults.interrupted import FRAMES, RIGHT, opens
from tests.operations.portfolio import JOB, MOBILE, VIDEO, Lender, lender
from tests.workspaces import close

RIGHT_JOB = Plaintext.of("teacher")


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and somebody erased, of whom the old keyring knows; two who came since, a video, a correction."""
    made = lender(tmp_path)
    made.take([1, 2], contact=True)
    made.take([3], customer=False)
    made.film(made.people[2])
    close(made.workspace)
    shutil.copytree(made.home / "keyring", tmp_path / "old")
    today = made.reopened()
    erase(today.workspace, today.tokens["dpo"], today.people[3])
    today.take([5, 6], contact=True)
    return today


def put(bank: Lender, name: str) -> Lender:
    """Put another keyring in place of the one that is there, which is kept as ``today``."""
    close(bank.workspace)
    (bank.home / "keyring").rename(bank.home.parent / ("today" if name == "old" else "worn"))
    shutil.copytree(bank.home.parent / name, bank.home / "keyring")
    return bank.reopened()


ASKED: dict[str, Callable[[Lender], object]] = {
    "found": lambda one: one.find(5),
    "found as a contact": lambda one: one.find_contact(5),
    "accounted for": lambda one: account_for(one.workspace, one.tokens["dpo"], one.people[5]),
    "frozen": lambda one: freeze(one.workspace, one.tokens["dpo"], one.people[5]),
    "merged": lambda one: merge(one.workspace, one.tokens["dpo"], one.people[6], one.people[2]),
    "corrected": lambda one: correct(one.workspace, one.tokens["dpo"], one.people[5], {JOB: RIGHT_JOB}),
    "somebody else corrected": lambda one: correct(one.workspace, one.tokens["dpo"], one.people[1], {MOBILE: RIGHT}),
    "erased": lambda one: erase(one.workspace, one.tokens["dpo"], one.people[6]),
    "filmed": lambda one: one.film(one.people[2], FRAMES),
    "taken in": lambda one: one.take([7]),
    "backed up": lambda one: back_up(one.workspace, one.tokens["operator"], one.home.parent / "backup"),
    "epoch advanced": lambda one: advance(one.workspace, one.tokens["operator"]),
}


def test_an_old_keyring_says_of_nobody_that_they_are_gone(bank: Lender) -> None:
    """Whatever is asked of who came since, or would be lost with that copy, is refused; today's put back goes on."""
    old = put(bank, "old")
    for name, ask in ASKED.items():
        with pytest.raises(RolledBack, match="older than the data store"):
            print(name, ask(old))
    assert old.is_gone(old.people[3])
    assert old.find(3) == []
    assert not verify_ledger(old.workspace).intact
    today = put(old, "today")
    assert verify_ledger(today.workspace).flaws == []
    advance(today.workspace, today.tokens["operator"])
    opens(today, 1, 2, 5, 6)
    assert today.is_gone(today.people[3])
    close(today.workspace)


def test_a_film_that_the_old_keyring_has_no_key_of_is_not_said_to_be_destroyed(bank: Lender) -> None:
    """Its row stands and nobody erased it; nothing is recorded either."""
    film = bank.film(bank.people[1], FRAMES)
    old = put(bank, "old")
    wish = old.wish(old.people[1], purpose="interview.video", items={VIDEO}, form="raw")
    size = old.workspace.data.read(lambda records: records.ledger.size)
    with pytest.raises(RolledBack, match="older than the data store"):
        record_object(old.workspace, old.tokens["credit_officer"], wish, film)
    assert old.workspace.data.read(lambda records: records.ledger.size) == size
    close(old.workspace)


def test_what_an_erasure_takes_is_no_sign_of_age(bank: Lender) -> None:
    """The newest of all are erased, in part and whole: their keys go first, and everything goes on."""
    bank.take([7], customer=False, contact=True)
    bank.film(bank.people[6], FRAMES)
    erase(bank.workspace, bank.tokens["dpo"], bank.people[6], ["interview.video"])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[7])
    correct(bank.workspace, bank.tokens["dpo"], bank.people[5], {MOBILE: RIGHT})
    advance(bank.workspace, bank.tokens["operator"])
    opens(bank, 1, 2, 6)
    bank.take([8])
    with pytest.raises(NotFound):
        freeze(bank.workspace, bank.tokens["dpo"], type(bank.people[1])(bytes(16)))
    close(bank.workspace)


def test_an_advance_that_goes_on_with_an_old_keyring_destroys_nothing(
    bank: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is from within the advance: it was begun with today's, and stops before a root key goes."""

    def dies(*_: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("shouxin.operations.advance._STEPS", {**_steps(), **dict.fromkeys(list(_steps())[1:], dies)})
        with pytest.raises(KeyboardInterrupt):
            advance(bank.workspace, bank.tokens["operator"])
    close(bank.workspace)
    shutil.rmtree(bank.home.parent / "old")
    shutil.copytree(bank.home / "keyring", bank.home.parent / "old")
    later = bank.reopened()
    later.take([9])
    old = put(later, "old")
    with pytest.raises(RolledBack, match="older than the data store"):
        advance(old.workspace, old.tokens["operator"])
    assert sorted(path.name for path in (old.home / "root").iterdir()) == ["epoch-1.key", "epoch-2.key"]
    today = put(old, "today")
    advance(today.workspace, today.tokens["operator"])
    opens(today, 1, 2, 5, 6, 9)
    close(today.workspace)


def _steps() -> dict[object, object]:
    from shouxin.operations import advance as module

    return dict(module._STEPS)
