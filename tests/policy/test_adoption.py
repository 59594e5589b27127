"""Who was told of one version need not be asked again only while the card means the same (PIPL 14(2))."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from shouxin.policy.adoption import asks_again, widened
from shouxin.policy.card import Card, read_card
from tests.workspaces import CARD

FIRST = read_card(CARD)[0]
LONGER = "ceiling_days = 200"


def _next(before: Card, *, wording_only: bool = False, **changed: object) -> Card:
    return msgspec.structs.replace(before, version=before.version + 1, wording_only=wording_only, **changed)


@pytest.mark.parametrize(
    ("change", "because"),
    [
        (lambda: _next(FIRST, title_zh="贷后催收"), "title and explanation"),
        (lambda: _next(FIRST, explanation_en="To sell you something."), "title and explanation"),
        (lambda: _next(FIRST, separate_consent=True), "separate_consent"),
        (lambda: _next(FIRST, recipients=("bureau",)), "recipients"),
        (lambda: _next(FIRST, locations=("CN", "SG")), "locations"),
        (lambda: read_card(CARD.replace("ceiling_days = 180", LONGER).replace("version = 1", "version = 2"))[0],
         "retention"),
        (lambda: read_card(CARD.replace("ceiling_days = 180", 'ceiling_days = 180\nstarts = "end_of_relationship"')
                           .replace("version = 1", "version = 2"))[0], "retention"),
    ],
)  # fmt: skip
def test_another_purpose_manner_or_length_is_asked_for_again(change: Callable[[], Card], because: str) -> None:
    """Each of these is what somebody agreed to no more, and the reason is named."""
    after = change()
    assert widened(FIRST, after) == (because,)
    assert asks_again((FIRST, after), 1)


def test_other_words_alone_ask_nobody_if_the_officer_says_so() -> None:
    """``wording_only`` covers words, and nothing else."""
    assert not asks_again((FIRST, _next(FIRST, wording_only=True, title_zh="贷款审查")), 1)
    assert asks_again((FIRST, _next(FIRST, wording_only=True, title_zh="贷款审查", locations=("CN", "SG"))), 1)
    shorter = read_card(CARD.replace("ceiling_days = 180", "ceiling_days = 30").replace("version = 1", "version = 2"))
    assert not asks_again((FIRST, shorter[0]), 1)


def test_a_later_declaration_does_not_cover_an_earlier_change() -> None:
    """Version 2 changed the purpose; that version 3 changes words only helps whoever was shown version 2."""
    second = _next(FIRST, title_zh="贷后催收")
    third = _next(second, wording_only=True, title_zh="催收")
    assert asks_again((FIRST, second, third), 1)
    assert not asks_again((FIRST, second, third), 2)
    assert asks_again((FIRST, second), 7)  # shown to nobody
