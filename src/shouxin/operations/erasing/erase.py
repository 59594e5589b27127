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
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event import Fact
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, EventId, ObjectId, OperationId, SubjectId, new
from shouxin.domain.undisturbed import undisturbed
from shouxin.errors import NotFound, Tampered
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.adopting.cards import check_purposes
from shouxin.operations.authentic import Authenticator
from shouxin.operations.erasing.erasure_plan import (
    Behind,
    ErasureJob,
    check_no_order_is_needed,
    erased_in,
    intend_within,
    kept_out_of,
    objects_seen,
    tagged_by,
)
from shouxin.operations.erasing.read_back import read_back, read_back_statements
from shouxin.operations.erasing.suppression import barred_by, tags_of
from shouxin.operations.index_age import check_index, note_index
from shouxin.operations.pause import check_not_paused, paused
from shouxin.operations.rekeying import Barred, rekey
from shouxin.operations.retaining.scope import Asked, parts_of
from shouxin.operations.subjects import resolve_subject, said_of, set_subject
from shouxin.operations.tiers import none_on_the_way, remove_everywhere, step_tier, tiers_of
from shouxin.operations.workspace import Workspace
from shouxin.vault.door import Commitments
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
from shouxin.vault.records import CellRow, ObjectRow, Records, Subject, SubjectState
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


@undisturbed()
def erase_many(
    workspace: Workspace, token: Token, subjects: Sequence[SubjectId], purposes: Collection[str] | None = None
) -> list[tuple[OperationId, Erasure]]:
    """Erase what is kept of several people in one go, each an operation of its own; on return each is ``live``.

    Durable and read back on return. Killed at any point, ``resume_erasures`` (or erasing again) finishes it.

    Raises:
        NotFound: one of them is unknown or erased; nothing was done.
        Refused, NotSignedIn: the caller may not. Tampered: the read-back found what should be gone.
    """

    def look(records: Records) -> frozenset[ObjectRow]:
        begin(workspace, records, token).need(*ERASERS)
        return objects_seen(workspace, records, subjects)

    behind = Behind(seen=workspace.data.read(look))

    def intend(records: Records) -> list[ErasureJob]:
        begin(workspace, records, token).need(*ERASERS)
        check_index(workspace, records)
        check_not_paused(workspace, records)
        check_no_order_is_needed(workspace, records)
        check_purposes(records, purposes)
        return intend_within(workspace, records, token, subjects, _asked(purposes), behind)

    jobs = workspace.data.transact(intend).value
    return [(OperationId(job.row.identifier), job.erasure) for job in carry_out(workspace, token, jobs)]


def _asked(purposes: Collection[str] | None) -> Asked:
    return Asked(None if purposes is None else frozenset(purposes))


def resume_erasures(workspace: Workspace, token: Token) -> list[tuple[OperationId, Erasure]]:
    """Finish every erasure that a crash left between intent and outcome."""

    def work(records: Records) -> list[ErasureJob]:
        begin(workspace, records, token).need(*ERASERS)
        rows = records.authority.find(AuthorityKind.ERASURE)
        jobs = [ErasureJob(row, workspace.notary.read(row, Erasure)) for row in rows]
        begun = [job for job in jobs if job.erasure.state in {ErasureState.PLANNED, ErasureState.REMOVED}]
        return _on_their_way(workspace, records, begun)

    jobs = workspace.data.read(work)
    done = carry_out(workspace, token, jobs)
    return [(OperationId(job.row.identifier), job.erasure) for job in done if job.erasure.live is not None]


def _on_their_way(workspace: Workspace, records: Records, jobs: Sequence[ErasureJob]) -> list[ErasureJob]:
    """Return the jobs whose people are still being erased by this plan, and not by an old row that was put back."""
    people = [job.erasure.subject for job in jobs]
    chains, rows = workspace.custody.keyring.get(people), records.authority.among(AuthorityKind.SUBJECT, people)
    found: list[ErasureJob] = []
    for job, one in zip(jobs, people, strict=True):
        chain, state = chains.get(one), said_of(workspace, rows.get(one), one).state
        ours = chain is not None and chain.generation in {job.erasure.generation, job.erasure.generation + 1}
        if ours and state is SubjectState.ERASING:
            found.append(job)
    return found


def _check_on_their_way(workspace: Workspace, jobs: Sequence[ErasureJob], records: Records) -> None:
    """Raise ``Tampered`` before any key goes for a plan that is over: it would take what came since."""
    if len(_on_their_way(workspace, records, jobs)) != len(jobs):
        raise Tampered("the plan of an erasure that is over was put back; nothing was destroyed")


