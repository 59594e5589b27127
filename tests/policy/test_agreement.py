"""Checking agreements: what was planted is marked with place, article and mending; what is sound is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bench.agreement import AGREEMENTS, CLOSED, OPEN, judge, tallies
from shouxin.errors import Invalid
from shouxin.policy.agreement import LANGUAGES, MOST_CHARACTERS, check_agreement, clause_kinds
from shouxin.policy.lawpack import assemble, load_pack
from shouxin.policy.lint import Severity
from shouxin.policy.rule import Verified
from tests.policy.agreement_labels import labels_of

DAY = date(2026, 6, 15)
PACK = load_pack("cn")
FILES = sorted(AGREEMENTS.glob("*.md"), key=lambda one: one.stem)
CLAUSE = "您不可撤销地授权我们永久保存您的个人信息。"


def _kinds(text: str) -> set[str]:
    return {one.remark.code for one in check_agreement(text, PACK, DAY)}


@pytest.mark.parametrize("path", FILES, ids=lambda one: one.stem)
def test_what_was_planted_is_found_and_nothing_else(path: Path) -> None:
    """Each planted clause is marked as the kind it is; no other sentence is; what the document lacks is told."""
    text, told = path.read_text("utf-8"), labels_of(path)
    tally = judge(path.stem, text, told.planted)
    assert tally.missed == []
    assert [(one.remark.code, one.excerpt) for one in tally.false] == []
    assert tally.of_kind == tally.planted == len(told.planted)
    lacks = sorted(one.remark.code for one in check_agreement(text, PACK, DAY) if not one.end)
    assert lacks == sorted(told.lacks)


def test_the_agreements_hold_what_is_planted_and_what_is_sound() -> None:
    """The labels are no empty lists, and some agreements are in order in each language."""
    planted = {path.stem: len(labels_of(path).planted) for path in FILES}
    assert sum(planted.values()) > 100
    for language in LANGUAGES:
        assert [name for name, count in planted.items() if name.startswith(language) and not count]
    kinds = {one["kind"] for path in FILES for one in labels_of(path).planted}
    assert kinds == {kind for kind in clause_kinds() if not kind.startswith("no_")}


def test_a_mark_says_where_why_which_article_and_how_to_mend() -> None:
    """Line, clause, characters and excerpt are those of the given text."""
    text = f"第一条 总则。\n\n第二条 {CLAUSE}\n"
    found = {one.remark.code: one for one in check_agreement(text, PACK, DAY)}
    one = found["irrevocable"]
    assert (one.line, one.clause, text[one.start : one.end]) == (3, "第二条", f"第二条 {CLAUSE}")
    assert one.excerpt == f"第二条 {CLAUSE}"
    assert (one.remark.article, one.remark.place, one.remark.severity) == ("PIPL 15(1)", "3:第二条", Severity.ERROR)
    assert "撤回" in one.remark.mend_zh
    assert found["unlimited"].remark.article == "PIPL 19, PIPL 47(1)"


def test_every_kind_rests_on_rules_of_the_pack_that_may_decide() -> None:
    """Law 5: the first rule decides whether there may be an error; all of them exist."""
    for kind, words in clause_kinds().items():
        assert all(name in PACK.by_id for name in words.rules), kind
        assert PACK.rule(words.rules[0]).may_decide, kind
        assert all((words.why_zh, words.why_en, words.mend_zh, words.mend_en)), kind


def test_a_rule_that_may_not_decide_advises() -> None:
    """What was not read in a text, or is not in force, is no ground for an error."""
    hearsay = [replace(rule, verified=Verified.MEMORY) for rule in PACK.rules]
    pack = assemble("cn", "1", hearsay, PACK.instruments.values())
    assert {one.remark.severity for one in check_agreement(CLAUSE, pack, DAY)} == {Severity.ADVICE}
    assert {one.remark.severity for one in check_agreement(CLAUSE, PACK, date(2021, 10, 31))} == {Severity.ADVICE}
    assert {one.remark.severity for one in check_agreement(CLAUSE, PACK, DAY)} == {Severity.ERROR}


@pytest.mark.parametrize(
    ("unsound", "sound"),
    [
        ("我们永久保存您的个人信息。", "我们不会永久保存您的个人信息。"),
        ("We retain your personal data indefinitely.", "We never retain your personal data indefinitely."),
        ("本人不可撤销地授权贵司查询个人信息。", "保证人出具不可撤销的连带责任保证。"),
        ("我们收集：\n- 通讯录和短信记录；", "我们不收集：\n- 通讯录和短信记录；"),
        ("我们将您的信息共享给合作伙伴等第三方。", "我们将您的信息共享给合作伙伴等第三方之前取得您的单独同意。"),
        ("我们在合同结束后仍继续保存您的信息。", "我们在合同结束后仍继续保存您的信息十年，这是反洗钱法的要求。"),
        ("我们可能适时修订本政策。", "我们可能适时修订本政策，未经您明确同意，我们不会削减您的权利。"),
        ("我们有权随时修改本政策。", "我们有权随时修改本政策。修改前七日，我们以短信通知您。"),
        ("逾期的，我们在社交媒体上公布您的姓名。", "我们不在社交媒体上公布逾期客户的姓名。"),
        ("因黑客造成信息泄露的，我们不承担责任。", "因信息泄露造成损害的，我们赔偿，不以黑客攻击为由免责。"),
        ("We keep your file indefinitely.", "Nothing in your file is kept indefinitely."),
        ("Your consent is irrevocable.", "This does not make any consent of the customer irrevocable."),
    ],
)
def test_what_clears_a_clause_clears_it(unsound: str, sound: str) -> None:
    """Negation, what introduces a list, separate consent, a term by law, another subject, the sentence beside it."""
    assert _kinds(unsound)
    assert _kinds(sound) == set()


def test_a_safeguard_elsewhere_in_the_document_clears() -> None:
    """A right that is granted in another section need not be repeated where decisions are made by program."""
    decided = "第一条 贷款由系统自动审批，自动化决策的结果决定您的额度。"
    assert _kinds(decided) == {"automated"}
    assert _kinds(f"{decided}\n\n第二条 您有权拒绝仅通过自动化决策作出的决定。") == set()


def test_words_between_quotation_marks_are_somebody_elses() -> None:
    """A definition or a quotation is not what the agreement says."""
    assert _kinds("术语“永久保存您的个人信息”不适用于我们。") == set()
    assert _kinds("点击“下一步”即视为您同意我们永久保存您的个人信息。") >= {"unlimited"}


def test_a_short_text_or_another_document_lacks_nothing() -> None:
    """Only a privacy policy must say all that a privacy policy says."""
    long = "我们收集您的姓名。" * 60
    lacking = {"no_handler", "no_retention", "no_rights", "no_withdrawal"}
    assert _kinds(f"# 隐私政策\n\n{long}") == lacking
    assert _kinds(f"# 借款合同\n\n{long}") == set()
    assert _kinds("# 隐私政策\n\n我们收集您的姓名。") == set()
    assert _kinds(f"# 借款服务协议\n\n{long}个人信息的处理规则另见网站。") == set()


def test_what_is_said_in_passing_does_not_say_it() -> None:
    """That calls are recorded names no handler, new consent is no withdrawal, what the lender may copy is no right."""
    long = "我们收集您的姓名。" * 60
    passing = "您致电客服时我们录音。处理目的变更前重新征得您的同意。"
    assert {"no_handler", "no_withdrawal"} <= _kinds(f"# 隐私政策\n\n{long}{passing}")
    told = "客服电话“400-000-0000”。您可以在设置中撤回同意。"
    assert not {"no_handler", "no_withdrawal"} & _kinds(f"# 隐私政策\n\n{long}{told}")
    long = "We collect your name. " * 60
    assert "no_rights" in _kinds(f"# Privacy policy\n\n{long}Our auditors may copy the ledger.")
    assert "no_rights" not in _kinds(f"# Privacy policy\n\n{long}You may copy what we hold.")


def test_the_labelled_sets_stay_as_good() -> None:
    """The goals hold on agreements by eight authors, now that they are known: 90 % found, two false alarms."""
    for folder in OPEN.values():
        judged = list(tallies(folder))
        assert sum(one.found for one in judged) >= 0.9 * sum(one.planted for one in judged)
        assert sum(len(one.false) for one in judged) <= 2 * len(judged)
        assert sum(one.told for one in judged) == sum(one.lacks for one in judged)


def test_the_goals_hold_on_what_nobody_has_read() -> None:
    """On two closed sets together, from which nothing is learned: 90 % found, two false alarms a document."""
    judged = [one for folder in CLOSED.values() for one in tallies(folder)]
    assert sum(one.planted for one in judged) == 169
    assert sum(one.found for one in judged) >= 0.9 * sum(one.planted for one in judged)
    assert sum(len(one.false) for one in judged) <= 2 * len(judged)


def test_the_language_can_be_named_and_must_exist() -> None:
    """Each sentence is read in its own language unless one is named."""
    both = f"{CLAUSE}\n\nYour consent is irrevocable.\n"
    assert len([one for one in check_agreement(both, PACK, DAY) if one.remark.code == "irrevocable"]) == 2
    assert len([one for one in check_agreement(both, PACK, DAY, "en") if one.remark.code == "irrevocable"]) == 1
    with pytest.raises(Invalid):
        check_agreement(CLAUSE, PACK, DAY, "fr")


@pytest.mark.parametrize("part", ["我们永久", "(", "we share ", "1.1.", "不会", "](", "<a", " ", "第三方、", '"“'])
def test_hostile_text_ends(part: str) -> None:
    """Repetition costs no more than its length; the run would hang otherwise. What is too long is refused."""
    check_agreement(part * (30_000 // len(part)), PACK, DAY)
    with pytest.raises(Invalid):
        check_agreement("信" * (MOST_CHARACTERS + 1), PACK, DAY)


def test_an_excerpt_is_short() -> None:
    """At most 120 characters, with the mark inside."""
    long = "为了向您提供服务，" * 30 + "您不可撤销地授权我们处理您的个人信息。"
    (one,) = [one for one in check_agreement(long, PACK, DAY) if one.remark.code == "irrevocable"]
    assert len(one.excerpt) <= 120
    assert "不可撤销" in one.excerpt


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("您注销以后，这些档案依旧在我们的库里，什么时候清理由我们看情况而定，没有到期的日子。", "unlimited"),
        ("关掉推荐来电的，提现按钮会变灰，重新打开以后才能继续申请。", "bundled"),
        ("Your file stays in our archive for good, and no date is set for its removal.", "unlimited"),
        ("A yes given here stands for good; there is no button to take it back.", "irrevocable"),
    ],
)
def test_what_no_pattern_knows_is_weighed_and_says_what_weighed(said: str, kind: str) -> None:
    """A clause in other words is a warning of its kind, with its cues; a pattern that knows it goes first."""
    (one,) = check_agreement(said, PACK, DAY)
    assert (one.remark.code, one.remark.severity) == (kind, Severity.WARNING)
    assert one.remark.article
    assert one.remark.mend_zh
    assert one.cues
    assert one.excerpt == said
