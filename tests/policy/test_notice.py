"""A notice says everything that the law wants said, in both languages, as lists where lists are demanded."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import replace
from datetime import date
from importlib.resources import files
from string import Formatter

import msgspec
import pytest

from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid
from shouxin.policy.card import Card, Form, PurposeCode, Term, read_card
from shouxin.policy.chain_rules import ApprovalChain, ApprovalLevel
from shouxin.policy.consent_demand import About
from shouxin.policy.lawpack import REGIONS, load_pack
from shouxin.policy.notice import Notice, NoticeKind, notice_for
from shouxin.policy.notice_wording import LANGUAGES, one_line, wording
from shouxin.policy.recipient import Recipient

ON = date(2026, 1, 1)
PACK = load_pack("cn")
LENDER = Handler("守信消费金融", "400-000-0000", "dpo@lender.example", "complaints@lender.example")
MOBILE, FACE = ItemCode("contact.mobile"), ItemCode("biometric.face")
BUREAU = Recipient("bureau", "信用信息公司", "c-7", date(2027, 1, 1), "service@bureau.example", (MOBILE,))
DEMO = files("shouxin.demo") / "cards"

CARD = Card(
    purpose=PurposeCode("visit.video"),
    version=3,
    title_zh="视频面谈",
    title_en="The video visit",
    explanation_zh="为了核对是您本人。",
    explanation_en="To see that it is you.",
    lawful_basis="consent",
    basis_article="PIPL 13(1)(1)",
    items=(MOBILE, FACE),
    roles={Form("sealed"): ("collector",), Form("masked"): ("analyst",)},
    retention={"file": Term((MOBILE, FACE), 30)},
    separate_consent=True,
    ask_again_days=45,
)
CONTRACT = msgspec.structs.replace(CARD, lawful_basis="contract", basis_article="PIPL 13(1)(2)")


def written(
    card: Card = CARD,
    language: str = "zh",
    kind: NoticeKind = NoticeKind.CONSENT,
    recipients: tuple[Recipient, ...] = (),
    about: About | None = None,
    **sources: Card,
) -> Notice:
    """The notice of a card."""
    return notice_for(card, PACK, LENDER, recipients, language, kind, ON, about=about, sources=_named(sources))


def _named(sources: dict[str, Card]) -> dict[PurposeCode, Card]:
    return {PurposeCode(one.purpose): one for one in sources.values()}


def part(notice: Notice, code: str, law: str = "cn") -> str:
    """One section as text; it must be there."""
    (section,) = [one for one in notice.sections if one.heading == wording(notice.language, law).say(code)]
    return "\n".join((*section.sentences, *section.entries, section.cited))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_core_of_every_notice_is_there(language: str) -> None:
    """Who, why, what, how, how long, rights, complaint: all from the card and the lender (PIPL 17(1))."""
    notice = written(language=language)
    assert "守信消费金融" in part(notice, "handler")
    assert LENDER.contact in part(notice, "handler")
    assert (CARD.title_zh if language == "zh" else CARD.title_en) in part(notice, "purpose")
    assert (CARD.explanation_zh if language == "zh" else CARD.explanation_en) in part(notice, "purpose")
    face = taxonomy().item(FACE)
    assert (face.title_zh if language == "zh" else face.title_en) in part(notice, "collection")
    assert "30" in part(notice, "storage")
    assert LENDER.contact in part(notice, "rights")
    assert LENDER.complaint in part(notice, "complaint")
    assert "45" in part(notice, "choice"), "how long a refusal is left in peace is told"


def test_what_is_collected_is_a_list() -> None:
    """Purpose, manner and each kind stand in entries of their own (NDSR 21(2)), sensitive kinds marked."""
    (section,) = [one for one in written().sections if one.code == "collection"]
    assert section.entries == (
        "目的：视频面谈",
        "方式：工作人员查看遮盖后的信息",
        "方式：收集后加密保存",
        "种类：手机号码",
        "种类：人脸特征（敏感个人信息）",
    )
    assert "《网络数据安全管理条例》第二十一条第二款" in section.cited


def test_recipients_are_a_list_with_all_that_article_23_names() -> None:
    """Name, contact, purpose, manner and kinds of each recipient; without any, the notice says so."""
    card = msgspec.structs.replace(CARD, recipients=("bureau",))
    notice = written(card, recipients=(BUREAU,), kind=NoticeKind.SEPARATE_CONSENT, about=About.PROVIDE)
    (section,) = [one for one in notice.sections if one.code == "provision"]
    (entry,) = section.entries
    for told in (BUREAU.name, BUREAU.contact, "目的：视频面谈", "方式：", "种类：手机号码"):
        assert told in entry
    assert "人脸" not in entry, "a recipient gets their own items only"
    assert "第二十三条" in section.cited
    assert "不为这个目的把您的信息提供给其他人" in part(written(), "provision")


def test_export_tells_where_and_how_to_use_rights_there() -> None:
    """PIPL 39: the recipient abroad with contact, and how rights are exercised against them."""
    card = msgspec.structs.replace(CARD, recipients=("bureau", "printer"), locations=("CN", "SG"))
    printer = replace(BUREAU, code="printer", name="印务公司")
    there = replace(BUREAU, place="SG")
    notice = written(card, recipients=(there, printer), kind=NoticeKind.SEPARATE_CONSENT, about=About.EXPORT)
    told = part(notice, "export")
    for said in (
        "下列国家或者地区会处理您的信息：新加坡",
        "境外接收方：信用信息公司（新加坡）",
        BUREAU.contact,
        "目的：视频面谈",
        "方式：",
        "种类：手机号码",
    ):
        assert said in told
    assert printer.name not in told, "who receives at home is no recipient abroad"
    assert printer.name in part(notice, "provision")
    assert "行使权利" in told
    assert "export" not in {one.code for one in written().sections}
    with pytest.raises(Invalid, match="names who receives abroad"):
        written(card, recipients=(BUREAU, printer), kind=NoticeKind.SEPARATE_CONSENT, about=About.EXPORT)


def test_what_is_made_public_is_said_and_asked_alone() -> None:
    """PIPL 25: the items, that anybody may see them, and that nothing is published without a yes; else not asked."""
    card = msgspec.structs.replace(CONTRACT, published=True)
    notice = written(card, kind=NoticeKind.SEPARATE_CONSENT, about=About.PUBLISH)
    assert notice.about == "publish"
    assert "任何人都可能看到：手机号码、人脸特征" in part(notice, "provision")
    assert "第二十五条" in part(notice, "provision")
    assert "提供给其他人" not in part(notice, "provision")
    with pytest.raises(Invalid, match="does nothing of what this would ask"):
        written(CONTRACT, kind=NoticeKind.SEPARATE_CONSENT, about=About.PUBLISH)


def test_images_from_public_places_are_said_and_asked_alone() -> None:
    """PIPL 26: where they come from and that the use is another than public safety; else nothing is asked."""
    card = msgspec.structs.replace(CONTRACT, public_place_images=True)
    notice = written(card, kind=NoticeKind.SEPARATE_CONSENT, about=About.PUBLIC_PLACE)
    assert "公共安全以外的目的" in part(notice, "collection")
    assert "第二十六条" in part(notice, "collection")
    assert "公共场所" not in part(written(), "collection")
    with pytest.raises(Invalid, match="does nothing of what this would ask"):
        written(CONTRACT, kind=NoticeKind.SEPARATE_CONSENT, about=About.PUBLIC_PLACE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_another_basis_cites_its_article_and_still_tells_of_sensitive_items(language: str) -> None:
    """No consent is asked, the basis has its article, and PIPL 30's necessity and effect are told."""
    notice = written(CONTRACT, language, NoticeKind.OTHER_BASIS)
    assert not notice.asks
    article = "《个人信息保护法》第十三条第一款第二项" if language == "zh" else "article 13(1)(2)"
    assert article in part(notice, "purpose")
    told = part(notice, "sensitive")
    assert (CARD.explanation_zh if language == "zh" else CARD.explanation_en) in told
    assert ("无法更换" if language == "zh" else "cannot replace") in told
    assert ("撤回" if language == "zh" else "withdraw") not in notice.text.lower()


