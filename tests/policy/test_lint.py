"""Reviewing a card: each thing that is missing, too broad or unlawful is found, placed, cited and can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from shouxin.actors.account import ROLES
from shouxin.demo.cast import card_files
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.policy.card import Card, PurposeCode, read_card
from shouxin.policy.declared_toml import line_of
from shouxin.policy.lawpack import LawPack, assemble, load_pack
from shouxin.policy.lint import Remark, Severity, lint
from shouxin.policy.products import products
from shouxin.policy.recipient import Recipient
from shouxin.policy.rule import Verified
from tests.workspaces import CARD

DAY = date(2026, 6, 15)
PACK = load_pack("cn")
ERROR, WARNING, ADVICE = Severity.ERROR, Severity.WARNING, Severity.ADVICE
FLOORED = 'ceiling_days = 3653\nstarts = "end_of_relationship"\nfloors = ["CN-AML-34-3-IDENTITY"]'
ITEMS = '"credit.amount"]'


def _card(text: str) -> Card:
    return read_card(text)[0]


def _lint(text: str, cards: Mapping[PurposeCode, Card] | None = None, pack: LawPack = PACK) -> list[Remark]:
    return lint(_card(text), pack, cards or {}, DAY, ROLES)


def _with(*changes: tuple[str, str]) -> str:
    text = CARD
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


SENSITIVE = (ITEMS, '"credit.amount", "account.savings"]')
BASIS = 'lawful_basis = "contract"\nbasis_article = "PIPL 13(1)(2)"'
CONSENT = (BASIS, 'lawful_basis = "consent"\nbasis_article = "PIPL 13(1)(1)"')
DUTY = (BASIS, 'lawful_basis = "statutory_duty"\nbasis_article = "PIPL 13(1)(3)"')
PURPOSE = 'purpose = "credit.review"'
DELETION = """
[deletion]
levels = [{ role = "approver" }]
bulk = [{ role = "approver" }, { role = "dpo" }]
"""
# A lender under no duty of the anti-money-laundering law, so that no floor of it is looked for.
FREE: dict[str, object] = {"institution.aml_obliged": False}
BOUND: dict[str, object] = {"institution.aml_obliged": True}
ALONE = (
    (
        'items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]',
        'items = ["address_book.tokens"]',
    ),
)
BARE = ('assessment = "pia-1"', "")
AUTOMATED = ('assessment = "pia-1"', 'assessment = "pia-1"\nautomated = true\nhuman_review = "credit_officer"')
REVIEWED = 'human_review = "credit_officer"'
EXPLAINED = 'automated_explanation_zh = "由金额得出"\nautomated_explanation_en = "From the amount"'
SENT = 'locations = ["CN", "SG"]\nrecipients = ["b"]\ncontracts = { b = "c-1" }'
BOOK = (ITEMS, '"credit.amount", "address_book.tokens"]')

DELIVERED = (
    (
        'items = ["identity.name", "identity.id_number", "contact.mobile", "credit.amount"]',
        'items = ["contact.mobile"]',
    ),
)

# What is changed -> severity, code, place and article of what is found.
FOUND: dict[str, tuple[str, tuple[Severity, str, str, str]]] = {
    "a floor that the pack has not": (
        _with(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["NO-SUCH-RULE"]')),
        (ERROR, "floor-unknown", "retention.file.floors", "PIPL 19"),
    ),
    "a rule that is no floor": (
        _with(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["CN-PIPL-6-1-PURPOSE"]')),
        (ERROR, "floor-no-floor", "retention.file.floors", "PIPL 19"),
    ),
    "an archive rule that comes too late": (
        _with(("ceiling_days = 180", "ceiling_days = 180\narchive_after_days = 180")),
        (WARNING, "archive-after-ceiling", "retention.file.archive_after_days", "PIPL 19"),
    ),
    "a floor known from memory only": (
        _with(("ceiling_days = 180", 'ceiling_days = 20000\nfloors = ["CN-ACCARCH-LEDGER"]')),
        (ERROR, "floor-not-binding", "retention.file.floors", "PIPL 19"),
    ),
    "a ceiling that ends before its floor": (
        _with(("ceiling_days = 180", FLOORED.replace("3653", "3652"))),
        (ERROR, "ceiling-below-floor", "retention.file.ceiling_days", "PIPL 17(1)(2)"),
    ),
    "a ceiling that begins before its floor": (
        _with(("ceiling_days = 180", 'ceiling_days = 180\nfloors = ["CN-AML-34-3-IDENTITY"]')),
        (ADVICE, "ceiling-before-floor", "retention.file.starts", "PIPL 17(1)(2)"),
    ),
    "an item that the floor does not keep": (
        _with(("ceiling_days = 180", FLOORED)),
        (ADVICE, "floor-too-broad", "retention.file.floors", "PIPL 19"),
    ),
    "a form that nothing produces": (
        _with(("masked = [", 'aggregate = ["analyst"]\nmasked = [')),
        (ERROR, "form-not-yet", "roles.aggregate", ""),
    ),
    "an approval that nobody can ask for": (
        _with(('raw = ["analyst"]\n', "")),
        (WARNING, "approval-without-role", "approval.raw", "PIPL 51(1)(4)"),
    ),
    "sensitive items in the clear without approval": (
        _with(SENSITIVE, ('[approval.raw]\nlevels = [{ role = "approver" }, { role = "dpo" }]\n', "")),
        (ADVICE, "raw-without-approval", "roles.raw", "PIPL 51(1)(4)"),
    ),
    "a role that there is not": (
        _with(('sealed = ["collector"]', 'sealed = ["harvester"]')),
        (ERROR, "role-unknown", "roles.sealed", "PIPL 51(1)(4)"),
    ),
    "an approver that there is not": (
        _with(('{ role = "dpo" }', '{ role = "boss" }')),
        (ERROR, "role-unknown", "approval.raw.levels", "PIPL 51(1)(4)"),
    ),
    "sensitive items on a consent that is not separate": (
        _with(SENSITIVE, CONSENT),
        (ERROR, "separate-consent", "separate_consent", "PIPL 29"),
    ),
    "sensitive items without an assessment": (
        _with(SENSITIVE, BARE),
        (ERROR, "assessment-sensitive", "assessment", "PIPL 55(1)(1)"),
    ),
    "a program that decides without an assessment": (
        _with(("[roles]", f"automated = true\n{EXPLAINED}\n{REVIEWED}\n[roles]"), BARE),
        (ERROR, "assessment-automated", "assessment", "PIPL 55(1)(2)"),
    ),
    "a program that nobody explains": (
        _with(AUTOMATED),
        (ERROR, "explanation-missing", "automated_explanation_zh", "PIPL 24(1)"),
    ),
    "a program that is explained in one language": (
        _with(("[roles]", f"automated = true\n{EXPLAINED.splitlines()[0]}\n{REVIEWED}\n[roles]")),
        (ERROR, "explanation-missing", "automated_explanation_en", "PIPL 24(1)"),
    ),
    "a program that nobody may refuse": (
        _with(("[roles]", f"automated = true\n{EXPLAINED}\n[roles]")),
        (ERROR, "refusal-missing", "automated", "PIPL 24(3)"),
    ),
    "a purpose that draws on itself": (
        _with(("[roles]", 'draws_on = ["credit.review"]\n[roles]')),
        (ERROR, "draws-on-circle", "draws_on", "PIPL 6(1)"),
    ),
    "no English title": (_with(("Credit review", " ")), (ERROR, "text-missing", "title_en", "PIPL 17(1)(2)")),
    "no Chinese explanation": (
        _with(("用于审查您的贷款申请。", "")),
        (ERROR, "text-missing", "explanation_zh", "PIPL 17(1)(2)"),
    ),
    "a purpose that nobody adopted": (
        _with(("[roles]", 'draws_on = ["credit.none"]\n[roles]')),
        (ERROR, "draws-on-unknown", "draws_on", "PIPL 6(1)"),
    ),
    "a recipient without a contract": (
        _with(("[roles]", 'recipients = ["credit-bureau"]\n[roles]')),
        (ERROR, "recipient-without-contract", "recipients", "PIPL 21(1)"),
    ),
    "a contract with nobody": (
        _with(("[roles]", '[contracts]\ncredit-bureau = "c-1"\n[roles]')),
        (WARNING, "contract-without-recipient", "contracts", ""),
    ),
    "an address book as part of any loan": (
        _with(BOOK),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book as part of an online loan": (
        _with(BOOK, ("[roles]", 'products = ["mortgage", "online-loan"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book as part of another loan": (
        _with(BOOK, ("[roles]", 'products = ["mortgage"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book that a duty is said to keep for an online loan": (
        _with(BOOK, DUTY, ("[roles]", 'statutory = true\nproducts = ["online-loan"]\n[roles]')),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "an address book that a duty is said to keep, for no product that is named": (
        _with(BOOK, DUTY, ("[roles]", "statutory = true\n[roles]")),
        (ERROR, "address-book-basis", "lawful_basis", "PIPL 6(2), PIPL 16"),
    ),
    "calls that a duty is said to keep for an online loan": (
        _with(
            (ITEMS, '"credit.amount", "communication.call_log"]'),
            DUTY,
            ("[roles]", 'statutory = true\nproducts = ["online-loan"]\n[roles]'),
        ),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "a product that calls itself otherwise": (
        _with(("[roles]", 'products = ["online-cash"]\n[roles]')),
        (ERROR, "product-unknown", "products", "PIPL 6(2)"),
    ),
    "whereabouts that a contract is said to need": (
        _with((ITEMS, '"credit.amount", "location.track"]'), ("[roles]", 'products = ["mortgage"]\n[roles]')),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "a belief that a duty is said to need": (
        _with((ITEMS, '"credit.amount", "identity.religion"]'), DUTY),
        (ERROR, "item-unneeded", "items", "PIPL 6(2), PIPL 16"),
    ),
    "calls that cost the loan when they are refused": (
        _with(
            (ITEMS, '"credit.amount", "communication.call_log"]'),
            CONSENT,
            ("[roles]", "separate_consent = true\n[roles]"),
        ),
        (ERROR, "item-bundled", "items", "PIPL 16, PIPL 6(2)"),
    ),
    "recipients without an assessment": (
        _with(BARE, ("[roles]", 'recipients = ["b"]\n[contracts]\nb = "c-1"\n[roles]')),
        (ERROR, "assessment-share", "assessment", "PIPL 55(1)(3)"),
    ),
    "a consent that is not separate, to share": (
        _with(CONSENT, ("[roles]", 'recipients = ["b"]\n[contracts]\nb = "c-1"\n[roles]')),
        (WARNING, "share-consent", "separate_consent", "PIPL 23"),
    ),
    "a consent that is not separate, to send abroad": (
        _with(CONSENT, ("[roles]", f"{SENT}\n[roles]")),
        (ERROR, "export-consent", "separate_consent", "PIPL 39"),
    ),
    "another country and nobody who receives there": (
        _with(("[roles]", 'locations = ["CN", "SG"]\n[roles]')),
        (ERROR, "export-unnamed", "locations", "PIPL 39"),
    ),
    "publishing without separate consent, under a contract": (
        _with(("[roles]", "published = true\n[roles]")),
        (ERROR, "publish-consent", "separate_consent", "PIPL 25"),
    ),
    "publishing without an assessment": (
        _with(BARE, ("[roles]", "published = true\nseparate_consent = true\n[roles]")),
        (ERROR, "assessment-publish", "assessment", "PIPL 55(1)(3)"),
    ),
    "images of public places without separate consent, under a contract": (
        _with(("[roles]", "public_place_images = true\n[roles]")),
        (ERROR, "public-place-consent", "separate_consent", "PIPL 26"),
    ),
    "an article that does not read": (
        _with(("PIPL 13(1)(2)", "the law")),
        (ERROR, "basis-unreadable", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article that no text has": (
        _with(("PIPL 13(1)(2)", "PIPL 13(1)(2), PIPL 99")),
        (ERROR, "basis-unknown", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article of another basis": (
        _with(("PIPL 13(1)(2)", "PIPL 13(1)(3)")),
        (ERROR, "basis-misfit", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an article that could be more exact": (
        _with(("PIPL 13(1)(2)", "PIPL 13")),
        (ADVICE, "basis-imprecise", "basis_article", "PIPL 17(1)(2)"),
    ),
    "an emergency that goes on": (
        _with((BASIS, 'lawful_basis = "emergency"\nbasis_article = "PIPL 13(1)(4)"')),
        (ADVICE, "basis-emergency", "lawful_basis", "PIPL 13(1)(4), PIPL 18(2)"),
    ),
    "a text to be written later": (
        _with(('"Credit review"', '"TODO"')),
        (ERROR, "text-placeholder", "title_en", "PIPL 17(1)(2)"),
    ),
    "a text of one letter": (
        _with(('"用于审查您的贷款申请。"', '"x"')),
        (ERROR, "text-placeholder", "explanation_zh", "PIPL 17(1)(2)"),
    ),
    "an English title where a Chinese one belongs": (
        _with(("信贷审查", "Credit review")),
        (ERROR, "text-language", "title_zh", "PIPL 17(1)"),
    ),
    "a Chinese explanation where an English one belongs": (
        _with((CARD.split('explanation_en = "')[1].partition('"')[0], "用于审查您的贷款申请。")),
        (ERROR, "text-language", "explanation_en", "PIPL 17(1)"),
    ),
    "a program that is explained in Chinese twice": (
        _with(AUTOMATED, ("[roles]", f'{EXPLAINED.splitlines()[0]}\nautomated_explanation_en = "由金额得出"\n[roles]')),
        (ERROR, "text-language", "automated_explanation_en", "PIPL 17(1)"),
    ),
    "a reviewer whom nobody knows": (
        _with(("[roles]", f'automated = true\n{EXPLAINED}\nhuman_review = "oracle"\n[roles]')),
        (ERROR, "role-unknown", "human_review", "PIPL 51(1)(4)"),
    ),
    "nobody who may search": (_with(), (ADVICE, "look-ups-none", "look_ups_an_hour", "")),
    "roles that nobody has": (
        _with(
            (CARD[CARD.index("[roles]") : CARD.index("[retention")], "[roles]\n"), (CARD[CARD.index("[approval") :], "")
        ),
        (ERROR, "roles-missing", "roles", "PIPL 51(1)(4)"),
    ),
    "a ceiling that no floor asks for": (
        _with(("ceiling_days = 180", "ceiling_days = 9999")),
        (WARNING, "ceiling-long", "retention.file.ceiling_days", "PIPL 19"),
    ),
    "a ceiling far beyond its floor": (
        _with(("ceiling_days = 180", FLOORED.replace("3653", "9999"))),
        (WARNING, "ceiling-long", "retention.file.ceiling_days", "PIPL 19"),
    ),
    "a notice that needs a consent first": (
        _with(CONSENT, ("[roles]", "delivers_notice = true\n[roles]"), *DELIVERED),
        (ERROR, "delivers-on-consent", "lawful_basis", "PIPL 17(1)"),
    ),
    "a notice that comes with a credit amount": (
        _with(("[roles]", "delivers_notice = true\n[roles]")),
        (ERROR, "delivers-too-much", "items", "PIPL 17(1)"),
    ),
    "a statutory purpose on another basis": (
        _with(("[roles]", "statutory = true\n[roles]")),
        (ERROR, "statutory-basis", "statutory", "PIPL 13(1)(3)"),
    ),
    "a deletion that ends with the contract": (
        _with() + DELETION,
        (ERROR, "deletion-not-statutory", "lawful_basis", "PIPL 47(1)"),
    ),
    "answers that rest on a contract": (
        _with((PURPOSE, 'purpose = "rights.answer"')),
        (ERROR, "answering-not-statutory", "lawful_basis", "PIPL 50(1)"),
    ),
    "evidence that rests on a consent": (
        _with(CONSENT, (PURPOSE, 'purpose = "rights.evidence"')),
        (ERROR, "evidence-not-statutory", "lawful_basis", "PIPL 69(1), PIPL 50(1)"),
    ),
}


@pytest.mark.parametrize("what", FOUND)
def test_it_is_found_placed_and_cited(what: str) -> None:
    """One change to a card that is in order is found with its severity, its field and its article, in two languages."""
    text, expected = FOUND[what]
    remarks = _lint(text)
    assert expected in {(one.severity, one.code, one.place, one.article) for one in remarks}
    worst = [one for one in remarks if one.severity is ERROR]
    assert {one.code for one in worst} == ({expected[1]} if expected[0] is ERROR else set())
    for one in remarks:
        assert all((one.why_zh, one.why_en, one.mend_zh, one.mend_en))
        assert "{" not in one.why_zh + one.why_en
        assert not one.rule or PACK.rule(one.rule).may_decide or one.severity is ADVICE


MENDED = {
    "a duty to delete": _with(DUTY) + DELETION,
    "a duty to answer": _with(DUTY, (PURPOSE, 'purpose = "rights.answer"')),
    "a duty to show": _with(DUTY, (PURPOSE, 'purpose = "rights.evidence"')),
    "separate consent": _with(SENSITIVE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")),
    "an explanation": _with(("[roles]", f"automated = true\n{EXPLAINED}\n{REVIEWED}\n[roles]")),
    "a long ceiling": _with(("ceiling_days = 180", FLOORED)),
    "a contract": _with(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]')),
    "a duty to send": _with(("[roles]", 'recipients = ["bureau"]\n[roles]'), DUTY),
    "consent to an address book": _with(*ALONE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")),
    "consent that is separate, to share": _with(
        CONSENT, ("[roles]", 'recipients = ["b"]\nseparate_consent = true\n[contracts]\nb = "c-1"\n[roles]')
    ),
    "a notice that is a duty": _with(DUTY, ("[roles]", "delivers_notice = true\n[roles]"), *DELIVERED),
    "a statutory duty": _with(("[roles]", "statutory = true\n[roles]"), DUTY),
    "nothing to mend": CARD,
}


@pytest.mark.parametrize("what", MENDED)
def test_what_was_mended_is_no_error(what: str) -> None:
    """Doing what the remark says is enough."""
    assert [one for one in _lint(MENDED[what]) if one.severity is ERROR] == []


def test_a_card_that_reads_elsewhere_needs_what_it_reads_to_be_kept() -> None:
    """Items must be kept by the card itself or by one on which it draws; a card that only reads keeps nothing."""
    first = _card(CARD)
    text = CARD.replace('"credit.review"', '"credit.second"').replace(
        "[roles]", 'draws_on = ["credit.review"]\n[roles]'
    )
    text = text[: text.index("[retention")] + text[text.index("[approval") :]
    cards = {first.purpose: first}
    assert {one.code for one in _lint(text, cards)} == {"look-ups-none"}
    more = _lint(text.replace(ITEMS, '"credit.amount", "employment.job"]'), cards)
    assert [(one.severity, one.code, one.place) for one in more][:-1] == [(ERROR, "items-kept-nowhere", "items")]
    assert "employment.job" in more[0].why_en
    reader = _card(text)
    third = text.replace('"credit.second"', '"credit.third"').replace('["credit.review"]', '["credit.second"]')
    assert {one.code for one in _lint(third, {**cards, reader.purpose: reader})} == {
        "items-kept-nowhere",
        "look-ups-none",
    }


def test_every_kind_of_product_says_what_it_needs_and_how_firmly() -> None:
    """One has a list of the law, from memory; the others a default of ours that says so; both advise, none refuses."""
    listed = {code for code, one in products().items() if one.necessary}
    assert listed == {"online-loan"}
    for code, one in products().items():
        assert bool(one.necessary) != bool(one.usual), code
        assert ("own default, no law" in one.source) == bool(one.usual), code
        kinds = {item.partition(".")[0] for item in taxonomy().items}
        assert set(one.usual) <= {*taxonomy().items, *kinds}, code
        text = _with((ITEMS, '"credit.amount", "behaviour.tag"]'), ("[roles]", f'products = ["{code}"]\n[roles]'))
        (found,) = [one for one in _lint(text) if one.code in {"item-not-listed", "item-beyond-usual"}]
        assert found.severity is ADVICE
        assert "behaviour.tag" in found.why_en
        assert ("no law" in found.why_en) == bool(one.usual)
        assert "identity.name" not in found.why_en


def test_a_duty_reads_an_address_book_that_another_card_keeps() -> None:
    """To answer a person or an authority about a loan: it takes nothing in, so no loan hangs on it."""
    book = _card(_with(*ALONE, CONSENT, ("[roles]", "separate_consent = true\n[roles]")))
    about = 'draws_on = ["credit.review"]\nstatutory = true\nproducts = ["online-loan"]\n[roles]'
    text = _with(*ALONE, DUTY, (PURPOSE, 'purpose = "official.request"'), ("[roles]", about))
    text = text.replace('sealed = ["collector"]\n', "")
    reads = text[: text.index("[retention")] + text[text.index("[approval") :]
    assert [one for one in _lint(reads, {book.purpose: book}) if one.severity is ERROR] == []


def test_a_rule_that_may_not_decide_advises_and_one_that_is_not_there_is_silent() -> None:
    """Law 5: what was not read in a text is no ground to refuse a card; another region's law is no ground at all."""
    text = FOUND["sensitive items without an assessment"][0]
    name = "CN-PIPL-55-1-1-PIASENSITIVE"
    hearsay = [replace(rule, verified=Verified.MEMORY) if rule.id == name else rule for rule in PACK.rules]
    found = _lint(text, pack=assemble("cn", "1", hearsay, PACK.instruments.values()))
    assert [(one.severity, one.rule) for one in found if one.code == "assessment-sensitive"] == [(ADVICE, name)]
    assert {one.code for one in _lint(text, pack=assemble("cn", "1", [], []))} == {"look-ups-none"}
    early = lint(_card(text), PACK, {}, date(2021, 10, 31), ROLES)
    assert {one.severity for one in early} <= {ADVICE}


