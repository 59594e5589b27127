"""The facts of a case are what rules ask for, each as a value that a rule could meet."""

from __future__ import annotations

import pytest

from shouxin.errors import Invalid
from shouxin.policy.applies import applies
from shouxin.policy.case_facts import case_facts
from shouxin.policy.lawpack import load_pack

PACKS = [load_pack("cn"), load_pack("eu")]


def test_each_fact_is_read_as_the_rules_ask_for_it() -> None:
    """A truth, a count, a word of a list: and then a rule on it can be told."""
    said = {"institution.ciio": "false", "incident.persons": "1000000", "incident.grade": "larger"}
    found = case_facts(said, PACKS)
    assert found == {"institution.ciio": False, "incident.persons": 1_000_000, "incident.grade": "larger"}
    assert applies("institution.ciio or incident.persons >= 1000000", found) is True
    assert applies("incident.grade in ['major', 'extraordinary']", found) is False
    assert case_facts({}, PACKS) == {}


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("incident.colour", "red"),
        ("incident.grade", "large"),
        ("incident.grade", "true"),
        ("incident.persons", "-1"),
        ("incident.persons", "9" * 16),
        ("incident.persons", "larger"),
        ("institution.ciio", "1"),
        ("institution.ciio", ""),
    ],
)
def test_what_no_rule_could_meet_is_refused_by_name(fact: str, value: str) -> None:
    """A misspelt grade would make every rule on grades silent."""
    with pytest.raises(Invalid) as refused:
        case_facts({fact: value}, PACKS)
    assert refused.value.place == fact


def test_every_fact_that_a_rule_asks_for_can_be_stated() -> None:
    """Nothing in the packs is asked for in a way that this reads otherwise."""
    for pack in PACKS:
        for rule in pack.rules:
            if rule.applies_when.startswith("institution.") and " " not in rule.applies_when:
                assert applies(rule.applies_when, case_facts({rule.applies_when: "true"}, PACKS)) is True
