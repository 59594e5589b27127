"""What is set aside of a source: durable with the batch that set it aside, and asked for again by the next run.

A record that did not come in is nowhere else. So what must be known of it stands in the data store, written in the
transaction that moves its source's position: a keyed digest, and, sealed, its line, the reason, and where the source is
asked for it again; never a value of it. How many such rows stand is part of the position, which has a MAC: a row that
somebody takes away is missed, so that nothing is erased in a source on the word of a list that was cut.

A row goes when its record has come in, or is gone from the source. One that is ``final`` is not asked for again: its
content stays what it is (a line of a file that does not read), or what is left of it cannot come in by itself.

Called by: ``operations.collecting.collect``, ``looking_back``, ``run_plan`` and ``purge``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict

import msgspec

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Tampered
from shouxin.keys.suite import NONCE_SIZE
from shouxin.operations.acting import Act, row_facts
from shouxin.operations.collecting.intake import Aside, Cursor, Reached
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["AtPlace", "Moved", "PlaceMove", "SetAside", "forget_asides", "set_aside", "standing_at", "write_step"]

_DIGEST: Final = 16  # bytes
_NOWHERE: Final = Reached()
_ENCODE: Final = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class SetAside:
    """One record that is set aside.

    ``cursor`` is where it stands in a source that is asked by cursor, ``run`` which run of the plan met it last.
    """

    digest: bytes
    line: int
    reason: str
    cursor: Cursor = field(default=(), repr=False)
    run: int = 0
    final: bool = False


@dataclass(frozen=True, slots=True)
class AtPlace:
    """How far a place was taken in, in which version of its row, and what is set aside of it, by digest."""

    version: int = 0
    reached: Reached = _NOWHERE
    rows: dict[bytes, SetAside] = field(default_factory=dict)

    def asked_again(self) -> dict[int, SetAside]:
        """Return what the source is asked for again, by line."""
        legacy = {line: SetAside(b"", line, "") for line in self.reached.waiting}
        return legacy | {row.line: row for row in self.rows.values() if not row.final}


class Moved(TypedDict):
    """What a move of a place's position says of the plan behind it, and what came with it."""

    source: str
    purposes: list[str]
    taken: int
    aside: int


@dataclass(frozen=True, slots=True)
class PlaceMove:
    """One move of a place: where it is after it, which rows go, and which come, also instead of one that goes."""

    reached: Reached
    gone: frozenset[bytes]
    fresh: Mapping[bytes, SetAside]

    @classmethod
    def of(cls, before: AtPlace, reached: Reached, gone: Iterable[bytes], fresh: Iterable[SetAside]) -> PlaceMove:
        """Return the move from ``before``; it counts what stands after it."""
        coming = {one.digest: one for one in fresh}
        going = frozenset(digest for digest in (*gone, *coming) if digest in before.rows)
        count = len(before.rows) - len(going) + len(coming)
        return cls(replace(reached, aside=count), going, coming)

    def taken_from(self, before: AtPlace) -> AtPlace:
        """Return how the place stands after it; the rows of ``before`` are used up."""
        for digest in self.gone:
            del before.rows[digest]
        before.rows.update(self.fresh)
        return AtPlace(before.version + 1, self.reached, before.rows)


def set_aside(workspace: Workspace, place: bytes, one: Aside, cursor: Cursor, run: int) -> SetAside:
    """Return the row of a record of ``place`` that is set aside now, found again by its arrival or else its line."""
    digest = one.arrival
    if one.final or not digest:
        said = b"shouxin/aside\0" + place + one.arrival + one.line.to_bytes(8, "big")
        digest = workspace.custody.suite.prf(workspace.custody.service("index.prf"), said)[:_DIGEST]
    return SetAside(digest, one.line, one.reason, cursor, run, one.final)


def standing_at(workspace: Workspace, records: Records, place: bytes) -> AtPlace:
    """Return how far ``place`` was taken in, and what is set aside of it.

    Raises:
        Tampered: a row is not what was written, or rows are lacking.
    """
    row = records.authority.get(AuthorityKind.COLLECTION, place)
    if row is None:
        return AtPlace()
    at = workspace.notary.read(row, Reached)
    rows = {digest: _opened(workspace, place, digest, sealed) for digest, sealed in records.asides.of_place(place)}
    if len(rows) != at.aside:
        raise Tampered("what was set aside of a source is not what was written")
    return AtPlace(row.version, at, rows)


def write_step(workspace: Workspace, records: Records, act: Act, place: bytes, step: PlaceMove, moved: Moved) -> None:
    """Write one move of a place and what is set aside of it, in this transaction, and record it."""
    before = records.authority.get(AuthorityKind.COLLECTION, place)
    version = 1 if before is None else before.version + 1
    row = workspace.notary.write(AuthorityKind.COLLECTION, place, version, step.reached, name=moved["source"])
    records.authority.put(row)
    records.asides.forget(place, sorted(step.gone))
    records.asides.add(place, [(digest, _sealed(workspace, place, one)) for digest, one in step.fresh.items()])
    records.record(act.event(EventKind.COLLECTION_MOVED, role="collector", **moved, **row_facts(row, before)))


def forget_asides(
    workspace: Workspace, records: Records, act: Act, place: bytes, moved: Moved, *, but: str = ""
) -> None:
    """Forget what was set aside of ``place``: a look found nothing of it there.

    With ``but`` a reason, that stays, and so does what is ``final``: the look met the record that it is a part of.
    """
    was = standing_at(workspace, records, place)
    gone = [digest for digest, one in was.rows.items() if not but or not (one.final or one.reason == but)]
    if gone or (was.reached.waiting and not but):
        at = was.reached if but else replace(was.reached, waiting=())
        write_step(workspace, records, act, place, PlaceMove.of(was, at, gone, ()), moved)


def _bound_to(workspace: Workspace, place: bytes, digest: bytes) -> bytes:
    return b"shouxin/aside/v1\0" + workspace.institution.institution_id + place + digest


def _sealed(workspace: Workspace, place: bytes, one: SetAside) -> bytes:
    aead = workspace.custody.suite.aead(workspace.custody.service("source.secrets"))
    nonce = os.urandom(NONCE_SIZE)
    said = _ENCODE((one.line, one.reason, one.cursor, one.run, one.final))
    return nonce + aead.encrypt(nonce, said, _bound_to(workspace, place, one.digest))


def _opened(workspace: Workspace, place: bytes, digest: bytes, sealed: bytes) -> SetAside:
    aead = workspace.custody.suite.aead(workspace.custody.service("source.secrets"))
    said = aead.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], _bound_to(workspace, place, digest))
    line, reason, cursor, run, final = msgspec.json.decode(said, type=tuple[int, str, Cursor, int, bool])
    return SetAside(digest, line, reason, cursor, run, final)
