"""The emergency pause of all deletion: one row; while it stands, nothing is erased anywhere.

Anybody who has to do with deletions may pull it, because a wrong deletion cannot be undone and a late one can be
explained; only a data-protection officer who did not pull it lets go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import AccountId
from shouxin.errors import NotInThisState, Refused
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["DeletionPause", "check_not_paused", "pause_deletions", "pause_within", "paused", "resume_deletions"]

_ONE: Final = bytes(16)
_PULLERS: Final = ("dpo", "rights_desk", "operator", "auditor", "approver")


@dataclass(frozen=True, slots=True)
class DeletionPause:
    """Who stopped all deletion, and when; ``over`` once somebody else let go."""

    by: AccountId
    since: Instant
    over: bool = False


def _standing(workspace: Workspace, records: Records) -> tuple[AuthorityRow | None, DeletionPause | None]:
    row = records.authority.get(AuthorityKind.PAUSE, _ONE)
    said = None if row is None else workspace.notary.read(row, DeletionPause)
    return row, None if said is None or said.over else said


def paused(workspace: Workspace, records: Records) -> bool:
    """Say whether all deletion is paused now."""
    return _standing(workspace, records)[1] is not None


def check_not_paused(workspace: Workspace, records: Records) -> None:
    """Raise ``NotInThisState`` while all deletion is paused."""
    if paused(workspace, records):
        raise NotInThisState("all deletion is paused: a data-protection officer lets it go on")


def pause_deletions(workspace: Workspace, token: Token) -> None:
    """Stop all deletion: what has begun stops before its next batch. Durable on return; again is no error.

    Raises:
        Refused, NotSignedIn: the caller has nothing to do with deletions.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*_PULLERS)
        pause_within(workspace, records, act)

    workspace.data.transact(work)


def pause_within(workspace: Workspace, records: Records, act: Act) -> None:
    """Pause all deletion inside a transaction that has its own reason for it: a restore, which may have lost holds."""
    before, standing = _standing(workspace, records)
    if standing is None:
        value, version = DeletionPause(act.actor.account, act.now), 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.PAUSE, _ONE, version, value)
        records.authority.put(row)
        records.record(act.event(EventKind.DELETION_PAUSED, **row_facts(row, before)))


def resume_deletions(workspace: Workspace, token: Token) -> None:
    """Let deletions go on.

    Raises:
        NotInThisState: nothing is paused. Refused: no data-protection officer, or the one who paused.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo")
        before, standing = _standing(workspace, records)
        if before is None or standing is None:
            raise NotInThisState("no deletion is paused")
        if standing.by == act.actor.account:
            raise Refused("somebody else looks before deletions go on", [("maker-checker", "PIPL 51(1)(4)")])
        row = workspace.notary.write(AuthorityKind.PAUSE, _ONE, before.version + 1, replace(standing, over=True))
        records.authority.put(row)
        records.record(act.event(EventKind.DELETION_RESUMED, role="dpo", **row_facts(row, before)))

    workspace.data.transact(work)
