from __future__ import annotations

import pytest

from shouxin.demo.words import PLACES
from shouxin.protection.regions import PREFECTURES, region_of


def test_the_list_is_whole() -> None:
    """34 provinces, no name twice, and every prefecture says what kind of place it is."""
    assert len(PREFECTURES) == 34
    for names in PREFECTURES.values():
        assert len(set(names)) == len(names)
        assert all(name.endswith(("市", "地区", "盟", "自治州")) for name in names)
    assert sum(map(len, PREFECTURES.values())) > 333  # those of today and some of the past


def test_no_name_hides_a_longer_one() -> None:
    """No prefecture begins with the name of another of its province, so that the first found is the right one."""
    for names in PREFECTURES.values():
        assert not [(a, b) for a in names for b in names if a != b and b.startswith(a)]


def test_every_name_is_found_at_the_beginning_of_an_address() -> None:
    """Each province with each of its prefectures is read back from an address."""
    for province, names in PREFECTURES.items():
        assert region_of(f"{province}某路") == (province, "")
        for name in names:
            assert region_of(f"{province}{name}某路") == (province, name)


@pytest.mark.parametrize(("province", "city"), [(place[1], place[2]) for place in PLACES])
def test_the_places_of_the_demo_are_known(province: str, city: str) -> None:
    """Every city of the invented people is on the list."""
    assert "".join(region_of(f"{province}{city}某路")) == province + city


@pytest.mark.parametrize("address", ["", "深圳市南山区", "广东深圳市南山区", "上海路12号", "某省某市"])
def test_what_does_not_begin_with_a_province_in_full_is_nowhere(address: str) -> None:
    """Short forms and addresses without a province have no region."""
    assert region_of(address) == ("", "")
