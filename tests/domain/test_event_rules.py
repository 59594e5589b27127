"""Under which rule each event about a person was done: it says so, its kind is one, or a list says where it stands."""

from __future__ import annotations

from shouxin.domain.event_kind import EventKind
from shouxin.domain.event_rules import RULE_ELSEWHERE, RULE_OF_KIND
from shouxin.domain.vocabulary import VOCABULARY
from shouxin.policy.lawpack import load_pack

OF_PEOPLE = {kind for kind, (_, facts) in VOCABULARY.items() if {"subject", "members"} & facts.keys()}
SAYING = {kind for kind, (_, facts) in VOCABULARY.items() if "rules" in facts}


def test_every_event_of_a_person_has_its_rule_in_exactly_one_place() -> None:
    """No kind that touches a person is forgotten, and none that says its rules is listed beside."""
    assert (OF_PEOPLE & SAYING) | RULE_OF_KIND.keys() | RULE_ELSEWHERE.keys() == OF_PEOPLE
    assert not SAYING & RULE_OF_KIND.keys()
    assert not SAYING & RULE_ELSEWHERE.keys()
    assert not RULE_OF_KIND.keys() & RULE_ELSEWHERE.keys()


def test_a_kind_that_is_a_rule_is_one_of_the_law_pack() -> None:
    """It stands there with its instrument and article; a correction with the right to it."""
    known = {rule.id: rule for rule in load_pack("cn").rules}
    assert known.keys() >= set(RULE_OF_KIND.values())
    rule = known[RULE_OF_KIND[EventKind.CELL_CORRECTED]]
    assert "46" in f"{rule.instrument} {rule.article}"


def test_what_stands_elsewhere_has_a_reason() -> None:
    """A sentence that says where to look, and not only that it is listed."""
    assert all(len(where.split()) > 4 for where in RULE_ELSEWHERE.values())
