from __future__ import annotations

import os

import pytest

from shouxin.connectors.readers.formats import READ, format_of, looks_like_text, wide_codec


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"", "text"),
        (b"name,mobile\n", "text"),
        ("手机号".encode("gb18030"), "text"),
        ("手机号 154".encode("utf-16"), "text"),
        ("mobile 154 and more".encode("utf-16-le"), "text"),
        (b"MZ is how this sentence begins, and it is no program\n", "text"),
        (b"PK\x03\x04rest", "zip"),
        (b"PAR1\x15\x04", "parquet"),
        (b"SQLite format 3\x00", "sqlite"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"MZ\x90\x00\x03\x00\x00\x00" * 9, "windows program"),
        (bytes(range(256)) * 4, "unknown"),
        (b"\0" * 1000, "unknown"),
    ],
)
def test_a_format_is_known_by_its_first_bytes(head: bytes, form: str) -> None:
    """Magic numbers decide; few letters of magic do not make a text binary; zero bytes are no text."""
    assert format_of(head) == form


def test_a_tar_of_texts_is_a_tar() -> None:
    """Its magic stands behind a name, in bytes that would pass for text."""
    assert format_of(b"name.csv".ljust(257, b"a") + b"ustar\x0000" + b"text " * 5000) == "tar"
    assert "tar" in READ


def test_utf_16_needs_its_zeros_on_one_side() -> None:
    """By mark or by zero bytes; a few zeros in a text are none."""
    assert wide_codec("text".encode("utf-16-be") * 9) == "utf-16-be"
    assert wide_codec(b"a log line\0 with one zero\n") == ""
    assert looks_like_text(b"a log line\0 with one zero, among many other letters that stand here\n")
    assert not looks_like_text(os.urandom(4096))
