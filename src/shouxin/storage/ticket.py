"""A ticket: what one caller wants of a commit that many share, and what became of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from shouxin.domain.transaction import Ahead, Committed
from shouxin.vault.records import Records

__all__ = ["Ticket"]

T = TypeVar("T")


class Ticket(Generic[T]):
    """One caller's work and what became of it. Its caller is ``call``ed when it is done, or when they must lead.

    ``then`` is taken away by whoever runs it, which is mostly the one who committed. A work that comes with ``ahead``
    takes what was seen as well.
    """

    __slots__ = (
        *("_bell", "_seen", "_work", "ahead", "called", "covered", "done", "error", "outcome", "result", "then"),
    )

    def __init__(
        self,
        work: Callable[..., T],
        *,
        covered: bool,
        then: Callable[[Committed[T]], object] | None = None,
        ahead: Ahead[Records, Any] | None = None,
    ) -> None:
        self._work = work
        self.ahead = ahead
        self._seen: tuple[object] | None = None
        self.covered = covered
        self.called = False
        self._bell = threading.Lock()  # held until the call; an Event is three locks and a list
        self._bell.acquire()
        self.done = False
        self.error: BaseException | None = None
        self.result: Committed[T] | None = None
        self.then = then
        self.outcome: object = None

    @property
    def has_seen(self) -> bool:
        """Whether its look was taken before the transaction, and what it saw still stands."""
        return self._seen is not None

    def look(self, records: Records) -> None:
        """Take its look before the transaction. An error is met again in it, where it still stands."""
        if self.ahead is not None:
            with suppress(Exception):
                self._seen = (self.ahead.look(records),)

    def forget(self) -> None:
        """Forget what was seen: something has changed since."""
        self._seen = None

    def work(self, records: Records) -> T:
        """Do the caller's work in a transaction."""
        if self.ahead is None:
            return self._work(records)
        return self._work(records, self.ahead.look(records) if self._seen is None else self._seen[0])

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
