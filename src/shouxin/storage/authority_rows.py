"""Authority rows in SQL: one table a kind, all of one shape; versions are compared and set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import InstitutionId, SubjectId
from shouxin.errors import Fenced
from shouxin.storage.tables import AUTHORITY

__all__ = ["AuthorityRows"]

_GET: Final = {kind: select(table).where(table.c.identifier == bindparam("at")) for kind, table in AUTHORITY.items()}
_PUT: Final = {
    kind: update(table)
    .where(and_(table.c.identifier == bindparam("at"), table.c.version == bindparam("before")))
    .values({name: bindparam(f"new_{name}") for name in ("version", "name", "subject", "body", "mac")})
    for kind, table in AUTHORITY.items()
}


def _value(kind: AuthorityKind, row: Row[tuple[object, ...]]) -> AuthorityRow:
    subject = None if row.subject is None else SubjectId(bytes(row.subject))
    return AuthorityRow(kind, bytes(row.identifier), row.version, row.name, subject, bytes(row.body), bytes(row.mac))


class AuthorityRows:
    """The driver of ``domain.authority.AuthorityStore`` on one connection."""

    def __init__(self, connection: Connection, institution: InstitutionId) -> None:
        self._connection = connection
        self._institution = institution

    def get(self, kind: AuthorityKind, identifier: bytes) -> AuthorityRow | None:
        """Return the row, unchecked, or nothing."""
        row = self._connection.execute(_GET[kind], {"at": identifier}).one_or_none()
        return None if row is None else _value(kind, row)

    def find(
        self, kind: AuthorityKind, *, name: str | None = None, subject: SubjectId | None = None
    ) -> list[AuthorityRow]:
        """Return the rows that match every argument that is given."""
        table = AUTHORITY[kind]
        query = select(table).order_by(table.c.identifier)
        if name is not None:
            query = query.where(table.c.name == name)
        if subject is not None:
            query = query.where(table.c.subject == subject)
        return [_value(kind, row) for row in self._connection.execute(query)]

    def put(self, row: AuthorityRow) -> None:
        """Insert version 1, or replace exactly the version before."""
        if row.version == 1:
            self.add([row])
            return
        changed = self._connection.execute(
            _PUT[row.kind],
            {
                "at": row.identifier,
                "before": row.version - 1,
                "new_version": row.version,
                "new_name": row.name,
                "new_subject": row.subject,
                "new_body": row.body,
                "new_mac": row.mac,
            },
        )
        if changed.rowcount != 1:
            raise Fenced(f"a row in {row.kind} was changed by somebody else meanwhile")

    def add(self, rows: Sequence[AuthorityRow]) -> None:
        """Insert first versions of one kind, in bulk."""
        if not rows:
            return
        self._connection.execute(
            insert(AUTHORITY[rows[0].kind]),
            [
                {
                    "identifier": row.identifier,
                    "institution": self._institution,
                    "version": row.version,
                    "name": row.name,
                    "subject": row.subject,
                    "body": row.body,
                    "mac": row.mac,
                }
                for row in rows
            ],
        )

    def remove(self, kind: AuthorityKind, subject: SubjectId) -> int:
        """Delete every row of ``kind`` about ``subject``."""
        table = AUTHORITY[kind]
        return self._connection.execute(delete(table).where(table.c.subject == subject)).rowcount
