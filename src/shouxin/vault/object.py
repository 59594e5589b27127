"""The format of a sealed object: video, image or document, in chunks, so that memory does not grow with its size.

::

    header   magic "SXO" | format 1 | suite 1 | schema 2 | chunk size 4 | object id 16      (27 bytes)
    chunk i  nonce 12 | AES-256-GCM of up to ``CHUNK`` bytes, associated data: header, institution, subject, purpose,
             item, i (8 bytes), final flag (1 byte)

Every chunk says its index and whether it is the last: a reordered, repeated, dropped or truncated object is seen.
Any range can be read by opening only the chunks that it touches. An object is sealed under a key of its own and never
rewritten; a retried upload is a new object with a new key.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from shouxin.domain.identifiers import InstitutionId, ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Tampered
from shouxin.keys.suite import NONCE_SIZE, TAG_SIZE, Suite

__all__ = [
    "BEGINNING",
    "CHUNK",
    "ObjectBinding",
    "check_beginning",
    "chunk_span",
    "open_object",
    "open_range",
    "seal_object",
    "sealed_size",
]

CHUNK: Final = 256 * 1024
MAGIC: Final = b"SXO"
FORMAT: Final = 1
SCHEMA: Final = 1
_HEADER: Final = struct.Struct(">3sBBHI16s")
_INDEX: Final = struct.Struct(">Q?")
_SEALED_CHUNK: Final = NONCE_SIZE + CHUNK + TAG_SIZE
# So many sealed bytes hold the first chunk and one more, which tells whether it is the last.
BEGINNING: Final = _HEADER.size + _SEALED_CHUNK + 1


@dataclass(frozen=True, slots=True)
class ObjectBinding:
    """Where a sealed object belongs; authenticated with every chunk."""

    institution: InstitutionId
    subject: SubjectId
    purpose: str
    item: ItemCode
    object_id: ObjectId
    term: str = ""

    def prefix(self, header: bytes) -> bytes:
        """Return the associated data that all chunks share; index and final flag follow it."""
        words = f"{self.purpose}\0{self.item}\0{self.term}\0".encode()
        return b"".join((header, self.institution, self.subject, words))


def sealed_size(size: int) -> int:
    """Return how many bytes an object of ``size`` plaintext bytes has when sealed; an empty one has one empty chunk."""
    chunks = max(1, -(-size // CHUNK))
    return _HEADER.size + size + chunks * (NONCE_SIZE + TAG_SIZE)


def _rechunked(parts: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield (chunk, whether it is the last), each of ``CHUNK`` bytes but the last."""
    held = bytearray()
    for part in parts:
        held += part
        while len(held) > CHUNK:
            yield bytes(held[:CHUNK]), False
            del held[:CHUNK]
    yield bytes(held), True


