"""A person's row in the keyring: no altered byte and no exchanged row ever gives a wrong key or a wrong answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.identifiers import SubjectId, new
from shouxin.errors import Tampered
from shouxin.keys.chain import Chain, LinkKind
from shouxin.keys.custody import Custody, Wanted
from shouxin.keys.root import EpochNumber
from tests.workspaces import new_custody

CELLS = [bytes([number]) * 16 for number in range(1, 4)]
PEPPER = b"p" * 16
WANTED: list[Wanted] = [
    (LinkKind.PEPPER, PEPPER, None),
    *((kind, cell, None) for kind, cell in zip((LinkKind.CELL, LinkKind.OBJECT, LinkKind.CELL), CELLS, strict=True)),
]


@pytest.fixture(scope="module")
def custody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Custody]:
    """A hierarchy with one epoch."""
    made = new_custody(tmp_path_factory.mktemp("keys"))
    yield made
    made.keyring.close()  # type: ignore[attr-defined]  # the port does not promise it


@pytest.fixture(scope="module")
def two(custody: Custody) -> list[tuple[Chain, list[bytes]]]:
    """Two people with a pepper and three keys each, under the same identifiers."""
    return custody.mint_with([new(SubjectId), new(SubjectId)], [WANTED, WANTED])


def _answers(custody: Custody, chain: Chain) -> list[object]:
    """Return everything that can be asked of a chain; an answer that is refused is ``Tampered`` itself."""
    try:
        opened = custody.open(chain)
    except Tampered:
        return [Tampered] * (len(CELLS) + 2)
    given_out: list[object] = []
    for cell in CELLS:
        try:
            given_out.append(opened.key(cell))
        except Tampered:
            given_out.append(Tampered)
    try:
        given_out.append(opened.pepper())
    except Tampered:
        given_out.append(Tampered)
    given_out.append([opened.holds(cell) for cell in CELLS])
    return given_out


@given(st.sampled_from(["wrapped", "links"]), st.integers(0, 10_000), st.integers(1, 255))
def test_any_altered_byte_is_seen_or_changes_no_answer(
    custody: Custody, two: list[tuple[Chain, list[bytes]]], field: str, at: int, flip: int
) -> None:
    """One altered byte of a row: each key, the pepper and what it holds are as they were, or refused."""
    chain, _ = two[0]
    value = getattr(chain, field)
    at %= len(value)
    altered = replace(chain, **{field: value[:at] + bytes([value[at] ^ flip]) + value[at + 1 :]})
    for found, true in zip(_answers(custody, altered), _answers(custody, chain), strict=True):
        assert found in (true, Tampered)


def test_every_single_bit_of_a_row_is_covered(custody: Custody, two: list[tuple[Chain, list[bytes]]]) -> None:
    """The same for each bit of the links, one after the other, so that none is left to chance."""
    chain, _ = two[0]
    true = _answers(custody, chain)
    wrong: set[tuple[int, int]] = set()
    for at in range(len(chain.links)):
        for bit in range(8):
            links = chain.links[:at] + bytes([chain.links[at] ^ (1 << bit)]) + chain.links[at + 1 :]
            found = _answers(custody, replace(chain, links=links))
            if any(one not in (other, Tampered) for one, other in zip(found, true, strict=True)):
                wrong.add((at % 58, bit))  # 58 bytes a link: kind, length, identifier, wrapped key
    assert not wrong


def test_a_row_moved_to_another_person_is_seen(custody: Custody, two: list[tuple[Chain, list[bytes]]]) -> None:
    """Whoever exchanges two people's rows does not get one's pepper or keys given out as the other's."""
    (mine, keys), (theirs, _) = two
    for moved in (
        replace(mine, subject=theirs.subject),
        replace(mine, wrapped=theirs.wrapped),
        replace(mine, links=theirs.links),
    ):
        assert all(answer is Tampered or isinstance(answer, list) for answer in _answers(custody, moved))
    assert _answers(custody, mine)[: len(CELLS)] == keys[1:]


def test_a_row_under_another_epoch_or_generation_is_seen(
    custody: Custody, two: list[tuple[Chain, list[bytes]]]
) -> None:
    """An epoch that is not there is refused, and a generation that was edited is not believed."""
    chain, _ = two[0]
    with pytest.raises(Tampered):
        custody.open(replace(chain, epoch=EpochNumber(2)))
    with pytest.raises(Tampered):
        custody.open(replace(chain, generation=9))


def test_links_that_change_places_do_not_exchange_keys(custody: Custody, two: list[tuple[Chain, list[bytes]]]) -> None:
    """Exchanging the identifiers of two links does not make one cell's key that of the other."""
    chain, keys = two[0]
    links = chain.links.replace(CELLS[0], b"?" * 16).replace(CELLS[1], CELLS[0]).replace(b"?" * 16, CELLS[1])
    found = _answers(custody, replace(chain, links=links))
    assert found[0] in (keys[1], Tampered)
    assert found[1] in (keys[2], Tampered)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_row_are_seen(custody: Custody, two: list[tuple[Chain, list[bytes]]], data: bytes) -> None:
    """Whatever stands in a row instead of keys is tampering, never another error, and gives no key."""
    chain, _ = two[0]
    for row in (replace(chain, wrapped=data), replace(chain, links=data)):
        answers = _answers(custody, row)
        assert all(answer is Tampered for answer in answers[: len(CELLS)])


@given(st.lists(st.sampled_from([PEPPER, *CELLS]), unique=True))
def test_rekeying_keeps_any_choice(custody: Custody, two: list[tuple[Chain, list[bytes]]], kept: list[bytes]) -> None:
    """Whatever is kept opens under the fresh key as before, and whatever is not has no key any more."""
    chain, keys = two[0]
    opened = custody.open(custody.rekey(custody.open(chain), kept))
    for place, key in zip((PEPPER, *CELLS), keys, strict=True):
        assert opened.holds(place) == (place in kept)
        if place in kept:
            assert opened.key(place) == key
