from __future__ import annotations

import re
from pathlib import Path

import pytest

import shouxin.detection
from shouxin.detection.finding import FindingKind
from shouxin.detection.patterns import recogniser, rows_at, rows_of


def _found(kind: FindingKind, text: str) -> list[str]:
    data = text.encode()
    return [data[start:end].decode() for _, start, end, _ in rows_of(recogniser(kind), data)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("010-62345678", ["010-62345678"]),
        ("(010) 6234-5678", ["010) 6234-5678"]),
        ("0571 8765 4321-801", ["0571 8765 4321-801"]),
        ("01062345678", ["01062345678"]),
        ("1010-62345678", []),
        ("010-62345678901", []),
    ],
)
def test_landlines(text: str, values: list[str]) -> None:
    """Area code and subscriber number, however they are parted, with an extension."""
    assert _found(FindingKind.LANDLINE, text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("京A12345", ["京A12345"]),
        ("京AD12345", ["京AD12345"]),
        ("京A12345D", ["京A12345D"]),
        ("京AAB1C2", []),
        ("京I12345", []),
        ("京ABCDEF", []),
        ("京A123456", []),
        ("粤Z1234港", ["粤Z1234港"]),
        ("南京A12345", []),
    ],
)
def test_plates(text: str, values: list[str]) -> None:
    """Five characters of which at most two are letters, six for new energy, without I and O."""
    assert _found(FindingKind.LICENCE_PLATE, text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b-c+d@mail.example.com.cn,", ["a.b-c+d@mail.example.com.cn"]),
        ("联系-zhang@example.com", ["zhang@example.com"]),
        ("a@b", []),
        ("@example.com", []),
        ("a@example.com-", ["a@example.com"]),
    ],
)
def test_emails(text: str, values: list[str]) -> None:
    """Local part and domain, without the punctuation around them."""
    assert _found(FindingKind.EMAIL, text) == values


def test_one_place_is_tried() -> None:
    """``rows_at`` looks at one place only, and behind it for what must not stand before."""
    one = recogniser(FindingKind.IPV4)
    assert [row[1:3] for row in rows_at(one, b"ip 10.2.3.4", 3)] == [(3, 11)]
    assert list(rows_at(one, b"ip 10.2.3.4", 2)) == []
    assert list(rows_at(one, b"ip.10.2.3.4", 3)) == []


def test_a_chinese_character_in_an_expression_of_bytes_is_grouped() -> None:
    """In bytes a character has three, and a repeat behind it would repeat the last one only."""
    for path in Path(shouxin.detection.__path__[0]).glob("*.py"):
        assert not re.search(
            r"[\u4e00-\u9fff：，]\)?[?*+{]", re.sub(r"\(\?:[^()]*\)", "", path.read_text(encoding="utf-8"))
        ), path
