"""An event as bytes: the leaf of the log.

Canonical JSON (RFC 8785): keys sorted, no blanks. Facts are ASCII codes, digests and counts below 2^53, so that the
encoder's output and RFC 8785 agree byte for byte (a property test compares them); identifiers and digests are
lower-case hexadecimal. ``v`` is the version of this format: it is part of what is hashed.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from shouxin.domain.clock import Instant
from shouxin.domain.event import Event, Fact, check
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId
from shouxin.errors import Invalid, Tampered

__all__ = ["decode", "encode", "kind_of"]

FORMAT: Final = 1
_ENCODER: Final = msgspec.json.Encoder(order="sorted")


class _Kind(msgspec.Struct):
    event: EventKind


_KIND: Final = msgspec.json.Decoder(_Kind)
_ENVELOPE: Final = frozenset({"at", "event", "id", "op", "v"})


def encode(event: Event) -> bytes:
    """Check ``event`` against the vocabulary and return its canonical bytes.

    Raises:
        Invalid: see ``domain.event.check``.

    **Source:** RFC 8785.
    """
    check(event)
    body: dict[str, Fact] = {
        **event.facts,
        "at": event.at,
        "event": event.kind.value,
        "id": event.event_id.hex(),
        "op": event.operation.hex(),
        "v": FORMAT,
    }
    return _ENCODER.encode(body)


def decode(entry: bytes) -> Event:
    """Read a leaf.

    Raises:
        Tampered: the bytes are not what ``encode`` writes, to the letter.
    """
    try:
        body: dict[str, Any] = msgspec.json.decode(entry)
        facts = {name: value for name, value in body.items() if name not in _ENVELOPE}
        event = Event(
            EventKind(body["event"]),
            Instant(body["at"]),
            EventId(bytes.fromhex(body["id"])),
            OperationId(bytes.fromhex(body["op"])),
            facts,
        )
        if encode(event) != entry:
            raise Tampered("a log entry is not in its canonical form")
    except (msgspec.DecodeError, Invalid, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Tampered("a log entry does not read as an event") from None
    return event


def kind_of(entry: bytes) -> EventKind:
    """Return what a leaf is about, without reading more of it.

    Raises:
        Tampered: it does not read as an event.
    """
    try:
        return _KIND.decode(entry).event
    except msgspec.MsgspecError:
        raise Tampered("a log entry does not read as an event") from None
