from __future__ import annotations

from hashlib import sha256

import pytest

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.tree import EMPTY_ROOT, Frontier, join_peaks, leaf_hash, node_hash, root_of, root_of_row


def _hashes(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def _mth(hashes: list[bytes]) -> bytes:
    """RFC 6962 section 2.1 as it is written: recursively, from the top."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(_mth(hashes[:split]), _mth(hashes[split:]))


def test_a_leaf_cannot_pose_as_a_node() -> None:
    """An entry that spells out two hashes does not hash like the node over them."""
    left, right = _hashes(2)
    assert leaf_hash(left + right) != node_hash(left, right)
    assert leaf_hash(b"\x01" + left + right) != node_hash(left, right)


@pytest.mark.parametrize("count", [*range(35), 255, 256, 257, 1000])
def test_the_root_is_that_of_the_recursive_definition(count: int) -> None:
    """Pairing row by row gives the tree that RFC 6962 defines from the top."""
    hashes = _hashes(count)
    assert root_of(hashes) == _mth(hashes) == root_of_row(b"".join(hashes))


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    """No leaves hash to SHA-256 of the empty string, for a list and for a frontier."""
    assert root_of([]) == Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


def test_hashes_of_odd_lengths_are_refused_even_when_they_add_up() -> None:
    """A hash of 31 and one of 33 bytes do not pass as two of 32."""
    with pytest.raises(Invalid):
        root_of([b"\0" * 31, b"\0" * 33])
    with pytest.raises(Invalid):
        Frontier().extend([b"\0" * 31, b"\0" * 33])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64, 100])
def test_a_frontier_grows_to_the_same_root_in_any_steps(step: int) -> None:
    """Extending in batches of any size leads to the root of the whole list at each step."""
    hashes = _hashes(300)
    frontier = Frontier()
    for start in range(0, len(hashes), step):
        frontier = frontier.extend(hashes[start : start + step])
        assert frontier.root() == root_of(hashes[: start + step])
    assert frontier.size == len(hashes)


def test_a_frontier_keeps_one_hash_for_each_bit_of_its_size() -> None:
    """Seven leaves leave peaks over four, two and one of them."""
    hashes = _hashes(7)
    frontier = Frontier().extend(hashes)
    assert frontier.peaks == (root_of(hashes[:4]), root_of(hashes[4:6]), hashes[6])
    assert join_peaks(frontier.peaks) == root_of(hashes)


def test_extending_by_nothing_changes_nothing() -> None:
    """An empty batch returns an equal frontier, and the old value is never changed."""
    frontier = Frontier().extend(_hashes(5))
    assert frontier.extend([]) == frontier
    frontier.extend(_hashes(3))
    assert frontier == Frontier().extend(_hashes(5))


@pytest.mark.parametrize(("size", "peaks"), [(1, ()), (0, (b"\0" * 32,)), (1, (b"\0" * 31,)), (-1, (b"\0" * 32,))])
def test_a_stored_frontier_that_does_not_fit_is_tampered(size: int, peaks: tuple[bytes, ...]) -> None:
    """A frontier whose peaks do not belong to its size is never used."""
    with pytest.raises(Tampered):
        Frontier(size, peaks)
