"""Addresses and places of devices: IMEI, IP, MAC, coordinates.

Laws. Values as ASCII bytes; evidence bits, 0 for 'no'; nothing raises. An address that belongs to no device in
particular (unspecified, loopback, multicast, reserved, a mask) is no finding.

Called by: ``tokens``, ``patterns`` and ``labelled``.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from shouxin.detection.checksums import luhn_is_valid
from shouxin.detection.finding import CHECKSUM, CONTEXT, DICTIONARY, SHAPE

__all__ = [
    "FIRST_GROUP",
    "LATITUDES",
    "LONGITUDES",
    "coordinates",
    "imei",
    "ipv4",
    "ipv6",
    "labelled_coordinate",
    "mac",
]

_IMEI_LENGTH: Final = 15
_TAC_STARTS: Final = (b"35", b"86", b"01", b"99")  # bodies that allot: BABT, TAF China, PTCRB, GHA
LATITUDES: Final = range(3, 54)  # whole degrees of China, its seas included
LONGITUDES: Final = range(73, 136)
FIRST_GROUP: Final = 224  # from here on: multicast, reserved, masks (RFC 5771, RFC 1112 section 4)
_LEAST_HEXTETS: Final = 3
_SCOPED: Final = re.compile(r"[23][0-9a-f]{3}:|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:")  # allotted, private, of a link
_DEGREES: Final = re.compile("°|度".encode())
_WHOLE: Final = re.compile("([0-9]{1,3})(?:\\.[0-9]+)?°".encode())
_PAIR: Final = re.compile(rb"[0-9]+\.")


def imei(value: bytes) -> int:
    """Evidence that 15 digits are an IMEI: reporting body, Luhn digit. **Source:** 3GPP TS 23.003, clause 6.2."""
    if len(value) != _IMEI_LENGTH or not value.startswith(_TAC_STARTS) or not luhn_is_valid(value.decode("latin-1")):
        return 0
    return SHAPE | CHECKSUM if len(set(value[8:])) > 1 else 0


def ipv4(value: bytes) -> int:
    """Evidence that four dotted numbers are an address of a device; leading zeros are those of other numbers."""
    parts = value.split(b".")
    if any(int(part) > 255 or (len(part) > 1 and part[:1] == b"0") for part in parts):
        return 0
    network = parts[2:] == [b"0", b"0"]  # or the version of a program
    return 0 if network or parts[0] in {b"0", b"127"} or int(parts[0]) >= FIRST_GROUP else SHAPE


def ipv6(value: bytes) -> int:
    """Evidence that a text is an IPv6 address: three groups that are not zero, or two if the first says the scope."""
    try:
        address = IPv6Address(value.decode("ascii"))
    except (AddressValueError, UnicodeDecodeError):
        return 0
    groups = sum(part.strip("0") != "" for part in address.exploded.split(":"))
    scoped = _SCOPED.match(value.decode("ascii").lower()) is not None
    return SHAPE if groups >= _LEAST_HEXTETS - scoped else 0


def mac(value: bytes) -> int:
    """Evidence that six pairs are a MAC address: not all alike; with hyphens it must hold a letter."""
    pairs = value.replace(b"-", b":").lower().split(b":")
    if len(set(pairs)) == 1:
        return 0
    return SHAPE if b":" in value or not b"".join(pairs).isdigit() else 0


def coordinates(value: bytes) -> int:
    """Evidence that two positive decimal numbers, in either order, are a place in China; whole degrees decide."""
    degrees = sorted(int(part.partition(b".")[0]) for part in _PAIR.findall(value))
    if "°".encode() in value:
        degrees = sorted(int(part) for part in _WHOLE.findall(value))
    return SHAPE | DICTIONARY if degrees[0] in LATITUDES and degrees[1] in LONGITUDES else 0


def labelled_coordinate(value: bytes) -> int:
    """Evidence that a number called latitude or longitude can be one."""
    return SHAPE | CONTEXT if abs(float(_DEGREES.split(value, maxsplit=1)[0])) <= 180 else 0
