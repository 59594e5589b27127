from __future__ import annotations

import pytest

from shouxin.detection.finding import DICTIONARY, KINDS, MODEL, ORDINAL, SHAPE, FindingKind, Row
from shouxin.detection.names.address import LONGEST, addresses

PLACE = ORDINAL[FindingKind.PLACE]


def _told(text: str, *places: str) -> list[tuple[str, str]]:
    """What the grammar says of a text whose places are known; those with a star are not listed ones."""
    rows: list[Row] = []
    at = 0
    for name in places:
        bare = name.strip("*")
        at = text.index(bare, at)
        rows.append((PLACE, at, at + len(bare), (SHAPE if "*" in name else DICTIONARY) | MODEL))
        at += len(bare)
    return [(KINDS[kind].value, text[start:end]) for kind, start, end, _ in addresses(text, rows)]


@pytest.mark.parametrize(
    ("text", "places", "told"),
    [
        ("去杭州市西湖区", ["杭州市", "西湖区"], [("place", "杭州市"), ("place", "西湖区")]),
        ("杭州市文三路", ["杭州市", "文三路*"], [("address", "杭州市文三路")]),
        ("文三路9号", ["文三路*"], [("address", "文三路9号")]),
        ("北京5号下雨", ["北京"], [("place", "北京")]),
        ("北京3号楼2单元", ["北京"], [("address", "北京3号楼2单元")]),
        ("金山路与人民路交叉口", ["金山路*", "人民路*"], [("address", "金山路与人民路交叉口")]),
        ("杭州 文三路9号", ["杭州", "文三路*"], [("address", "杭州 文三路9号")]),
        ("杭州和上海", ["杭州", "上海"], [("place", "杭州"), ("place", "上海")]),
        ("红安县七里坪镇张家湾村3组", ["红安县", "张家湾村*"], [("address", "红安县七里坪镇张家湾村3组")]),
        ("文三路100号华星大厦3幢501", ["文三路*"], [("address", "文三路100号华星大厦3幢501")]),
        ("文三路2026年开通", ["文三路*"], [("place", "文三路")]),
    ],
)
def test_places_and_numbers_make_an_address(text: str, places: list[str], told: list[tuple[str, str]]) -> None:
    """Divisions alone stay places; a road with a number, or below a division, is an address; a day is no house."""
    assert _told(text, *places) == told


def test_an_address_has_an_end() -> None:
    """Roads without end make several addresses, none longer than what is allowed by more than its numbers."""
    text = "文三路" * 200
    found = _told(text, *["文三路*"] * 200)
    assert len(found) > 3
    assert all(len(value) <= LONGEST * 2 for _, value in found)
    assert "".join(value for _, value in found) == text
