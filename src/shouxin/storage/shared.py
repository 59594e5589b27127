"""What the works of one transaction share, so that many small ones cost little more than one.

Callers that are committed together mostly ask the same (who is signed in, which card stands) and write alike (whom
they opened). Inside one writing transaction nobody else changes a row: one that was read stands until a work of the
same transaction writes, and openings can wait for the end. A savepoint is set when a work first writes a row, because
only then is there something to undo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.identifiers import SubjectId

__all__ = ["Shared"]


class Shared:
    """``rows`` are authority rows as read, ``openings`` (leaf, people, commitments) as noted and not yet written."""

    __slots__ = ("_set_savepoint", "guarded", "openings", "rows")

    def __init__(self, set_savepoint: Callable[[], None] = lambda: None) -> None:
        self.rows: dict[tuple[AuthorityKind, bytes], AuthorityRow | None] = {}
        self.openings: list[tuple[int, Sequence[SubjectId], bytes]] = []
        self.guarded = False
        self._set_savepoint = set_savepoint

    def write(self) -> None:
        """Say that a row is about to change: what was read is forgotten, and the work that writes can be undone."""
        self.rows.clear()
        if not self.guarded:
            self._set_savepoint()
            self.guarded = True
