"""What is found in a picture, on a page or in a video: a kind, and where and when it is seen or heard.

Laws. A finding holds a place and a moment, never what stands there. A document is found by what is printed on it; what
its fields hold is found beside it, as text. Whoever is seen in a video is personal information at the highest grade
that the taxonomy knows for a person, whatever else the video holds: face and voice single out, and cannot be changed.

Called by: the drivers that look and listen, and the survey, which grades.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.media.box import Box
from shouxin.domain.items import ItemCode

__all__ = ["MediaFinding", "MediaForm", "MediaKind", "items_of"]


class MediaForm(StrEnum):
    """What was looked at."""

    PICTURE = "picture"
    PAGES = "pages"
    VIDEO = "video"
    SOUND = "sound"


class MediaKind(StrEnum):
    """What can be seen and heard, beside text of the kinds of ``FindingKind``."""

    FACE = "face"
    SPEECH = "speech"
    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    BANK_CARD_IMAGE = "bank_card_image"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True)
class MediaFinding:
    """``kind`` is a value of ``MediaKind`` or ``FindingKind``.

    ``page`` counts from 1 and is 0 where there are no pages; ``box`` is in pixels of the picture or frame, in points
    (1/72 inch) of a page, ``None`` for what is heard; ``start`` and ``end`` are seconds from the start of a video, both
    0 elsewhere. ``score`` is 0-1, ``evidence`` says what it rests on.
    """

    kind: str
    score: float
    box: Box | None = None
    page: int = 0
    start: float = 0.0
    end: float = 0.0
    evidence: tuple[str, ...] = ()


# The number on a bank card is a finding of its own; the taxonomy has no item for the card's image.
_ITEMS: Final = MappingProxyType(
    {
        MediaKind.FACE: ItemCode("biometric.face_photo"),
        MediaKind.SPEECH: ItemCode("interview.audio"),
        MediaKind.ID_FRONT: ItemCode("image.id_front"),
        MediaKind.ID_BACK: ItemCode("image.id_back"),
        MediaKind.BANK_CARD_IMAGE: ItemCode("account.card_number"),
        MediaKind.CONTRACT: ItemCode("image.contract"),
    },
)
_PERSON_SEEN: Final = (ItemCode("interview.video"), ItemCode("biometric.face_photo"))
_VOICE: Final = ItemCode("biometric.voiceprint")
_BELIEVED: Final = 0.5  # the score from which text counts, as everywhere in the survey


def items_of(form: MediaForm, findings: Iterable[MediaFinding]) -> tuple[ItemCode, ...]:
    """Return the items that such findings make of a picture, document, video or recording; each once, none if none.

    A face in a video makes it a video of a person; the speech in it is then that person's voice.
    """
    kinds = dict.fromkeys(one.kind for one in findings if one.score >= _BELIEVED)
    media = [kind for kind in MediaKind if kind.value in kinds]
    items = [_ITEMS[kind] for kind in media]
    if form is MediaForm.VIDEO and MediaKind.FACE in media:
        items += _PERSON_SEEN
        if MediaKind.SPEECH in media:
            items.append(_VOICE)
    items += [ITEM_OF[kind] for kind in FindingKind if kind.value in kinds]
    return tuple(dict.fromkeys(items))
