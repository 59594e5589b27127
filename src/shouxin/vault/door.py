"""The one door: the only place where personal information is opened for somebody (law 1).

What the door needs is a ``Recorded``: a permit together with the place where the ledger holds it. It is made in two
steps that cannot be swapped. ``propose`` puts the event into a transaction, with a commitment to every person whom
the disclosure names; ``confirm`` takes what the commit returned. Only then does the door fetch keys, and it opens
exactly the items of exactly those people that were named, from cells of purposes that the card may draw on. What one
person states about another opens only if both were named. For raw values it also wants a signed checkpoint that covers
the event.

The pepper of each person is fetched before the event is written, because the commitment is made with it; no key of
a cell is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from shouxin.domain.identifiers import EventId, InstitutionId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.domain.transaction import Committed
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.keys.chain import Chain
from shouxin.keys.custody import Custody, OpenChain
from shouxin.ledger.commitment import blinding, commit_to, member_root
from shouxin.policy.decision import Decision
from shouxin.vault.cell import open_cell
from shouxin.vault.object import open_object
from shouxin.vault.objects import ObjectStore
from shouxin.vault.records import CellRow, ObjectRow

__all__ = ["MASKED", "RAW", "Commitments", "Door", "Opened", "Proposed", "Recorded", "Witnessed"]

RAW: Final = "raw"
MASKED: Final = "masked"
SEALED: Final = "sealed"


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The people whom one event names: sorted commitments, their Merkle root, and the people themselves.

    ``chains`` are theirs, as they were opened for the commitments; whoever opens a cell next need not open them again
    where the keyring has the same row still.
    """

    subjects: tuple[SubjectId, ...]
    members: tuple[bytes, ...]
    root: bytes
    chains: Mapping[SubjectId, OpenChain] = field(default_factory=dict, repr=False)

    @property
    def joined(self) -> bytes:
        """The sorted commitments as the data store keeps them."""
        return b"".join(self.members)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A permit whose event stands in a transaction that has not committed yet."""

    decision: Decision
    subjects: frozenset[SubjectId]
    purposes: frozenset[str]
    leaf: int
    statutory: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """A permit on record: what the door opens for."""

    proposed: Proposed
    size: int
    covered: int

    @classmethod
    def confirm(cls, committed: Committed[Proposed]) -> Recorded:
        """Take what the commit returned. The proposal's leaf must lie within the committed log."""
        if committed.value.leaf >= committed.size:
            raise Tampered("a disclosure claims a place in the ledger that was never committed")
        return cls(committed.value, committed.size, committed.covered)


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened: ``values`` of each person, and ``statements`` of one person about another."""

    values: Mapping[SubjectId, dict[ItemCode, Plaintext]]
    statements: Mapping[tuple[SubjectId, SubjectId], dict[ItemCode, Plaintext]]


class Commitments:
    """Commits many events to people whose peppers were fetched once; hold it for one operation, not longer."""

    def __init__(self, chains: Iterable[OpenChain]) -> None:
        found = ((opened.chain.subject, opened.pepper()) for opened in chains)
        self._peppers = {subject: pepper[1] for subject, pepper in found if pepper is not None}

    def to(self, subject: SubjectId, event_id: EventId) -> str:
        """Return the commitment of an event to one person, in hexadecimal digits.

        Raises:
            NotFound: they have no pepper: unknown, or erased beyond the term of accountability.
        """
        pepper = self._peppers.get(subject)
        if pepper is None:
            raise NotFound("one of these people is erased, and their accountability has ended")
        return commit_to(blinding(pepper, event_id), subject).hex()


class _Keys:
    """The keys of some cells, fetched now, opened when they are needed.

    A chain that was opened before counts only where its row is, byte for byte, what was fetched now.
    """

    def __init__(self, custody: Custody, cells: Iterable[CellRow], before: Mapping[SubjectId, OpenChain]) -> None:
        self._custody = custody
        self._before = before
        people = {one for row in cells for one in (row.subject, row.other) if one is not None}
        self._chains = custody.keyring.get(list(people))
        self._open: dict[SubjectId, OpenChain] = {}

    def _chain(self, subject: SubjectId) -> OpenChain:
        if subject not in self._open:
            if subject not in self._chains:
                raise NotFound("there is nothing under this identifier any more")
            before = self._before.get(subject)
            same = before is not None and before.chain == self._chains[subject]
            self._open[subject] = before if before is not None and same else self._custody.open(self._chains[subject])
        return self._open[subject]

    def age(self, row: CellRow) -> int:
        """Return the place of the row's key among its person's: a newer one is larger."""
        chain = self._chain(row.subject)
        if not chain.holds(row.cell):
            raise NotFound("the key of this cell was destroyed")
        return chain.place(row.cell)

    def of(self, row: CellRow) -> bytes:
        """Return the row's key; a statement about another takes both people's."""
        chain = self._chain(row.subject)
        return chain.key(row.cell) if row.other is None else chain.edge_key(row.cell, self._chain(row.other))


class Door:
    """Opens what was recorded, and nothing else."""

    def __init__(self, institution: InstitutionId, custody: Custody, objects: ObjectStore) -> None:
        self._institution = institution
        self._custody = custody
        self._objects = objects

    def witness(
        self, subjects: Sequence[SubjectId], event_id: EventId, known: Mapping[SubjectId, Chain] | None = None
    ) -> Witnessed:
        """Return the commitments of ``subjects`` for the event ``event_id``; their chains are fetched unless ``known``.

        Raises:
            NotFound: one of them has no key chain: unknown, or erased beyond the term of accountability.
        """
        chains = self._custody.keyring.get(subjects) if known is None else known
        if len(chains) != len(set(subjects)):
            raise NotFound("there is nothing under one of these identifiers")
        made: list[bytes] = []
        opened = {subject: self._custody.open(chain) for subject, chain in chains.items()}
        for subject, own in opened.items():
            pepper = own.pepper()
            if pepper is None:
                raise NotFound("one of these people is erased, and their accountability has ended")
            made.append(commit_to(blinding(pepper[1], event_id), subject))
        made.sort()
        return Witnessed(tuple(dict.fromkeys(subjects)), tuple(made), member_root(made)[0], opened)

    def commitments(self, subjects: Sequence[SubjectId]) -> Commitments:
        """Fetch the peppers of ``subjects``, for operations that record more than one event about each."""
        chains = self._custody.keyring.get(subjects)
        return Commitments(map(self._custody.open, chains.values()))

    def _check(self, recorded: Recorded, subject: SubjectId, purpose: str, items: Iterable[ItemCode]) -> None:
        permit = recorded.proposed
        permit.decision.enforce()
        if subject not in permit.subjects or purpose not in permit.purposes:
            raise Refused("the recorded disclosure does not name this", [("one-door", "PIPL 6(1)")])
        if not permit.decision.items.issuperset(items):
            raise Refused("the recorded disclosure names other items", [("one-door", "PIPL 6(1)")])
        if permit.decision.form == RAW and recorded.covered <= permit.leaf:
            raise Refused("no signed checkpoint covers this disclosure yet", [("one-door", "PIPL 51")])

    def open(
        self, recorded: Recorded, cells: Sequence[CellRow], chains: Mapping[SubjectId, OpenChain] = MappingProxyType({})
    ) -> Opened:
        """Open the permitted items of ``cells``; the keys are fetched here, after the record is durable.

        ``chains`` were opened for the record; one whose row has changed since is opened anew.

        Of several values of one item the newest counts; their keys stand in the person's chain in the order in which
        they were drawn.

        Raises:
            Refused: a cell, item or person that the record does not name, or raw without a covering checkpoint.
            NotFound: the key is gone: the person was erased since.
            Tampered: stored bytes are not what was sealed.
        """
        items = recorded.proposed.decision.items
        if recorded.proposed.decision.form == SEALED:
            raise Refused("this permit lets data in; nothing is opened on it", [("one-door", "PIPL 6(1)")])
        for row in cells:
            self._check(recorded, row.subject, row.purpose, items)
            if row.other is not None:
                self._check(recorded, row.other, row.purpose, items)
        keys = _Keys(self._custody, cells, chains)
        values: dict[SubjectId, dict[ItemCode, Plaintext]] = {}
        statements: dict[tuple[SubjectId, SubjectId], dict[ItemCode, Plaintext]] = {}
        for row in sorted(cells, key=keys.age):
            binding = row.binding(self._institution)
            found = open_cell(self._custody.suite, keys.of(row), binding, row.sealed, items)
            if row.other is None:
                values.setdefault(row.subject, {}).update(found)
            elif found:
                statements.setdefault((row.subject, row.other), {}).update(found)
        return Opened(values, statements)

    def open_object(self, recorded: Recorded, row: ObjectRow) -> Iterator[Plaintext]:
        """Yield an object chunk by chunk; the same conditions as for ``open``.

        For the masked form whoever calls hands on its rendition, never a chunk.
        """
        item = ItemCode(row.item)
        if recorded.proposed.decision.form not in {RAW, MASKED}:
            raise Refused("an object is shown raw, or masked as a rendition", [("one-door", "PIPL 6(1)")])
        self._check(recorded, row.subject, row.purpose, [item])
        chain = self._custody.keyring.get([row.subject]).get(row.subject)
        opened = None if chain is None else self._custody.open(chain)
        if opened is None or not opened.holds(row.object_id):
            raise NotFound("the key of this object was destroyed")
        key, binding = opened.key(row.object_id), row.binding(self._institution)
        yield from open_object(self._custody.suite, key, binding, self._objects.get(row.object_id))
