"""What arrived from a source, as keyed digests: so that nothing is taken twice, and only what came is deleted there.

Each record that its source names has two digests: of its key, and of its key with its fields. The second says that
this very record came, the first that one of its name did. Nobody without the institution's key can ask with either
whether somebody is in there.

Called by: ``operations.collecting.run_plan`` and ``operations.collecting.purge``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from shouxin.operations.collecting.intake_source import Met, SourceRecord
from shouxin.operations.workspace import Workspace

__all__ = ["Arrivals"]

_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The arrivals from one content or stream, ``place``."""

    workspace: Workspace
    place: bytes

    def _prf(self, head: bytes, words: bytes) -> bytes:
        key, suite = self.workspace.custody.service("index.prf"), self.workspace.custody.suite
        return suite.prf(key, head + self.place + words)[:_SIZE]

    def of(self, record: SourceRecord) -> bytes:
        """Return the digest of a record as it stands; nothing where its source does not name it."""
        if not record.key:
            return b""
        said = (record.key, record.fields, record.mark) if record.mark else (record.key, record.fields)
        return self._prf(b"shouxin/arrival\0", msgspec.json.encode(said, order="deterministic"))

    def named(self, record: SourceRecord) -> bytes:
        """Return the digest of a record's key; nothing where it has none."""
        return self._prf(b"shouxin/arrival-key\0", record.key.encode()) if record.key else b""

    def known(self, wanted: Sequence[bytes]) -> set[bytes]:
        """Return those of ``wanted`` that have arrived."""
        return self.workspace.data.read(lambda seen: seen.cells.arrived(self.place, wanted)) if wanted else set()

    def recall(self, records: Sequence[SourceRecord], asked: Collection[Collection[str]] = ()) -> list[Met]:
        """Return how each of ``records`` was met before; ``asked`` are sets of fields that runs have asked for.

        A record counts as the same if it is so by all of its fields, or by those of one of these sets.
        """
        digests: list[tuple[bytes, set[bytes]]] = []
        for one in records:
            ways = [one, *(self._only(one, fields) for fields in asked)]
            digests.append((self.named(one), {self.of(way) for way in ways} - {b""}))
        known = self.known([each for named, ways in digests for each in (named, *ways) if each])
        return [
            Met.SAME if not ways.isdisjoint(known) else Met.CHANGED if named in known else Met.NEW
            for named, ways in digests
        ]

    @staticmethod
    def _only(record: SourceRecord, fields: Collection[str]) -> SourceRecord:
        held = {name: value for name, value in record.fields.items() if name in fields}
        return SourceRecord(record.line, held, record.cursor, record.key, record.mark)
