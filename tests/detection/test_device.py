from __future__ import annotations

import pytest

from shouxin.detection.device import coordinates, imei, ipv4, ipv6, labelled_coordinate, mac


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"356938035643809", True),
        (b"356938035643808", False),
        (b"156938035643805", False),
        (b"350000000000000", False),
        (b"35693803564380X", False),
    ],
)
def test_imeis(value: bytes, right: bool) -> None:
    """Reporting body and Luhn digit; no body of zeros."""
    assert bool(imei(value)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"192.168.1.10", True),
        (b"8.8.8.8", True),
        (b"256.1.1.1", False),
        (b"1.02.3.4", False),
        (b"127.0.0.1", False),
        (b"0.0.0.0", False),
        (b"255.255.255.255", False),
    ],
)
def test_ipv4(value: bytes, right: bool) -> None:
    """Octets up to 255 without leading zeros, of a device and not of nobody."""
    assert bool(ipv4(value)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"2001:db8:0:1:2:3:4:5", True),
        (b"fe80::1ff:fe23:4567:890a", True),
        (b"::1", False),
        (b"12:34:56", False),
        (b"1:2:3:4:5:6:7:8:9", False),
        (b"\xff::1:2:3", False),
    ],
)
def test_ipv6(value: bytes, right: bool) -> None:
    """An address that the standard library reads and that belongs to a device."""
    assert bool(ipv6(value)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"00:1A:2B:3C:4D:5E", True),
        (b"00-1A-2B-3C-4D-5E", True),
        (b"FF:FF:FF:FF:FF:FF", False),
        (b"20-24-01-02-03-04", False),
    ],
)
def test_macs(value: bytes, right: bool) -> None:
    """Six pairs, not all alike; with hyphens and digits only it is a date or a part number."""
    assert bool(mac(value)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"116.397428,39.90923", True),
        (b"39.9092,116.3974", True),
        ("116.3974，39.9092".encode(), True),
        (b"12.3456,78.9012", True),
        (b"0.1234,0.5678", False),
        (b"250.1234,30.5678", False),
    ],
)
def test_coordinates(value: bytes, right: bool) -> None:
    """Two numbers of which one can be a latitude and the other a longitude of China, in either order."""
    assert bool(coordinates(value)) is right


def test_a_labelled_coordinate_may_be_anywhere() -> None:
    """A label says what the number is; it only has to be one."""
    assert labelled_coordinate(b"-73.98")
    assert not labelled_coordinate(b"273.98")
