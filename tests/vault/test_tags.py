"""The format of an object by its first bytes, and sources that are codes."""

from __future__ import annotations

import pytest

from shouxin.errors import Invalid
from shouxin.vault.tags import Origin, format_of


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "image.png"),
        (b"\0\0\0\x18ftypmp42", "video.mp4"),
        (b"\0\0\0\x18ftypheic", "image.heic"),
        (b"RIFF\0\0\0\0WAVE", "audio.wav"),
        (b"%PDF-1.7", "document.pdf"),
        (b"hello", "unknown"),
        (b"", "unknown"),
    ],
)
def test_a_format_is_seen_in_the_first_bytes(head: bytes, name: str) -> None:
    """Also the narrower of two that begin alike."""
    assert format_of(head) == name


@pytest.mark.parametrize("source", ["Branch", "a b", "1380013", "张三", "x" * 81])
def test_a_source_is_a_code(source: str) -> None:
    """No name, no number of anybody."""
    assert Origin("core.loans-2").source == "core.loans-2"
    with pytest.raises(Invalid):
        Origin(source)
