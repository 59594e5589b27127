"""Erase: destroy the key, everywhere, then remove what it opened, then read it back (laws 2 and 4).

Decide what may go; record the intent with the whole plan; act; record the outcome. Acting has an order: the journal
of destructions first (so that no backup brings anybody back), then the keyring row, which is the point of no return,
then tags and objects, then rows; and only after a read-back that could have failed is anything called erased.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import EventKind, Fact
from shouxin.domain.identifiers import CellId, EventId, ObjectId, OperationId, SubjectId, new
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.cards import current_engine
from shouxin.operations.erasure_plan import ErasureJob, check_purposes, erased_in, intend_within
from shouxin.operations.pause import check_not_paused, paused
from shouxin.operations.rekeying import Barred, rekey
from shouxin.operations.scope import Asked, parts_of
from shouxin.operations.subjects import resolve_subject, set_subject
from shouxin.operations.suppression import barred_by, tags_of
from shouxin.operations.tiers import none_on_the_way, remove_everywhere, stands_anywhere, step_tier, tier_of
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import (
    NOT_IN_SCOPE,
    Erasure,
    ErasureEvent,
    ErasureState,
    Outcome,
    Part,
    follow,
)
from shouxin.vault.lifecycle import SubjectEvent
from shouxin.vault.records import Records, Subject, SubjectState
from shouxin.vault.tier import TierEvent, TierState

__all__ = [
    "carry_out",
    "erase",
    "erase_many",
    "preview",
    "resume_erasures",
]

ERASERS: Final = ("dpo", "rights_desk")


def preview(
    workspace: Workspace, token: Token, subject: SubjectId, purposes: Collection[str] | None = None
) -> list[Part]:
    """Return what an erasure would do; nothing changes."""

    def work(records: Records) -> list[Part]:
        act = begin(workspace, records, token)
        act.need(*ERASERS)
        check_purposes(records, purposes)
        if resolve_subject(workspace, records, subject)[1].state is SubjectState.ERASED:
            raise NotFound("there is nothing under this identifier any more")
        return parts_of(workspace, records, act, subject, _asked(purposes))

    return workspace.data.read(work)


def erase(
    workspace: Workspace, token: Token, subject: SubjectId, purposes: Collection[str] | None = None
) -> tuple[OperationId, Erasure]:
    """Erase what is kept of one person (of some purposes); see ``erase_many``."""
    return erase_many(workspace, token, [subject], purposes)[0]


def erase_many(
    workspace: Workspace, token: Token, subjects: Sequence[SubjectId], purposes: Collection[str] | None = None
) -> list[tuple[OperationId, Erasure]]:
    """Erase what is kept of several people in one go, each an operation of its own; on return each is ``live``.

    Durable and read back on return. Killed at any point, ``resume_erasures`` (or erasing again) finishes it.

    Raises:
        NotFound: one of them is unknown or erased; nothing was done.
        Refused, NotSignedIn: the caller may not. Tampered: the read-back found what should be gone.
    """

    def intend(records: Records) -> list[ErasureJob]:
        begin(workspace, records, token).need(*ERASERS)
        check_not_paused(workspace, records)
        _check_no_order_is_needed(workspace, records)
        check_purposes(records, purposes)
        return intend_within(workspace, records, token, subjects, _asked(purposes))

    jobs = workspace.data.transact(intend).value
    return [(OperationId(job.row.identifier), job.erasure) for job in carry_out(workspace, token, jobs)]


def _check_no_order_is_needed(workspace: Workspace, records: Records) -> None:
    """Refuse to erase at a word where the institution has adopted who must agree to a deletion."""
    engine = current_engine(workspace, records, "", workspace.now(records))
    if any(card.deletion is not None for every in engine.versions.values() for card in every):
        rules = [("maker-checker", "PIPL 51(1)(4)")]
        raise Refused("deleting goes by an order that others agree to: shouxin deletion draft", rules)


def _asked(purposes: Collection[str] | None) -> Asked:
    return Asked(None if purposes is None else frozenset(purposes))


def resume_erasures(workspace: Workspace, token: Token) -> list[tuple[OperationId, Erasure]]:
    """Finish every erasure that a crash left between intent and outcome."""

    def work(records: Records) -> list[ErasureJob]:
        begin(workspace, records, token).need(*ERASERS)
        rows = records.authority.find(AuthorityKind.ERASURE)
        jobs = [ErasureJob(row, workspace.notary.read(row, Erasure)) for row in rows]
        begun = [job for job in jobs if job.erasure.state in {ErasureState.PLANNED, ErasureState.REMOVED}]
        return [job for job in begun if _is_on_its_way(workspace, records, job.erasure)]

    jobs = workspace.data.read(work)
    done = carry_out(workspace, token, jobs)
    return [(OperationId(job.row.identifier), job.erasure) for job in done if job.erasure.live is not None]


def _is_on_its_way(workspace: Workspace, records: Records, erasure: Erasure) -> bool:
    """Say whether a person is still being erased by this plan, and not by an old row that was put back."""
    chain = workspace.custody.keyring.get([erasure.subject]).get(erasure.subject)
    state = resolve_subject(workspace, records, erasure.subject)[1].state
    ours = chain is not None and chain.generation in {erasure.generation, erasure.generation + 1}
    return ours and state is SubjectState.ERASING


def _check_on_their_way(workspace: Workspace, jobs: Sequence[ErasureJob], records: Records) -> None:
    """Raise ``Tampered`` before any key goes for a plan that is over: it would take what came since."""
    if not all(_is_on_its_way(workspace, records, job.erasure) for job in jobs):
        raise Tampered("the plan of an erasure that is over was put back; nothing was destroyed")


def carry_out(workspace: Workspace, token: Token, jobs: Sequence[ErasureJob]) -> list[ErasureJob]:
    """Take every job from where it stands to ``live``; durable and read back on return.

    While all deletion is paused they stay where they are, planned: ``resume_erasures`` takes them on.
    """
    stopped: bool = bool(jobs) and workspace.data.read(partial(paused, workspace))
    if stopped:
        return list(jobs)
    workspace.data.read(partial(_check_on_their_way, workspace, jobs))
    with none_on_the_way(workspace, [ObjectId(one) for job in jobs for one in erased_in(job.erasure, "object")]):
        if jobs:  # also those whose rows are removed already: a read-back that failed is answered by removing again
            with workspace.custody.keyring.at_work():
                jobs = _destroy_keys(workspace, jobs)
                _remove_beside(workspace, jobs)
        removed = _in_one(workspace, token, jobs, _remove_rows)
        for job in removed:
            _read_back(workspace, job.erasure)
    return _in_one(workspace, token, removed, _conclude)


def _in_one(
    workspace: Workspace,
    token: Token,
    jobs: Sequence[ErasureJob],
    step: Callable[[Workspace, Records, Act, ErasureJob], ErasureJob],
) -> list[ErasureJob]:
    """Take one step of all jobs in one transaction, each under its own operation."""

    def work(records: Records) -> list[ErasureJob]:
        return [
            step(workspace, records, begin(workspace, records, token, OperationId(job.row.identifier)), job)
            for job in jobs
        ]

    return workspace.data.transact(work).value if jobs else []


def _destroy_keys(workspace: Workspace, jobs: Sequence[ErasureJob]) -> list[ErasureJob]:
    """Destroy the keys of all jobs at once: from here on nothing brings the erased parts back.

    Returns the jobs with the epoch in which that was: only a later one makes old copies useless.
    """
    keep = {job.erasure.subject: job.erasure.kept() for job in jobs}
    gone = {one for job in jobs for one in erased_in(job.erasure, "edge", "named-edge")}
    rekey(workspace, keep, gone=gone, barred=workspace.data.read(lambda records: _barred(workspace, records, jobs)))
    epoch = workspace.custody.refresh()
    return [ErasureJob(job.row, replace(job.erasure, epoch=epoch)) for job in jobs]


def _barred(workspace: Workspace, records: Records, jobs: Sequence[ErasureJob]) -> dict[SubjectId, Barred]:
    """Return, for each person who is erased whole, the tags that keep them out; asked while their cells still open."""
    return {
        job.erasure.subject: barred_by(
            workspace, records, tags_of(workspace, records, job.erasure.subject, erased_in(job.erasure, "cell"))
        )
        for job in jobs
        if job.erasure.scope == "whole" and records.authority.page(AuthorityKind.SUPPRESSION, b"", 1)
    }


def _remove_beside(workspace: Workspace, jobs: Sequence[ErasureJob]) -> None:
    """Remove what lies outside the data store: tags and objects."""
    cells = [CellId(one) for job in jobs for one in erased_in(job.erasure, "cell")]
    workspace.index.remove(cells)
    for job in jobs:
        for one in erased_in(job.erasure, "object"):
            remove_everywhere(workspace, ObjectId(one))


def _remove_rows(workspace: Workspace, records: Records, act: Act, job: ErasureJob) -> ErasureJob:
    """Remove rows of the data store, and record that they are removed."""
    erasure = job.erasure
    cells = records.cells.remove_cells([CellId(one) for one in erased_in(erasure, "cell", "edge", "named-edge")])
    _end_tiers(workspace, records, act, erasure)
    objects = records.cells.remove_objects([ObjectId(one) for one in erased_in(erasure, "object")])
    if erasure.state is not ErasureState.PLANNED:
        if cells or objects:  # they stood in spite of a recorded removal: say so again
            _note_again(workspace, records, act, job, cells, objects)
        return job
    return _note(
        workspace,
        records,
        act,
        job,
        ErasureEvent.REMOVE,
        EventKind.ERASURE_REMOVED,
        {"cells": cells, "objects": objects},
    )


def _end_tiers(workspace: Workspace, records: Records, act: Act, erasure: Erasure) -> None:
    """Say of every object that was ever moved between stores that it is erased: no move of it goes on."""
    for one in erased_in(erasure, "object"):
        tier = tier_of(workspace, records, ObjectId(one))
        row = None if tier is None else records.cells.object_of(ObjectId(one))
        if tier is not None and row is not None and tier.state is not TierState.ERASED:
            step_tier(workspace, records, act, row, TierEvent.ERASE)


def _read_back(workspace: Workspace, erasure: Erasure) -> None:
    """Look for everything that should be gone, through the doors by which it could come back.

    Raises:
        Tampered: something is still there; the erasure is not done and says so by staying where it is.
    """
    cells = [CellId(one) for one in erased_in(erasure, "cell")]
    gone = set(erased_in(erasure, "cell", "edge", "object"))
    chain = workspace.custody.keyring.get([erasure.subject]).get(erasure.subject)
    if chain is not None:
        opened = workspace.custody.open(chain)
        if any(opened.holds(one) for one in gone):
            raise Tampered("read-back: a key that should be destroyed is still in the keyring")
    if any(workspace.index.rows_of(epoch, cells) for epoch in workspace.index.generations()):
        raise Tampered("read-back: the index still has a tag of an erased value")
    if any(stands_anywhere(workspace, ObjectId(one)) for one in erased_in(erasure, "object")):
        raise Tampered("read-back: an erased object is still in the object store or in the archive")

    def rows(records: Records) -> int:
        left = [
            row.cell for row in (*records.cells.cells_of([erasure.subject]), *records.cells.edges_to(erasure.subject))
        ]
        held = [row.object_id for row in records.cells.objects_of([erasure.subject])]
        named = set(erased_in(erasure, "cell", "edge", "named-edge", "object"))
        return len(named.intersection((*left, *held)))

    if workspace.data.read(rows):
        raise Tampered("read-back: a row that should be removed is still in the data store")


def _conclude(workspace: Workspace, records: Records, act: Act, job: ErasureJob) -> ErasureJob:
    """Record the outcome, and where the person now stands."""
    erasure = replace(job.erasure, live=act.now)
    before = records.authority.get(AuthorityKind.SUBJECT, erasure.subject)
    if before is None:
        raise Tampered("the row of a person under erasure is missing")
    kept = {"cell", "edge", "named-edge", "object"}
    whole = not any(part.kind in kept for part in erasure.having(Outcome.RETAINED))
    event = SubjectEvent.ERASE_WHOLE if whole else SubjectEvent.ERASE_PART
    standing = workspace.notary.read(before, Subject)
    if erasure.scope == "part" and not whole and not erasure.was_frozen:
        event = SubjectEvent.ERASE_ASKED if standing.merged_into is None else SubjectEvent.REJOIN
    kept_by_law = [part for part in erasure.having(Outcome.RETAINED) if part.rule != NOT_IN_SCOPE]
    kept_only = tuple(dict.fromkeys((*standing.kept_only, *(part.identifier for part in kept_by_law))))
    standing = replace(standing, kept_only=kept_only)
    set_subject(workspace, records, before, standing, event, act, merged_into=standing.merged_into)
    return _note(
        workspace,
        records,
        act,
        ErasureJob(job.row, erasure),
        ErasureEvent.READ_BACK,
        EventKind.ERASURE_DONE,
        {
            "outcome": erasure.outcome,
            "erased": len(erasure.having(Outcome.ERASED)),
            "retained": len(erasure.having(Outcome.RETAINED)),
            "rules": sorted({part.rule for part in erasure.having(Outcome.RETAINED)}),
            "epoch": erasure.epoch,
            "plan": erasure.digest().hex(),
        },
    )


def _note(
    workspace: Workspace,
    records: Records,
    act: Act,
    job: ErasureJob,
    step: ErasureEvent,
    kind: EventKind,
    facts: dict[str, Fact],
) -> ErasureJob:
    """Write an erasure's next state together with its event."""
    erasure = follow(job.erasure, step, records.ledger.size)
    row = workspace.notary.write(
        AuthorityKind.ERASURE, job.row.identifier, job.row.version + 1, erasure, subject=erasure.subject
    )
    records.authority.put(row)
    salt = new(EventId)
    subject = workspace.door.witness([erasure.subject], salt).members[0].hex()
    vouched = row_facts(row, job.row)
    said: dict[str, Fact] = {**facts, "row": vouched["row"], "was": vouched["was"], "subject": subject}
    records.record(act.say(kind, salt, said))
    return ErasureJob(row, erasure)


def _note_again(workspace: Workspace, records: Records, act: Act, job: ErasureJob, cells: int, objects: int) -> None:
    """Record a removal that had to be repeated; the erasure stays where it is."""
    salt = new(EventId)
    subject = workspace.door.witness([job.erasure.subject], salt).members[0].hex()
    said: dict[str, Fact] = {"cells": cells, "objects": objects, "subject": subject}
    before = records.authority.get(AuthorityKind.ERASURE, job.row.identifier)
    vouched = row_facts(job.row if before is None else before)
    said |= {"row": vouched["row"], "was": vouched["was"]}
    records.record(act.say(EventKind.ERASURE_REMOVED, salt, said))