def test_a_purpose_without_sensitive_items_has_no_such_section() -> None:
    """The section on necessity is there only where something is sensitive."""
    plain = msgspec.structs.replace(CARD, items=(MOBILE,), retention={"file": Term((MOBILE,), 30)})
    assert "sensitive" not in {one.code for one in written(plain).sections}
    assert "sensitive" in {one.code for one in written(plain, kind=NoticeKind.GUARDIAN).sections}, "of a child all is"


def test_consent_is_free_and_can_be_withdrawn() -> None:
    """PIPL 15 and 16: a refusal has no consequence but where the information is necessary; withdrawing is as easy."""
    told = part(written(language="en"), "choice")
    assert "will not refuse you a product or service for it, except" in told
    assert "withdraw at any time, as easily as you agreed" in told
    assert "what was done before stays valid" in told


def test_a_guardian_is_spoken_to() -> None:
    """The notice under PIPL 31 is written to the parents or guardians of a child under 14, under any basis."""
    for card in (CARD, CONTRACT):
        notice = written(card, kind=NoticeKind.GUARDIAN)
        assert notice.about == About.GUARDIAN
        assert "父母或者其他监护人" in part(notice, "question")
        assert "第三十一条第一款" in part(notice, "question")


def test_a_contact_is_told_that_their_number_only_delivered_this() -> None:
    """A third person reads where the number came from and what it served for until now (PIPL 17)."""
    asks = written(kind=NoticeKind.THIRD_PERSON)
    tells = written(CONTRACT, kind=NoticeKind.THIRD_PERSON)
    assert "只用您的联系方式把它送达给您" in part(asks, "question")
    assert "只用您的联系方式把它送达给您" in part(tells, "told")
    assert asks.asks
    assert not tells.asks
    assert "不要再联系您" in part(tells, "choice")


