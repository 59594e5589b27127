"""The lender's own databases: which there are, how each is described, where it is; each change on record.

They stand in rows with authority and not in a folder of files, because whoever could quietly take one away would make
every later certificate say less than the truth. An address names a variable of the environment: no password is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound
from shouxin.operations.acting import begin, row_facts
from shouxin.operations.downstream.across import Downstream
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.reading import read_dataset
from shouxin.operations.downstream.rows import Database
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records

__all__ = [
    "OpenDatabase",
    "StandingDatabase",
    "connect",
    "list_databases",
    "register_database",
    "standing_databases",
    "switch_database",
]

# Opens the database whose address stands in a variable of the environment; raises ``OperatorError`` when it cannot.
OpenDatabase = Callable[[str], Database]
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_KEEPERS: Final = ("dpo", "operator")


@dataclass(frozen=True, slots=True)
class StandingDatabase:
    """One database: its name, its description as written, the variable that holds its address, and whether it is on."""

    name: str
    text: str
    variable: str
    on: bool = True

    def dataset(self) -> Dataset:
        """Return the description; what was registered once reads always."""
        return read_dataset(self.text, self.name)


def _identifier(name: str) -> bytes:
    return hashlib.sha256(b"shouxin/database\0" + name.encode()).digest()[:16]


def register_database(workspace: Workspace, token: Token, text: str, variable: str, file: str = "dataset") -> Dataset:
    """Register a database by its description, or replace the description; from now on every deletion reaches it.

    Raises:
        Invalid: the description does not read, or the variable is no name of one. Refused, NotSignedIn: may not.
    """
    dataset = read_dataset(text, file)
    if not _VARIABLE.fullmatch(variable):
        raise Invalid("the address stands in a variable of the environment, as LENDER_DSN", "variable")
    _write(workspace, token, StandingDatabase(dataset.name, text, variable), "registered")
    return dataset


def switch_database(workspace: Workspace, token: Token, name: str, *, on: bool) -> None:
    """Switch a connector on or off. While it is off, deletions that should reach it fail and say so.

    Raises:
        NotFound: no such database. Refused, NotSignedIn: the caller may not.
    """
    known = workspace.data.read(lambda records: standing_databases(workspace, records))
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise NotFound("no database of this name is registered")
    _write(workspace, token, replace(found, on=on), "switched-on" if on else "switched-off")


def _write(workspace: Workspace, token: Token, value: StandingDatabase, change: str) -> None:
    def work(records: Records) -> None:
        act = begin(workspace, records, token)
        act.need(*_KEEPERS)
        before = records.authority.get(AuthorityKind.DATABASE, _identifier(value.name))
        version = 1 if before is None else before.version + 1
        row = workspace.notary.write(AuthorityKind.DATABASE, _identifier(value.name), version, value, name=value.name)
        records.authority.put(row)
        digest = value.dataset().digest
        facts = row_facts(row, before)
        records.record(
            act.event(EventKind.DATABASE_CHANGED, dataset=value.name, change=change, description=digest, **facts)
        )

    workspace.data.transact(work)


def standing_databases(workspace: Workspace, records: Records) -> list[StandingDatabase]:
    """Return every registered database, by name; those that are switched off too."""
    found = workspace.notary.read_all(records.authority.find(AuthorityKind.DATABASE), StandingDatabase)
    return sorted(found, key=lambda one: one.name)


def list_databases(workspace: Workspace, token: Token) -> list[StandingDatabase]:
    """Return every registered database for somebody who watches or keeps them.

    Raises:
        Refused, NotSignedIn: the caller may not.
    """

    def work(records: Records) -> list[StandingDatabase]:
        begin(workspace, records, token).need(*_KEEPERS, "rights_desk", "auditor")
        return standing_databases(workspace, records)

    return workspace.data.read(work)


def connect(standing: list[StandingDatabase], open_database: OpenDatabase) -> list[Downstream]:
    """Return the databases as ``downstream.across`` takes them; one that is switched off has no connection."""
    return [Downstream(one.dataset(), open_database(one.variable) if one.on else None) for one in standing]
