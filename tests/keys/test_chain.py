"""A person's links are kept as bytes that read back exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.errors import Tampered
from shouxin.keys.chain import Link, LinkKind, decode, encode

LINK = Link(LinkKind.CELL, b"c" * 16, b"w" * 40)
LINKS = st.lists(
    st.builds(
        Link,
        st.sampled_from(LinkKind),
        st.binary(min_size=16, max_size=16),
        st.binary(min_size=24, max_size=255),
    ),
    max_size=6,
)


@given(LINKS)
def test_links_come_back_in_order(links: list[Link]) -> None:
    """What was encoded is decoded, in the same order."""
    assert decode(encode(links)) == links


@given(LINKS, LINKS)
def test_links_are_added_by_appending(first: list[Link], more: list[Link]) -> None:
    """The bytes of two lists behind one another are the bytes of both together."""
    assert decode(encode(first) + encode(more)) == first + more


@pytest.mark.parametrize("cut", range(1, len(encode([LINK]))))
def test_a_chain_cut_inside_a_link_is_seen(cut: int) -> None:
    """Bytes that end anywhere inside a link are refused."""
    with pytest.raises(Tampered):
        decode(encode([LINK, LINK])[: len(encode([LINK])) + cut])


@pytest.mark.parametrize("kind", [0, 6, 7, 255])
def test_an_unknown_kind_is_refused(kind: int) -> None:
    """A link of a kind that this version does not know is not skipped."""
    with pytest.raises(Tampered):
        decode(bytes([kind]) + encode([LINK])[1:])


def test_an_empty_chain_has_no_links() -> None:
    """A person of whom nothing is kept yet has a chain of no bytes."""
    assert encode([]) == b""
    assert decode(b"") == []


def test_the_numbers_of_kinds_stay() -> None:
    """The keyring stores these numbers."""
    assert {kind.name: kind.value for kind in LinkKind} == {"CELL": 1, "OBJECT": 2, "PEPPER": 3, "EDGE": 5}
