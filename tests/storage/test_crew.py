"""Callers who wait are committed together, and whoever fails to lead leaves the lead to the next."""

from __future__ import annotations

import threading

import pytest

from shouxin.domain.transaction import Committed
from shouxin.storage.crew import Crew
from shouxin.storage.ticket import Ticket

CALLERS = 5


def _ticket() -> Ticket[object]:
    return Ticket(lambda _records: None, covered=False)


class Commits:
    """Takes tickets as a store would; the first commit waits until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[Ticket[object]]] = []
        self.entered = threading.Event()
        self.released = threading.Event()
        self.broken: BaseException | None = None

    def __call__(self, batch: list[Ticket[object]]) -> None:
        self.batches.append(batch)
        self.entered.set()
        self.released.wait(60)
        broken, self.broken = self.broken, None
        for ticket in batch:
            ticket.done, ticket.error = True, broken
            ticket.result = Committed(None, len(self.batches), 0)
        if broken is not None:
            raise broken


def _crowd(crew: Crew, commits: Commits) -> tuple[list[Ticket[object]], list[BaseException]]:
    """Let one caller lead and the others arrive meanwhile; return their tickets and who failed."""
    tickets = [_ticket() for _ in range(CALLERS)]
    failed: list[BaseException] = []

    def run(ticket: Ticket[object]) -> None:
        try:
            crew.serve(ticket)
        except BaseException as error:  # who was interrupted is looked at
            failed.append(error)

    threads = [threading.Thread(target=run, args=(tickets[0],))]
    threads[0].start()
    assert commits.entered.wait(60)
    for at, ticket in enumerate(tickets[1:], 1):
        threads.append(threading.Thread(target=run, args=(ticket,)))
        threads[-1].start()
        while crew.waiting() < at:
            pass
    commits.released.set()
    for thread in threads:
        thread.join(60)
    return tickets, failed


def test_who_arrives_during_a_commit_is_committed_together() -> None:
    """The second commit takes all who gathered during the first, and everybody has an answer."""
    commits = Commits()
    tickets, failed = _crowd(Crew(commits), commits)
    assert [len(batch) for batch in commits.batches] == [1, CALLERS - 1]
    assert not failed
    assert all(ticket.done and ticket.result is not None for ticket in tickets)


def test_a_leader_who_is_interrupted_leaves_nobody_waiting() -> None:
    """An interrupt ends the leader's commit; those who wait behind it are led by one of themselves."""
    commits = Commits()
    commits.broken = KeyboardInterrupt()
    crew = Crew(commits)
    tickets, failed = _crowd(crew, commits)
    assert [type(error) for error in failed] == [KeyboardInterrupt]
    assert [ticket.error is None for ticket in tickets] == [False, *[True] * (CALLERS - 1)]
    assert crew.waiting() == 0
    crew.serve(last := _ticket())
    assert last.result is not None


def test_what_a_commit_raises_is_raised_to_its_caller() -> None:
    """An error that stands on the ticket reaches whoever brought the ticket."""
    commits = Commits()
    commits.released.set()
    commits.broken = OSError("no space")
    with pytest.raises(OSError, match="no space"):
        Crew(commits).serve(_ticket())
