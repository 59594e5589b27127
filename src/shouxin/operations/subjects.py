"""A subject's standing: freeze and release, merge and split; each a recorded operation (PIPL 44, 47)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import EventId, SubjectId, new
from shouxin.errors import Invalid, NotFound, NotInThisState, Refused, Tampered
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.keyring_age import check_has_chain
from shouxin.operations.workspace import Workspace
from shouxin.vault.door import Commitments
from shouxin.vault.erasure import NOT_IN_SCOPE, Erasure, Outcome, Part
from shouxin.vault.lifecycle import SubjectEvent, follow
from shouxin.vault.records import Records, Subject, SubjectState

__all__ = [
    "change_subject",
    "freeze",
    "merge",
    "person_of",
    "release",
    "resolve_subject",
    "said_of",
    "set_subject",
    "split",
    "with_merged",
]


def set_subject(
    workspace: Workspace,
    records: Records,
    before: AuthorityRow,
    subject: Subject,
    event: SubjectEvent,
    act: Act,
    *,
    merged_into: SubjectId | None = None,
    rules: tuple[str, ...] = (),
    people: Commitments | None = None,
) -> AuthorityRow:
    """Write the next state of a subject and record it. ``people`` commits to them where that was prepared for many.

    Raises:
        NotInThisState: the lifecycle table has no such step; nothing changed.
    """
    value = replace(subject, state=follow(subject.state, event), since=act.now, merged_into=merged_into)
    return change_subject(workspace, records, act, before, value, event.value, rules, people)


def change_subject(
    workspace: Workspace,
    records: Records,
    act: Act,
    before: AuthorityRow,
    value: Subject,
    change: str,
    rules: tuple[str, ...] = (),
    people: Commitments | None = None,
) -> AuthorityRow:
    """Write what a subject's row says from now on, and record that it changed.

    What stood before is never believed again.
    """
    records.authority.revoke(before)
    row = workspace.notary.write(
        AuthorityKind.SUBJECT,
        before.identifier,
        before.version + 1,
        value,
        name="" if value.merged_into is None else value.merged_into.hex(),
        subject=value.subject,
    )
    records.authority.put(row)
    salt = new(EventId)
    records.record(
        act.event(
            EventKind.SUBJECT_CHANGED,
            salt,
            subject=(people or workspace.door.commitments([value.subject])).to(value.subject, salt),
            change=change,
            rules=list(rules),
            **row_facts(row, before),
        )
    )
    return row


def resolve_subject(workspace: Workspace, records: Records, subject: SubjectId) -> tuple[AuthorityRow, Subject]:
    """Return the row of ``subject`` and what it says.

    Raises:
        NotFound: no such person here.
    """
    row = records.authority.get(AuthorityKind.SUBJECT, subject)
    if row is None:
        raise NotFound("there is nothing under this identifier")
    return row, said_of(workspace, row, subject)


def said_of(workspace: Workspace, row: AuthorityRow | None, subject: SubjectId) -> Subject:
    """Return what the row of ``subject`` says.

    Raises:
        NotFound: there is none. Tampered: it is about another, or not what this institution wrote.
    """
    if row is None:
        raise NotFound("there is nothing under this identifier")
    value = workspace.notary.read(row, Subject)
    if value.subject != subject:
        raise Tampered("the row of a person says that it is about another")
    return value


def person_of(workspace: Workspace, records: Records, subject: SubjectId) -> list[Subject]:
    """Return the record of ``subject`` and, after it, those into which it was merged; the last stands for the person.

    Raises:
        NotFound: no such person here. Tampered: merges go round in a circle.
    """
    path = [resolve_subject(workspace, records, subject)[1]]
    while (into := path[-1].merged_into) is not None:
        if any(one.subject == into for one in path):
            raise Tampered("records are merged into one another in a circle")
        path.append(resolve_subject(workspace, records, into)[1])
    return path


def with_merged(workspace: Workspace, records: Records, subjects: Sequence[SubjectId]) -> list[SubjectId]:
    """Return ``subjects`` and, behind each, whoever was merged into them: they are one person."""
    found = dict.fromkeys(subjects)
    front = list(subjects)
    while front:
        rows = records.authority.called(AuthorityKind.SUBJECT, (one.hex() for one in front))
        standing = [one for one in workspace.notary.read_all(rows, Subject) if one.state is not SubjectState.ERASED]
        front = [one.subject for one in standing if one.subject not in found]
        found.update(dict.fromkeys(front))
    return list(found)


def _step(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    event: SubjectEvent,
    *,
    into: SubjectId | None = None,
    rules: tuple[str, ...] = (),
) -> None:
    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need("dpo", "rights_desk")
        row, value = resolve_subject(workspace, records, subject)
        if into is not None and resolve_subject(workspace, records, into)[1].state is not SubjectState.ACTIVE:
            raise NotInThisState("a person is merged only into one whose data is in use")
        check_has_chain(workspace, subject)
        set_subject(workspace, records, row, value, event, act, merged_into=into, rules=rules)

    workspace.data.transact(work)


def freeze(workspace: Workspace, token: Token, subject: SubjectId) -> None:
    """Freeze: from the next decision on, everything but storing and statutory reads is refused (PIPL 47(2))."""
    _step(workspace, token, subject, SubjectEvent.FREEZE, rules=("CN-PIPL-47-2-FROZEN",))


def release(workspace: Workspace, token: Token, subject: SubjectId) -> None:
    """End a freeze that people decided; one under which a statutory term keeps what is left stays.

    Raises:
        Refused: an erasure of everything left parts that a floor keeps (PIPL 47(2)). What an erasure of a part left is
            protected by itself, whatever happens to the rest.
    """

    def kept_by_law(records: Records) -> list[Part]:
        rows = records.authority.find(AuthorityKind.ERASURE, subject=subject)
        found = [one for one in workspace.notary.read_all(rows, Erasure) if one.scope == "whole"]
        return [part for one in found for part in one.having(Outcome.RETAINED) if part.rule != NOT_IN_SCOPE]

    kept = workspace.data.read(kept_by_law)
    if kept:
        raise Refused("what is left is kept by law, and only kept", [(part.rule, part.article) for part in kept])
    _step(workspace, token, subject, SubjectEvent.UNFREEZE, rules=("CN-PIPL-47-2-FROZEN",))


def merge(workspace: Workspace, token: Token, subject: SubjectId, into: SubjectId) -> None:
    """Say that ``subject`` and ``into`` are one person; keys and cells stay as they are, so it can be undone.

    A look-up that finds ``subject`` finds ``into`` from now on. A mobile alone is no ground for it: people decide.

    Raises:
        Invalid: a person cannot be merged into themselves.
    """
    if subject == into:
        raise Invalid("a person cannot be merged into themselves", "into")
    _step(workspace, token, subject, SubjectEvent.MERGE, into=into, rules=("CN-PIPL-46-1-CORRECT",))


def split(workspace: Workspace, token: Token, subject: SubjectId) -> None:
    """Undo a merge."""
    _step(workspace, token, subject, SubjectEvent.SPLIT, rules=("CN-PIPL-46-1-CORRECT",))
