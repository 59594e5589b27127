"""Erase a person in the lender's own databases, before their key goes: afterwards nobody knows whom to look for.

Who they are is relayed to the databases and shown to nobody. What each database answered is an event and stands on the
certificate; a database that failed keeps the person's key until it is mended or left to somebody by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant, local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, OperationId, SubjectId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.operations.acting import begin
from shouxin.operations.downstream.across import erase_everywhere, preview_everywhere, statutory_terms
from shouxin.operations.downstream.databases import StandingDatabase
from shouxin.operations.downstream.extent import Extent
from shouxin.operations.downstream.raised import forget_within
from shouxin.operations.downstream.report import Report, refused
from shouxin.operations.downstream.systems import Systems
from shouxin.operations.downstream.walk import Trail
from shouxin.operations.retaining.judging import relationship_of
from shouxin.operations.workspace import Workspace
from shouxin.protection.pseudonym import Pseudonymiser
from shouxin.vault.attestation import TableErased
from shouxin.vault.erasure import Erasure, Outcome, SystemReport
from shouxin.vault.records import Records

__all__ = ["erase_in", "not_reached", "preview_in", "record_reports"]


def erase_in(
    systems: Systems, workspace: Workspace, token: Token, subject: SubjectId, extent: Extent
) -> tuple[SystemReport, ...]:
    """Erase ``extent`` of one person in every database that it reaches, each read back; one report each.

    Durable there; safe to run again.

    Raises:
        Refused: the card lets nobody relay who a person is. NotFound: the person is unknown or erased.
    """
    days = {one.dataset.name: one.dataset.residual_days for one in systems.opened}
    told = _asked(systems, workspace, token, subject, extent, done=True)
    return tuple(_told(report, at, days.get(report.dataset)) for report, at in told)


def preview_in(
    systems: Systems, workspace: Workspace, token: Token, subject: SubjectId, extent: Extent
) -> list[Report]:
    """Return what ``erase_in`` would do; nothing changes there. Raises as ``erase_in``."""
    return [report for report, _ in _asked(systems, workspace, token, subject, extent, done=False)]


def _asked(
    systems: Systems, workspace: Workspace, token: Token, subject: SubjectId, extent: Extent, *, done: bool
) -> list[tuple[Report, Instant]]:
    """Erase, or (not ``done``) look what would be erased."""
    systems = replace(systems, opened=tuple(one for one in systems.opened if extent.reaches(one.dataset)))
    if not systems.opened:
        return []
    relationship, answered = workspace.data.read(
        lambda records: (relationship_of(workspace, records, subject), _answered_for(workspace, records, subject))
    )
    now = workspace.clock.now()
    pseudonymiser = Pseudonymiser(workspace.custody.service("index.prf"), systems.purpose)
    terms = statutory_terms(
        [one.dataset for one in systems.opened],
        workspace.pack,
        relationship,
        local_date(now),
        lambda item, value: pseudonymiser.pseudonym(item, Plaintext.of(value)),
        extent,
    )

    def work(trail: Trail) -> list[Report]:
        if trail.identities:
            across = erase_everywhere if done else preview_everywhere
            return across(systems.opened, trail, terms)
        to_do = "look for them by hand, then leave the database to an officer"
        lost = refused("", 0, "nothing is known by which to look for this person", to_do)
        asked = [one.dataset for one in systems.opened if one.dataset.name not in answered]
        return [Report(one.name, one.digest, (lost,)) for one in asked]

    return [(report, now) for report in systems.tell(workspace, token, subject, work)]


def _answered_for(workspace: Workspace, records: Records, subject: SubjectId) -> set[str]:
    """Return the databases in which a person was erased whole before, as they answered then.

    Where that took with it what they were known by, what a law or a hold kept here is nothing to ask them about again.
    """
    erasures = workspace.notary.read_all(records.authority.about(AuthorityKind.ERASURE, [subject]), Erasure)
    told = (report for one in erasures if one.scope == "whole" and one.live is not None for report in one.systems)
    return {one.system for one in told if one.outcome is not Outcome.FAILED}


def not_reached(workspace: Workspace, standing: Collection[StandingDatabase]) -> tuple[SystemReport, ...]:
    """Return the report of databases that nobody asked: they failed, and say so on record as any other answer does."""
    at = workspace.clock.now()
    return tuple(
        SystemReport(one.name, one.dataset().digest, Outcome.FAILED, 0, 0, 1, (), None, at) for one in standing
    )


def record_reports(
    workspace: Workspace,
    records: Records,
    token: Token,
    subject: SubjectId,
    reports: Collection[SystemReport],
    operation: OperationId,
) -> tuple[SystemReport, ...]:
    """Record what every database answered, in the transaction that plans the erasure or notes that it failed.

    ``operation`` is that of the erasure: an answer to one is no answer to another.
    """
    act = begin(workspace, records, token, operation)
    done: list[SystemReport] = []
    if any(one.retained for one in reports):
        forget_within(workspace, records, act, subject)
    for one in reports:
        salt = new(EventId)
        leaf = records.record(
            act.event(
                EventKind.DATABASE_ERASED,
                salt,
                subject=workspace.door.witness([subject], salt).members[0].hex(),
                dataset=one.system,
                description=one.description,
                outcome=one.outcome,
                erased=one.erased,
                retained=one.retained,
                failed=one.failed,
                rules=list(one.rules),
            )
        )
        done.append(replace(one, leaf=leaf))
    return tuple(done)


def _told(report: Report, at: Instant, residual_days: int | None) -> SystemReport:
    """Return a report as the erasure keeps it."""
    rows: Counter[object] = Counter()
    for part in report.parts:
        rows[part.outcome] += part.rows or (1 if part.outcome is Outcome.FAILED else 0)
    kept = report.having(Outcome.RETAINED)
    return SystemReport(
        report.dataset,
        report.digest,
        Outcome(report.outcome),
        rows[Outcome.ERASED],
        rows[Outcome.RETAINED],
        rows[Outcome.FAILED],
        tuple(sorted({part.rule for part in kept if part.rule})),
        max((part.until for part in kept if part.until is not None), default=None),
        at,
        tuple(
            TableErased(
                part.table,
                part.outcome.value,
                report.before.get(part.table, 0),
                report.after.get(part.table, 0),
                part.article,
                part.until,
                part.frozen,
            )
            for part in report.parts
            if part.table and part.rows
        ),
        dialect=report.dialect,
        residual_days=residual_days,
    )
