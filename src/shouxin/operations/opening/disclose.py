"""Disclose: use personal information for a stated purpose, in a stated form (laws 1 and 3).

The four steps stand in their order, with *record* before *act*, as law 1 demands: decide and record in one
transaction, so that no permit is staler than its record; then the door opens; then what leaves is protected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from shouxin.actors.account import Token
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.domain.transaction import Ahead, Committed
from shouxin.errors import Invalid, NotFound, RolledBack
from shouxin.operations.opening.permit import (
    FEW,
    USED,
    Denied,
    Judged,
    Permitted,
    Wish,
    check_wish,
    decide_and_record,
    judge,
    record,
)
from shouxin.operations.subjects import person_of
from shouxin.operations.workspace import Workspace
from shouxin.policy.decision import Decision
from shouxin.protection.masks import mask
from shouxin.protection.pseudonym import Pseudonymiser
from shouxin.vault.door import RAW, Recorded
from shouxin.vault.records import CellRow, Records, SubjectState

__all__ = ["Disclosed", "HeldValue", "disclose", "disclose_each"]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What came through the door, and where the ledger holds it. Raw values are ``Plaintext``, others safe text.

    ``statements`` are what one of these people (first) stated about another (second), who is named in the event too.
    ``disputed`` are the items of each that the person says are wrong: whoever uses them is told (征信业管理条例 25(2)).
    """

    leaf: int
    decision: Decision
    values: Mapping[SubjectId, Mapping[ItemCode, Plaintext | str]]
    statements: Mapping[tuple[SubjectId, SubjectId], Mapping[ItemCode, Plaintext | str]]
    disputed: Mapping[SubjectId, frozenset[ItemCode]]


@dataclass(frozen=True, slots=True)
class HeldValue:
    """One value as it is kept: the cell in which it lies, its item, and what it says."""

    row: CellRow
    item: ItemCode
    value: Plaintext


def disclose(workspace: Workspace, token: Token, wish: Wish) -> Disclosed:
    """Use items of people for a purpose; return them in the form that was asked for and permitted.

    On return the event is durable; for raw values a signed checkpoint that covers it is on the shelf. A refusal is
    recorded too.

    Raises:
        Refused: the policy denies; carries rules and articles.
        NotFound: an unknown or erased person.
        NotSignedIn, Tampered: see ``operations.acting``.
    """
    check_wish(wish)

    covered = wish.form == RAW
    if len(wish.subjects) > FEW:
        committed = workspace.data.transact(
            lambda records: decide_and_record(workspace, records, token, wish), covered=covered
        )
        return _open(workspace, wish, committed)

    def look(records: Records) -> Judged:
        return judge(workspace, records, token, wish)

    def work(records: Records, judged: Judged) -> Permitted | Denied:
        over = workspace.now(records) >= judged.until
        return record(records, look(records) if over else judged)

    ahead = Ahead(look, wish.subjects, workspace.custody.keyring.get)
    return workspace.data.transact_then(ahead, work, partial(_open, workspace, wish), covered=covered)


def _open(workspace: Workspace, wish: Wish, committed: Committed[Permitted | Denied]) -> Disclosed:
    """Open what was permitted, now that it is on record, and bring it into its form."""
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    proposed, cells = committed.value.proposed, committed.value.cells
    recorded = Recorded(proposed, committed.size, committed.covered)
    try:
        opened = workspace.door.open(recorded, cells, committed.value.chains)
    except NotFound:
        _explain_missing_key(workspace, cells)
        raise
    return Disclosed(
        proposed.leaf,
        proposed.decision,
        {who: _protect(workspace, wish, of) for who, of in opened.values.items()},
        {pair: _protect(workspace, wish, of) for pair, of in opened.statements.items()},
        committed.value.disputed,
    )


def disclose_each(
    workspace: Workspace, token: Token, wish: Wish, owed: Callable[[Records], None]
) -> tuple[Disclosed, list[HeldValue]]:
    """Use items of people raw, and return every value by itself, older ones too: what a person is shown of their data.

    One disclosure like any other; ``owed`` runs inside its transaction and raises unless it is owed to somebody.
    """

    def work(records: Records) -> Permitted | Denied:
        owed(records)
        return decide_and_record(workspace, records, token, wish)

    check_wish(wish)
    if wish.form != RAW:
        raise Invalid("what a person is shown of their data is shown as it is", "form")
    committed = workspace.data.transact(work, covered=True)
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    permitted = committed.value
    recorded = Recorded(permitted.proposed, committed.size, committed.covered)
    held: list[HeldValue] = []
    for row in permitted.cells:
        opened = workspace.door.open(recorded, [row])
        values = (
            opened.values.get(row.subject, {})
            if row.other is None
            else opened.statements.get((row.subject, row.other), {})
        )
        held += [HeldValue(row, item, value) for item, value in values.items()]
    return Disclosed(permitted.proposed.leaf, permitted.proposed.decision, {}, {}, permitted.disputed), held


def _explain_missing_key(workspace: Workspace, cells: list[CellRow]) -> None:
    """Tell an erasure that came between record and opening from a keyring that is too old.

    Raises:
        RolledBack: the rows still stand and nobody is being erased, so their keys should be there.
    """

    def stands(records: Records) -> bool:
        still = {row.cell for row in records.cells.cells_of(list({row.subject for row in cells}))}
        people = {row.subject for row in cells} | {row.other for row in cells if row.other is not None}
        states = {one.state for who in people for one in person_of(workspace, records, who)}
        return all(row.cell in still for row in cells) and states <= USED | {SubjectState.FROZEN}

    if workspace.data.read(stands):
        raise RolledBack("a cell that stands has no key: this keyring is older than the data store")


def _protect(
    workspace: Workspace, wish: Wish, values: Mapping[ItemCode, Plaintext]
) -> Mapping[ItemCode, Plaintext | str]:
    """Bring opened values into the form that was permitted."""
    if wish.form == RAW:
        return values
    if wish.form == "pseudonymous":
        pseudonymiser = Pseudonymiser(workspace.custody.service("index.prf"), wish.purpose)
        return {item: pseudonymiser.pseudonym(item, value) for item, value in values.items()}
    return {item: mask(item, value).text for item, value in values.items()}
