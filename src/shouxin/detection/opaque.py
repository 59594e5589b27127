"""What only looks like a value because it stands in an opaque identifier: a telephone in a UUID.

Laws. Three of ten thousand random UUIDs hold four digits, a hyphen and more that are an area code and a subscriber.
Such a row is taken out; every other row stays, in order. Only findings of such a kind are looked at, so that a text
without them costs nothing.

Called by: ``operations.scanning.scan_source``, around the engine of a scan.
"""

from __future__ import annotations

import re
from typing import Final

from shouxin.detection.finding import ORDINAL, FindingKind, Findings
from shouxin.detection.scan import Finder

__all__ = ["outside_uuids"]

_LANDLINE: Final = ORDINAL[FindingKind.LANDLINE]
_UUID: Final = re.compile(
    rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_REACH: Final = 37  # bytes: a UUID, and what stands before it


def _inside(block: bytes, start: int, end: int) -> bool:
    around = _UUID.finditer(block, max(0, start - _REACH), end + _REACH)
    return any(one.start() <= start and end <= one.end() for one in around)


def outside_uuids(find: Finder) -> Finder:
    """Return the engine, which no longer finds telephones inside UUIDs."""

    def found(block: bytes) -> Findings:
        findings = find(block)
        if _LANDLINE not in findings.kinds:
            return findings
        rows = list(findings.rows())
        kept = [row for row in rows if row[0] != _LANDLINE or not _inside(block, row[1], row[2])]
        return findings if len(kept) == len(rows) else Findings.of(kept)

    return found
