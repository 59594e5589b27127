"""Read the tags of a person's objects: metadata only, nothing is opened and no event is made."""

from __future__ import annotations

from typing import Final

from shouxin.actors.account import Token
from shouxin.detection.media.media_finding import MediaFinding, MediaForm, MediaKind, items_of
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode, grade
from shouxin.errors import Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.acting import begin
from shouxin.operations.adopting.cards import standing_engine
from shouxin.operations.retaining.judging import Judge
from shouxin.operations.retaining.standing import WATCHING
from shouxin.operations.workspace import Workspace
from shouxin.vault.records import Records
from shouxin.vault.tags import ObjectTags, Origin

__all__ = ["tags_of_objects"]


# A video that is kept of a person shows them: it is graded as a scan grades a video in which somebody is seen.
_SEEN: Final = items_of(MediaForm.VIDEO, (MediaFinding(MediaKind.FACE.value, 1.0),))
_FILMED: Final = ItemCode("interview.video")


def _held(item: ItemCode, origin: Origin) -> tuple[ItemCode, ...]:
    """Return what an object holds for its grade: its item, and whom a video shows."""
    return (item, *_SEEN) if item == _FILMED or origin.format.startswith("video.") else (item,)


def tags_of_objects(workspace: Workspace, token: Token, subject: SubjectId) -> list[ObjectTags]:
    """Return the tags of every object of a person, by identifier; grade and retention are those of this day.

    Raises:
        Refused, NotSignedIn: the caller does not watch over retention. Tampered: the log has another digest.
    """

    def work(records: Records) -> list[ObjectTags]:
        act = begin(workspace, records, token)
        act.need(*WATCHING)
        today = local_date(act.now)
        judge = Judge(workspace, records, standing_engine(workspace, records, "", act.now), today)
        found = []
        for row in records.cells.objects_of([subject]):
            event = decode(records.ledger.entry(row.leaf))
            if event.facts.get("sealed") != row.digest.hex():
                raise Tampered("an object's row and its event name different bytes")
            outlook, item = judge.outlook(row), ItemCode(row.item)
            others = [one for one in records.cells.depicted_in(row.object_id) if one != row.subject]
            tags = ObjectTags(
                object_id=row.object_id,
                created=event.at,
                origin=records.cells.origin_of(row.object_id),
                subjects=(row.subject, *others),
                purpose=row.purpose,
                item=item,
                grade=grade(_held(item, records.cells.origin_of(row.object_id)), today),
                size=row.size,
                digest=row.digest,
                term=row.term,
                retention=outlook.state.value,
                until=outlook.on.isoformat() if outlook.on else "",
            )
            found.append(tags)
        return found

    return workspace.data.read(work)
