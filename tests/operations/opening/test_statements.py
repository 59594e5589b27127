"""What one person states about another: open when the other one was told, closed while they are frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Refused
from shouxin.operations.account_for import account_for
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person
from shouxin.operations.collecting.plan_file import IntakeBuilder, read_plan
from shouxin.operations.consenting.choose import Choice, answer_notice, serve_notice
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.permit import Wish
from shouxin.operations.subjects import freeze, merge, release
from tests import recorded
from tests.operations.portfolio import CONTACT_MOBILE, PLAN, RELATION, Lender, card, contact_of, told, values_of
from tests.workspaces import adopt


def link_wish(bank: Lender) -> Wish:
    """Return a wish for what applicant 5 states about their contact."""
    return bank.wish(bank.people[5], purpose="emergency.link", items={RELATION})


def named(bank: Lender) -> tuple[SubjectId, Wish]:
    """Collect applicant 5, who names a contact; return the contact and a wish for the statement."""
    bank.take([5], contact=True)
    (contact,) = bank.find_contact(5)
    return contact, link_wish(bank)


def test_a_statement_names_whom_it_is_about(bank: Lender) -> None:
    """The event of a statement counts two people and both can prove it; without the statement it counts one."""
    contact, wish = named(bank)
    before = len(account_for(bank.workspace, bank.tokens["dpo"], contact))
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert set(seen.statements) == {(bank.people[5], contact)}
    assert recorded.events(bank.workspace, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 2
    for who in (bank.people[5], contact):
        assert account_for(bank.workspace, bank.tokens["dpo"], who)[-1].leaf == seen.leaf
    assert disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[5])).statements == {}
    assert recorded.events(bank.workspace, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 1
    assert len(account_for(bank.workspace, bank.tokens["dpo"], contact)) == before + 1


def test_a_statement_is_closed_while_whom_it_is_about_is_frozen(bank: Lender) -> None:
    """While the contact is frozen nobody uses what is stated about them, and the event does not name them."""
    contact, wish = named(bank)
    freeze(bank.workspace, bank.tokens["dpo"], contact)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    assert recorded.events(bank.workspace, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 1
    release(bank.workspace, bank.tokens["dpo"], contact)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    bank.take([6], customer=False)
    merge(bank.workspace, bank.tokens["dpo"], contact, bank.people[6])
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[6])
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}


def test_a_law_opens_a_statement_about_somebody_frozen(bank: Lender) -> None:
    """A purpose that a law imposes opens the statement also while the contact is frozen, and names them."""
    contact, wish = named(bank)
    text = card("rights.answer", 2)
    text = text.replace('draws_on = ["customer.file",', 'draws_on = ["emergency.link", "customer.file",')
    text = text.replace('items = ["identity.name",', 'items = ["emergency.relation", "identity.name",')
    adopt(bank.workspace, bank.tokens["dpo"], text)
    freeze(bank.workspace, bank.tokens["dpo"], contact)
    wish = bank.wish(bank.people[5], purpose="rights.answer", items={RELATION})
    seen = disclose(bank.workspace, bank.tokens["rights_desk"], wish)
    assert set(seen.statements) == {(bank.people[5], contact)}
    assert recorded.events(bank.workspace, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 2


def _named(bank: Lender, number: int, *choices: Choice) -> SubjectId:
    """Collect applicant ``number`` with a contact who was told and chose ``choices``; return the contact."""
    person, joining = contact_of(number)
    record = Intake(
        1, Person(values_of(number), told("emergency.link")), ((replace(person, choices=choices), joining),)
    )
    collect(bank.workspace, bank.tokens["collector"], PLAN, [record], place=source_digest("core", bytes([number])))
    (bank.people[number],) = bank.find(number)
    (row,) = bank.workspace.data.read(
        lambda records: [one for one in records.cells.cells_of([bank.people[number]]) if one.other is not None]
    )
    assert row.other is not None
    return row.other


def test_a_statement_is_closed_until_whom_it_is_about_was_told(bank: Lender) -> None:
    """Who named whom opens once the named person had the notice of that purpose (PIPL 17), and not before."""
    contact = _named(bank, 8, Choice("emergency.contact", "zh", agreed=True))
    wish = bank.wish(bank.people[8], purpose="emergency.link", items={RELATION})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    serve_notice(bank.workspace, bank.tokens["rights_desk"], contact, "emergency.link", "zh")
    assert set(disclose(bank.workspace, bank.tokens["analyst"], wish).statements) == {(bank.people[8], contact)}


def test_a_statement_on_consent_is_closed_until_whom_it_is_about_agreed(bank: Lender) -> None:
    """Told is not agreed: with consent as the basis of the link, a yes opens it and a withdrawal closes it."""
    on_consent = card("emergency.link", 2).replace('lawful_basis = "contract"', 'lawful_basis = "consent"')
    adopt(bank.workspace, bank.tokens["dpo"], on_consent)
    desk = bank.tokens["rights_desk"]
    told_only = (Choice("emergency.contact", "zh", agreed=True), Choice("emergency.link", "zh", agreed=False))
    contact = _named(bank, 8, *told_only)
    wish = bank.wish(bank.people[8], purpose="emergency.link", items={RELATION})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    asked = serve_notice(bank.workspace, desk, contact, "emergency.link", "zh")
    answer_notice(bank.workspace, desk, asked.consent, agreed=True)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements


DELIVERY = """\
lawful_basis = "statutory_duty"
delivers_notice = true
items = ["emergency.mobile"]
look_ups_an_hour = 1000
[roles]
masked = ["analyst"]
sealed = ["collector"]
[retention.number]
items = ["emergency.mobile"]
ceiling_days = 30
"""


UNTOLD = """\
source = "core"
purposes = ["customer.file", "loan.file"]
contact_purposes = ["tell.contacts"]
[[contacts]]
columns = { "emergency.mobile" = "friend" }
told = "friend_told"
"""


def test_before_the_notice_a_number_serves_to_deliver_it_and_for_nothing_else(bank: Lender) -> None:
    """Kept by a plan that delivers notices, of a contact nobody told: for no other purpose open, nor found by it."""
    head = card("loan.file").split("lawful_basis")[0].replace("loan.file", "tell.contacts")
    adopt(bank.workspace, bank.tokens["dpo"], head + DELIVERY)
    basis = 'lawful_basis = "contract"\ndraws_on = ["tell.contacts"]'
    wide = card("emergency.contact", 2).replace('lawful_basis = "consent"', basis)
    adopt(bank.workspace, bank.tokens["dpo"], wide)
    person, _ = contact_of(8)
    plan = read_plan(UNTOLD)
    line = {item: value.text() for item, value in values_of(8).items()}
    line |= {"friend": person.values[CONTACT_MOBILE].text(), "friend_told": "no"}
    record = IntakeBuilder(plan, bank.workspace.tagger, date(2026, 1, 1))(1, line)
    place = source_digest("core", b"8")
    done = collect(bank.workspace, bank.tokens["collector"], plan.plan(), [record], place=place)
    assert (done.subjects, done.aside) == (2, [])

    def found(purpose: str) -> list[SubjectId]:
        return bank.look_up(CONTACT_MOBILE, person.values[CONTACT_MOBILE], purpose=purpose)

    (contact,) = found("tell.contacts")
    assert found("emergency.contact") == []
    assert recorded.events(bank.workspace, EventKind.LOOK_UP_MADE)[-1].facts["count"] == 0

    def shown(purpose: str) -> bool:
        wish = bank.wish(contact, purpose=purpose, items={CONTACT_MOBILE})
        return bool(disclose(bank.workspace, bank.tokens["analyst"], wish).values.get(contact))

    assert shown("tell.contacts")
    with pytest.raises(Refused) as refusal:
        shown("emergency.contact")
    assert "PIPL 17(1)" in {article for _, article in refusal.value.reasons}
    serve_notice(bank.workspace, bank.tokens["rights_desk"], contact, "emergency.contact", "zh", channel="sms")
    assert found("emergency.contact") == [contact]
    assert shown("emergency.contact")
