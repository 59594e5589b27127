from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan
from shouxin.detection.spelling import decoded, spelt_edits


@pytest.mark.parametrize(
    ("raw", "character"),
    [
        (b"&nbsp;", b" "),
        (b"&#64;", b"@"),
        (b"&#x40;", b"@"),
        (b"&#xA0;", b" "),
        (b"%22", b'"'),
        (b"\\u0040", b"@"),
        (b"\\u5fae", "微".encode()),
        (b"\\u0000", b""),
        (b"\\ud83d", b""),
    ],
)
def test_what_was_escaped(raw: bytes, character: bytes) -> None:
    """Names and numbers of characters; neither control characters nor halves."""
    assert decoded(raw) == character


def test_words_for_digits() -> None:
    """Each word is a digit, what parts them is nothing, and 'double' counts."""
    assert list(spelt_edits(b"one double two")) == [(0, 3, b"1"), (3, 4, b""), (4, 14, b"22")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("138&nbsp;0013&nbsp;8000", "138&nbsp;0013&nbsp;8000"),
        ("%22phone%22%3A%2213800138000%22", "13800138000"),
        (
            "call one three eight double zero one three eight triple zero",
            "one three eight double zero one three eight triple zero",
        ),
    ],
)
def test_a_mobile_in_escapes_and_words(text: str, value: str) -> None:
    """The span is what was written."""
    assert [(one.kind, text[one.start : one.end]) for one in scan(text)] == [(FindingKind.MOBILE, value)]
