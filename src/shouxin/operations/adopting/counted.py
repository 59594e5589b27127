"""Count what stands for a purpose: who agreed to it, which grants run, what is kept under each term."""

from __future__ import annotations

from collections import Counter

from shouxin.approvals.request import Grant
from shouxin.consent.consent import Consent
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import SubjectId
from shouxin.operations.workspace import Workspace
from shouxin.retention.shortened import term_name
from shouxin.vault.records import Records

__all__ = ["cells_by_term", "running_grants", "standing_consents"]


def standing_consents(workspace: Workspace, records: Records, purpose: str) -> dict[SubjectId, set[int]]:
    """Return whose consent for ``purpose`` stands, and under which versions of its card."""
    rows = records.authority.find(AuthorityKind.CONSENT, name=purpose)
    found: dict[SubjectId, set[int]] = {}
    for one in workspace.notary.read_all(rows, Consent):
        if one.stands:
            found.setdefault(one.subject, set()).add(one.version)
    return found


def running_grants(workspace: Workspace, records: Records, purpose: str, now: Instant) -> list[Grant]:
    """Return the grants for ``purpose`` that have neither ended nor run out."""
    grants = workspace.notary.read_all(records.authority.find(AuthorityKind.GRANT), Grant)
    return [one for one in grants if one.purpose == purpose and not one.ended and now < one.until]


def cells_by_term(records: Records, purpose: str) -> Counter[str]:
    """Return how many cells are kept for ``purpose`` under each term of its card, shortened by a plan or not."""
    found: Counter[str] = Counter()
    for term, count in records.cells.count_cells(purpose).items():
        found[term_name(term)] += count
    return found
