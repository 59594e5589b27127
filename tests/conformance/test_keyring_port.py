"""The port of keyrings (``keys.keyring``): one suite over every driver."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import (
    Fenced,
    StoreUnavailable,
    Tampered,
)
from shouxin.keys.chain import Chain
from shouxin.keys.keyring import EpochRow, Keyring, ServiceKey
from shouxin.keys.root import EpochNumber
from shouxin.keys.suite import WRAPPED_SIZE
from shouxin.storage.keyring_store import SqlKeyring
from tests.conformance.drivers import ONE, THREE, TWO, Driver, Opener, over


def _keyring_file(folder: Path) -> Opener[Keyring]:
    SqlKeyring.create(folder / "keyring.db")
    return lambda: SqlKeyring(folder / "keyring.db")


KEYRINGS: dict[str, Driver[Keyring]] = {
    "sqlite": _keyring_file,
}


keyring_of = over(KEYRINGS)


def _epoch(number: EpochNumber) -> tuple[EpochRow, list[ServiceKey]]:
    return EpochRow(number, b"e" * 40, "opened"), [
        ServiceKey("a", number, b"a" * 40),
        ServiceKey("b", number, b"b" * 40),
    ]


def _chain(epoch: EpochNumber = ONE, links: bytes = b"links") -> Chain:
    return Chain(new(SubjectId), 1, epoch, os.urandom(WRAPPED_SIZE), links)


def _anew(wrapped: list[bytes]) -> list[bytes]:
    return [one[::-1] for one in wrapped]


@pytest.fixture
def keyring(keyring_of: Opener[Keyring]) -> Keyring:
    """A keyring in its first epoch."""
    made: Keyring = keyring_of()
    made.add_epoch(*_epoch(ONE))
    return made


def test_epochs_follow_one_another(keyring: Keyring) -> None:
    """An epoch is added with its service keys once, in order, and its step is noted."""
    keyring.set_step(ONE, "settled")
    keyring.add_epoch(*_epoch(TWO))
    for wrong in (_epoch(TWO), _epoch(ONE), _epoch(EpochNumber(4))):
        with pytest.raises(Fenced):
            keyring.add_epoch(*wrong)
    assert keyring.epochs() == [replace(_epoch(ONE)[0], step="settled"), _epoch(TWO)[0]]
    assert sorted(keyring.service_keys(ONE), key=lambda key: key.name) == _epoch(ONE)[1]
    assert keyring.service_keys(THREE) == []


def test_chains_are_found_by_subject(keyring: Keyring) -> None:
    """One, several or many chains come back, and whoever has none is left out."""
    chains = [_chain() for _ in range(1_201)]
    keyring.add(chains, fence=ONE)
    everybody = {chain.subject: chain for chain in chains}
    assert keyring.get([]) == {}
    assert keyring.get([new(SubjectId)]) == {}
    assert keyring.get([chains[0].subject]) == {chains[0].subject: chains[0]}
    assert keyring.get([*everybody, new(SubjectId)]) == everybody
    assert set(keyring.all_subjects()) == everybody.keys()
    assert (keyring.count(), keyring.count(ONE), keyring.count(TWO)) == (1_201, 1_201, 0)


def test_a_subject_has_one_chain(keyring: Keyring) -> None:
    """Adding a chain to somebody who has one is fenced, and nothing of that call is written."""
    first, other = _chain(), _chain()
    keyring.add([first], fence=ONE)
    with pytest.raises(Fenced):
        keyring.add([other, replace(first, links=b"second")], fence=ONE)
    assert keyring.get([first.subject, other.subject]) == {first.subject: first}


def test_writers_of_an_epoch_that_is_over_are_fenced(keyring: Keyring) -> None:
    """Once the epoch has moved on, nobody who believes in the old one writes anything."""
    chain, fresh = _chain(), _chain()
    keyring.add([chain], fence=ONE)
    keyring.add_epoch(*_epoch(TWO))
    calls: list[Callable[[], None]] = [
        lambda: keyring.add([fresh], fence=ONE),
        lambda: keyring.replace([chain], [replace(chain, links=b"more")], fence=ONE),
        lambda: keyring.remove([chain], fence=ONE),
        lambda: keyring.rewrap(ONE, 0, 10, _anew, fence=ONE) and None,
    ]
    for call in calls:
        with pytest.raises(Fenced):
            call()
    assert keyring.get([chain.subject, fresh.subject]) == {chain.subject: chain}


def test_keys_of_the_institution_are_added_to_the_current_epoch_once(keyring: Keyring) -> None:
    """A key that an older version did not have is added; under an epoch that is over, or twice, it is refused."""
    late = ServiceKey("late.key", ONE, b"w" * 40)
    before = keyring.service_keys(ONE)
    keyring.add_services([late], fence=ONE)
    assert sorted(keyring.service_keys(ONE), key=lambda one: one.name) == sorted(
        [*before, late], key=lambda one: one.name
    )
    with pytest.raises(StoreUnavailable):
        keyring.add_services([late], fence=ONE)
    with pytest.raises(Fenced):
        keyring.add_services([replace(late, name="later.key", epoch=TWO)], fence=TWO)
    assert len(keyring.service_keys(ONE)) == len(before) + 1


def test_replacing_compares_and_sets_all_or_nothing(keyring: Keyring) -> None:
    """Two chains are replaced together; when one of them is no longer what it was, neither is."""
    one, two = _chain(), _chain()
    keyring.add([one, two], fence=ONE)
    more = [replace(chain, generation=2, wrapped=b"n" * 40, links=b"fewer") for chain in (one, two)]
    for changed in (replace(two, links=b"other"), replace(two, generation=9), replace(two, subject=new(SubjectId))):
        with pytest.raises(Fenced):
            keyring.replace([one, changed], [more[0], replace(more[1], subject=changed.subject)], fence=ONE)
        assert keyring.get([one.subject, two.subject]) == {one.subject: one, two.subject: two}
    keyring.replace([one, two], more, fence=ONE)
    assert keyring.get([one.subject, two.subject]) == {chain.subject: chain for chain in more}


def test_a_chain_that_was_rewrapped_is_not_replaced_by_what_was_read_before(keyring: Keyring) -> None:
    """Whoever read a chain before an advance moved it does not put it back under the old epoch, or its key is lost."""
    chain = _chain()
    keyring.add([chain], fence=ONE)
    keyring.add_epoch(*_epoch(TWO))
    keyring.rewrap(ONE, 0, 10, _anew, fence=TWO)
    with pytest.raises(Fenced):
        keyring.replace([chain], [replace(chain, links=chain.links + b"more")], fence=TWO)
    assert keyring.get([chain.subject]) == {chain.subject: replace(chain, epoch=TWO, wrapped=chain.wrapped[::-1])}


def test_removing_takes_exactly_these_rows(keyring: Keyring) -> None:
    """A row that is gone already is no error; one that was changed meanwhile is, and nothing goes."""
    one, two, three = _chain(), _chain(), _chain()
    keyring.add([one, two, three], fence=ONE)
    with pytest.raises(Fenced):
        keyring.remove([one, replace(two, links=b"stale")], fence=ONE)
    assert keyring.count() == 3
    keyring.remove([one, two], fence=ONE)
    keyring.remove([one], fence=ONE)
    assert keyring.get([one.subject, two.subject, three.subject]) == {three.subject: three}


def test_chains_move_to_the_new_epoch_in_batches(keyring: Keyring) -> None:
    """Batch by batch, each chain gets what its own key was wrapped to; one that is in the new epoch stays as it is."""
    chains = {chain.subject: chain for chain in (_chain() for _ in range(25))}
    keyring.add(list(chains.values()), fence=ONE)
    keyring.add_epoch(*_epoch(TWO))
    rekeyed = next(iter(chains.values()))
    keyring.replace([rekeyed], [replace(rekeyed, generation=2, epoch=TWO)], fence=TWO)
    sizes: list[int] = []

    def anew(wrapped: list[bytes]) -> list[bytes]:
        sizes.append(len(wrapped))
        return _anew(wrapped)

    place = 0
    while place := keyring.rewrap(ONE, place, 10, anew, fence=TWO):
        pass
    assert sizes == [10, 10, 4]
    found = keyring.get(list(chains))
    assert found.pop(rekeyed.subject) == replace(rekeyed, generation=2, epoch=TWO)
    for who, chain in found.items():
        (wrapped,) = _anew([chains[who].wrapped])
        assert chain == replace(chains[who], epoch=TWO, wrapped=wrapped)
    assert (len(found), keyring.count(ONE), keyring.count(TWO)) == (24, 0, 25)


def test_when_wrapping_anew_fails_nothing_is_written(keyring: Keyring) -> None:
    """A subject key that does not unwrap leaves its whole batch as it was."""
    chains = [_chain(), _chain()]
    keyring.add(chains, fence=ONE)
    keyring.add_epoch(*_epoch(TWO))

    def fails(_wrapped: list[bytes]) -> list[bytes]:
        raise Tampered("one of them does not open")

    with pytest.raises(Tampered):
        keyring.rewrap(ONE, 0, 10, fails, fence=TWO)
    assert keyring.get([chain.subject for chain in chains]) == {chain.subject: chain for chain in chains}


def test_an_epoch_on_which_a_chain_rests_stays(keyring: Keyring) -> None:
    """Removing an epoch is refused while somebody's key needs it, and then takes its service keys along."""
    chain = _chain()
    keyring.add([chain], fence=ONE)
    keyring.add_epoch(*_epoch(TWO))
    with pytest.raises(Fenced):
        keyring.remove_epoch(ONE)
    assert keyring.service_keys(ONE)
    keyring.rewrap(ONE, 0, 10, _anew, fence=TWO)
    keyring.remove_epoch(ONE)
    assert [row.epoch for row in keyring.epochs()] == [TWO]
    assert keyring.service_keys(ONE) == []
    assert len(keyring.service_keys(TWO)) == 2


