"""Check digits of Chinese identifiers: resident ID, bank card, unified social credit code.

Laws: pure functions of text that is already normalised (ASCII digits, no separators; NFKC comes before). A validator
answers ``False`` for any text of another shape and never raises. A right check digit makes a number believable, it
does not prove that the number was issued. Called by the detectors, by the taxonomy's validators and by the demo.
"""

from __future__ import annotations

from datetime import date
from operator import mul
from typing import Final

__all__ = [
    "credit_code_check_character",
    "credit_code_is_valid",
    "id_number_check_character",
    "id_number_is_valid",
    "luhn_check_digit",
    "luhn_is_valid",
]

_VALUES: Final = bytes(max(byte - ord("0"), 0) % 10 for byte in range(256))  # of a byte that is an ASCII digit

# ISO 7064 MOD 11-2: the weight of place i (17 places before the check character, left to right) is 2^(17-i) mod 11.
_ID_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_ID_CHECKS: Final = "10X98765432"
_ID_LENGTH: Final = 18

# GB 32100-2015: the digits and letters without I, O, S, V, Z; the weight of place i is 3^i mod 31.
_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUES: Final = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_CREDIT_LENGTH: Final = 18

_DOUBLED: Final = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)) + bytes(246)  # twice the digit, with its own digits added up


def _is_digits(text: str) -> bool:
    """Tell whether ``text`` is one or more of 0-9; ``str.isdigit`` alone would let full-width digits in."""
    return text.isascii() and text.isdigit()


def _digits(text: str) -> bytes:
    """Return the values (0-9, one a byte) of a text of ASCII digits."""
    return text.encode("ascii").translate(_VALUES)


def id_number_check_character(body: str) -> str:
    """Return the 18th character (``0``-``9`` or ``X``) for the first 17 digits of a resident ID number.

    ``body`` must be 17 ASCII digits; other text has no check character and is a programming error (``ValueError``).

    Source: GB 11643-1999, which uses ISO 7064 MOD 11-2.
    """
    if len(body) != _ID_LENGTH - 1 or not _is_digits(body):
        raise ValueError("expected 17 digits")
    return _ID_CHECKS[sum(map(mul, _ID_WEIGHTS, _digits(body))) % 11]


def id_number_is_valid(text: str) -> bool:
    """Tell whether ``text`` is an 18-character resident ID number: real calendar date and right check character.

    A lower-case ``x`` is accepted, because many systems store it. The region is not looked up (codes change with every
    edition of GB/T 2260, and a number keeps the code of its day) and the date may lie in the future (there is no clock
    here). The 15-digit form has no check digit and is not valid here.

    Source: GB 11643-1999.
    """
    if len(text) != _ID_LENGTH or not _is_digits(text[:-1]):
        return False
    if id_number_check_character(text[:-1]) != text[-1].upper():
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True


def luhn_check_digit(body: str) -> str:
    """Return the digit that completes ``body`` (one or more ASCII digits) under the Luhn formula.

    Source: ISO/IEC 7812-1:2017, annex B.
    """
    if not _is_digits(body):
        raise ValueError("expected digits")
    from_right = _digits(body)[::-1]
    return str(-(sum(from_right[0::2].translate(_DOUBLED)) + sum(from_right[1::2])) % 10)


def luhn_is_valid(text: str) -> bool:
    """Tell whether ``text`` is two or more digits of which the last is the right Luhn digit.

    Length and issuer are the caller's business: a bank card has 12-19 digits, one of UnionPay begins with 62. The
    formula misses the exchange of a neighbouring 0 and 9.

    Source: ISO/IEC 7812-1:2017, annex B.
    """
    return len(text) > 1 and _is_digits(text) and luhn_check_digit(text[:-1]) == text[-1]


def credit_code_check_character(body: str) -> str:
    """Return the 18th character for the first 17 of a unified social credit code; ``ValueError`` for other text.

    Source: GB 32100-2015.
    """
    if len(body) != _CREDIT_LENGTH - 1 or any(character not in _CREDIT_VALUES for character in body):
        raise ValueError("expected 17 characters of the code's alphabet")
    total = sum(weight * _CREDIT_VALUES[character] for weight, character in zip(_CREDIT_WEIGHTS, body, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def credit_code_is_valid(text: str) -> bool:
    """Tell whether ``text`` is a unified social credit code: 18 upper-case characters with the right last one.

    Absent on purpose: the inner check digit of the organisation code (GB 11714, places 9-17). Length, alphabet, region
    and one check in 31 are evidence enough for detection, and a missed code costs more than a false one.

    Source: GB 32100-2015.
    """
    if len(text) != _CREDIT_LENGTH or any(character not in _CREDIT_VALUES for character in text):
        return False
    if not _is_digits(text[2:8]):  # the registering authority's region is digits only
        return False
    return credit_code_check_character(text[:-1]) == text[-1]
