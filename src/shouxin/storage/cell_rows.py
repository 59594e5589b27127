"""Cells, objects, edges and openings in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, InstitutionId, ObjectId, SubjectId
from shouxin.storage.tables import cells, depictions, look_ups, members, objects, openings
from shouxin.vault.records import CellKind, CellRow, ObjectRow

__all__ = ["CellRows", "slices"]

T = TypeVar("T")
# Both SQLite and PostgreSQL take far more parameters; a page keeps statements small and memory flat.
PAGE: Final = 500

_OF_ONE: Final = select(cells).where(cells.c.subject == bindparam("subject")).order_by(cells.c.cell)
_TO_ONE: Final = select(cells).where(cells.c.other == bindparam("subject")).order_by(cells.c.cell)
_OPENINGS: Final = select(openings.c.leaf).where(openings.c.subject == bindparam("subject")).order_by(openings.c.leaf)

_LOOK_UPS: Final = (
    select(func.count())
    .select_from(look_ups)
    .where(look_ups.c.account == bindparam("account"), look_ups.c.at > bindparam("since"))
)


def slices(sequence: Sequence[T], size: int = PAGE) -> Iterator[Sequence[T]]:
    """Yield ``sequence`` in pieces of at most ``size``."""
    for at in range(0, len(sequence), size):
        yield sequence[at : at + size]


def _cell(row: Row[tuple[object, ...]]) -> CellRow:
    other = None if row.other is None else SubjectId(row.other)
    return CellRow(
        CellId(row.cell), SubjectId(row.subject), row.purpose, row.term, CellKind(row.kind), other, row.leaf, row.sealed
    )


def _object(row: Row[tuple[object, ...]]) -> ObjectRow:
    return ObjectRow(
        ObjectId(row.object_id),
        SubjectId(row.subject),
        row.purpose,
        row.term,
        row.item,
        row.size,
        bytes(row.digest),
        row.leaf,
    )


class CellRows:
    """The driver of ``vault.records.CellStore`` on one connection."""

    def __init__(self, connection: Connection, institution: InstitutionId) -> None:
        self._connection = connection
        self._institution = institution

    def add_cells(self, rows: Sequence[CellRow]) -> None:
        """Insert cells."""
        if not rows:
            return
        self._connection.execute(
            insert(cells),
            [
                {
                    "cell": row.cell,
                    "institution": self._institution,
                    "subject": row.subject,
                    "purpose": row.purpose,
                    "term": row.term,
                    "kind": row.kind,
                    "other": row.other,
                    "leaf": row.leaf,
                    "sealed": row.sealed,
                }
                for row in rows
            ],
        )

    def cells_of(self, subjects: Sequence[SubjectId], purpose: str | None = None) -> list[CellRow]:
        """Return cells whose first person is among ``subjects``."""
        found: list[CellRow] = []
        if len(subjects) == 1:
            found = [_cell(row) for row in self._connection.execute(_OF_ONE, {"subject": subjects[0]})]
        else:
            for page in slices(sorted(subjects)):
                query = select(cells).where(cells.c.subject.in_(page)).order_by(cells.c.subject, cells.c.cell)
                found += [_cell(row) for row in self._connection.execute(query)]
        return found if purpose is None else [row for row in found if row.purpose == purpose]

    def edges_to(self, subject: SubjectId) -> list[CellRow]:
        """Return the edges that name ``subject``."""
        return [_cell(row) for row in self._connection.execute(_TO_ONE, {"subject": subject})]

    def remove_cells(self, cell_ids: Sequence[CellId]) -> int:
        """Delete cells."""
        return sum(
            self._connection.execute(delete(cells).where(cells.c.cell.in_(page))).rowcount for page in slices(cell_ids)
        )

    def add_object(self, row: ObjectRow, depicts: Sequence[SubjectId]) -> None:
        """Insert an object row and whom it depicts."""
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
        found: list[ObjectRow] = []
        for page in slices(sorted(subjects)):
            query = select(objects).where(objects.c.subject.in_(page)).order_by(objects.c.object_id)
            found += [_object(row) for row in self._connection.execute(query)]
        return found

    def objects_depicting(self, subject: SubjectId) -> list[ObjectRow]:
        """Return the objects of others that depict ``subject``."""
        query = (
            select(objects)
            .join(depictions, depictions.c.object_id == objects.c.object_id)
            .where(depictions.c.subject == subject, objects.c.subject != subject)
            .order_by(objects.c.object_id)
        )
        return [_object(row) for row in self._connection.execute(query)]

    def remove_objects(self, object_ids: Sequence[ObjectId]) -> int:
        """Delete object rows and whom they depict."""
        gone = 0
        for page in slices(object_ids):
            self._connection.execute(delete(depictions).where(depictions.c.object_id.in_(page)))
            gone += self._connection.execute(delete(objects).where(objects.c.object_id.in_(page))).rowcount
        return gone

    def add_opening(self, leaf: int, subjects: Sequence[SubjectId], joined: bytes) -> None:
        """Note that the disclosure at ``leaf`` opened ``subjects``."""
        self._connection.execute(insert(openings), [{"subject": subject, "leaf": leaf} for subject in subjects])
        self._connection.execute(insert(members), {"leaf": leaf, "commitments": joined})

    def openings_of(self, subject: SubjectId) -> list[int]:
        """Return the leaves of the disclosures that opened ``subject``."""
        return list(self._connection.execute(_OPENINGS, {"subject": subject}).scalars())

    def members_of(self, leaf: int) -> bytes:
        """Return the sorted commitments of a disclosure, joined."""
        found = self._connection.execute(
            select(members.c.commitments).where(members.c.leaf == leaf)
        ).scalar_one_or_none()
        return bytes(found or b"")

    def count_look_ups(self, account: AccountId, since: Instant) -> int:
        """Return how many look-ups ``account`` made after ``since``."""
        return self._connection.execute(_LOOK_UPS, {"account": account, "since": since}).scalar_one()

    def add_look_up(self, account: AccountId, at: Instant, forget_before: Instant) -> None:
        """Count a look-up of ``account``; forget what is older than ``forget_before``."""
        old = (look_ups.c.account == account) & (look_ups.c.at < forget_before)
        self._connection.execute(delete(look_ups).where(old))
        self._connection.execute(insert(look_ups), {"account": account, "at": at})

    def forget_openings(self, subject: SubjectId) -> int:
        """Delete the list of openings of ``subject``."""
        return self._connection.execute(delete(openings).where(openings.c.subject == subject)).rowcount
