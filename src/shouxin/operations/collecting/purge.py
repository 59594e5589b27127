"""Track the plaintext that a copy leaves behind: a purge date for each run, until a look at the source shows it gone.

A copy does not make the source safer: until its plaintext is away the door guards a second copy only. So each finished
run of a plan in mode ``copy`` notes until when its records may stay in the source, and where that lies. They count as
gone only after a look at that very place which could have found them (law 4); erasing them from here is possible where
the driver can, goes no further than what arrived and stands as it came, and is looked at after.

What a partner pushed lies where nobody can look. There the matter ends with the partner's word: a statement of theirs
that it is deleted, kept by its digest, which proves no more than that they said so; it covers what came until then.

What was set aside is in the source only, and keeps it from being erased. Not so what was set aside because an erasure
keeps its person out: nothing of it may be kept, so it is to go from the source with the rest (``still_out``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind, AuthorityRow
from shouxin.domain.clock import DAY, Instant
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, NotFound, NotInThisState
from shouxin.operations.acting import Act, begin, row_facts
from shouxin.operations.collecting.arrivals import Arrivals
from shouxin.operations.collecting.asides import Moved, forget_asides, standing_at
from shouxin.operations.collecting.collect import source_digest, standing
from shouxin.operations.collecting.intake_source import IntakeSource, Looked, Met, SourceRecord
from shouxin.operations.collecting.kept_out import SUPPRESSED, kept_out_at
from shouxin.operations.collecting.plan_file import PlanFile
from shouxin.operations.collecting.plan_row import PlanRun
from shouxin.operations.collecting.plans import plan_in
from shouxin.operations.collecting.sources import source_in
from shouxin.operations.collecting.still_out import StillOut
from shouxin.operations.pause import check_not_paused
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import SourceKind
from shouxin.vault.records import Records

__all__ = ["Purge", "attest_purge", "list_purges", "locator_digest", "look_again", "note_copy"]

# Where a look meets every record that stands where all were taken: no page of it is left out.
_LOOKED_THROUGH: Final = frozenset({SourceKind.SQL, SourceKind.REST})
_WAYS: Final = 8  # sets of fields that are remembered, where a plan was designed anew


@dataclass(frozen=True, slots=True)
class Purge:
    """What one place of a source still holds in the clear. ``left`` is what the last look found; none before a look.

    ``locator`` is a keyed digest of where it lies; ``asked`` are the fields that its runs asked for. ``changed`` of
    what is left have other values than when they were copied; ``unknown`` stand beside them and never came. ``aside``
    counts what was set aside before that was kept record by record (``asides``). ``attested`` is when a partner's word
    that it is deleted was recorded, ``evidence`` the SHA-256 of their statement.
    """

    plan: str
    source: str
    place: bytes
    due: Instant
    aside: int = 0
    looked: Instant | None = None
    left: int | None = None
    locator: bytes = b""
    asked: tuple[tuple[str, ...], ...] = ()
    changed: int = 0
    unknown: int = 0
    attested: Instant | None = None
    evidence: bytes = b""

    def is_gone(self) -> bool:
        """Say whether a look has found nothing."""
        return self.left == 0

    def has_ended(self) -> bool:
        """Say whether nothing is to be done any more: it is gone, or who alone can look has said so."""
        return self.is_gone() or self.attested is not None

    def is_late(self, now: Instant) -> bool:
        """Say whether it should have been gone by ``now``."""
        return not self.has_ended() and now >= self.due


def _identifier(place: bytes, locator: bytes) -> bytes:
    return hashlib.sha256(b"shouxin/purge\0" + place + locator).digest()[:16]


def locator_digest(workspace: Workspace, source: str, where: bytes) -> bytes:
    """Return the keyed digest of where a source lies: a path may name somebody."""
    words = b"shouxin/locator\0" + source.encode() + b"\0" + where
    return workspace.custody.suite.prf(workspace.custody.service("index.prf"), words)[:16]


def note_copy(workspace: Workspace, records: Records, act: Act, plan: PlanFile, run: PlanRun) -> None:
    """Note, in the transaction that ends a run, until when its plaintext may stay in the source."""
    if plan.mode != "copy" or plan.public:
        return
    before = records.authority.get(AuthorityKind.PURGE, _identifier(run.place, run.locator))
    known = None if before is None else workspace.notary.read(before, Purge)
    due = Instant(act.now + plan.purge_days * DAY)
    if known is not None and not known.has_ended():
        due = min(due, known.due)  # what came first does not wait for what came later
    aside = 0 if known is None else known.aside
    way = tuple(sorted(plan.columns() | plan.taken()))
    asked = tuple(dict.fromkeys((way, *(() if known is None else known.asked))))[:_WAYS]
    value = Purge(plan.code, plan.source, run.place, due, aside, locator=run.locator, asked=asked)
    _write(workspace, records, act, value, before, "due")


def _write(
    workspace: Workspace, records: Records, act: Act, purge: Purge, before: AuthorityRow | None, state: str
) -> None:
    version = 1 if before is None else before.version + 1
    identifier = _identifier(purge.place, purge.locator)
    row = workspace.notary.write(AuthorityKind.PURGE, identifier, version, purge, name=purge.source)
    records.authority.put(row)
    records.record(
        act.event(
            EventKind.PURGE_CHANGED,
            plan=purge.plan,
            source=purge.source,
            state=state,
            left=purge.left or 0,
            due=purge.due,
            **row_facts(row, before),
        )
    )


def look_again(workspace: Workspace, token: Token, code: str, source: IntakeSource, *, erase: bool = False) -> Purge:
    """Look whether the source still has what was copied from it under the plan ``code``, and note what is left.

    With ``erase`` what stands there as it arrived is deleted first, unless records were set aside: those are nowhere
    else. What was set aside because its person is kept out, and is so still, is deleted with it, and counts as left
    until it is gone. What changed since, and what never came, stays and is counted. Of several contents that were
    copied from the same place each is noted; the one of which most is left is returned.

    Raises:
        NotFound: nothing was copied from this very place under this plan. Invalid: records were set aside.
        NotInThisState: the source cannot be erased from here. StoreUnavailable: it does not answer.
        Refused: the caller may not.
    """
    waiting = [one for one in list_purges(workspace, token) if one.plan == code and not one.has_ended()]
    known = [one for one in waiting if _is_of(workspace, one, source)]
    if not known:
        raise NotFound("nothing that this plan copied is known to be left in this very place")
    if erase and any(one.aside or _is_held(workspace, one) for one in known):
        raise Invalid("records were set aside and are in the source only: mend or export them first", "erase")
    seen = [_looked(workspace, token, one, source, erase=erase) for one in known]
    return max(seen, key=lambda one: one.left or 0)


def _is_held(workspace: Workspace, known: Purge) -> bool:
    """Say whether something of a place is set aside that nobody keeps out: it is nowhere else."""
    return any(one.reason != SUPPRESSED for one in standing(workspace, known.place).rows.values())


def _looked(workspace: Workspace, token: Token, known: Purge, source: IntakeSource, *, erase: bool) -> Purge:
    """Erase one purge's records if asked to, look, and note what is left."""
    began = standing(workspace, known.place)
    at = began.reached
    wanted = frozenset(field for way in known.asked for field in way)
    arrivals = Arrivals(workspace, known.place)
    still_out = StillOut(workspace, token, known.plan, known.place)

    def recall(records: Sequence[SourceRecord]) -> Sequence[Met]:
        return still_out.recall(records, arrivals.recall(records, known.asked), known.asked)

    if erase:
        workspace.data.read(partial(check_not_paused, workspace))
        _note(workspace, token, known, "erasing")
        source.erase(at, wanted, recall)
    found = source.verify(at, wanted, recall)
    if not known.locator:  # noted before arrivals were: what is not known may have been copied
        found = Looked(found.left + found.unknown, found.changed)
    value = replace(known, left=found.left, changed=found.changed, unknown=found.unknown)
    settled = source.kind in _LOOKED_THROUGH and bool(known.locator)
    return _note(workspace, token, value, "left" if found.left else "gone", settled=settled, began=began.version)


