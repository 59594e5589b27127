"""An order from the wish to the read-back: who may do what, what is shown, and what stops it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shouxin.approvals.order import Ground
from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import ApprovalMissing, Invalid, NotFound, NotInThisState, NotSignedIn, Refused
from shouxin.operations.account_for import account_for
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion.book import batches_of
from shouxin.operations.deletion.decide import (
    agree_order,
    cancel_order,
    confirm_order,
    file_paper,
    list_orders,
    refuse_order,
    show_order,
    submit_order,
)
from shouxin.operations.deletion.draft import Proof, Wanted, draft_order, preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.deletion.sample import recognisable_sample
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.pause import pause_deletions, resume_deletions
from shouxin.operations.staff.accounts import list_accounts
from shouxin.operations.staff.second_factor import enrol_second_factor, reset_second_factor
from tests import recorded
from tests.operations.deletion.house import COOL_MINUTES, DELETION, PAPER, House, house, no_database
from tests.operations.portfolio import ID_NUMBER, NAME, card, values_of
from tests.operations.rights.counter import CARDS
from tests.workspaces import PASSPHRASE, adopt, signed_in


def _telephone(address: str) -> TOTP:
    """Return the telephone that reads the address."""
    return TOTP(base64.b32decode(address.partition("secret=")[2].partition("&")[0]), 6, SHA1(), 30)


def _code(home: House, telephone: TOTP) -> str:
    return telephone.generate(home.clock.now() // 1000).decode()


def test_a_person_is_deleted_by_those_who_may_and_nobody_else(tmp_path: Path) -> None:
    """The desk drafts with proof of who asks, an approver agrees, it cools off, it is done and certified."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    who, tokens, workspace = home.bank.people[1], home.bank.tokens, home.bank.workspace
    with pytest.raises(Refused, match="order"):
        erase(workspace, tokens["dpo"], who)
    order_id = home.drafted(home.wanted(who, ground=Ground.ASKED))
    preview = show_order(workspace, tokens["approver"], order_id).order.preview
    assert preview is not None
    assert set(preview.erased) == {
        *("account.card_number", "contact.mobile", "employment.job", "identity.id_number", "identity.name")
    }
    assert not preview.retained
    submit_order(workspace, tokens["rights_desk"], order_id)
    for wrong in ("rights_desk", "analyst", "dpo"):
        with pytest.raises(Refused):
            agree_order(workspace, tokens[wrong], order_id)
    after = agree_order(workspace, tokens["approver"], order_id)
    assert after.state is OrderState.COOLING
    with pytest.raises(NotInThisState, match="cools off"):
        home.executed(order_id)
    assert not home.bank.is_gone(who)
    home.clock.on(minutes=COOL_MINUTES)
    assert home.executed(order_id).state is OrderState.DONE
    assert home.bank.is_gone(who)
    assert not home.bank.is_gone(home.bank.people[2])
    (booked,) = workspace.data.read(lambda records: batches_of(workspace, records, order_id))
    assert (booked.batch.erased, booked.batch.retained, booked.batch.nothing) == (1, 0, 0)
    document = certificate(workspace, tokens["rights_desk"], OperationId(booked.batch.operations[0]))
    assert document["outcome"] == "erased"
    assert verify_ledger(workspace).flaws == []


@pytest.mark.parametrize(
    ("ground", "proof"),
    [(Ground.ASKED, None), (Ground.MET, Proof("in-person", PAPER)), (Ground.ASKED, Proof("a-feeling", PAPER))],
)
def test_who_asks_is_proved_and_where_nobody_asks_nothing_is(
    tmp_path: Path, ground: Ground, proof: Proof | None
) -> None:
    """A request without proof is no order; a proof where the lender itself deletes is a mistake."""
    home = house(tmp_path)
    home.bank.take([1])
    with pytest.raises(Invalid):
        draft_order(home.bank.workspace, home.desk, home.wanted(home.bank.people[1], ground=ground), proof)
    assert list_orders(home.bank.workspace, home.bank.tokens["dpo"]) == []


LETTER = Plaintext.of("鹿鸣：准予删除")


def _shown(home: House, under: SubjectId) -> list[str]:
    """What lies sealed under a key of its own, opened as the rights desk may."""
    item = ItemCode("rights.evidence")
    wish = home.bank.wish(under, purpose="rights.evidence", items={item}, form="raw")
    values = disclose(home.bank.workspace, home.desk, wish).values
    return [value.text() for of in values.values() for value in of.values() if isinstance(value, Plaintext)]


