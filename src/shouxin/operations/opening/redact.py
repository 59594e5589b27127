"""Redact: use an object masked, as a rendition in which nobody is seen, read or heard (laws 1, 3 and 4).

The masked form of an object is a disclosure like any other: the card of the purpose says who may have it, the event is
durable before the key is fetched, and everybody whom the object depicts is named in it. What leaves is the rendition
only, after it was read back (``detection.media.rendition``).

What a kill leaves: a recorded disclosure of which nobody saw anything. Asking again records another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from shouxin.actors.account import Token
from shouxin.detection.media.rendition import Renderer, Rendition
from shouxin.domain.identifiers import ObjectId
from shouxin.domain.items import ItemCode
from shouxin.errors import NotFound
from shouxin.operations.acting import begin
from shouxin.operations.opening.disclose_object import record_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.workspace import Workspace
from shouxin.policy.card import Form
from shouxin.vault.door import MASKED
from shouxin.vault.records import ObjectRow, Records

__all__ = ["Redacted", "redact_object"]

_MASKED: Final = Form(MASKED)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A rendition, and the leaf of the ledger that holds its disclosure."""

    leaf: int
    rendition: Rendition


@contextmanager
def redact_object(
    workspace: Workspace, token: Token, purpose: str, object_id: ObjectId, renderer: Renderer
) -> Iterator[Redacted]:
    """Use one object masked, for a purpose; its rendition can be read until the context ends.

    Raises:
        Refused: the policy denies, or what is still seen in the rendition could not be masked.
        NotFound: no such object, or its person was erased. NotSignedIn, Tampered: see ``operations.acting``.
        Invalid: no video, picture, document or recording, or one that cannot be masked. Misconfigured: no engines.
    """

    def whose(records: Records) -> ObjectRow:
        begin(workspace, records, token)
        people = records.cells.depicted_in(object_id)
        for row in records.cells.objects_of(people) if people else ():
            if row.object_id == object_id:
                return row
        raise NotFound("there is no such object")

    row = workspace.data.read(whose)
    wish = Wish(purpose, frozenset({ItemCode(row.item)}), (row.subject,), _MASKED)
    recorded, row = record_object(workspace, token, wish, object_id)
    with renderer.masked(workspace.door.open_object(recorded, row)) as rendition:
        yield Redacted(recorded.proposed.leaf, rendition)
