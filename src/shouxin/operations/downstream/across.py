"""One person, all of the lender's databases: what one knows of them leads on in the next.

Laws of this file. Who somebody is, is gathered from every database before the first row goes. Each database is a
transaction of its own and a report of its own: one that is switched off or out of reach is ``failed`` with what to do.
It keeps no other from being erased, but for one: what alone says by which it knows the person is erased after it, and
waits for it; else nothing would be found there ever after. Only identities travel between databases, never keys of
rows.

Called by: whoever erases (``operations.erasing.erase`` once it reaches downstream), with reports to be recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from shouxin.errors import Invalid, Misconfigured, NotFound
from shouxin.operations.downstream.act import erase_downstream, preview_downstream
from shouxin.operations.downstream.dataset import Dataset, TableName, ways_into
from shouxin.operations.downstream.extent import ALL_OF_THEM, Extent
from shouxin.operations.downstream.plan import Terms, Tokens
from shouxin.operations.downstream.report import Report, about, refused
from shouxin.operations.downstream.rows import Database
from shouxin.operations.downstream.walk import Trail
from shouxin.policy.lawpack import LawPack
from shouxin.retention.resolve import Floor, Relationship
from shouxin.vault.erasure import Outcome

__all__ = ["Downstream", "erase_everywhere", "gather", "preview_everywhere", "statutory_terms"]

_LONGEST_GATHERING: Final = 10
_WAITS: Final = refused(
    "",
    0,
    "it alone says how another database, which failed, knows this person",
    "mend the other one, or leave it to an officer; then run again",
)


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
    return _gathered(connectors, trail, terms)[0]


def _gathered(connectors: Sequence[Downstream], trail: Trail, terms: Terms) -> tuple[Trail, dict[int, set[str]]]:
    """Return the trail, and which database (by its place) was the first to say something, of which kinds, in order."""
    known, taught = trail.copy(), dict[int, set[str]]()
    for _ in range(_LONGEST_GATHERING):
        before = _size(known)
        for place, one in enumerate(connectors):
            if one.database is not None:
                found = preview_downstream(one.database, one.dataset, known, terms).trail
                for kind, values in found.identities.items():
                    if values.keys() - known.identities.get(kind, {}).keys():
                        taught.setdefault(place, set()).add(kind)
                    known.identities.setdefault(kind, {}).update(values)
        if _size(known) == before:
            break
    return known, taught


def _size(trail: Trail) -> int:
    return sum(map(len, trail.identities.values()))


def _needed(dataset: Dataset, given: Iterable[str]) -> set[str]:
    """Return the kinds by which a database knows people and to which it does not lead by itself from those given."""
    kinds, led = set(given), set[TableName]()
    ways = [way for table in dataset.tables.values() for way in ways_into(dataset, table)]
    while True:
        fresh = {way.table for way in ways if (way.source[0] in led if way.source else way.kind in kinds)} - led
        if not fresh:
            return {way.kind for way in ways if way.kind} - kinds
        led |= fresh
        kinds |= {one.identity for name in fresh for one in dataset.tables[name].columns.values() if one.identity}


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
    known, taught = _gathered(connectors, trail, terms)
    reports: dict[int, Report] = {}
    silent = [place for place in range(len(connectors)) if place not in taught]
    for place in (*silent, *reversed(taught)):  # whoever said something first goes last: it leads to the others
        one = connectors[place]
        missed = {
            kind
            for at, report in reports.items()
            if report.outcome is Outcome.FAILED
            for kind in _needed(connectors[at].dataset, trail.identities)
        }
        if one.database is None:
            reports[place] = _off(one.dataset, known)
        elif missed & taught.get(place, set()):
            reports[place] = Report(one.dataset.name, one.dataset.digest, (_WAITS,), trail=known)
        else:
            own = Trail({kind: dict(values) for kind, values in known.identities.items()})
            reports[place] = erase_downstream(one.database, one.dataset, own, terms)
    return [reports[place] for place in range(len(connectors))]
