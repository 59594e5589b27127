"""What a notice and a demand for consent promise, for every card that can be written."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card, Form, PurposeCode, Term
from shouxin.policy.consent_demand import SEPARATELY, About, consent_needed
from shouxin.policy.decision import Question
from shouxin.policy.engine import Engine
from shouxin.policy.lawpack import load_pack
from shouxin.policy.notice import Notice, NoticeKind, notice_for

ON = date(2026, 1, 1)
PACK = load_pack("cn")
LENDER = Handler("守信", "400-000-0000", "", "complaints@lender.example")
ITEMS = [ItemCode(code) for code in ("contact.mobile", "biometric.face", "account.card_number", "employment.job")]
BASES = ["consent", "contract", "statutory_duty", "emergency", "public_interest", "public", "other_law"]


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """Cards of every basis, with and without sensitive items, recipients and places abroad."""
    items = tuple(draw(st.lists(st.sampled_from(ITEMS), min_size=1, unique=True)))
    basis = draw(st.sampled_from(BASES))
    return Card(
        purpose=PurposeCode("some.purpose"),
        version=draw(st.integers(1, 9)),
        title_zh=draw(st.text(min_size=1).filter(str.strip)),
        title_en="A purpose",
        explanation_zh=draw(st.text(min_size=1).filter(str.strip)),
        explanation_en="Why",
        lawful_basis=basis,
        basis_article="PIPL 13",
        items=items,
        roles={Form("masked"): ("analyst",)},
        retention={"file": Term(items, 30)},
        recipients=draw(st.sampled_from([(), ("bureau",)])),
        contracts={"bureau": "c-7"},
        locations=draw(st.sampled_from([("CN",), ("CN", "SG")])),
        published=draw(st.booleans()),
        public_place_images=draw(st.booleans()),
        assessment="pia",
        statutory=basis == "statutory_duty" and draw(st.booleans()),
    )


_DENIED = {
    About.SENSITIVE: {"CN-PIPL-29-SEPARATE"},
    About.PROVIDE: {"CN-PIPL-23-SEPARATE"},
    About.EXPORT: {"CN-PIPL-39-SEPARATE"},
    About.PUBLISH: {"CN-PIPL-25-PUBLISH"},
    About.PUBLIC_PLACE: {"CN-PIPL-26-PUBLICPLACE"},
    About.GUARDIAN: {"CN-PIPL-31-1-GUARDIAN", "CN-NDSR-22-1-3-GUARDIAN"},
}


@given(card=cards(), minor=st.booleans(), given=st.sets(st.sampled_from(SEPARATELY)))
def test_the_engine_denies_exactly_what_a_missing_consent_forbids(
    card: Card, given: set[About], *, minor: bool
) -> None:
    """Each separate consent (PIPL 23, 25, 26, 29, 39) and the guardian's (31) is demanded exactly where it is missed.

    Of those that were given none is missed, and none that was given stands in for another.
    """
    demanded = {one.about for one in consent_needed(card, PACK, ON, minor=minor)}
    question = Question(
        roles=frozenset({"analyst"}),
        purpose=card.purpose,
        items=frozenset(card.items),
        form=Form("masked"),
        consented=True,
        notified=True,
        minor_under_14=minor,
        agreed=frozenset(about.value for about in given),
        recipient="bureau" if card.recipients else "",
        recipient_contract=True,
    )
    denied = {reason.rule for reason in Engine(PACK, [card], ON).decide(question).reasons}
    for about, rules in _DENIED.items():
        assert (about in demanded - given) == bool(rules & denied), about


def _notice(card: Card) -> Notice:
    kind = NoticeKind.CONSENT if card.lawful_basis == "consent" else NoticeKind.OTHER_BASIS
    return notice_for(msgspec.structs.replace(card, recipients=(), locations=("CN",)), PACK, LENDER, [], "zh", kind, ON)


@given(card=cards())
def test_a_notice_has_a_line_for_each_item_and_no_line_that_it_did_not_write(card: Card) -> None:
    """Whatever the card's texts hold: one entry an item, numbered headings in order, nothing over two lines."""
    notice = _notice(card)
    (listed,) = [one for one in notice.sections if one.code == "collection"]
    kinds = [entry.removeprefix("种类：") for entry in listed.entries if entry.startswith("种类：")]
    assert [kind.removesuffix("（敏感个人信息）") for kind in kinds] == [
        taxonomy().item(code).title_zh for code in card.items
    ]
    lines = notice.text.split("\n")
    blank = [number for number, line in enumerate(lines) if not line]
    assert len(blank) == len(notice.sections) + 1, "a blank line stands before each section, and after the last LF"
    assert "".join(notice.text.splitlines(keepends=True)) == notice.text
    assert len(notice.text.splitlines()) == len(lines) - 1, "no other line break hides in it"
