"""Put right what a person says is wrong or missing, read it back, and only then answer them (PIPL 46; law 4).

What spans more stores is done first and answered after; doing it again after a crash changes nothing. A database of
the lender's that could not be put right keeps the request open: nobody is told that it was done.

A person who restricted the use of their data (PIPL 44) may still have it put right: both are theirs to ask, and 46(1)
excepts nobody. What only a statute keeps of them is stored and protected and nothing else (47(2)): it is left.

**Source:** PIPL 8, 44, 46, 47(2); 征信业管理条例 25(2)(3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import RightId, SubjectId
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Tampered
from shouxin.operations.acting import begin
from shouxin.operations.correct import correct_person
from shouxin.operations.downstream.amend_systems import correct_in_systems
from shouxin.operations.downstream.databases import OpenDatabase
from shouxin.operations.downstream.report import Report
from shouxin.operations.rights.act import ObjectionFinding, handled
from shouxin.operations.rights.answer import NOTHING_MORE, Said, answer_done
from shouxin.operations.rights.supplement import supplement
from shouxin.operations.subjects import person_of, resolve_subject, with_merged
from shouxin.operations.workspace import Workspace
from shouxin.rights.kinds import RightKind
from shouxin.rights.request import RightRequest
from shouxin.vault.cell import item_codes, open_cell
from shouxin.vault.erasure import Outcome
from shouxin.vault.records import CellKind, CellRow, Records

__all__ = ["correct_everywhere_for", "correct_for"]

_KINDS: Final = (RightKind.CORRECT, RightKind.SUPPLEMENT, RightKind.OBJECT_CREDIT)
# What is asked about is not kept, or not of this person: the right reaches what is (PIPL 46(1)).
_NOT_KEPT: Final = "CN-PIPL-46-1-CORRECT"
_KEPT_ONLY: Final = "CN-PIPL-47-2-FROZEN"


def correct_for(
    workspace: Workspace,
    token: Token,
    right: RightId,
    values: Mapping[ItemCode, Plaintext],
    said: Said = NOTHING_MORE,
    *,
    under: str = "",
) -> RightRequest:
    """Correct what a person says is wrong, on every record of theirs, read it back, then answer them.

    A request to supplement also adds what is not kept of them yet, under the card of the purpose ``under``. Items of
    the request of which nothing is kept, or which only a statute keeps, are left, with that reason. Whoever found
    another of them to be right, and so leaves it out of ``values``, says why in ``said.reasons``.

    Raises:
        NotFound: nothing of these items is kept. NotInThisState: the person is being erased, or nobody handles this.
        Invalid: an item is left and nobody says why; an objection without a written answer; ``under`` for another kind.
        Refused: the card of ``under`` does not let the item in, or the person was not told or did not agree.
        Tampered: the read-back found another value.
    """
    request = workspace.data.read(lambda records: handled(workspace, records, right, *_KINDS))
    if request.kind is RightKind.OBJECT_CREDIT and said.reply is None:
        raise Invalid("an objection is answered in writing", "reply")
    if under and request.kind is not RightKind.SUPPLEMENT:
        raise Invalid("only a request to supplement adds what is not kept yet", "under")
    people = _people(workspace, token, request.subject)
    left = workspace.data.read(lambda records: _left(workspace, records, people, request, values))
    added = {item: values[item] for item, rule in left.items() if under and rule == _NOT_KEPT and item in values}
    left = {item: rule for item, rule in left.items() if item not in added}
    if None in left.values() and not said.reasons:
        raise Invalid("what is kept and not corrected is left with a reason: it was found right, by which rule", "why")
    if added:
        supplement(workspace, token, people[0], under, added)
    # What is not kept is tried too: a value that a restore lost is entered again where it stood.
    wrong = {item: value for item, value in values.items() if item not in added and left.get(item) != _KEPT_ONLY}
    if not wrong and not added:
        raise NotFound("nothing of these items is kept that could be corrected")
    corrected = {*added, *(_corrected(workspace, token, request.subject, wrong, may_be_none=bool(added)))}
    left = {item: rule for item, rule in left.items() if item not in corrected}
    _read_back(workspace, people, {item: values[item] for item in corrected})
    found = (f"found-{ObjectionFinding.WRONG.value}",) if request.kind is RightKind.OBJECT_CREDIT else ()
    reasons = dict.fromkeys((*said.reasons, *(rule for rule in left.values() if rule)))
    answer = replace(said, done=(*found, *sorted(corrected)), left=tuple(sorted(left)), reasons=tuple(reasons))
    return answer_done(workspace, token, right, answer)


def _corrected(
    workspace: Workspace,
    token: Token,
    subject: SubjectId,
    wrong: Mapping[ItemCode, Plaintext],
    *,
    may_be_none: bool,
) -> list[ItemCode]:
    try:
        return correct_person(workspace, token, subject, wrong, asked=True) if wrong else []
    except NotFound:
        if may_be_none:
            return []
        raise


def correct_everywhere_for(
    workspace: Workspace,
    token: Token,
    right: RightId,
    values: Mapping[ItemCode, Plaintext],
    said: Said,
    elsewhere: tuple[str, OpenDatabase],
    *,
    under: str = "",
) -> tuple[RightRequest, list[Report]]:
    """Do as ``correct_for``, in the lender's own databases first: the wrong value may be what finds the person there.

    ``elsewhere`` is the purpose under which they are told who the person is, and how they are opened.
    Where one failed, nothing is corrected here and nothing is answered: the request comes back as it stands, with what
    each database said. Doing it again, once that is mended, puts the others to the same values.

    Raises:
        Refused: the card of that purpose lets nobody relay who a person is. Others as ``correct_for``.
    """
    request = workspace.data.read(lambda records: handled(workspace, records, right, *_KINDS))
    reports: list[Report] = []
    for one in _people(workspace, token, request.subject):
        reports += correct_in_systems(workspace, token, one, values, *elsewhere)
    if any(report.having(Outcome.FAILED) for report in reports):
        return request, reports
    return correct_for(workspace, token, right, values, said, under=under), reports


def _people(workspace: Workspace, token: Token, subject: SubjectId) -> list[SubjectId]:
    """Return every record of a person."""

    def work(records: Records) -> list[SubjectId]:
        begin(workspace, records, token).need("rights_desk", "dpo")
        return with_merged(workspace, records, [person_of(workspace, records, subject)[-1].subject])

    return workspace.data.read(work)


def _own(
    workspace: Workspace, records: Records, people: Sequence[SubjectId]
) -> tuple[list[CellRow], frozenset[ItemCode]]:
    """Return the cells that may be corrected, and the items that stand in others, which a statute alone keeps."""
    kept = {one for subject in people for one in resolve_subject(workspace, records, subject)[1].kept_only}
    rows = [row for row in records.cells.cells_of(people) if row.kind is CellKind.OWN]
    spared = {item for row in rows if row.cell in kept for item in item_codes(row.sealed)}
    return [row for row in rows if row.cell not in kept], frozenset(spared)


def _left(
    workspace: Workspace,
    records: Records,
    people: Sequence[SubjectId],
    request: RightRequest,
    values: Mapping[ItemCode, Plaintext],
) -> dict[ItemCode, str | None]:
    """Return the items that will be left, each with its rule; with nothing where only whoever looked can say why."""
    rows, spared = _own(workspace, records, people)
    open_ = {item for row in rows for item in item_codes(row.sealed)}
    asked = {ItemCode(word) for word in request.about if word in taxonomy().items} | set(values)
    left: dict[ItemCode, str | None] = {}
    for item in asked:
        if item in open_:
            if item not in values:
                left[item] = None
        else:
            left[item] = _KEPT_ONLY if item in spared else _NOT_KEPT
    return left


def _read_back(workspace: Workspace, people: Sequence[SubjectId], values: Mapping[ItemCode, Plaintext]) -> None:
    """Open what now stands and hold it against what it should be; nothing of it is shown.

    Raises:
        Tampered: another value stands, or none.
    """
    rows = workspace.data.read(lambda records: _own(workspace, records, people)[0])
    chains = workspace.custody.keyring.get(people)
    found: set[ItemCode] = set()
    for row in rows:
        items = [item for item in item_codes(row.sealed) if item in values]
        if not items:
            continue
        key = workspace.custody.open(chains[row.subject]).key(row.cell)
        held = open_cell(workspace.custody.suite, key, row.binding(workspace.institution.institution_id), row.sealed)
        if any(held[item].text() != values[item].text() for item in items):
            raise Tampered("read-back: another value stands than the right one; nothing was answered")
        found.update(items)
    if found != set(values):
        raise Tampered("read-back: a value that was corrected does not stand; nothing was answered")
