"""Scan text, and logs of any length, for personal information.

Laws. Memory is bounded by ``BLOCK`` and the largest chunk, whatever the input: a line of a gigabyte is cut where it
must be, with overlap, and no finding is lost or reported twice at a cut. A position is two offsets and holds nothing
of what was read, so it may be stored; a scan that goes on from a position answers as if it had not stopped, provided
the caller reads from ``read_from``. Broken encodings are scanned as they are.

Called by: operations and connectors that scan sources; ``columns`` for sampled values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from shouxin.detection import plain
from shouxin.detection.finding import Finding, Findings
from shouxin.errors import Invalid

__all__ = ["AHEAD", "BEHIND", "BLOCK", "Batch", "Finder", "ScanPosition", "scan", "scan_bytes"]

Finder: TypeAlias = Callable[[bytes], Findings]

BLOCK: Final = 4 << 20  # bytes looked at together: fewer, and the arrays of `bulk` wait for one another; more, and
# they leave the cache
AHEAD: Final = 1 << 13  # the longest finding (a private key) and what may stand spread out before folding
BEHIND: Final = 1 << 9  # what a label, or the owner of an amount, may need from before the cut
_CONTINUATION: Final = range(0x80, 0xC0)


@dataclass(frozen=True, slots=True)
class ScanPosition:
    """Where a scan stands: read again from ``read_from``, report findings that start at ``report_from`` or later."""

    read_from: int = 0
    report_from: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """The findings of one block, spans in bytes from the start of the input, and where to go on if this was kept."""

    findings: Findings
    position: ScanPosition


def scan(text: str, find: Finder = plain.find) -> list[Finding]:
    """Return the findings in a text, in order, not overlapping; spans count characters.

    For texts of a page or less; ``find`` is an engine. Lone surrogates are allowed and are no part of any finding.
    """
    data = text.encode("utf-8", "surrogatepass")
    found = list(find(data))
    if len(data) == len(text):
        return found
    placed, chars, at = [], 0, 0
    for one in found:
        chars += _characters(data, at, one.start)
        end = chars + _characters(data, one.start, one.end)
        placed.append(Finding(one.kind, one.item, chars, end, one.score, one.evidence))
        chars, at = end, one.end
    return placed


def _characters(data: bytes, start: int, end: int) -> int:
    return len(data[start:end].decode("utf-8", "surrogatepass"))


def scan_bytes(
    chunks: Iterable[bytes],
    find: Finder = plain.find,
    position: ScanPosition | None = None,
) -> Iterator[Batch]:
    """Yield a batch for each block of a stream of bytes; the last batch's position is the end of the stream.

    ``chunks`` start at ``position.read_from`` and may be of any size; ``find`` is an engine (``bulk.finder()`` where
    numpy is installed). A batch may be empty. Nothing is read ahead but the chunk that completes a block.

    Raises:
        Invalid: the position is not one that a scan gave out.
    """
    start = position or ScanPosition()
    if not 0 <= start.read_from <= start.report_from:
        raise Invalid("a scan reads from before the place where it reports", "position")
    buffer, offset, report = bytearray(), start.read_from, start.report_from
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            room = BLOCK + BEHIND + AHEAD - len(buffer)
            buffer += view[:room]
            view = view[room:]
            if len(buffer) == BLOCK + BEHIND + AHEAD:
                cut = _cut(buffer, len(buffer) - AHEAD)
                found, report = _reported(find(bytes(buffer)), offset, report, offset + cut)
                keep = _cut(buffer, max(0, cut - BEHIND))
                del buffer[:keep]
                offset += keep
                yield Batch(found, ScanPosition(offset, report))
    end = offset + len(buffer)
    found, report = _reported(find(bytes(buffer)), offset, report, end)
    yield Batch(found, ScanPosition(end, max(report, end)))


def _cut(buffer: bytearray, place: int) -> int:
    """The last line end before ``place`` that is not far, else ``place`` moved off the middle of a character."""
    line = buffer.rfind(b"\n", max(0, place - AHEAD), place) + 1
    if line:
        return line
    while place > 0 and buffer[place] in _CONTINUATION:
        place -= 1
    return place


def _reported(found: Findings, offset: int, report: int, cut: int) -> tuple[Findings, int]:
    """The findings that start from ``report`` to before ``cut``, at ``offset``; and where the next block reports from.

    The next block must not repeat the inside of a finding that crosses the cut.
    """
    starts = found.starts
    count = len(starts)
    first, last = 0, count
    while first < count and starts[first] + offset < report:
        first += 1
    while last > first and starts[last - 1] + offset >= cut:
        last -= 1
    end = found.ends[last - 1] + offset if last > first else 0
    inside = slice(first, last)
    kept = Findings(found.kinds[inside], starts[inside], found.ends[inside], found.evidence[inside], offset)
    return kept, max(report, cut, end)
