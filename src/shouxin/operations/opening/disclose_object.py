"""Disclose an object: a video, image or document, chunk by chunk, for as long as it is permitted (laws 1 and 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from shouxin.actors.account import Token
from shouxin.domain.identifiers import ObjectId
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import current_engine
from shouxin.operations.keyring_age import check_key_of
from shouxin.operations.opening.permit import (
    Denied,
    Wish,
    check_wish,
    decide_and_record,
    facts_of,
    kept_only,
    may_be_shown,
    why_out_of_use,
)
from shouxin.operations.retaining.past_use import out_of_use
from shouxin.operations.tiers import must_be_hot
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import PurposeCode
from shouxin.vault.door import RAW, Proposed, Recorded
from shouxin.vault.records import ObjectRow, Records

__all__ = ["disclose_object", "record_object"]

_CHUNKS_BETWEEN: Final = 16  # of 256 KiB each


def record_object(workspace: Workspace, token: Token, wish: Wish, object_id: ObjectId) -> tuple[Recorded, ObjectRow]:
    """Decide on the use of one object and record it; what the door then needs. Conditions as for ``disclose``.

    Raises:
        Refused, NotFound, NotSignedIn, Tampered: as ``disclose``.
        NotInThisState: it is in the archive, or on its way; nothing was recorded (``operations.objects.recall``).
        RolledBack: the keyring is an old copy; nothing was recorded.
    """

    def work(records: Records) -> tuple[Proposed, list[ObjectRow]] | Denied:
        shown = [one for one in records.cells.depicted_in(object_id) if one not in wish.subjects]
        result = decide_and_record(workspace, records, token, wish, shown)
        if isinstance(result, Denied):
            return result
        rows = [row for row in records.cells.objects_of(wish.subjects) if row.object_id == object_id]
        if not result.proposed.statutory:
            _check_in_use(workspace, records, token, wish, rows)
        if rows:
            check_key_of(workspace, records, rows[0])
            must_be_hot(workspace, records, object_id)
        return result.proposed, rows

    check_wish(wish)
    committed = workspace.data.transact(work, covered=wish.form == RAW)
    if isinstance(committed.value, Denied):
        raise committed.value.decision.refusal()
    proposed, rows = committed.value
    if not rows:
        raise NotFound("there is no such object under this person")
    return Recorded(proposed, committed.size, committed.covered), rows[0]


def _check_in_use(workspace: Workspace, records: Records, token: Token, wish: Wish, rows: Sequence[ObjectRow]) -> None:
    """Refuse an object that is out of use, with what keeps it (PIPL 47(2)) or why it must go (47(1))."""
    if not rows:
        return
    act = begin(workspace, records, token)
    engine = current_engine(workspace, records, "", act.now)
    kept = kept_only(workspace, records, wish.subjects)
    if stopped := out_of_use(workspace, records, act, engine, wish.purpose, rows, kept):
        why = [(one.rule, one.article) for one in why_out_of_use(stopped.values())]
        raise Refused("this object is past its use", why)


def disclose_object(
    workspace: Workspace, token: Token, wish: Wish, object_id: ObjectId
) -> tuple[int, Iterator[Plaintext]]:
    """Use one object raw: return its leaf in the ledger and its chunks; conditions as for ``disclose``.

    Masked it is a rendition: ``operations.opening.redact``. Whoever takes chunks is asked again after every 4 MiB: a
    freeze, a withdrawal, an ended grant or sign-in ends the chunks with the error that a new disclosure would have.
    """
    if wish.form != RAW:
        raise Invalid("an object is shown raw here; masked it is a rendition", "form")
    recorded, row = record_object(workspace, token, wish, object_id)
    chunks = workspace.door.open_object(recorded, row)
    return recorded.proposed.leaf, _while_permitted(workspace, token, wish, object_id, chunks)


def _while_permitted(
    workspace: Workspace, token: Token, wish: Wish, object_id: ObjectId, chunks: Iterator[Plaintext]
) -> Iterator[Plaintext]:
    """Yield ``chunks`` for as long as the disclosure would be permitted anew; nothing more is recorded.

    Raises:
        Refused, NotFound, NotSignedIn: it would not.
    """

    def still(records: Records) -> None:
        act = begin(workspace, records, token)
        engine = current_engine(workspace, records, wish.purpose, act.now)
        card = engine.cards.get(PurposeCode(wish.purpose))
        statutory = card is not None and card.statutory
        shown = [one for one in records.cells.depicted_in(object_id) if one not in wish.subjects]
        may_be_shown(workspace, records, shown, statutory=statutory)
        facts = facts_of(workspace, records, act, wish, engine, card)
        engine.decide_again(facts.question).enforce()
        if not statutory:
            rows = [row for row in records.cells.objects_of(wish.subjects) if row.object_id == object_id]
            _check_in_use(workspace, records, token, wish, rows)

    for number, chunk in enumerate(chunks):
        if number and number % _CHUNKS_BETWEEN == 0:
            workspace.data.read(still)
        yield chunk
