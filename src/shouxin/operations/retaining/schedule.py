"""The schedule: what must be gone by when, what a law keeps, and what no clock decides (PIPL 19, 47(1)).

Names, not values: the schedule opens nothing. It reads in pages, so that a million people need no more memory than a
thousand, and each page is one snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import DAY, Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.ledger.entry import decode
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.retaining.elsewhere import kept_in_databases
from shouxin.operations.retaining.holds import list_holds
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.retaining.standing import WATCHING
from shouxin.operations.workspace import Workspace
from shouxin.retention.hold import Hold
from shouxin.retention.outlook import Outlook, State
from shouxin.vault.cell import item_codes
from shouxin.vault.records import CellRow, Records, Subject, SubjectState

__all__ = ["NextReview", "Review", "Scheduled", "next_review", "record_review", "schedule"]

_PAGE: Final = 500
_STRETCH: Final = 10_000
_REVIEWED: Final = f'"event":"{EventKind.RETENTION_REVIEWED.value}"'.encode()
_GONE: Final = frozenset({SubjectState.ERASED, SubjectState.ERASING})


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One cell, statement or object of a person, and what becomes of it; ``kind`` as in an erasure's parts."""

    subject: SubjectId
    kind: str
    purpose: str
    term: str
    items: tuple[str, ...]
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Review:
    """What a periodic review saw: how many parts stand where, and how many holds are due to be looked at.

    What a law keeps in the lender's own databases of people who are erased here counts by the table.
    """

    undated: int
    kept: int
    due: int
    holds: int


@dataclass(frozen=True, slots=True)
class NextReview:
    """When somebody looks again: ``on`` a day, ``due`` once it has come; ``last`` is when somebody did, lately."""

    due: bool
    on: date
    last: Instant | None


def schedule(workspace: Workspace, token: Token, today: date | None = None) -> Iterator[Scheduled]:
    """Yield everything that is kept with its outlook of ``today`` (or of a day to come), person by person.

    Raises:
        Refused, NotSignedIn: the caller may not. Tampered: a row is not what was written.
    """
    page, after = workspace.data.read(partial(_page, workspace, token, SubjectId(b""), today))
    yield from page
    while after:
        page, after = workspace.data.read(partial(_page, workspace, token, after, today))
        yield from page


def _page(
    workspace: Workspace, token: Token, after: SubjectId, day: date | None, records: Records
) -> tuple[list[Scheduled], SubjectId]:
    """Return the schedule of the next people, and behind whom to go on; empty when there is nobody left."""
    act = begin(workspace, records, token)
    act.need(*WATCHING)
    engine = current_engine(workspace, records, "", act.now)
    judge = Judge(workspace, records, engine, day or local_date(act.now))
    rows = records.authority.page(AuthorityKind.SUBJECT, after, _PAGE)
    people = [one.subject for one in workspace.notary.read_all(rows, Subject) if one.state not in _GONE]
    found = [_scheduled(judge, row) for row in records.cells.cells_of(people)] if people else []
    for held in records.cells.objects_of(people) if people else ():
        outlook = judge.outlook(held)
        found.append(Scheduled(held.subject, "object", held.purpose, held.term, (held.item,), outlook))
    found.sort(key=lambda one: one.subject)
    return found, SubjectId(rows[-1].identifier if len(rows) == _PAGE else b"")


def _scheduled(judge: Judge, row: CellRow) -> Scheduled:
    kind = "cell" if row.other is None else "edge"
    return Scheduled(row.subject, kind, row.purpose, row.term, tuple(item_codes(row.sealed)), judge.outlook(row))


def record_review(workspace: Workspace, token: Token) -> Review:
    """Count what stands where and record that somebody looked; durable on return.

    Raises:
        Refused, NotSignedIn: only a data-protection officer reviews.
    """
    workspace.data.read(lambda records: begin(workspace, records, token).need("dpo"))
    counts = Counter(one.outlook.state for one in schedule(workspace, token))
    today = local_date(workspace.clock.now())
    counts.update(one.state(today) for one in kept_in_databases(workspace, token))
    holds = sum(one.overdue for one in list_holds(workspace, token))
    review = Review(counts[State.UNDATED], counts[State.KEPT], counts[State.DUE], holds)

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo")
        records.record(
            act.event(
                EventKind.RETENTION_REVIEWED,
                role="dpo",
                undated=review.undated,
                kept=review.kept,
                due=review.due,
                holds=review.holds,
            )
        )

    workspace.data.transact(work)
    return review


def next_review(workspace: Workspace) -> NextReview:
    """Say when the next review is due: ``review_days`` of the settings after the last, or on the day of a hold.

    A hold whose day had come was looked at with the last review. Needs no sign-in: it shows dates. The log is read
    backwards, no further than those days.

    Raises:
        Tampered: a hold's row is not what was written.
    """

    def work(records: Records) -> NextReview:
        now = workspace.now(records)
        last = _last_review(records, Instant(now - (workspace.review_days + 1) * DAY))
        if last is None:
            return NextReview(due=True, on=local_date(now), last=None)
        holds = workspace.notary.read_all(records.authority.find(AuthorityKind.HOLD), Hold)
        days = (one.review_on for one in holds if one.lifted is None and one.review_on > local_date(last))
        on = min((local_date(last) + timedelta(days=workspace.review_days), *days))
        return NextReview(due=on <= local_date(now), on=on, last=last)

    return workspace.data.read(work)


def _last_review(records: Records, since: Instant) -> Instant | None:
    """Return when somebody last reviewed, if that was after ``since``."""
    end = records.ledger.size
    while end:
        start = max(0, end - _STRETCH)
        stretch = [body for _, body in records.ledger.entries(start, end)]
        for body in reversed(stretch):
            if _REVIEWED in body and (event := decode(body)).kind is EventKind.RETENTION_REVIEWED:
                return event.at if event.at > since else None
        if decode(stretch[0]).at <= since:
            return None
        end = start
    return None
