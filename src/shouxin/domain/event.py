"""Events: what the ledger may say, and nothing else (law 3: the record names nobody).

``VOCABULARY`` is the whole language. An event of an unknown kind, with an unknown fact or with a value outside its
type is refused before it is written, so free text, names, subject, request or grant identifiers cannot reach the log:
a fact is a code from a fixed alphabet, a count, a time, a digest or commitment, or a list of codes. The time is a count
of milliseconds, and both identifiers have their 16 bytes, so that neither is a way around the vocabulary.

Called by operations, which build events; by ``ledger.entry``, which writes them as canonical bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SIZE, EventId, OperationId
from shouxin.domain.vocabulary import VOCABULARY, count
from shouxin.errors import Invalid

__all__ = ["Event", "Fact", "check"]

Fact = str | int | list[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One leaf of the ledger, before it is written.

    ``event_id`` salts the commitments inside; ``operation`` ties an intent to its outcome and makes a repeated
    recording recognisable. ``facts`` hold exactly what ``VOCABULARY`` asks for.
    """

    kind: EventKind
    at: Instant
    event_id: EventId
    operation: OperationId
    facts: Mapping[str, Fact]


def check(event: Event) -> None:
    """Refuse an event that says more, less or other than the vocabulary allows.

    Raises:
        Invalid: names the kind, and the fact where one is at fault, never the value.
    """
    if len(event.event_id) != SIZE or len(event.operation) != SIZE or not count(event.at):
        raise Invalid(f"event {event.kind} has an identifier of another length, or a time that counts no milliseconds")
    wanted = VOCABULARY[event.kind][1]
    if event.facts.keys() != wanted.keys():
        odd = sorted(event.facts.keys() ^ wanted.keys())
        raise Invalid(f"event {event.kind} has other facts than its vocabulary: {', '.join(odd)}")
    for name, fits in wanted.items():
        if not fits(event.facts[name]):
            raise Invalid(f"event {event.kind}: fact {name} is not of its type")
