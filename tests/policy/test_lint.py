"""Reviewing a card: each thing that is missing, too broad or unlawful is found, placed, cited and can be mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shouxin.actors.account import ROLES
from shouxin.policy.lawpack import assemble
from shouxin.policy.lint import Severity, lint
from shouxin.policy.rule import Verified
from tests.policy.reviewed import (
    ADVICE,
    ALONE,
    AUTOMATED,
    BARE,
    BASIS,
    BOOK,
    CONSENT,
    DELETION,
    DELIVERED,
    DUTY,
    ERROR,
    EXPLAINED,
    FLOORED,
    ITEMS,
    PACK,
    PURPOSE,
    REVIEWED,
    SENSITIVE,
    SENT,
    WARNING,
    a_card,
    changed,
    linted,
)
from tests.workspaces import CARD

FOUND: dict[str, tuple[str, tuple[Severity, str, str, str]]] = {
    "a floor that the pack has not": (
        changed(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["NO-SUCH-RULE"]')),
        (ERROR, "floor-unknown", "retention.file.floors", "PIPL 19"),
    ),
    "a rule that is no floor": (
        changed(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["CN-PIPL-6-1-PURPOSE"]')),
        (ERROR, "floor-no-floor", "retention.file.floors", "PIPL 19"),
    ),
    "an archive rule that comes too late": (
        changed(("ceiling_days = 180", "ceiling_days = 180\narchive_after_days = 180")),
        (WARNING, "archive-after-ceiling", "retention.file.archive_after_days", "PIPL 19"),
    ),
    "a floor known from memory only": (
        changed(("ceiling_days = 180", 'ceiling_days = 20000\nfloors = ["CN-ACCARCH-LEDGER"]')),
        (ERROR, "floor-not-binding", "retention.file.floors", "PIPL 19"),
    ),
    "a ceiling that ends before its floor": (
        changed(("ceiling_days = 180", FLOORED.replace("3653", "3652"))),
        (ERROR, "ceiling-below-floor", "retention.file.ceiling_days", "PIPL 17(1)(2)"),
    ),
    "a ceiling that begins before its floor": (
        changed(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["CN-AML-34-3-IDENTITY"]')),
        (ADVICE, "ceiling-before-floor", "retention.file.starts", "PIPL 17(1)(2)"),
    ),
    "an item that the floor does not keep": (
        changed(("ceiling_days = 180", FLOORED)),
        (ADVICE, "floor-too-broad", "retention.file.floors", "PIPL 19"),
    ),
    "a form that nothing produces": (
        changed(("masked = [", 'aggregate = ["analyst"]\nmasked = [')),
        (ERROR, "form-not-yet", "roles.aggregate", ""),
    ),
    "an approval that nobody can ask for": (
        changed(('raw = ["analyst"]\n', "")),
        (WARNING, "approval-without-role", "approval.raw", "PIPL 51(1)(4)"),
    ),
    "sensitive items in the clear without approval": (
        changed(SENSITIVE, ('[approval.raw]\nlevels = [{ role = "approver" }, { role = "dpo" }]\n', "")),
        (ADVICE, "raw-without-approval", "roles.raw", "PIPL 51(1)(4)"),
    ),
    "a role that there is not": (
        changed(('sealed = ["collector"]', 'sealed = ["harvester"]')),
        (ERROR, "role-unknown", "roles.sealed", "PIPL 51(1)(4)"),
    ),
    "an approver that there is not": (
        changed(('{ role = "dpo" }', '{ role = "boss" }')),
        (ERROR, "role-unknown", "approval.raw.levels", "PIPL 51(1)(4)"),
    ),
    "sensitive items on a consent that is not separate": (
        changed(SENSITIVE, CONSENT),
        (ERROR, "separate-consent", "separate_consent", "PIPL 29"),
    ),
    "sensitive items without an assessment": (
        changed(SENSITIVE, BARE),
        (ERROR, "assessment-sensitive", "assessment", "PIPL 55(1)(1)"),
    ),
    "a program that decides without an assessment": (
        changed(("[roles]", f"automated = true\n{EXPLAINED}\n{REVIEWED}\n[roles]"), BARE),
        (ERROR, "assessment-automated", "assessment", "PIPL 55(1)(2)"),
    ),
    "a program that nobody explains": (
        changed(AUTOMATED),
        (ERROR, "explanation-missing", "automated_explanation_zh", "PIPL 24(1)"),
    ),
    "a program that is explained in one language": (
        changed(("[roles]", f"automated = true\n{EXPLAINED.splitlines()[0]}\n{REVIEWED}\n[roles]")),
        (ERROR, "explanation-missing", "automated_explanation_en", "PIPL 24(1)"),
    ),
    "a program that nobody may refuse": (
        changed(("[roles]", f"automated = true\n{EXPLAINED}\n[roles]")),
        (ERROR, "refusal-missing", "automated", "PIPL 24(3)"),
    ),
    "a purpose that draws on itself": (
        changed(("[roles]", 'draws_on = ["credit.review"]\n[roles]')),
        (ERROR, "draws-on-circle", "draws_on", "PIPL 6(1)"),
    ),
    "no English title": (changed(("Credit review", " ")), (ERROR, "text-missing", "title_en", "PIPL 17(1)(2)")),
    "no Chinese explanation": (
        changed(("用于审查您的贷款申请。", "")),
        (ERROR, "text-missing", "explanation_zh", "PIPL 17(1)(2)"),
    ),
    "a purpose that nobody adopted": (
        changed(("[roles]", 'draws_on = ["credit.none"]\n[roles]')),
        (ERROR, "draws-on-unknown", "draws_on", "PIPL 6(1)"),
    ),
    "a recipient without a contract": (
        changed(("[roles]", 'recipients = ["credit-bureau"]\n[roles]')),
        (ERROR, "recipient-without-contract", "recipients", "PIPL 21(1)"),
    ),
    "a contract with nobody": (
        changed(("[roles]", '[contracts]\ncredit-bureau = "c-1"\n[roles]')),
        (WARNING, "contract-without-recipient", "contracts", ""),
    ),
    "an address book as part of any loan": (
        changed(BOOK),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book as part of an online loan": (
        changed(BOOK, ("[roles]", 'products = ["mortgage", "online-loan"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book as part of another loan": (
        changed(BOOK, ("[roles]", 'products = ["mortgage"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book that a duty is said to keep for an online loan": (
        changed(BOOK, DUTY, ("[roles]", 'statutory = true\nproducts = ["online-loan"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book that a duty is said to keep, for no product that is named": (
        changed(BOOK, DUTY, ("[roles]", "statutory = true\n[roles]")),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "calls that a duty is said to keep for an online loan": (
        changed(
            (ITEMS, '"credit.amount", "communication.call_log"]'),
            DUTY,
            ("[roles]", 'statutory = true\nproducts = ["online-loan"]\n[roles]'),
        ),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "a product that calls itself otherwise": (
        changed(("[roles]", 'products = ["online-cash"]\n[roles]')),
        (ERROR, "product-unknown", "products", "PIPL 6(2)"),
    ),
    "whereabouts that a contract is said to need": (
        changed((ITEMS, '"credit.amount", "location.track"]'), ("[roles]", 'products = ["mortgage"]\n[roles]')),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "a belief that a duty is said to need": (
        changed((ITEMS, '"credit.amount", "identity.religion"]'), DUTY),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "calls that cost the loan when they are refused": (
        changed(
            (ITEMS, '"credit.amount", "communication.call_log"]'),
            CONSENT,
            ("[roles]", "separate_consent = true\n[roles]"),
        ),
        (ERROR, "item-bundled", "items", "PIPL 16, PIPL 6(2)"),
    ),
    "recipients without an assessment": (
        changed(BARE, ("[roles]", 'recipients = ["b"]\n[contracts]\nb = "c-1"\n[roles]')),
        (ERROR, "assessment-share", "assessment", "PIPL 55(1)(3)"),
    ),
    "a consent that is not separate, to share": (
        changed(CONSENT, ("[roles]", 'recipients = ["b"]\n[contracts]\nb = "c-1"\n[roles]')),
        (WARNING, "share-consent", "separate_consent", "PIPL 23"),
    ),
    "a consent that is not separate, to send abroad": (
        changed(CONSENT, ("[roles]", f"{SENT}\n[roles]")),
        (ERROR, "export-consent", "separate_consent", "PIPL 39"),
    ),
    "another country and nobody who receives there": (
        changed(("[roles]", 'locations = ["CN", "SG"]\n[roles]')),
        (ERROR, "export-unnamed", "locations", "PIPL 39"),
    ),
    "publishing without separate consent, under a contract": (
        changed(("[roles]", "published = true\n[roles]")),
        (ERROR, "publish-consent", "separate_consent", "PIPL 25"),
    ),
    "publishing without an assessment": (
        changed(BARE, ("[roles]", "published = true\nseparate_consent = true\n[roles]")),
        (ERROR, "assessment-publish", "assessment", "PIPL 55(1)(3)"),
    ),
    "images of public places without separate consent, under a contract": (
        changed(("[roles]", "public_place_images = true\n[roles]")),
        (ERROR, "public-place-consent", "separate_consent", "PIPL 26"),
    ),
    "an article that does not read": (
        changed(("PIPL 13(1)(2)", "the law")),
        (ERROR, "basis-unreadable", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article that no text has": (
        changed(("PIPL 13(1)(2)", "PIPL 13(1)(2), PIPL 99")),
        (ERROR, "basis-unknown", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article of another basis": (
        changed(("PIPL 13(1)(2)", "PIPL 13(1)(3)")),
        (ERROR, "basis-misfit", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article that could be more exact": (
        changed(("PIPL 13(1)(2)", "PIPL 13")),
        (ADVICE, "basis-imprecise", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an emergency that goes on": (
        changed((BASIS, 'lawful_basis = "emergency"\nbasis_article = "PIPL 13(1)(4)"')),
        (ADVICE, "basis-emergency", "lawful_basis", "PIPL 13(1)(4), PIPL 18(2)"),
    ),
    "a text to be written later": (
        changed(('"Credit review"', '"TODO"')),
        (ERROR, "text-placeholder", "title_en", "PIPL 17(1)(2)"),
    ),
    "a text of one letter": (
        changed(('"用于审查您的贷款申请。"', '"x"')),
        (ERROR, "text-placeholder", "explanation_zh", "PIPL 17(1)(2)"),
    ),
    "an English title where a Chinese one belongs": (
        changed(("信贷审查", "Credit review")),
        (ERROR, "text-language", "title_zh", "PIPL 17(1)"),
    ),
    "a Chinese explanation where an English one belongs": (
        changed((CARD.split('explanation_en = "')[1].partition('"')[0], "用于审查您的贷款申请。")),
        (ERROR, "text-language", "explanation_en", "PIPL 17(1)"),
    ),
    "a program that is explained in Chinese twice": (
        changed(
            AUTOMATED, ("[roles]", f'{EXPLAINED.splitlines()[0]}\nautomated_explanation_en = "由金额得出"\n[roles]')
        ),
        (ERROR, "text-language", "automated_explanation_en", "PIPL 17(1)"),
    ),
    "a reviewer whom nobody knows": (
        changed(("[roles]", f'automated = true\n{EXPLAINED}\nhuman_review = "oracle"\n[roles]')),
        (ERROR, "role-unknown", "human_review", "PIPL 51(1)(4)"),
    ),
    "nobody who may search": (changed(), (ADVICE, "look-ups-none", "look_ups_an_hour", "")),
    "roles that nobody has": (
        changed(
            (CARD[CARD.index("[roles]") : CARD.index("[retention")], "[roles]\n"), (CARD[CARD.index("[approval") :], "")
        ),
        (ERROR, "roles-missing", "roles", "PIPL 51(1)(4)"),
    ),
    "a ceiling that no floor asks for": (
        changed(("ceiling_days = 180", "ceiling_days = 9999")),
        (WARNING, "ceiling-long", "retention.file.ceiling_days", "PIPL 19"),
    ),
    "a ceiling far beyond its floor": (
        changed(("ceiling_days = 180", FLOORED.replace("3653", "9999"))),
        (WARNING, "ceiling-long", "retention.file.ceiling_days", "PIPL 19"),
    ),
    "a notice that needs a consent first": (
        changed(CONSENT, ("[roles]", "delivers_notice = true\n[roles]"), *DELIVERED),
        (ERROR, "delivers-on-consent", "lawful_basis", "PIPL 17(1)"),
    ),
    "a notice that comes with a credit amount": (
        changed(("[roles]", "delivers_notice = true\n[roles]")),
        (ERROR, "delivers-too-much", "items", "PIPL 17(1)"),
    ),
    "a statutory purpose on another basis": (
        changed(("[roles]", "statutory = true\n[roles]")),
        (ERROR, "statutory-basis", "statutory", "PIPL 13(1)(3)"),
    ),
    "a deletion that ends with the contract": (
        changed() + DELETION,
        (ERROR, "deletion-not-statutory", "lawful_basis", "PIPL 47(1)"),
    ),
    "answers that rest on a contract": (
        changed((PURPOSE, 'purpose = "rights.answer"')),
        (ERROR, "answering-not-statutory", "lawful_basis", "PIPL 50(1)"),
    ),
    "evidence that rests on a consent": (
        changed(CONSENT, (PURPOSE, 'purpose = "rights.evidence"')),
        (ERROR, "evidence-not-statutory", "lawful_basis", "PIPL 69(1), PIPL 50(1)"),
    ),
}


@pytest.mark.parametrize("what", FOUND)
def test_it_is_found_placed_and_cited(what: str) -> None:
    """One change to a card that is in order is found with its severity, its field and its article, in two languages."""
    text, expected = FOUND[what]
    remarks = linted(text)
    assert expected in {(one.severity, one.code, one.place, one.article) for one in remarks}
    worst = [one for one in remarks if one.severity is ERROR]
    assert {one.code for one in worst} == ({expected[1]} if expected[0] is ERROR else set())
    for one in remarks:
        assert all((one.why_zh, one.why_en, one.mend_zh, one.mend_en))
        assert "{" not in one.why_zh + one.why_en
        assert not one.rule or PACK.rule(one.rule).may_decide or one.severity is ADVICE


MENDED = {
    "a duty to delete": changed(DUTY) + DELETION,
    "a duty to answer": changed(DUTY, (PURPOSE, 'purpose = "rights.answer"')),
    "a duty to show": changed(DUTY, (PURPOSE, 'purpose = "rights.evidence"')),
    "separate consent": changed(SENSITIVE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")),
    "an explanation": changed(("[roles]", f"automated = true\n{EXPLAINED}\n{REVIEWED}\n[roles]")),
    "a long ceiling": changed(("ceiling_days = 180", FLOORED)),
    "a contract": changed(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]')),
    "a duty to send": changed(("[roles]", 'recipients = ["bureau"]\n[roles]'), DUTY),
    "consent to an address book": changed(*ALONE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")),
    "consent that is separate, to share": changed(
        CONSENT, ("[roles]", 'recipients = ["b"]\nseparate_consent = true\n[contracts]\nb = "c-1"\n[roles]')
    ),
    "a notice that is a duty": changed(DUTY, ("[roles]", "delivers_notice = true\n[roles]"), *DELIVERED),
    "a statutory duty": changed(("[roles]", "statutory = true\n[roles]"), DUTY),
    "nothing to mend": CARD,
}


@pytest.mark.parametrize("what", MENDED)
def test_what_was_mended_is_no_error(what: str) -> None:
    """Doing what the remark says is enough."""
    assert [one for one in linted(MENDED[what]) if one.severity is ERROR] == []


def test_a_rule_that_may_not_decide_advises_and_one_that_is_not_there_is_silent() -> None:
    """Law 5: what was not read in a text is no ground to refuse a card; another region's law is no ground at all."""
    text = FOUND["sensitive items without an assessment"][0]
    name = "CN-PIPL-55-1-1-PIASENSITIVE"
    hearsay = [replace(rule, verified=Verified.MEMORY) if rule.id == name else rule for rule in PACK.rules]
    found = linted(text, pack=assemble("cn", "1", hearsay, PACK.instruments.values()))
    assert [(one.severity, one.rule) for one in found if one.code == "assessment-sensitive"] == [(ADVICE, name)]
    assert {one.code for one in linted(text, pack=assemble("cn", "1", [], []))} == {"look-ups-none"}
    early = lint(a_card(text), PACK, {}, date(2021, 10, 31), ROLES)
    assert {one.severity for one in early} <= {ADVICE}
