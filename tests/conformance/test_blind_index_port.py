"""The port of blind indexes (``vault.index``): one suite over every driver."""

from __future__ import annotations

from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.keys.root import EpochNumber
from shouxin.storage.index_store import SqlIndex
from shouxin.vault.index import ROW_SIZE, BlindIndex
from tests.conformance.drivers import ONE, TWO, Driver, Opener, over

INDEXES: dict[str, Driver[BlindIndex]] = {
    "sqlite": lambda folder: lambda: SqlIndex(folder),
}


index_of = over(INDEXES)


def _row(tag: bytes, subject: SubjectId | None = None) -> tuple[bytes, SubjectId, CellId]:
    return tag, subject or new(SubjectId), new(CellId)


def _in_page(row: tuple[bytes, SubjectId, CellId]) -> bytes:
    tag, subject, cell = row
    return tag + cell + subject


def test_a_tag_leads_to_all_its_subjects(index_of: Opener[BlindIndex]) -> None:
    """One mobile may lead to several people; another tag, or another generation, leads to nobody."""
    index = index_of()
    index.open_generation(ONE)
    index.open_generation(TWO)
    shared, own = b"s" * 16, b"o" * 16
    rows = [_row(shared), _row(shared), _row(own)]
    index.add(ONE, rows)
    index.add(ONE, rows)
    index.add(ONE, [])
    assert sorted(index.find(ONE, shared)) == sorted(row[1:] for row in rows[:2])
    assert index.find(ONE, own) == [rows[2][1:]]
    many = [shared, own, *(number.to_bytes(16, "big") for number in range(1_200))]
    together = index.find_all(ONE, many)
    assert {tag: sorted(found) for tag, found in together.items()} == {
        tag: sorted(index.find(ONE, tag)) for tag in (shared, own)
    }
    assert index.find_all(ONE, []) == {}
    assert index.find(ONE, b"x" * 16) == []
    assert index.find(TWO, shared) == []
    assert (index.count(ONE), index.count(TWO)) == (3, 0)


def test_rows_go_with_their_cells_from_every_generation(index_of: Opener[BlindIndex]) -> None:
    """Removing a cell's rows takes them from all generations, counts them, and leaves those of other cells."""
    index = index_of()
    gone, kept = _row(b"a" * 16), _row(b"a" * 16)
    for epoch in (ONE, TWO):
        index.open_generation(epoch)
        index.add(epoch, [gone, kept])
    assert index.rows_of(ONE, [gone[2]]) == [(b"a" * 16, *gone[1:])]
    assert index.remove([gone[2]]) == 2
    assert index.remove([gone[2]]) == 0
    assert index.remove([]) == 0
    for epoch in (ONE, TWO):
        assert index.find(epoch, b"a" * 16) == [kept[1:]]
        assert index.rows_of(epoch, [gone[2]]) == []


def test_each_change_counts_a_generation_up(index_of: Opener[BlindIndex]) -> None:
    """Whoever changes it, and whoever opens it next, sees one more; what changes nothing adds nothing."""
    index = index_of()
    index.open_generation(ONE)
    assert index.age(ONE) == 0
    row = _row(b"o" * 16)
    index.add(ONE, [row, _row(b"p" * 16)])
    assert index.age(ONE) == 1
    index.add(ONE, [])
    index.remove([])
    index.open_generation(ONE)
    index.compact()
    assert index.age(ONE) == index_of().age(ONE) == 1
    index_of().add(ONE, [_row(b"q" * 16)])
    assert index.age(ONE) == 2
    index.build(TWO, [_in_page(row)])
    assert (index.age(ONE), index.age(TWO)) == (2, 0)
    index.remove([row[2]])
    assert (index.age(ONE), index.age(TWO)) == (3, 1)
    index.drop_generation(ONE)
    assert (index.age(ONE), index.age(TWO)) == (0, 1)


def test_pages_walk_over_every_row_once(index_of: Opener[BlindIndex]) -> None:
    """In order of tag and cell, whatever the size of a page; equal tags are not skipped."""
    index = index_of()
    index.open_generation(ONE)
    rows = [_row(bytes([number // 4]) * 16) for number in range(40)]
    index.add(ONE, rows)
    for most in (1, 3, 7, 100):
        pages = list(index.pages(ONE, most))
        assert {len(page) for page in pages[:-1]} <= {most * ROW_SIZE}
        assert b"".join(pages) == b"".join(sorted(map(_in_page, rows)))


def test_a_generation_is_built_of_pages(index_of: Opener[BlindIndex]) -> None:
    """Whatever their order, and with rows that come twice: all are found by tag and by cell, and can be added to."""
    index = index_of()
    rows = [_row(bytes([number * 7 % 256]) * 16) for number in range(300)]
    pages = [b"".join(map(_in_page, rows[at : at + 90])) for at in (200, 0, 90, 180, 270)]
    index.build(ONE, iter(pages))
    assert index.count(ONE) == len(rows)
    assert sorted(index.rows_of(ONE, [row[2] for row in rows])) == sorted(rows)
    assert all(row[1:] in index.find(ONE, row[0]) for row in rows)
    later = _row(b"z" * 16)
    index.add(ONE, [later])
    assert later[1:] in index.find(ONE, later[0])
    assert index.damage() == ""


def test_a_generation_that_is_there_is_not_built_again(index_of: Opener[BlindIndex]) -> None:
    """Building is safe to repeat and keeps what was added since."""
    index = index_of()
    one, two = _row(b"a" * 16), _row(b"b" * 16)
    index.build(ONE, [_in_page(one)])
    index.add(ONE, [two])
    index.build(ONE, [_in_page(one)])
    assert index.count(ONE) == 2


def test_generations_come_and_go(index_of: Opener[BlindIndex]) -> None:
    """Opening is safe to repeat and keeps rows; dropping is safe to repeat and leaves the others."""
    index = index_of()
    row = _row(b"a" * 16)
    assert index.generations() == []
    for epoch in (EpochNumber(10), TWO):
        index.open_generation(epoch)
    index.add(TWO, [row])
    index.open_generation(TWO)
    assert index.generations() == [TWO, EpochNumber(10)]
    index.drop_generation(EpochNumber(10))
    index.drop_generation(EpochNumber(10))
    assert index.generations() == [TWO]
    index.compact()
    later: BlindIndex = index_of()
    assert later.generations() == [TWO]
    assert later.find(TWO, b"a" * 16) == [row[1:]]