def test_the_cards_of_the_demo_have_no_errors() -> None:
    """Each can be adopted after those before it."""
    cards: dict[PurposeCode, Card] = {}
    for name, text in card_files():
        card = _card(text)
        assert [(name, one) for one in lint(card, PACK, cards, DAY, ROLES) if one.severity is ERROR] == []
        cards[card.purpose] = card
    assert len(cards) == len(card_files()) >= 10


def test_errors_come_first_and_nothing_is_said_twice() -> None:
    """The order is severity, then place."""
    found = _lint(_with(SENSITIVE, BARE, ('sealed = ["collector"]', 'sealed = ["x", "x"]\nrelayed = ["analyst"]')))
    keys = [(list(Severity).index(one.severity), one.place, one.code) for one in found]
    assert keys == sorted(keys)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("items", 9),
        ("roles.raw", 14),
        ("retention.file.ceiling_days", 19),
        ("retention.file.floors", 17),
        ("approval.raw.levels", 22),
        ("statutory", 1),
        ("roles.aggregate", 12),
    ],
)
def test_a_place_is_a_line(place: str, line: int) -> None:
    """The line of the field, or of the table in which it is missing, or the first."""
    assert line_of(CARD, place) == line


def test_recipients_are_held_against_the_register() -> None:
    """Unknown, ended, past its day, under another contract, for other items: each is an error; in order, none is."""
    text = _with(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]'))
    items = (ItemCode("identity.name"),)
    known = Recipient("bureau", "Bureau", "c-1", date(2030, 1, 1), "dpo@bureau.example", items)

    def found(register: Mapping[str, Recipient | None] | None) -> set[str]:
        remarks = lint(_card(text), PACK, {}, DAY, ROLES, register)
        return {one.code for one in remarks if one.severity is ERROR}

    assert found(None) == found({"bureau": known}) == set()
    assert found({}) == {"recipient-unregistered"}
    assert found({"bureau": None}) == {"recipient-ended"}
    assert found({"bureau": replace(known, contract_ends=date(2026, 6, 14))}) == {"recipient-ended"}
    assert found({"bureau": replace(known, contract="c-2")}) == {"recipient-other-contract"}
    assert found({"bureau": replace(known, items=(ItemCode("contact.email"),))}) == {"recipient-no-item"}


