"""Words that stand for a row: of one use, of one kind, of one institution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.actors.bearer import name_of, words_for
from shouxin.domain.identifiers import PassId, SignInId
from shouxin.errors import NotSignedIn

KEY, USE = b"k" * 32, b"a use"
WORDS = words_for(KEY, USE, SignInId, SignInId(b"s" * 16))


def test_words_name_what_they_were_made_for() -> None:
    """And nothing under another key, another use or another kind of row."""
    assert name_of(KEY, USE, SignInId, WORDS) == b"s" * 16
    for key, use in ((b"l" * 32, USE), (KEY, b"another use")):
        with pytest.raises(NotSignedIn):
            name_of(key, use, SignInId, WORDS)
    with pytest.raises(NotSignedIn):
        name_of(KEY, USE, PassId, WORDS)


@given(st.text(max_size=100) | st.integers(0, len(WORDS) - 1).map(lambda at: WORDS[:at] + "é" + WORDS[at + 1 :]))
def test_no_other_words_name_anything(words: str) -> None:
    """Whatever somebody writes, it is refused by an error of ours."""
    with pytest.raises(NotSignedIn):
        name_of(KEY, USE, SignInId, words)