def seal_object(suite: Suite, key: bytes, binding: ObjectBinding, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed object: the header first, then chunk by chunk. Holds about one chunk in memory."""
    header = _HEADER.pack(MAGIC, FORMAT, suite.number, SCHEMA, CHUNK, binding.object_id)
    prefix, encrypt = binding.prefix(header), suite.aead(key).encrypt
    yield header
    for index, (chunk, last) in enumerate(_rechunked(parts)):
        nonce = os.urandom(NONCE_SIZE)
        yield nonce + encrypt(nonce, chunk, prefix + _INDEX.pack(index, last))


def _check_header(suite: Suite, binding: ObjectBinding, header: bytes) -> bytes:
    if header != _HEADER.pack(MAGIC, FORMAT, suite.number, SCHEMA, CHUNK, binding.object_id):
        raise Tampered("a sealed object begins with a header other than its row says")
    return binding.prefix(header)


def open_object(suite: Suite, key: bytes, binding: ObjectBinding, parts: Iterable[bytes]) -> Iterator[Plaintext]:
    """Yield the plaintext chunk by chunk, each checked before it is yielded.

    Raises:
        Tampered: a chunk was altered, moved, repeated or dropped, or the end is missing; what was yielded before is
            genuine but not the whole.
    """
    held = bytearray()
    source = iter(parts)
    while len(held) < _HEADER.size and (part := next(source, None)) is not None:
        held += part
    prefix = _check_header(suite, binding, bytes(held[: _HEADER.size]))
    del held[: _HEADER.size]
    decrypt = suite.aead(key).decrypt
    index = 0
    for part in chain((b"",), source):  # the empty part lets what followed the header be opened first
        held += part
        while len(held) > _SEALED_CHUNK:
            box = bytes(held[:_SEALED_CHUNK])
            del held[:_SEALED_CHUNK]
            yield Plaintext(decrypt(box[:NONCE_SIZE], box[NONCE_SIZE:], prefix + _INDEX.pack(index, False)))
            index += 1
    if len(held) < NONCE_SIZE + TAG_SIZE:
        raise Tampered("a sealed object ends before its last chunk")
    box = bytes(held)
    yield Plaintext(decrypt(box[:NONCE_SIZE], box[NONCE_SIZE:], prefix + _INDEX.pack(index, True)))


def check_beginning(suite: Suite, key: bytes, binding: ObjectBinding, beginning: bytes) -> None:
    """Raise ``Tampered`` unless an object whose first ``BEGINNING`` bytes (all, of a shorter one) these are is genuine.

    As far as they go: header, binding and first chunk.
    """
    body = _HEADER.size + NONCE_SIZE
    end = _HEADER.size + _SEALED_CHUNK
    prefix = _check_header(suite, binding, beginning[: _HEADER.size])
    if len(beginning) < body + TAG_SIZE:
        raise Tampered("a sealed object ends before its last chunk")
    bound = prefix + _INDEX.pack(0, len(beginning) <= end)
    view = memoryview(beginning)  # a copy of a chunk takes many times as long as opening it
    suite.aead(key).decrypt(view[_HEADER.size : body], view[body:end], bound)


def chunk_span(start: int, end: int, size: int) -> tuple[int, int, int, int]:
    """Return (first chunk, last chunk, first sealed byte, end of sealed bytes) for plaintext bytes [start, end).

    ``size`` is the plaintext size of the whole object; 0 <= start < end <= size.
    """
    first, last = start // CHUNK, (end - 1) // CHUNK
    begin = _HEADER.size + first * _SEALED_CHUNK
    return first, last, begin, min(_HEADER.size + (last + 1) * _SEALED_CHUNK, sealed_size(size))


def open_range(
    suite: Suite, key: bytes, binding: ObjectBinding, header: bytes, sealed: bytes, span: tuple[int, int, int]
) -> Plaintext:
    """Open plaintext bytes [start, end) of an object of ``size`` bytes.

    ``span`` is (start, end, size); ``sealed`` holds the bytes that ``chunk_span`` names, ``header`` the first 27.

    Raises:
        Tampered: any chunk touched is not what was sealed at that place.
    """
    start, end, size = span
    prefix, decrypt = _check_header(suite, binding, header), suite.aead(key).decrypt
    first, last, _, _ = chunk_span(start, end, size)
    final = max(0, -(-size // CHUNK) - 1)
    if not 0 <= start < end <= size:
        raise Tampered("a range lies outside its object")
    opened = bytearray()
    for index in range(first, last + 1):
        box = sealed[(index - first) * _SEALED_CHUNK : (index - first + 1) * _SEALED_CHUNK]
        if len(box) < NONCE_SIZE + TAG_SIZE:
            raise Tampered("a range of a sealed object ends before its last chunk")
        opened += decrypt(box[:NONCE_SIZE], box[NONCE_SIZE:], prefix + _INDEX.pack(index, index == final))
    if len(opened) < end - first * CHUNK:
        raise Tampered("an object is shorter than its row says")
    return Plaintext(bytes(opened[start - first * CHUNK : end - first * CHUNK]))