@undisturbed()
def carry_out(workspace: Workspace, token: Token, jobs: Sequence[ErasureJob]) -> list[ErasureJob]:
    """Take every job from where it stands to ``live``; durable and read back on return.

    While all deletion is paused they stay where they are, planned: ``resume_erasures`` takes them on.
    """
    workspace.data.read(partial(check_index, workspace))
    stopped: bool = bool(jobs) and workspace.data.read(partial(paused, workspace))
    if stopped:
        return list(jobs)
    workspace.data.read(partial(_check_on_their_way, workspace, jobs))
    with none_on_the_way(workspace, [ObjectId(one) for job in jobs for one in erased_in(job.erasure, "object")]):
        if jobs:  # also those whose rows are removed already: a read-back that failed is answered by removing again
            with workspace.custody.keyring.at_work():
                jobs = _destroy_keys(workspace, jobs)
                _remove_beside(workspace, jobs)
        people = workspace.door.commitments([job.erasure.subject for job in jobs])
        removed = _in_one(workspace, token, jobs, partial(_remove_rows, people))
        read_back(workspace, [job.erasure for job in removed])
    return _in_one(workspace, token, removed, partial(_conclude, people))


def _in_one(
    workspace: Workspace,
    token: Token,
    jobs: Sequence[ErasureJob],
    step: Callable[[Workspace, Records, Act, Sequence[ErasureJob]], list[ErasureJob]],
) -> list[ErasureJob]:
    """Take one step of all jobs in one transaction."""
    if not jobs:
        return []
    return workspace.data.transact(
        lambda records: step(workspace, records, begin(workspace, records, token), jobs)
    ).value


def _destroy_keys(workspace: Workspace, jobs: Sequence[ErasureJob]) -> list[ErasureJob]:
    """Destroy the keys of all jobs at once: from here on nothing brings the erased parts back.

    Returns the jobs with the epoch in which that was: only a later one makes old copies useless.
    """
    keep = {job.erasure.subject: job.erasure.kept() for job in jobs}
    gone = {one for job in jobs for one in erased_in(job.erasure, "edge", "named-edge")}
    rekey(workspace, keep, gone=gone, barred=workspace.data.read(lambda records: _barred(workspace, records, jobs)))
    read_back_statements(workspace, [job.erasure for job in jobs])
    epoch = workspace.custody.refresh()
    return [ErasureJob(job.row, replace(job.erasure, epoch=epoch)) for job in jobs]


def _barred(workspace: Workspace, records: Records, jobs: Sequence[ErasureJob]) -> dict[SubjectId, Barred]:
    """Return, for each person, the tags that keep them out (of a part); asked while their cells still open.

    Raises:
        Tampered: the plan says that somebody is kept out, and a tag is missing.
    """
    going = {job.erasure.subject: job.erasure for job in jobs}
    if not any(one.barred_by for one in going.values()) and not records.authority.page(
        AuthorityKind.SUPPRESSION, b"", 1
    ):
        return {}
    rows: dict[SubjectId, list[CellRow]] = {one: [] for one in going}
    for row in records.cells.cells_of(list(going)):
        rows[row.subject].append(row)
    chains = Authenticator(workspace, workspace.custody.keyring.get(list(going)))
    found: dict[SubjectId, Barred] = {}
    for one, erasure in going.items():
        places = kept_out_of(erasure.parts, whole=erasure.scope == "whole", ordered=bool(erasure.order))
        tags = tags_of(chains, rows[one], set(tagged_by(erasure.parts, places)))
        found[one] = barred_by(workspace, records, tags, places)
        if erasure.barred_by and len(found[one]) < len(set(tags)) * len(places):
            raise Tampered("a tag that should keep an erased person out is not set; no key was destroyed")
    return found


def _remove_beside(workspace: Workspace, jobs: Sequence[ErasureJob]) -> None:
    """Remove what lies outside the data store: tags and objects."""
    cells = [CellId(one) for job in jobs for one in erased_in(job.erasure, "cell")]
    workspace.index.remove(cells)
    remove_everywhere(workspace, [ObjectId(one) for job in jobs for one in erased_in(job.erasure, "object")])


def _remove_rows(
    people: Commitments, workspace: Workspace, records: Records, act: Act, jobs: Sequence[ErasureJob]
) -> list[ErasureJob]:
    """Remove rows of the data store, and record of each erasure how many rows of it were removed."""
    cells = {CellId(one) for job in jobs for one in erased_in(job.erasure, "cell", "edge", "named-edge")}
    objects = {ObjectId(one) for job in jobs for one in erased_in(job.erasure, "object")}
    stood: set[bytes] = {*records.cells.standing(list(cells)), *records.cells.objects_among(list(objects))}
    again = [job.erasure for job in jobs if job.erasure.state is not ErasureState.PLANNED]
    left = (ObjectId(one) for erasure in again for one in erased_in(erasure, "object"))
    stood.update(one for one in left if records.cells.depicted_in(one))  # its row went, what stands beside it did not
    _end_tiers(workspace, records, act, jobs)
    records.cells.remove_cells(list(cells))
    records.cells.remove_objects(list(objects))
    done: list[ErasureJob] = []
    with records.authority.together():
        for job in jobs:
            own = act.under(OperationId(job.row.identifier))
            gone = stood.intersection(erased_in(job.erasure, "cell", "edge", "named-edge", "object"))
            counted = len(gone & cells), len(gone & objects)
            stood -= gone  # what two erasures name is counted once
            if job.erasure.state is ErasureState.PLANNED:
                facts: dict[str, Fact] = {"cells": counted[0], "objects": counted[1]}
                kind = EventKind.ERASURE_REMOVED
                done.append(_note(workspace, records, own, people, job, ErasureEvent.REMOVE, kind, facts))
                continue
            if gone:  # they stood in spite of a recorded removal: say so again
                _note_again(records, own, people, job, counted)
            done.append(job)
    return done


