from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("东经116.39", "116.39"),
        ('{"lat": 31.133364, "lng": 121.413476}', '31.133364, "lng": 121.413476'),
        ("经度:113.928258\n纬度:22.701216", "113.928258\n纬度:22.701216"),
        ("北纬39度50分11秒，东经116度14分49秒", "39度50分11秒，东经116度14分49秒"),
        ("GPS: N30.486501 E103.901086", "N30.486501 E103.901086"),
        ("q=30.073726%2C120.056351", "30.073726%2C120.056351"),
        ("lat=-33.868820&lon=151.209290", "-33.868820&lon=151.209290"),
    ],
)
def test_a_place(text: str, value: str) -> None:
    """One number with its word, or both numbers of a pair as one finding."""
    assert _found(text) == [(FindingKind.COORDINATES, value)]


@pytest.mark.parametrize(
    "text",
    ["纬度 23.863319 以北地区降温", "北纬30.50线穿过的城市", "N30.486501 E203.901086", "ZN30.486501 E103.901086"],
)
def test_a_line_on_the_map_is_no_place(text: str) -> None:
    """A parallel, and letters that are no hemisphere."""
    assert _found(text) == []


def test_a_pair_leaves_what_stands_between_alone() -> None:
    """A number between the two is not swallowed."""
    kinds = [kind for kind, _ in _found("lat=39.904200 手机13800138000 lon=116.407400")]
    assert kinds == [FindingKind.COORDINATES, FindingKind.MOBILE, FindingKind.COORDINATES]
