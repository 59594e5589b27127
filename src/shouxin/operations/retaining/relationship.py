"""The business relationship with a person: its end starts the clocks of the law (反洗钱法 34(3))."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.acting import begin
from shouxin.operations.subjects import change_subject, resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["end_relationship"]


def end_relationship(workspace: Workspace, token: Token, subject: SubjectId, on: date) -> None:
    """Record that the relationship with ``subject`` ended ``on`` a day that is not in the future; durable on return.

    From here on floors that count from the end of the relationship have a date, and let go when it has come.

    Raises:
        NotFound: no such person. NotInThisState: they never became a customer, or the relationship has ended.
        Invalid: the day lies in the future or before the beginning. Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("credit_officer", "dpo")
        row, value = resolve_subject(workspace, records, subject)
        relationship = value.relationship
        if relationship is None or relationship.ended is not None:
            raise NotInThisState("there is no relationship with this person that could end")
        if not relationship.began <= on <= local_date(act.now):
            raise Invalid("a relationship ends after it began, and not in the future", "on")
        ended = replace(value, relationship=replace(relationship, ended=on))
        change_subject(workspace, records, act, row, ended, "relationship-ended")

    workspace.data.transact(work)
