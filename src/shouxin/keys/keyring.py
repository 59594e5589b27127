"""The keyring port: the store of wrapped keys, apart from the data it opens (law 2, design section 5).

A copy of the data store alone opens nothing; a copy of the keyring alone holds nothing. Keys are durable here before
what they seal is written there. Every write names the epoch that the writer believes current and is refused when
another process has moved on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from shouxin.domain.identifiers import SubjectId
from shouxin.keys.chain import Chain
from shouxin.keys.root import EpochNumber

__all__ = ["EpochRow", "Keyring", "ServiceKey"]


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One epoch: its key wrapped by the root key of the same number, and the step that its opening has reached."""

    epoch: EpochNumber
    wrapped: bytes
    step: str


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of the institution (not of a person): name, epoch that wraps it, wrapped bytes."""

    name: str
    epoch: EpochNumber
    wrapped: bytes


class Keyring(Protocol):
    """One writer at a time; each method is one durable transaction, and none is retried here.

    Methods that write take ``fence`` and raise ``Fenced`` when it is not the current epoch.
    """

    def epochs(self) -> list[EpochRow]:
        """Return all epochs, oldest first; the last is current."""
        ...

    def add_epoch(self, row: EpochRow, services: Sequence[ServiceKey]) -> None:
        """Make ``row`` the current epoch together with the institution's keys wrapped under it."""
        ...

    def add_services(self, services: Sequence[ServiceKey], *, fence: EpochNumber) -> None:
        """Add keys of the institution that the current epoch has not got yet; one that stands is an error."""
        ...

    def set_step(self, epoch: EpochNumber, step: str) -> None:
        """Note how far the opening of ``epoch`` has come."""
        ...

    def remove_epoch(self, epoch: EpochNumber) -> None:
        """Delete an epoch row and the institution's keys under it; refused while a chain rests on it."""
        ...

    def service_keys(self, epoch: EpochNumber) -> list[ServiceKey]:
        """Return the institution's keys wrapped under ``epoch``."""
        ...

    def get(self, subjects: Sequence[SubjectId]) -> dict[SubjectId, Chain]:
        """Return the chains of those subjects that have one."""
        ...

    def add(self, chains: Sequence[Chain], *, fence: EpochNumber, pending: bool = False) -> None:
        """Insert new chains; a subject that has one already is an error (``Fenced``) and nothing is written.

        With ``pending`` the subjects are noted, in the same transaction, as having keys for what is not recorded yet.
        """
        ...

    def pending(self) -> list[SubjectId]:
        """Return the subjects that have keys for what may never have been recorded."""
        ...

    def settle(self, subjects: Sequence[SubjectId]) -> None:
        """Note that everything pending for ``subjects`` was recorded or removed."""
        ...

    def at_work(self) -> AbstractContextManager[None]:
        """Hold off whoever wants to finish other people's pending work, until this process leaves or dies."""
        ...

    def alone(self, *, wait: bool = False) -> AbstractContextManager[bool]:
        """Say whether nobody is at work (after waiting for it), and hold everybody off while the answer is yes."""
        ...

    def replace(
        self,
        old: Sequence[Chain],
        new: Sequence[Chain],
        *,
        fence: EpochNumber,
        mark: int | None = None,
        pending: bool = False,
    ) -> None:
        """Compare and set, pair by pair and all or nothing: ``Fenced`` when any row is no longer ``old``.

        ``mark`` notes, in the same transaction, how many destructions of the journal this keyring has carried out.
        """
        ...

    def mark(self) -> int:
        """Return how many destructions of the journal this keyring has carried out; an old copy has fewer."""
        ...

    def remove(self, chains: Sequence[Chain], *, fence: EpochNumber) -> None:
        """Delete exactly these rows; a row that is gone already is no error, a changed one is (``Fenced``)."""
        ...

    def rewrap(
        self, old: EpochNumber, after: int, most: int, anew: Callable[[list[bytes]], list[bytes]], *, fence: EpochNumber
    ) -> int:
        """Have ``anew`` wrap up to ``most`` subject keys that rest on ``old``, and set their epoch to ``fence``.

        One transaction: nobody changes a chain between its being read and written. ``after`` is where the call before
        ended (0 to begin); returns where this one did, or 0 when nothing was left behind it. What ``anew`` is given
        and returns is of one length.
        """
        ...

    def count(self, epoch: EpochNumber | None = None) -> int:
        """Return how many chains there are (under ``epoch``)."""
        ...

    def all_subjects(self) -> Iterable[SubjectId]:
        """Yield every subject that has a chain; for audits and the reaper of orphans."""
        ...

    def damage(self) -> str:
        """Say what is wrong with the store's files as such; nothing when they are whole."""
        ...

    def compact(self) -> None:
        """Rebuild the files so that nothing deleted remains in free pages or logs."""
        ...

    def log_mark(self) -> bytes:
        """Name the log in which removed bytes may stand, nothing where it is empty; emptied, it is another for ever."""
        ...
