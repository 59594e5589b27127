"""Custody: what is wrapped for a person opens through that person's key only, and dies with it (law 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import Misconfigured, RootKeyUnavailable, Tampered
from shouxin.keys.chain import LinkKind
from shouxin.keys.custody import SERVICE_NAMES, Custody, OpenChain, Wanted
from shouxin.keys.epoch import EpochStep
from shouxin.keys.root import EpochNumber
from shouxin.keys.suite import INTL
from shouxin.storage.key_file import KeyFile
from shouxin.storage.keyring_store import SqlKeyring
from tests.workspaces import new_custody

ONE, TWO = EpochNumber(1), EpochNumber(2)
CELL, VIDEO, PEPPER, EDGE = b"c" * 16, b"v" * 16, b"p" * 16, b"e" * 16


@pytest.fixture
def custody(tmp_path: Path) -> Iterator[Custody]:
    """A hierarchy with one epoch and no person."""
    made = new_custody(tmp_path)
    yield made
    made.keyring.close()  # type: ignore[attr-defined]  # the port does not promise it


def _advance(custody: Custody) -> None:
    row, services = custody.next_epoch()
    custody.keyring.add_epoch(row, services)
    custody.refresh()


def _person(custody: Custody) -> tuple[OpenChain, dict[bytes, bytes]]:
    """Return an open chain with a cell, a video and a pepper, and the keys in it."""
    keys = {CELL: INTL.new_key(), VIDEO: INTL.new_key(), PEPPER: INTL.new_key()}
    opened = custody.mint(new(SubjectId))
    kinds = (LinkKind.CELL, LinkKind.OBJECT, LinkKind.PEPPER)
    links = [opened.wrap(kind, place, key) for kind, (place, key) in zip(kinds, keys.items(), strict=True)]
    return custody.open(opened.with_links(links)), keys


def test_keys_come_back_through_the_person(custody: Custody) -> None:
    """Each link's key opens through the chain that wraps it, the pepper by its kind."""
    opened, keys = _person(custody)
    assert {place: opened.key(place) for place in keys} == keys
    assert opened.pepper() == (PEPPER, keys[PEPPER])
    assert [link.identifier for link in opened.links] == [CELL, VIDEO, PEPPER]
    assert opened.holds(CELL)
    assert not opened.holds(EDGE)


def test_a_key_that_is_not_there_is_named(custody: Custody) -> None:
    """Asking for a destroyed or foreign key says which one."""
    with pytest.raises(Tampered, match=EDGE.hex()):
        _person(custody)[0].key(EDGE)


def test_a_chain_without_pepper_says_so(custody: Custody) -> None:
    """When accountability has ended there is no pepper, and that is no error."""
    assert custody.mint(new(SubjectId)).pepper() is None


def test_another_persons_links_do_not_open(custody: Custody) -> None:
    """Links moved into another person's chain open nothing."""
    (mine, _), (theirs, _) = _person(custody), _person(custody)
    mixed = replace(mine.chain, links=theirs.chain.links)
    for place in (CELL, VIDEO):
        with pytest.raises(Tampered):
            custody.open(mixed).key(place)
    with pytest.raises(Tampered):
        custody.open(mixed).pepper()


def test_an_edge_needs_both_people(custody: Custody) -> None:
    """Who named whom opens with the namer's and the named's key, and with neither alone."""
    namer, named, stranger = (custody.mint(new(SubjectId)) for _ in range(3))
    key = INTL.new_key()
    holder = custody.open(namer.with_links([namer.wrap_edge(EDGE, key, named)]))
    assert holder.edge_key(EDGE, named) == key
    assert holder.key(EDGE) != key
    with pytest.raises(Tampered):
        holder.edge_key(EDGE, stranger)
    with pytest.raises(Tampered):
        custody.open(replace(stranger.chain, links=holder.chain.links)).edge_key(EDGE, named)


def test_rekeying_keeps_what_survives_and_nothing_else(custody: Custody) -> None:
    """Erasing a part gives a fresh subject key under which the rest opens and the erased part has no link."""
    opened, keys = _person(custody)
    fresh = custody.rekey(opened, {CELL, PEPPER})
    again = custody.open(fresh)
    assert (fresh.subject, fresh.generation) == (opened.chain.subject, 2)
    assert {place: again.key(place) for place in (CELL, PEPPER)} == {place: keys[place] for place in (CELL, PEPPER)}
    assert not again.holds(VIDEO)
    assert fresh.wrapped != opened.chain.wrapped
    with pytest.raises(Tampered):
        custody.open(replace(fresh, links=opened.chain.links)).key(VIDEO)


def test_rekeying_keeps_an_edge_as_it_is_inside(custody: Custody) -> None:
    """A namer who is rekeyed still needs the named's key for the edge."""
    namer, named = custody.mint(new(SubjectId)), custody.mint(new(SubjectId))
    key = INTL.new_key()
    holder = custody.open(namer.with_links([namer.wrap_edge(EDGE, key, named)]))
    again = custody.open(custody.rekey(holder, {EDGE}))
    assert again.edge_key(EDGE, named) == key


