"""Are rows what was sealed? Asked before anything is decided on what they say, and by every audit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.domain.several import several_at_a_time
from shouxin.errors import RolledBack
from shouxin.keys.chain import Chain
from shouxin.keys.custody import OpenChain
from shouxin.operations.tiers import holder_of
from shouxin.operations.workspace import Workspace
from shouxin.protection.shaped_tokens import ATTEMPTS, shaped_token
from shouxin.vault.cell import item_codes, open_cell
from shouxin.vault.index import INDEXED, normalise
from shouxin.vault.object import BEGINNING, check_beginning, sealed_size
from shouxin.vault.records import CellRow, ObjectRow

__all__ = ["Authenticator"]


class Authenticator:
    """Checks that rows are what was sealed, before anything is decided on what they say of purpose and term.

    Opens values in memory and lets none of them out: that is no disclosure.
    """

    def __init__(
        self,
        workspace: Workspace,
        known: Mapping[SubjectId, Chain] = MappingProxyType({}),
        seen: Collection[ObjectRow] = (),
    ) -> None:
        """``known`` are chains that were read already; others are read when they are asked for.

        ``seen`` are objects that another one has authenticated: neither what was sealed nor such a row ever changes.
        """
        self._workspace = workspace
        self._known = known
        self._open: dict[SubjectId, OpenChain] = {}
        self._authentic: set[ObjectRow] = set(seen)

    def chain(self, subject: SubjectId) -> OpenChain:
        """Return a person's chain, opened.

        Raises:
            RolledBack: they have none. Tampered: it is not what was written for them.
        """
        if subject not in self._open:
            chain = self._known.get(subject) or self._workspace.custody.keyring.get([subject]).get(subject)
            if chain is None:
                raise RolledBack("somebody who is kept has no key chain: this keyring is older than the data store")
            self._open[subject] = self._workspace.custody.open(chain)
        return self._open[subject]

    def opens(self, subject: SubjectId, identifier: bytes) -> bool:
        """Say whether a person's chain has the key of a cell or object at all."""
        return self.chain(subject).holds(identifier)

    def authenticate(self, row: CellRow) -> None:
        """Raise ``Tampered`` unless the row is what was sealed for its person, purpose and term."""
        self._opened(row, ())

    def tags(self, row: CellRow) -> list[bytes]:
        """Return the tags, before an epoch's cipher, under which the row's values should be found; none of an edge.

        Raises:
            Tampered: the row is not what was sealed.
        """
        if row.other is not None:
            self.authenticate(row)
            return []
        values = self._opened(row, INDEXED)
        return [self._workspace.tagger.inner(item, value.text()) for item, value in values.items()]

    def token_tags(self, row: CellRow) -> list[bytes]:
        """Return the tags of every token that may stand for one of the row's values in a lender's own column."""
        key, tagger = self._workspace.custody.service("index.prf"), self._workspace.tagger
        found: list[bytes] = []
        for item, value in self._opened(row, INDEXED).items() if row.other is None else ():
            text = value.text()
            normal = normalise(item, text)
            found += [tagger.inner(item, shaped_token(key, item, text, normal, at)) for at in range(ATTEMPTS)]
        return found

    def shown(
        self, rows: Collection[CellRow], said: Collection[tuple[ItemCode, str]]
    ) -> frozenset[tuple[ItemCode, str]]:
        """Return those of ``said`` that are, to the letter, what the door would show of the person of ``rows``.

        As there, of several values of one item the newest counts; each purpose has its own.

        Raises:
            RolledBack, Tampered: see ``chain`` and ``authenticate``.
        """
        wanted = {item for item, _ in said}
        own = [row for row in rows if row.other is None and self.opens(row.subject, row.cell)]
        own = [row for row in own if not wanted.isdisjoint(item_codes(row.sealed))]
        newest: dict[tuple[SubjectId, str, ItemCode], str] = {}
        for row in sorted(own, key=lambda one: self.chain(one.subject).place(one.cell)):
            opened = self._opened(row, wanted)
            newest |= {(row.subject, row.purpose, item): value.text() for item, value in opened.items()}
        held = {(item, value) for (_, _, item), value in newest.items()}
        return frozenset(one for one in said if one in held)

    def _opened(self, row: CellRow, items: Collection[ItemCode]) -> Mapping[ItemCode, Plaintext]:
        chain = self.chain(row.subject)
        named = None if row.other is None else self.chain(row.other)
        key = chain.key(row.cell) if named is None else chain.edge_key(row.cell, named)
        binding = row.binding(self._workspace.institution.institution_id)
        return open_cell(self._workspace.custody.suite, key, binding, row.sealed, items)

    def authenticate_objects(self, rows: Sequence[ObjectRow]) -> None:
        """Raise ``Tampered`` unless each begins as what was sealed for its person, purpose, term and item."""
        keys = [self.chain(row.subject).key(row.object_id) for row in rows]
        several_at_a_time(self._open_beginning, list(zip(rows, keys, strict=True)))
        self._authentic.update(rows)

    def has_seen(self, row: ObjectRow) -> bool:
        """Say whether an object's row is known to be what was sealed."""
        return row in self._authentic

    def _open_beginning(self, sealed: tuple[ObjectRow, bytes]) -> None:
        row, key = sealed
        binding = row.binding(self._workspace.institution.institution_id)
        end = min(BEGINNING, sealed_size(row.size))  # not every store gives what it has when asked for more
        stored = holder_of(self._workspace, row.object_id).get_range(row.object_id, 0, end)
        check_beginning(self._workspace.custody.suite, key, binding, stored)
