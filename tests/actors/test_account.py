"""Who acts: a passphrase proves it, a token stands for it, and neither can be guessed or moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.actors.account import (
    ROLES,
    Actor,
    Token,
    check_passphrase,
    hash_passphrase,
    issue_token,
    read_token,
)
from shouxin.domain.identifiers import AccountId, SignInId, SubjectId, new, show
from shouxin.errors import NotSignedIn

KEY = b"k" * 32
SIGN_IN = SignInId(b"s" * 16)
TOKEN = issue_token(KEY, SIGN_IN)


def test_a_passphrase_is_kept_as_argon2id_and_checked() -> None:
    """The right passphrase passes, another does not, and two hashes of one passphrase differ."""
    first, second = hash_passphrase("open sesame, politely"), hash_passphrase("open sesame, politely")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert "sesame" not in first
    assert check_passphrase(first, "open sesame, politely")
    assert not check_passphrase(first, "open sesame, politelY")


@pytest.mark.parametrize("secret", ["", "plain", "$argon2id$", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$", "$argon2id$é"])
def test_what_is_no_hash_matches_nothing(secret: str) -> None:
    """A damaged secret lets nobody in, and is no crash."""
    assert not check_passphrase(secret, "")
    assert not check_passphrase(secret, secret)


@given(st.binary(min_size=16, max_size=16))
def test_a_token_names_its_sign_in(value: bytes) -> None:
    """What was issued is read back, by the key that issued it."""
    token = issue_token(KEY, SignInId(value))
    assert read_token(KEY, token) == value
    with pytest.raises(NotSignedIn):
        read_token(b"x" * 32, token)


@pytest.mark.parametrize("at", range(len(TOKEN)))
def test_one_altered_character_makes_it_worthless(at: int) -> None:
    """Whichever character of a token is altered, it stands for nobody."""
    other = "0" if TOKEN[at] != "0" else "1"
    with pytest.raises(NotSignedIn):
        read_token(KEY, Token(TOKEN[:at] + other + TOKEN[at + 1 :]))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "root",
        TOKEN.partition(".")[0],
        TOKEN.partition(".")[0] + ".",
        TOKEN + "0",
        TOKEN + ".",
        TOKEN[:-1],
        TOKEN.upper(),
        show(SubjectId, new(SubjectId)) + "." + TOKEN.partition(".")[2],
        show(SignInId, new(SignInId)) + "." + TOKEN.partition(".")[2],
    ],
)
def test_anything_else_is_no_token(text: str) -> None:
    """A cut, extended or borrowed token is refused without repeating it."""
    with pytest.raises(NotSignedIn) as caught:
        read_token(KEY, Token(text))
    assert not text or text == "." or text not in str(caught.value)


@pytest.mark.parametrize("tail", ["张三", "é" * 64, "\ud800"])
def test_a_token_with_strange_characters_is_refused_like_any_other(tail: str) -> None:
    """Somebody who pastes something else behind the dot is told that they are not signed in."""
    with pytest.raises(NotSignedIn):
        read_token(KEY, Token(f"{TOKEN.partition('.')[0]}.{tail}"))


def test_an_actor_speaks_in_a_role_that_they_have() -> None:
    """The first wanted role that the actor has is named, else one of their own, else none."""
    actor = Actor(AccountId(bytes(16)), "n", frozenset({"dpo", "analyst"}), bytes(32), SIGN_IN)
    assert actor.acts_as("approver", "dpo", "analyst") == "dpo"
    assert actor.acts_as("approver") == "analyst"
    assert actor.acts_as() == "analyst"
    assert Actor(AccountId(bytes(16)), "n", frozenset(), bytes(32), SIGN_IN).acts_as("dpo") == "none"


def test_roles_are_codes() -> None:
    """A role's name can stand in the ledger."""
    assert all(role.isascii() and role.replace("_", "").isalpha() and role.islower() for role in ROLES)
