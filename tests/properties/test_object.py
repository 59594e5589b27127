"""A sealed object, for any size and however its bytes arrive: whole, or seen as not whole."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouxin.domain.identifiers import InstitutionId, ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Tampered
from shouxin.keys.suite import INTL
from shouxin.vault.object import CHUNK, ObjectBinding, chunk_span, open_object, open_range, seal_object, sealed_size

KEY = b"k" * 32
BINDING = ObjectBinding(
    InstitutionId(b"i" * 16), SubjectId(b"s" * 16), "credit.review", ItemCode("interview.video"), ObjectId(b"o" * 16)
)
HEADER, SEALED_CHUNK = 27, 12 + CHUNK + 16
CONTENT = bytes(number % 253 for number in range(5 * CHUNK + 10))
NEAR = st.builds(lambda chunks, off: chunks * CHUNK + off, st.integers(0, 4), st.integers(-2, 2)).filter(
    lambda n: n >= 0
)
SIZES = st.one_of(NEAR, st.integers(0, 3 * CHUNK))


def _cut(content: bytes, cuts: list[int]) -> list[bytes]:
    """Return ``content`` in parts that end at ``cuts``, some of them empty."""
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    return [content[start:end] for start, end in pairwise(edges)]


def _sealed(size: int) -> bytes:
    return b"".join(seal_object(INTL, KEY, BINDING, [CONTENT[:size]]))


def _opened(parts: list[bytes]) -> bytes:
    return b"".join(part.reveal() for part in open_object(INTL, KEY, BINDING, parts))


CUTS = st.lists(st.integers(0, 3 * CHUNK), max_size=6)


@settings(max_examples=40)
@given(SIZES, CUTS, CUTS)
def test_any_object_comes_back_however_it_was_cut(size: int, written: list[int], read: list[int]) -> None:
    """The parts in which it is sealed and opened, empty ones among them, make no difference."""
    sealed = b"".join(seal_object(INTL, KEY, BINDING, _cut(CONTENT[:size], written)))
    assert len(sealed) == sealed_size(size)
    assert _opened(_cut(sealed, read)) == CONTENT[:size]


@settings(max_examples=40)
@given(SIZES.filter(bool), st.data())
def test_any_range_is_the_slice(size: int, data: st.DataObject) -> None:
    """Any range opened from the bytes that it names equals the slice of the whole."""
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    sealed = _sealed(size)
    first, last, begin, stop = chunk_span(start, end, size)
    assert (first, last) == (start // CHUNK, (end - 1) // CHUNK)
    assert stop <= len(sealed)
    opened = open_range(INTL, KEY, BINDING, sealed[:HEADER], sealed[begin:stop], (start, end, size))
    assert opened.reveal() == CONTENT[start:end]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 1])
def test_truncation_at_every_boundary_is_seen(size: int) -> None:
    """Cut at, before or behind any chunk boundary, or inside header, nonce or tag: never taken for the whole."""
    sealed = _sealed(size)
    edges = {edge + off for edge in range(HEADER, len(sealed) + 1, SEALED_CHUNK) for off in (-1, 0, 1, 12, 28)}
    for edge in sorted({0, 1, HEADER - 1, len(sealed) - 1, *edges}):
        if 0 <= edge < len(sealed):
            with pytest.raises(Tampered):
                _opened([sealed[:edge]])


WHOLE = _sealed(4 * CHUNK)
CHUNKS = [WHOLE[HEADER + at * SEALED_CHUNK : HEADER + (at + 1) * SEALED_CHUNK] for at in range(4)]


@given(st.lists(st.integers(0, 3), max_size=6))
def test_reordered_repeated_or_dropped_chunks_are_seen(order: list[int]) -> None:
    """Of all sequences of its chunks only the right one opens."""
    parts = [WHOLE[:HEADER], *(CHUNKS[at] for at in order)]
    if order == [0, 1, 2, 3]:
        assert _opened(parts) == CONTENT[: 4 * CHUNK]
    else:
        with pytest.raises(Tampered):
            _opened(parts)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_altered_byte_is_seen(at: int, flip: int) -> None:
    """One altered byte anywhere: what is yielded before is genuine, and the end is an integrity failure."""
    altered = WHOLE[:at] + bytes([WHOLE[at] ^ flip]) + WHOLE[at + 1 :]
    seen: list[bytes] = []
    with pytest.raises(Tampered):
        seen.extend(part.reveal() for part in open_object(INTL, KEY, BINDING, [altered]))
    assert CONTENT.startswith(b"".join(seen))


@given(st.integers(0, 4 * CHUNK - 1), st.integers(0, len(WHOLE) - 1), st.data())
def test_any_altered_byte_is_seen_or_changes_no_range(start: int, at: int, data: st.DataObject) -> None:
    """A range gives its true bytes or an integrity failure, whichever byte of the object was altered."""
    size = 4 * CHUNK
    end = data.draw(st.integers(start + 1, size))
    altered = WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]
    _, _, begin, stop = chunk_span(start, end, size)
    try:
        opened = open_range(INTL, KEY, BINDING, altered[:HEADER], altered[begin:stop], (start, end, size))
    except Tampered:
        assert at < HEADER or begin <= at < stop
    else:
        assert opened.reveal() == CONTENT[start:end]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_object_are_seen(data: bytes) -> None:
    """Whatever stands in the store instead of an object is tampering, never another error."""
    for parts in ([data], [WHOLE[:HEADER] + data], [WHOLE[:HEADER], data], []):
        with pytest.raises(Tampered):
            _opened(parts)
