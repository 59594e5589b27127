"""Is the keyring today's? An old copy of it beside today's data store has no keys for what came since.

Whoever takes something in makes its key durable before its row, and whoever replaces a value removes its row before its
key; only an erasure takes the key first, and says before that which. So of what came in last every key is there, or an
erasure has it on its list, or the keyring was put back. Then 'no such key' is no answer: it would be said of somebody
who is kept. And an epoch that were advanced on it would end the root key under which today's keyring can be put back.

What an old copy lacks is all that came since, so the newest rows tell as much as all of them, in the time of a few.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import RolledBack
from shouxin.operations.workspace import Workspace
from shouxin.vault.erasure import Erasure
from shouxin.vault.records import ObjectRow, Records

__all__ = ["check_has_chain", "check_key_of", "check_keyring", "check_keyring_now"]

_NEWEST: Final = 20
_LOOKS: Final = 3
_OLD: Final = "the keyring is older than the data store: put today's back, or restore a backup"


def check_keyring(workspace: Workspace, records: Records) -> None:
    """Refuse a keyring that is older than the data store; in a transaction, where nobody commits meanwhile.

    Raises:
        RolledBack: keys of what came in last are missing; says what to do. Tampered: a chain is not what was written.
    """
    cells, objects = records.cells.newest(_NEWEST)
    wanted: list[tuple[bytes, SubjectId, SubjectId | None]] = [(row.cell, row.subject, row.other) for row in cells]
    wanted += [(row.object_id, row.subject, None) for row in objects]
    custody = workspace.custody
    chains = custody.keyring.get(list({subject for _, subject, _ in wanted}))
    held = {subject: custody.open(chain) for subject, chain in chains.items()}
    for key, subject, other in wanted:
        there = subject in held and held[subject].holds(key)
        if not there and not any(_erases(workspace, records, one, key) for one in (subject, other) if one is not None):
            raise RolledBack(_OLD)


def check_key_of(workspace: Workspace, records: Records, row: ObjectRow) -> None:
    """Refuse a keyring without the key of an object that stands and that no erasure has on its list.

    Raises:
        RolledBack: it has none; says what to do. Tampered: the chain is not what was written.
    """
    chain = workspace.custody.keyring.get([row.subject]).get(row.subject)
    there = chain is not None and workspace.custody.open(chain).holds(row.object_id)
    if not there and not _erases(workspace, records, row.subject, row.object_id):
        raise RolledBack(_OLD)


def check_keyring_now(workspace: Workspace) -> None:
    """Do the same outside of a transaction; a value that was replaced between two looks is no sign of age.

    Raises:
        RolledBack, Tampered: as ``check_keyring``.
    """
    for _ in range(_LOOKS - 1):
        with suppress(RolledBack):
            workspace.data.read(partial(check_keyring, workspace))
            return
    workspace.data.read(partial(check_keyring, workspace))


def check_has_chain(workspace: Workspace, subject: SubjectId) -> None:
    """Refuse a keyring that has nothing of somebody of whom there is a record: a chain outlives all that it opens.

    Raises:
        RolledBack: it has nothing; says what to do.
    """
    if subject not in workspace.custody.keyring.get([subject]):
        raise RolledBack(_OLD)


def _erases(workspace: Workspace, records: Records, subject: SubjectId, key: bytes) -> bool:
    """Say whether an erasure of ``subject`` has the cell or object ``key`` on its list."""
    rows = records.authority.find(AuthorityKind.ERASURE, subject=subject)
    erasures = workspace.notary.read_all(rows, Erasure)
    return any(part.identifier == key for erasure in erasures for part in erasure.parts)