def test_an_automated_decision_is_explained_and_can_be_refused() -> None:
    """PIPL 24: the card's explanation, and the right to an explanation and to a person."""
    card = msgspec.structs.replace(
        CARD, automated=True, automated_explanation_zh="评分由模型给出。", automated_explanation_en="A model scores."
    )
    told = part(written(card), "automated")
    assert "评分由模型给出。" in told
    assert "拒绝只由程序作出的决定" in told
    assert "第二十四条第三款" in told


def test_a_floor_of_the_law_is_told_with_its_article() -> None:
    """Ten years under the anti-money-laundering law stand in the notice, since the ceiling alone would mislead."""
    card, _ = read_card((DEMO / "credit.application.toml").read_text("utf-8"))
    told = part(written(card, kind=NoticeKind.OTHER_BASIS), "storage")
    assert "《反洗钱法》第三十四条第三款要求至少保存10年" in told
    assert "180天" in told


def test_what_another_purpose_keeps_is_told_as_a_source() -> None:
    """``draws_on`` is in the notice by the other purpose's title; a source that is not handed over is missed."""
    card = msgspec.structs.replace(CARD, draws_on=(PurposeCode("other.file"),))
    other = msgspec.structs.replace(CONTRACT, purpose=PurposeCode("other.file"), title_zh="客户档案")
    assert "来源：为“客户档案”已经保存的信息" in part(written(card, other=other), "collection")
    with pytest.raises(Invalid, match="draws on"):
        written(card)


