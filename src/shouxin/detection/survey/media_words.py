"""Where to look in a picture, document or video, in words: what, on which page, when, and in which box.

Called by: reports, on the terminal and as a page.
"""

from __future__ import annotations

from typing import Final, Literal

from shouxin.detection.finding import ITEM_OF, FindingKind
from shouxin.detection.media.media_finding import MediaFinding, MediaKind
from shouxin.detection.survey.words import title

__all__ = ["explain_media"]

_SEEN: Final[dict[MediaKind, tuple[str, str]]] = {
    MediaKind.FACE: ("人脸", "a face"),
    MediaKind.SPEECH: ("说话", "speech"),
    MediaKind.ID_FRONT: ("身份证人像面", "identity card, portrait side"),
    MediaKind.ID_BACK: ("身份证国徽面", "identity card, emblem side"),
    MediaKind.BANK_CARD_IMAGE: ("银行卡", "bank card"),
    MediaKind.CONTRACT: ("合同", "contract"),
}


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:04.1f}"


def explain_media(one: MediaFinding, language: Literal["zh", "en"]) -> str:
    """Return one finding as a line."""
    at = 0 if language == "zh" else 1
    kind = MediaKind(one.kind) if one.kind in set(MediaKind) else None
    said = [_SEEN[kind][at] if kind else title(ITEM_OF[FindingKind(one.kind)], language)]
    if one.page:
        said.append((f"第 {one.page} 页", f"page {one.page}")[at])
    if one.end:
        said.append(f"{_clock(one.start)}–{_clock(one.end)}")
    if one.box:
        said.append(f"({one.box.left}, {one.box.top})–({one.box.right}, {one.box.bottom})")
    return " · ".join([*said, f"{one.score:.2f}"])
