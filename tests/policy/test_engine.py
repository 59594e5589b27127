"""Deciding: default deny, forbids win, reasons name rule and article, and whatever is asked gets an answer."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid, Refused
from shouxin.policy.card import Form, read_card
from shouxin.policy.consent_demand import SEPARATELY
from shouxin.policy.decision import DEFAULT_DENY, UNKNOWN_PURPOSE, Decision, Question, Reason
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import load_pack
from tests.workspaces import AMOUNT, CARD, ID_NUMBER, ITEMS, NAME

DAY = date(2026, 6, 15)
PACK = load_pack("cn")
CONSENTED = (
    CARD.replace('"credit.review"', '"marketing.offer"')
    .replace('"contract"', '"consent"')
    .replace('"credit.amount"]', '"credit.amount", "biometric.face"]')
)
FACE = ItemCode("biometric.face")
ENGINE = Engine(PACK, [read_card(CARD)[0], read_card(CONSENTED)[0]], DAY)
ANALYST = frozenset({"analyst"})
MASKED, RAW = Form("masked"), Form("raw")
ASK = Question(ANALYST, "credit.review", ITEMS, MASKED, notified=True)


def _rules(question: Question) -> set[str]:
    decision = ENGINE.decide(question)
    assert not decision.permitted
    return {reason.rule.removeprefix("CN-PIPL-") for reason in decision.reasons}


def test_what_the_card_allows_is_permitted() -> None:
    """The permit says exactly what it permits, by which card, under which pack."""
    decision = ENGINE.decide(ASK)
    assert decision == Decision(
        permitted=True,
        reasons=(Reason("card:credit.review:masked", "PIPL 13(1)(2)"),),
        purpose=ENGINE.card("credit.review").purpose,
        version=1,
        items=ITEMS,
        form=MASKED,
        pack=PACK.digest,
    )
    decision.enforce()


def test_without_a_purpose_nothing_is_permitted() -> None:
    """No purpose, or one that nobody adopted, is refused first of all for that, with the article."""
    for purpose in ("", "unknown", "信贷"):
        decision = ENGINE.decide(replace(ASK, purpose=purpose))
        assert not decision.permitted
        typed = [UNKNOWN_PURPOSE] if purpose else []
        assert [*decision.reasons[: len(typed) + 1]] == [*typed, Reason("CN-PIPL-6-1-PURPOSE", "PIPL 6(1)")]
        said = decision.refusal()
        assert ("no adopted card has this purpose" in said.detail) == bool(purpose)
        assert ("unknown" in said.detail, "信贷" in said.detail) == (False, False)
        assert (decision.purpose, decision.version) == ("", 0)


@pytest.mark.parametrize(
    ("question", "rule"),
    [
        (replace(ASK, roles=frozenset({"collector"})), "51-1-4-ROLE"),
        (replace(ASK, roles=frozenset()), "51-1-4-ROLE"),
        (replace(ASK, items=ITEMS | {ItemCode("contact.email")}), "6-1-ITEMS"),
        (replace(ASK, form=Form("pseudonymous")), "6-1-FORM"),
        (replace(ASK, form=RAW), "51-1-4-APPROVAL"),
        (replace(ASK, notified=False), "17-1-NOTICE"),
        (replace(ASK, frozen=True), "47-2-FROZEN"),
        (replace(ASK, minor_under_14=True), "31-1-GUARDIAN"),
        (replace(ASK, recipient="bureau"), "21-1-CONTRACT"),
        (replace(ASK, purpose="marketing.offer"), "13-1-1-CONSENT"),
        (replace(ASK, purpose="marketing.offer", items=frozenset({FACE}), consented=True), "29-SEPARATE"),
    ],
)
def test_each_thing_that_is_missing_forbids(question: Question, rule: str) -> None:
    """Whatever else is right, one missing condition is enough, and its rule is named."""
    assert rule in _rules(question)


@pytest.mark.parametrize(
    "question",
    [
        replace(ASK, form=RAW, approved=True),
        replace(ASK, purpose="marketing.offer", consented=True),
        replace(ASK, purpose="marketing.offer", items=frozenset({FACE}), consented=True, separate_consent=True),
        replace(ASK, minor_under_14=True, guardian_consent=True),
        replace(ASK, items=frozenset({NAME})),
        replace(ASK, roles=frozenset({"analyst", "collector"})),
    ],
)
def test_what_was_missing_permits_once_it_is_there(question: Question) -> None:
    """With approval, consent or a guardian the same question is permitted."""
    assert ENGINE.decide(question).permitted


def test_a_denial_is_an_error_only_where_it_is_enforced() -> None:
    """Deciding never raises for a denial; enforcing does, with every rule and article."""
    decision = ENGINE.decide(replace(ASK, form=RAW))
    with pytest.raises(Refused) as caught:
        decision.enforce()
    assert caught.value.reasons == tuple((reason.rule, reason.article) for reason in decision.reasons)
    assert "PIPL 51" in str(caught.value)


def test_a_card_whose_day_or_pack_lacks_rules_still_denies_by_default() -> None:
    """Under a pack in which no rule is in force yet nothing is permitted but what a card says."""
    early = Engine(PACK, [read_card(CARD)[0]], date(1990, 1, 1))
    assert not PACK.deciding(date(1990, 1, 1))
    assert early.decide(ASK).permitted
    refused = early.decide(replace(ASK, roles=frozenset({"collector"})))
    assert (refused.permitted, refused.reasons) == (False, (DEFAULT_DENY,))
    assert early.decide(replace(ASK, purpose="")).reasons == (DEFAULT_DENY,)
    assert not early.decide(replace(ASK, items=frozenset())).permitted


def test_what_was_missing_in_the_question_is_said_first() -> None:
    """People read the first reason: purpose before role before approval before any other."""
    weights = ["PURPOSE", "ROLE", "APPROVAL", "FROZEN", "WITHDRAWN"]
    rules = [reason.rule for reason in ENGINE.decide(replace(ASK, roles=frozenset(), form=RAW, frozen=True)).reasons]
    heads = [next((at for at, word in enumerate(weights) if rule.endswith(word)), len(weights)) for rule in rules]
    assert heads == sorted(heads)
    assert len(set(heads)) > 2


def test_asking_again_gives_the_same_answer() -> None:
    """An answer depends on the question only, not on what was asked before."""
    engine = Engine(PACK, [read_card(CARD)[0]], DAY)
    other = replace(ASK, notified=False)
    first = [engine.decide(question) for question in (ASK, other)]
    assert [engine.decide(question) for question in (ASK, other)] == first
    assert [decision.permitted for decision in first] == [True, False]


def test_a_purpose_without_a_card_has_none() -> None:
    """Asking for the card of a purpose that was not adopted is an error of the caller."""
    assert ENGINE.card("credit.review").version == 1
    with pytest.raises(Invalid):
        ENGINE.card("unknown")


FACTS = {one.name: st.booleans() for one in fields(Question) if one.name != "recipient"}
QUESTIONS = st.builds(
    Question,
    **(
        FACTS
        | {
            "roles": st.frozensets(st.sampled_from(["analyst", "credit_officer", "collector", "dpo"])),
            "purpose": st.sampled_from(["credit.review", "marketing.offer", "", "unknown"]),
            "items": st.frozensets(st.sampled_from(sorted({*ITEMS, ItemCode("contact.email")})), min_size=1),
            "form": st.sampled_from([MASKED, RAW, Form("sealed"), Form("pseudonymous")]),
            "agreed": st.frozensets(st.sampled_from(SEPARATELY)),
        }
    ),
)


@given(QUESTIONS)
def test_a_permit_is_always_the_cards(question: Question) -> None:
    """A permit means that a card of that purpose names role, items and form, and that what it needs is there."""
    decision = ENGINE.decide(question)
    assert decision.reasons
    assert (decision.items, decision.form) == (question.items, question.form)
    if decision.permitted:
        card = ENGINE.card(question.purpose)
        assert not question.roles.isdisjoint(card.roles[question.form])
        assert question.items <= set(card.items)
        assert question.approved or question.form not in card.approval
        assert not question.frozen
        assert question.notified
        assert question.consented or card.lawful_basis != "consent"
        assert all(reason.rule.startswith("card:") for reason in decision.reasons)


@given(QUESTIONS)
def test_asking_for_less_never_turns_a_permit_into_a_denial(question: Question) -> None:
    """If all items may be seen, each of them alone may be."""
    if ENGINE.decide(question).permitted:
        for item in question.items:
            assert ENGINE.decide(replace(question, items=frozenset({item}))).permitted


@pytest.mark.parametrize(
    "question",
    [
        replace(ASK, items=frozenset({ItemCode("no.such_item")})),
        replace(ASK, items=frozenset({ItemCode('"] || true || [".x"')})),
        replace(ASK, items=frozenset()),
        replace(ASK, roles=frozenset({"分析师", '"'})),
        replace(ASK, purpose='"', form=Form("naked")),
        replace(ASK, recipient="張三"),
        replace(ASK, form=Form("\ud800"), recipient="\ud800"),
    ],
    ids=["unknown item", "injected item", "no item", "strange roles", "strange words", "strange recipient", "no UTF-8"],
)
def test_whatever_is_asked_gets_an_answer(question: Question) -> None:
    """Deciding never raises: what cannot be understood is denied, with a reason."""
    decision = ENGINE.decide(question)
    assert not decision.permitted
    assert decision.reasons


def test_any_card_that_reads_can_be_decided_by() -> None:
    """A card accepted by the reader never breaks the engine, whatever its words: the other purposes go on working."""
    for old, new in (('purpose = "credit.review"', 'purpose = "credit:review"'), ('"analyst", ', '"分析师", ')):
        try:
            strange = read_card(CARD.replace(old, new))[0]
        except Invalid:
            continue
        engine = Engine(PACK, [strange, read_card(CONSENTED)[0]], DAY)
        assert engine.decide(replace(ASK, purpose=strange.purpose)).reasons


def test_every_item_of_the_taxonomy_can_stand_in_a_card() -> None:
    """A card may name any item that exists, one by one, and decides by it."""
    for code in taxonomy().items:
        text = CARD.replace('"identity.name", "identity.id_number", "contact.mobile", "credit.amount"', f'"{code}"')
        engine = Engine(PACK, [read_card(text)[0]], DAY)
        assert engine.decide(replace(ASK, items=frozenset({code}))).permitted, code


def test_items_are_those_asked_for() -> None:
    """One item less than the card has is fine, and the decision repeats only what was asked."""
    assert ENGINE.decide(replace(ASK, items=frozenset({AMOUNT, ID_NUMBER}))).items == {AMOUNT, ID_NUMBER}
