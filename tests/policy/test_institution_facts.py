"""An institution says facts of the vocabulary, each of its kind; what it did not say binds."""

from __future__ import annotations

from datetime import date

import pytest

from shouxin.errors import Invalid
from shouxin.policy.institution_facts import answers, asked_facts, checked_facts, facts_digest
from shouxin.policy.lawpack import load_pack

ON = date(2026, 6, 15)
PACK = load_pack("cn")
OFFICER = "CN-AUDIT-12-1-OFFICER"


def test_what_is_said_is_a_fact_of_the_vocabulary_and_of_its_kind() -> None:
    """Yes or no, or a count; another name, another kind and a negative count are refused by name."""
    said = checked_facts({"ciio": False, "persons": 1_200_000})
    assert said == {"institution.ciio": False, "institution.persons": 1_200_000}
    for name, value in (("weather", True), ("ciio", 1), ("ciio", "no"), ("persons", True), ("persons", -1)):
        with pytest.raises(Invalid) as caught:
            checked_facts({name: value})
        assert caught.value.place == name


def test_every_fact_that_a_rule_asks_for_can_be_said() -> None:
    """Facts that are compared with a number are counts, all others are not: so no rule compares true with 1,000,000."""
    compared = {
        one.name
        for one in asked_facts(PACK, ON, {})
        if any(f"institution.{one.name} {sign}" in rule.applies_when for rule in one.rules for sign in "<>")
    }
    assert compared == {one.name for one in asked_facts(PACK, ON, {}) if one.counted}
    assert {"ciio", "large_platform", "nfra_supervised", "credit_agency", "abroad", "persons"} <= {
        one.name for one in asked_facts(PACK, ON, {})
    }


def test_the_facts_on_which_a_term_is_kept_stand_first() -> None:
    """The ten years of the Anti-Money Laundering Law rest on what the lender says: that is asked before the rest."""
    first, *_ = asked_facts(PACK, ON, {"institution.aml_obliged": False})
    assert (first.name, first.said) == ("aml_obliged", False)
    assert {str(rule.id) for rule in first.binding} >= {"CN-AML-34-3-IDENTITY", "CN-AML-34-3-TRANSACTION"}


@pytest.mark.parametrize(("facts", "expected"), [({}, None), ({"persons": 999_999}, False), ({"persons": 10**6}, True)])
def test_the_officer_of_a_million_people(facts: dict[str, int], expected: bool | None) -> None:
    """100万人以上 includes the million; who has not said how many may be one."""
    found = {str(rule.id): said for rule, said in answers(PACK, ON, checked_facts(facts))}
    assert found[OFFICER] is expected


def test_equal_words_have_one_digest() -> None:
    """In whatever order they were said; another value is another digest."""
    one, other = {"a": True, "b": 2}, {"b": 2, "a": True}
    assert facts_digest(one) == facts_digest(other) != facts_digest({"a": True, "b": 3})
