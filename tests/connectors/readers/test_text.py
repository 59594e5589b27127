from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.connectors.readers.blob import CHUNK
from shouxin.connectors.readers.text import text_windows, utf_8
from tests.connectors.readers.sources import MOBILES, items_of, scanned


def _read(data: bytes, at: int = 0) -> bytes:
    return b"".join(window.data for window in text_windows(io.BytesIO(data), "x", at))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_is_read(codec: str) -> None:
    """The text comes out as UTF-8, across windows."""
    text = "客户手机号：15400000001，地址在北京市海淀区\n" * 60_000
    assert _read(text.encode(codec)).decode().lstrip("\ufeff") == text


def test_a_log_in_two_encodings_is_read_in_both() -> None:
    """Each window is judged by itself."""
    first, second = "手机号一\n" * 200_000, "手机号二\n" * 200_000
    read = _read(first.encode() + second.encode("gb18030")).decode()
    assert read.count("手机号一") > 190_000
    assert read.count("手机号二") > 190_000


@given(st.binary(max_size=300))
def test_no_bytes_are_too_broken(data: bytes) -> None:
    """Whatever the bytes, windows come out, and ASCII digits stay."""
    assert isinstance(_read(data + b" 15400000001 "), bytes)
    text, _ = utf_8(b"15400000001 " + data)
    assert text.startswith(b"15400000001 ")


def test_one_broken_byte_changes_no_encoding() -> None:
    """A log of UTF-8 with a torn character stays UTF-8."""
    data = ("手机号\n" * 500).encode() + b"\xff\n" + ("身份证\n" * 500).encode()
    assert utf_8(data) == (data, "utf-8")


@pytest.mark.parametrize("line", [b"a line of a log\n", b"no end of a line "])
@pytest.mark.parametrize("at", [1, CHUNK - 1, CHUNK, 2 * CHUNK + 7, 3 * CHUNK - 5])
def test_reading_again_yields_what_was_left(line: bytes, at: int) -> None:
    """From any offset, exactly the bytes from there on; and windows end where they ended."""
    data = line * (3 * CHUNK // len(line))
    assert _read(data, at) == data[at:]
    ends, again = set[int](), set[int]()
    place = 0
    for window in text_windows(io.BytesIO(data), "x"):
        place += len(window.data)
        ends.add(place)
    place = at
    for window in text_windows(io.BytesIO(data), "x", at):
        place += len(window.data)
        again.add(place)
    assert again <= ends


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_four_bytes_a_character_are_read(tmp_path: Path, codec: str, name: str) -> None:
    """UTF-32 with a mark or without one is read as what it says, as a text and as a table."""
    (tmp_path / name).write_bytes(("phone,name\n" + "\n".join(f"{one},x" for one in MOBILES[:50])).encode(codec))
    assert "contact.mobile" in items_of(scanned(tmp_path), name)
