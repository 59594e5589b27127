"""Scan a source for personal information: read, count, note, go on; the answer is counts, never values.

What a kill leaves: notes (``ScanNotes``) of every spot that is finished and, within a long text, of a position not more
than ``_MIDWAY`` bytes behind. A scan that goes on answers as if it had not stopped: samples are drawn by place, blocks
are cut at the same bytes. What changed meanwhile (another stamp) is read anew. Notes hold what a report holds.

Nothing is decided, approved or recorded here: a scan opens no value that is kept by us and changes no state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from typing import Final, Protocol

import msgspec

from shouxin.detection import plain
from shouxin.detection.finding import NAMES, RULES
from shouxin.detection.opaque import outside_uuids
from shouxin.detection.scan import Finder, ScanPosition, scan_bytes
from shouxin.detection.survey.evidence import PlaceEvidence, ScanReport, TextEvidence, shown
from shouxin.detection.survey.reading import (
    MediaWindow,
    Piece,
    RowWindow,
    Sampling,
    Scannable,
    Spot,
    TextWindow,
    Unread,
)
from shouxin.domain.clock import Clock, write
from shouxin.errors import Invalid
from shouxin.operations.scanning.scan_examples import Examples

__all__ = ["NoNotes", "ScanNotes", "fastest_finder", "read_report", "scan_source", "written"]

_MIDWAY: Final = 64 << 20  # bytes of a text between two notes


class ScanNotes(Protocol):
    """Where a scan notes how far it is, in lines that are not empty. What was appended is there after a kill."""

    def lines(self) -> Iterable[bytes]:
        """Return the lines of an earlier scan, in order."""

    def append(self, line: bytes) -> None:
        """Append a line."""

    def begin(self) -> None:
        """Forget every line."""


class NoNotes:
    """For a scan that nobody will resume."""

    def lines(self) -> Iterable[bytes]:
        """Return none."""
        return ()

    def append(self, line: bytes) -> None:
        """Forget it."""

    def begin(self) -> None:
        """There is nothing to forget."""


@dataclass(slots=True)
class _ScanNote:
    """One line: the head of a scan (without a place), a finished spot, or a position within one."""

    place: str = ""
    stamp: str = ""
    number: int = 0  # of equal places: two that differ in what may not be shown look the same
    head: ScanReport | None = None
    seen: list[PlaceEvidence] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    position: ScanPosition | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        return self.place, self.stamp, self.number


def fastest_finder(*, names: bool) -> Finder:
    """Return the fast engine where numpy is, with the model of names if wanted, else the plain one."""
    if not find_spec("numpy"):
        return outside_uuids(plain.find)
    fast: Finder = import_module("shouxin.detection.bulk").finder()
    if names:
        fast = import_module("shouxin.detection.names.finder").names_finder(fast)
    return outside_uuids(fast)


class _Scan:
    """One run."""

    def __init__(self, report: ScanReport, notes: ScanNotes, find: Finder, examples: Examples | None) -> None:
        self.report, self._notes, self._find, self._examples = report, notes, find, examples
        self.known: dict[tuple[str, str, int], _ScanNote] = {}

    def spot(self, spot: Spot, note: _ScanNote, step: Callable[[int], None]) -> None:
        """Take a spot from the notes or read it."""
        before = self.known.get(note.key)
        if before is not None and before.position is None:
            note = before
        else:
            self._read(spot, note, before, step)
            self._notes.append(msgspec.json.encode(note))
        self.report.places += note.seen
        self.report.unread += note.unread

    def _read(self, spot: Spot, note: _ScanNote, before: _ScanNote | None, step: Callable[[int], None]) -> None:
        at = before.position if before is not None else None
        if before is not None:
            note.seen = before.seen
        sampling = replace(self.report.sampling, names=bool(self.report.names))
        pieces = spot.read(sampling, at.read_from if at else 0)
        for (kind, place), group in groupby(pieces, lambda piece: (type(piece), piece.place)):
            if kind is Unread:
                note.unread += [replace(one, place=shown(one.place)[0]) for one in group if isinstance(one, Unread)]
                continue
            evidence = self._evidence(note, place)
            if kind is MediaWindow:
                for window in group:
                    if isinstance(window, MediaWindow):
                        evidence.add_media(window)
            elif kind is TextWindow:
                self._text(evidence, group, at, note if place == spot.place else None, step)
                at = None
            else:
                self._rows(evidence, group)
        if not note.seen and not note.unread:  # an empty file, an archive or a database without anything in it
            self._evidence(note, spot.place).form = "empty"

    @staticmethod
    def _evidence(note: _ScanNote, place: str) -> PlaceEvidence:
        safe, kinds = shown(place)
        found = next((one for one in reversed(note.seen) if one.place == safe), None)
        if found is None:
            found = PlaceEvidence(safe, in_names=list(kinds))
            note.seen.append(found)
        return found

    def _rows(self, evidence: PlaceEvidence, group: Iterable[Piece]) -> None:
        for window in group:
            if isinstance(window, RowWindow):
                evidence.add_rows(window, self._find)
                if self._examples:
                    self._examples.of_rows(evidence, window)

    def _text(
        self,
        evidence: PlaceEvidence,
        group: Iterable[Piece],
        at: ScanPosition | None,
        note: _ScanNote | None,
        step: Callable[[int], None],
    ) -> None:
        """Scan a text; with a ``note``, its position is noted now and then while offsets are those of the source."""
        text = evidence.text = evidence.text or TextEvidence()
        evidence.form = evidence.form or "text"
        exact = True

        def data() -> Iterator[bytes]:
            nonlocal exact
            for window in group:
                if isinstance(window, TextWindow):
                    exact = window.exact
                    if window.encoding not in text.encodings:
                        text.encodings.append(window.encoding)
                    yield window.data

        find = text.watched(self._examples.watched(evidence.place, self._find) if self._examples else self._find)
        start = at.report_from if at else 0
        noted, size = start, start
        for batch in scan_bytes(data(), find, at):
            text.add(batch.findings)
            size = batch.position.report_from
            step(size)
            if note is not None and exact and size - noted >= _MIDWAY:
                noted = size
                self._notes.append(msgspec.json.encode(replace(note, position=batch.position)))
        text.size = max(text.size, size)


def _asked(report: ScanReport) -> tuple[object, ...]:
    return report.source, report.identity, report.sampling, report.rules, report.names, report.others


def _resumed(report: ScanReport, notes: ScanNotes) -> dict[tuple[str, str, int], _ScanNote]:
    """What the notes of the same scan know, and when it began.

    Raises:
        Invalid: they are of another source, sampling or rules.
    """
    known: dict[tuple[str, str, int], _ScanNote] = {}
    for number, line in enumerate(notes.lines()):
        try:
            note = msgspec.json.decode(line, type=_ScanNote)
        except msgspec.DecodeError:
            continue  # a line that a kill cut short
        if number == 0 or note.head is not None:
            head = note.head
            if head is None or _asked(head) != _asked(report):
                raise Invalid("these notes are of another scan; start it anew without --resume", "resume")
            report.began = head.began
        else:
            known[note.key] = note
    return known


def scan_source(
    source: Scannable,
    clock: Clock,
    sampling: Sampling | None = None,
    *,
    notes: ScanNotes | None = None,
    resume: bool = False,
    examples: bool = False,
    names: bool = False,
    find: Finder | None = None,
    beside: tuple[str, Callable[[Finder], Finder]] | None = None,
    begin: Callable[[int], Callable[[int], None]] | None = None,
) -> ScanReport:
    """Scan all of a source and return what was seen.

    ``begin`` is told the bytes that the source has and returns what is told how many are done. ``examples`` keeps up
    to three masked values a column and kind, in the report only. ``names`` lets the model of names look too, unless
    ``find`` is an engine of one's own; the report says whether it did, which needs numpy. ``beside`` is the
    version of recognisers of others and what puts them beside an engine. ``source`` is closed.

    Raises:
        Invalid: ``resume`` with notes of another scan. StoreUnavailable: the source or the notes are out of reach.
    """
    notes = notes or NoNotes()
    report = ScanReport(source.name, sampling or Sampling(), write(clock.now()))
    report.identity = source.identity
    report.names = NAMES if names and find is None and find_spec("numpy") else ""
    report.others = beside[0] if beside else ""
    try:
        described = list(source.describe())
        known = _resumed(report, notes) if resume else {}
        if not known:
            notes.begin()
            head = replace(ScanReport(report.source, report.sampling, report.began), identity=report.identity)
            head.names, head.others = report.names, report.others
            notes.append(msgspec.json.encode(_ScanNote(head=head)))
        kept = Examples(report.examples) if examples else None
        engine = find or fastest_finder(names=names)
        scan = _Scan(report, notes, beside[1](engine) if beside else engine, kept)
        scan.known = known
        report.spots = len(described)
        sizes = [0 if isinstance(one, Unread) else one.size for one in described]
        step = begin(sum(sizes)) if begin else lambda _done: None
        equal, done = Counter[tuple[str, str]](), 0
        for one, size in zip(described, sizes, strict=True):
            if isinstance(one, Unread):
                report.unread.append(replace(one, place=shown(one.place)[0]))
                continue
            place, _ = shown(one.place)
            note = _ScanNote(place, one.stamp, equal[place, one.stamp])
            equal[place, one.stamp] += 1
            before = done
            scan.spot(one, note, lambda some, before=before, size=size: step(before + min(some, size)))  # type: ignore[misc]
            done += size
            step(done)
    finally:
        source.close()
    report.rules = RULES
    report.ended = write(clock.now())
    return report


def written(report: ScanReport) -> bytes:
    """Return a report as JSON, from which ``read_report`` makes the same."""
    return msgspec.json.encode(report)


def read_report(data: bytes) -> ScanReport:
    """Return the report of its JSON, alone or as ``scan`` of a larger object.

    Raises:
        Invalid: it is none.
    """
    try:
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        report = msgspec.json.decode(whole.get("scan", data), type=ScanReport)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid("is no report of a scan", "report") from None
    if report.format != ScanReport("").format:
        raise Invalid("is a report of another format", "report")
    return report
