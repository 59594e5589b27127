"""Every code that a document can show has its words, in both languages."""

from __future__ import annotations

import re
from inspect import getsource
from pathlib import Path

import pytest

from shouxin.actors.account import ROLES
from shouxin.documents import assessment, sharing
from shouxin.documents.assessment import CRITERIA
from shouxin.documents.processing_record import ProcessingRecord
from shouxin.documents.words import Words, sayings
from shouxin.domain.items import MASKS, taxonomy
from shouxin.operations.rights import access_package
from shouxin.policy import card
from shouxin.policy.card import FORMS
from shouxin.policy.lawpack import load_pack
from shouxin.policy.lint import Severity
from tests.house.tree import PACKAGE, expect_none


def _known() -> dict[str, set[str]]:
    """Every code that can occur, by group, from where each is defined."""
    items = taxonomy().items.values()
    floors = [rule for rule in load_pack("cn").rules if rule.floor and rule.may_decide]
    kept = {one.record_class for one in items if one.record_class}
    usable = [rule for rule in floors if kept & set(rule.item_classes) and rule.n]
    asked = {code for _, codes in CRITERIA.values() for code in codes}
    questions = ProcessingRecord.__struct_defaults__[0]
    return {
        "role": set(ROLES),
        "form": set(FORMS),
        "left_out": set(re.findall(r'"((?:[a-z]+-){2,}[a-z]+)"', getsource(access_package._left_out))),
        "basis": set(card._BASES),
        "starts": set(card._STARTS) | {rule.clock_start for rule in usable},
        "unit": {rule.unit for rule in usable},
        "mask": set(MASKS),
        "kind": {one.kind for one in items},
        "record_class": kept,
        "severity": {one.value for one in Severity},
        "sharing_finding": set(sharing._RULES),
        "section": {"necessity", *CRITERIA},
        "question": {"major_effect", "recipient_kind", *asked, *questions},
    }


@pytest.mark.parametrize("group", _known())
def test_every_code_that_can_occur_has_words(group: str) -> None:
    """A code without words would be shown as it is: right, but not a document."""
    assert _known()[group] - set(sayings()[group]) == set()


def test_every_text_is_there_in_both_languages_and_puts_in_the_same() -> None:
    """No text is missing or empty in one language, and both ask for the same names."""
    faults: list[str] = []
    for group, codes in sayings().items():
        for code, texts in codes.items():
            if set(texts) != {"zh", "en"} or not all(text.strip() for text in texts.values()):
                faults.append(f"{group}.{code}: not in both")
            elif len({frozenset(re.findall(r"\{(\w+)\}", text)) for text in texts.values()}) != 1:
                faults.append(f"{group}.{code}: puts in other names")
    expect_none(faults)
    assert len(sayings()) > 20


def test_what_the_code_asks_for_is_there() -> None:
    """Each ``say(group, code)`` that stands in the room with both words written out finds its text."""
    asked = re.compile(r'words\.say\(\s*"(\w+)",\s*"([\w-]+)"')
    found = [
        pair for path in Path(PACKAGE / "documents").glob("*.py") for pair in asked.findall(path.read_text("utf-8"))
    ]
    assert len(found) > 20
    expect_none(f"{group}.{code}" for group, code in found if code not in sayings()[group])
    facts = re.findall(r'\("(?:risk|effect)_\w+", "(\w+)"\)', Path(assessment.__file__).read_text("utf-8"))
    assert len(facts) > 15
    expect_none(code for code in facts if code not in sayings()["fact"])


def test_braces_inside_what_is_put_in_stay_as_they_are() -> None:
    """A name that looks like a place for another name is not filled in once more."""
    said = Words("en").say("sharing_finding", "contract-missing", purpose="{recipient}", recipient="{0}")
    assert said == "Purpose {recipient} names no contract with {0}"


def test_a_code_without_words_is_shown_as_it_is() -> None:
    """A document is never stopped by a word."""
    assert Words("zh").say("role", "no_such_role") == "no_such_role"
