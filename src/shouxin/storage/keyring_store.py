"""The keyring on SQLite: a file of its own, never in the same backup as the data store's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Fenced
from shouxin.keys.chain import Chain
from shouxin.keys.keyring import EpochRow, ServiceKey
from shouxin.keys.root import EpochNumber
from shouxin.storage.cell_rows import slices
from shouxin.storage.sqlite import compact, copy_to, engine, reading, writing
from shouxin.storage.tables import KEYRING, chains, epochs, marks, service_keys

__all__ = ["SqlKeyring"]

_ONE: Final = select(chains).where(chains.c.subject == bindparam("subject"))
# A row is compared with all that identifies one state of it; the links' bytes tell two states of one generation apart.
_UNCHANGED: Final = and_(
    chains.c.subject == bindparam("old_subject"),
    chains.c.generation == bindparam("old_generation"),
    chains.c.links == bindparam("old_links"),
)
_REPLACE: Final = (
    update(chains)
    .where(_UNCHANGED)
    .values({name: bindparam(f"new_{name}") for name in ("generation", "epoch", "wrapped", "links")})
)
_REWRAP: Final = (
    update(chains)
    .where(and_(chains.c.subject == bindparam("old_subject"), chains.c.generation == bindparam("old_generation")))
    .values(epoch=bindparam("new_epoch"), wrapped=bindparam("new_wrapped"))
)


def _chain(row: Row[tuple[object, ...]]) -> Chain:
    return Chain(SubjectId(row.subject), row.generation, EpochNumber(row.epoch), row.wrapped, row.links)


def _values(chain: Chain) -> dict[str, object]:
    return {
        "subject": chain.subject,
        "generation": chain.generation,
        "epoch": chain.epoch,
        "wrapped": chain.wrapped,
        "links": chain.links,
    }


def _old(chain: Chain) -> dict[str, object]:
    return {"old_subject": chain.subject, "old_generation": chain.generation, "old_links": chain.links}


class SqlKeyring:
    """The driver of ``keys.keyring.Keyring``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = engine(path, KEYRING)

    @staticmethod
    def create(path: Path) -> None:
        """Make an empty keyring at ``path``."""
        engine(path, KEYRING, create=True).dispose()

    @staticmethod
    def _check(connection: Connection, fence: EpochNumber) -> None:
        current = connection.execute(select(func.max(epochs.c.epoch))).scalar_one()
        if current != fence:
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
            connection.execute(
                insert(service_keys),
                [{"name": key.name, "epoch": key.epoch, "wrapped": key.wrapped} for key in services],
            )

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
        with reading(self._engine) as connection:
            if len(subjects) == 1:
                row = connection.execute(_ONE, {"subject": subjects[0]}).one_or_none()
                return {} if row is None else {subjects[0]: _chain(row)}
            for page in slices(sorted(subjects)):
                for row in connection.execute(select(chains).where(chains.c.subject.in_(page))):
                    found[SubjectId(row.subject)] = _chain(row)
        return found

    def add(self, rows: Sequence[Chain], *, fence: EpochNumber) -> None:
        """Insert new chains."""
        if not rows:
            return
        with writing(self._engine) as connection:
            self._check(connection, fence)
            connection.execute(insert(chains), [_values(chain) for chain in rows])

    def mark(self) -> int:
        """Return how many destructions this keyring has carried out."""
        with reading(self._engine) as connection:
            return connection.execute(select(func.max(marks.c.done))).scalar_one() or 0

    def replace(
        self, old: Sequence[Chain], new: Sequence[Chain], *, fence: EpochNumber, mark: int | None = None
    ) -> None:
        """Compare and set, pair by pair and all or nothing."""
        rows = [
            _old(before) | {f"new_{name}": value for name, value in _values(after).items() if name != "subject"}
            for before, after in zip(old, new, strict=True)
        ]
        with writing(self._engine) as connection:
            self._check(connection, fence)
            changed = sum(connection.execute(_REPLACE, row).rowcount for row in rows)
            if changed != len(rows):
                raise Fenced("a key chain was changed by somebody else meanwhile")
            if mark is not None:
                connection.execute(delete(marks))
                connection.execute(insert(marks), {"done": mark})

    def remove(self, rows: Sequence[Chain], *, fence: EpochNumber) -> None:
        """Delete exactly these rows."""
        with writing(self._engine) as connection:
            self._check(connection, fence)
            for chain in rows:
                gone = connection.execute(delete(chains).where(_UNCHANGED), _old(chain)).rowcount
                if not gone and connection.execute(_ONE, {"subject": chain.subject}).first() is not None:
                    raise Fenced("a key chain was changed by somebody else meanwhile")

    def batch_of(self, epoch: EpochNumber, most: int) -> list[Chain]:
        """Return up to ``most`` chains of ``epoch``."""
        with reading(self._engine) as connection:
            return [
                _chain(row) for row in connection.execute(select(chains).where(chains.c.epoch == epoch).limit(most))
            ]

    def rewrap(self, rows: Sequence[Chain], wrapped: Iterable[bytes], *, fence: EpochNumber) -> None:
        """Set epoch and wrapping of rows whose generation is unchanged."""
        values = [
            {
                "old_subject": chain.subject,
                "old_generation": chain.generation,
                "new_epoch": fence,
                "new_wrapped": key,
            }
            for chain, key in zip(rows, wrapped, strict=True)
        ]
        if values:
            with writing(self._engine) as connection:
                self._check(connection, fence)
                connection.execute(_REWRAP, values)

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

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy to ``path``."""
        copy_to(self._engine, path)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
