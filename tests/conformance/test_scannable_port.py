"""The port of what can be scanned (``detection.survey.reading``): one suite over every driver.

A driver's line makes a source with two spots in a folder, of which one holds a mobile number, and says how the other is
changed, damaged, and the whole lost.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import pytest
import sqlalchemy as sa

from shouxin.connectors.readers.database import DatabaseTables
from shouxin.connectors.readers.files import BucketFiles, FolderFiles
from shouxin.connectors.sources.observed_table import ObservedTable
from shouxin.detection.survey.reading import Piece, RowWindow, Sampling, Scannable, Spot, TextWindow, Unread
from shouxin.errors import CallerError, OperatorError
from shouxin.policy.source import SqlAddress
from tests.connectors.readers.sources import MOBILES

MOBILE, LATER = MOBILES[:2]


class Scanned(Protocol):
    """Where one driver's source lies; called, it opens it. ``spots`` is how many it has."""

    spots: int

    def __call__(self) -> Scannable:
        """Open the source."""
        ...

    def another(self) -> Scannable:
        """Open another source of this kind."""
        ...

    def change(self) -> None:
        """Put a longer value, with ``LATER`` in it, where ``MOBILE`` stood."""
        ...

    def damage(self) -> None:
        """Leave every spot described and none readable."""
        ...

    def lose(self) -> None:
        """Take the source away from its place."""
        ...


class _Folder:
    spots = 2

    def __init__(self, folder: Path) -> None:
        self._path, self._other = folder / "shop", folder / "other"
        for one in (self._path, self._other):
            (one / "b").mkdir(parents=True)
            (one / "a.txt").write_text("nothing here", "utf-8")
            (one / "b" / "people.txt").write_text(f"手机 {MOBILE}", "utf-8")

    def __call__(self) -> Scannable:
        return FolderFiles(self._path)

    def another(self) -> Scannable:
        return FolderFiles(self._other)

    def change(self) -> None:
        (self._path / "b" / "people.txt").write_text(f"她的手机号码 {LATER}", "utf-8")

    def damage(self) -> None:
        for one in [*self._path.rglob("*.txt")]:
            one.unlink()

    def lose(self) -> None:
        self._path.rename(self._path.with_name("elsewhere"))


class _Bucket(_Folder):
    def __call__(self) -> Scannable:
        return BucketFiles(self._path.as_uri())

    def another(self) -> Scannable:
        return BucketFiles(self._other.as_uri())


class _Tables:
    spots = 2

    def __init__(self, folder: Path) -> None:
        self._path, self._other = folder / "shop.db", folder / "other.db"
        for one in (self._path, self._other):
            engine = sa.create_engine(f"sqlite:///{one}", poolclass=sa.NullPool)
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE empty (id INTEGER PRIMARY KEY)")
                connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, phone TEXT)")
                connection.exec_driver_sql(f"INSERT INTO people VALUES (1, '{MOBILE}')")
        self._engine = sa.create_engine(f"sqlite:///{self._path}", poolclass=sa.NullPool)

    def __call__(self) -> Scannable:
        return DatabaseTables(f"sqlite:///{self._path}")

    def another(self) -> Scannable:
        return DatabaseTables(f"sqlite:///{self._other}")

    def change(self) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE people SET phone = '+86 {LATER}'")

    def damage(self) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE people")
            connection.exec_driver_sql("DROP TABLE empty")

    def lose(self) -> None:
        self._path.write_bytes(b"no database any more" * 300)


class _Observed(_Tables):
    spots = 1

    def __call__(self) -> Scannable:
        return ObservedTable(SqlAddress(f"sqlite:///{self._path}", "people", ("id",)))

    def another(self) -> Scannable:
        return ObservedTable(SqlAddress(f"sqlite:///{self._other}", "people", ("id",)))


SCANNABLES: Final[dict[str, Callable[[Path], Scanned]]] = {
    "folder": _Folder,
    "bucket": _Bucket,
    "database": _Tables,
    "observed": _Observed,
}