def test_a_mark_is_set_with_the_change_it_belongs_to(keyring: Keyring) -> None:
    """How many destructions were carried out is noted in the same transaction as the last of them, or not at all."""
    chain = _chain()
    keyring.add([chain], fence=ONE)
    assert keyring.mark() == 0
    keyring.replace([chain], [replace(chain, generation=2)], fence=ONE, mark=7)
    assert keyring.mark() == 7
    with pytest.raises(Fenced):
        keyring.replace([chain], [chain], fence=ONE, mark=8)
    assert keyring.mark() == 7


def test_keys_of_what_is_not_recorded_yet_are_noted(keyring: Keyring) -> None:
    """Chains added or replaced as pending are named until they are settled; a call that is fenced notes nobody."""
    one, two, three = _chain(), _chain(), _chain()
    assert keyring.pending() == []
    keyring.add([one], fence=ONE, pending=True)
    keyring.add([two, three], fence=ONE)
    keyring.replace([two], [replace(two, links=b"more")], fence=ONE, pending=True)
    with pytest.raises(Fenced):
        keyring.replace([replace(three, links=b"stale")], [three], fence=ONE, pending=True)
    assert sorted(keyring.pending()) == sorted([one.subject, two.subject])
    keyring.settle([one.subject, new(SubjectId)])
    assert keyring.pending() == [two.subject]


