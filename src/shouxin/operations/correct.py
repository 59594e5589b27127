"""Correct: replace values of a person (PIPL 46). The old value is erased, not overwritten.

A cell is immutable, so a correction seals the cell anew under a new key and a new subject key leaves the old one out:
the wrong value can no longer be opened, and an old row put back opens nothing. The journal says in which cell the rest
went on, so that a restore of an older backup loses the wrong value and nothing else (``recovery.carry_over``).

What a legal hold keeps is not destroyed: the old cell stays beside the new one, stored and protected only (PIPL 47(2)),
and is due once nothing holds it any more. A restore of a backup from before the correction, made after that, loses all
of that cell: the journal says of it only that it was erased.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotFound, NotInThisState
from shouxin.keys.journal import Fates
from shouxin.operations.acting import Act, begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.index_age import check_index
from shouxin.operations.keyring_age import check_has_chain, check_keyring_now
from shouxin.operations.pause import check_not_paused
from shouxin.operations.rekeying import left_behind, rekey, settle_clean, still_held
from shouxin.operations.resealing import Resealed, put_in_place, seal_anew
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.subjects import person_of, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.retention.hold import held
from shouxin.vault.cell import item_codes
from shouxin.vault.records import CellKind, CellRow, Records, SubjectState

__all__ = ["correct", "correct_person"]

_IN_USE: Final = (SubjectState.ACTIVE, SubjectState.MERGED)
# Whoever restricted the use of their data may still have it put right: both are theirs to ask (PIPL 44, 46(1)).
_ASKED: Final = (*_IN_USE, SubjectState.FROZEN)

_CORRECTORS: Final = ("rights_desk", "dpo", "credit_officer")


def correct_person(
    workspace: Workspace, token: Token, subject: SubjectId, values: Mapping[ItemCode, Plaintext], *, asked: bool = False
) -> list[ItemCode]:
    """Correct on every record of a person: the wrong value may stand on one that was merged into theirs, or on both.

    ``asked``: the person asks for it themselves, so a restriction that they asked for does not stand in the way. What
    only a statute keeps is stored and protected, and nothing else (PIPL 47(2)): it is not touched either way. Each
    record is durable by itself; killed between two, doing it again corrects the rest to the same values.

    Raises:
        NotFound: nothing of these items is kept that may be corrected. NotInThisState: the person is being erased, or
            frozen and has not asked.
    """
    people = workspace.data.read(
        lambda records: with_merged(workspace, records, [person_of(workspace, records, subject)[-1].subject])
    )
    corrected: set[ItemCode] = set()
    for one in people:
        try:
            states = _ASKED if asked else _IN_USE
            corrected |= {*correct(workspace, token, one, values, states=states, spare_kept=True)}
        except NotFound:
            if one == people[-1] and not corrected:
                raise
    return sorted(corrected)


def correct(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    values: Mapping[ItemCode, Plaintext],
    *,
    states: Collection[SubjectState] = (SubjectState.ACTIVE,),
    spare_kept: bool = False,
) -> list[ItemCode]:
    """Replace the values of one record that are named in ``values``; return the items that were corrected.

    ``states`` are those in which the record may stand; ``spare_kept`` leaves what only a statute keeps untouched; see
    ``correct_person``.

    A value that was corrected once and lost in a restore is entered again where it stood. Durable on return: the new
    values are sealed, recorded and found by look-up; the old ones are gone, or used no more where a hold covers them.
    Killed before its record, nothing has changed; killed after it, opening the workspace finishes the removal.

    Raises:
        NotFound: nothing of these items is kept. NotInThisState: the person is frozen or being erased. RolledBack:
        index or keyring is an old copy.
    """

    def prepare(records: Records) -> list[CellRow]:
        act = begin(workspace, records, token)
        act.need(*_CORRECTORS)
        _, standing = resolve_subject(workspace, records, subject)
        if standing.state not in states:
            raise NotInThisState(f"a subject that is {standing.state} cannot be corrected")
        check_not_paused(workspace, records)
        check_index(workspace, records)
        check_has_chain(workspace, subject)
        rows = [row for row in records.cells.cells_of([subject]) if row.kind is CellKind.OWN]
        kept = [row for row in rows if row.cell in standing.kept_only]
        spared = {row.cell for row in kept} if spare_kept else _held(workspace, records, act, kept).keys()
        return [row for row in rows if row.cell not in spared]

    own = workspace.data.read(prepare)
    check_keyring_now(workspace)
    wanted = _wanted(workspace, own, values)
    rows = [row for row in own if wanted[row.cell]]
    if not rows:
        raise NotFound("nothing of these items is kept of this person")

    with workspace.custody.keyring.at_work():
        # An earlier correction that was recorded and could not destroy comes first: each wrong value has its own entry.
        stale = left_behind(workspace, subject, [row.cell for row in rows])
        if stale:
            _destroy_old(workspace, subject, stale)
        others = {row.cell: [item for item in item_codes(row.sealed) if item not in values] for row in rows}
        put = {row.cell: {item: values[item] for item in wanted[row.cell]} for row in rows}
        made = seal_anew(workspace, subject, rows, lambda row: (others[row.cell], put[row.cell]))
        beside = _record(workspace, token, subject, made, states)
        _destroy_old(workspace, subject, [one.before.cell for one in made if one.before.cell not in beside])
        settle_clean(workspace, [subject])
    return sorted({item for one in made for item in one.items})


def _held(workspace: Workspace, records: Records, act: Act, rows: Sequence[CellRow]) -> dict[CellId, str]:
    """Return the cells that a hold on the person covers at this moment, each with the hold's rule."""
    if not rows:
        return {}
    judge = Judge(workspace, records, standing_engine(workspace, records, "", act.now), local_date(act.now))
    kept = ((row.cell, held(judge.holds_now(row.subject), row.purpose)) for row in rows)
    return {cell: why.rule for cell, why in kept if why is not None}


def _wanted(
    workspace: Workspace, own: Sequence[CellRow], values: Mapping[ItemCode, Plaintext]
) -> dict[CellId, list[ItemCode]]:
    """Return, for each cell, which of ``values`` go into it: where the item stands, or stood before it was lost."""
    wanted = {row.cell: [item for item in item_codes(row.sealed) if item in values] for row in own}
    absent = [item for item in values if not any(item in found for found in wanted.values())]
    if absent:
        fates = Fates.of(workspace.journal.entries())
        for item in absent:
            for cell in fates.heirs(item) & wanted.keys():
                wanted[CellId(cell)].append(item)
    return wanted


def _destroy_old(workspace: Workspace, subject: SubjectId, cells: list[CellId]) -> None:
    """Destroy the keys of the cells that were replaced, and nothing else; their tags first."""
    workspace.index.remove(cells)
    rekey(workspace, {subject: None}, gone=cells)


def _record(
    workspace: Workspace, token: Token, subject: SubjectId, made: list[Resealed], states: Collection[SubjectState]
) -> Collection[CellId]:
    """Replace the rows and record it, in one transaction; from here on the old keys are to be destroyed.

    Returns the cells that are held, as this transaction sees it: their keys stay.
    """

    def work(records: Records) -> Collection[CellId]:
        act = begin(workspace, records, token)
        act.need(*_CORRECTORS)
        if resolve_subject(workspace, records, subject)[1].state not in states:
            raise NotInThisState("the person was frozen or erased meanwhile")
        still_held(workspace, subject, [one.after.cell for one in made])
        beside = _held(workspace, records, act, [one.before for one in made])
        put_in_place(workspace, records, act, EventKind.CELL_CORRECTED, made, beside)
        return beside.keys()

    return workspace.data.transact(work).value