def _is_of(workspace: Workspace, purge: Purge, source: IntakeSource) -> bool:
    if purge.locator:
        return purge.locator == locator_digest(workspace, purge.source, source.locator())
    return purge.place == source_digest(purge.source, purge.plan.encode() + b"\0" + source.identity())


def _note(
    workspace: Workspace, token: Token, purge: Purge, state: str, *, settled: bool = False, began: int = -1
) -> Purge:
    """Note what a look found; ``settled``: it met every record that stands there.

    ``began`` is in which version the place stood when it began: what a run has set aside since is not forgotten.
    """

    def work(records: Records) -> Purge:
        act = begin(workspace, records, token)
        act.need("collector", "dpo", "operator")
        before = records.authority.get(AuthorityKind.PURGE, _identifier(purge.place, purge.locator))
        if before is None:
            raise NotInThisState("this was forgotten meanwhile")
        value = replace(purge, looked=act.now)
        _write(workspace, records, act, value, before, state)
        gone = value.is_gone() and not any(one.place == value.place for one in _waiting(workspace, records))
        if gone:
            records.cells.forget_arrivals(kept_out_at(value.place))  # nothing is left for which they are needed
        unmoved = standing_at(workspace, records, value.place).version == began
        if unmoved and not value.unknown and (gone or settled):
            purposes = sorted(plan_in(workspace, records, value.plan)[1].file().purposes)
            moved = Moved(source=value.source, purposes=purposes, taken=0, aside=0)
            # Of whom is kept out, the list goes when nothing is left.
            forget_asides(workspace, records, act, value.place, moved, but="" if gone else SUPPRESSED)
        return value

    return workspace.data.transact(work).value


