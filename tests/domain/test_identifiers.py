"""Identifiers are random, typed by prefix, and read back only from what was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.identifiers import PREFIXES, AccountId, SubjectId, new, parse, show
from shouxin.errors import Invalid

KINDS = list(PREFIXES)
ZERO = SubjectId(bytes(16))


def test_a_new_identifier_has_16_random_bytes() -> None:
    """A thousand fresh identifiers are a thousand different values of 16 bytes."""
    made = {new(SubjectId) for _ in range(1000)}
    assert len(made) == 1000
    assert {len(one) for one in made} == {16}


def test_every_kind_has_a_prefix_of_its_own() -> None:
    """No two kinds share a prefix, so that one can never be pasted where another is meant."""
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    assert all(len(prefix) == 3 and prefix.isalpha() and prefix.islower() for prefix in PREFIXES.values())


@given(st.sampled_from(KINDS), st.binary(min_size=16, max_size=16))
def test_what_was_shown_is_read_back(kind: type[bytes], value: bytes) -> None:
    """Every identifier of every kind comes back from its written form."""
    assert parse(kind, show(kind, value)) == value


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.binary(min_size=16, max_size=16))
def test_another_kind_is_not_read(kind: type[bytes], other: type[bytes], value: bytes) -> None:
    """The written form of one kind is refused as any other kind."""
    if kind is not other:
        with pytest.raises(Invalid):
            parse(other, show(kind, value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sub_",
        "sub",
        "sub_" + "0" * 31,
        "sub_" + "0" * 33,
        "sub_" + "g" * 32,
        "sub_" + "0" * 30 + "\uff10\uff10",
        "acc_" + "0" * 32,
        " sub_" + "0" * 32,
        "sub_" + "0" * 32 + "\n",
        "0" * 32,
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Another length, other digits, another prefix or a blank around it is refused."""
    with pytest.raises(Invalid):
        parse(SubjectId, text)


@pytest.mark.parametrize("text", ["sub_" + "0" * 30 + "  ", "sub_" + "00 " * 10 + "00", "sub_\t" + "0" * 30 + "\n"])
def test_blanks_between_the_digits_are_refused(text: str) -> None:
    """32 characters of which some are blanks are not an identifier of fewer bytes."""
    with pytest.raises(Invalid):
        parse(SubjectId, text)


def test_upper_case_is_not_what_was_written() -> None:
    """One identifier has one written form: upper-case digits are refused."""
    with pytest.raises(Invalid):
        parse(SubjectId, "sub_" + "AB" * 16)


def test_a_refusal_does_not_repeat_the_text() -> None:
    """Somebody who pastes a phone number where an identifier belongs does not find it in the error."""
    with pytest.raises(Invalid) as caught:
        parse(AccountId, "13800138000")
    assert "13800138000" not in str(caught.value)
    assert "acc_" in str(caught.value)


def test_the_written_form_is_fixed() -> None:
    """The form that people and programs keep does not change: prefix, underscore, 32 lower-case digits."""
    assert show(SubjectId, ZERO) == "sub_" + "0" * 32
