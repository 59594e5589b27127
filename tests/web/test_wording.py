from __future__ import annotations

import inspect
import re

import pytest

from shouxin import errors
from shouxin.approvals.order import PROOFS, Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.approvals.transitions import RequestState
from shouxin.documents.words import sayings
from shouxin.errors import Refused, ShouxinError
from shouxin.policy.lawpack import load_pack
from shouxin.retention.hold import AUTHORITIES
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from shouxin.vault.records import SubjectState
from shouxin.web.wording import PageWording, page_words
from tests.conformance.verifiers import ALONE
from tests.house.tree import PACKAGE, expect_none

TEMPLATES = PACKAGE / "web" / "templates"
KNOWN = {
    "order_state": {one.value for one in OrderState},
    "request_state": {one.value for one in RequestState},
    "ground": {one.value for one in Ground},
    "proof": set(PROOFS),
    "authority": set(AUTHORITIES),
    "subject_state": {one.value for one in SubjectState},
    "right_kind": {one.value for one in RightKind},
    "right_state": {one.value for one in RightState},
    "verdict": {f"a.{code}" for code in ALONE.ATTESTED},
    "refusal": {
        kind.code
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, ShouxinError) and not kind.__subclasses__()
    },
}


@pytest.mark.parametrize("group", KNOWN)
def test_every_code_that_a_page_can_show_has_words(group: str) -> None:
    """Nobody reads a code where a word should stand."""
    assert KNOWN[group] - set(page_words()[group]) == set()


def test_every_text_is_there_in_both_languages_and_puts_in_the_same() -> None:
    """But for what errors say, which is English in the code and Chinese here."""
    faults = []
    for group, codes in page_words().items():
        wanted = {"zh"} if group == "detail" else {"zh", "en"}
        for code, texts in codes.items():
            holes = {frozenset(re.findall(r"\{(\w+)\}", text)) for text in texts.values()}
            if set(texts) != wanted or not all(text.strip() for text in texts.values()) or len(holes) != 1:
                faults.append(f"{group}.{code}")
    expect_none(faults)


def test_the_pages_ask_for_words_that_are_there() -> None:
    """In templates and pages alike; and no group of the pages hides one of the derived documents."""
    asked = [
        (path.name, *found)
        for path in [*TEMPLATES.glob("*.html"), *(PACKAGE / "web").glob("*.py")]
        for found in re.findall(r'say\(\s*["\'](\w+)["\'],\s*["\']([\w-]+)["\']\s*[,)]', path.read_text("utf-8"))
    ]
    assert len(asked) > 120
    words = {**sayings(), **page_words()}
    expect_none(f"{name}: {group}.{code}" for name, group, code in asked if code not in words.get(group, {}))
    assert set(sayings()) & set(page_words()) == set()


def test_the_script_asks_for_words_that_are_there() -> None:
    """Every word of the verifying page."""
    script = (PACKAGE / "web" / "static" / "verify.js").read_text("utf-8")
    certificate = (PACKAGE / "web" / "static" / "certificate.js").read_text("utf-8")
    asked = set(re.findall(r'say\("([\w-]+)"', script)) | set(re.findall(r'why: "([\w-]+)"', script + certificate))
    assert len(asked) > 25
    assert asked - set(page_words()["verdict"]) == set()


def test_every_sentence_that_is_translated_is_said_somewhere() -> None:
    """A message that changed in the code leaves no translation behind that nobody sees."""
    source = "\n".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    plain = re.sub(r"\{LONGEST_PASS\}", "1440", source).replace("this asks for the role {' or '.join(roles)}", "")
    sentences = [re.sub(r"^(people|minutes): ", "", one) for one in page_words()["detail"]]
    sentences.remove("this asks for the role rights_desk or dpo")
    expect_none(one for one in sentences if one not in plain)


def test_no_template_lets_anything_run_or_pass_unescaped() -> None:
    """No inline script, style or handler, nothing marked safe: the policy would stop it, and nobody would see why."""
    faults = []
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        if re.search(r"<script(?![^>]* src=\"/static/)|\sstyle=|\son\w+=|\|\s*safe|<style|https?://", text):
            faults.append(path.name)
    expect_none(faults)
    assert len(list(TEMPLATES.glob("*.html"))) >= 9


def test_a_refusal_names_rule_and_article_in_its_language() -> None:
    """A rule of the pack by its title, one of ours by its words, an unknown one by its code."""
    error = Refused("nobody decides about their own request", [("maker-checker", "PIPL 51(1)(4)"), ("X-1", "X 2")])
    zh = PageWording("zh", load_pack("cn")).refusal(error)
    assert (zh["detail"], zh["foreign"]) == ("不能审批自己的申请。", False)
    assert zh["reasons"] == [
        {"title": "申请人与审批人分离", "rule": "maker-checker", "article": "《个人信息保护法》第51条第1款第4项"},
        {"title": "X-1", "rule": "X-1", "article": "X 2"},
    ]
    unknown = PageWording("zh", load_pack("cn")).refusal(Refused("something new", [("CN-PIPL-51-1-4-ROLE", "PIPL 51")]))
    assert unknown["foreign"] is True
