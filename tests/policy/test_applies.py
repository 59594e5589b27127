"""Whether a rule applies: yes or no where the facts decide it, and nothing where they do not."""

from __future__ import annotations

import pytest

from shouxin.policy.applies import applies
from shouxin.policy.lawpack import REGIONS, load_pack

FACTS: dict[str, object] = {"a.yes": True, "a.no": False, "a.n": 5, "a.word": "x"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("True", True),
        ("a.yes", True),
        ("not a.yes", False),
        ("not a.other", None),
        ("a.no and a.other", False),
        ("a.other and a.no", False),
        ("a.yes and a.other", None),
        ("a.yes or a.other", True),
        ("a.no or a.other", None),
        ("a.n >= 5", True),
        ("a.n > 5", False),
        ("a.other > 5", None),
        ("a.word in ['x', 'y']", True),
        ("a.word not in ['x', 'y']", False),
        ("not a.word in ['y']", True),
        ("a.other in ['y']", None),
    ],
)
def test_what_the_facts_say(expression: str, expected: bool | None) -> None:
    """Kleene's three values, over every form that the packs use."""
    assert applies(expression, FACTS) is expected


@pytest.mark.parametrize("region", REGIONS)
def test_every_rule_of_the_packs_can_be_asked(region: str) -> None:
    """With no facts at all, a rule applies always, or nobody can tell."""
    assert {applies(rule.applies_when, {}) for rule in load_pack(region).rules} <= {True, None}
