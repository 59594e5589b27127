"""What is written in a picture: lines that were read become findings, and lines together a document.

Laws. Text is scanned as it stands on the picture, row by row, so that a label finds its value; a finding is as wide as
the lines that it touches, because a mask that is too narrow shows a digit. What kind of document it is follows from the
words that the law or custom prints on such documents, never from how it looks.

**Source:** words on resident identity cards: 居民身份证法, article 3; on bank cards and contracts: custom.

Called by: the drivers that read pictures, pages and video.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shouxin.detection import plain
from shouxin.detection.finding import FindingKind
from shouxin.detection.media.box import Box, hull
from shouxin.detection.media.media_finding import MediaFinding, MediaKind
from shouxin.detection.scan import Finder, scan

__all__ = ["WrittenLine", "read_lines"]

_FRONT: Final = ("姓名", "性别", "民族", "出生", "住址", "公民身份号码")
_BACK: Final = ("居民身份证", "签发机关", "有效期限")
_CARD: Final = ("银联", "UnionPay", "VALID", "THRU", "DEBIT", "CREDIT", "借记卡", "信用卡", "储蓄卡", "贷记卡", "银行")
_PARTIES: Final = (("甲方", "乙方"), ("借款人", "贷款人"), ("借款人", "出借人"), ("BORROWER", "LENDER"))
_TITLES: Final = ("合同", "协议", "AGREEMENT", "CONTRACT")
_FEW_LINES: Final = 15  # a bank card has no more
_CONFIDENT: Final = 0.9


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """A line that was read, where it stands, and how sure the reader is (0-1)."""

    text: str
    box: Box
    score: float = 1.0


def _rows(lines: Sequence[WrittenLine]) -> list[list[WrittenLine]]:
    """Lines that stand side by side, from the top; in each row from the left."""
    rows: list[list[WrittenLine]] = []
    for line in sorted(lines, key=lambda one: (one.box.top + one.box.bottom, one.box.left)):
        middle = (line.box.top + line.box.bottom) / 2
        if rows and rows[-1][-1].box.top <= middle < rows[-1][-1].box.bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda one: one.box.left) for row in rows]


def _apart(text: str) -> str:
    """A line whose label is set off from its value: readers drop the space that stands between them on a card."""
    for label in _FRONT:
        if text.startswith(label) and len(text) > len(label):
            return f"{label}: {text[len(label) :].lstrip(' :：')}"
    return text


def read_lines(
    lines: Sequence[WrittenLine], *, page: int = 0, at: float = 0.0, find: Finder = plain.find
) -> list[MediaFinding]:
    """Return the documents and the personal information that the lines of one picture show, documents first.

    ``find`` is the engine that the text goes through.
    """
    text, spans = "", list[tuple[int, int, WrittenLine]]()
    for row in _rows(lines):
        for line in row:
            written = _apart(line.text)
            spans.append((len(text), len(text) + len(written), line))
            text += written + " "
        text = text[:-1] + "\n"
    found = []
    for one in scan(text, find):
        under = [line for start, end, line in spans if start < one.end and one.start < end]
        if under:
            sure = min(line.score for line in under)
            box = hull(line.box for line in under)
            score = round(one.score * sure, 2)
            found.append(MediaFinding(one.kind.value, score, box, page, at, at, ("text", *one.evidence)))
    return [*_documents(lines, found, page, at), *found]


def _documents(lines: Sequence[WrittenLine], found: Sequence[MediaFinding], page: int, at: float) -> list[MediaFinding]:
    texts = [line.text.replace(" ", "") for line in lines]

    def with_words(words: Sequence[str]) -> set[str]:
        return {word for word in words if any(word in text for text in texts)}

    kinds: list[tuple[MediaKind, float]] = []
    kinds_found = {one.kind for one in found}
    front = with_words(_FRONT)
    if len(front) >= 4 or (len(front) >= 2 and FindingKind.RESIDENT_ID.value in kinds_found):
        kinds.append((MediaKind.ID_FRONT, min(0.99, 0.5 + 0.1 * len(front))))
    if len(with_words(_BACK)) >= 2:
        kinds.append((MediaKind.ID_BACK, _CONFIDENT))
    if len(lines) <= _FEW_LINES and with_words(_CARD) and FindingKind.BANK_CARD.value in kinds_found:
        kinds.append((MediaKind.BANK_CARD_IMAGE, _CONFIDENT))
    if with_words(_TITLES) and any(len(with_words(pair)) == len(pair) for pair in _PARTIES):
        kinds.append((MediaKind.CONTRACT, _CONFIDENT))
    if not kinds:
        return []
    box = hull(line.box for line in lines)
    return [MediaFinding(kind.value, round(score, 2), box, page, at, at, ("words",)) for kind, score in kinds]
