from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.names.characters import PAD, characters


@given(st.text(st.characters(max_codepoint=0xFFFF), max_size=50))
def test_characters_are_those_of_the_text(text: str) -> None:
    """Every character below 0x10000 has its own code, and its place is that of its first byte."""
    data = text.encode("utf-8", "surrogatepass")
    seen = characters(data)
    assert seen.text() == text
    places = seen.places.tolist()
    assert [data[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(places)] == list(text)


def test_rare_characters_are_one_each() -> None:
    """A character of four bytes is one that nobody knows."""
    seen = characters("张😀伟".encode())
    assert len(seen) == 3
    assert seen.text() == "张\ufffd伟"


@given(st.binary(max_size=50))
def test_no_bytes_are_refused(data: bytes) -> None:
    """Broken bytes make characters, with places in order and inside."""
    seen = characters(data)
    places = seen.places.tolist()
    assert places == sorted(places)
    assert places[-1] == len(data)
    assert len(seen.codes) == len(seen) + 2 * PAD
