"""By which law a notice is written: its sections, rights and words are the pack's, its facts the card's."""

from __future__ import annotations

import re
from importlib.resources import files

import msgspec
import pytest

from shouxin.errors import Invalid
from shouxin.policy.card import read_card
from shouxin.policy.consent_demand import About
from shouxin.policy.lawpack import LawPack, load_pack, pack_of
from shouxin.policy.notice import Notice, NoticeKind, notice_for
from shouxin.policy.notice_wording import LANGUAGES, notice_law, wording
from tests.policy.test_notice import BUREAU, CONTRACT, LENDER, ON, part

EU = pack_of("eu")
AUTOMATED = msgspec.structs.replace(
    CONTRACT,
    basis_article="GDPR 6(1)(b)",
    automated=True,
    automated_explanation_zh="评分由模型给出。",
    automated_explanation_en="A model scores.",
    recipients=("bureau",),
    locations=("DE", "CN"),
)
# What each point of GDPR 13 wants told: the section that tells it, and words of it.
ARTICLE_13 = {
    "13(1)(a)": ("handler", LENDER.contact),
    "13(1)(b)": ("handler", LENDER.dpo_contact),
    "13(1)(c)": ("purpose", "needed to conclude or perform a contract"),
    "13(1)(d)": ("purpose", "To see that it is you."),
    "13(1)(e)": ("provision", BUREAU.name),
    "13(1)(f)": ("export", "mainland China"),
    "13(2)(a)": ("storage", "at most 30 days"),
    "13(2)(b)": ("rights", "article 21"),
    "13(2)(d)": ("complaint", "supervisory authority"),
    "13(2)(e)": ("required", "Without it we may be unable"),
    "13(2)(f)": ("automated", "A model scores."),
}


def _in_the_eu(language: str = "en", pack: LawPack = EU, **changes: object) -> Notice:
    card = msgspec.structs.replace(AUTOMATED, **changes)
    kind = NoticeKind.CONSENT if card.lawful_basis == "consent" else NoticeKind.OTHER_BASIS
    return notice_for(card, pack, LENDER, [BUREAU], language, kind, ON)


@pytest.mark.parametrize("point", ARTICLE_13)
def test_every_point_of_article_13_is_told_in_a_section_that_cites_it(point: str) -> None:
    """From the card that makes the Chinese notice; what is a list there is a list here."""
    section, words = ARTICLE_13[point]
    told = part(_in_the_eu(), section, "eu")
    assert words in told
    assert re.search(rf"General Data Protection Regulation.*{re.escape(point)}", told), told


def test_rights_kinds_and_recipients_are_lists_and_consent_can_be_withdrawn() -> None:
    """Seven rights where consent is asked, six elsewhere; withdrawing cites 7(3) and 13(2)(c)."""
    asked = _in_the_eu(lawful_basis="consent")
    sections = {section.code: section for section in asked.sections}
    assert len(sections["rights"].entries) == 7
    assert "7(3)" in sections["rights"].entries[-1]
    assert "13(2)(c)" in sections["choice"].cited
    assert len({one.code: one for one in _in_the_eu().sections}["rights"].entries) == 6
    assert len(sections["provision"].entries) == 1
    assert sum(entry.startswith("Kind: ") for entry in sections["collection"].entries) == 2


def test_nothing_of_another_law_stands_in_a_notice() -> None:
    """No Chinese instrument or authority in a notice under the GDPR, in either language, and the reverse."""
    for language in LANGUAGES:
        abroad = _in_the_eu(language).text
        assert not re.search(r"Personal Information Protection Law|个人信息保护法|人民法院|people's court", abroad)
        here = notice_for(CONTRACT, load_pack("cn"), LENDER, [], language, NoticeKind.OTHER_BASIS, ON).text
        assert re.search(r"Personal Information Protection Law|个人信息保护法", here)
        assert not re.search(r"General Data Protection|通用数据保护", here)
    assert "第十三条第一款第（c）项" in _in_the_eu("zh").text


def test_what_nobody_has_read_is_named() -> None:
    """Every article of the GDPR is from memory or a secondary source: the officer is told, of the Chinese ones none."""
    unread = _in_the_eu().unread
    assert {f"GDPR {point}" for point in ARTICLE_13} <= set(unread)
    assert notice_for(CONTRACT, load_pack("cn"), LENDER, [], "en", NoticeKind.OTHER_BASIS, ON).unread == ()


def test_where_chinese_law_holds_for_anybody_the_notice_is_the_chinese_one() -> None:
    """Its articles were read, and nobody's residence is asked."""
    both = pack_of("eu", ["cn"])
    assert [notice_law(pack) for pack in (EU, both, pack_of("cn", ["eu"]))] == ["eu", "cn", "cn"]
    assert "个人信息保护法" in _in_the_eu("zh", both, locations=("CN",)).text


def test_a_basis_that_the_law_does_not_know_makes_no_notice() -> None:
    """That something is public is a basis of PIPL 13(1)(6) and none of GDPR 6."""
    with pytest.raises(Invalid, match="knows no such basis"):
        _in_the_eu(lawful_basis="public")


def test_abroad_is_what_lies_beyond_this_law() -> None:
    """Germany is abroad for a Chinese notice and at home for a European one, and China the reverse."""
    assert wording("en", "eu").abroad(["DE", "NO", "CN"]) == ["CN"]
    assert wording("en", "cn").abroad(["DE", "NO", "CN"]) == ["DE", "NO"]
    at_home = _in_the_eu(locations=("DE",))
    assert "export" not in {section.code for section in at_home.sections}
    with pytest.raises(Invalid, match="does nothing of what this would ask"):
        notice_for(
            msgspec.structs.replace(AUTOMATED, locations=("DE",)),
            EU,
            LENDER,
            [BUREAU],
            "en",
            NoticeKind.SEPARATE_CONSENT,
            ON,
            about=About.EXPORT,
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_and_card_of_the_demo_has_its_notice_in_the_eu(language: str) -> None:
    """No hole, and a citation behind every question."""
    wide = msgspec.structs.replace(AUTOMATED, published=True, public_place_images=True)
    for about in (About.SENSITIVE, About.PROVIDE, About.EXPORT, About.PUBLISH, About.PUBLIC_PLACE):
        asked = notice_for(wide, EU, LENDER, [BUREAU], language, NoticeKind.SEPARATE_CONSENT, ON, about=about)
        assert part(asked, "question", "eu").count("GDPR") or "General Data" in asked.text or "通用数据" in asked.text
    for place in (files("shouxin.demo") / "cards").iterdir():
        card, _ = read_card(place.read_text("utf-8"))
        kind = NoticeKind.CONSENT if card.lawful_basis == "consent" else NoticeKind.OTHER_BASIS
        if card.lawful_basis != "public":
            sources = dict.fromkeys(card.draws_on, card)
            assert not re.search(r"\{\w+\}", notice_for(card, EU, LENDER, [], language, kind, ON, sources=sources).text)


def test_every_rule_and_right_of_a_notice_stands_in_the_pack() -> None:
    """A citation that names nothing would silently be left out."""
    for region in ("cn", "eu"):
        words, pack = wording("en", region), load_pack(region)
        assert [name for names in words.rules.values() for name in names if name not in pack.by_id] == []
        cited = {rule.cites for rule in pack.rules} | {rule.cites.partition("(")[0] for rule in pack.rules}
        assert [cites for cites in words.rights.values() if cites.partition("(")[0] not in cited] == []
