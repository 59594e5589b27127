"""Invite an edge: hand a branch or a partner what it needs to compute planned features and to seal them to us.

Both keys are of one plan, derived from the institution's own (HMAC-SHA256 as a PRF), so that nothing new is kept: the
private half never leaves, and the matching key opens nothing here. Each invitation is recorded; it holds a secret and
goes to its edge by a way that is as safe as a password's.
"""

from __future__ import annotations

from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.edge.features import FEATURES
from shouxin.edge.invitation import EDGE_FORMAT, EdgeInvitation
from shouxin.errors import Invalid
from shouxin.keys.sealed_to import OpeningKey
from shouxin.operations.acting import begin
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.workspace import Workspace
from shouxin.policy.plan_transitions import PlanEvent, follow
from shouxin.vault.records import Records

__all__ = ["edge_key", "invite_edge"]

_OPENING: Final = b"shouxin/edge/opening\0"
_MATCHING: Final = b"shouxin/edge/matching\0"


def edge_key(workspace: Workspace, plan: str) -> OpeningKey:
    """Return the key that opens what edges sealed under ``plan``; it outlives epochs, as the key it is derived from."""
    seed = workspace.custody.suite.prf(workspace.custody.service("source.secrets"), _OPENING + plan.encode())
    return OpeningKey(seed)


def invite_edge(workspace: Workspace, token: Token, code: str) -> EdgeInvitation:
    """Return the invitation to work under an approved plan; its event is durable on return.

    Raises:
        Refused: the caller may not. NotFound: there is no such plan. NotInThisState: it may not run.
        Invalid: no feature of an address book is planned, or more than one field says who agreed.
    """

    def work(records: Records) -> EdgeInvitation:
        act = begin(workspace, records, token)
        act.need("collector", "dpo", "operator")
        _, plan = plan_in(workspace, records, code)
        follow(plan.state, PlanEvent.RUN)
        file = plan.file()
        if not FEATURES & set(file.items):
            raise Invalid("this plan has no feature of an address book", "items")
        if len(said := sorted(set(file.agreed.values()))) > 1:
            raise Invalid("at an edge one field says who agreed", "agreed")
        records.record(
            act.event(
                EventKind.EDGE_INVITED, plan=code, source=file.source, items=len(file.items), declared=plan.digest()
            )
        )
        prf = workspace.custody.service("index.prf")
        return EdgeInvitation(
            EDGE_FORMAT,
            workspace.institution.origin,
            code,
            tuple(file.items),
            edge_key(workspace, code).public,
            workspace.custody.suite.prf(prf, _MATCHING + code.encode()),
            said[0] if said else "",
        )

    return workspace.data.transact(work).value
