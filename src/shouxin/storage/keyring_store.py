"""The keyring on SQLite: a file of its own, never in the same backup as the data store's."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, and_, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert

from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Fenced, Tampered
from shouxin.keys.chain import Chain
from shouxin.keys.keyring import EpochRow, ServiceKey
from shouxin.keys.root import EpochNumber
from shouxin.keys.suite import WRAPPED_SIZE
from shouxin.storage.packed import among, cut, joined, pieces
from shouxin.storage.sqlite import compact, copy_to, damage, engine, glancing, guarded, log_mark, reading, writing
from shouxin.storage.statement import Statement
from shouxin.storage.tables import KEYRING, chains, epochs, marks, pending_keys, service_keys

__all__ = ["SqlKeyring"]

PAGE: Final = 5_000
_ONE: Final = Statement(select(chains).where(chains.c.subject == bindparam("at")))
_MANY: Final = Statement(among(chains.c.subject, *chains.c))
_ADD: Final = Statement(insert(chains))
_CURRENT: Final = Statement(select(func.max(epochs.c.epoch)))
# A row is compared with all that identifies one state of it; the links' bytes tell two states of one generation apart.
_UNCHANGED: Final = and_(
    chains.c.subject == bindparam("old_subject"),
    chains.c.generation == bindparam("old_generation"),
    chains.c.wrapped == bindparam("old_wrapped"),
    chains.c.links == bindparam("old_links"),
)
_CHANGING: Final = ("generation", "epoch", "wrapped", "links")
_REPLACE: Final = Statement(
    update(chains).where(_UNCHANGED).values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_REMOVE: Final = Statement(delete(chains).where(_UNCHANGED))
_PLACE: Final = literal_column("chains.rowid", BigInteger).label("place")
_LEFT: Final = (
    select(_PLACE, chains.c.wrapped, (func.row_number().over(order_by=_PLACE) - literal_column("1")).label("number"))
    .where(bindparam("after") < _PLACE, chains.c.epoch == bindparam("at"))
    .order_by(_PLACE)
    .limit(bindparam("most"))
    .subquery()
)
_PAGE: Final = Statement(
    select(_PLACE, chains).where(bindparam("after") < _PLACE).order_by(_PLACE).limit(bindparam("most"))
)
_WRAPPED: Final = Statement(select(func.max(_LEFT.c.place), func.count(), joined(_LEFT.c.wrapped)))
_REWRAP: Final = Statement(
    update(chains)
    # A row has two wrappings: the one that was read, and must still be there, and the new one.
    .where(_PLACE.element == _LEFT.c.place, chains.c.wrapped == cut(_LEFT.c.number, 2 * WRAPPED_SIZE, 0, WRAPPED_SIZE))
    .values(epoch=bindparam("new_epoch"), wrapped=cut(_LEFT.c.number, 2 * WRAPPED_SIZE, WRAPPED_SIZE, WRAPPED_SIZE))
)

_PENDING: Final = Statement(select(pending_keys.c.subject))
_NOTE: Final = Statement(insert(pending_keys).on_conflict_do_nothing())
_SETTLE: Final = Statement(delete(pending_keys).where(pending_keys.c.subject == bindparam("at")))


def _taken(connection: Connection, rows: Sequence[Chain]) -> bool:
    wanted = sorted({chain.subject for chain in rows})
    return bool(_MANY.all(connection, count=len(wanted), rows=b"".join(wanted)))


def _chain(row: Sequence[Any]) -> Chain:
    subject, generation, epoch, wrapped, links = row
    return Chain(subject, generation, epoch, wrapped, links)


def _add_services(connection: Connection, services: Sequence[ServiceKey]) -> None:
    rows = [{"name": key.name, "epoch": key.epoch, "wrapped": key.wrapped} for key in services]
    if rows:
        connection.execute(insert(service_keys), rows)


def _names(state: str, chain: Chain) -> dict[str, object]:
    """Return a chain's columns, named as a comparison names them."""
    return {f"{state}_{name}": getattr(chain, name) for name in ("subject", *_CHANGING)}


def _values(chain: Chain) -> tuple[object, ...]:
    return (chain.subject, chain.generation, chain.epoch, chain.wrapped, chain.links)


