"""Cards with one thing changed, as a lawyer reviews them, and what the review says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from shouxin.actors.account import ROLES
from shouxin.policy.card import Card, PurposeCode, read_card
from shouxin.policy.lawpack import LawPack, load_pack
from shouxin.policy.lint import Remark, Severity, lint
from tests.workspaces import CARD

DAY = date(2026, 6, 15)
PACK = load_pack("cn")
ERROR, WARNING, ADVICE = Severity.ERROR, Severity.WARNING, Severity.ADVICE
FLOORED = 'ceiling_days = 3653\nstarts = "end_of_relationship"\nfloors = ["CN-AML-34-3-IDENTITY"]'
ITEMS = '"credit.amount"]'


def a_card(text: str) -> Card:
    """Read a card."""
    return read_card(text)[0]


def linted(text: str, cards: Mapping[PurposeCode, Card] | None = None, pack: LawPack = PACK) -> list[Remark]:
    """Review a card, alone or beside ``cards``, under a pack."""
    return lint(a_card(text), pack, cards or {}, DAY, ROLES)


def changed(*changes: tuple[str, str]) -> str:
    """Return the card of the tests with each of ``changes`` made: what stood there, what stands there now."""
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
