"""What people read of a card says something, and holds nothing that they cannot see."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from shouxin.actors.account import ROLES
from shouxin.policy.card import read_card
from shouxin.policy.lawpack import load_pack
from shouxin.policy.lint import Severity, lint
from shouxin.policy.text_rules import has_hidden, is_blank
from tests.workspaces import CARD

ON = date(2026, 6, 15)


@pytest.mark.parametrize("sign", ["\u0000", "\u001b", "\u202e", "\u2066", "\u200b", "\u2028"])
def test_a_card_that_shows_something_else_than_it_says_is_not_adopted(sign: str) -> None:
    """A turned direction, an escape or an invisible blank in a title or explanation is an error, by its field."""
    card = read_card(CARD)[0]
    for name in ("title_zh", "explanation_en"):
        hidden = msgspec.structs.replace(card, **{name: f"{getattr(card, name)}{sign}"})
        found = [one for one in lint(hidden, load_pack("cn"), {}, ON, ROLES) if one.code == "text-hidden"]
        assert [(one.severity, one.place) for one in found] == [(Severity.ERROR, name)]
    assert "text-hidden" not in {one.code for one in lint(card, load_pack("cn"), {}, ON, ROLES)}


def test_line_ends_and_wide_signs_are_seen() -> None:
    """What a text file has, and Chinese punctuation, hide nothing."""
    assert not has_hidden("第一行。\n第二行\t——“好”")
    assert is_blank("待定。")
    assert not is_blank("审批贷款")
