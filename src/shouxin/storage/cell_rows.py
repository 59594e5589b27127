"""Cells, objects, edges and openings in SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, InstitutionId, ObjectId, SubjectId
from shouxin.errors import Tampered
from shouxin.storage.packed import among
from shouxin.storage.shared import Shared
from shouxin.storage.statement import Statement
from shouxin.storage.tables import (
    NOBODY,
    arrivals,
    cells,
    depictions,
    generations,
    look_ups,
    members,
    objects,
    openings,
    origins,
)
from shouxin.vault.records import CellKind, CellRow, ObjectRow
from shouxin.vault.tags import Origin

__all__ = ["CellRows", "slices"]

T = TypeVar("T")
# Both SQLite and PostgreSQL take far more parameters; a page keeps statements small and memory flat.
PAGE: Final = 500
_KINDS: Final = frozenset(kind.value for kind in CellKind)

_OF_ONE: Final = Statement(select(cells).where(cells.c.subject == bindparam("at")).order_by(cells.c.cell))
_TO_ONE: Final = Statement(select(cells).where(cells.c.other == bindparam("at")).order_by(cells.c.cell))
_OF_MANY: Final = Statement(among(cells.c.subject, *cells.c).order_by(cells.c.subject, cells.c.cell))
_TO_MANY: Final = Statement(among(cells.c.other, *cells.c).order_by(cells.c.other, cells.c.cell))
_OBJECTS_OF: Final = Statement(among(objects.c.subject, *objects.c).order_by(objects.c.object_id))
_STANDING: Final = Statement(among(cells.c.cell, cells.c.cell))
# In the order of insertion; what was emptied keeps its place.
_NEWEST_CELLS: Final = Statement(
    select(cells)
    .where(cells.c.subject != NOBODY)
    .order_by(literal_column("cells.rowid").desc())
    .limit(bindparam("most"))
)
_NEWEST_OBJECTS: Final = Statement(
    select(objects).order_by(literal_column("objects.rowid").desc()).limit(bindparam("most"))
)
_OBJECTS_STANDING: Final = Statement(among(objects.c.object_id, objects.c.object_id))
_OBJECT: Final = Statement(select(objects).where(objects.c.object_id == bindparam("at")))
_DEPICTING: Final = Statement(
    among(depictions.c.subject, depictions.c.subject.label("shown"), *objects.c)
    .join(objects, depictions.c.object_id == objects.c.object_id)
    .where(objects.c.subject != depictions.c.subject)
    .order_by(objects.c.object_id)
)
_OPENINGS: Final = Statement(
    select(openings.c.leaf).where(openings.c.subject == bindparam("at")).order_by(openings.c.leaf)
)
_OPENINGS_AMONG: Final = Statement(
    among(openings.c.subject, openings.c.subject, openings.c.leaf).order_by(openings.c.subject, openings.c.leaf)
)
_MEMBERS: Final = Statement(select(members.c.commitments).where(members.c.leaf == bindparam("at")))
_COUNTS: Final = Statement(select(openings.c.leaf, func.count()).group_by(openings.c.leaf))
_ALL_MEMBERS: Final = Statement(select(members.c.leaf, members.c.commitments))
_DEPICTED: Final = Statement(
    select(depictions.c.subject).where(depictions.c.object_id == bindparam("at")).order_by(depictions.c.subject)
)
_AGES: Final = Statement(select(generations).order_by(generations.c.epoch))
_FORGET_AGES: Final = Statement(
    delete(generations).where(or_(generations.c.epoch < bindparam("oldest"), generations.c.epoch == bindparam("at")))
)
_ADD_AGE: Final = Statement(insert(generations))
_CELLS_IN: Final = Statement(
    select(cells.c.term, func.count())
    .where(cells.c.purpose == bindparam("at"), cells.c.subject != NOBODY)
    .group_by(cells.c.term)
)
# Each of the same length as what it replaces: only then does SQLite write it into the same place.
_SIXTEEN: Final[ColumnElement[int]] = literal_column(f"{len(NOBODY)}")
_EMPTIED: Final = {
    cells.c.cell: func.randomblob(_SIXTEEN),
    cells.c.subject: func.zeroblob(_SIXTEEN),
    cells.c.other: case((cells.c.other.is_not(None), func.zeroblob(_SIXTEEN))),
    cells.c.sealed: func.zeroblob(func.length(cells.c.sealed)),
}
_EMPTY: Final = Statement(update(cells).where(cells.c.cell == bindparam("at")).values(_EMPTIED))
_REMOVE_OBJECT: Final = Statement(delete(objects).where(objects.c.object_id == bindparam("at")))
_REMOVE_BESIDE: Final = tuple(
    Statement(delete(table).where(table.c.object_id == bindparam("at"))) for table in (depictions, origins)
)
_OBJECTS_IN: Final = Statement(
    select(objects.c.term, func.count()).where(objects.c.purpose == bindparam("at")).group_by(objects.c.term)
)
_ADD_CELLS: Final = Statement(insert(cells))
_ADD_OPENINGS: Final = Statement(insert(openings))
_ADD_MEMBERS: Final = Statement(insert(members))
_ADD_LOOK_UP: Final = Statement(insert(look_ups))
_ARRIVED_AS: Final = Statement(
    select(arrivals.c.place)
    .where(arrivals.c.place == bindparam("at"), arrivals.c.arrival.between(bindparam("low"), bindparam("high")))
    .limit(1)
)
_ADD_ARRIVALS: Final = Statement(insert(arrivals))
_FORGET_ARRIVALS: Final = Statement(delete(arrivals).where(arrivals.c.place == bindparam("at")))
# Each row stands for nobody from then on, and no two for one another: the lists keep their length.
_FORGET_OPENINGS: Final = Statement(
    update(openings).where(openings.c.subject == bindparam("at")).values(subject=func.randomblob(_SIXTEEN))
)
_LOOK_UPS: Final = Statement(
    select(func.count())
    .select_from(look_ups)
    .where(look_ups.c.account == bindparam("who"), look_ups.c.at > bindparam("since"))
)
_FORGET_LOOK_UPS: Final = Statement(
    delete(look_ups).where(look_ups.c.account == bindparam("who"), look_ups.c.at < bindparam("before"))
)


def slices(sequence: Sequence[T], size: int = PAGE) -> Iterator[Sequence[T]]:
    """Yield ``sequence`` in pieces of at most ``size``."""
    for at in range(0, len(sequence), size):
        yield sequence[at : at + size]


def _cell(row: Sequence[Any]) -> CellRow:
    cell, _institution, subject, purpose, term, kind, other, leaf, sealed = row
    if kind not in _KINDS or not isinstance(sealed, bytes):
        raise Tampered("a row of a cell is not what was written")
    return CellRow(cell, subject, purpose, term, CellKind(kind), other, leaf, sealed)


def _object(row: Sequence[Any]) -> ObjectRow:
    object_id, _institution, subject, purpose, term, item, size, digest, leaf = row
    return ObjectRow(ObjectId(object_id), SubjectId(subject), purpose, term, item, size, bytes(digest), leaf)


def _joined(wanted: Iterable[bytes]) -> dict[str, object]:
    """Return the parameters of a query for rows ``among`` many."""
    every = sorted(set(wanted))
    return {"count": len(every), "rows": b"".join(every)}


class CellRows:
    """The driver of ``vault.records.CellStore`` on one connection.

    ``shared`` says what the works of one transaction share; see ``storage.shared``.
    """

    def __init__(self, connection: Connection, institution: InstitutionId, shared: Shared) -> None:
        self._connection = connection
        self._institution = institution
        self._shared = shared

    def add_cells(self, rows: Sequence[CellRow]) -> None:
        """Insert cells."""
        own = self._institution
        values = (
            (row.cell, own, row.subject, row.purpose, row.term, row.kind.value, row.other, row.leaf, row.sealed)
            for row in rows
        )
        self._shared.write()
        _ADD_CELLS.run_many(self._connection, values)

    def cells_of(self, subjects: Sequence[SubjectId], purpose: str | None = None) -> list[CellRow]:
        """Return cells whose first person is among ``subjects``."""
        found: list[CellRow] = []
        if len(subjects) == 1:
            known = self._shared.cells.get(subjects[0])
            found = [_cell(row) for row in _OF_ONE.all(self._connection, at=subjects[0])] if known is None else known
        elif subjects:
            found = [_cell(row) for row in _OF_MANY.all(self._connection, **_joined(subjects))]
        return [row for row in found if purpose is None or row.purpose == purpose]

    def expect(self, subjects: Collection[SubjectId]) -> None:
        """Read at once the cells of many people, for works that are about to ask for them one by one."""
        found: dict[SubjectId, list[CellRow]] = {subject: [] for subject in subjects}
        for row in _OF_MANY.all(self._connection, **_joined(subjects)):
            found[row[2]].append(_cell(row))
        self._shared.cells.update(found)

    def count_cells(self, purpose: str) -> dict[str, int]:
        """Return, for each retention term of ``purpose``, how many cells and objects it keeps."""
        found: dict[str, int] = {}
        for query in (_CELLS_IN, _OBJECTS_IN):
            for term, count in query.all(self._connection, at=purpose):
                found[term] = found.get(term, 0) + count
        return found

    def edges_to(self, subjects: Sequence[SubjectId]) -> list[CellRow]:
        """Return the edges that name any of ``subjects``."""
        if len(subjects) == 1:
            return [_cell(row) for row in _TO_ONE.all(self._connection, at=subjects[0])]
        return [_cell(row) for row in _TO_MANY.all(self._connection, **_joined(subjects))] if subjects else []

    def standing(self, cell_ids: Sequence[CellId]) -> set[CellId]:
        """Return those of many cells that stand."""
        rows = _STANDING.all(self._connection, **_joined(cell_ids)) if cell_ids else []
        return {CellId(cell) for (cell,) in rows}

    def objects_among(self, object_ids: Sequence[ObjectId]) -> set[ObjectId]:
        """Return those of many objects that have a row."""
        rows = _OBJECTS_STANDING.all(self._connection, **_joined(object_ids)) if object_ids else []
        return {ObjectId(one) for (one,) in rows}

    def newest(self, most: int) -> tuple[list[CellRow], list[ObjectRow]]:
        """Return up to ``most`` cells and as many objects that stand and were inserted last, the last one first."""
        last = [_cell(row) for row in _NEWEST_CELLS.all(self._connection, most=most)]
        return last, [_object(row) for row in _NEWEST_OBJECTS.all(self._connection, most=most)]

    def remove_cells(self, cell_ids: Sequence[CellId]) -> int:
        """Overwrite cells where they stand; see ``storage.tables.NOBODY``."""
        self._shared.write()
        return _EMPTY.run_many(self._connection, [(one,) for one in sorted(cell_ids)]) if cell_ids else 0

    def add_object(self, row: ObjectRow, depicts: Sequence[SubjectId]) -> None:
        """Insert an object row and whom it depicts."""
        self._shared.write()
        self._connection.execute(
            insert(objects),
            {
                "object_id": row.object_id,
                "institution": self._institution,
                "subject": row.subject,
                "purpose": row.purpose,
                "term": row.term,
                "item": row.item,
                "size": row.size,
                "digest": row.digest,
                "leaf": row.leaf,
            },
        )
        if depicts:
            self._connection.execute(
                insert(depictions), [{"object_id": row.object_id, "subject": subject} for subject in depicts]
            )

    def objects_of(self, subjects: Sequence[SubjectId]) -> list[ObjectRow]:
        """Return the objects that belong to ``subjects``."""
        return [_object(row) for row in _OBJECTS_OF.all(self._connection, **_joined(subjects))] if subjects else []

    def object_of(self, object_id: ObjectId) -> ObjectRow | None:
        """Return the row of an object, or nothing."""
        found = _OBJECT.one(self._connection, at=object_id)
        return None if found is None else _object(found)

    def objects_before(self, place: tuple[str, str], leaf: int, after: bytes, most: int) -> list[ObjectRow]:
        """Return up to ``most`` objects of a purpose and term that were sealed before ``leaf``, behind ``after``."""
        purpose, term = place
        query = (
            select(objects)
            .where(objects.c.object_id > after, objects.c.leaf < leaf)
            .where(objects.c.purpose == purpose, objects.c.term == term)
            .order_by(objects.c.object_id)
            .limit(most)
        )
        return [_object(row) for row in self._connection.execute(query)]

    def objects_depicting(self, subjects: Sequence[SubjectId]) -> list[tuple[SubjectId, ObjectRow]]:
        """Return, by whom they depict, the objects of others that depict any of ``subjects``."""
        rows = _DEPICTING.all(self._connection, **_joined(subjects)) if subjects else []
        return [(SubjectId(shown), _object(row)) for shown, *row in rows]

    def depicted_in(self, object_id: ObjectId) -> list[SubjectId]:
        """Return whom an object depicts."""
        return [SubjectId(subject) for (subject,) in _DEPICTED.all(self._connection, at=object_id)]

    def add_origin(self, object_id: ObjectId, origin: Origin) -> None:
        """Note where an object came from."""
        self._shared.write()
        values = {"object_id": object_id, "source": origin.source, "format": origin.format}
        self._connection.execute(insert(origins), values)

    def origin_of(self, object_id: ObjectId) -> Origin:
        """Return where an object came from, as far as it was noted."""
        row = self._connection.execute(select(origins).where(origins.c.object_id == object_id)).one_or_none()
        return Origin() if row is None else Origin(row.source, row.format)

    def remove_objects(self, object_ids: Sequence[ObjectId]) -> int:
        """Delete object rows, whom they depict and where they came from."""
        if not object_ids:
            return 0
        self._shared.write()
        wanted = [(one,) for one in sorted(object_ids)]
        for beside in _REMOVE_BESIDE:
            beside.run_many(self._connection, wanted)
        return _REMOVE_OBJECT.run_many(self._connection, wanted)

    def add_opening(self, leaf: int, subjects: Sequence[SubjectId], joined: bytes) -> None:
        """Note that the disclosure at ``leaf`` opened ``subjects``."""
        self._shared.note()
        self._shared.openings.append((leaf, subjects, joined))

    def settle(self) -> None:
        """Write the openings that were noted in this transaction; with those of other works, in two statements."""
        noted = self._shared.openings
        if noted:
            self._shared.write()
            _ADD_OPENINGS.run_many(
                self._connection, ((subject, leaf) for leaf, subjects, _ in noted for subject in subjects)
            )
            _ADD_MEMBERS.run_many(self._connection, ((leaf, joined) for leaf, _, joined in noted))
            noted.clear()

    def count_openings(self) -> dict[int, tuple[int, bytes]]:
        """Return, for each leaf that opened somebody, how many people are listed and its joined commitments."""
        self.settle()
        listed = dict(_COUNTS.all(self._connection))
        return {leaf: (listed.get(leaf, 0), bytes(joined)) for leaf, joined in _ALL_MEMBERS.all(self._connection)}

    def openings_of(self, subject: SubjectId) -> list[int]:
        """Return the leaves of the disclosures that opened ``subject``."""
        self.settle()
        return [leaf for (leaf,) in _OPENINGS.all(self._connection, at=subject)]

    def openings_among(self, subjects: Iterable[SubjectId]) -> dict[SubjectId, list[int]]:
        """Return, for each of ``subjects``, the leaves of the disclosures that opened them."""
        self.settle()
        found: dict[SubjectId, list[int]] = {subject: [] for subject in subjects}
        for subject, leaf in _OPENINGS_AMONG.all(self._connection, **_joined(found)) if found else ():
            found[subject].append(leaf)
        return found

    def members_of(self, leaf: int) -> bytes:
        """Return the sorted commitments of a disclosure, joined."""
        self.settle()
        row = _MEMBERS.one(self._connection, at=leaf)
        return b"" if row is None else bytes(row[0])

    def count_look_ups(self, account: AccountId, since: Instant) -> int:
        """Return how many look-ups ``account`` made after ``since``."""
        row = _LOOK_UPS.one(self._connection, who=account, since=since)
        return 0 if row is None else int(row[0])

    def add_look_up(self, account: AccountId, at: Instant, forget_before: Instant) -> None:
        """Count a look-up of ``account``; forget what is older than ``forget_before``."""
        self._shared.write()
        _FORGET_LOOK_UPS.run(self._connection, who=account, before=forget_before)
        _ADD_LOOK_UP.run_many(self._connection, [(account, at)])

    def arrived(self, place: bytes, wanted: Sequence[bytes]) -> set[bytes]:
        """Return those of ``wanted`` that have arrived from ``place``."""
        found: set[bytes] = set()
        for piece in slices(wanted):
            query = select(arrivals.c.arrival).where(arrivals.c.place == place, arrivals.c.arrival.in_(piece))
            found.update(self._connection.scalars(query))
        return found

    def has_arrived(self, place: bytes, head: bytes) -> bool:
        """Say whether a digest that begins with ``head`` has arrived from ``place``."""
        low, high = head.ljust(16, b"\0"), head.ljust(16, b"\xff")
        return bool(_ARRIVED_AS.all(self._connection, at=place, low=low, high=high))

    def add_arrivals(self, place: bytes, new: Sequence[bytes]) -> None:
        """Note what arrived from ``place``."""
        if new:
            self._shared.write()
            _ADD_ARRIVALS.run_many(self._connection, [(place, arrival) for arrival in new])

    def forget_arrivals(self, place: bytes) -> int:
        """Forget what arrived from ``place``."""
        self._shared.write()
        return _FORGET_ARRIVALS.run(self._connection, at=place)

    def index_ages(self) -> list[tuple[int, int, bytes]]:
        """Return what was noted of each generation of the index: epoch, age, MAC."""
        return [(epoch, age, mac) for epoch, age, mac in _AGES.all(self._connection)]

    def put_index_age(self, epoch: int, age: int, mac: bytes, *, oldest: int) -> None:
        """Note the age that a generation has at least; forget those before ``oldest``."""
        self._shared.write()
        _FORGET_AGES.run(self._connection, oldest=oldest, at=epoch)
        _ADD_AGE.run(self._connection, epoch=epoch, age=age, mac=mac)

    def forget_openings(self, subject: SubjectId) -> int:
        """Take ``subject`` out of the lists of openings; nobody is put in their place."""
        self.settle()
        self._shared.write()
        return _FORGET_OPENINGS.run(self._connection, at=subject)
