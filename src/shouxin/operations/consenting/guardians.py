"""Children under 14: who may answer for one, and whether somebody is known to be one (PIPL 31).

The product does not open a birth date to find out: whoever takes an answer states the age, and from then on decisions
ask for a guardian's yes. Whether a parent is this child's is for the desk to see in papers.
"""

from __future__ import annotations

from collections.abc import Iterable

from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import taxonomy
from shouxin.errors import Invalid
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.vault.cell import item_codes
from shouxin.vault.records import CellKind, Records, SubjectState

__all__ = ["check_guardian", "is_minor_at"]

_IDENTITY = "identity"


def is_minor_at(consents: Iterable[Consent], now: Instant) -> bool:
    """Say whether the last age that was stated for somebody makes them a child under 14 at ``now``.

    Years are counted long, so a child is one for up to a year more than the papers say: until somebody states anew.
    """
    stated = [one for one in consents if one.minor_until is not None]
    last = max(stated, key=lambda one: (one.leaves[-1:], one.notified), default=None)
    return last is not None and last.minor_until is not None and now < last.minor_until


def check_guardian(workspace: Workspace, records: Records, child: SubjectId, guardian: SubjectId) -> None:
    """Refuse a guardian who is nobody, the child again, frozen or erased, without an identity, or a child too.

    Raises:
        Invalid: says which; ``place`` is ``guardian``.

    **Source:** PIPL 31(1).
    """
    row = records.authority.get(AuthorityKind.SUBJECT, guardian)
    if row is None:
        raise Invalid("nobody is known under the guardian's identifier: take their identity in first", "guardian")
    path = person_of(workspace, records, guardian)
    if path[-1].subject == person_of(workspace, records, child)[-1].subject:
        raise Invalid("a child is not their own guardian", "guardian")
    if path[-1].state is not SubjectState.ACTIVE:
        raise Invalid(f"a guardian whose data is {path[-1].state} answers for nobody", "guardian")
    people = list(dict.fromkeys(one.subject for one in path))
    cells = [cell for cell in records.cells.cells_of(people) if cell.kind is CellKind.OWN]
    kinds = {taxonomy().item(code).kind for cell in cells for code in item_codes(cell.sealed)}
    if _IDENTITY not in kinds:
        raise Invalid("nothing of the guardian's own identity is kept: take it in first", "guardian")
    rows = (row for who in people for row in records.authority.find(AuthorityKind.CONSENT, subject=who))
    now = workspace.now(records)
    if is_minor_at(workspace.notary.read_all(rows, Consent), now):
        raise Invalid("a child under 14 is nobody's guardian", "guardian")