def test_chains_made_in_bulk_open_like_those_made_one_by_one(custody: Custody) -> None:
    """Bulk minting gives each person their own links in order, and edges that need both."""
    first, second = new(SubjectId), new(SubjectId)
    wanted: list[list[Wanted]] = [
        [(LinkKind.PEPPER, PEPPER, None), (LinkKind.CELL, CELL, None), (LinkKind.EDGE, EDGE, second)],
        [(LinkKind.PEPPER, PEPPER, None)],
    ]
    (one, keys), (two, others) = custody.mint_with([first, second], wanted)
    namer, named = custody.open(one), custody.open(two)
    assert (one.subject, two.subject, one.generation, one.epoch) == (first, second, 1, ONE)
    assert namer.pepper() == (PEPPER, keys[0])
    assert namer.key(CELL) == keys[1]
    assert namer.edge_key(EDGE, named) == keys[2]
    assert named.pepper() == (PEPPER, others[0])
    assert len({*keys, *others}) == 4


def test_all_service_keys_exist_and_differ(custody: Custody) -> None:
    """The institution has every key it needs, and none serves two ends."""
    keys = [custody.service(name) for name in SERVICE_NAMES]
    assert len(set(keys)) == len(SERVICE_NAMES)
    with pytest.raises(Tampered, match=r"no\.such"):
        custody.service("no.such")


def test_an_advance_renews_the_index_and_keeps_the_rest(custody: Custody) -> None:
    """In a new epoch the log signs and rows are checked as before, while the index gets a key of its own."""
    before = {name: custody.service(name) for name in SERVICE_NAMES}
    _advance(custody)
    changed = {name for name in SERVICE_NAMES if custody.service(name) != before[name]}
    assert custody.current == TWO
    assert changed == {"index.cipher"}
    assert custody.service("index.cipher", ONE) == before["index.cipher"]


def test_readers_are_served_from_both_epochs_meanwhile(custody: Custody) -> None:
    """Until the old epoch is gone its chains open, and rewrapping moves the subject key only."""
    opened, keys = _person(custody)
    _advance(custody)
    assert custody.epochs == [ONE, TWO]
    assert custody.open(opened.chain).key(CELL) == keys[CELL]
    (wrapped,) = custody.rewrapped(ONE, [opened.chain.wrapped])
    moved = replace(opened.chain, epoch=TWO, wrapped=wrapped)
    assert custody.open(moved).key(CELL) == keys[CELL]
    with pytest.raises(Tampered):
        custody.open(replace(moved, epoch=ONE))


def test_a_copy_from_before_an_advance_opens_nothing(custody: Custody) -> None:
    """Once the old epoch is gone, an old row is refused by the epoch that it names."""
    opened, _ = _person(custody)
    _advance(custody)
    custody.keyring.remove_epoch(ONE)
    custody.provider.destroy(ONE)
    custody.refresh()
    assert custody.epochs == [TWO]
    with pytest.raises(Tampered, match="epoch 1"):
        custody.open(opened.chain)


def test_a_crash_after_the_old_root_key_was_destroyed_locks_nobody_out(custody: Custody, tmp_path: Path) -> None:
    """A process that starts between the destruction and the removal of the old epoch's row opens the current epoch."""
    _advance(custody)
    custody.keyring.set_step(TWO, EpochStep.BACKED_UP)
    custody.provider.destroy(ONE)
    fresh = Custody(INTL, KeyFile(tmp_path / "root", INTL), custody.keyring)
    assert fresh.refresh() == TWO
    assert fresh.service("authority.mac") == custody.service("authority.mac")


def test_new_people_come_under_the_current_epoch(custody: Custody) -> None:
    """After an advance nobody is wrapped under the old epoch any more."""
    _advance(custody)
    assert custody.mint(new(SubjectId)).chain.epoch == TWO
    assert custody.mint_with([new(SubjectId)], [[]])[0][0].epoch == TWO
    assert custody.rekey(_person(custody)[0], ()).epoch == TWO


def test_another_process_learns_of_an_advance_by_itself(custody: Custody, tmp_path: Path) -> None:
    """A process that meets a chain of an epoch it does not know asks the keyring, and opens it."""
    other = Custody(INTL, KeyFile(tmp_path / "root", INTL), SqlKeyring(tmp_path / "keyring.db"))
    other.refresh()
    _advance(custody)
    assert other.open(custody.mint(new(SubjectId)).chain).links is not None
    assert other.current == TWO


def test_a_missing_or_wrong_root_key_opens_nothing(custody: Custody, tmp_path: Path) -> None:
    """Without the root key nothing opens, and another root key is seen, not used."""
    key = tmp_path / "root" / "epoch-1.key"
    right = key.read_bytes()

    def start() -> None:
        Custody(INTL, KeyFile(tmp_path / "root", INTL), custody.keyring).refresh()

    key.write_bytes(INTL.new_key())
    with pytest.raises(Tampered):
        start()
    key.unlink()
    with pytest.raises(RootKeyUnavailable):
        start()
    key.touch(0o600)
    key.write_bytes(right)
    start()


def test_a_keyring_without_epoch_is_no_workspace(tmp_path: Path) -> None:
    """An empty keyring is named as such, not filled in silence."""
    SqlKeyring.create(tmp_path / "keyring.db")
    with pytest.raises(Misconfigured):
        Custody(INTL, KeyFile(tmp_path, INTL), SqlKeyring(tmp_path / "keyring.db")).refresh()
