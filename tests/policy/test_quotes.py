"""Every rule that quotes is held against the statute text that it quotes."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

from shouxin.domain.items import taxonomy
from shouxin.policy.lawpack import Rule, Verified, load_pack
from shouxin.policy.statutes import numbers_in, statute
from tests.house.tree import expect_none

PACK = load_pack("cn")
QUOTING = [rule for rule in PACK.rules if rule.quote]
NUMBERED = [rule for rule in QUOTING if rule.n is not None]


def test_every_quote_stands_in_its_passage() -> None:
    """The quoted words stand in one line of the very paragraph or item that the rule names."""
    assert len(QUOTING) > 300
    expect_none(
        f"{rule.id}: {rule.quote}"
        for rule in QUOTING
        if not any(rule.quote in line for line in statute(rule.instrument).passage(rule.article).splitlines())
    )


def _number_stands(rule: Rule) -> bool:
    if rule.derives_from:
        half = rule.n is not None and rule.n * 2 == PACK.rule(rule.derives_from).n
        return half and "一半" in rule.quote
    return rule.n in numbers_in(rule.quote)


def test_every_number_stands_in_its_quote() -> None:
    """The number of a rule stands in its quote; a halved number is half of the number of the rule it derives from."""
    assert len(NUMBERED) > 80
    expect_none(f"{rule.id}: {rule.n}: {rule.quote}" for rule in NUMBERED if not _number_stands(rule))


def test_a_text_rule_quotes_or_says_that_its_text_is_not_held() -> None:
    """A rule marked text quotes a held text, or says that the text is not held and then cannot decide."""
    text = [rule for rule in PACK.rules if rule.verified is Verified.TEXT]
    assert len(text) > 300
    expect_none(f"{rule.id}: quotes, or is held, alone" for rule in text if bool(rule.quote) != rule.held)
    held = {name for name, one in PACK.instruments.items() if one.text}
    expect_none(f"{rule.id}: its text" for rule in text if rule.held != (rule.instrument in held))
    expect_none(f"{rule.id}: decides without a text" for rule in text if rule.may_decide and not rule.held)


def test_an_exclusive_boundary_stands_in_the_words() -> None:
    """超过 and 不满 exclude the number, 以上 includes it: an exclusive boundary has the words for it."""
    words = {">": ("超过",), "<": ("不满", "不得连续三次以上")}
    bounded = [rule for rule in QUOTING if rule.boundary in words]
    assert len(bounded) > 5
    expect_none(
        f"{rule.id}: {rule.quote}" for rule in bounded if not any(word in rule.quote for word in words[rule.boundary])
    )


def test_an_inclusive_boundary_stands_in_the_words() -> None:
    """A rule that says 'at least' has 以上, 至少 or 不少于 in its quote, or 以上 of the annex."""
    least = [rule for rule in NUMBERED if rule.boundary == ">="]
    assert len(least) > 20
    expect_none(
        f"{rule.id}: {rule.quote}"
        for rule in least
        if not any(word in rule.quote for word in ("以上", "至少", "不少于"))
    )


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
