"""Authority rows in SQL: one table a kind, all of one shape; versions are compared and set."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, insert, literal_column, select, update

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import InstitutionId, SubjectId
from shouxin.domain.revocation import ENDS_WHEN_REPLACED
from shouxin.errors import Fenced, Tampered
from shouxin.storage.packed import among
from shouxin.storage.shared import Shared
from shouxin.storage.sqlite import say
from shouxin.storage.statement import Statement
from shouxin.storage.tables import AUTHORITY

__all__ = ["AuthorityRows"]

_COLUMNS: Final = ("identifier", "version", "name", "subject", "body", "mac")


def _query(table: Table, *wanted: str) -> Statement:
    """Return the query for rows whose ``wanted`` columns equal the parameters of the same names."""
    query: Select[Any] = select(*(table.c[name] for name in _COLUMNS)).order_by(table.c.identifier)
    for name in wanted:
        query = query.where(table.c[name] == bindparam(name))
    return Statement(_by_name(query, table) if "name" in wanted else query)


def _by_name(query: Select[Any], table: Table) -> Select[Any]:
    """Return a query that asks for names, with what it needs to use the index of them."""
    if table is AUTHORITY[AuthorityKind.SUBJECT]:
        # The index holds only who was merged into somebody; without these words SQLite does not know that it suffices.
        return query.where(table.c.name != literal_column("''"))
    return query


def _called(table: Table) -> Statement:
    """Return the query for rows whose name is in the list that ``names`` (JSON) is."""
    names = select(func.json_each(bindparam("names")).table_valued("value").c.value)
    query = select(*(table.c[name] for name in _COLUMNS)).where(table.c.name.in_(names)).order_by(table.c.identifier)
    return Statement(_by_name(query, table))


def _queries(*wanted: str) -> dict[AuthorityKind, Statement]:
    return {kind: _query(table, *wanted) for kind, table in AUTHORITY.items()}


_GET: Final = _queries("identifier")
# Which look-up columns are given: (name, subject).
_FIND: Final = {
    (False, False): _queries(),
    (True, False): _queries("name"),
    (False, True): _queries("subject"),
    (True, True): _queries("name", "subject"),
}
_CALLED: Final = {kind: _called(table) for kind, table in AUTHORITY.items()}
_PAGE: Final = {
    kind: Statement(
        select(*(table.c[name] for name in _COLUMNS))
        .where(table.c.identifier > bindparam("after"))
        .order_by(table.c.identifier)
        .limit(bindparam("most"))
    )
    for kind, table in AUTHORITY.items()
}
_AMONG: Final = {
    column: {
        kind: Statement(among(table.c[column], *(table.c[name] for name in _COLUMNS)).order_by(table.c.identifier))
        for kind, table in AUTHORITY.items()
    }
    for column in ("identifier", "subject")
}
_ADD: Final = {kind: Statement(insert(table)) for kind, table in AUTHORITY.items()}
_PUT: Final = {
    kind: Statement(
        update(table)
        .where(table.c.identifier == bindparam("at"), table.c.version == bindparam("before"))
        .values({name: bindparam(f"new_{name}") for name in _COLUMNS if name != "identifier"})
    )
    for kind, table in AUTHORITY.items()
}
_DROP: Final = {
    kind: Statement(delete(table).where(table.c.identifier == bindparam("at"))) for kind, table in AUTHORITY.items()
}
_REMOVE: Final = {
    kind: Statement(delete(table).where(table.c.subject == bindparam("subject"))) for kind, table in AUTHORITY.items()
}


class AuthorityRows:
    """The driver of ``domain.authority.AuthorityStore`` on one connection.

    ``shared`` says what the works of one transaction share; see ``storage.shared``.
    """

    def __init__(self, connection: Connection, institution: InstitutionId, shared: Shared) -> None:
        self._connection = connection
        self._institution = institution
        self._shared = shared
        self._gathered: list[AuthorityRow] | None = None

    def _value(self, kind: AuthorityKind, row: tuple[Any, ...]) -> AuthorityRow:
        identifier, version, name, subject, body, mac = row
        words = isinstance(name, str) and isinstance(subject, bytes | None)
        if not (words and isinstance(body, bytes) and isinstance(mac, bytes) and isinstance(version, int)):
            raise Tampered(f"a row in {kind} is not what was written")
        listed, replaced = self._shared.revoked_before(mac)
        return AuthorityRow(kind, identifier, version, name, subject, body, mac, replaced, listed)

    def get(self, kind: AuthorityKind, identifier: bytes) -> AuthorityRow | None:
        """Return the row, unchecked, or nothing."""
        self.settle()
        known = self._shared.rows
        if (kind, identifier) not in known:
            row = _GET[kind].one(self._connection, identifier=identifier)
            known[kind, identifier] = None if row is None else self._value(kind, row)
        return known[kind, identifier]

    def find(
        self, kind: AuthorityKind, *, name: str | None = None, subject: SubjectId | None = None
    ) -> list[AuthorityRow]:
        """Return the rows that match every argument that is given."""
        self.settle()
        known = self._shared.found.get((kind, name, subject))
        if known is None:
            query = _FIND[name is not None, subject is not None][kind]
            known = [self._value(kind, row) for row in query.all(self._connection, name=name, subject=subject)]
            self._shared.found[kind, name, subject] = known
        return list(known)

    def expect(self, subjects: Collection[SubjectId]) -> None:
        """Read at once what works are about to ask of many people: where each stands, and what they said."""
        standing = self.among(AuthorityKind.SUBJECT, subjects)
        said: dict[SubjectId | None, list[AuthorityRow]] = {subject: [] for subject in subjects}
        for row in self.about(AuthorityKind.CONSENT, subjects):
            said[row.subject].append(row)
        for subject in subjects:
            self._shared.rows[AuthorityKind.SUBJECT, subject] = standing.get(subject)
            self._shared.found[AuthorityKind.CONSENT, None, subject] = said[subject]

    def among(self, kind: AuthorityKind, identifiers: Iterable[bytes]) -> dict[bytes, AuthorityRow]:
        """Return those of many rows that stand, unchecked, by identifier."""
        return {row.identifier: row for row in self._many(kind, "identifier", identifiers)}

    def about(self, kind: AuthorityKind, subjects: Iterable[SubjectId]) -> list[AuthorityRow]:
        """Return the rows about many people."""
        return self._many(kind, "subject", subjects)

    def _many(self, kind: AuthorityKind, column: str, wanted: Iterable[bytes]) -> list[AuthorityRow]:
        self.settle()
        every = sorted(set(wanted))
        if not every:
            return []
        found = _AMONG[column][kind].all(self._connection, count=len(every), rows=b"".join(every))
        return [self._value(kind, row) for row in found]

    def called(self, kind: AuthorityKind, names: Iterable[str]) -> list[AuthorityRow]:
        """Return the rows that have one of many names."""
        self.settle()
        every = json.dumps(sorted(set(names)))
        return [self._value(kind, row) for row in _CALLED[kind].all(self._connection, names=every)]

    def page(self, kind: AuthorityKind, after: bytes, most: int) -> list[AuthorityRow]:
        """Return up to ``most`` rows behind ``after``, by identifier."""
        self.settle()
        return [self._value(kind, row) for row in _PAGE[kind].all(self._connection, after=after, most=most)]

    def put(self, row: AuthorityRow) -> None:
        """Insert version 1, or replace exactly the version before."""
        if self._gathered is not None:
            self._gathered.append(row)
            return
        if row.version == 1:
            if self.get(row.kind, row.identifier) is not None:
                raise Fenced(f"a row in {row.kind} stands already")
            self.add([row])
            return
        self._replace(row.kind, [row])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Gather what is put, and write it in bulk at the end, or before anything is read."""
        self._gathered = []
        try:
            yield
            self.settle()
        finally:
            self._gathered = None

    def settle(self) -> None:
        """Write what was gathered, kind by kind in the order in which it was put: one version follows another.

        A work that is fenced here may go on: then nothing of it stands, and no version that it was to replace ends.
        """
        if not self._gathered:
            return
        rows, self._gathered = sorted(self._gathered, key=lambda row: row.kind), None
        shared = self._shared
        shared.write()
        revoked, written = len(shared.revoked), len(shared.written)
        say(self._connection, "SAVEPOINT gathered")
        try:
            for (kind, first), some in groupby(rows, lambda row: (row.kind, row.version == 1)):
                self._write_run(kind, list(some), first=first)
        except Fenced:
            say(self._connection, "ROLLBACK TO gathered")
            del shared.revoked[revoked:], shared.written[written:]
            shared.forget()
            raise
        finally:
            self._gathered = []
        say(self._connection, "RELEASE gathered")

    def _write_run(self, kind: AuthorityKind, rows: Sequence[AuthorityRow], *, first: bool) -> None:
        if not first:
            self._replace(kind, rows)
            return
        identifiers = {row.identifier for row in rows}
        if len(identifiers) < len(rows) or self.among(kind, identifiers):
            raise Fenced(f"a row in {kind} stands already")
        self.add(rows)

    def _replace(self, kind: AuthorityKind, rows: Sequence[AuthorityRow]) -> None:
        ends = kind in ENDS_WHEN_REPLACED
        ended = self.among(kind, (row.identifier for row in rows)).values() if ends else ()
        order = _PUT[kind].order(self._connection)
        self._shared.write()
        values = (
            {
                "at": row.identifier,
                "before": row.version - 1,
                "new_version": row.version,
                "new_name": row.name,
                "new_subject": row.subject,
                "new_body": row.body,
                "new_mac": row.mac,
            }
            for row in rows
        )
        if _PUT[kind].run_many(self._connection, ([each[name] for name in order] for each in values)) != len(rows):
            raise Fenced(f"a row in {kind} was changed by somebody else meanwhile")
        for before in ended:
            self.revoke(before)
        self._wrote(rows)

    def add(self, rows: Sequence[AuthorityRow]) -> None:
        """Insert first versions of one kind, in bulk and in order: neighbours in the file are written together."""
        if rows:
            values = sorted(
                (row.identifier, self._institution, row.version, row.name, row.subject, row.body, row.mac)
                for row in rows
            )
            self._shared.write()
            _ADD[rows[0].kind].run_many(self._connection, values)
            self._wrote(rows)

    def _wrote(self, rows: Sequence[AuthorityRow]) -> None:
        self._shared.written += [row.mac for row in rows]

    def revoke(self, row: AuthorityRow) -> None:
        """Never believe this version again, once the transaction is durable."""
        self._shared.note()
        self._shared.revoked.append(row.mac)

    def drop(self, kind: AuthorityKind, identifier: bytes) -> int:
        """Delete one row."""
        self._shared.write()
        return _DROP[kind].run(self._connection, at=identifier)

    def remove(self, kind: AuthorityKind, subject: SubjectId) -> int:
        """Delete every row of ``kind`` about ``subject``."""
        self._shared.write()
        return _REMOVE[kind].run(self._connection, subject=subject)
