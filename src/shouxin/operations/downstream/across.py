"""One person, all of the lender's databases: what one knows of them leads on in the next.

Laws of this file. Who somebody is, is gathered from every database before the first row goes. Each database is a
transaction of its own and a report of its own: one that is switched off or out of reach is ``failed`` with what to do,
and keeps no other from being erased. Only identities travel between databases, never keys of rows.

Called by: whoever erases (``operations.erasing.erase`` once it reaches downstream), with reports to be recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.errors import Invalid, Misconfigured, NotFound
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.dataset import Dataset
from shouxin.operations.downstream.extent import ALL_OF_THEM, Extent
from shouxin.operations.downstream.plan import Terms, Tokens
from shouxin.operations.downstream.report import Report, about
from shouxin.operations.downstream.rows import Database
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import LawPack
from shouxin.retention.resolve import Floor, Relationship

__all__ = ["Downstream", "erase_everywhere", "gather", "preview_everywhere", "statutory_terms"]

_LONGEST_GATHERING: Final = 10


@dataclass(frozen=True, slots=True)
class Downstream:
    """One database with its description; ``database`` is nothing while the connector is switched off."""

    dataset: Dataset
    database: Database | None


def statutory_terms(
    datasets: Iterable[Dataset],
    pack: LawPack,
    relationship: Relationship | None,
    today: date,
    tokens: Tokens,
    extent: Extent = ALL_OF_THEM,
) -> Terms:
    """Return by what rows of ``datasets`` are kept today, and how much of the person goes; see ``Terms``.

    Raises:
        Invalid: a description keeps by a rule that the law pack has not, that is no floor, or that may not decide.
    """
    floors: dict[str, Floor] = {}
    for dataset in datasets:
        for name in sorted(dataset.rules()):
            try:
                rule = pack.rule(name)
            except NotFound:
                raise Invalid(f"keeps by a rule that the law pack has not: {name:.60}", dataset.name) from None
            if not rule.floor or not rule.may_decide:
                raise Invalid(f"a rule that keeps is a floor, read in its text: {name:.60}", dataset.name)
            floors[name] = Floor(str(rule.id), rule.cites, rule.n or 0, rule.unit, rule.clock_start)
    return Terms(floors, relationship, today, tokens, extent)


def gather(connectors: Sequence[Downstream], trail: Trail, terms: Terms) -> Trail:
    """Return ``trail`` with every identity that any database knows of the person; changes nothing.

    What cannot be asked is left out here; erasing says so.
    """
    known = trail.copy()
    for _ in range(_LONGEST_GATHERING):
        before = _size(known)
        for one in connectors:
            if one.database is not None:
                found = preview_downstream(one.database, one.dataset, known, terms).trail
                for kind, values in found.identities.items():
                    known.identities.setdefault(kind, {}).update(values)
        if _size(known) == before:
            break
    return known


def _size(trail: Trail) -> int:
    return sum(map(len, trail.identities.values()))


def preview_everywhere(connectors: Sequence[Downstream], trail: Trail, terms: Terms) -> list[Report]:
    """Return what ``erase_everywhere`` would do; changes nothing."""
    known = gather(connectors, trail, terms)
    return [
        _off(one.dataset, known)
        if one.database is None
        else preview_downstream(one.database, one.dataset, known.copy(), terms)
        for one in connectors
    ]


def _off(dataset: Dataset, known: Trail) -> Report:
    off = Misconfigured("the connector is switched off; switch it on, then run again")
    return Report(dataset.name, dataset.digest, (about(off),), trail=known)


def erase_everywhere(connectors: Sequence[Downstream], trail: Trail, terms: Terms) -> list[Report]:
    """Erase a person in every database; one report each, in their order. Durable; safe to run again."""
    known = gather(connectors, trail, terms)
    reports: list[Report] = []
    for one in connectors:
        if one.database is None:
            reports.append(_off(one.dataset, known))
            continue
        own = Trail({kind: dict(values) for kind, values in known.identities.items()})
        reports.append(erase_downstream(one.database, one.dataset, own, terms))
    return reports
