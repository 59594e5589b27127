"""Every rule that quotes is held against the statute text that it quotes."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from shouxin.domain.items import taxonomy
from shouxin.policy.lawpack import Rule, Verified, load_pack
from shouxin.policy.statutes import numbers_in, statute

PACK = load_pack("cn")
QUOTING = [rule for rule in PACK.rules if rule.quote]
NUMBERED = [rule for rule in QUOTING if rule.n is not None]


def _name(rule: Rule) -> str:
    return rule.id


@pytest.mark.parametrize("rule", QUOTING, ids=_name)
def test_the_quote_stands_in_the_passage(rule: Rule) -> None:
    """The quoted words stand in one line of the very paragraph or item that the rule names."""
    assert any(rule.quote in line for line in statute(rule.instrument).passage(rule.article).splitlines())


@pytest.mark.parametrize("rule", NUMBERED, ids=_name)
def test_the_number_stands_in_the_quote(rule: Rule) -> None:
    """The number of a rule stands in its quote; a halved number is half of the number of the rule it derives from."""
    if rule.derives_from:
        assert rule.n is not None
        assert rule.n * 2 == PACK.rule(rule.derives_from).n
        assert "一半" in rule.quote
    else:
        assert rule.n in numbers_in(rule.quote)


@pytest.mark.parametrize("rule", [rule for rule in PACK.rules if rule.verified is Verified.TEXT], ids=_name)
def test_a_text_rule_quotes_or_says_that_its_text_is_not_held(rule: Rule) -> None:
    """A rule marked text quotes a held text, or says that the text is not held and then cannot decide."""
    assert bool(rule.quote) == rule.held
    assert rule.held == bool(PACK.instrument(rule.instrument).text)
    assert rule.held or not rule.may_decide


@pytest.mark.parametrize("rule", [rule for rule in QUOTING if rule.boundary in {">", "<"}], ids=_name)
def test_an_exclusive_boundary_stands_in_the_words(rule: Rule) -> None:
    """超过 and 不满 exclude the number, 以上 includes it: an exclusive boundary has the words for it."""
    words = {">": ("超过",), "<": ("不满", "不得连续三次以上")}
    assert any(word in rule.quote for word in words[rule.boundary])


@pytest.mark.parametrize("rule", [rule for rule in NUMBERED if rule.boundary == ">="], ids=_name)
def test_an_inclusive_boundary_stands_in_the_words(rule: Rule) -> None:
    """A rule that says 'at least' has 以上, 至少 or 不少于 in its quote, or 以上 of the annex."""
    assert any(word in rule.quote for word in ("以上", "至少", "不少于"))


def test_every_text_of_the_register_is_there_and_no_other() -> None:
    """The folder of texts and the register name the same files."""
    folder = Path(str(files("shouxin.policy") / "packs" / "cn" / "texts"))
    assert {path.name for path in folder.glob("*.md")} - {"README.md"} == {
        one.text for one in PACK.instruments.values() if one.text
    }


def test_no_text_holds_anything_but_text() -> None:
    """No text carries a picture, a link or a carriage return from its reprint."""
    for one in PACK.instruments.values():
        if one.text:
            text = (files("shouxin.policy") / "packs" / "cn" / "texts" / one.text).read_text(encoding="utf-8")
            assert not re.search(r"!\[|https?://|\r", text), one.text


def test_renumbered_articles_give_both_numbers() -> None:
    """The Cybersecurity Law was renumbered: a rule from before 2026 gives the old number too."""
    for rule in PACK.citing("CSL"):
        if rule.effective_from and rule.effective_from < date(2026, 1, 1) and rule.article != "42(2)":
            old, new = (int(re.findall(r"\d+", one)[0]) for one in (rule.article_before_2026 or "0", rule.article))
            assert new - old == 2, rule.id


def test_the_classes_that_floors_name_are_classes_of_items() -> None:
    """The ten-year floors reach items: their classes stand in the item taxonomy."""
    classes = {one.record_class for one in taxonomy().items.values()}
    assert {"customer_identity", "transaction"} <= classes
