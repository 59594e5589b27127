"""A ticket: what one caller wants of a commit that many share, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from shouxin.domain.identifiers import SubjectId
from shouxin.domain.transaction import Committed
from shouxin.vault.records import Records

__all__ = ["Ticket"]

T = TypeVar("T")


class Ticket(Generic[T]):
    """One caller's work and what became of it. Its caller is ``call``ed when it is done, or when they must lead.

    ``then`` is taken away by whoever runs it, which is mostly the one who committed.
    """

    __slots__ = ("_bell", "called", "covered", "done", "error", "outcome", "people", "result", "then", "work")

    def __init__(
        self,
        work: Callable[[Records], T],
        *,
        covered: bool,
        then: Callable[[Committed[T]], object] | None = None,
        people: Collection[SubjectId] = (),
    ) -> None:
        self.work = work
        self.people = people
        self.covered = covered
        self.called = False
        self._bell = threading.Lock()  # held until the call; an Event is three locks and a list
        self._bell.acquire()
        self.done = False
        self.error: BaseException | None = None
        self.result: Committed[T] | None = None
        self.then = then
        self.outcome: object = None

    def call(self) -> None:
        """Wake the caller; only whoever leads does, and the caller for themselves."""
        self.called = True
        if self._bell.locked():
            self._bell.release()

    def wait(self) -> None:
        """Sleep until called."""
        self._bell.acquire()

    def follow(self) -> None:
        """Run what is to follow the commit, unless that was done or there is nothing to follow."""
        then, self.then = self.then, None
        if then is None or self.error is not None or self.result is None:
            return
        try:
            self.outcome = then(self.result)
        except Exception as error:
            self.error = error
        except BaseException:
            self.then = then  # whoever leads was interrupted: its own caller runs it
            raise
