"""What arrived from a source, as keyed digests: so that nothing is taken twice, and only what came is deleted there.

Each record that its source names has a digest of two halves: of its key, and of its key with its fields. The whole says
that this very record came, the first half that one of its name did. Nobody without the institution's key can ask with
either whether somebody is in there.

Called by: ``operations.collecting.run_plan`` and ``operations.collecting.purge``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from shouxin.operations.collecting.intake_source import Met, SourceRecord
from shouxin.operations.workspace import Workspace

__all__ = ["Arrivals"]

_HALF: Final = 8  # bytes
_ENCODE: Final = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The arrivals from one content or stream, ``place``; asked for where they are ``noted``, at the place itself."""

    workspace: Workspace
    place: bytes
    noted: bytes = b""

    def of_all(self, records: Iterable[SourceRecord]) -> list[bytes]:
        """Return the digest of each record as it stands (16 bytes); nothing where its source does not name it."""
        custody = self.workspace.custody
        prf = custody.suite.prf_under(custody.service("index.prf"))
        whole, named = b"shouxin/arrival\0" + self.place, b"shouxin/arrival-key\0" + self.place
        found: list[bytes] = []
        for one in records:
            if not one.key:
                found.append(b"")
                continue
            said = _ENCODE((one.key, one.fields.reveal(), one.mark))
            found.append(prf(named + one.key.encode())[:_HALF] + prf(whole + said)[:_HALF])
        return found

    def of_unfit(self, reason: str, number: int) -> bytes:
        """Return the digest of the ``number``-th thing of a stream that does not read, for ``reason``."""
        custody = self.workspace.custody
        said = b"shouxin/unfit\0" + self.place + f"{reason}\0{number}".encode()
        return custody.suite.prf(custody.service("index.prf"), said)[: 2 * _HALF]

    def known(self, wanted: Sequence[bytes]) -> set[bytes]:
        """Return those of ``wanted`` that have arrived."""
        return self.workspace.data.read(lambda seen: seen.cells.arrived(self._at(), wanted)) if wanted else set()

    def recall(self, records: Sequence[SourceRecord], asked: Collection[Collection[str]] = ()) -> list[Met]:
        """Return how each of ``records`` was met before; ``asked`` are sets of fields that runs have asked for.

        A record counts as the same if it is so by all of its fields, or by those of one of these sets.
        """
        digests = [self.of_all([one, *(self._only(one, fields) for fields in asked)]) for one in records]
        known = self.known([way for ways in digests for way in ways if way])
        return [Met.SAME if not known.isdisjoint(ways) else self._by_name(ways[0][:_HALF]) for ways in digests]

    def _at(self) -> bytes:
        return self.noted or self.place

    def _by_name(self, name: bytes) -> Met:
        came = bool(name) and self.workspace.data.read(lambda seen: seen.cells.has_arrived(self._at(), name))
        return Met.CHANGED if came else Met.NEW

    @staticmethod
    def _only(record: SourceRecord, fields: Collection[str]) -> SourceRecord:
        return replace(record, fields=record.fields.only(fields))
