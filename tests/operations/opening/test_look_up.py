from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, SubjectId, new
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, NotSignedIn, Refused
from shouxin.operations.account_for import account_for
from shouxin.operations.advance import advance
from shouxin.operations.consenting.choose import Choice, answer_notice, give_consent, serve_notice
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.look_up import look_up, standing
from shouxin.operations.staff.accounts import sign_out
from shouxin.operations.subjects import freeze, merge, release
from tests import recorded
from tests.operations.portfolio import (
    CARD_NUMBER,
    CONTACT_MOBILE,
    ID_NUMBER,
    JOB,
    MOBILE,
    NAME,
    Hands,
    Lender,
    card,
    contact_of,
    lender,
    values_of,
)
from tests.workspaces import adopt, signed_in


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers, the first with a contact, and a declined applicant."""
    made = lender(tmp_path, Hands())
    made.take([1], contact=True)
    made.take([2])
    made.take([3], customer=False)
    return made


def by_law(bank: Lender, number: int) -> Any:
    """Look applicant ``number`` up for the purpose that a law imposes."""
    wanted = values_of(number)[ID_NUMBER]
    return look_up(bank.workspace, bank.tokens["rights_desk"], "rights.answer", ID_NUMBER, wanted)


def test_hit_and_miss_are_both_on_record(bank: Lender) -> None:
    """Each look-up is one event: a hit counts one person, who can prove it, a miss none; the value is in neither."""
    before = len(recorded.events(bank.workspace, EventKind.LOOK_UP_MADE))
    assert bank.find(1) == [bank.people[1]]
    assert bank.find(9) == []
    hit, miss = recorded.events(bank.workspace, EventKind.LOOK_UP_MADE)[before:]
    assert (hit.facts["count"], hit.facts["item"], hit.facts["purpose"]) == (1, ID_NUMBER, "customer.file")
    assert (miss.facts["count"], miss.facts["members"]) == (0, "0" * 64)
    last = account_for(bank.workspace, bank.tokens["dpo"], bank.people[1])[-1]
    assert last.event.event_id == hit.event_id


def test_however_it_is_written_a_number_is_found(bank: Lender) -> None:
    """Separators, a country code and full-width digits lead to the same person; the epoch may have moved on."""
    for text in ("136 7777-0001", "+86 13677770001", "008613677770001", "１３６７７７７０００１"):
        assert bank.look_up(MOBILE, Plaintext.of(text)) == [bank.people[1]]
    advance(bank.workspace, bank.tokens["operator"])
    assert bank.find(1, MOBILE) == [bank.people[1]]


def test_what_a_purpose_does_not_hold_it_does_not_find(bank: Lender) -> None:
    """A value that is kept for another purpose leads nowhere; a purpose that draws on it finds it."""
    card_number = values_of(1)[CARD_NUMBER]
    drawn = look_up(bank.workspace, bank.tokens["rights_desk"], "rights.answer", CARD_NUMBER, card_number)
    assert drawn == [bank.people[1]]
    mobile = contact_of(1)[0].values[CONTACT_MOBILE]
    assert bank.look_up(MOBILE, mobile) == []
    assert len(bank.look_up(CONTACT_MOBILE, mobile, purpose="emergency.contact")) == 1


def test_only_a_law_finds_who_is_frozen(bank: Lender) -> None:
    """Somebody frozen, or merged into somebody frozen, is found for a statutory purpose only; a release ends that."""
    merge(bank.workspace, bank.tokens["dpo"], bank.people[3], bank.people[2])
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[2])
    for number in (2, 3):
        assert bank.find(number) == []
        assert by_law(bank, number) == [bank.people[2]]
    assert bank.find(1) == [bank.people[1]]
    release(bank.workspace, bank.tokens["dpo"], bank.people[2])
    assert bank.find(2) == bank.find(3) == [bank.people[2]]


def test_only_a_law_finds_what_a_floor_keeps(bank: Lender) -> None:
    """After an erasure, who is left under a floor is found for a statutory purpose; who went whole is found by none."""
    for number in (1, 3):
        erase(bank.workspace, bank.tokens["dpo"], bank.people[number])
        assert bank.find(number) == []
    assert by_law(bank, 1) == [bank.people[1]]
    assert by_law(bank, 3) == []


def test_a_mistyped_purpose_is_said_first(bank: Lender) -> None:
    """No card has this code: that is the first reason and the first word, then that a purpose is to be named."""
    with pytest.raises(Refused, match="no adopted card has this purpose") as refusal:
        look_up(bank.workspace, bank.tokens["analyst"], "customer.fiel", ID_NUMBER, values_of(1)[ID_NUMBER])
    assert [reason for reason, _ in refusal.value.reasons] == ["purpose-unknown", "CN-PIPL-6-1-PURPOSE"]
    assert "fiel" not in refusal.value.detail
    event = recorded.events(bank.workspace, EventKind.DISCLOSURE_REFUSED)[-1]
    assert (event.facts["rules"], event.facts["purpose"]) == (["purpose-unknown", "CN-PIPL-6-1-PURPOSE"], "none")


@pytest.mark.parametrize(
    ("role", "purpose", "item", "rule", "filed"),
    [
        ("analyst", "", ID_NUMBER, "CN-PIPL-6-1-PURPOSE", "none"),
        ("operator", "customer.file", ID_NUMBER, "CN-PIPL-51-1-4-ROLE", "customer.file"),
        ("analyst", "customer.file", CARD_NUMBER, "CN-PIPL-6-1-ITEMS", "customer.file"),
    ],
)
def test_a_refused_look_up_is_on_record(
    bank: Lender, role: str, purpose: str, item: ItemCode, rule: str, filed: str
) -> None:
    """No purpose, another role, an item that the card does not list: refused with its rule, and one event says so."""
    before = recorded.size(bank.workspace)
    with pytest.raises(Refused) as refusal:
        look_up(bank.workspace, bank.tokens[role], purpose, item, values_of(1)[item])
    assert [reason for reason, _ in refusal.value.reasons] == [rule]
    assert recorded.size(bank.workspace) == before + 1
    event = recorded.events(bank.workspace, EventKind.DISCLOSURE_REFUSED)[-1]
    assert (event.facts["rules"], event.facts["purpose"], event.facts["form"]) == ([rule], filed, "look-up")


def test_too_many_look_ups_wait_for_the_hour(bank: Lender) -> None:
    """Within an hour an account searches as often as the card says, hit or miss; the next is refused and recorded."""
    few = card("customer.file", 2).replace("look_ups_an_hour = 1000", "look_ups_an_hour = 2")
    adopt(bank.workspace, bank.tokens["dpo"], few)
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=61)
    assert (bank.find(1), bank.find(9)) == ([bank.people[1]], [])
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            bank.find(1)
        assert refusal.value.reasons[0][0] == "look-up-rate"
    assert [event.facts["rules"] for event in recorded.events(bank.workspace, EventKind.DISCLOSURE_REFUSED)] == [
        ["look-up-rate"]
    ] * 2
    other = look_up(
        bank.workspace, signed_in(bank.workspace, "analyst.2"), "customer.file", ID_NUMBER, values_of(1)[ID_NUMBER]
    )
    assert other == [bank.people[1]]
    clock.on(minutes=59)
    with pytest.raises(Refused):
        bank.find(1)
    clock.on(minutes=2)
    assert bank.find(1) == [bank.people[1]]


def test_what_is_not_indexed_is_invalid(bank: Lender) -> None:
    """A name or a job leads to nobody, nor does a value of which nothing is left; the error does not repeat it."""
    for item, text in ((NAME, "张三"), (JOB, "养蜂"), (MOBILE, "none")):
        with pytest.raises(Invalid) as refusal:
            bank.look_up(item, Plaintext.of(text))
        assert text not in str(refusal.value)


def test_nobody_looks_up_without_a_sign_in(bank: Lender) -> None:
    """A sign-in that has ended finds nobody, and nothing is recorded of what it asked."""
    sign_out(bank.workspace, bank.tokens["analyst"])
    before = recorded.size(bank.workspace)
    with pytest.raises(NotSignedIn):
        bank.find(1)
    assert recorded.size(bank.workspace) == before


def test_a_row_of_the_index_leads_only_where_its_cell_stands(bank: Lender) -> None:
    """``standing`` follows a row to its person only if the cell it was made from is there, for the purposes asked."""
    one, workspace = bank.people[1], bank.workspace
    cells = {row.purpose: row.cell for row in workspace.data.read(lambda records: records.cells.cells_of([one]))}

    def stand(*found: Any, purposes: Any = None, frozen: bool = True) -> Any:
        return workspace.data.read(lambda records: standing(workspace, records, found, purposes, frozen=frozen))

    assert stand((one, cells["loan.file"]), (one, cells["customer.file"])) == [one]
    assert stand((one, new(CellId)), (bank.people[2], cells["loan.file"])) == []
    assert stand((one, cells["loan.file"]), purposes={"customer.file"}) == []
    freeze(workspace, bank.tokens["dpo"], one)
    assert stand((one, cells["loan.file"])) == [one]
    assert stand((one, cells["loan.file"]), frozen=False) == []


def test_who_refused_took_back_or_was_not_asked_is_not_found_on_consent(bank: Lender) -> None:
    """A purpose on consent finds those only whose consent stands; the miss is on record like any other."""
    calling = (
        card("loan.file")
        .replace("loan.file", "calling")
        .replace('lawful_basis = "contract"', 'lawful_basis = "consent"\ndraws_on = ["customer.file"]')
        .replace(
            'items = ["account.card_number", "employment.job"]', 'items = ["contact.mobile"]\nlook_ups_an_hour = 99'
        )
    )
    adopt(bank.workspace, bank.tokens["dpo"], calling[: calling.index("[retention")])
    who, desk = bank.people[2], bank.tokens["rights_desk"]

    def found() -> list[SubjectId]:
        return bank.look_up(MOBILE, values_of(2)[MOBILE], purpose="calling")

    made = len(recorded.events(bank.workspace, EventKind.LOOK_UP_MADE))
    assert found() == []  # not asked
    asked = serve_notice(bank.workspace, desk, who, "calling", "zh")
    assert found() == []  # not answered
    answer_notice(bank.workspace, desk, asked.consent, agreed=False)
    assert found() == []  # refused
    give_consent(bank.workspace, desk, who, Choice("calling", "zh", agreed=True, by_person=True))
    assert found() == [who]
    withdraw_consent(bank.workspace, desk, who, "calling")
    assert found() == []
    counts = [event.facts["count"] for event in recorded.events(bank.workspace, EventKind.LOOK_UP_MADE)[made:]]
    assert counts == [0, 0, 0, 1, 0]
