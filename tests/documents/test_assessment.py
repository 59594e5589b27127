"""The draft of an assessment states what is known and asks the rest; it never judges."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shouxin.actors.account import ROLES
from shouxin.documents.assessment import CRITERIA, PurposeAssessment, assessment_draft
from shouxin.documents.document import Heading, Mark, questions_of
from shouxin.documents.laid_out import laid_out
from shouxin.errors import Invalid
from shouxin.policy.card import Card
from shouxin.policy.lawpack import load_pack
from tests.documents.lender import CARDS, card, declared


def _part(changed: Card) -> PurposeAssessment:
    (part,) = assessment_draft(declared(changed), "en", ROLES).parts
    return part


@pytest.mark.parametrize(
    ("changed", "articles"),
    [
        (card("emergency.contact"), []),
        (card("interview.video"), ["PIPL 55(1)(1)"]),
        (card("credit.scoring", draws_on=()), ["PIPL 55(1)(1)", "PIPL 55(1)(2)"]),
        (card("emergency.contact", recipients=("x",)), ["PIPL 55(1)(3)"]),
        (card("emergency.contact", locations=("CN", "US")), ["PIPL 55(1)(4)"]),
    ],
)
def test_the_need_follows_from_the_card(changed: Card, articles: list[str]) -> None:
    """Each of the first four cases of PIPL 55(1) is seen on the card that has it, and on no other."""
    part = _part(changed)
    assert ([one.article for one in part.triggers], part.required) == (articles, bool(articles))


def test_the_fifth_case_is_always_asked() -> None:
    """Whether processing has another major effect no card can show: a question, never a no."""
    part = _part(card("emergency.contact"))
    assert (part.questions[0].code, part.questions[0].article) == ("major_effect", "PIPL 55(1)(5)")
    document = laid_out(assessment_draft(declared(card("emergency.contact")), "en", ROLES))
    assert questions_of(document.blocks)[0].code == "major_effect"


def test_the_three_points_of_the_law_and_the_steps_of_the_standard_are_there_in_order() -> None:
    """PIPL 56(1)(1) to (3) and GB/T 39335 5.1 to 5.9 each have a section with at least one question."""
    assert {"PIPL 56(1)(1)", "PIPL 56(1)(2)", "PIPL 56(1)(3)"} <= {article for article, _ in CRITERIA.values()}
    document = laid_out(assessment_draft(declared(card("credit.scoring")), "zh", ROLES))
    sections = [one.code for one in document.blocks if isinstance(one, Heading) and one.level == 1 and one.code]
    assert sections[:3] == ["GB/T 39335 5.1", "GB/T 39335 5.2", "GB/T 39335 5.3"]
    assert {"GB/T 39335 5.4", "GB/T 39335 5.6", "GB/T 39335 5.7", "GB/T 39335 5.8", "GB/T 39335 5.9"} <= set(sections)
    asked = [one.code for one in questions_of(document.blocks)]
    assert sorted(asked) == sorted(["major_effect", *(code for _, codes in CRITERIA.values() for code in codes)])
    assert [one.number for one in questions_of(document.blocks)] == list(range(1, len(asked) + 1))
    assert document.status.endswith(f"{len(asked)}")


def test_facts_are_those_of_the_card() -> None:
    """What is said of a section changes with the card; nothing is said that the card lacks."""
    scoring = {one.code for one in _part(card("credit.scoring")).facts}
    contact = {one.code for one in _part(card("emergency.contact", recipients=("x",))).facts}
    assert {"automated", "raw_without_approval", "no_recipients", "no_consent"} <= scoring
    assert {"recipients", "no_raw", "consent", "third_people"} <= contact
    assert "consent" not in scoring
    assert not contact & {"automated", "raw", "no_recipients", "no_consent", "abroad"}


def test_the_review_of_the_card_is_part_of_the_draft() -> None:
    """What lint calls an error stands in the draft with its article and what mends it."""
    bare = card("interview.video", assessment="", separate_consent=False)
    document = laid_out(assessment_draft(declared(bare), "en", ROLES))
    marks = {one.article: one for one in document.blocks if isinstance(one, Mark) and one.severity == "error"}
    assert {"PIPL 55(1)(1)"} <= set(marks)
    assert all(one.mend for one in marks.values())


def test_the_report_is_kept_for_three_years() -> None:
    """PIPL 56(2), from the law pack."""
    draft = assessment_draft(declared(), "en", ROLES)
    assert (draft.keep_years, draft.keep_article, len(draft.parts)) == (3, "PIPL 56(2)", len(CARDS))


def test_a_law_pack_without_such_an_assessment_is_refused() -> None:
    """No draft after a law that does not apply."""
    with pytest.raises(Invalid) as refused:
        assessment_draft(replace(declared(), pack=load_pack("eu")), "en", ROLES)
    assert refused.value.place == "region"
