"""The data store on SQLite: state and ledger in one file, one writer, many readers (``domain.transaction``).

Callers that arrive while a commit is under way are committed together (``storage.crew``): each in its own savepoint,
all with one fsync, one tree integration and one signature. That is what makes a recorded disclosure cheap.

The laws kept here: work that changed rows and recorded no event is undone; a checkpoint is signed only over what is
already durable, and put on the shelf before anybody sees it; a store behind its shelf does not write.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine, delete, insert, select

from shouxin.domain.identifiers import InstitutionId
from shouxin.domain.revocation import Revocations, RevokesNothing
from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import Forked, OperatorError, ReadOnly, StoreUnavailable, Uncovered, Unrecorded
from shouxin.ledger.checkpoint import Checkpoint, claimed_size
from shouxin.ledger.proof import frontier_at
from shouxin.ledger.store import Shelf
from shouxin.ledger.tiles import partial_width
from shouxin.ledger.tree import HASH_BYTES, Frontier
from shouxin.storage.cell_rows import CellRows
from shouxin.storage.crew import Crew
from shouxin.storage.files import guarded as files_guarded
from shouxin.storage.files import sync_folder
from shouxin.storage.glance import LONG_ALONE, Glance, expect, look_ahead
from shouxin.storage.ledger_rows import LedgerRows, LedgerWriter, PartialTiles
from shouxin.storage.packed import pieces
from shouxin.storage.records import SqlRecords
from shouxin.storage.shared import Shared
from shouxin.storage.sqlite import compact, copy_to, damage, empty_log, engine, guarded, log_mark, reading, say, writing
from shouxin.storage.tables import DATA, NOBODY, SCHEMA_VERSION, cells, log
from shouxin.storage.ticket import Ticket
from shouxin.storage.turns import Turns
from shouxin.vault.records import Records

__all__ = ["HeadSigner", "SqlDataStore"]

T = TypeVar("T")
S = TypeVar("S")
U = TypeVar("U")
# A file beside the store whose lock says who moves objects between hot store and archive.
MOVING: Final = "moving-objects"
_LOOKS: Final = 3  # at a log that seems short: another thread may hear of an end between the halves of a look
# A file beside the store whose lock says which process writes.
TURN: Final = "turn"


class HeadSigner(Protocol):
    """Signs heads of this log."""

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note."""
        ...

    def open(self, note: str) -> Checkpoint:
        """Check a note that this log signed and return what it says."""
        ...


