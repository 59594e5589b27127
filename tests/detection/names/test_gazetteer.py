from __future__ import annotations

import pytest

from shouxin.detection.names.gazetteer import PlaceLevel, divisions, places


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("浙江省", PlaceLevel.PROVINCE),
        ("内蒙古", PlaceLevel.PROVINCE),
        ("杭州市", PlaceLevel.PREFECTURE),
        ("新乡", PlaceLevel.PREFECTURE_SHORT),
        ("延边", PlaceLevel.PREFECTURE_SHORT),
        ("临朐县", PlaceLevel.COUNTY),
        ("临朐", PlaceLevel.COUNTY_SHORT),
        ("朝阳区", PlaceLevel.COUNTY),
        ("法国", PlaceLevel.COUNTRY),
        ("巴黎", PlaceLevel.ABROAD),
    ],
)
def test_places_are_known_in_full_and_in_short(name: str, level: PlaceLevel) -> None:
    """Each division stands under its full name and as people say it."""
    assert places()[name] is level


def test_every_province_is_there() -> None:
    """Thirty-one provinces of the statistics, and no name of one character."""
    assert len({province for province, _, _ in divisions()}) == 31
    assert all(len(name) > 1 for name in places())
