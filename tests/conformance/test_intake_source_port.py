"""The port of sources (``operations.collecting.intake_source``): one suite over every driver.

A driver's line makes a source of six invented people in a folder, and can lose it or spoil one record. Where a source
knows its records by a key it may hand them out again when it goes on; where it does not it may not.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol

import msgspec
import pytest
import sqlalchemy as sa

from shouxin.connectors.csv_file import CsvSource
from shouxin.connectors.sources.rest_pages import RestPages
from shouxin.connectors.sources.sealed_file import SealedFile
from shouxin.connectors.sources.sql_table import SqlTable
from shouxin.connectors.sources.table_file import TableFile
from shouxin.connectors.sources.web_pages import WebPages
from shouxin.edge.invitation import EDGE_FORMAT, EdgeRecord, bound_to
from shouxin.errors import NotInThisState, OperatorError
from shouxin.keys.sealed_to import OpeningKey, seal_to
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import (
    IntakeSource,
    Looked,
    Met,
    Recall,
    SourceNote,
    SourceRecord,
    Unfit,
)
from shouxin.policy.source import RestAddress, SourceKind, SqlAddress, WebAddress
from tests.partner_api import Answer, page, partner

COUNT: Final = 6
NAMES: Final = [f"张三{number:03}" for number in range(1, COUNT + 1)]
WANTED: Final = ("name", "phone")
LOG: Final = "lender.example/log"


def _person(number: int) -> dict[str, str]:
    return {"name": NAMES[number - 1], "phone": f"1380000{number:04}"}


class SourcePlace(Protocol):
    """Where one driver's source lies; called, it opens the source."""

    def __call__(self) -> IntakeSource:
        """Open the source."""
        ...

    def another(self) -> IntakeSource:
        """Open another source of this kind."""
        ...

    def spoil(self) -> bool:
        """Add something that is no record; say whether this kind of source can have such a thing."""
        ...

    def lose(self) -> None:
        """Take the source away from its place."""
        ...


class _File:
    """A file of lines; each kind says how a person is written and who opens it."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._path = folder / f"people{suffix}"
        self._other = folder / f"others{suffix}"
        self._write(self._path, range(1, COUNT + 1))
        self._write(self._other, range(1, COUNT))

    def _write(self, path: Path, numbers: range) -> None:
        path.write_text("".join(f"{line}\n" for line in [*self._head(), *map(self._line, numbers)]), "utf-8")

    def _head(self) -> list[str]:
        return []

    def _line(self, number: int) -> str:
        raise NotImplementedError

    def _no_record(self) -> str:
        raise NotImplementedError

    def _open(self, path: Path) -> IntakeSource:
        raise NotImplementedError

    def __call__(self) -> IntakeSource:
        return self._open(self._path)

    def another(self) -> IntakeSource:
        return self._open(self._other)

    def spoil(self) -> bool:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{self._no_record()}\n")
        return True

    def lose(self) -> None:
        self._path.unlink()


class _Csv(_File):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ".csv")

    def _head(self) -> list[str]:
        return [",".join(WANTED)]

    def _line(self, number: int) -> str:
        return ",".join(_person(number).values())

    def _no_record(self) -> str:
        return "one,two,three"

    def _open(self, path: Path) -> IntakeSource:
        return CsvSource(path)


class _JsonLines(_File):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ".jsonl")

    def _line(self, number: int) -> str:
        return json.dumps(_person(number))

    def _no_record(self) -> str:
        return "{not json"

    def _open(self, path: Path) -> IntakeSource:
        return TableFile(path)


class _Sealed(_File):
    _key = OpeningKey(b"k" * 32)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ".sealed")

    def _head(self) -> list[str]:
        return [EDGE_FORMAT]

    def _line(self, number: int) -> str:
        record = msgspec.json.encode(EdgeRecord(f"key-{number}", _person(number)))
        return base64.b64encode(seal_to(self._key.public, record, bound_to(LOG, "applications"))).decode()

    def _no_record(self) -> str:
        return base64.b64encode(b"sealed to somebody else").decode()

    def _open(self, path: Path) -> IntakeSource:
        plan = "applications" if path == self._path else "others"  # the files of one plan are one stream
        return SealedFile(path, self._key, LOG, plan)


class _Sql:
    """A table of a database in one file."""

    def __init__(self, folder: Path) -> None:
        self._dsn = f"sqlite:///{folder / 'core.db'}"
        self._engine = sa.create_engine(self._dsn, poolclass=sa.NullPool)
        with self._engine.begin() as connection:
            for table in ("applicant", "others"):
                connection.exec_driver_sql(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT, phone TEXT)")
                rows = [{"id": number, **_person(number)} for number in range(1, COUNT + 1)]
                connection.execute(sa.text(f"INSERT INTO {table} VALUES (:id, :name, :phone)"), rows)

    def __call__(self) -> IntakeSource:
        return SqlTable(SqlAddress(self._dsn, "applicant", ("id",)), page=4)  # type: ignore[return-value]

    def another(self) -> IntakeSource:
        return SqlTable(SqlAddress(self._dsn, "others", ("id",)), page=4)  # type: ignore[return-value]

    def spoil(self) -> bool:
        return False  # a row is a record, whatever stands in it

    def lose(self) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE applicant")


class _Partner:
    """What answers on loopback: a partner's API, or a public page."""

    def __init__(self, _folder: Path) -> None:
        self.held = [{"id": number, **_person(number)} for number in range(1, COUNT + 1)]
        self.lost = self.spoilt = False
        self._stack = ExitStack()
        self.api = self._stack.enter_context(partner(self._answer, self._delete))

    def _answer(self, _number: int, path: str, query: dict[str, list[str]], _headers: dict[str, str]) -> Answer:
        raise NotImplementedError

    def _delete(self, path: str) -> None:
        raise NotImplementedError

    def spoil(self) -> bool:
        self.spoilt = True
        return True

    def lose(self) -> None:
        self.lost = True

    def close(self) -> None:
        self._stack.close()


