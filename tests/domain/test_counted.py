from __future__ import annotations

import pytest

from shouxin.domain.counted import counted


@pytest.mark.parametrize(
    ("many", "words", "said"),
    [
        (0, ("record",), "0 records"),
        (1, ("record",), "1 record"),
        (1_000, ("record",), "1,000 records"),
        (1, ("person",), "1 person"),
        (2, ("person", "are"), "2 people are"),
        (1, ("person", "are"), "1 person is"),
        (1, ("entry", "were read"), "1 entry was read"),
        (3, ("entry", "were read"), "3 entries were read"),
        (2, ("day",), "2 days"),
        (2, ("byte of text",), "2 bytes of text"),
        (1, ("changed rule", "stand"), "1 changed rule stands"),
        (1, ("", "were"), "1 was"),
    ],
)
def test_noun_and_verb_agree_with_the_count(many: int, words: tuple[str, ...], said: str) -> None:
    """One has neither the noun nor the verb of several; thousands have commas."""
    assert counted(many, *words) == said
