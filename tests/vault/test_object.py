"""A sealed object: chunks that know their place, read as a whole or in ranges."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest

from shouxin.domain.identifiers import InstitutionId, ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import Tampered
from shouxin.keys.suite import INTL
from shouxin.vault.object import (
    BEGINNING,
    CHUNK,
    ObjectBinding,
    check_beginning,
    chunk_span,
    open_object,
    open_range,
    seal_object,
    sealed_size,
)

KEY = b"k" * 32
BINDING = ObjectBinding(
    InstitutionId(b"i" * 16), SubjectId(b"s" * 16), "credit.review", ItemCode("interview.video"), ObjectId(b"o" * 16)
)
HEADER = 27
SEALED_CHUNK = 12 + CHUNK + 16
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]


def _content(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(size % 256)


def _sealed(content: bytes) -> bytes:
    return b"".join(seal_object(INTL, KEY, BINDING, [content]))


def _opened(sealed: bytes, binding: ObjectBinding = BINDING, key: bytes = KEY) -> bytes:
    return b"".join(part.reveal() for part in open_object(INTL, key, binding, [sealed]))


@pytest.mark.parametrize("size", SIZES)
def test_objects_around_the_chunk_size_come_back(size: int) -> None:
    """Empty, one byte, one chunk and one byte more or less: opened whole, of the size that was foretold."""
    sealed = _sealed(_content(size))
    assert len(sealed) == sealed_size(size)
    assert _opened(sealed) == _content(size)


def test_the_format_is_fixed() -> None:
    """Magic, format, suite, schema, chunk size and object id stand where stored objects have them."""
    assert _sealed(b"x")[:HEADER] == b"SXO\x01\x01\x00\x01" + CHUNK.to_bytes(4, "big") + BINDING.object_id


@pytest.mark.parametrize(
    "moved",
    [
        replace(BINDING, institution=InstitutionId(b"j" * 16)),
        replace(BINDING, subject=SubjectId(b"t" * 16)),
        replace(BINDING, purpose="marketing"),
        replace(BINDING, item=ItemCode("identity.photo")),
        replace(BINDING, object_id=ObjectId(b"p" * 16)),
        replace(BINDING, purpose="credit.review\0interview.video", item=ItemCode("")),
    ],
    ids=["institution", "subject", "purpose", "item", "object", "shifted"],
)
def test_an_object_that_was_moved_does_not_open(moved: ObjectBinding) -> None:
    """Put under another institution, person, purpose, item or identifier, it is seen as moved."""
    with pytest.raises(Tampered):
        _opened(_sealed(b"frame"), moved)


def test_another_key_does_not_open_it() -> None:
    """Without its own key an object is closed."""
    with pytest.raises(Tampered):
        _opened(_sealed(b"frame"), key=b"x" * 32)


def test_every_altered_byte_is_seen() -> None:
    """Of a small object, whichever byte is altered: header, nonce, value or tag."""
    sealed = _sealed(b"frame")
    for at in range(len(sealed)):
        with pytest.raises(Tampered):
            _opened(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])


def test_nothing_is_yielded_before_it_is_checked() -> None:
    """What came before a damaged chunk is genuine; the damaged one and all behind it stay closed."""
    sealed = bytearray(_sealed(_content(3 * CHUNK)))
    sealed[HEADER + SEALED_CHUNK + 100] ^= 1
    seen: list[bytes] = []
    with pytest.raises(Tampered):
        seen.extend(part.reveal() for part in open_object(INTL, KEY, BINDING, [bytes(sealed)]))
    assert b"".join(seen) in (b"", _content(3 * CHUNK)[:CHUNK])


def test_chunks_of_another_object_of_the_same_person_do_not_fit() -> None:
    """A chunk at the same place of another object, even under the same key, is refused."""
    other = replace(BINDING, object_id=ObjectId(b"p" * 16))
    theirs = b"".join(seal_object(INTL, KEY, other, [b"frame"]))
    mine = _sealed(b"frame")
    with pytest.raises(Tampered):
        _opened(mine[:HEADER] + theirs[HEADER:])


def test_memory_does_not_grow_with_the_object() -> None:
    """Sealing and opening 64 MiB in a stream holds a few chunks, not the object."""
    part = bytes(1024 * 1024)

    def source() -> Iterator[bytes]:
        for _ in range(64):
            yield part

    tracemalloc.start()
    opened = sum(map(len, open_object(INTL, KEY, BINDING, seal_object(INTL, KEY, BINDING, source()))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert opened == 64 * 1024 * 1024
    assert peak < 16 * 1024 * 1024


def _range(sealed: bytes, start: int, end: int, size: int) -> bytes:
    _, _, begin, stop = chunk_span(start, end, size)
    return open_range(INTL, KEY, BINDING, sealed[:HEADER], sealed[begin:stop], (start, end, size)).reveal()


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_range_is_the_slice(size: int) -> None:
    """Ranges at both ends and across every chunk boundary are what a slice of the whole is."""
    content = _content(size)
    sealed = _sealed(content)
    edges = sorted({0, 1, size - 1, size, *(edge for k in (1, 2) for edge in range(k * CHUNK - 1, k * CHUNK + 2))})
    edges = [edge for edge in edges if 0 <= edge <= size]
    for start in edges:
        for end in edges:
            if start < end:
                assert _range(sealed, start, end, size) == content[start:end]


def test_a_range_names_only_the_chunks_it_touches() -> None:
    """One byte of a large object costs one chunk, and the last chunk ends with the object."""
    size = 10 * CHUNK + 5
    assert chunk_span(3 * CHUNK, 3 * CHUNK + 1, size) == (
        3,
        3,
        HEADER + 3 * SEALED_CHUNK,
        HEADER + 4 * SEALED_CHUNK,
    )
    assert chunk_span(size - 1, size, size) == (10, 10, HEADER + 10 * SEALED_CHUNK, sealed_size(size))


@pytest.mark.parametrize("left", [0, 1, 11, 12, 27, 28, CHUNK, SEALED_CHUNK - 1])
def test_a_range_whose_bytes_were_cut_short_is_seen(left: int) -> None:
    """When the store returns fewer bytes than the range needs, that is tampering, never another error."""
    size = 2 * CHUNK
    sealed = _sealed(_content(size))
    _, _, begin, _ = chunk_span(CHUNK, size, size)
    with pytest.raises(Tampered):
        open_range(INTL, KEY, BINDING, sealed[:HEADER], sealed[begin : begin + left], (CHUNK, size, size))


@pytest.mark.parametrize("claimed", [1, 99, 101, 200, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_row_that_lies_about_the_size_is_seen(claimed: int) -> None:
    """A range of an object whose row claims another size is refused, not cut short or padded in silence."""
    sealed = _sealed(_content(100))
    end = min(claimed, 150)
    _, _, begin, stop = chunk_span(0, end, claimed)
    with pytest.raises(Tampered):
        open_range(INTL, KEY, BINDING, sealed[:HEADER], sealed[begin:stop], (0, end, claimed))


def test_a_range_under_another_header_is_seen() -> None:
    """The header is part of what a range is checked against."""
    sealed = _sealed(b"frame")
    for header in (b"", sealed[:26], b"SXO\x02" + sealed[4:HEADER]):
        with pytest.raises(Tampered):
            open_range(INTL, KEY, BINDING, header, sealed[HEADER:], (0, 5, 5))


@pytest.mark.parametrize("size", SIZES)
def test_a_genuine_beginning_is_known_and_any_other_refused(size: int) -> None:
    """The first chunk alone shows header, person, purpose and place; a flipped bit, a cut or a longer one does not."""
    beginning = _sealed(_content(size))[:BEGINNING]
    check_beginning(INTL, KEY, BINDING, beginning)
    with pytest.raises(Tampered):
        check_beginning(INTL, KEY, replace(BINDING, purpose="marketing"), beginning)
    for at in (0, HEADER - 1, HEADER, HEADER + 12, min(len(beginning), HEADER + SEALED_CHUNK) - 1):
        with pytest.raises(Tampered):
            check_beginning(INTL, KEY, BINDING, beginning[:at] + bytes([beginning[at] ^ 1]) + beginning[at + 1 :])
    for cut in (beginning[:-1], beginning[:HEADER], b"", beginning + b"x" if len(beginning) < BEGINNING else b""):
        with pytest.raises(Tampered):
            check_beginning(INTL, KEY, BINDING, cut)