class _Rest(_Partner):
    def _answer(self, _number: int, _path: str, query: dict[str, list[str]], _headers: dict[str, str]) -> Answer:
        if self.lost:
            return 200, {"Content-Type": "text/plain"}, b"gone"
        at = (int(query.get("page", ["1"])[0]) - 1) * 4
        everything = [*self.held, *(["no record"] if self.spoilt else [])]
        return page(everything[at : at + 4])

    def _delete(self, path: str) -> None:
        self.held = [one for one in self.held if not path.endswith(f"/{one['id']}")]

    def __call__(self) -> IntakeSource:
        return self._open("people")

    def another(self) -> IntakeSource:
        return self._open("others")

    def _open(self, name: str) -> IntakeSource:
        url = f"http://127.0.0.1:{self.api.port}/{name}"
        return RestPages(RestAddress(url, key="id", records="items", paging="page", erase="/people/{key}"))  # type: ignore[return-value]


class _Web(_Partner):
    def _answer(self, _number: int, path: str, _query: dict[str, list[str]], _headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, b"User-agent: *\n"
        if self.lost:
            return 404, {}, b""
        rows = "".join(f"<tr><td class=n>{one['name']}</td><td class=p>{one['phone']}</td></tr>" for one in self.held)
        rows += "<tr><td class=p>13800009999</td></tr>" if self.spoilt else ""
        return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<table>{rows}</table>".encode()

    def __call__(self) -> IntakeSource:
        return self._open("list")

    def another(self) -> IntakeSource:
        return self._open("others")

    def _open(self, name: str) -> IntakeSource:
        address = WebAddress(
            start=(f"http://127.0.0.1:{self.api.port}/{name}",),
            hosts=("127.0.0.1",),
            record="tr",
            fields={"name": "td.n", "phone": "td.p"},
            key="name",
            seconds_between=0.0,
        )
        return WebPages(address)  # type: ignore[return-value]


SOURCES: Final[dict[str, Callable[[Path], SourcePlace]]] = {
    "csv": _Csv,
    "table": _JsonLines,
    "sealed": _Sealed,
    "sql": _Sql,
    "rest": _Rest,
    "web": _Web,
}
_EVERY: Final = [
    pytest.param(made, id=name, marks=[pytest.mark.slow] if name == "web" else []) for name, made in SOURCES.items()
]


@pytest.fixture(params=_EVERY)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SourcePlace]:
    """Each driver's source in turn."""
    made: SourcePlace = request.param(tmp_path)
    yield made
    getattr(made, "close", lambda: None)()


NOTHING: Final = Reached()


def _read(source: IntakeSource, reached: Reached = NOTHING) -> list[SourceRecord | Unfit]:
    """Read to the end, and close."""
    try:
        return [one for one in source.read(reached, WANTED) if not isinstance(one, SourceNote)]
    finally:
        source.close()


def _names(read: Sequence[SourceRecord | Unfit]) -> list[str]:
    return [one.fields.reveal()["name"] for one in read if isinstance(one, SourceRecord)]


def _end(read: Sequence[SourceRecord | Unfit]) -> Reached:
    return Reached(read[-1].line, read[-1].cursor)


def _recall(*others: str) -> Recall:
    """Return what knows everybody as they stand but ``others``, who came with other fields."""

    def recall(records: Sequence[SourceRecord]) -> list[Met]:
        return [Met.CHANGED if one.fields.reveal()["name"] in others else Met.SAME for one in records]

    return recall


