from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.detection.checksums import (
    credit_code_check_character,
    credit_code_is_valid,
    id_number_check_character,
    id_number_is_valid,
    luhn_check_digit,
    luhn_is_valid,
)

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

digits = st.text("0123456789", min_size=17, max_size=17)
births = st.dates().map("{:%Y%m%d}".format).filter(lambda text: len(text) == 8)
regions = st.from_regex(r"[1-8][0-9]{5}", fullmatch=True)
serials = st.from_regex(r"[0-9]{3}", fullmatch=True)
id_numbers = st.builds("".join, st.tuples(regions, births, serials)).map(lambda b: b + id_number_check_character(b))
cards = st.text("0123456789", min_size=11, max_size=18).map(lambda body: body + luhn_check_digit(body))
credit_codes = st.builds(
    lambda kind, region, body: kind + region + body,
    st.text(CREDIT_ALPHABET, min_size=2, max_size=2),
    regions,
    st.text(CREDIT_ALPHABET, min_size=9, max_size=9),
).map(lambda body: body + credit_code_check_character(body))


def _flipped(text: str, place: int, to: str) -> str:
    return text[:place] + to + text[place + 1 :]


@pytest.mark.parametrize("text", ["11010519491231002X", "11010519491231002x", "440524188001010014"])
def test_the_examples_of_the_id_standard_are_valid(text: str) -> None:
    """The two numbers that GB 11643 prints are valid, and a lower-case x is the same check character."""
    assert id_number_is_valid(text)


@given(digits)
def test_an_id_number_fulfils_the_congruence_of_its_standard(body: str) -> None:
    """With its check character, X counting ten, the weighted sum of an ID number is 1 modulo 11 (ISO 7064)."""
    text = body + id_number_check_character(body)
    assert sum("0123456789X".index(character) * 2 ** (17 - place) for place, character in enumerate(text)) % 11 == 1


@pytest.mark.parametrize("text", ["79927398713", "4111111111111111", "6200000000000005", "6205500000000000004"])
def test_published_card_numbers_are_valid(text: str) -> None:
    """Card numbers that were published for testing pass the Luhn formula."""
    assert luhn_is_valid(text)


@pytest.mark.parametrize("text", ["91350100M000100Y43", "91110000600037341L"])
def test_published_credit_codes_are_valid(text: str) -> None:
    """Codes that other libraries use as examples are valid."""
    assert credit_code_is_valid(text)


@given(id_numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_a_flipped_character_of_an_id_number_is_caught(text: str, place: int, to: str) -> None:
    """An ID number with one other character, anywhere, is not valid, and with its own it is."""
    assert id_number_is_valid(_flipped(text, place, to)) == (to == text[place])


@given(id_numbers, st.integers(0, 16))
def test_exchanged_neighbours_in_an_id_number_are_caught(text: str, place: int) -> None:
    """An ID number of which two neighbouring characters changed places is valid only if they were equal."""
    exchanged = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert id_number_is_valid(exchanged) == (exchanged == text)


@given(cards, st.data())
def test_a_flipped_digit_of_a_card_is_caught(text: str, data: st.DataObject) -> None:
    """A card number with one other digit, anywhere, is not valid, and with its own it is."""
    place, to = data.draw(st.integers(0, len(text) - 1)), data.draw(st.sampled_from("0123456789"))
    assert luhn_is_valid(_flipped(text, place, to)) == (to == text[place])


@given(credit_codes, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_a_flipped_character_of_a_credit_code_is_caught(text: str, place: int, to: str) -> None:
    """A credit code with one other character, anywhere, is not valid, and with its own it is."""
    assert credit_code_is_valid(_flipped(text, place, to)) == (to == text[place])


@pytest.mark.parametrize("birth", ["20230229", "19491301", "19490100", "00000101"])
def test_a_day_that_never_was_is_no_birth_date(birth: str) -> None:
    """A right check character does not save an ID number whose birth date is not in the calendar."""
    body = f"110105{birth}002"
    assert not id_number_is_valid(body + id_number_check_character(body))


def test_letters_outside_the_digits_of_the_region_are_refused() -> None:
    """A right check character does not save a credit code whose region is not six digits."""
    body = "9135010AM000100Y4"
    assert not credit_code_is_valid(body + credit_code_check_character(body))


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    """No text makes a validator raise."""
    answers = {id_number_is_valid(text), luhn_is_valid(text), credit_code_is_valid(text)}
    assert answers <= {True, False}


@given(id_numbers, cards)
def test_full_width_digits_are_not_digits(number: str, card: str) -> None:
    """Validators take normalised text only: full-width digits are refused, as are neighbours of the right length."""
    assert not id_number_is_valid(number.translate(FULL_WIDTH))
    assert not luhn_is_valid(card.translate(FULL_WIDTH))
    assert not id_number_is_valid("0" + number)
    assert not id_number_is_valid(number[:15])


@pytest.mark.parametrize("text", ["", "0", " 18", "1 8", "-18", "+18", "1.8"])
def test_what_is_too_short_or_no_number_fails_luhn(text: str) -> None:
    """One digit, no digit, signs and spaces are no number with a check digit."""
    assert not luhn_is_valid(text)


@given(st.text(max_size=20).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_a_check_character_of_nonsense_is_a_programming_error(text: str) -> None:
    """Asking for the check character of anything but a body of the right shape raises ``ValueError``."""
    for check in (id_number_check_character, luhn_check_digit):
        with pytest.raises(ValueError, match="expected"):
            check(text)
    with pytest.raises(ValueError, match="expected"):
        credit_code_check_character("I" + text)
