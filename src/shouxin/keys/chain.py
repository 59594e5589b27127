"""A key chain: everything that opens what is kept about one person, in one row.

::

    epoch key ── wraps ── subject key ── wraps ── cell key, object key, pepper …     (RFC 3394, all random)

One row a person makes erasing a part atomic by its nature: the row is replaced by one with a fresh subject key that
wraps only what survives. An ``EDGE`` (who named whom) is wrapped twice, first for the named, then for the namer, so
that it dies with either. The ``PEPPER`` is the key of the
accountability cell, which holds nothing else: it is the value under which the ledger's commitments to this person
are made.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Tampered
from shouxin.keys.root import EpochNumber

__all__ = ["Chain", "Link", "LinkKind", "decode", "encode", "sealed_text"]


class LinkKind(IntEnum):
    """What a link's key opens."""

    CELL = 1
    OBJECT = 2
    PEPPER = 3
    EDGE = 5


class Link(NamedTuple):
    """One wrapped key: ``identifier`` (16 bytes) is the cell's or object's; ``wrapped`` has 40 bytes, an edge's 48."""

    kind: LinkKind
    identifier: bytes
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """One person's row in the keyring.

    ``generation`` counts subject keys, from 1: a journal of destructions names (subject, generation). ``epoch`` says
    which epoch key wraps the subject key. ``links`` begins with a seal of 32 bytes, made with the subject key over
    all that is not checked by being unwrapped: a row that was edited or given to another person does not open.
    """

    subject: SubjectId
    generation: int
    epoch: EpochNumber
    wrapped: bytes
    links: bytes


SEAL: Final = 32
_KINDS: Final = {kind.value: kind for kind in LinkKind}
_HEAD: Final = struct.Struct(">BB16s")


def sealed_text(subject: SubjectId, generation: int, links: bytes) -> bytes:
    """Return what the seal at the head of a chain's links is made over: person, generation and the links themselves."""
    return b"shouxin/chain/v1\0" + subject + generation.to_bytes(8, "big") + links


def encode(links: Iterable[Link]) -> bytes:
    """Write links as the keyring keeps them: kind, length, identifier, wrapped key."""
    pack = _HEAD.pack
    return b"".join(
        [part for kind, identifier, wrapped in links for part in (pack(kind, len(wrapped), identifier), wrapped)]
    )


def decode(data: bytes) -> list[Link]:
    """Read what ``encode`` wrote.

    Raises:
        Tampered: the bytes are not a list of links.
    """
    links: list[Link] = []
    at, size, end = 0, _HEAD.size, len(data)
    try:
        while at < end:
            kind, length, identifier = _HEAD.unpack_from(data, at)
            links.append(Link(_KINDS[kind], identifier, data[at + size : at + size + length]))
            at += size + length
        if at != end:
            raise Tampered("a key chain ends in the middle of a link")
    except (struct.error, KeyError):
        raise Tampered("a key chain does not read as a list of links") from None
    return links
