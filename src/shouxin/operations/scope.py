"""What an erasure would do, before it does it: every part with its outcome, rule and date (PIPL 47)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from shouxin.domain.authority import AuthorityKind
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Tampered
from shouxin.operations.acting import Act
from shouxin.operations.authentic import Authenticator
from shouxin.operations.cards import current_engine
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.policy.engine import Engine
from shouxin.retention.resolve import Floor, Kept, Relationship, resolve
from shouxin.vault.cell import item_codes
from shouxin.vault.erasure import NOT_IN_SCOPE, Outcome, Part
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records, Subject

__all__ = ["accountable_until", "floors_of", "parts_of", "relationship_of"]

# The record of who used a person's data is itself kept for a statutory term (PIPL 56(2): at least three years).
ACCOUNTABILITY_RULE: Final = "CN-PIPL-56-2-KEEP"
# Another person's object shows this one; until a redacted rendition can replace it, it is stored and protected only.
DEPICTED: Final = Kept("depicted-with-another", "PIPL 47(2)", None)
NOT_ASKED: Final = Kept(NOT_IN_SCOPE, "PIPL 47(1)", None)


def relationship_of(workspace: Workspace, records: Records, subject: SubjectId) -> Relationship | None:
    """Return the business relationship with ``subject``, or nothing: they never became a customer."""
    row = records.authority.get(AuthorityKind.SUBJECT, subject)
    return None if row is None else workspace.notary.read(row, Subject).relationship


def floors_of(engine: Engine, purpose: str, term: str) -> list[Floor]:
    """Return the statutory floors of one retention term, from the law pack; only rules that may decide bind.

    A floor that any version of the card gave the term stays: what was kept under that version was kept for it, and a
    later version cannot take away what the law demanded. A term of another name begins anew.
    """
    known = [card.retention[term] for card in engine.versions.get(PurposeCode(purpose), ()) if term in card.retention]
    if not known:
        raise Tampered("something is kept for a purpose or term that no adopted card knows")
    rules = [engine.pack.rule(name) for name in dict.fromkeys(floor for one in known for floor in one.floors)]
    return [
        Floor(str(rule.id), rule.cites, rule.n or 0, rule.unit, rule.clock_start) for rule in rules if rule.may_decide
    ]


def accountable_until(engine: Engine, today: date) -> date:
    """Return until when it must stay provable who used an erased person's data."""
    rule = engine.pack.rule(ACCOUNTABILITY_RULE)
    floor = Floor(str(rule.id), rule.cites, rule.n or 0, rule.unit, "end_of_relationship")
    kept = resolve([floor], Relationship(today, None, today), today)
    return today if kept is None or kept.until is None else kept.until


def _part(kind: str, identifier: bytes, place: tuple[str, str], items: tuple[str, ...], kept: Kept | None) -> Part:
    purpose, term = place
    if kept is None:
        return Part(kind, identifier, purpose, term, items, Outcome.ERASED)
    return Part(kind, identifier, purpose, term, items, Outcome.RETAINED, kept.rule, kept.article, kept.until)


def parts_of(
    workspace: Workspace, records: Records, act: Act, subject: SubjectId, purposes: Collection[str] | None
) -> list[Part]:
    """Return every part of what is kept about ``subject`` with what an erasure makes of it.

    ``purposes`` limits the wish to some; nothing means all. What is not asked for is ``retained`` as not in scope.
    """
    engine = current_engine(workspace, records, "", act.now)
    return list(_walk(workspace, records, engine, subject, purposes, local_date(act.now)))


def _walk(
    workspace: Workspace,
    records: Records,
    engine: Engine,
    subject: SubjectId,
    purposes: Collection[str] | None,
    today: date,
) -> Iterator[Part]:
    relationship = relationship_of(workspace, records, subject)

    def verdict(row: CellRow | ObjectRow) -> Kept | None:
        if purposes is not None and row.purpose not in purposes:
            return NOT_ASKED
        return resolve(floors_of(engine, row.purpose, row.term), relationship, today)

    chains = Authenticator(workspace)
    for row in records.cells.cells_of([subject]):
        if not chains.opens(row.subject, row.cell):  # its key went between drawing and recording: what is left goes too
            yield _part("cell", row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), None)
            continue
        chains.authenticate(row)
        kind = "edge" if row.kind is CellKind.EDGE else "cell"
        part = _part(kind, row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), verdict(row))
        yield replace(part, other=row.other)
    for row in records.cells.edges_to(subject):
        chains.authenticate(row)
        part = _part("named-edge", row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), verdict(row))
        yield replace(part, other=row.subject)
    for held in records.cells.objects_of([subject]):
        if not chains.opens(held.subject, held.object_id):
            yield _part("object", held.object_id, (held.purpose, held.term), (held.item,), None)
            continue
        chains.authenticate_object(held)
        yield _part("object", held.object_id, (held.purpose, held.term), (held.item,), verdict(held))
    for held in records.cells.objects_depicting(subject):
        yield _part("depiction", held.object_id, (held.purpose, held.term), (held.item,), DEPICTED)
