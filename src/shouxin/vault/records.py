"""What the vault keeps of people, and the one view of the data store that operations work on.

Rows here hold identifiers, codes and sealed bytes; what is personal is inside the sealed bytes. ``Records`` is the
transaction port (``domain.transaction``) with everything that can be read and written inside one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from shouxin.domain.authority import AuthorityStore
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import AccountId, CellId, InstitutionId, ObjectId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.transaction import Transaction
from shouxin.ledger.store import LedgerReader
from shouxin.retention.resolve import Relationship
from shouxin.vault.cell import Binding
from shouxin.vault.object import ObjectBinding
from shouxin.vault.tags import Origin

__all__ = ["AsideStore", "CellKind", "CellRow", "CellStore", "ObjectRow", "Records", "Subject", "SubjectState"]

T = TypeVar("T")


class SubjectState(StrEnum):
    """Where a person stands; ``vault.lifecycle`` has the table of what may follow."""

    ACTIVE = "active"
    FROZEN = "frozen"
    ERASING = "erasing"
    ERASED = "erased"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, as an authority row says it: state, whom they were merged into, and their business relationship.

    ``kept_only`` are cells and objects that a statutory floor keeps from an erasure of a part: stored and protected,
    and nothing else (PIPL 47(2)). ``disputed`` are items that the person says are wrong or incomplete, marked until
    that is settled (征信业管理条例 25(2)); ``human_only`` purposes in which no program decides about them until a
    person has (PIPL 24(3)). ``on_hold`` are the holds that stand: one that was deleted, or put back after it was
    lifted, is noticed wherever holds are asked for. ``raised`` are keyed tags of the rows in the lender's own databases
    whose freeze flag a freeze of this person raised: no other flag is lowered when it ends.
    """

    subject: SubjectId
    state: SubjectState
    since: Instant
    merged_into: SubjectId | None = None
    relationship: Relationship | None = None
    kept_only: tuple[bytes, ...] = ()
    disputed: tuple[str, ...] = ()
    human_only: tuple[str, ...] = ()
    on_hold: tuple[bytes, ...] = ()
    raised: tuple[bytes, ...] = ()


class CellKind(StrEnum):
    """Whose a cell is: one person's, or a statement of one about another. There is no third (ADR 22)."""

    OWN = "own"
    EDGE = "edge"


@dataclass(frozen=True, slots=True)
class CellRow:
    """A sealed cell. ``other`` is the person named (edges only); ``leaf`` is the event that recorded the sealing."""

    cell: CellId
    subject: SubjectId
    purpose: str
    term: str
    kind: CellKind
    other: SubjectId | None
    leaf: int
    sealed: bytes

    def binding(self, institution: InstitutionId) -> Binding:
        """Return what the sealed bytes are bound to."""
        return Binding(institution, self.subject, self.purpose, self.cell, self.term, self.kind.value, self.other)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """A sealed object in the object store. ``digest`` is SHA-256 of the sealed bytes; ``size`` counts plaintext."""

    object_id: ObjectId
    subject: SubjectId
    purpose: str
    term: str
    item: str
    size: int
    digest: bytes
    leaf: int

    def binding(self, institution: InstitutionId) -> ObjectBinding:
        """Return what the sealed chunks are bound to."""
        return ObjectBinding(institution, self.subject, self.purpose, ItemCode(self.item), self.object_id, self.term)


