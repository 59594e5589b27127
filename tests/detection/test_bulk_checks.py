from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.bulk_checks import (
    are_cards,
    are_credit_codes,
    are_mobiles,
    are_resident_ids,
    octet_values,
    upper,
)
from shouxin.detection.checksums import credit_code_check_character, id_number_check_character, luhn_check_digit
from shouxin.detection.contact import mobile
from shouxin.detection.identity import credit_code, resident_id
from shouxin.detection.payment import bank_card
from shouxin.detection.token_arrays import Bools, Octets

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
seventeen = st.one_of(
    st.text("0123456789", min_size=17, max_size=17),
    st.from_regex(r"(11|44|99)[0-9]{4}(18|19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}", fullmatch=True),
    st.from_regex(r"(11|44)01011(9|8)[0-9]{2}0229[0-9]{3}", fullmatch=True).map(lambda text: text[:17]),
)
ids = seventeen.filter(lambda body: len(body) == 17).map(lambda body: body + id_number_check_character(body))
codes = st.text(ALPHABET, min_size=9, max_size=9).flatmap(
    lambda tail: st.sampled_from(["91310101", "12100000", "A1440101", "00310101", "91990101"]).map(
        lambda head: head + tail + credit_code_check_character(head + tail)
    )
)
junk = st.text("0123456789XYZab-", min_size=18, max_size=18)


def _rows(values: list[str]) -> Octets:
    return np.frombuffer("".join(values).encode(), np.uint8).reshape(len(values), -1)


@pytest.mark.parametrize(("many", "one"), [(are_resident_ids, resident_id), (are_credit_codes, credit_code)])
@given(values=st.lists(st.one_of(ids, codes, junk), min_size=1, max_size=20))
def test_eighteen_characters(many: Callable[[Octets], Bools], one: Callable[[bytes], int], values: list[str]) -> None:
    """The arrays judge each row as the scalar rule does, in upper case."""
    expected = [one(value.upper().encode()) > 0 for value in values]
    assert many(upper(_rows(values))).tolist() == expected


@given(
    st.lists(
        st.one_of(st.from_regex(r"1[0-9]{10}", fullmatch=True), st.text("019:/", min_size=11, max_size=11)), min_size=1
    )
)
def test_mobiles(values: list[str]) -> None:
    """The arrays judge mobiles as the scalar rule does, also beside the digits in the table of characters."""
    assert are_mobiles(_rows(values)).tolist() == [mobile(value.encode()) > 0 for value in values]


@given(
    st.integers(14, 19),
    st.lists(
        st.tuples(st.sampled_from(["62", "4", "51", "37", "30", "9558", "1", "x"]), st.integers(0, 10**19)), min_size=1
    ),
)
def test_cards(length: int, parts: list[tuple[str, int]]) -> None:
    """The arrays judge cards of each length as the scalar rule does, right and wrong check digits alike."""
    values = []
    for prefix, number in parts:
        body = f"{prefix}{number:020}"[: length - 1]
        last = luhn_check_digit(body) if body.isdigit() and number % 3 else str(number % 10)
        values.append(body + last)
    rows = _rows([value.rjust(19, "7") for value in values])
    lengths = np.full(len(values), length, np.uint8)
    assert are_cards(rows, lengths).tolist() == [bank_card(value.encode()) > 0 for value in values]


@given(st.lists(st.text("0123456789a", min_size=1, max_size=3), min_size=1))
def test_octets(values: list[str]) -> None:
    """One to three digits up to 255 are an octet, unless they begin with a zero that is not all of them."""
    lengths = np.array([len(value) for value in values], np.uint8)
    expected = [
        int(value) if value.isdigit() and str(int(value)) == value and int(value) < 256 else -1 for value in values
    ]
    assert octet_values(_rows([value.ljust(3, ".") for value in values]), lengths).tolist() == expected