class SqlKeyring:
    """The driver of ``keys.keyring.Keyring``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = engine(path, KEYRING)
        self._threads = threading.local()

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty keyring at ``path``."""
        engine(path, KEYRING, create=True).dispose()

    @staticmethod
    def _check(connection: Connection, fence: EpochNumber) -> None:
        if _CURRENT.one(connection) != (fence,):
            raise Fenced(f"epoch {fence} is no longer current")

    def epochs(self) -> list[EpochRow]:
        """Return all epochs, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(epochs).order_by(epochs.c.epoch))
            return [EpochRow(EpochNumber(row.epoch), row.wrapped, row.step) for row in rows]

    def add_epoch(self, row: EpochRow, services: Sequence[ServiceKey]) -> None:
        """Make ``row`` the current epoch."""
        with writing(self._engine) as connection:
            current = connection.execute(select(func.max(epochs.c.epoch))).scalar_one() or 0
            if row.epoch != current + 1:
                raise Fenced(f"epoch {row.epoch} does not follow epoch {current}")
            connection.execute(insert(epochs), {"epoch": row.epoch, "wrapped": row.wrapped, "step": row.step})
            _add_services(connection, services)

    def add_services(self, services: Sequence[ServiceKey], *, fence: EpochNumber) -> None:
        """Add keys of the institution under the current epoch."""
        with writing(self._engine) as connection:
            self._check(connection, fence)
            _add_services(connection, services)

    def set_step(self, epoch: EpochNumber, step: str) -> None:
        """Note how far the opening of ``epoch`` has come."""
        with writing(self._engine) as connection:
            connection.execute(update(epochs).where(epochs.c.epoch == epoch), {"step": step})

    def remove_epoch(self, epoch: EpochNumber) -> None:
        """Delete an epoch row and the institution's keys under it."""
        with writing(self._engine) as connection:
            if connection.execute(select(chains.c.subject).where(chains.c.epoch == epoch).limit(1)).first() is not None:
                raise Fenced(f"a chain still rests on epoch {epoch}")
            connection.execute(delete(service_keys).where(service_keys.c.epoch == epoch))
            connection.execute(delete(epochs).where(epochs.c.epoch == epoch))

    def service_keys(self, epoch: EpochNumber) -> list[ServiceKey]:
        """Return the institution's keys wrapped under ``epoch``."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(service_keys).where(service_keys.c.epoch == epoch))
            return [ServiceKey(row.name, EpochNumber(row.epoch), row.wrapped) for row in rows]

    def get(self, subjects: Sequence[SubjectId]) -> dict[SubjectId, Chain]:
        """Return the chains of those subjects that have one."""
        found: dict[SubjectId, Chain] = {}
        if len(subjects) == 1:
            with guarded():
                row = _ONE.one(self._own(), at=subjects[0])
            return {} if row is None else {subjects[0]: _chain(row)}
        wanted = sorted(set(subjects))
        if wanted:
            with reading(self._engine) as connection:
                for row in _MANY.all(connection, count=len(wanted), rows=b"".join(wanted)):
                    found[SubjectId(row[0])] = _chain(row)
        return found

    def _own(self) -> Connection:
        """Return this thread's own connection: taking one out of the pool costs more than reading one row."""
        connection: Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = self._engine.connect()
        return connection

    @contextmanager
    def _locked(self, mode: int) -> Iterator[bool]:
        """Hold a lock beside the file; a process that is killed lets go of it."""
        handle = os.open(self._path.with_name("at-work"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, mode)
                held = True
            except BlockingIOError:
                held = False
            yield held
        finally:
            os.close(handle)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold off whoever wants to finish other people's pending work."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self, *, wait: bool = False) -> Iterator[bool]:
        """Say whether nobody is at work."""
        with self._locked(fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB) as held:
            yield held

    def pending(self) -> list[SubjectId]:
        """Return the subjects that have keys for what may never have been recorded."""
        with glancing(self._engine) as connection:
            return [subject for (subject,) in _PENDING.all(connection)]

    def settle(self, subjects: Sequence[SubjectId]) -> None:
        """Note that everything pending for ``subjects`` is done."""
        with writing(self._engine) as connection:
            _SETTLE.run_many(connection, [(subject,) for subject in subjects])

    def add(self, rows: Sequence[Chain], *, fence: EpochNumber, pending: bool = False) -> None:
        """Insert new chains."""
        if not rows:
            return
        with writing(self._engine) as connection:
            self._check(connection, fence)
            if _taken(connection, rows):
                raise Fenced("somebody of a new chain has one already")
            _ADD.run_many(connection, sorted(map(_values, rows)))  # neighbours in the file are written together
            if pending:
                _NOTE.run_many(connection, [(chain.subject,) for chain in rows])

    def mark(self) -> int:
        """Return how many destructions this keyring has carried out."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(marks.c.done))).scalar_one() or 0

    def replace(
        self,
        old: Sequence[Chain],
        new: Sequence[Chain],
        *,
        fence: EpochNumber,
        mark: int | None = None,
        pending: bool = False,
    ) -> None:
        """Compare and set, pair by pair and all or nothing."""
        with writing(self._engine) as connection:
            self._check(connection, fence)
            order = _REPLACE.order(connection)
            pairs = (_names("old", before) | _names("new", after) for before, after in zip(old, new, strict=True))
            changed = _REPLACE.run_many(connection, ([pair[name] for name in order] for pair in pairs))
            if changed != len(old):
                raise Fenced("a key chain was changed by somebody else meanwhile")
            if pending:
                _NOTE.run_many(connection, [(chain.subject,) for chain in old])
            if mark is not None:
                connection.execute(delete(marks))
                connection.execute(insert(marks), {"done": mark})

    def remove(self, rows: Sequence[Chain], *, fence: EpochNumber) -> None:
        """Delete exactly these rows."""
        with writing(self._engine) as connection:
            self._check(connection, fence)
            for chain in rows:
                gone = _REMOVE.run(
                    connection,
                    old_subject=chain.subject,
                    old_generation=chain.generation,
                    old_wrapped=chain.wrapped,
                    old_links=chain.links,
                )
                if not gone and _ONE.one(connection, at=chain.subject) is not None:
                    raise Fenced("a key chain was changed by somebody else meanwhile")

    def all_chains(self) -> Iterator[Chain]:
        """Yield every chain, in storage order; for the rehearsal of a backup."""
        after = 0
        with reading(self._engine) as connection:
            while rows := _PAGE.all(connection, after=after, most=PAGE):
                yield from (Chain(*row[1:]) for row in rows)
                after = rows[-1][0]

    def rewrap(
        self, old: EpochNumber, after: int, most: int, anew: Callable[[list[bytes]], list[bytes]], *, fence: EpochNumber
    ) -> int:
        """Have ``anew`` wrap up to ``most`` subject keys that rest on ``old``."""
        with writing(self._engine) as connection:
            self._check(connection, fence)
            left = {"after": after, "at": old, "most": most}
            found = _WRAPPED.one(connection, **left)
            if found is None or not found[1]:
                return 0
            place, count, text = found
            wrapped = pieces(bytes.fromhex(text), WRAPPED_SIZE)
            if len(text) != 2 * count * WRAPPED_SIZE:
                raise Tampered("a wrapped subject key has not the length of one")
            rows = b"".join([old + fresh for old, fresh in zip(wrapped, anew(wrapped), strict=True)])
            if _REWRAP.run(connection, **left, rows=rows, new_epoch=fence) != count:
                raise Fenced("a key chain is not what it was read as; nobody's was moved")
            return int(place)

    def count(self, epoch: EpochNumber | None = None) -> int:
        """Return how many chains there are."""
        query = select(func.count()).select_from(chains)
        with reading(self._engine) as connection:
            return connection.execute(query if epoch is None else query.where(chains.c.epoch == epoch)).scalar_one()

    def all_subjects(self) -> Iterator[SubjectId]:
        """Yield every subject that has a chain."""
        with reading(self._engine) as connection:
            for subject in connection.execution_options(yield_per=1000).execute(select(chains.c.subject)).scalars():
                yield SubjectId(subject)

    def compact(self) -> None:
        """Rebuild the file."""
        compact(self._engine)

    def log_mark(self) -> bytes:
        """Name the write-ahead log as it was begun."""
        return log_mark(self._engine)

    def damage(self) -> str:
        """Say what is wrong with the file as such; nothing when it is whole."""
        return damage(self._engine)

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy to ``path``."""
        copy_to(self._engine, path)

    def close(self) -> None:
        """Let go of the file."""
        self._threads = threading.local()
        self._engine.dispose()