def _end_tiers(workspace: Workspace, records: Records, act: Act, jobs: Sequence[ErasureJob]) -> None:
    """Say of every object that was ever moved between stores that it is erased: no move of it goes on."""
    objects = {ObjectId(one): job for job in jobs for one in erased_in(job.erasure, "object")}
    for one, tier in tiers_of(workspace, records, list(objects)).items():
        row = records.cells.object_of(one)
        if row is not None and tier.state is not TierState.ERASED:
            own = act.under(OperationId(objects[one].row.identifier))
            step_tier(workspace, records, own, row, TierEvent.ERASE)


def _conclude(
    people: Commitments, workspace: Workspace, records: Records, act: Act, jobs: Sequence[ErasureJob]
) -> list[ErasureJob]:
    """Record every outcome, and where the people now stand."""
    standing = records.authority.among(AuthorityKind.SUBJECT, [job.erasure.subject for job in jobs])
    if any(job.erasure.subject not in standing for job in jobs):
        raise Tampered("the row of a person under erasure is missing")
    note_index(workspace, records)
    with records.authority.together():
        return [
            _conclude_one(
                workspace,
                records,
                act.under(OperationId(job.row.identifier)),
                people,
                standing[job.erasure.subject],
                ErasureJob(job.row, replace(job.erasure, live=act.now)),
            )
            for job in jobs
        ]


def _conclude_one(
    workspace: Workspace, records: Records, act: Act, people: Commitments, before: AuthorityRow, job: ErasureJob
) -> ErasureJob:
    erasure = job.erasure
    kept = {"cell", "edge", "named-edge", "object"}
    whole = not any(part.kind in kept for part in erasure.having(Outcome.RETAINED))
    event = SubjectEvent.ERASE_WHOLE if whole else SubjectEvent.ERASE_PART
    standing = workspace.notary.read(before, Subject)
    if erasure.scope == "part" and not whole and not erasure.was_frozen:
        event = SubjectEvent.ERASE_ASKED if standing.merged_into is None else SubjectEvent.REJOIN
    kept_by_law = [part for part in erasure.having(Outcome.RETAINED) if part.rule != NOT_IN_SCOPE]
    kept_only = tuple(dict.fromkeys((*standing.kept_only, *(part.identifier for part in kept_by_law))))
    standing = replace(standing, kept_only=kept_only, raised=() if whole else standing.raised)
    into = standing.merged_into
    set_subject(workspace, records, before, standing, event, act, merged_into=into, people=people)
    facts: dict[str, Fact] = {
        "outcome": erasure.outcome,
        "erased": len(erasure.having(Outcome.ERASED)),
        "retained": len(erasure.having(Outcome.RETAINED)),
        "rules": sorted({part.rule for part in erasure.having(Outcome.RETAINED)}),
        "epoch": erasure.epoch,
        "plan": erasure.digest().hex(),
    }
    return _note(workspace, records, act, people, job, ErasureEvent.READ_BACK, EventKind.ERASURE_DONE, facts)


def _note(
    workspace: Workspace,
    records: Records,
    act: Act,
    people: Commitments,
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
    vouched = row_facts(row, job.row)
    subject = people.to(erasure.subject, salt)
    said: dict[str, Fact] = {**facts, "row": vouched["row"], "was": vouched["was"], "subject": subject}
    records.record(act.say(kind, salt, said))
    return ErasureJob(row, erasure)


def _note_again(records: Records, act: Act, people: Commitments, job: ErasureJob, gone: tuple[int, int]) -> None:
    """Record a removal that had to be repeated; the erasure stays where it is."""
    salt = new(EventId)
    said: dict[str, Fact] = {"cells": gone[0], "objects": gone[1], "subject": people.to(job.erasure.subject, salt)}
    before = records.authority.get(AuthorityKind.ERASURE, job.row.identifier)
    vouched = row_facts(job.row if before is None else before)
    said |= {"row": vouched["row"], "was": vouched["was"]}
    records.record(act.say(EventKind.ERASURE_REMOVED, salt, said))
