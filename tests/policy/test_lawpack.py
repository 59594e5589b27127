"""The law pack loads strictly, chooses by date, and its deciding rules forbid exactly what they say."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import msgspec
import pytest

from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, NotFound
from shouxin.policy.card import Form, read_card
from shouxin.policy.decision import Question
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import LawPack, Retention, Rule, Verified, assemble, load_pack, pack_of, read_pack
from tests.workspaces import CARD

TODAY = date(2026, 3, 1)
FACTS = (files("shouxin.policy") / "packs" / "facts.toml").read_text(encoding="utf-8")
REGISTER = """[[instrument]]
short = "PIPL"
title = "法"
title_en = "Law"
body = "NPCSC"
kind = "law"
effective_from = 2021-11-01
verified = "text"
text = "pipl-2021.md"
"""
RULE: Mapping[str, str] = {
    "id": '"CN-PIPL-47-2-FROZEN"',
    "law_ref": '"RI-6"',
    "instrument": '"PIPL"',
    "article": '"47(2)"',
    "title_zh": '"冻结"',
    "title_en": '"Frozen"',
    "effective_from": "2021-11-01",
    "applies_when": '"True"',
    "obligation": '"freeze all but storage"',
    "evidence": '"freeze"',
    "verified": '"text"',
    "source": '"texts/pipl-2021.md"',
    "quote": '"应当停止除存储和采取必要的安全保护措施之外的处理"',
}
BASE: Mapping[str, Any] = {
    "purpose": "servicing",
    "form": "masked",
    "items": ["identity.name"],
    "sensitive": False,
    "lawful_basis": "consent",
    "consented": True,
    "separate_consent": True,
    "automated": False,
    "explained": True,
    "assessed": True,
    "recipient": "",
    "recipient_contract": True,
    "frozen": False,
    "automation_refused": False,
    "minor_under_14": False,
    "guardian_consent": False,
    "role_allowed": True,
    "items_allowed": True,
    "form_allowed": True,
    "notified": True,
    "approved": True,
    "needs_approval": True,
    "statutory_read": False,
    "abroad": False,
    "published": False,
    "public_place": False,
    "agreed_provide": True,
    "agreed_export": True,
    "agreed_publish": True,
    "agreed_public_place": True,
}
BREACHES: Mapping[str, Mapping[str, Any]] = {
    "CN-PIPL-6-1-PURPOSE": {"purpose": ""},
    "CN-PIPL-6-1-ITEMS": {"items_allowed": False},
    "CN-PIPL-6-1-FORM": {"form_allowed": False},
    "CN-PIPL-13-BASIS": {"lawful_basis": "curiosity"},
    "CN-PIPL-13-1-1-CONSENT": {"consented": False},
    "CN-PIPL-14-1-INFORMED": {"notified": False},
    "CN-PIPL-15-1-WITHDRAWN": {"consented": False},
    "CN-PIPL-17-1-NOTICE": {"notified": False},
    "CN-PIPL-21-1-CONTRACT": {"recipient": "vendor", "recipient_contract": False},
    "CN-NDSR-12-1-CONTRACT": {"recipient": "vendor", "recipient_contract": False},
    "CN-PIPL-23-SEPARATE": {"recipient": "partner", "agreed_provide": False},
    "CN-PIPL-23-TELL": {"recipient": "partner", "notified": False},
    "CN-PIPL-25-PUBLISH": {"published": True, "agreed_publish": False, "lawful_basis": "contract"},
    "CN-PIPL-26-PUBLICPLACE": {"public_place": True, "agreed_public_place": False, "lawful_basis": "contract"},
    "CN-PIPL-39-SEPARATE": {"abroad": True, "agreed_export": False},
    "CN-PIPL-39-TELL": {"abroad": True, "notified": False},
    "CN-PIPL-24-1-TRANSPARENT": {"automated": True, "explained": False},
    "CN-PIPL-24-3-REFUSED": {"automated": True, "automation_refused": True},
    "CN-PIPL-28-2-NECESSITY": {"sensitive": True, "items_allowed": False},
    "CN-PIPL-29-SEPARATE": {"sensitive": True, "separate_consent": False},
    "CN-NDSR-22-1-2-SEPARATE": {"sensitive": True, "separate_consent": False},
    "CN-PIPL-30-NECESSITY": {"sensitive": True, "notified": False},
    "CN-PIPL-31-1-GUARDIAN": {"minor_under_14": True, "lawful_basis": "contract"},
    "CN-NDSR-22-1-3-GUARDIAN": {"minor_under_14": True},
    "CN-PIPL-44-RESTRICT": {"frozen": True},
    "CN-PIPL-47-2-FROZEN": {"frozen": True},
    "CN-NDSR-24-FROZEN": {"frozen": True},
    "CN-PIPL-51-1-4-ROLE": {"role_allowed": False},
    "CN-PIPL-51-1-4-APPROVAL": {"approved": False},
    "CN-PIPL-55-1-1-PIASENSITIVE": {"sensitive": True, "assessed": False},
    "CN-PIPL-55-1-2-PIAAUTOMATED": {"automated": True, "assessed": False},
    "CN-PIPL-55-1-3-PIASHARE": {"recipient": "partner", "assessed": False},
    "CN-PIPL-55-1-3-PIAPUBLISH": {"published": True, "assessed": False},
    "CN-PIPL-55-1-4-EXPORT": {"abroad": True, "assessed": False},
    "CN-CRR-20-THIRDPARTY": {
        "items": ["credit.bureau_report"],
        "recipient": "partner",
        "lawful_basis": "contract",
        "consented": False,
        "agreed_provide": False,
    },
}
LAWFUL: tuple[Mapping[str, Any], ...] = (
    {},
    {"lawful_basis": "contract", "consented": False, "separate_consent": False},
    {"lawful_basis": "contract", "consented": False, "separate_consent": False, "sensitive": True},
    {"lawful_basis": "statutory_duty", "consented": False, "frozen": True, "statutory_read": True},
    {"lawful_basis": "emergency", "consented": False, "notified": False},
    {"recipient": "collector", "agreed_provide": False, "entrusted": True},
    {"recipient": "partner", "published": True, "public_place": True, "abroad": True},
    {"abroad": True, "agreed_export": False, "lawful_basis": "contract", "consented": False},
    {"abroad": True, "agreed_export": False, "form": "sealed"},
    {"published": True, "agreed_publish": False, "form": "sealed"},
    {"public_place": True, "agreed_public_place": False, "form": "sealed"},
    {"needs_approval": False, "approved": False},
    {"automated": True},
    {"automation_refused": True},
    {"minor_under_14": True, "guardian_consent": True},
)


def _rule(**changes: str | None) -> str:
    fields = {key: value for key, value in {**RULE, **changes}.items() if value is not None}
    return "[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())


def _pack(rules: str, register: str = REGISTER) -> LawPack:
    sources = {"pack.toml": 'region = "cn"\nversion = "0"\n', "instruments.toml": register, "rules.toml": rules}
    return read_pack("cn", sources, FACTS)


def _forbids(rule: Rule, changes: Mapping[str, Any]) -> bool:
    policies = f"permit(principal, action, resource);\nforbid(principal, action, resource) when {{ {rule.when} }};"
    request = {
        "principal": 'Account::"actor"',
        "action": 'Action::"disclose"',
        "resource": 'Subject::"subject"',
        "context": json.dumps({**BASE, **changes}),
    }
    answer = cedarpy.is_authorized(request, policies, "[]")
    assert not answer.diagnostics.errors
    return not answer.allowed


def test_both_packs_load_and_the_chinese_one_is_complete() -> None:
    """Both shipped packs load; the Chinese one has at least 150 rules and the European one decides nothing."""
    assert len(load_pack("cn").rules) >= 150
    assert load_pack("eu").rules
    assert not [rule for rule in load_pack("eu").rules if rule.decides or rule.may_decide]


def test_only_quoted_text_of_a_held_instrument_decides() -> None:
    """Every deciding rule was read in a text that is held, quotes it, and has begun."""
    pack = load_pack("cn")
    deciding = pack.deciding(TODAY)
    assert len(deciding) == len(BREACHES)
    for rule in deciding:
        assert rule.verified is Verified.TEXT
        assert rule.quote
        assert pack.instrument(rule.instrument).text


@pytest.mark.parametrize("rule_id", [rule.id for rule in load_pack("cn").rules if rule.effect])
def test_a_deciding_rule_forbids_its_breach(rule_id: str) -> None:
    """Each deciding rule forbids the breach that it is written for."""
    assert _forbids(load_pack("cn").rule(rule_id), BREACHES[rule_id])


@pytest.mark.parametrize("changes", LAWFUL)
def test_no_deciding_rule_forbids_what_is_lawful(changes: Mapping[str, Any]) -> None:
    """A lawful disclosure on consent, contract, duty, emergency or through a processor is forbidden by no rule."""
    assert [rule.id for rule in load_pack("cn").deciding(TODAY) if _forbids(rule, changes)] == []


@pytest.mark.parametrize("changes", [BASE, *BREACHES.values()])
def test_without_a_purpose_nothing_is_lawful(changes: Mapping[str, Any]) -> None:
    """Whatever else holds, a disclosure without a stated purpose is forbidden by PIPL 6."""
    assert _forbids(load_pack("cn").rule("CN-PIPL-6-1-PURPOSE"), {**changes, "purpose": ""})


def test_rules_are_chosen_by_the_date_of_the_event() -> None:
    """On the last day of 2024 the former five-year floor is in force, on the next day the ten-year floor."""
    pack = load_pack("cn")
    before = pack.retention_rules(date(2024, 12, 31), "customer_identity")
    after = pack.retention_rules(date(2025, 1, 1), "customer_identity")
    assert {rule.n for rule in before} == {5}
    assert {rule.n for rule in after} == {10}
    assert all(rule.floor and rule.may_decide for rule in after)
    assert not any(rule.may_decide for rule in before)


def test_a_rule_without_a_date_is_never_in_force() -> None:
    """A draft that became no law is kept in the pack and is in force on no day."""
    rule = load_pack("cn").rule("CN-AUDIT-YEARLY")
    assert rule.verified is Verified.DRAFT
    assert rule not in load_pack("cn").in_force(TODAY)


def test_no_rule_of_the_nfra_measures_decides() -> None:
    """The data security measures of the NFRA are not held, so every rule on them advises."""
    assert load_pack("cn").citing("NFRA")
    assert not [rule for rule in load_pack("cn").citing("NFRA") if rule.may_decide]


def test_an_article_is_found_with_all_its_paragraphs() -> None:
    """Asking for article 47 gives the rules on each of its paragraphs and on no other article."""
    found = load_pack("cn").citing("PIPL", "47")
    assert {rule.article.partition("(")[0] for rule in found} == {"47"}
    assert "CN-PIPL-47-2-FROZEN" in {rule.id for rule in found}


def test_every_retention_rule_names_its_classes() -> None:
    """A floor says how long, from when, and for which classes of record."""
    for rule in load_pack("cn").rules:
        if rule.retention is Retention.FLOOR and rule.may_decide:
            assert rule.n
            assert rule.clock_start
        assert bool(rule.retention) == bool(rule.item_classes)


def test_the_digest_follows_the_data_and_not_its_place() -> None:
    """A blank line changes no digest, a changed word does."""
    pack = _pack(_rule())
    assert _pack("\n\n" + _rule()).digest == pack.digest
    assert _pack(_rule(note='"x"')).digest != pack.digest
    assert load_pack("cn").digest != load_pack("eu").digest


def test_a_rule_is_frozen() -> None:
    """Nobody changes a rule after it was loaded."""
    rule = load_pack("cn").rules[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.effect = ""  # type: ignore[misc]


def test_an_unknown_rule_instrument_or_region_is_not_found() -> None:
    """Asking for what the packs do not have says so."""
    with pytest.raises(NotFound):
        load_pack("cn").rule("CN-NOTHING")
    with pytest.raises(NotFound):
        load_pack("cn").instrument("NOTHING")
    with pytest.raises(NotFound):
        load_pack("mars")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"surprise": '"x"'}, 15),
        ({"evidence": None}, 1),
        ({"effective_from": '"2021-11-01"'}, 8),
        ({"effective_to": "2020-01-01"}, 15),
        ({"instrument": '"NOLAW"'}, 4),
        ({"article": '"47, 48"'}, 5),
        ({"id": '"free words"'}, 2),
        ({"verified": '"hearsay"'}, 12),
        ({"n": "3", "unit": '"fortnights"', "boundary": '">="'}, 16),
        ({"n": "3", "unit": '"y"', "boundary": '"about"'}, 17),
        ({"n": "3"}, 1),
        ({"obligation": '"ponder"'}, 10),
        ({"applies_when": '"weather.fine"'}, 9),
        ({"applies_when": '"open(1)"'}, 9),
        ({"retention": '"floor"'}, 1),
        ({"quote": None}, 1),
        ({"held": "false"}, 15),
        ({"effect": '"forbid"'}, 1),
        ({"effect": '"allow"', "when": '"true"'}, 15),
        ({"verified": '"memory"', "quote": None, "effect": '"forbid"', "when": '"true"'}, 14),
        ({"derives_from": '"CN-PIPL-1"'}, 15),
        ({"extends": '"CN-PIPL-1"', "n": "3", "unit": '"d"', "boundary": '"<="'}, 15),
    ],
)
def test_a_fault_is_refused_with_its_line(changes: dict[str, str | None], line: int) -> None:
    """Every kind of fault in a rule is refused, and the message says file and line."""
    with pytest.raises(Invalid) as caught:
        _pack(_rule(**changes))
    assert caught.value.place == f"rules.toml:{line}"


def _limit(name: str, **changes: str | None) -> str:
    return _rule(**{"id": f'"{name}"', "n": "3", "unit": '"d"', "boundary": '"<="', **changes})


FIRST = {"extends": '"CN-FIRST"'}
REGISTER_OF_TWO = REGISTER + REGISTER.replace('short = "PIPL"', 'short = "OTHER"')


@pytest.mark.parametrize(
    "second",
    [
        _limit("CN-SECOND", unit='"m"', **FIRST),
        _limit("CN-SECOND", boundary='">="', **FIRST),
        _limit("CN-SECOND", instrument='"OTHER"', **FIRST),
        _limit("CN-SECOND", **FIRST) + _limit("CN-THIRD", **FIRST),
    ],
    ids=["another unit", "no limit", "another instrument", "twice"],
)
def test_a_limit_is_lengthened_by_one_rule_that_is_like_it(second: str) -> None:
    """A rule extends a time limit above it, of its instrument, in its unit, and only one rule does."""
    fitting = _pack(_limit("CN-FIRST") + _limit("CN-SECOND", **FIRST), REGISTER_OF_TWO)
    assert fitting.rule("CN-SECOND").extends == "CN-FIRST"
    with pytest.raises(Invalid, match="extends names no time limit"):
        _pack(_limit("CN-FIRST") + second, REGISTER_OF_TWO)


def test_an_id_is_used_once() -> None:
    """The same id twice is refused at the second one."""
    with pytest.raises(Invalid) as caught:
        _pack(_rule() + _rule())
    assert caught.value.place == "rules.toml:16"


@pytest.mark.parametrize("text", ["[[rule]\n", "[rule]\nid = 1\n", "x = 1\n"])
def test_what_is_not_a_list_of_rules_is_refused(text: str) -> None:
    """A file that is not TOML, or not a list of rules, is refused by name."""
    with pytest.raises(Invalid, match=r"rules\.toml:"):
        _pack(text)


def test_every_verdict_of_the_readme_is_a_field() -> None:
    """The description of the fields names every field of a rule that stands in the data."""
    readme = Path(str(files("shouxin.policy") / "packs" / "README.md")).read_text(encoding="utf-8")
    named = {one.name for one in dataclasses.fields(Rule)} - {"place", "title_zh", "title_en"}
    assert not [name for name in named if f"`{name}`" not in readme]


def test_a_region_whose_own_rules_only_advise_has_a_deciding_core() -> None:
    """Without it, everything that a card names would be permitted: untold, unasked, to a child, to anybody frozen."""
    card = read_card(CARD)[0]
    told = Question(frozenset({"analyst"}), "credit.review", frozenset(card.items), Form("masked"), notified=True)
    on = date(2026, 6, 15)
    for pack in (pack_of("cn"), pack_of("eu"), pack_of("eu", ["cn"])):
        engine = Engine(pack, [card], on)
        assert engine.decide(told).permitted
        for wrong in (
            {"notified": False},
            {"frozen": True},
            {"roles": frozenset({"auditor"})},
            {"minor_under_14": True},
            {"recipient": "bureau"},
        ):
            assert not engine.decide(replace(told, **wrong)).permitted, (pack.region, wrong)
        on_consent = msgspec.structs.replace(card, lawful_basis="consent")
        assert not Engine(pack, [on_consent], on).decide(told).permitted
    assert Engine(load_pack("eu"), [card], on).decide(replace(told, notified=False)).permitted  # why it is there


def test_the_pack_is_chosen_by_the_place_of_the_institution_and_of_its_people() -> None:
    """People elsewhere bring their law along; equal choices have one digest, others another."""
    assert pack_of("cn") is load_pack("cn")
    both = pack_of("cn", ["eu"])
    assert {"CN-PIPL-17-1-NOTICE", "EU-GDPR-17"} <= set(both.by_id)
    assert both.digest == pack_of("cn", ["eu", "cn"]).digest != load_pack("cn").digest
    assert "CN-CRR-25-2-ANSWER" not in pack_of("eu").by_id
    assert "CN-CRR-25-2-ANSWER" in pack_of("eu", ["cn"]).by_id
    with pytest.raises(NotFound):
        pack_of("cn", ["mars"])


def test_a_rule_that_the_institution_rules_out_takes_no_part() -> None:
    """What it said of itself decides whether a deciding rule applies; what it did not say rules nothing out."""
    rules = [
        replace(rule, applies_when="institution.aml_obliged") if rule.id == "CN-PIPL-17-1-NOTICE" else rule
        for rule in load_pack("cn").rules
    ]
    pack = assemble("cn", "1", rules, load_pack("cn").instruments.values())
    card = read_card(CARD)[0]
    untold = Question(frozenset({"analyst"}), "credit.review", frozenset({ItemCode("credit.amount")}), Form("masked"))

    def permitted(**facts: object) -> bool:
        named = {f"institution.{name}": value for name, value in facts.items()}
        return Engine(pack, [card], date(2026, 6, 15), facts=named).decide(untold).permitted

    assert (permitted(aml_obliged=False), permitted(aml_obliged=True), permitted()) == (True, False, False)
