"""Leaving a rule out of a decision changes no answer: what is not concerned neither applies nor errs."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouxin.policy.lawpack import load_pack
from shouxin.policy.slicing import Sliced

LAWS = [(str(rule.id), rule.when) for rule in load_pack("cn").deciding(date(2026, 11, 22))]
MADE_UP = [
    ("first-of-two-ways", 'context.frozen && context.sensitive || context.form == "raw"'),
    ("whole-in-parentheses", "(context.frozen || context.sensitive) && context.notified"),
    ("word-with-bars", 'context.purpose == "a || b" && context.frozen'),
    ("negated-comparison", '!(context.form == "raw") && context.frozen'),
    ("differs", 'context.form != "raw" && context.frozen'),
    ("choice", "if context.frozen then context.sensitive else context.notified"),
    ("errs", "context.frozen && context.nowhere"),
]
WORDS = {
    "purpose": ["", "loan.review", "a || b"],
    "form": ["raw", "masked", ""],
    "lawful_basis": ["consent", "contract", "emergency", ""],
    "recipient": ["", "bureau"],
}
TRUTHS = [
    *("sensitive", "consented", "separate_consent", "automated", "explained", "assessed", "recipient_contract"),
    *("frozen", "minor_under_14", "guardian_consent", "role_allowed", "items_allowed", "form_allowed", "notified"),
    *("approved", "needs_approval", "statutory_read"),
]
CONTEXTS = st.fixed_dictionaries(
    {name: st.sampled_from(words) for name, words in WORDS.items()}
    | {name: st.booleans() for name in TRUTHS}
    | {"items": st.lists(st.sampled_from(["credit.bureau_report", "identity.name"]), unique=True)}
)


def says(when: str, context: dict[str, Any]) -> tuple[bool, bool]:
    """Return whether Cedar applies the rule, and whether it errs."""
    request = {
        "principal": {"type": "Account", "id": "a"},
        "action": {"type": "Action", "id": "disclose"},
        "resource": {"type": "Subject", "id": "s"},
        "context": json.dumps(context),
    }
    answer = cedarpy.is_authorized(request, f"permit(principal, action, resource) when {{ {when} }};", "[]")
    return answer.allowed, bool(answer.diagnostics.errors)


@settings(max_examples=60, deadline=None)
@given(CONTEXTS)
def test_what_is_left_out_would_have_said_nothing(context: dict[str, Any]) -> None:
    """Every rule of the pack, and conditions of shapes that it does not have, under random facts."""
    for rule, when in [*LAWS, *MADE_UP]:
        if not Sliced.of(rule, when).concerns(context):
            assert says(when, context) == (False, False), (rule, context)


def test_most_rules_of_the_pack_are_left_out_when_nothing_special_is_asked() -> None:
    """The slice is what makes a decision fast; a pack that defeats it is noticed here."""
    usual = dict.fromkeys(TRUTHS, False) | {"role_allowed": True, "items_allowed": True, "form_allowed": True}
    usual |= {"notified": True, "purpose": "loan.review", "form": "masked", "lawful_basis": "contract"}
    usual |= {"recipient": "", "items": ["identity.name"]}
    concerned = [rule for rule, when in LAWS if Sliced.of(rule, when).concerns(usual)]
    assert len(concerned) < len(LAWS) / 4, concerned


@pytest.mark.parametrize("rule", ["first-of-two-ways", "whole-in-parentheses", "negated-comparison", "choice"])
def test_a_condition_of_another_shape_always_takes_part(rule: str) -> None:
    """Only a plain first condition is trusted."""
    assert Sliced.of(rule, dict(MADE_UP)[rule]).concerns(dict.fromkeys(TRUTHS, False) | {"form": "raw"})
