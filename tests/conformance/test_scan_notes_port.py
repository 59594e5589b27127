"""The port of a scan's notes (``operations.scanning.scan_source.ScanNotes``): one suite over every driver.

``NoNotes`` is none of them: it is for a scan that nobody will resume, and keeps no line.
"""

from __future__ import annotations

from shouxin.connectors.readers.notes_file import NotesFile
from shouxin.operations.scanning.scan_source import ScanNotes
from tests.conformance.drivers import Driver, Opener, over

NOTES: dict[str, Driver[ScanNotes]] = {
    "file": lambda folder: lambda: NotesFile(folder / "scan.json.part"),
}
notes_of = over(NOTES)

LINES = [b'{"place":"a.csv"}', '{"place":"表 1"}'.encode(), b'{"place":"' + b"x" * 100_000 + b'"}']


def test_there_are_no_lines_at_first(notes_of: Opener[ScanNotes]) -> None:
    """Asking is no error, and forgetting nothing is none either."""
    notes = notes_of()
    assert list(notes.lines()) == []
    notes.begin()
    assert list(notes.lines()) == []


def test_a_line_is_there_for_whoever_comes_after_a_kill(notes_of: Opener[ScanNotes]) -> None:
    """Lines come back byte for byte in their order, also where the first opening was never closed."""
    first = notes_of()
    for line in LINES:
        first.append(line)
    assert list(notes_of().lines()) == LINES


def test_whoever_goes_on_appends_behind_what_is_there(notes_of: Opener[ScanNotes]) -> None:
    """Nothing stands between the lines of two openings, and both are read as one."""
    for line in LINES:
        notes_of().append(line)
    assert list(notes_of().lines()) == LINES


def test_begin_forgets_every_line_and_new_ones_are_kept(notes_of: Opener[ScanNotes]) -> None:
    """A scan that is begun anew resumes nothing of the one before, whoever wrote it."""
    notes_of().append(LINES[0])
    again = notes_of()
    again.append(LINES[1])
    again.begin()
    assert list(notes_of().lines()) == []
    again.append(LINES[2])
    assert list(notes_of().lines()) == [LINES[2]]
