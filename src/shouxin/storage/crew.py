"""A crew: callers that arrive while a commit is under way, committed together by whoever of them leads next.

One caller leads at a time and commits for all who wait; then it calls the next one, who takes what has gathered
meanwhile. Nobody waits for a thread of ours: there is none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from shouxin.storage.ticket import Ticket

__all__ = ["Crew"]

# Whoever leads waits at most so long for those who were committed together the last time.
LINGER_SECONDS: Final = 0.0004


class Crew:
    """Those who wait for one store. ``commit`` does the work of all tickets it gets and marks each as done."""

    def __init__(self, commit: Callable[[list[Ticket[object]]], None]) -> None:
        self._commit = commit
        self._gate = threading.Lock()  # owns the queue and who leads
        self._led = False
        self._awaited = 0  # how many whoever leads waits for
        self._all_here = threading.Lock()  # let go of when they are there
        self._all_here.acquire()
        self._last = 1  # how many were committed together the last time; whoever leads owns it
        self._queue: list[Ticket[object]] = []

    def waiting(self) -> int:
        """Return how many wait for the next commit."""
        return len(self._queue)

    def serve(self, ticket: Ticket[object]) -> None:
        """Have the ticket's work committed, by whoever leads; on return all of it is done.

        Raises:
            Whatever the work, the commit or what followed it raised.
        """
        with self._gate:
            self._queue.append(ticket)
            if 0 < self._awaited <= len(self._queue):
                self._awaited = 0
                self._all_here.release()
            leads, self._led = not self._led, True
        if not leads:
            self._wait(ticket)
        if not ticket.done:
            self._lead(ticket)
        ticket.follow()  # where whoever led was interrupted before
        if ticket.error is not None:
            raise ticket.error

    def _wait(self, ticket: Ticket[object]) -> None:
        """Wait to be done or to lead. Whoever is interrupted leaves, and calls the next one if they were to lead."""
        try:
            ticket.wait()
        except BaseException:
            with self._gate:
                waiting = ticket in self._queue
                if waiting:
                    self._queue.remove(ticket)
                following = self._queue[0] if waiting and ticket.called and self._queue else None
                if waiting and ticket.called and not self._queue:
                    self._led = False
            if following is not None:
                following.call()
            raise

    def _lead(self, own: Ticket[object]) -> None:
        """Commit whatever waits, then call the next caller to lead, who takes what has gathered meanwhile.

        What is to follow is run here, for all of them: sixteen threads that all want Python's lock for the same small
        steps take it from one another in the middle of each, which costs more than the steps.
        """
        batch: list[Ticket[object]] = []
        try:
            self._gather()
            with self._gate:
                self._last = len(self._queue)
                batch, self._queue = self._queue, []
            self._commit(batch)
            for ticket in batch:
                ticket.follow()
        finally:
            with self._gate:
                if own in self._queue:  # interrupted before the work was begun
                    self._queue.remove(own)
                self._led = bool(self._queue)
                following = self._queue[0] if self._queue else None
            for ticket in batch:
                ticket.call()
            if following is not None:
                following.call()

    def _gather(self) -> None:
        """Let those who were served together a moment ago come again, if they come at once."""
        with self._gate:
            if len(self._queue) >= self._last:
                return
            self._awaited = self._last
        here = False
        try:
            here = self._all_here.acquire(timeout=LINGER_SECONDS)
        finally:
            with self._gate:
                if not self._awaited and not here:
                    self._all_here.acquire()  # they came in the very moment in which the wait ended
                self._awaited = 0
