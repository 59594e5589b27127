"""The rules for bare numbers, over arrays: mobile, resident ID, credit code, card, IPv4.

Laws. Each function answers for every row what its scalar twin (``contact.mobile``, ``identity.resident_id``,
``identity.credit_code``, ``payment.bank_card``, ``device.ipv4``) answers for the same bytes; a property test compares
them. Rows are windows of bytes of one width; nothing is copied but the rows.

Called by: ``bulk``.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shouxin.detection.identity import BIRTH_YEARS, CREDIT_KINDS, PROVINCES
from shouxin.detection.payment import card_lengths_by_prefix
from shouxin.detection.token_arrays import Bools, Octets, is_digit

__all__ = ["are_cards", "are_credit_codes", "are_mobiles", "are_resident_ids", "octet_values", "upper"]

_CREDIT_ALPHABET: Final = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_NOT_IN_ALPHABET: Final = 255


@cache
def _pairs(members: frozenset[bytes]) -> Bools:
    """A table over two bytes (first * 256 + second) that is true for the members."""
    table = np.zeros(1 << 16, np.bool_)
    table[[one[0] << 8 | one[1] for one in members]] = True
    return table


@cache
def _days() -> NDArray[np.int64]:
    return np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] + [0] * 87)


@cache
def _card_lengths() -> NDArray[np.int64]:
    return np.array(card_lengths_by_prefix())


@cache
def _credit_values() -> Octets:
    table = np.full(256, _NOT_IN_ALPHABET, np.uint8)
    table[np.frombuffer(_CREDIT_ALPHABET, np.uint8)] = np.arange(len(_CREDIT_ALPHABET))
    return table


@cache
def _weights(base: int, modulus: int, *, falling: bool) -> NDArray[np.float32]:
    """Weights as floats, whose products numpy leaves to a library; sums below 2 ** 24 are exact."""
    powers = [pow(base, place, modulus) for place in range(18)]
    return np.array(powers[17:0:-1] if falling else powers[:17], np.float32)


def _weighted(values: Octets, weights: NDArray[np.float32]) -> NDArray[np.int64]:
    sums: NDArray[np.int64] = (weights @ values[:17].astype(np.float32)).astype(np.int64)
    return sums


def _upright(rows: Octets) -> Octets:
    """The rows as columns: what is asked of each byte of a row is then asked of all rows in one run of memory."""
    return np.ascontiguousarray(rows.T)


def _pair(columns: Octets, place: int) -> NDArray[np.int64]:
    pairs: NDArray[np.int64] = columns[place].astype(np.int64) << 8 | columns[place + 1]
    return pairs


def _number(digits: Octets) -> NDArray[np.int64]:
    """The number that columns of digit values spell."""
    number: NDArray[np.int64] = digits[0].astype(np.int64)
    for column in digits[1:]:
        number = number * 10 + column
    return number


def upper(rows: Octets) -> Octets:
    """Return the rows with a-z as A-Z."""
    return rows - ((rows - np.uint8(0x61) < 26) * np.uint8(0x20))


def are_mobiles(rows: Octets) -> Bools:
    """``contact.mobile`` for rows of 11 bytes."""
    columns = _upright(rows)
    right: Bools = (columns[0] == 0x31) & (columns[1] >= 0x33)
    right &= np.logical_and.reduce(is_digit(columns), 0)
    return right


def are_resident_ids(rows: Octets) -> Bools:
    """``identity.resident_id`` for rows of 18 bytes in upper case."""
    columns = _upright(rows)
    values = columns[:17] - np.uint8(0x30)
    digits = values < 10
    right: Bools = np.logical_and.reduce(digits, 0) & _pairs(PROVINCES)[_pair(columns, 0)]
    values *= digits
    year, month, day = _number(values[6:10]), _number(values[10:12]), _number(values[12:14])
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)) & (month == 2)
    right &= (year >= BIRTH_YEARS[0]) & (year <= BIRTH_YEARS[-1]) & (day >= 1) & (day <= _days()[month] + leap)
    check = _weighted(values, _weights(2, 11, falling=True)) % 11
    right &= columns[17] == np.frombuffer(b"10X98765432", np.uint8)[check]
    return right


def are_credit_codes(rows: Octets) -> Bools:
    """``identity.credit_code`` for rows of 18 bytes in upper case."""
    columns = _upright(rows)
    values = _credit_values()[columns]
    right: Bools = np.logical_and.reduce(values != _NOT_IN_ALPHABET, 0)
    right &= np.logical_and.reduce(is_digit(columns[2:8]), 0)
    right &= _pairs(CREDIT_KINDS)[_pair(columns, 0)] & _pairs(PROVINCES | {b"10"})[_pair(columns, 2)]
    right &= values[17] == -_weighted(values, _weights(3, 31, falling=False)) % 31
    return right


def are_cards(rows: Octets, lengths: Octets) -> Bools:
    """``payment.bank_card`` for numbers of 14-19 bytes, right-aligned in rows of 19 (whatever stands before them)."""
    first = 19 - lengths
    values = _upright(rows) - np.uint8(0x30)
    used, digits = np.arange(19, dtype=np.uint8)[:, None] >= first, values < 10
    right: Bools = np.logical_and.reduce(digits | ~used, 0)
    values *= used & digits
    flat, place = values.ravel(), first.astype(np.int64) * len(rows) + np.arange(len(rows))
    prefix = flat[place].astype(np.int64)
    for place_of_digit in range(1, 4):
        prefix = prefix * 10 + flat[place + place_of_digit * len(rows)]
    right &= (_card_lengths()[prefix] >> lengths & 1).astype(np.bool_)
    doubled = values[1::2] * np.uint8(2)  # from the right: 18 is last
    values[1::2] = doubled - (doubled > 9) * np.uint8(9)
    right &= np.add.reduce(values, 0, np.uint8) % 10 == 0  # nineteen nines are 171
    return right


def octet_values(rows: Octets, lengths: Octets) -> NDArray[np.int64]:
    """Return what one to three digits are as an octet of IPv4, -1 where they are none.

    ``rows`` are three bytes from the first digit on; a leading zero makes another number of it.
    """
    first, second, third = np.ascontiguousarray(rows.T) - np.uint8(0x30)  # columns: rows of three are slow
    two, three = lengths >= 2, lengths == 3
    right = (first < 10) & ((second < 10) | ~two) & ((third < 10) | ~three) & ((first > 0) | ~two)
    number = first.astype(np.int64)
    number = np.where(two, number * 10 + second, number)
    number = np.where(three, number * 10 + third, number)
    return np.where(right & (lengths > 0) & (number <= 255), number, -1)
