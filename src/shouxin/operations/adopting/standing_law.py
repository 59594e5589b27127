"""The law pack in force: an authority row, and the check that every decision makes before it decides by a pack.

A program is updated, and with it ships another pack. Until the data-protection officer has seen what that changes and
adopted it (``change_law``), nothing is decided: the rules that were adopted are not there any more, and those that are
there nobody has agreed to. What only reads, verifies, or takes back goes on.
"""

from __future__ import annotations

import hashlib

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import Instant
from shouxin.errors import LawNotAdopted
from shouxin.operations.workspace import Workspace
from shouxin.policy.adopted_law import AdoptedLaw, adopted_from
from shouxin.vault.records import Records

__all__ = ["check_law", "law_in_force", "law_row", "write_law"]


def law_row(records: Records) -> AuthorityRow | None:
    """Return the row of the pack that was adopted, unchecked; nothing in a workspace where none ever was."""
    return records.authority.get(AuthorityKind.LAW, _identifier())


def law_in_force(workspace: Workspace, records: Records) -> AdoptedLaw | None:
    """Return the pack that was adopted last.

    Raises:
        Tampered: its row is not what the institution wrote.
    """
    row = law_row(records)
    return None if row is None else workspace.notary.read(row, AdoptedLaw)


def write_law(workspace: Workspace, before: AuthorityRow | None, now: Instant) -> AuthorityRow:
    """Return the row that says that the pack of this program is adopted, for the caller to store and to record."""
    version = 1 if before is None else before.version + 1
    pack = workspace.pack
    return workspace.notary.write(
        AuthorityKind.LAW,
        _identifier(),
        version,
        adopted_from(pack, now, workspace.institution.facts),
        name=pack.region,
    )


def check_law(workspace: Workspace, records: Records) -> None:
    """Let nothing be decided under a pack that nobody adopted.

    The row is read in every transaction, because another process may adopt another pack at any time; it is judged once.

    Raises:
        LawNotAdopted: the pack of this program is not the one that was adopted. Tampered: the row was changed.
    """
    row = law_row(records)
    if row is not None and row.mac == workspace.law_mark:
        return
    adopted = None if row is None else workspace.notary.read(row, AdoptedLaw)
    if row is None or adopted is None or not adopted.is_of(workspace.pack, workspace.institution.facts):
        raise LawNotAdopted
    workspace.law_mark = row.mac


def _identifier() -> bytes:
    return hashlib.sha256(b"shouxin/law").digest()[:16]
