"""Who is kept out of a collection: people, or parts of them, who were erased and stay erased (PIPL 47)."""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.errors import Refused
from shouxin.operations.acting import Act
from shouxin.operations.collecting.intake import Portion
from shouxin.operations.collecting.said_before import IDENTIFYING
from shouxin.operations.collecting.sealing import Draft
from shouxin.operations.erasing.suppression import EVERYTHING, Place, suppressed
from shouxin.operations.workspace import Workspace
from shouxin.retention.shortened import term_name
from shouxin.vault.records import Records

__all__ = ["SUPPRESSED", "kept_out", "kept_out_at"]

# Why a record of somebody who was erased is set aside.
SUPPRESSED: Final = "suppressed"


def kept_out_at(place: bytes) -> bytes:
    """Return where the digests of the records of ``place`` are noted that were set aside as suppressed: 16 bytes.

    They have not arrived; they are noted so that the copy's purge deletes them in the source too, and go with it.
    """
    return hashlib.sha256(b"shouxin/kept-out\0" + place).digest()[:16]


def kept_out(
    workspace: Workspace, seen: Records, act: Act, drafts: list[Draft], left: list[ItemCode]
) -> tuple[list[Draft], list[ItemCode]]:
    """Return the drafts of a record without those whom an erasure keeps out; their items count as not kept.

    Somebody with an identity number is known by it alone, in 15 digits as in 18, because a mobile may be another's by
    now. Of whom a part was
    erased, that part is left out, and what was named with it.

    Raises:
        Refused: the person of the record is kept out, or all that it says of them; it is set aside unsealed.
    """
    tags = [_known_by(workspace, one) for one in drafts]
    own = [[*one.portions, *(portion for _, portion in one.edges)] for one in drafts]
    places = {_place_of(portion) for portions in own for portion in portions}
    barred = suppressed(workspace, seen, act.now, {tag for known in tags for tag in known}, places)
    out: list[Draft] = []
    for one, known in zip(drafts, tags, strict=True):
        gone_for = {place for tag, place in barred if tag in known}
        if EVERYTHING in gone_for:
            out.append(one)
        elif gone_for:
            left = [*left, *_left_out(one, gone_for)]
            if not one.portions:
                out.append(one)
    if drafts[0] in out:
        raise Refused("this person was erased and is kept out", [(SUPPRESSED, "PIPL 47(1)")])
    gone = {one.subject for one in out}
    drafts[0].edges = [(other, portion) for other, portion in drafts[0].edges if other not in gone]
    return (
        [one for one in drafts if one.subject not in gone],
        [*left, *(item for one in out for portion in one.portions for item in portion.values)],
    )


def _known_by(workspace: Workspace, draft: Draft) -> list[bytes]:
    """Return the blind tags by which the person of a draft is known: an identity number's alone, or all."""
    if draft.tag is None:
        return [tag for made in draft.tags.values() for tag in made]
    numbers = (portion.values[IDENTIFYING].text() for portion in draft.portions if IDENTIFYING in portion.values)
    return [draft.tag, *(tag for number in numbers for tag in workspace.tagger.every_inner(IDENTIFYING, number))]


def _place_of(portion: Portion) -> Place:
    return portion.purpose, term_name(portion.term)


def _left_out(draft: Draft, gone_for: set[Place]) -> list[ItemCode]:
    """Leave out of a draft what its person is kept out of; return the items."""
    gone = [one for one in draft.portions if _place_of(one) in gone_for]
    draft.portions = [one for one in draft.portions if _place_of(one) not in gone_for]
    draft.tags = {id(one): draft.tags[id(one)] for one in draft.portions}
    cut = [portion for _, portion in draft.edges if _place_of(portion) in gone_for]
    draft.edges = [(other, one) for other, one in draft.edges if _place_of(one) not in gone_for]
    return [item for portion in (*gone, *cut) for item in portion.values]
