"""Revocations: which versions of authority rows a later one has replaced, kept apart from the rows.

A row's MAC says that the institution wrote it, not that it still stands: whoever can write SQL could put an old one
back, a consent from before its withdrawal or an account from before it was closed. So a version that gave a right goes
on this list when it is replaced, and whoever reads a row asks the list. The list lies where a writer of the data store
cannot reach.

It is written in two steps around the commit that replaces the rows: what is about to go, durable before; that it went,
after. Who dies between the two leaves the first step. The next to commit, before anything else, tells by the log
whether that commit came: a commit that replaces a right always adds an entry. So the list also says how long the log
must be: a data store that was put back whole, log and all, to before a right ended, is shorter, and is not written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from shouxin.domain.authority import AuthorityKind

__all__ = ["ENDS_WHEN_REPLACED", "Revocations", "RevokesNothing"]

# Of these kinds every version that is replaced is revoked. Of consents and people only what narrows what may be done
# is: they are replaced by the million where nothing is taken away, and whoever takes something away says so.
ENDS_WHEN_REPLACED: Final = frozenset(
    {
        AuthorityKind.ACCOUNT,
        AuthorityKind.SIGN_IN,
        AuthorityKind.SECOND_FACTOR,
        AuthorityKind.CARD,
        AuthorityKind.LAW,
        AuthorityKind.REQUEST,
        AuthorityKind.GRANT,
        AuthorityKind.HOLD,
        AuthorityKind.PAUSE,
        AuthorityKind.PASS,
        AuthorityKind.CHALLENGE,
        AuthorityKind.RIGHT,
        AuthorityKind.ORDER,
        AuthorityKind.BATCH,
        AuthorityKind.SUPPRESSION,
        AuthorityKind.RECIPIENT,
        AuthorityKind.DATABASE,
        AuthorityKind.SOURCE,
        AuthorityKind.PLAN,
        AuthorityKind.TIER,
    }
)


class Revocations(Protocol):
    """The list; versions are named by their MACs (32 bytes). Safe for many threads and processes."""

    def replaced(self, mac: bytes, size: int, /) -> bool:
        """Say whether the version with this MAC was replaced for good by what the log's first ``size`` entries say.

        Who looks at a snapshot from before the replacement sees the row as it stood then, and rightly.
        """
        ...

    def refresh(self) -> None:
        """Read what others have added.

        Raises:
            Tampered: the list is missing, or is not what was written.
        """
        ...

    def settle(self, size: int) -> None:
        """Decide what became of a commit whose process died: it came if the log, of ``size`` entries now, grew.

        Called by who is about to write, before anything else; reads what others have added as well.

        Raises:
            ReadOnly: the log is shorter than it was when a right was ended: the data store was rolled back.
        """
        ...

    def rolled_back(self, size: int, /) -> bool:
        """Say whether a log of ``size`` entries is shorter than it was when a right was ended."""
        ...

    def restored(self, size: int) -> None:
        """Note, durable on return, that a backup was put back whose log, with what was published, has ``size`` entries.

        What was replaced behind that is lost with the disk, and was replaced all the same: the restore ends what still
        stands of it.
        """
        ...

    def unsettled(self) -> bool:
        """Say whether a process died, or could not write, between a commit and the note that it came."""
        ...

    def listed(self, macs: Iterable[bytes]) -> list[bytes]:
        """Return those of many versions that stand on the list."""
        ...

    def intend(self, size: int, macs: Sequence[bytes], anew: Sequence[bytes] = ()) -> None:
        """Note, durable on return, which versions the commit behind the log's first ``size`` entries replaces.

        ``anew`` are versions on the list that it writes once more, byte for byte: they stand again. Of two restores of
        one backup the second does so.
        """
        ...

    def confirm(self, size: int) -> None:
        """Note that the commit that was intended behind ``size`` entries came.

        Raises:
            StoreUnavailable: it cannot be written. The commit stands, and ``settle`` finds out.
        """
        ...


class RevokesNothing:
    """A list on which nothing stands: for a store that gives nobody a right, such as one that is only measured."""

    def replaced(self, _mac: bytes, _size: int, /) -> bool:
        """Say no."""
        return False

    def refresh(self) -> None:
        """Read nothing."""

    def settle(self, size: int) -> None:
        """Decide nothing."""

    def listed(self, _macs: Iterable[bytes]) -> list[bytes]:
        """Return none."""
        return []

    def intend(self, size: int, macs: Sequence[bytes], anew: Sequence[bytes] = ()) -> None:
        """Note nothing."""

    def confirm(self, size: int) -> None:
        """Note nothing."""

    def rolled_back(self, _size: int, /) -> bool:
        """Say no."""
        return False

    def restored(self, size: int) -> None:
        """Note nothing."""

    def unsettled(self) -> bool:
        """Say no."""
        return False
