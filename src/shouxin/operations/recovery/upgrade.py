"""Record that a workspace was brought to the schema of this program. ``bootstrap.upgrade_workspace`` did it."""

from __future__ import annotations

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.operations.acting import begin
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["record_upgrade"]


def record_upgrade(workspace: Workspace, token: Token, was: int, schema: int) -> None:
    """Record by whom stores of schema ``was`` were brought to ``schema``; the event is durable and signed on return.

    The verifier that ships with this program is published in place of the older one.

    Raises:
        Refused, NotSignedIn: the caller is no operator; nothing was recorded (``bootstrap.take_back_upgrade``).
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        role = act.need("operator")
        records.record(act.event(EventKind.WORKSPACE_UPGRADED, role=role, was_schema=was, schema=schema))

    workspace.data.transact(work, covered=True)
    workspace.publication.put_verifier()