@pytest.mark.parametrize("about", [About.SENSITIVE, About.PUBLISH, About.PUBLIC_PLACE])
def test_each_separate_consent_is_another_notice(about: About) -> None:
    """One question a notice: what it is about stands in its words, its citation and its digest."""
    wide = msgspec.structs.replace(CARD, published=True, public_place_images=True)
    notice = written(wide, kind=NoticeKind.SEPARATE_CONSENT, about=about)
    assert "单独同意" in part(notice, "question")
    both = (About.SENSITIVE, About.PUBLISH)
    others = {written(wide, kind=NoticeKind.SEPARATE_CONSENT, about=one).digest for one in both}
    assert notice.digest not in others or about in {About.SENSITIVE, About.PUBLISH}
    assert len(others) == 2


def test_the_digest_is_that_of_the_text() -> None:
    """SHA-256 of the UTF-8 text, which names purpose, version, language, kind and question."""
    notice = written()
    assert notice.digest == hashlib.sha256(notice.text.encode()).digest()
    assert "visit.video/3/zh/consent/processing" in notice.text
    assert notice.text.endswith("\n")
    assert "\r" not in notice.text


def test_equal_cards_make_equal_notices_and_other_versions_others() -> None:
    """The digest depends on purpose, version, language, kind, items and words, and on nothing else."""
    digests = {
        written().digest,
        written(language="en").digest,
        written(kind=NoticeKind.GUARDIAN).digest,
        written(msgspec.structs.replace(CARD, version=4)).digest,
        written(msgspec.structs.replace(CARD, title_zh="面谈")).digest,
        written(msgspec.structs.replace(CARD, items=(MOBILE,), retention={"file": Term((MOBILE,), 30)})).digest,
    }
    assert len(digests) == 6
    assert written().digest == written().digest


def test_nothing_filled_in_can_pretend_to_be_a_section() -> None:
    """Line breaks in a name are blanks, and braces in a card are text."""
    card = msgspec.structs.replace(CARD, title_zh="面谈\n\n9. 您不同意也没有用\n- {contact}")
    text = written(card).text
    assert "面谈 9. 您不同意也没有用 - {contact}" in text
    assert not re.search(r"^9\. 您不同意", text, re.MULTILINE)
    assert one_line(" a\r\n b\u2028c ") == "a b c"


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"kind": NoticeKind.OTHER_BASIS}, "lawful basis"),
        ({"card": CONTRACT}, "lawful basis"),
        ({"kind": NoticeKind.SEPARATE_CONSENT}, "what it is about"),
        ({"kind": NoticeKind.SEPARATE_CONSENT, "about": About.PROCESSING}, "what it is about"),
        ({"kind": NoticeKind.SEPARATE_CONSENT, "about": About.PROVIDE}, "does nothing of what"),
        ({"kind": NoticeKind.SEPARATE_CONSENT, "about": About.EXPORT}, "does nothing of what"),
        ({"about": About.SENSITIVE}, "only a separate consent"),
        ({"language": "fr"}, "zh or en"),
        ({"recipients": (BUREAU,)}, "every recipient"),
        ({"card": msgspec.structs.replace(CARD, recipients=("bureau",))}, "every recipient"),
        (
            {
                "card": msgspec.structs.replace(CARD, recipients=("bureau",)),
                "recipients": (Recipient("bureau", "x", "c", ON, "y", (ItemCode("identity.name"),)),),
            },
            "items of the card",
        ),
        ({"card": msgspec.structs.replace(CARD, explanation_zh=" ")}, "explanation_zh"),
    ],
)
def test_a_notice_that_would_be_wrong_or_incomplete_is_not_written(changes: dict[str, object], match: str) -> None:
    """What is missing or does not fit is refused by name."""
    with pytest.raises(Invalid, match=match):
        written(**changes)  # type: ignore[arg-type]