def test_what_a_version_adds_is_assessed_anew() -> None:
    """A sensitive item, a recipient, a program: under the old number a warning that names it; a new number mends it."""
    before = _card(CARD)
    wider = _with(SENSITIVE, ("version = 1", "version = 2"), ("[roles]", f"{SENT}\n[roles]"))

    def found(text: str) -> list[str]:
        adopted = {before.purpose: before}
        told = lint(_card(text), PACK, {}, DAY, ROLES, adopted=adopted)
        return [one.why_en for one in told if one.code == "assessment-same"]

    (said,) = found(wider)
    assert "account.savings, b" in said
    assert found(wider.replace("pia-1", "pia-2")) == []
    assert found(_with(("version = 1", "version = 2"), ("180", "170"))) == []


def test_whoever_sends_abroad_assesses_the_sharing_and_the_export() -> None:
    """Both points of PIPL 55(1) ask for it, and one number mends both."""
    found = _lint(_with(BARE, ("[roles]", f"{SENT}\n[roles]")))
    assert {(one.code, one.article) for one in found if one.severity is ERROR} == {
        ("assessment-share", "PIPL 55(1)(3)"),
        ("assessment-export", "PIPL 55(1)(4)"),
    }
    assert [one for one in _lint(_with(("[roles]", f"{SENT}\n[roles]"))) if one.severity is ERROR] == []


