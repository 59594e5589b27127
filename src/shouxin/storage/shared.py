"""What the works of one transaction share, so that many small ones cost little more than one.

Callers that are committed together mostly ask the same (who is signed in, which card stands) and write alike (whom
they opened). Inside one writing transaction nobody else changes a row: one that was read stands until a work of the
same transaction writes, and openings can wait for the end. What works say that they will read of people is read for all
of them in one step. A savepoint is set when a work first writes a row, because only then is there something to undo.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import StoreUnavailable
from shouxin.vault.records import CellRow

__all__ = ["Shared"]

# What was looked for: kind, name and subject of an authority row.
_Wanted = tuple[AuthorityKind, str | None, SubjectId | None]


class Shared:
    """Rows as read, by what was asked for, and ``openings`` (leaf, people, commitments) as noted and not yet written.

    ``written`` are the MACs of authority rows that are written, ``revoked`` those of rows that are never believed again
    once this is committed; ``revoked_before`` says whether one was before: on the list at all, and by this snapshot.

    ``rows`` are authority rows by identifier, ``found`` by look-up columns, ``cells`` those of one person; ``derived``
    is what works made of any of them. ``changed`` says whether any work has written a row.

    Without ``set_savepoint`` only reading was asked for.
    """

    __slots__ = (
        "_set_savepoint",
        "cells",
        "changed",
        "derived",
        "found",
        "guarded",
        "openings",
        "revoked",
        "revoked_before",
        "rows",
        "written",
    )

    def __init__(
        self,
        revoked_before: Callable[[bytes], tuple[bool, bool]] = lambda _: (False, False),
        set_savepoint: Callable[[], None] | None = None,
    ) -> None:
        self.rows: dict[tuple[AuthorityKind, bytes], AuthorityRow | None] = {}
        self.found: dict[_Wanted, list[AuthorityRow]] = {}
        self.cells: dict[SubjectId, list[CellRow]] = {}
        self.derived: dict[Hashable, object] = {}
        self.openings: list[tuple[int, Sequence[SubjectId], bytes]] = []
        self.revoked: list[bytes] = []
        self.written: list[bytes] = []
        self.revoked_before = revoked_before
        self.guarded = False
        self.changed = False
        self._set_savepoint = set_savepoint

    def forget(self) -> None:
        """Forget what was read, and what was derived from it."""
        self.rows.clear()
        self.found.clear()
        self.cells.clear()
        self.derived.clear()

    def note(self) -> None:
        """Say that something is about to be noted that is written at the end, or kept apart.

        Raises:
            StoreUnavailable: only reading was asked for.
        """
        if self._set_savepoint is None:
            raise StoreUnavailable("nothing is written where only reading was asked for")

    def write(self) -> None:
        """Say that a row is about to change: what was read is forgotten, and the work that writes can be undone.

        Raises:
            StoreUnavailable: only reading was asked for.
        """
        self.note()
        self.forget()
        self.changed = True
        if self._set_savepoint is not None and not self.guarded:
            self._set_savepoint()
            self.guarded = True
