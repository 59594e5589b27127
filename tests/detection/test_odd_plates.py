from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("车：闽 F 2 8 R 3 4 驾驶人", "闽 F 2 8 R 3 4"),
        ("“赣FL零六幺七，白色的”", "赣FL零六幺七"),
        ("车牌京A一二三四五", "京A一二三四五"),
        ("车牌号：京A_12345", "京A_12345"),
    ],
)
def test_an_odd_plate(text: str, value: str) -> None:
    """Spread out, in numerals, with an underline behind its word."""
    assert _found(text) == [(FindingKind.LICENCE_PLATE, value)]


@pytest.mark.parametrize("text", ["更新 A 8 0 0 8 0", "京A一二三", "云A_12345"])
def test_no_plate(text: str) -> None:
    """The end of a word, too few numerals, no word before."""
    assert _found(text) == []