class SqlDataStore:
    """See the module. Safe for many threads; several processes take turns through SQLite's own lock."""

    def __init__(
        self,
        path: Path,
        institution: InstitutionId,
        origin: str,
        signer: HeadSigner,
        shelf: Shelf,
        *,
        revocations: Revocations | None = None,
        restoring: Path | None = None,
        must_be_signed: bool = False,
    ) -> None:
        self._engine: Engine = engine(path, DATA)
        self._institution = institution
        self._origin = origin
        self._signer = signer
        self._shelf = shelf
        self._revocations = revocations or RevokesNothing()
        self._crew = Crew(self._commit)
        self._edge: tuple[int, PartialTiles] | None = None
        self._frontier = Frontier(0, ())
        self._alone = LONG_ALONE  # so many commits ago another process had appended
        self._shelved = 0
        self._restoring = restoring or path.with_name("restoring")  # a backup was put back and is not reconciled yet
        self._moving = path.with_name(MOVING)
        self._turns = Turns(path.with_name(TURN))
        self._must_be_signed = must_be_signed
        self._reconciling = False

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty data store with an empty log at ``path``."""
        made = engine(path, DATA, create=True)
        with writing(made) as connection:
            if connection.execute(select(log.c.one)).one_or_none() is None:
                connection.execute(insert(log), {"one": 1, "schema": SCHEMA_VERSION, "size": 0, "last_at": 0})
        made.dispose()

    def read(self, work: Callable[[Records], T]) -> T:
        """Run ``work`` on one snapshot."""
        with reading(self._engine) as connection:
            ledger = LedgerRows(connection)
            self._revocations.refresh()
            return work(SqlRecords(connection, self._institution, ledger, Shared(self._revoked_in(ledger.size))))

    def _revoked_in(self, size: int) -> Callable[[bytes], tuple[bool, bool]]:
        """Return what says of a version if it is on the list (in a restore), and if ``size`` entries replaced it."""
        replaced, listed = self._revocations.replaced, self._revocations.listed
        if self._reconciling and self.restoring():
            return lambda mac: (bool(listed((mac,))), False)
        return lambda mac: (False, replaced(mac, size))

    def transact(self, work: Callable[[Records], T], *, covered: bool = False) -> Committed[T]:
        """Run ``work`` atomically; see ``domain.transaction``."""
        ticket = Ticket(work, covered=covered)
        self._crew.serve(cast("Ticket[object]", ticket))
        assert ticket.result is not None  # noqa: S101 - a served ticket has a result or has raised its error
        return ticket.result

    def transact_then(
        self,
        ahead: Ahead[Records, S],
        work: Callable[[Records, S], T],
        then: Callable[[Committed[T]], U],
        *,
        covered: bool = False,
    ) -> U:
        """Run ``work`` on what was seen atomically, then ``then``; see ``domain.transaction``."""
        ticket = Ticket(work, covered=covered, then=then, ahead=ahead)
        self._crew.serve(cast("Ticket[object]", ticket))
        return cast(U, ticket.outcome)

    def _commit(self, batch: list[Ticket[object]]) -> None:
        """Run all works, commit once, sign once. Whatever breaks the commit is every caller's error.

        What comes after it undoes nothing: whoever is told of it is told that their work stands.
        """
        durable = False
        try:
            ahead = self._look_ahead(batch)
            with self._turns.taken():
                with writing(self._engine) as connection:
                    writer = LedgerWriter(connection)
                    self._check_shelf(writer)
                    if ahead is not None and not ahead.stands(writer):
                        for ticket in batch:
                            ticket.forget()
                    restoring = self._reconciling and self.restoring()
                    (self._revocations.restored if restoring else self._revocations.settle)(writer.size)
                    before, edge = writer.size, self._edge_of(writer)
                    shared = Shared(self._revoked_in(before), lambda: say(connection, "SAVEPOINT work"))
                    expect(batch, SqlRecords(connection, self._institution, writer, shared))
                    values = [self._run(ticket, connection, writer, shared) for ticket in batch]
                    shared.guarded = True
                    CellRows(connection, self._institution, shared).settle()
                    hashes, after = writer.flush(edge)
                    anew = self._revocations.listed(shared.written)
                    if shared.revoked or anew:
                        self._revocations.intend(before, shared.revoked, anew)
                durable = True
                if shared.revoked or anew:
                    self._revocations.confirm(before)
            self._advance(before, edge, hashes)
            self._edge = (writer.size, after)
            for ticket, value in zip(batch, values, strict=True):
                ticket.result = Committed(value, writer.size, 0)
            self._cover(batch)
        except BaseException as error:
            for ticket in batch:
                ticket.error = ticket.error or (Uncovered() if durable else error)
            if not isinstance(error, Exception):
                raise
        finally:
            for ticket in batch:
                ticket.done = True

    def _look_ahead(self, batch: list[Ticket[object]]) -> Glance | None:
        """Let works look on a snapshot before they get their turn; only where other processes write too."""
        looking = [ticket for ticket in batch if ticket.ahead is not None]
        if self._alone >= LONG_ALONE or not looking or self._reconciling:
            return None
        with reading(self._engine) as connection:
            ledger = LedgerRows(connection)
            self._revocations.refresh()
            records = SqlRecords(connection, self._institution, ledger, Shared(self._revoked_in(ledger.size)))
            glance = look_ahead(looking, records)
        batch.sort(key=lambda ticket: not ticket.has_seen)  # before any that changes what they saw
        return glance

    def _run(self, ticket: Ticket[object], connection: Connection, writer: LedgerWriter, shared: Shared) -> object:
        """Run one work; an error is its own and undoes only its own."""
        driver = cast(sqlite3.Connection, connection.connection.dbapi_connection)
        size, last_at, changes = writer.size, writer.last_at, driver.total_changes
        noted, revoked, written = list(shared.openings), len(shared.revoked), len(shared.written)
        shared.guarded = False
        if shared.changed:
            ticket.forget()
        try:
            with guarded():
                value = ticket.work(SqlRecords(connection, self._institution, writer, shared))
            changed = driver.total_changes != changes or shared.revoked[revoked:]
            if (changed or shared.openings[len(noted) :]) and writer.size == size:
                raise Unrecorded("work changed the data store and recorded no event; it was undone")
            if changed and not writer.changed_since(size):
                raise Unrecorded("work changed the data store and recorded a disclosure only; it was undone")
        except Exception as error:
            # A full disk undoes everything, not only this work; and so must we, what no savepoint can undo.
            if not driver.in_transaction or (driver.total_changes != changes and not shared.guarded):
                raise
            if shared.guarded:
                say(connection, "ROLLBACK TO work")
            writer.cut(size, last_at)
            shared.openings[:] = noted
            del shared.revoked[revoked:], shared.written[written:]
            shared.forget()
            ticket.error = error
            value = None
        if shared.guarded:
            say(connection, "RELEASE work")
        return value

    def _check_shelf(self, writer: LedgerWriter) -> None:
        """Refuse to write behind or beside what was signed; looked at once, then only remembered."""
        if self.restoring() and not self._reconciling:
            raise ReadOnly("a backup was put back: finish the restore before anything else")
        note = None if self._shelved else self._shelf.get()
        if self._must_be_signed and not self._shelved and note is None and writer.size > 1:
            raise ReadOnly("the signed checkpoint that should be kept apart is missing")
        if note is not None:
            signed = self._signer.open(note)
            if writer.size >= signed.size and frontier_at(signed.size, writer.tile).root() != signed.root:
                raise Forked("the data store's log does not continue the checkpoint that was signed for it")
            self._shelved = signed.size
        if writer.size < self._shelved:
            raise ReadOnly(f"the log has {writer.size} entries, but {self._shelved} were signed: it was rolled back")

    def _edge_of(self, writer: LedgerWriter) -> PartialTiles:
        """Return the partial tiles of the log as it is stored; remembered where nobody else has appended."""
        known = self._edge
        self._alone = 0 if known is not None and known[0] != writer.size else self._alone + 1
        return known[1] if known is not None and known[0] == writer.size else writer.partials()

    def _advance(self, before: int, edge: PartialTiles, hashes: list[bytes]) -> None:
        """Carry the frontier on to what was just committed, behind ``edge``, the partial tiles before it."""
        if self._frontier.size != before:
            self._frontier = self._caught_up(before, edge)
        self._frontier = self._frontier.extend(hashes)

    def _caught_up(self, size: int, edge: PartialTiles) -> Frontier:
        """Return the frontier after what another process has appended.

        What is new stands in the last tile mostly, behind what this process knows of it. Where it is anything else the
        tiles are read anew.
        """
        frontier, known = self._frontier, {} if self._edge is None else self._edge[1]
        begun, known_row, row = size - partial_width(0, size), known.get(0, b""), edge.get(0, b"")
        rest = ({level: one for level, one in tiles.items() if level} for tiles in (known, edge))
        if begun <= frontier.size < size and row.startswith(known_row) and next(rest) == next(rest):
            return frontier.extend(pieces(row[(frontier.size - begun) * HASH_BYTES :], HASH_BYTES))
        return self.read(lambda records: frontier_at(size, records.ledger.tile))

    def _cover(self, batch: list[Ticket[object]]) -> None:
        """Sign what was just committed if anybody waits for that; a failure is the error of those alone."""
        tickets = [ticket for ticket in batch if ticket.covered and ticket.error is None]
        try:
            covered = self._sign() if tickets else 0
        except OperatorError:
            for ticket in tickets:
                ticket.error = Uncovered()
            return
        for ticket in tickets:
            if ticket.result is not None:
                ticket.result = replace(ticket.result, covered=covered)

    def _sign(self) -> int:
        """Sign the frontier and put it on the shelf; return its size."""
        frontier = self._frontier
        if frontier.size > self._shelved:
            note = self._signer.sign(Checkpoint(self._origin, frontier.size, frontier.root()))
            self._shelf.put(note, frontier.size)
            kept = self._shelf.get()  # another process may have put a later one there since
            if kept is None or claimed_size(kept) < frontier.size:
                raise StoreUnavailable("the shelf does not have the checkpoint that it took")
            self._shelved = frontier.size
        return frontier.size

    def rolled_back(self) -> bool:
        """Say whether the log is shorter than it was when a right was last ended."""
        return all(self._is_short() for _ in range(_LOOKS))

    def _is_short(self) -> bool:
        self._revocations.refresh()
        with reading(self._engine) as connection:
            return self._revocations.rolled_back(LedgerRows(connection).size)

    def settle(self) -> None:
        """Finish what a process left that died between a commit and its note of what that ended."""
        if self._revocations.unsettled() and not self.restoring():
            with self._turns.taken(), writing(self._engine) as connection:
                self._revocations.settle(LedgerRows(connection).size)

    def restoring(self) -> bool:
        """Say whether a backup was put back and the restore is not finished: then nothing else is written."""
        return self._restoring.exists()

    def during_restore(self, work: Callable[[Records], T]) -> Committed[T]:
        """Run work, covered, that a restore needs before it is finished: its operator's sign-in, its reconciling."""
        self._reconciling = True
        try:
            return self.transact(work, covered=True)
        finally:
            self._reconciling = False

    def finish_restore(self, work: Callable[[Records], T]) -> Committed[T]:
        """Run the work that ends a restore, covered; on return the store is used as before."""
        committed = self.during_restore(work)
        self._restoring.unlink(missing_ok=True)
        sync_folder(self._restoring.parent)
        return committed

    def replay(self, bodies: Iterable[bytes]) -> int:
        """Append leaves that were signed and lost with a disk, as they were; return the size of the log then.

        Only ``operations.restore`` calls this, before the store is used; ``transact`` holds the result against the
        shelf.
        """
        with writing(self._engine) as connection:
            writer = LedgerWriter(connection)
            for body in bodies:
                writer.append_again(body)
            writer.flush(None)
            return writer.size

    def compact(self) -> None:
        """Rewrite the file so that nothing deleted remains in it."""
        with writing(self._engine) as connection:
            connection.execute(delete(cells).where(cells.c.subject == NOBODY))
        compact(self._engine)

    def empty_log(self) -> None:
        """Leave nothing in the write-ahead log."""
        empty_log(self._engine)

    def log_mark(self) -> bytes:
        """Name the write-ahead log as it was begun."""
        return log_mark(self._engine)

    @contextmanager
    def moving_objects(self, *, alone: bool) -> Iterator[None]:
        """Hold a lock beside the file; a process that is killed lets go of it."""
        with files_guarded("the data folder"):
            handle = os.open(self._moving, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield
        finally:
            os.close(handle)

    def damage(self) -> str:
        """Say what is wrong with the file as such; nothing when it is whole."""
        return damage(self._engine)

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole store to ``path``."""
        copy_to(self._engine, path)

    def close(self) -> None:
        """Let go of the file."""
        self._turns.close()
        self._engine.dispose()
