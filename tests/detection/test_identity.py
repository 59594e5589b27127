from __future__ import annotations

import pytest

from shouxin.detection.checksums import id_number_check_character
from shouxin.detection.identity import credit_code, passport, resident_id, resident_id_15, travel_permit


def _number(body: str) -> bytes:
    return (body + id_number_check_character(body)).encode()


@pytest.mark.parametrize("value", [b"11010519491231002X", b"440524188001010014", _number("83000019900101001")])
def test_resident_ids(value: bytes) -> None:
    """The numbers of the standard, and one of a residence permit for Taiwan."""
    assert resident_id(value)


@pytest.mark.parametrize(
    "value",
    [
        b"110105194912310021",  # check digit
        _number("99010519491231002"),  # no such province
        _number("11010517491231002"),  # nobody alive, nobody's record
        b"1101051949123100",
        b"ABCDEFGHIJKLMNOPQR",
        b"",
    ],
)
def test_what_is_no_resident_id(value: bytes) -> None:
    """A wrong check digit, province, century or length is no resident ID, and nothing raises."""
    assert not resident_id(value)


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"110105491231002", True),
        (b"110105491331002", False),
        (b"110105490229002", False),
        (b"990105491231002", False),
        (b"110005491231002", False),
        (b"110105491231000", False),
        (b"11010549123100X", False),
    ],
)
def test_resident_ids_of_before_1999(value: bytes, right: bool) -> None:
    """Province, prefecture, county, a real date of 19xx and a serial number are all that the old form has."""
    assert bool(resident_id_15(value)) is right


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (b"91350100M000100Y43", True),
        (b"91350100M000100Y44", False),
        (b"90350100M000100Y43", False),
        (b"9135010OM000100Y43", False),
    ],
)
def test_credit_codes(value: bytes, right: bool) -> None:
    """Registering authority, region, alphabet and check character."""
    assert bool(credit_code(value)) is right


@pytest.mark.parametrize("value", [b"E12345678", b"EA1234567", b"G12345678", b"DE1234567", b"PE1234567"])
def test_passports(value: bytes) -> None:
    """Ordinary, old and official passports have nine characters."""
    assert passport(value)


@pytest.mark.parametrize("value", [b"e12345678", b"EI1234567", b"A12345678", b"E1234567", b"E123456789"])
def test_what_is_no_passport(value: bytes) -> None:
    """Lower case, I and O, other letters and other lengths."""
    assert not passport(value)


@pytest.mark.parametrize(
    "value", [b"H12345678", b"M1234567890", b"C12345678", b"CA1234567", b"L12345678", b"T12345678"]
)
def test_travel_permits(value: bytes) -> None:
    """Permits to and from Hong Kong, Macao and Taiwan."""
    assert travel_permit(value)
