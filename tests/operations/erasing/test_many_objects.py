"""Many objects at once: read, removed and looked for by several hands, and no less certain for that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from shouxin.domain.identifiers import ObjectId
from shouxin.errors import StoreUnavailable, Tampered
from shouxin.operations.erasing.erase import erase_many, resume_erasures
from shouxin.storage.object_store import ObstoreObjects
from shouxin.vault.erasure import ErasureState
from tests import recorded
from tests.operations.portfolio import Hands, Lender, lender

EACH = 12


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two declined applicants, who were filmed often."""
    made = lender(tmp_path, Hands())
    made.take([1, 2], customer=False)
    return made


def _file(bank: Lender, film: ObjectId) -> Path:
    return bank.home / "data" / "objects" / film.hex()[:2] / film.hex()


def test_all_of_them_are_gone(bank: Lender) -> None:
    """Each object of each person is removed and looked for; the record counts every one."""
    films = [bank.film(one) for one in (bank.people[1], bank.people[2]) for _ in range(EACH)]
    done = erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[1], bank.people[2]])
    assert [erasure.state for _, erasure in done] == [ErasureState.LIVE] * 2
    assert sum(part.kind == "object" for _, erasure in done for part in erasure.parts) == len(films)
    assert not any(_file(bank, film).exists() for film in films)
    assert not list(bank.workspace.objects.all_objects())
    assert recorded.flaws(bank.reopened().workspace) == []


def test_one_that_was_altered_stops_all_before_anything_is_done(bank: Lender) -> None:
    """One flipped bit among many objects: nobody is erased, no object goes; with the bit back all is done."""
    films = [bank.film(one) for one in (bank.people[1], bank.people[2]) for _ in range(EACH)]
    place = _file(bank, films[17])
    genuine = place.read_bytes()
    place.write_bytes(genuine[:60] + bytes([genuine[60] ^ 1]) + genuine[61:])
    with pytest.raises(Tampered):
        erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[1], bank.people[2]])
    assert all(_file(bank, film).exists() for film in films)
    place.write_bytes(genuine)
    done = erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[1], bank.people[2]])
    assert [erasure.state for _, erasure in done] == [ErasureState.LIVE] * 2


@pytest.mark.parametrize("said", ["refused", "pretended"])
def test_one_that_stays_is_found_and_the_erasure_finished_later(
    bank: Lender, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A store that refuses or pretends to remove one object of many: nothing is called erased until it is gone."""
    films = [bank.film(one) for one in (bank.people[1], bank.people[2]) for _ in range(EACH)]
    remove = ObstoreObjects.remove

    def but_one(store: ObstoreObjects, those: Sequence[ObjectId]) -> None:
        remove(store, [film for film in those if film != films[5]])
        if said == "refused":
            raise StoreUnavailable("not now")

    monkeypatch.setattr(ObstoreObjects, "remove", but_one)
    with pytest.raises(StoreUnavailable if said == "refused" else Tampered):
        erase_many(bank.workspace, bank.tokens["dpo"], [bank.people[1], bank.people[2]])
    assert _file(bank, films[5]).exists()
    monkeypatch.undo()
    again = bank.reopened()
    done = resume_erasures(again.workspace, bank.tokens["dpo"])
    assert [erasure.state for _, erasure in done] == [ErasureState.LIVE] * 2
    assert not any(_file(bank, film).exists() for film in films)
    assert recorded.flaws(again.reopened().workspace) == []
