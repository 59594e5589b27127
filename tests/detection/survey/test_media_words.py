from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.media.box import Box
from shouxin.detection.media.media_finding import MediaFinding, MediaKind
from shouxin.detection.survey.media_words import explain_media

_NUMBER = MediaFinding("resident_id", 0.96, Box(1, 2, 30, 40), page=2)
_SPEECH = MediaFinding("speech", 0.99, None, start=61.25, end=3725.5)


def test_a_finding_says_what_where_and_when() -> None:
    """Page and box of what is seen, beginning and end of what is heard, in both languages."""
    assert explain_media(_NUMBER, "en") == "Identity document number · page 2 · (1, 2)–(30, 40) · 0.96"
    assert explain_media(_NUMBER, "zh") == "身份证件号码 · 第 2 页 · (1, 2)–(30, 40) · 0.96"
    assert explain_media(_SPEECH, "en") == "speech · 1:01.2–62:05.5 · 0.99"


@pytest.mark.parametrize("kind", [*MediaKind, *FindingKind])
def test_every_kind_has_words(kind: str) -> None:
    """No kind is left without a word in either language."""
    assert all(explain_media(MediaFinding(kind, 1.0), language) for language in ("zh", "en"))