def test_the_paper_of_whoever_asks_is_sealed_and_outlives_their_key(tmp_path: Path) -> None:
    """Kept under a key of its own: the person is erased whole, the certificate names it, the desk can show it."""
    home = house(tmp_path)
    adopt(home.bank.workspace, home.bank.tokens["dpo"], CARDS[1])
    home.bank.take([1], customer=False)
    workspace, desk, who = home.bank.workspace, home.desk, home.bank.people[1]
    wanted = home.wanted(who, ground=Ground.ASKED)
    with pytest.raises(Invalid):
        draft_order(workspace, desk, wanted, Proof.of("in-person", Plaintext(b"")))
    order_id = draft_order(workspace, desk, wanted, Proof.of("in-person", LETTER))
    preview_order(workspace, desk, order_id)
    submit_order(workspace, desk, order_id)
    agree_order(workspace, home.bank.tokens["approver"], order_id)
    home.clock.on(minutes=COOL_MINUTES)
    identity = home.executed(order_id).identity
    assert identity is not None
    assert home.bank.is_gone(who)
    (operation,) = progress_of(workspace, home.bank.tokens["dpo"], order_id).operations
    kept = certificate(workspace, home.bank.tokens["dpo"], operation)["evidence_retained"]
    digest = hashlib.sha256(LETTER.reveal()).hexdigest()
    assert ("identity-check", "rights.evidence", digest) in {(one["what"], one["card"], one["sha256"]) for one in kept}
    assert _shown(home, SubjectId(identity.under)) == [LETTER.text()]
    assert verify_ledger(workspace).flaws == []


def test_a_ground_that_asks_for_a_filing_waits_for_its_paper(tmp_path: Path) -> None:
    """Without the paper it is not put before anybody; with it, it is."""
    home = house(tmp_path)
    home.bank.take([1])
    workspace, desk = home.bank.workspace, home.bank.tokens["rights_desk"]
    order_id = home.drafted(home.wanted(home.bank.people[1], ground=Ground.UNLAWFUL))
    with pytest.raises(ApprovalMissing):
        submit_order(workspace, desk, order_id)
    with pytest.raises(Invalid):
        file_paper(workspace, desk, order_id, "supervisor", LETTER)  # no card says how evidence is kept
    adopt(workspace, home.bank.tokens["dpo"], CARDS[1])
    for authority, paper in (("neighbour", LETTER), ("dispute", LETTER), ("court", Plaintext(b""))):
        with pytest.raises(Invalid):
            file_paper(workspace, desk, order_id, authority, paper)
    (filed,) = file_paper(workspace, desk, order_id, "supervisor", LETTER).filings
    assert filed.paper == hashlib.sha256(LETTER.reveal()).digest()
    assert not any(LETTER.reveal() in path.read_bytes() for path in home.bank.home.rglob("*") if path.is_file())
    assert _shown(home, SubjectId(filed.under)) == [LETTER.text()]
    assert submit_order(workspace, desk, order_id).state is OrderState.APPROVING


