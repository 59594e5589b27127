"""The format of a sealed cell: what is kept of one person for one purpose and one retention term.

::

    header     magic "SX" | format 1 | suite 1 | schema 2 | key id 16                        (22 bytes)
    directory  count 2 | for each item: length of code 1 | code | length of sealed 4
    sealed     for each item: nonce 12 | AES-256-GCM ciphertext and tag

Each item is sealed by itself, so that a disclosure of one opens one. The associated data of an item binds header and
directory, institution, subject, purpose, term, kind, the other person of an edge, and item code: a value that is moved
to another person, purpose, term, item or cell does not open, and no item can be made to vanish. A cell is immutable: a
correction is a new cell under a new key, and the old key is destroyed, so an old row put back opens nothing. Item
codes are not secret; how long a value is can be seen.

**Source:** NIST SP 800-38D (GCM; random 96-bit nonces, far below 2^32 messages a key).
"""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from shouxin.domain.identifiers import CellId, InstitutionId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, Tampered
from shouxin.keys.suite import NONCE_SIZE, TAG_SIZE, Suite

__all__ = ["Binding", "item_codes", "open_cell", "seal_cell"]

MAGIC: Final = b"SX"
FORMAT: Final = 1
SCHEMA: Final = 1
_HEADER: Final = struct.Struct(">2sBBH16s")
_COUNT: Final = struct.Struct(">H")
_LENGTH: Final = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a sealed cell belongs; all of it is authenticated with every item."""

    institution: InstitutionId
    subject: SubjectId
    purpose: str
    cell: CellId
    term: str = ""
    kind: str = "own"
    other: SubjectId | None = None

    def prefix(self, head: bytes) -> bytes:
        """Return the associated data that all items of the cell share; the item code follows it.

        ``head`` is header and directory as they stand at the beginning of the cell.
        """
        words = f"{self.purpose}\0{self.term}\0{self.kind}\0".encode()
        named = b"" if self.other is None else self.other
        return b"".join(
            (
                hashlib.sha256(head).digest(),
                self.institution,
                self.subject,
                self.cell,
                bytes((len(named),)),
                named,
                words,
            )
        )


def seal_cell(suite: Suite, key: bytes, binding: Binding, values: Mapping[ItemCode, Plaintext]) -> bytes:
    """Seal ``values`` (1–65,535 items) and return the cell's bytes. Nothing is durable yet.

    Raises:
        Invalid: there is nothing to seal.
    """
    if not values:
        raise Invalid("a cell holds at least one item", "values")
    codes, template, layout = _layout(tuple(values))
    plain = [value.reveal() for value in values.values()]
    words = template.copy()
    words[2::3] = [NONCE_SIZE + len(value) + TAG_SIZE for value in plain]
    head = _HEADER.pack(MAGIC, FORMAT, suite.number, SCHEMA, binding.cell) + layout.pack(len(codes), *words)
    prefix, encrypt = binding.prefix(head), suite.aead(key).encrypt
    nonces = os.urandom(NONCE_SIZE * len(codes))
    sealed = [head]
    at = 0
    for code, value in zip(codes, plain, strict=True):
        nonce = nonces[at : at + NONCE_SIZE]
        at += NONCE_SIZE
        sealed += (nonce, encrypt(nonce, value, prefix + code))
    return b"".join(sealed)


@lru_cache(maxsize=1024)
def _layout(items: tuple[ItemCode, ...]) -> tuple[list[bytes], list[bytes | int], struct.Struct]:
    """Return the codes of ``items``, the words of a directory of them with lengths left open, and how it is packed.

    Remembered, because cells of one purpose and term look alike.
    """
    codes = [item.encode() for item in items]
    words: list[bytes | int] = [word for code in codes for word in (len(code), code, 0)]
    return codes, words, struct.Struct(">H" + "".join(f"B{len(code)}sI" for code in codes))


@lru_cache(maxsize=4)
def _directory(sealed: bytes) -> tuple[bytes, dict[ItemCode, tuple[int, int]]]:
    """Return header and directory as they stand and, for each item, where its sealed value begins and ends.

    Remembered for a moment, because whoever asks what a cell has opens it next. Nobody changes what is returned.
    """
    try:
        magic, layout, _suite, schema, _key = _HEADER.unpack_from(sealed)
        (count,) = _COUNT.unpack_from(sealed, _HEADER.size)
        if (magic, layout, schema) != (MAGIC, FORMAT, SCHEMA):
            raise Tampered("a sealed cell begins with a header that this version does not know")
        at = _HEADER.size + _COUNT.size
        lengths: list[tuple[ItemCode, int]] = []
        for _ in range(count):
            end = at + 1 + sealed[at]
            lengths.append((ItemCode(sealed[at + 1 : end].decode()), _LENGTH.unpack_from(sealed, end)[0]))
            at = end + _LENGTH.size
    except (struct.error, IndexError, UnicodeDecodeError):
        raise Tampered("a sealed cell does not read as one") from None
    places: dict[ItemCode, tuple[int, int]] = {}
    head = sealed[:at]
    for item, length in lengths:
        places[item] = (at, at + length)
        at += length
    if at != len(sealed) or len(places) != count or not count:
        raise Tampered("a sealed cell is longer or shorter than its directory says")
    return head, places


def item_codes(sealed: bytes) -> list[ItemCode]:
    """Return the codes of the items inside, in order; they are not secret."""
    return list(_directory(sealed)[1])


def open_cell(
    suite: Suite, key: bytes, binding: Binding, sealed: bytes, items: Collection[ItemCode] | None = None
) -> dict[ItemCode, Plaintext]:
    """Open the named items that the cell has (all when ``items`` is nothing).

    Called by ``vault.door`` and, to seal anew what it opened, by nothing else.

    Raises:
        Tampered: header, directory, binding or any opened value is not what was sealed.
    """
    head, places = _directory(sealed)
    if head[3] != suite.number or head[6:22] != binding.cell:
        raise Tampered("a sealed cell names another suite or another key than its row")
    prefix = binding.prefix(head)
    decrypt = suite.aead(key).decrypt
    wanted: Iterable[ItemCode] = places if items is None else [item for item in items if item in places]
    if items is not None and not wanted:
        # Nothing to open: but that the directory says so must be true as well.
        open_cell(suite, key, binding, sealed, [next(iter(places))])
    opened: dict[ItemCode, Plaintext] = {}
    for item in wanted:
        start, end = places[item]
        nonce, box = sealed[start : min(start + NONCE_SIZE, end)], sealed[start + NONCE_SIZE : end]
        if len(nonce) != NONCE_SIZE:
            raise Tampered("a sealed value is shorter than its nonce")
        opened[item] = Plaintext(decrypt(nonce, box, prefix + item.encode()))
    return opened
