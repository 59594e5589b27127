"""What became of a destroyed cell: erased for good, or corrected, its rest gone on elsewhere."""

from __future__ import annotations

from shouxin.domain.identifiers import SubjectId
from shouxin.keys.journal import Destruction, Fates, Succession

WHO = SubjectId(bytes(16))


def destroyed(*cells: bytes) -> Destruction:
    """Return an entry of an erasure."""
    return Destruction(WHO, 1, cells)


def corrected(cell: bytes, successor: bytes, *items: str) -> Destruction:
    """Return an entry of a correction."""
    return Destruction(WHO, 1, (cell,), (), (Succession(cell, successor, items),))


def test_of_a_corrected_cell_only_the_wrong_values_are_wrong() -> None:
    """The items of its own correction, and of those of every cell that it went on in."""
    fates = Fates.of([corrected(b"a", b"b", "name"), corrected(b"b", b"c", "mobile"), corrected(b"x", b"y", "job")])
    assert fates.corrected(b"a") == {"name", "mobile"}
    assert fates.corrected(b"b") == {"mobile"}


def test_what_was_erased_or_went_on_in_something_erased_does_not_come_back() -> None:
    """An erasure at any end of the line says that nothing of it may be carried over."""
    fates = Fates.of([corrected(b"a", b"b", "name"), corrected(b"b", b"c", "mobile"), destroyed(b"c", b"z")])
    assert [fates.corrected(cell) for cell in (b"a", b"b", b"c", b"z")] == [None] * 4
    assert Fates.of([corrected(b"a", b"b", "name"), destroyed(b"a")]).corrected(b"a") is None


def test_of_a_cell_that_the_journal_does_not_name_nothing_is_said() -> None:
    """It was neither corrected nor erased."""
    assert Fates.of([corrected(b"a", b"b", "name")]).corrected(b"q") is None


def test_a_line_that_closes_upon_itself_ends() -> None:
    """An impossible journal is no endless loop."""
    fates = Fates.of([corrected(b"a", b"b", "name"), corrected(b"b", b"a", "job")])
    assert fates.corrected(b"a") == {"name", "job"}
    assert fates.heirs("name") == {b"a", b"b"}


def test_the_heirs_of_an_item_are_where_it_may_be_entered_again() -> None:
    """Every cell behind a correction of that item, in every line, and no other."""
    entries = [corrected(b"a", b"b", "name"), corrected(b"b", b"c", "job"), corrected(b"x", b"y", "mobile")]
    assert Fates.of(entries).heirs("name") == {b"b", b"c"}
    assert Fates.of(entries).heirs("job") == {b"c"}
    assert Fates.of(entries).heirs("card") == set()