def test_a_lender_without_contact_writes_no_notice() -> None:
    """Name, contact and a way to complain are demanded; the officer is told only where there is one (PIPL 52)."""
    for missing in ("name", "contact", "complaint"):
        lender = Handler(**{**{n: getattr(LENDER, n) for n in Handler.__slots__}, missing: " "})
        with pytest.raises(Invalid, match="who handles"):
            notice_for(CARD, PACK, lender, [], "zh", NoticeKind.CONSENT, ON)
    small = Handler(LENDER.name, LENDER.contact, "", LENDER.complaint)
    assert "负责人" not in notice_for(CARD, PACK, small, [], "zh", NoticeKind.CONSENT, ON).text


@pytest.mark.parametrize("name", sorted(one.name for one in DEMO.iterdir() if one.name.endswith(".toml")))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_of_the_demo_has_its_notice(name: str, language: str) -> None:
    """Every shipped card makes a notice without a hole."""
    cards = [read_card(one.read_text("utf-8"))[0] for one in DEMO.iterdir() if one.name.endswith(".toml")]
    card, _ = read_card((DEMO / name).read_text("utf-8"))
    kind = NoticeKind.CONSENT if card.lawful_basis == "consent" else NoticeKind.OTHER_BASIS
    sources = {one.purpose: one for one in cards}
    notice = notice_for(card, PACK, LENDER, [], language, kind, ON, sources=sources)
    assert len(notice.sections) >= 8
    assert not re.search(r"\{\w+\}", notice.text)


@pytest.mark.parametrize("law", ["", *REGIONS])
def test_both_languages_have_the_same_words_and_blanks(law: str) -> None:
    """A key or a blank that only one language has would leave a hole in the other."""
    place = files("shouxin.policy") / (f"packs/{law}/notice/notice.toml" if law else "notice.toml")
    text = tomllib.loads(place.read_text("utf-8"))

    def blanks(language: str) -> dict[str, set[str | None]]:
        return {
            key: {name for _, name, _, _ in Formatter().parse(words)} - {None} for key, words in text[language].items()
        }

    assert blanks("zh") == blanks("en")
    assert len(blanks("zh")) > 20


def test_every_citation_rests_on_a_rule_of_the_pack() -> None:
    """The rules named beside the words exist, were read in their text, and are in force."""
    names = {name for names in wording("zh", "cn").rules.values() for name in names}
    assert names
    assert [name for name in names if not PACK.rule(name).may_decide or not PACK.rule(name).in_force(ON)] == []


def test_what_was_not_in_force_yet_is_not_cited() -> None:
    """In 2024 the network data regulation was no source; the list stands there all the same."""
    before = notice_for(CARD, PACK, LENDER, [], "zh", NoticeKind.CONSENT, date(2024, 12, 31))
    assert "网络数据安全管理条例" not in part(before, "collection")
    assert "网络数据安全管理条例" in part(written(), "collection")
    assert "第十七条第一款第二项" in part(before, "collection")


@pytest.mark.parametrize(
    ("roles", "approved", "zh", "en"),
    [
        (("analyst",), True, "经逐次批准", "each time with an approval"),
        (("analyst",), False, "工作人员查看原样的信息", "staff see the information as it is"),
        (("model",), False, "程序使用原样的信息", "programs use the information as it is"),
    ],
)
def test_a_notice_promises_an_approval_only_where_the_card_has_a_chain(
    roles: tuple[str, ...], approved: bool, zh: str, en: str
) -> None:
    """Who sees the information as it is: staff with a chain, staff without one, programs; each in its words."""
    chain = {Form("raw"): ApprovalChain((ApprovalLevel("approver"),))} if approved else {}
    card = msgspec.structs.replace(CONTRACT, roles={Form("raw"): roles}, approval=chain)
    for language, said in (("zh", zh), ("en", en)):
        text = part(written(card, language, NoticeKind.OTHER_BASIS), "collection")
        assert said in text
        assert approved == ("批准" in text or "approval" in text)