def test_every_record_comes_once_with_its_fields_and_counts_on(place: SourcePlace) -> None:
    """In the same order each time, lines from 1 upwards; what was wanted is in it, and its ``repr`` shows nothing."""
    read = _read(place())
    assert _names(read) == _names(_read(place())) == NAMES
    lines = [one.line for one in read]
    assert lines == sorted(set(lines))
    assert lines[0] >= 1
    for number, one in enumerate(read, 1):
        assert isinstance(one, SourceRecord)
        assert one.fields.reveal().items() >= _person(number).items()
        assert not any(value in repr(one) for value in _person(number).values())


def test_a_source_is_asked_again_for_what_stands_at_a_place(place: SourcePlace) -> None:
    """Under the lines that were asked for, in their order; one that cannot be asked for a place yields nothing."""
    read = _read(place())
    source = place()
    again = list(source.again([Reached(one.line, one.cursor) for one in (read[1], read[4])], WANTED))
    source.close()
    if source.lines_stand or source.kind is SourceKind.SQL:
        assert [(one.line, name) for one, name in zip(again, _names(again), strict=True)] == [
            (read[1].line, NAMES[1]),
            (read[4].line, NAMES[4]),
        ]
    else:
        assert again == []
    assert list(place().again([], WANTED)) == []


def test_a_source_says_what_and_where_it_is(place: SourcePlace) -> None:
    """The same to whoever opens it, another for another; fields that it knows before reading are those that come."""
    source, again, other = place(), place(), place.another()
    assert isinstance(source.kind, SourceKind)
    assert source.kind is other.kind
    assert source.identity() == again.identity() != other.identity()
    assert source.locator() == again.locator() != other.locator()
    assert b"" not in {source.identity(), source.locator()}
    known = source.describe()
    assert not known or {*WANTED} <= {*known}
    for one in (source, again, other):
        one.close()
        one.close()


@pytest.mark.parametrize("count", [1, COUNT])
def test_who_goes_on_misses_nobody_and_knows_whom_it_had(place: SourcePlace, count: int) -> None:
    """From any record on: lines count on; whoever comes a second time has the key that they came with."""
    before = _read(place())[:count]
    after = _read(place(), _end(before))
    assert [*dict.fromkeys([*_names(before), *_names(after)])] == NAMES
    assert all(one.line > before[-1].line for one in after)
    keys = {one.fields.reveal()["name"]: one.key for one in before if isinstance(one, SourceRecord)}
    twice = [one for one in after if isinstance(one, SourceRecord) and one.fields.reveal()["name"] in keys]
    assert all(one.key == keys[one.fields.reveal()["name"]] != "" for one in twice)


def test_who_stops_in_the_middle_has_what_came(place: SourcePlace) -> None:
    """A record is there before the last was read; stopped and closed, the source reads from its start as before."""
    source = place()
    first = next(iter(source.read(Reached(), WANTED)))
    assert isinstance(first, SourceRecord)
    assert _names([first]) == NAMES[:1]
    source.close()
    assert _names(_read(place())) == NAMES


def test_what_does_not_read_as_a_record_is_said_in_its_place(place: SourcePlace) -> None:
    """With a line of its own and a code that repeats nothing; every record comes all the same."""
    spoilt = place.spoil()
    read = _read(place())
    unfit = [one for one in read if isinstance(one, Unfit)]
    assert _names(read) == NAMES
    assert len(unfit) == int(spoilt)
    for one in unfit:
        assert one.line not in {other.line for other in read if other is not one}
        assert one.reason.replace("-", "").isalpha()


def test_a_source_that_is_gone_is_one_error_without_content(place: SourcePlace) -> None:
    """Whoever runs the installation must act; nothing of anybody stands in what is said."""
    place.lose()
    with pytest.raises(OperatorError) as caught:
        _read(place())
    assert not any(name in str(caught.value) for name in NAMES)


def test_a_look_counts_what_is_left_of_what_was_taken(place: SourcePlace) -> None:
    """Nothing before anything was taken; then everything up to where it was, and no more than there is."""
    read = _read(place())
    source = place()
    assert source.verify(Reached(), WANTED, _recall()) == Looked(0)
    found = source.verify(_end(read), WANTED, _recall())
    source.close()
    assert (found.left, found.unknown) == (COUNT, 0)


def test_only_what_arrived_as_it_stands_is_erased(place: SourcePlace) -> None:
    """A source deletes what is the same and leaves what changed; or it says that it does not, and nothing changes."""
    end = _end(_read(place()))
    source = place()
    try:
        gone = source.erase(end, WANTED, _recall(NAMES[2]))
    except NotInThisState:
        left = NAMES
    else:
        assert gone == COUNT - 1
        left = NAMES[2:3]
    assert source.verify(end, WANTED, _recall()).left == len(left)
    source.close()
    assert _names(_read(place())) == left
