from __future__ import annotations

import pytest

from shouxin.detection.contact import MOBILE_GROUPS, email, landline, mobile


@pytest.mark.parametrize("value", [b"13800138000", b"19912345678", b"15400000001", b"13888888888"])
def test_mobiles(value: bytes) -> None:
    """Eleven digits from 13 to 19, also of a block that no operator holds yet."""
    assert mobile(value)


@pytest.mark.parametrize("value", [b"12800138000", b"1380013800", b"138001380000", b"11111111111", b"1380013800x", b""])
def test_what_is_no_mobile(value: bytes) -> None:
    """Other prefixes, lengths and characters."""
    assert not mobile(value)


def test_groups_make_a_mobile() -> None:
    """Every way of grouping has eleven digits."""
    assert all(sum(groups) == 11 for groups in MOBILE_GROUPS)


@pytest.mark.parametrize(
    ("area", "subscriber", "marked", "right"),
    [
        (b"010", b"62345678", True, True),
        (b"010", b"62345678", False, True),
        (b"010", b"12345678", True, True),  # every textbook's number
        (b"010", b"12345678", False, False),
        (b"010", b"6234567", True, False),
        (b"0571", b"6234567", True, True),
        (b"0571", b"02345678", True, False),
        (b"026", b"62345678", True, False),
        (b"0371", b"66666666", True, True),
    ],
)
def test_landlines(area: bytes, subscriber: bytes, marked: bool, right: bool) -> None:
    """Area code, length, first digit; in one piece more is asked."""
    assert bool(landline(area, subscriber, marked=marked)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"zhang.san@example.com", True),
        (b"a@b.cn", True),
        (b"icon@2x.png", False),
        (b"a..b@example.com", False),
        (b".a@example.com", False),
        (b"root@host.localhost", False),
    ],
)
def test_emails(value: bytes, right: bool) -> None:
    """Dots apart, and a domain that is no file."""
    assert bool(email(value)) is right
