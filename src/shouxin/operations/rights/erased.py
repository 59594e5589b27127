"""What was erased of somebody since they asked for it, and what that comes to as an answer (PIPL 47, 50(1)).

An erasure answers a request to delete, or to close an account, only if it came after the request and left nothing of
what was asked out of its scope. What a law keeps is in scope: it stays with rule and article, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from shouxin.domain.authority import AuthorityKind
from shouxin.errors import NotFound
from shouxin.operations.subjects import person_of, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.rights.request import RightRequest
from shouxin.vault.erasure import NOT_IN_SCOPE, Erasure, Outcome, Part
from shouxin.vault.records import Records

__all__ = ["Became", "became_of", "erased_by", "erased_since", "left_in_databases"]

# What is kept and by no rule of the law pack is kept as this article has it: stored and protected only.
_KEPT: Final = "CN-PIPL-47-2-FROZEN"


class Became(NamedTuple):
    """What erasures came to: the items that are gone, those that stay, and the rules of the law pack why."""

    done: tuple[str, ...]
    left: tuple[str, ...]
    reasons: tuple[str, ...]


def became_of(workspace: Workspace, erasures: Sequence[Erasure]) -> Became:
    """Return what ``erasures`` of one person came to; nothing found is said as such."""
    parts = [part for one in erasures for part in one.parts if part.rule != NOT_IN_SCOPE]
    gone = sorted({item for part in parts if part.outcome is Outcome.ERASED for item in part.items})
    kept = [part for part in parts if part.outcome is Outcome.RETAINED]
    left = sorted({item for part in kept for item in part.items})
    rules = sorted({_rule(workspace, part.rule) for part in kept})
    return Became(tuple(gone) or ("nothing-found",), tuple(left), tuple(rules))


def erased_since(workspace: Workspace, records: Records, request: RightRequest) -> list[Erasure]:
    """Return the latest erasure of each record of the person that did what ``request`` asks; empty if one has none.

    Each is live, was planned after the request was received, left nothing of what it is about out of its scope, and no
    database in which it failed is left to somebody. The person is whoever the record stands for by now.

    Raises:
        Tampered: a row is not what was written.
    """
    person = person_of(workspace, records, request.subject)[-1].subject
    people = with_merged(workspace, records, [person])
    found: dict[bytes, Erasure] = {}
    for one in workspace.notary.read_all(records.authority.about(AuthorityKind.ERASURE, people), Erasure):
        late = found.get(one.subject)
        since = one.live is not None and one.planned >= request.received and not _failed(one)
        if since and _covers(one, request.about) and (late is None or late.planned <= one.planned):
            found[one.subject] = one
    return [found[one] for one in people] if found.keys() >= set(people) else []


def left_in_databases(workspace: Workspace, records: Records, request: RightRequest) -> bool:
    """Say whether an erasure of the order that ``request`` names failed in a database and was left to an officer."""
    return any(_failed(one) for one in erased_by(workspace, records, request))


def erased_by(workspace: Workspace, records: Records, request: RightRequest) -> list[Erasure]:
    """Return the erasures of the person that the order which ``request`` names has made.

    Raises:
        Tampered: a row is not what was written.
    """
    if request.work is None:
        return []
    people = with_merged(workspace, records, [person_of(workspace, records, request.subject)[-1].subject])
    found = workspace.notary.read_all(records.authority.about(AuthorityKind.ERASURE, people), Erasure)
    return [one for one in found if one.order == request.work]


def _failed(erasure: Erasure) -> bool:
    return any(one.outcome is Outcome.FAILED for one in erasure.systems)


def _covers(erasure: Erasure, about: Sequence[str]) -> bool:
    """Say whether nothing of what is ``about`` (items, purposes; empty: everything) was left out of the scope."""

    def concerned(part: Part) -> bool:
        return not about or part.purpose in about or not set(about).isdisjoint(part.items)

    return not any(part.rule == NOT_IN_SCOPE for part in erasure.parts if concerned(part))


def _rule(workspace: Workspace, rule: str) -> str:
    """Return the rule by which something is kept, as the law pack has it."""
    try:
        return str(workspace.pack.rule(rule).id)
    except NotFound:
        return _KEPT
