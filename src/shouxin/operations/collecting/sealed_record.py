"""What an edge sealed, opened: one record, whichever way it came.

Laws. It opens with the key of its plan only, bound to institution and plan; one that was sealed to another, or changed
on the way, is set aside without a word of it. Its key is the edge's own and random: the same record is taken once,
however often and by whichever delivery it comes.

Called by: ``operations.collecting.receive_push`` and ``connectors.sources.sealed_file``.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

import msgspec

from shouxin.domain.plaintext import PlainFields
from shouxin.edge.invitation import EdgeRecord, bound_to
from shouxin.errors import Tampered
from shouxin.keys.sealed_to import OpeningKey
from shouxin.operations.collecting.intake_source import SourceRecord, Unfit

__all__ = ["EdgeOpener"]

_LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class EdgeOpener:
    """Opens what was sealed under ``plan`` to the institution whose log is ``institution``."""

    key: OpeningKey
    institution: str
    plan: str

    def record(self, line: int, sealed: bytes) -> SourceRecord | Unfit:
        """Return the record that ``sealed`` (Base64) holds, at ``line``, or why there is none."""
        try:
            opened = self.key.open(base64.b64decode(sealed, validate=True), bound_to(self.institution, self.plan))
        except (Tampered, ValueError):
            return Unfit(line, "not-sealed-to-this-plan")
        try:
            record = msgspec.json.decode(opened, type=EdgeRecord)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Unfit(line, "no-record")
        if not 0 < len(record.key) <= _LONGEST_KEY:
            return Unfit(line, "no-record")
        return SourceRecord(line, PlainFields(record.fields), (), record.key)
