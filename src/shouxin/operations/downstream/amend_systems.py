"""Correct and freeze a person in the lender's own databases, as in the vault (PIPL 46, 47(2)).

Correct here before the vault forgets the wrong value: it may be what finds the person there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from shouxin.actors.account import Token
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.downstream.across import Downstream
from shouxin.operations.downstream.amend import (
    Correction,
    correct_downstream,
    flags_to_raise,
    freeze_downstream,
)
from shouxin.operations.downstream.databases import OpenDatabase, standing_databases
from shouxin.operations.downstream.raised import RaisedFlags
from shouxin.operations.downstream.report import Report, about
from shouxin.operations.downstream.rows import Database
from shouxin.operations.downstream.systems import Systems
from shouxin.operations.downstream.walk import Trail
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Outcome
from shouxin.vault.records import Records

__all__ = ["correct_in_systems", "freeze_in_systems"]

_DESKS = ("rights_desk", "dpo")
_Amend = Callable[[Database, Downstream, Trail], list[Report]]


def correct_in_systems(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    values: Mapping[ItemCode, Plaintext],
    purpose: str,
    open_database: OpenDatabase,
) -> list[Report]:
    """Set items to their right values in every registered database; each read back, each on record.

    Raises:
        Refused: the card of ``purpose`` lets nobody relay who a person is. NotFound: an unknown or erased person.
    """

    def amend(database: Database, one: Downstream, trail: Trail) -> list[Report]:
        wanted = [Correction(item, value.text()) for item, value in values.items()]
        return [correct_downstream(database, one.dataset, trail, correction) for correction in wanted]

    return _amended(workspace, token, subject, purpose, open_database, amend)


def freeze_in_systems(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    purpose: str,
    open_database: OpenDatabase,
    *,
    frozen: bool = True,
) -> list[Report]:
    """Raise the freeze flag of a person in every registered database, or lower what such a freeze has raised.

    Which rows it is about to raise is kept with the person before the first is. What a floor, or the lender's own
    programs, froze is not lowered (PIPL 47(2)). Raises as ``correct_in_systems``.
    """
    flags = RaisedFlags(workspace, token, subject)

    def amend(database: Database, one: Downstream, trail: Trail) -> list[Report]:
        if frozen:
            flags.note(one.dataset.name, flags_to_raise(database, one.dataset, trail))
        ours = flags.of(one.dataset.name)
        return [freeze_downstream(database, one.dataset, trail, frozen=frozen, ours=ours)]

    reports = _amended(workspace, token, subject, purpose, open_database, amend)
    if not frozen and not any(report.having(Outcome.FAILED) for report in reports):
        flags.forget()
    return reports


def _amended(
    workspace: Workspace, token: Token, subject: SubjectId, purpose: str, open_database: OpenDatabase, amend: _Amend
) -> list[Report]:
    def ready(records: Records) -> Systems:
        act = begin(workspace, records, token)
        act.need(*_DESKS)
        card = current_engine(workspace, records, purpose, act.now).card(purpose)
        return Systems.of(standing_databases(workspace, records), open_database, card)

    systems = workspace.data.read(ready)
    if not systems.opened:
        return []

    def work(trail: Trail) -> list[Report]:
        reports: list[Report] = []
        for one in systems.opened:
            if one.database is None:
                off = Misconfigured("the connector is switched off; switch it on, then run again")
                reports.append(Report(one.dataset.name, one.dataset.digest, (about(off),), trail=trail))
            else:
                reports += amend(one.database, one, trail)
        return reports

    reports = systems.tell(workspace, token, subject, work)
    _record(workspace, token, subject, reports)
    return reports


def _record(workspace: Workspace, token: Token, subject: SubjectId, reports: Sequence[Report]) -> None:
    """Record what each database answered."""

    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        for report in reports:
            salt = new(EventId)
            failed = report.having(Outcome.FAILED)
            records.record(
                act.event(
                    EventKind.DATABASE_AMENDED,
                    salt,
                    subject=workspace.door.witness([subject], salt).members[0].hex(),
                    dataset=report.dataset,
                    description=report.digest,
                    outcome=str(report.outcome),
                    changed=sum(part.rows for part in report.parts if part.outcome is not Outcome.FAILED),
                    failed=len(failed),
                )
            )

    workspace.data.transact(work)