def test_nobody_is_alone_while_somebody_is_at_work(keyring: Keyring, keyring_of: Opener[Keyring]) -> None:
    """Another opening that is at work, however often, keeps one from being alone; afterwards one is."""
    other: Keyring = keyring_of()
    with other.at_work(), keyring.alone() as alone:
        assert not alone
    with keyring.alone() as alone:
        assert alone


def test_a_log_that_was_emptied_is_another(keyring: Keyring) -> None:
    """Written to, the log has a mark; compacted it has none, or another once somebody has written again."""
    keyring.add([_chain()], fence=ONE)
    before = keyring.log_mark()
    assert before == keyring.log_mark() != b""
    keyring.compact()
    assert keyring.log_mark() == b""
    keyring.add([_chain()], fence=ONE)
    assert keyring.log_mark() not in (b"", before)


def test_a_keyring_opened_later_has_everything(keyring: Keyring, keyring_of: Opener[Keyring]) -> None:
    """What a method wrote is durable on its return, and compacting loses nothing."""
    chains = [_chain(), _chain()]
    keyring.add(chains, fence=ONE)
    keyring.remove(chains[1:], fence=ONE)
    keyring.compact()
    later: Keyring = keyring_of()
    assert later.get([chain.subject for chain in chains]) == {chains[0].subject: chains[0]}
    assert later.epochs() == [_epoch(ONE)[0]]
