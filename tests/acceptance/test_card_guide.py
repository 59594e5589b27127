"""The guide to purpose cards: every field is explained, its example reads, its mistakes are seen."""

from __future__ import annotations

import re
from typing import Final

import msgspec
import pytest

from shouxin.errors import Invalid
from shouxin.policy import card as cards
from shouxin.policy import chain_rules as chains
from shouxin.policy.card import read_card
from tests.acceptance.documents import documents, fenced


def test_every_field_of_a_card_is_explained() -> None:
    """docs/purpose-cards.md has a row for each field of each part of a card, and for no other."""
    text = documents()["docs/purpose-cards.md"]
    for part in (cards.Card, cards.Term, chains.ApprovalChain, chains.ApprovalLevel, chains.DeletionRules):
        section = text.split(f"<!-- fields: {part.__name__} -->")[1].split("\n\n")[0]
        rows = re.findall(r"^\| `(\w+)` ", section, re.MULTILINE)
        assert sorted(rows) == sorted(one.name for one in msgspec.structs.fields(part)), part.__name__


def _example() -> str:
    (text,) = fenced(documents()["docs/purpose-cards.md"], "toml")
    return text


def test_the_card_of_the_guide_reads() -> None:
    """The example card is one that the product takes."""
    card, digest = read_card(_example(), "example.toml")
    assert card.version == 1
    assert len(digest) == 32


SPOILT: Final = {
    "unknown item": ('"contact.mobile"', '"contact.mobil"'),
    "unknown form": ("masked =", "maskd ="),
    "this is none of the seven bases of PIPL 13": ('"contract"', '"because"'),
    "versions count from 1": ("version = 1", "version = 0"),
    "every item stands in exactly one retention term": ('items = ["credit.amount"]\nceiling', "items = []\nceiling"),
    "a term has a ceiling outside 0 to 36525 days or an unknown start": ("ceiling_days = 180", "ceiling_days = -1"),
    "a chain has 1 to 10 levels, each with a quorum of 1 to 20": ("quorum = 2", "quorum = 0"),
    "after a refusal 1 to 3653 days pass before asking again": ("ask_again_days = 60", "ask_again_days = 0"),
    "a grant lasts at least a minute, a request an hour": ("grant_minutes = 30", "grant_minutes = 0"),
    "Object contains unknown field": ("title_zh =", "titel_zh ="),
    "Expected `int`, got `str`": ("version = 1", 'version = "1"'),
    "Object missing required field": ("title_en =", "# title_en ="),
    "objects move to the archive after 1 to 36525 days, or never (0)": (
        "ceiling_days = 180",
        "archive_after_days = -1\nceiling_days = 180",
    ),
    "not TOML": ("version = 1", "version = "),
}


@pytest.mark.parametrize("told", SPOILT)
def test_the_mistakes_of_the_guide_are_seen(told: str) -> None:
    """Each error in the guide's table is one that the mistake beside it brings, with file and line."""
    assert told in documents()["docs/purpose-cards.md"]
    right, wrong = SPOILT[told]
    assert right in _example()
    with pytest.raises(Invalid) as caught:
        read_card(_example().replace(right, wrong, 1), "card.toml")
    assert told in caught.value.detail
    assert caught.value.place.startswith("card.toml")