def test_a_bulk_needs_two_approvers_an_officer_a_fresh_code_and_the_number(tmp_path: Path) -> None:
    """Every one of these missing stops it; a code counts once, and only from a telephone enrolled before."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    telephone = _telephone(enrol_second_factor(workspace, tokens["rights_desk"], PASSPHRASE))
    home.clock.on(minutes=1)
    order_id = home.drafted(home.wanted(*home.bank.people.values()))
    submit_order(workspace, tokens["rights_desk"], order_id)
    agree_order(workspace, tokens["approver"], order_id)
    with pytest.raises(Refused):
        agree_order(workspace, tokens["approver"], order_id)
    agree_order(workspace, tokens["approver.2"], order_id)
    assert agree_order(workspace, tokens["dpo"], order_id).state is OrderState.CONFIRMING
    assert len(show_order(workspace, tokens["dpo"], order_id).sample) == 3
    with pytest.raises(NotInThisState):
        home.executed(order_id)
    late = _telephone(enrol_second_factor(workspace, tokens["dpo"], PASSPHRASE))
    with pytest.raises(Refused, match="sample"):
        confirm_order(workspace, tokens["rights_desk"], order_id, 3, _code(home, telephone))
    for name in ("rights_desk", "dpo", "dpo.2"):
        recognisable_sample(workspace, tokens[name], order_id)
    for token, number, code in (
        (tokens["rights_desk"], 2, _code(home, telephone)),
        (tokens["rights_desk"], 3, "000000"),
        (tokens["dpo"], 3, _code(home, late)),
        (tokens["dpo.2"], 3, "123456"),
        (tokens["analyst"], 3, _code(home, telephone)),
    ):
        with pytest.raises((Refused, Invalid)):
            confirm_order(workspace, token, order_id, number, code)
    code = _code(home, telephone)
    assert confirm_order(workspace, tokens["rights_desk"], order_id, 3, code).state is OrderState.COOLING
    home.clock.on(minutes=121)
    assert home.executed(order_id).state is OrderState.DONE
    assert all(home.bank.is_gone(who) for who in home.bank.people.values())
    assert verify_ledger(workspace).flaws == []


def test_a_code_counts_once(tmp_path: Path) -> None:
    """Two bulks on one code: the second is refused."""
    home = house(tmp_path)
    home.bank.take(range(1, 7), customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    telephone = _telephone(enrol_second_factor(workspace, tokens["rights_desk"], PASSPHRASE))
    home.clock.on(minutes=1)
    orders = []
    for people in ((1, 2, 3), (4, 5, 6)):
        order_id = home.drafted(home.wanted(*(home.bank.people[one] for one in people)))
        submit_order(workspace, tokens["rights_desk"], order_id)
        for name in ("approver", "approver.2", "dpo"):
            agree_order(workspace, tokens[name], order_id)
        recognisable_sample(workspace, tokens["rights_desk"], order_id)
        orders.append(order_id)
    code = _code(home, telephone)
    confirm_order(workspace, tokens["rights_desk"], orders[0], 3, code)
    with pytest.raises(Refused, match="used"):
        confirm_order(workspace, tokens["rights_desk"], orders[1], 3, code)
    home.clock.on(minutes=1)
    confirm_order(workspace, tokens["rights_desk"], orders[1], 3, _code(home, telephone))


def test_a_telephone_is_enrolled_with_the_passphrase_and_reset_by_somebody_else(tmp_path: Path) -> None:
    """A borrowed screen cannot enrol one; an operator resets another's, never their own."""
    home = house(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    with pytest.raises(NotSignedIn):
        enrol_second_factor(workspace, tokens["dpo"], "another passphrase")
    enrol_second_factor(workspace, tokens["operator"], PASSPHRASE)
    with pytest.raises(Refused):
        enrol_second_factor(workspace, tokens["operator"], PASSPHRASE)

    ids = {account.name: name for name, account in list_accounts(workspace, tokens["operator"])}
    with pytest.raises(Refused):
        reset_second_factor(workspace, tokens["operator"], ids["operator"])
    enrol_second_factor(workspace, tokens["dpo"], PASSPHRASE)
    reset_second_factor(workspace, tokens["operator"], ids["dpo"])
    with pytest.raises(NotFound):
        reset_second_factor(workspace, tokens["operator"], ids["dpo"])
    enrol_second_factor(workspace, tokens["dpo"], PASSPHRASE)


@pytest.mark.parametrize("stage", ["drafted", "submitted", "agreed"])
def test_an_order_is_cancelled_before_the_point_of_no_return(tmp_path: Path, stage: str) -> None:
    """At every step before it, by those concerned; afterwards nothing of it can be done."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    order_id = home.drafted(home.wanted(who))
    if stage != "drafted":
        submit_order(workspace, tokens["rights_desk"], order_id)
    if stage == "agreed":
        agree_order(workspace, tokens["approver"], order_id)
        home.clock.on(minutes=COOL_MINUTES)
    with pytest.raises(Refused):
        cancel_order(workspace, tokens["analyst"], order_id)
    assert cancel_order(workspace, tokens["dpo"], order_id).state is OrderState.CANCELLED
    with pytest.raises(NotInThisState):
        home.executed(order_id)
    assert not home.bank.is_gone(who)


def test_what_is_done_or_refused_or_late_goes_no_further(tmp_path: Path) -> None:
    """A refusal ends it; so does time; what is done cannot be cancelled."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    refused = home.drafted(home.wanted(home.bank.people[1]))
    submit_order(workspace, tokens["rights_desk"], refused)
    assert refuse_order(workspace, tokens["approver"], refused).state is OrderState.REFUSED
    late = home.drafted(home.wanted(home.bank.people[2]))
    submit_order(workspace, tokens["rights_desk"], late)
    done = home.cooled(home.wanted(home.bank.people[3]))
    home.executed(done)
    with pytest.raises(NotInThisState):
        cancel_order(workspace, tokens["dpo"], done)
    home.clock.on(days=3)
    workspace = home.bank.reopened(home.clock).workspace
    approver = signed_in(workspace, "approver")
    assert show_order(workspace, approver, late).order.state is OrderState.EXPIRED
    with pytest.raises(NotInThisState, match="expired"):
        agree_order(workspace, approver, late)


def test_all_deletion_pauses_and_goes_on(tmp_path: Path) -> None:
    """While paused nothing is carried out; only an officer who did not pull it lets go."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    order_id = home.cooled(home.wanted(who))
    with pytest.raises(Refused):
        pause_deletions(workspace, tokens["analyst"])
    pause_deletions(workspace, tokens["dpo"])
    pause_deletions(workspace, tokens["auditor"])
    with pytest.raises(NotInThisState, match="paused"):
        home.executed(order_id)
    assert not home.bank.is_gone(who)
    for wrong in ("dpo", "rights_desk"):
        with pytest.raises(Refused):
            resume_deletions(workspace, tokens[wrong])
    resume_deletions(workspace, tokens["dpo.2"])
    with pytest.raises(NotInThisState):
        resume_deletions(workspace, tokens["dpo.2"])
    assert home.executed(order_id).state is OrderState.DONE
    assert home.bank.is_gone(who)
    assert verify_ledger(workspace).flaws == []


def test_an_order_is_seen_by_those_concerned(tmp_path: Path) -> None:
    """An analyst sees none, not even that there is one; the approver sees what waits for them."""
    home = house(tmp_path)
    home.bank.take([1])
    order_id = home.drafted(home.wanted(home.bank.people[1]))
    workspace, tokens = home.bank.workspace, home.bank.tokens
    assert list_orders(workspace, tokens["analyst"]) == []
    with pytest.raises(NotFound):
        show_order(workspace, tokens["analyst"], order_id)
    submit_order(workspace, tokens["rights_desk"], order_id)
    (boxed,) = list_orders(workspace, tokens["approver"])
    assert (boxed.order_id, boxed.asked) == (order_id, "approver")
    with pytest.raises(NotInThisState):
        preview_order(workspace, tokens["rights_desk"], order_id)


def test_an_order_is_about_known_people_each_once(tmp_path: Path) -> None:
    """Nobody, somebody twice, and somebody who is gone are refused."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    who, workspace, desk = home.bank.people[1], home.bank.workspace, home.bank.tokens["rights_desk"]
    for wrong in ((), (who, who)):
        with pytest.raises(Invalid):
            draft_order(workspace, desk, Wanted(wrong, Ground.MET))
    with pytest.raises(Refused):
        draft_order(workspace, home.bank.tokens["analyst"], Wanted((who,), Ground.MET))
    home.executed(home.cooled(home.wanted(who)))
    with pytest.raises(NotFound):
        draft_order(workspace, desk, Wanted((who,), Ground.MET))


def test_five_wrong_codes_shut_the_telephone_and_each_is_on_record(tmp_path: Path) -> None:
    """Guessing is counted; even the right code is refused for a quarter of an hour."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    telephone = _telephone(enrol_second_factor(workspace, tokens["rights_desk"], PASSPHRASE))
    home.clock.on(minutes=1)
    order_id = home.drafted(home.wanted(*home.bank.people.values()))
    submit_order(workspace, tokens["rights_desk"], order_id)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(workspace, tokens[name], order_id)
    recognisable_sample(workspace, tokens["rights_desk"], order_id)
    size = recorded.size(workspace)
    for _ in range(5):
        with pytest.raises(Refused, match="wrong"):
            confirm_order(workspace, tokens["rights_desk"], order_id, 3, "12345x")
    assert recorded.size(workspace) == size + 5
    with pytest.raises(Refused, match="too many"):
        confirm_order(workspace, tokens["rights_desk"], order_id, 3, _code(home, telephone))
    home.clock.on(minutes=16)
    confirm_order(workspace, tokens["rights_desk"], order_id, 3, _code(home, telephone))


def test_a_yes_is_not_for_ever_and_not_for_other_rules(tmp_path: Path) -> None:
    """Thirty days after cooling off it is drafted anew; so it is when the card changed before somebody agreed."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    waiting = home.drafted(home.wanted(home.bank.people[2]))
    old = home.agreed(home.wanted(home.bank.people[1]))
    adopt(workspace, tokens["dpo"], DELETION.replace("version = 1", "version = 2"))
    with pytest.raises(NotInThisState, match="card changed"):
        submit_order(workspace, tokens["rights_desk"], waiting)
    home.clock.on(days=31)
    workspace = home.bank.reopened(home.clock).workspace
    with pytest.raises(NotInThisState, match="30 days"):
        execute_order(workspace, signed_in(workspace, "rights_desk"), old, no_database)
    officer = signed_in(workspace, "dpo")
    assert show_order(workspace, officer, old).order.state is OrderState.EXPIRED
    assert old not in [one.order_id for one in list_orders(workspace, officer)]


def test_whoever_confirms_recognises_whom_it_deletes(tmp_path: Path) -> None:
    """The number, and masked names and numbers of a few: a disclosure on record, to nobody who sees no orders."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    order_id = home.drafted(home.wanted(*home.bank.people.values()))
    count, sample = recognisable_sample(workspace, tokens["rights_desk"], order_id)
    assert (count, set(sample)) == (3, set(home.bank.people.values()))
    for number, who in home.bank.people.items():
        told, real = sample[who], values_of(number)
        assert set(told) == {NAME, ID_NUMBER}
        assert told[ID_NUMBER] != real[ID_NUMBER].text()
        assert told[ID_NUMBER][-1] == real[ID_NUMBER].text()[-1]
        forms = [one.event.facts.get("form") for one in account_for(workspace, tokens["dpo"], who)]
        assert forms.count("masked") == 1
    with pytest.raises(NotFound):
        recognisable_sample(workspace, tokens["analyst"], order_id)


def test_whoever_is_shown_nobody_confirms_nothing(tmp_path: Path) -> None:
    """A sample of before the last yes, another's, and one that was refused do not count; each account looks once."""
    home = house(tmp_path)
    home.bank.take([1, 2, 3], customer=False)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    telephone = _telephone(enrol_second_factor(workspace, tokens["dpo.2"], PASSPHRASE))
    home.clock.on(minutes=1)
    order_id = home.drafted(home.wanted(*home.bank.people.values()))
    recognisable_sample(workspace, tokens["dpo.2"], order_id)
    submit_order(workspace, tokens["rights_desk"], order_id)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(workspace, tokens[name], order_id)
    recognisable_sample(workspace, tokens["rights_desk"], order_id)
    blind = card("rights.answer", 2).replace('masked = ["rights_desk", "dpo"]', 'masked = ["rights_desk"]')
    adopt(workspace, tokens["dpo"], blind)
    with pytest.raises(Refused):
        recognisable_sample(workspace, tokens["dpo.2"], order_id)
    with pytest.raises(Refused, match="sample"):
        confirm_order(workspace, tokens["dpo.2"], order_id, 3, _code(home, telephone))
    assert show_order(workspace, tokens["dpo"], order_id).order.state is OrderState.CONFIRMING
    adopt(workspace, tokens["dpo"], card("rights.answer", 3))
    for _ in range(2):
        recognisable_sample(workspace, tokens["dpo.2"], order_id)
    assert len(show_order(workspace, tokens["dpo"], order_id).order.shown) == 2
    assert confirm_order(workspace, tokens["dpo.2"], order_id, 3, _code(home, telephone)).state is OrderState.COOLING
    changes = [one.facts["change"] for one in recorded.events(workspace, EventKind.ORDER_CHANGED)]
    assert changes.count("sample-shown") == 2
    assert verify_ledger(workspace).flaws == []


def test_without_a_card_of_evidence_it_stands_under_the_card_of_the_order(tmp_path: Path) -> None:
    """A certificate names no card that nobody adopted; once one is, everything that answers for it is kept there."""
    home = house(tmp_path)
    home.bank.take([1, 2], customer=False)
    workspace, officer = home.bank.workspace, home.bank.tokens["dpo"]
    cards = []
    for number in (1, 2):
        order_id = home.cooled(home.wanted(home.bank.people[number], ground=Ground.ASKED))
        home.executed(order_id)
        (operation,) = progress_of(workspace, officer, order_id).operations
        kept = certificate(workspace, officer, operation)["evidence_retained"]
        assert [one["what"] for one in kept] == ["request", "identity-check", "approvals"]
        cards.append({one["card"] for one in kept})
        if number == 1:
            adopt(workspace, officer, CARDS[1])
    assert cards == [{"data.deletion"}, {"rights.evidence"}]


def test_where_nobody_asked_no_request_is_kept(tmp_path: Path) -> None:
    """A purpose that is met needs nobody to ask: a certificate does not name a request that there never was."""
    home = house(tmp_path)
    home.bank.take([1], customer=False)
    order_id = home.cooled(home.wanted(home.bank.people[1]))
    home.executed(order_id)
    (operation,) = progress_of(home.bank.workspace, home.bank.tokens["dpo"], order_id).operations
    kept = certificate(home.bank.workspace, home.bank.tokens["dpo"], operation)["evidence_retained"]
    assert [one["what"] for one in kept] == ["approvals"]
