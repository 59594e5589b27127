"""Which freeze flags a freeze of a person has raised, in the lender's databases: only these are lowered again.

Laws of this file. What is kept is a keyed tag of each row, with the person: it says nothing to whoever lacks the
institution's key. It is durable before the first flag is raised; a crash in between leaves a tag of a row whose flag is
down, which does no harm. An erasure that leaves rows by law forgets all of them (``forget_within``): from then on the
flags are the law's, and nobody lowers them here.

Called by: ``amend_systems``, ``deletion.downstream``. **Source:** PIPL 47(2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.operations.acting import Act, begin
from shouxin.operations.downstream.dataset import TableName
from shouxin.operations.downstream.rows import Key
from shouxin.operations.subjects import change_subject, resolve_subject
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = ["RaisedFlags", "forget_within"]

_DOMAIN: Final = b"shouxin/freeze-flag/v1\0"


def forget_within(workspace: Workspace, records: Records, act: Act, subject: SubjectId) -> None:
    """Forget which flags were raised for a person, within a transaction: nobody lowers them by a release any more."""
    _set(workspace, records, act, subject, set())


def _set(workspace: Workspace, records: Records, act: Act, subject: SubjectId, tags: set[bytes]) -> None:
    row, person = resolve_subject(workspace, records, subject)
    if set(person.raised) != tags:
        value = replace(person, raised=tuple(sorted(tags)))
        change_subject(workspace, records, act, row, value, "freeze-flags", ("CN-PIPL-47-2-FROZEN",))


class RaisedFlags:
    """The flags that were raised for one person."""

    def __init__(self, workspace: Workspace, token: Token, subject: SubjectId) -> None:
        self._workspace = workspace
        self._token = token
        self._subject = subject

    def _tag(self, dataset: str, table: TableName, key: Key) -> bytes:
        """Return the tag (16 bytes) of one row."""
        custody = self._workspace.custody
        place = "\0".join((dataset, table, *map(str, key), ""))
        return custody.suite.prf(custody.service("index.prf"), _DOMAIN + place.encode())[:16]

    def note(self, dataset: str, rows: Iterable[tuple[TableName, Key]]) -> None:
        """Remember rows whose flag is about to be raised; durable on return."""
        tags = {self._tag(dataset, table, key) for table, key in rows}

        def work(records: Records) -> None:
            act = begin(self._workspace, records, self._token)
            person = resolve_subject(self._workspace, records, self._subject)[1]
            _set(self._workspace, records, act, self._subject, {*person.raised, *tags})

        if tags:
            self._workspace.data.transact(work)

    def of(self, dataset: str) -> Callable[[TableName, Key], bool]:
        """Return what says whether the flag of a row of one database was raised for this person."""
        tags = set(
            self._workspace.data.read(
                lambda records: resolve_subject(self._workspace, records, self._subject)[1].raised
            )
        )
        return lambda table, key: self._tag(dataset, table, key) in tags

    def forget(self) -> None:
        """Forget all of them, now that they are down; durable on return."""

        def work(records: Records) -> None:
            act = begin(self._workspace, records, self._token)
            forget_within(self._workspace, records, act, self._subject)

        self._workspace.data.transact(work)
