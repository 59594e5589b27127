"""Everything an operation needs, as one value of ports. ``bootstrap`` fills it with drivers; tests with others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from shouxin.domain.authority import Notary
from shouxin.domain.clock import Clock, Instant, later_of
from shouxin.domain.institution import Handler, Institution
from shouxin.domain.transaction import Committed, Transactor
from shouxin.keys.custody import Custody
from shouxin.keys.journal import Journal
from shouxin.keys.root import EpochNumber, Residual
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.note import Verifier
from shouxin.ledger.store import Shelf
from shouxin.operations.copies import Backups, Publication
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import LawPack
from shouxin.policy.notice import Notice
from shouxin.vault.door import Door
from shouxin.vault.index import BlindIndex, Tagger
from shouxin.vault.objects import ObjectStore
from shouxin.vault.records import Records

__all__ = ["Closes", "DataStore", "Head", "Workspace"]

T = TypeVar("T")


class Closes(Protocol):
    """A store that holds files or connections."""

    def close(self) -> None:
        """Let go of them, so that what is written stands in the files and not beside them; may be repeated."""
        ...


class DataStore(Transactor[Records], Protocol):
    """The data store, and the care of its files."""

    def rolled_back(self) -> bool:
        """Say whether the log is shorter than it was when a right was last ended (``domain.revocation``)."""
        ...

    def restoring(self) -> bool:
        """Say whether a backup was put back and the restore is not finished: then nothing else is written."""
        ...

    def during_restore(self, work: Callable[[Records], T]) -> Committed[T]:
        """Run work, covered, that a restore needs before it is finished: its operator's sign-in, its reconciling."""
        ...

    def finish_restore(self, work: Callable[[Records], T]) -> Committed[T]:
        """Run the work that ends a restore, covered; on return the store is used as before."""
        ...

    def replay(self, bodies: Iterable[bytes]) -> int:
        """Append leaves that were signed and lost with a disk, as they were; return the size of the log then."""
        ...

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole store to ``path``."""
        ...

    def moving_objects(self, *, alone: bool) -> AbstractContextManager[None]:
        """Wait until nobody else moves objects between stores, and hold them off; among others unless ``alone``.

        Whoever moves objects is alone; whoever erases some is not. A process that is killed lets go.
        """
        ...

    def damage(self) -> str:
        """Say what is wrong with the store's files as such; nothing when they are whole."""
        ...

    def compact(self) -> None:
        """Rewrite the files so that nothing removed takes any place in them; writers wait meanwhile."""
        ...

    def empty_log(self) -> None:
        """Leave nothing in any log that was removed: on return, no file has it. Writers hardly wait."""
        ...

    def log_mark(self) -> bytes:
        """Name the log in which removed bytes may stand, nothing where it is empty; emptied, it is another for ever."""
        ...


class Head(Protocol):
    """Signs the heads of this institution's log, and checks what it signed."""

    @property
    def vkey(self) -> str:
        """The verifier key, to be handed to whoever checks (C2SP signed-note)."""
        ...

    @property
    def verifier(self) -> Verifier:
        """The verifier key as a value."""
        ...

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note."""
        ...

    def sign_text(self, text: str) -> str:
        """Return ``text`` as a note signed by this log's key."""
        ...

    def open(self, note: str) -> Checkpoint:
        """Check a note that this log signed and return what it says."""
        ...


@dataclass(slots=True)
class Workspace:
    """One institution's installation. Not frozen for one reason: adopting a card puts a new ``engine`` in place.

    The engine carries the MAC of each card's row that it was made from, so that a disclosure sees in one look whether
    the card of its purpose is still the one that was compiled; ``law_mark`` is the MAC of the row that adopted
    ``pack``, once it was read. ``notices`` are those written by this process, so that a thousand people are told in one
    text that is made once. ``archive_residual`` is what a removal from the archive may leave behind in it.
    ``leaves_before`` says how long the log was when a day that has begun began. ``stores`` are
    those that ``close`` closes: whoever opened them says which.
    """

    institution: Institution
    handler: Handler
    clock: Clock
    data: DataStore
    custody: Custody
    index: BlindIndex
    objects: ObjectStore
    shelf: Shelf
    journal: Journal
    backups: Backups
    publication: Publication
    head: Head
    notary: Notary
    tagger: Tagger
    door: Door
    pack: LawPack
    engine: Engine
    archive: ObjectStore | None = None
    archive_residual: Residual | None = None
    audit_days: int = 30
    review_days: int = 90
    law_mark: bytes = b""
    notices: dict[tuple[object, ...], Notice] = field(default_factory=dict)
    leaves_before: dict[date, int] = field(default_factory=dict)
    stores: tuple[Closes, ...] = ()

    def generations(self) -> list[tuple[EpochNumber, bytes]]:
        """Return the generations of the index that open, newest first, each with its tag key.

        One whose epoch was destroyed may still lie there when an advance was stopped; it answers nothing to anybody.
        """
        found = self.index.generations()
        if any(epoch not in self.custody.epochs for epoch in found):
            self.custody.refresh()
        known = self.custody.epochs
        return [(one, self.custody.service("index.cipher", one)) for one in reversed(found) if one in known]

    def now(self, records: Records) -> Instant:
        """Return the instant by which rights are judged: never before what the ledger has seen."""
        return later_of(self.clock, records.ledger.last_at)

    def close(self) -> None:
        """Close every store, also when one of them fails to; may be repeated."""
        with ExitStack() as closing:
            for store in self.stores:
                closing.callback(store.close)
