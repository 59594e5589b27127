"""What an erasure would do, before it does it: every part with its outcome, rule and date (PIPL 47)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from shouxin.domain.identifiers import SubjectId
from shouxin.operations.acting import Act
from shouxin.operations.retaining.gathered import Gathered, gather
from shouxin.operations.tiers import must_be_in_reach
from shouxin.operations.workspace import Workspace
from shouxin.policy.engine import Engine
from shouxin.retention.outlook import State
from shouxin.retention.resolve import Floor, Kept, Relationship, resolve
from shouxin.vault.cell import item_codes
from shouxin.vault.erasure import NOT_IN_SCOPE, Outcome, Part
from shouxin.vault.records import CellKind, CellRow, ObjectRow, Records

__all__ = ["WHOLE", "Asked", "accountable_until", "parts_among", "parts_of", "see_objects"]

# The record of who used a person's data is itself kept for a statutory term (PIPL 56(2): at least three years).
ACCOUNTABILITY_RULE: Final = "CN-PIPL-56-2-KEEP"
# Another person's object shows this one; until a redacted rendition can replace it, it is stored and protected only.
DEPICTED: Final = Kept("depicted-with-another", "PIPL 47(2)", None)
NOT_ASKED: Final = Kept(NOT_IN_SCOPE, "PIPL 47(1)", None)
_STAYS: Final = frozenset({State.IN_USE, State.UNDATED})


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a person is to go: everything, what is kept for some ``purposes``, or only what is ``due`` today."""

    purposes: frozenset[str] | None = None
    due: bool = False

    @property
    def whole(self) -> bool:
        """Say whether everything is meant."""
        return self.purposes is None and not self.due


WHOLE: Final = Asked()


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


def parts_of(workspace: Workspace, records: Records, act: Act, subject: SubjectId, asked: Asked = WHOLE) -> list[Part]:
    """Return every part of what is kept about ``subject`` with what an erasure makes of it.

    What is not ``asked`` for is ``retained`` as not in scope.
    """
    return parts_among(workspace, records, gather(workspace, records, act, [subject]), subject, asked)


def parts_among(
    workspace: Workspace, records: Records, gathered: Gathered, subject: SubjectId, asked: Asked = WHOLE
) -> list[Part]:
    """Return the parts of one of those people of whom everything was read at once; see ``parts_of``."""
    see_objects(workspace, records, gathered, [subject])
    return list(_walk(gathered, subject, asked))


def see_objects(workspace: Workspace, records: Records, gathered: Gathered, subjects: Sequence[SubjectId]) -> None:
    """See of all objects of these people at once that they are what was sealed; whose key is gone goes unseen.

    Raises:
        Misconfigured: one may lie in an archive that the settings do not name any more. Tampered: one is not.
    """
    every = [row for one in subjects for row in gathered.objects.get(one, ()) if not gathered.chains.has_seen(row)]
    held = [row for row in every if gathered.chains.opens(row.subject, row.object_id)]
    if held:
        must_be_in_reach(workspace, records, [row.object_id for row in held])
        gathered.chains.authenticate_objects(held)


def _walk(gathered: Gathered, subject: SubjectId, asked: Asked) -> Iterator[Part]:
    judge, chains = gathered.judge, gathered.chains

    def verdict(row: CellRow | ObjectRow) -> Kept | None:
        if asked.purposes is not None and row.purpose not in asked.purposes:
            return NOT_ASKED
        if asked.due and judge.outlook(row).state in _STAYS:
            return NOT_ASKED
        return judge.keeps(row)

    for row in gathered.cells.get(subject, ()):
        if not chains.opens(row.subject, row.cell):  # its key went between drawing and recording: what is left goes too
            yield _part("cell", row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), None)
            continue
        chains.authenticate(row)
        kind = "edge" if row.kind is CellKind.EDGE else "cell"
        part = _part(kind, row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), verdict(row))
        yield part if row.other is None else replace(part, other=row.other)
    for row in gathered.named.get(subject, ()):
        chains.authenticate(row)
        part = _part("named-edge", row.cell, (row.purpose, row.term), tuple(item_codes(row.sealed)), verdict(row))
        yield replace(part, other=row.subject)
    for held in gathered.objects.get(subject, ()):
        if not chains.opens(held.subject, held.object_id):
            yield _part("object", held.object_id, (held.purpose, held.term), (held.item,), None)
            continue
        yield _part("object", held.object_id, (held.purpose, held.term), (held.item,), verdict(held))
    for held in gathered.shown.get(subject, ()):
        yield _part("depiction", held.object_id, (held.purpose, held.term), (held.item,), DEPICTED)
