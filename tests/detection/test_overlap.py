from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.finding import CHECKSUM, CONTEXT, DICTIONARY, KINDS, ORDINAL, SHAPE, FindingKind, Row
from shouxin.detection.overlap import NEAR, settled

CARD, MOBILE, AMOUNT, IP = (
    ORDINAL[kind] for kind in (FindingKind.BANK_CARD, FindingKind.MOBILE, FindingKind.AMOUNT, FindingKind.IPV4)
)
rows = st.lists(
    st.builds(
        lambda kind, start, length, bits: (kind, start, start + length, bits | SHAPE),
        st.integers(0, len(KINDS) - 1).filter(lambda kind: kind != AMOUNT),
        st.integers(0, 40),
        st.integers(1, 12),
        st.integers(0, 15),
    ),
    max_size=12,
)


def test_the_better_evidence_wins() -> None:
    """A card that a check digit proves beats a mobile that is inside it, and a longer equal beats a shorter."""
    card = (CARD, 0, 19, SHAPE | CHECKSUM | DICTIONARY)
    assert settled([(MOBILE, 4, 15, SHAPE), card]) == [card]
    assert settled([(MOBILE, 0, 11, SHAPE), (MOBILE, 0, 13, SHAPE)]) == [(MOBILE, 0, 13, SHAPE)]


def test_an_amount_needs_an_owner_near() -> None:
    """A person or an account within reach, on either side; an address of a machine is nobody."""
    amount = (AMOUNT, 1000, 1010, SHAPE | CONTEXT)
    assert settled([amount]) == []
    assert settled([amount, (IP, 1020, 1030, SHAPE)]) == [(IP, 1020, 1030, SHAPE)]
    for start in (1000 - NEAR, 1010 + NEAR):
        assert amount in settled([amount, (MOBILE, start, start + 11, SHAPE)])
    for start in (1000 - NEAR - 1, 1010 + NEAR + 1):
        assert amount not in settled([amount, (MOBILE, start, start + 11, SHAPE)])


@given(rows, st.randoms())
def test_the_outcome_is_apart_and_does_not_depend_on_order(given_rows: list[Row], random: Random) -> None:
    """Rows that stay are some of those given, ordered and apart, and the same for every order."""
    kept = settled(given_rows)
    assert set(kept) <= set(given_rows)
    assert all(one[2] <= other[1] for one, other in pairwise(kept))
    shuffled = list(given_rows)
    random.shuffle(shuffled)
    assert settled(shuffled) == kept
    for row in given_rows:  # nothing was dropped without a winner that it overlaps
        assert row in kept or any(row[1] < one[2] and one[1] < row[2] for one in kept)