class CellStore(Protocol):
    """Cells, objects, and the list of openings."""

    def add_cells(self, rows: Sequence[CellRow]) -> None:
        """Insert cells."""
        ...

    def cells_of(self, subjects: Sequence[SubjectId], purpose: str | None = None) -> list[CellRow]:
        """Return cells whose first person is among ``subjects`` (of one purpose), by subject and cell."""
        ...

    def count_cells(self, purpose: str) -> dict[str, int]:
        """Return, for each retention term of ``purpose``, how many cells and objects it keeps."""
        ...

    def edges_to(self, subjects: Sequence[SubjectId]) -> list[CellRow]:
        """Return the edges that name any of ``subjects``."""
        ...

    def standing(self, cells: Sequence[CellId]) -> set[CellId]:
        """Return those of many cells that stand."""
        ...

    def objects_among(self, objects: Sequence[ObjectId]) -> set[ObjectId]:
        """Return those of many objects that have a row."""
        ...

    def newest(self, most: int) -> tuple[list[CellRow], list[ObjectRow]]:
        """Return up to ``most`` cells and as many objects that stand and were inserted last, the last one first."""
        ...

    def remove_cells(self, cells: Sequence[CellId]) -> int:
        """Delete cells; return how many there were."""
        ...

    def add_object(self, row: ObjectRow, depicts: Sequence[SubjectId]) -> None:
        """Insert an object row and whom it depicts."""
        ...

    def add_origin(self, object_id: ObjectId, origin: Origin) -> None:
        """Note where an object came from; once for an object."""
        ...

    def origin_of(self, object_id: ObjectId) -> Origin:
        """Return where an object came from; of an older one, that nobody knows."""
        ...

    def objects_of(self, subjects: Sequence[SubjectId]) -> list[ObjectRow]:
        """Return the objects that belong to ``subjects``."""
        ...

    def object_of(self, object_id: ObjectId) -> ObjectRow | None:
        """Return the row of an object, or nothing."""
        ...

    def objects_before(self, place: tuple[str, str], leaf: int, after: bytes, most: int) -> list[ObjectRow]:
        """Return up to ``most`` objects of a purpose and term (``place``) that were sealed before ``leaf``.

        In order of their identifiers, beginning behind ``after``.
        """
        ...

    def objects_depicting(self, subjects: Sequence[SubjectId]) -> list[tuple[SubjectId, ObjectRow]]:
        """Return, by whom they depict, the objects of others that depict any of ``subjects``."""
        ...

    def depicted_in(self, object_id: ObjectId) -> list[SubjectId]:
        """Return whom an object depicts."""
        ...

    def remove_objects(self, objects: Sequence[ObjectId]) -> int:
        """Delete object rows, whom they depict and their origin; return how many objects there were."""
        ...

    def add_opening(self, leaf: int, subjects: Sequence[SubjectId], joined: bytes) -> None:
        """Note that the disclosure at ``leaf`` opened ``subjects``; ``joined`` are its sorted commitments."""
        ...

    def count_openings(self) -> dict[int, tuple[int, bytes]]:
        """Return, for each leaf that opened somebody, how many people are listed and its joined commitments."""
        ...

    def openings_of(self, subject: SubjectId) -> list[int]:
        """Return the leaves of the disclosures that opened ``subject``, in order."""
        ...

    def openings_among(self, subjects: Iterable[SubjectId]) -> dict[SubjectId, list[int]]:
        """Return, for each of many people, the leaves of the disclosures that opened them, in order."""
        ...

    def members_of(self, leaf: int) -> bytes:
        """Return the sorted commitments of a disclosure, joined; 32 bytes each."""
        ...

    def count_look_ups(self, account: AccountId, since: Instant) -> int:
        """Return how many look-ups ``account`` made after ``since``."""
        ...

    def add_look_up(self, account: AccountId, at: Instant, forget_before: Instant) -> None:
        """Count a look-up of ``account``; forget what is older than ``forget_before``."""
        ...

    def arrived(self, place: bytes, wanted: Sequence[bytes]) -> set[bytes]:
        """Return those of ``wanted`` (keyed digests of 16 bytes) that have arrived from ``place`` already."""
        ...

    def has_arrived(self, place: bytes, head: bytes) -> bool:
        """Say whether a digest that begins with ``head`` (1 to 15 bytes) has arrived from ``place``."""
        ...

    def add_arrivals(self, place: bytes, new: Sequence[bytes]) -> None:
        """Note what arrived from ``place``; none of it may have arrived before."""
        ...

    def forget_arrivals(self, place: bytes) -> int:
        """Forget everything that arrived from ``place``; return how much it was."""
        ...

    def index_ages(self) -> list[tuple[int, int, bytes]]:
        """Return what was noted of the index, unchecked: epoch, age that its generation has at least, MAC."""
        ...

    def put_index_age(self, epoch: int, age: int, mac: bytes, *, oldest: int) -> None:
        """Note the age that the generation of ``epoch`` has at least; forget generations before ``oldest``."""
        ...

    def forget_openings(self, subject: SubjectId) -> int:
        """Take ``subject`` out of all lists of openings once accountability has ended; return how many there were.

        Each list keeps its length, so that it can still be held against the log; who stood there is nobody's to find.
        """
        ...


class AsideStore(Protocol):
    """What collections have set aside and not taken yet, by the place of its source; sealed by whoever writes it."""

    def of_place(self, place: bytes) -> list[tuple[bytes, bytes]]:
        """Return what is set aside of ``place`` (16 bytes): keyed digest (16 bytes) and sealed row, by digest."""
        ...

    def add(self, place: bytes, rows: Iterable[tuple[bytes, bytes]]) -> None:
        """Note what is set aside of ``place``, by digest; none of it may stand there."""
        ...

    def forget(self, place: bytes, digests: Sequence[bytes]) -> int:
        """Forget these of what is set aside of ``place``; return how many stood there."""
        ...


class Records(Transaction, Protocol):
    """The data store inside one transaction or snapshot."""

    @property
    def authority(self) -> AuthorityStore:
        """Rows that carry authority."""
        ...

    @property
    def cells(self) -> CellStore:
        """Cells, objects and openings."""
        ...

    @property
    def asides(self) -> AsideStore:
        """What was set aside of sources."""
        ...

    @property
    def ledger(self) -> LedgerReader:
        """The log as of this transaction, with the events recorded in it so far."""
        ...

    def once(self, what: Hashable, derive: Callable[[], T]) -> T:
        """Return what ``derive`` returns, which reads rows only; run once for all works that see the same rows.

        An error is not kept: whoever asks next derives again.
        """
        ...

    def all_cells(self) -> Iterable[tuple[CellId, SubjectId, SubjectId | None]]:
        """Yield every cell, its person and, of an edge, the other; for audits."""
        ...

    def all_objects(self) -> Iterable[tuple[ObjectId, SubjectId]]:
        """Yield every object and its person; for audits."""
        ...