def attest_purge(workspace: Workspace, token: Token, code: str, evidence: bytes) -> Purge:
    """Record a partner's word that what they pushed under the plan ``code`` is deleted; ``evidence`` is its SHA-256.

    Durable on return. What they push afterwards has a date of its own.

    Raises:
        NotInThisState: the source is one at which can be looked. NotFound: nothing that they pushed waits.
        Refused: the caller is neither data-protection officer nor operator.
    """

    def work(records: Records) -> Purge:
        act = begin(workspace, records, token)
        act.need("dpo", "operator")
        source = source_in(workspace, records, plan_in(workspace, records, code)[1].file().source)
        if source is None or source.source.kind is not SourceKind.PUSH:
            raise NotInThisState("a word is taken only of what a partner pushed: look at every other source")
        known = next((one for one in _waiting(workspace, records) if one.plan == code), None)
        if known is None:
            raise NotFound("nothing that was pushed under this plan waits to be deleted")
        before = records.authority.get(AuthorityKind.PURGE, _identifier(known.place, known.locator))
        value = replace(known, attested=act.now, evidence=evidence)
        _write(workspace, records, act, value, before, "attested")
        return value

    return workspace.data.transact(work).value


def _waiting(workspace: Workspace, records: Records) -> list[Purge]:
    """Return the purges of which it is not known, or said by who alone can, that the plaintext is gone."""
    found = workspace.notary.read_all(records.authority.find(AuthorityKind.PURGE), Purge)
    return [one for one in found if not one.has_ended()]


def list_purges(workspace: Workspace, token: Token) -> list[Purge]:
    """Return what copies have left behind, the most urgent first; also what is gone."""

    def work(records: Records) -> list[Purge]:
        begin(workspace, records, token)
        found = workspace.notary.read_all(records.authority.find(AuthorityKind.PURGE), Purge)
        return sorted(found, key=lambda one: (one.has_ended(), one.due))

    return workspace.data.read(work)
