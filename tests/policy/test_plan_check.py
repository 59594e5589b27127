from __future__ import annotations

from datetime import date

import msgspec
import pytest

from shouxin.operations.collecting.plan_file import read_plan
from shouxin.policy.card import read_card
from shouxin.policy.lawpack import load_pack
from shouxin.policy.lint import Severity
from shouxin.policy.plan_check import check_plan
from shouxin.policy.source import Source, read_source
from tests.plans import PLAN, SOURCE
from tests.workspaces import CARD

DAY = date(2026, 11, 22)
CARDS = {card.purpose: card for card in (read_card(CARD)[0],)}
CONSENT = """\
purpose = "face.check"
version = 1
title_zh = "人脸核验"
title_en = "Face check"
explanation_zh = "核验。"
explanation_en = "To check."
lawful_basis = "consent"
basis_article = "PIPL 13(1)(1)"
separate_consent = true
items = ["biometric.face"]
[roles]
sealed = ["collector"]
[retention.face]
items = ["biometric.face"]
ceiling_days = 30
"""
WEB = """\
source = "branch"
kind = "web"
title = "A public register"
audit_due = 2099-12-31
own = true
[web]
start = ["https://register.example/list"]
hosts = ["register.example"]
record = "tr"
key = "name"
terms = "permit"
terms_read = 2026-01-31
[web.fields]
name = "td"
"""


def _codes(text: str, source: Source | None = None, *, cards: str = "", forbidden: tuple[str, ...] = ()) -> set[str]:
    known = dict(CARDS)
    if cards:
        card = read_card(cards)[0]
        known[card.purpose] = card
    remarks = check_plan(
        read_plan(text), source or read_source(SOURCE), known, load_pack("cn"), DAY, forbidden=forbidden
    )
    return {one.code for one in remarks if one.severity is Severity.ERROR}


def test_a_whole_plan_has_nothing_to_be_said_about() -> None:
    """The plan that tests begin from is clean, so that what is said below is about what was changed."""
    assert _codes(PLAN) == set()


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ('"credit.amount"]', '"credit.amount", "identity.religion"]', "field-not-needed"),
        ('need = "To decide on applications."\n', "", "need-missing"),
        ('responsible = "dpo"\n', "", "need-missing"),
        ("volume = 1000\n", "", "volume-missing"),
        ("purge_days = 7\n", "", "purge-missing"),
        ("retention_days = 90", "retention_days = 181", "retention-too-long"),
        ('"credit.review"', '"credit.review", "marketing"', "purpose-unknown"),
        ('route = "A file each evening."', 'route = " "', "design-missing"),
        ('mode = "copy"', 'mode = "replace"', "mode-not-of-source"),
    ],
)
def test_what_a_plan_lacks_or_has_too_much_is_an_error(right: str, wrong: str, code: str) -> None:
    """Each mistake is found, by its own code."""
    assert right in PLAN
    assert _codes(PLAN.replace(right, wrong)) == {code}


def test_who_is_responsible_has_an_account() -> None:
    """Nobody answers for a plan under a name that no account has; that none is named is another mistake."""
    for text, code in ((PLAN, "responsible-unknown"), (PLAN.replace('responsible = "dpo"\n', ""), "need-missing")):
        remarks = check_plan(read_plan(text), read_source(SOURCE), CARDS, load_pack("cn"), DAY, answers=False)
        assert [(one.code, one.place, one.severity) for one in remarks] == [
            (code, "responsible", Severity.ERROR),
        ]


def test_a_source_needs_a_contract_that_runs_and_an_audit_that_is_not_overdue() -> None:
    """Without a contract, after its last day, and after the audit date; on the last days it is still good."""
    own = read_source(SOURCE)
    partner = msgspec.structs.replace(own, own=False)
    assert _codes(PLAN, partner) == {"contract-missing"}
    until = msgspec.structs.replace(partner, contract="C-17", contract_ends=DAY, audit_due=DAY)
    assert _codes(PLAN, until) == set()
    yesterday = DAY.replace(day=DAY.day - 1)
    assert _codes(PLAN, msgspec.structs.replace(until, contract_ends=yesterday)) == {"contract-missing"}
    assert _codes(PLAN, msgspec.structs.replace(until, audit_due=yesterday)) == {"audit-overdue"}


def test_sensitive_items_need_a_field_that_says_who_agreed_separately() -> None:
    """A face on consent without such a field is an error that cites PIPL 29; with one it is not."""
    plan = PLAN.replace('"credit.review"', '"credit.review", "face.check"').replace(
        '"credit.amount"]', '"credit.amount", "biometric.face"]'
    )
    plan = plan.replace("retention_days = 90", "retention_days = 30")
    assert _codes(plan, cards=CONSENT) == {"separate-consent-missing"}
    said = plan + '\n[agreed]\n"face.check" = "face_ok"\n'
    assert _codes(said, cards=CONSENT) == set()


def test_whom_a_line_names_says_yes_in_columns_of_their_own() -> None:
    """A purpose on consent for contacts needs a column of each of them; the applicant's yes is none of theirs."""
    plan = PLAN.replace('"credit.amount"]', '"credit.amount", "biometric.face"]').replace("= 90", "= 30")
    plan = plan.replace('need = "', 'contact_purposes = ["face.check"]\nneed = "')
    contact = '\n[[contacts]]\ncolumns = { "biometric.face" = "friend" }\n'
    assert _codes(plan + contact, cards=CONSENT) == {"separate-consent-missing"}
    said = contact + 'agreed = { "face.check" = "friend_ok" }\n'
    assert _codes(plan + said, cards=CONSENT) == set()
    assert _codes(plan + said + contact, cards=CONSENT) == {"separate-consent-missing"}


def test_only_the_lenders_own_database_has_its_columns_replaced() -> None:
    """A partner's table is a partner's, whatever the contract says about copies."""
    plan = PLAN.replace('mode = "copy"', 'mode = "replace"')
    sql = (
        SOURCE.replace('"file"', '"sql"') + '[sql]\ndsn = "postgresql://r@db.example/x"\ntable = "t"\norder = ["id"]\n'
    )
    assert _codes(plan, read_source(sql)) == set()
    theirs = sql.replace("own = true", 'contract = "C-1"\ncontract_ends = 2099-12-31')
    assert _codes(plan, read_source(theirs)) == {"replace-not-own"}


def test_a_crawler_needs_terms_that_permit_it_and_robots_that_do_not_forbid_it() -> None:
    """Terms that forbid or that nobody read, a robots file that forbids, a plan that hides that it is public."""
    public = PLAN.replace('mode = "copy"', 'mode = "copy"\npublic = true').replace("purge_days = 7\n", "")
    public = public.replace('"identity.id_number", ', "")
    assert _codes(public, read_source(WEB)) == set()
    assert _codes(public, read_source(WEB.replace('"permit"', '"forbid"'))) == {"terms-forbid"}
    assert _codes(public, read_source(WEB.replace("terms_read = 2026-01-31\n", ""))) == {"terms-forbid"}
    assert _codes(public, read_source(WEB), forbidden=("https://register.example/list",)) == {"robots-forbid"}
    assert "public-not-said" in _codes(PLAN, read_source(WEB))
