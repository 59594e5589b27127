"""What is kept of several people, read at once: what an erasure decides on, for one person or for thousands.

Valid within one transaction, and only there: what is read here is what the transaction records its plan on. Asking
row by row costs a hundred times what a row weighs, so every store is asked once for everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.keys.chain import Chain
from shouxin.operations.acting import Act
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.authentic import Authenticator
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.workspace import Workspace
from shouxin.policy.engine import Engine
from shouxin.vault.records import CellRow, ObjectRow, Records

__all__ = ["Gathered", "gather"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows by person, with the chains that open them and the judge who knows what keeps them.

    ``named`` are statements of others about a person, ``shown`` the objects of others that depict them.
    """

    engine: Engine
    judge: Judge
    chains: Authenticator
    keyring: Mapping[SubjectId, Chain]
    standing: Mapping[bytes, AuthorityRow]
    cells: Mapping[SubjectId, Sequence[CellRow]]
    named: Mapping[SubjectId, Sequence[CellRow]]
    objects: Mapping[SubjectId, Sequence[ObjectRow]]
    shown: Mapping[SubjectId, Sequence[ObjectRow]]


def _by_person(pairs: Iterable[tuple[SubjectId | None, T]]) -> Mapping[SubjectId, Sequence[T]]:
    found: dict[SubjectId, list[T]] = defaultdict(list)
    for subject, row in pairs:
        if subject is not None:
            found[subject].append(row)
    return found


def gather(
    workspace: Workspace,
    records: Records,
    act: Act,
    subjects: Sequence[SubjectId],
    seen: Collection[ObjectRow] = (),
) -> Gathered:
    """Read what is kept of ``subjects``, one look at each store. Somebody unknown has no row and nothing else.

    ``seen`` are objects that are known to be what was sealed.
    """
    engine = standing_engine(workspace, records, "", act.now)
    cells, named = records.cells.cells_of(subjects), records.cells.edges_to(subjects)
    objects, shown = records.cells.objects_of(subjects), records.cells.objects_depicting(subjects)
    around = {row.other for row in cells if row.other is not None} | {row.subject for row in named}
    everybody = list(around.union(subjects))
    standing = records.authority.among(AuthorityKind.SUBJECT, everybody)
    judge = Judge(workspace, records, engine, local_date(act.now))
    judge.foresee(standing)
    keyring = workspace.custody.keyring.get(everybody)
    return Gathered(
        engine,
        judge,
        Authenticator(workspace, keyring, seen),
        keyring,
        standing,
        _by_person((row.subject, row) for row in cells),
        _by_person((row.other, row) for row in named),
        _by_person((row.subject, row) for row in objects),
        _by_person(shown),
    )