@pytest.fixture(params=list(SCANNABLES.values()), ids=list(SCANNABLES))
def scanned(request: pytest.FixtureRequest, tmp_path: Path) -> Scanned:
    """Each driver's source in turn."""
    made: Scanned = request.param(tmp_path)
    return made


def _described(source: Scannable) -> list[Spot]:
    spots = list(source.describe())
    assert not [one for one in spots if isinstance(one, Unread)]
    return [one for one in spots if not isinstance(one, Unread)]


def _pieces(spot: Spot) -> list[Piece]:
    return list(spot.read(Sampling(everything=True), 0))


def _text(pieces: list[Piece]) -> str:
    """Return whatever text stands in the windows of a spot."""
    said = [one.data.decode() for one in pieces if isinstance(one, TextWindow)]
    rows = [
        value or "" for one in pieces if isinstance(one, RowWindow) for many in one.columns.values() for value in many
    ]
    return " ".join([*said, *rows])


def test_spots_are_described_in_the_same_order_each_time(scanned: Scanned) -> None:
    """Each place once, with a size that is a number of bytes; whoever opens the source sees the same."""
    source, again = scanned(), scanned()
    spots = _described(source)
    seen = [(one.place, one.size, one.stamp) for one in spots]
    assert len({place for place, _, _ in seen}) == len(seen) == scanned.spots
    assert all(size >= 0 for _, size, _ in seen)
    assert [(one.place, one.size, one.stamp) for one in _described(source)] == seen
    assert [(one.place, one.size, one.stamp) for one in _described(again)] == seen
    for one in (source, again):
        one.close()
        one.close()


def test_a_source_is_told_from_every_other(scanned: Scanned) -> None:
    """By an identity that is the same for whoever opens it, and says nothing of what it is."""
    source, again, other = scanned(), scanned(), scanned.another()
    assert source.identity == again.identity != other.identity
    assert source.name == again.name
    assert "shop" not in source.identity
    for one in (source, again, other):
        one.close()


def test_what_stands_in_a_spot_is_read_under_its_place(scanned: Scanned) -> None:
    """The number stands in exactly one spot; every piece says whose it is; reading again gives the same."""
    source = scanned()
    spots = _described(source)
    pieces = {one.place: _pieces(one) for one in spots}
    assert [MOBILE in _text(found) for found in pieces.values()].count(True) == 1
    assert all(one.place.startswith(place) for place, found in pieces.items() for one in found)
    assert {one.place: _pieces(one) for one in spots} == pieces
    source.close()


def test_a_stamp_changes_with_the_content_or_there_is_none(scanned: Scanned) -> None:
    """A source that has no cheap stamp says so by an empty one; no stamp stays while its content changes."""
    before = {one.place: one.stamp for one in _described(scanned())}
    scanned.change()
    source = scanned()
    after = {one.place: one for one in _described(source)}
    assert after.keys() == before.keys()
    (changed,) = (place for place, one in after.items() if LATER in _text(_pieces(one)))
    assert (after[changed].stamp == "") == (before[changed] == "")
    assert not before[changed] or after[changed].stamp != before[changed]
    assert all(after[place].stamp == before[place] for place in before if place != changed)
    source.close()


def test_a_spot_that_fails_is_told_and_raises_nothing(scanned: Scanned) -> None:
    """What was described and is gone when it is read: a reason, no content, and the scan goes on."""
    source = scanned()
    spots = _described(source)
    scanned.damage()
    for one in spots:
        found = _pieces(one)
        assert [type(piece) for piece in found] == [Unread]
        assert MOBILE not in repr(found)
    source.close()


def test_a_source_that_is_gone_is_one_error_or_told(scanned: Scanned) -> None:
    """Where a source cannot be described there is an error of ours; what it still describes is told as unread."""
    scanned.lose()
    told = ""
    found: list[Piece] = []
    try:
        source = scanned()
        for one in source.describe():
            found += [one] if isinstance(one, Unread) else _pieces(one)
        source.close()
    except (OperatorError, CallerError) as error:
        told = str(error)
    assert MOBILE not in told + repr(found)
    assert all(isinstance(piece, Unread) for piece in found)