def test_who_receives_abroad_is_named_and_said_to_be_there() -> None:
    """A card that goes abroad has a recipient there by the register; a recipient there, a card that says so."""
    at_home = _with(("[roles]", 'recipients = ["bureau"]\n[contracts]\nbureau = "c-1"\n[roles]'))
    abroad = at_home.replace("recipients =", 'locations = ["CN", "SG"]\nrecipients =')
    known = Recipient("bureau", "Bureau", "c-1", date(2030, 1, 1), "x@bureau.example", (ItemCode("identity.name"),))
    there = replace(known, place="SG")

    def found(text: str, one: Recipient) -> set[str]:
        remarks = lint(_card(text), PACK, {}, DAY, ROLES, {"bureau": one})
        return {one.code for one in remarks if one.severity is ERROR}

    assert found(at_home, known) == found(abroad, there) == set()
    assert found(abroad, known) == {"export-unnamed"}
    assert found(at_home, there) == found(abroad, replace(known, place="US")) == {"recipient-abroad"}


def test_a_floor_that_applies_to_the_lender_and_that_no_card_names_is_an_error() -> None:
    """By the class of record of each item; what another card keeps under the floor may be kept here for less."""
    found = lint(_card(CARD), PACK, {}, DAY, ROLES, facts=BOUND)
    assert {(one.severity, one.code, one.place) for one in found if one.severity is ERROR} == {
        (ERROR, "floor-missing", "retention.file.floors")
    }
    assert "CN-AML-34-3-IDENTITY (AML 34(3)): contact.mobile, identity.id_number, identity.name" in found[0].why_en
    unknown = lint(_card(CARD), PACK, {}, DAY, ROLES)
    assert {one.severity for one in unknown if one.code == "floor-maybe"} == {WARNING}
    assert not [one for one in lint(_card(CARD), PACK, {}, DAY, ROLES, facts=FREE) if one.code.startswith("floor")]
    keeps = _card(_with(("credit.review", "customer.file"), ("ceiling_days = 180", FLOORED)))
    beside = lint(_card(CARD), PACK, {keeps.purpose: keeps}, DAY, ROLES, facts=BOUND)
    assert [one.code for one in beside if one.severity is ERROR] == []


def test_a_floor_that_does_not_apply_to_the_lender_keeps_nothing() -> None:
    """Whoever is not bound by that law cannot cite it."""
    found = lint(_card(_with(("ceiling_days = 180", FLOORED))), PACK, {}, DAY, ROLES, facts=FREE)
    assert [one.code for one in found if one.severity is ERROR] == ["floor-not-for-us"]
