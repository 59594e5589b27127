"""A court's written request, answered under a card of its own: kept, provided with approval, shown to the person."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.demo.cast import card_files
from shouxin.domain.clock import local_date
from shouxin.domain.event_kind import EventKind
from shouxin.domain.paper import paper_digest
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Refused
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.approve import approve, request_access
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.person_page import enter_pass, issue_pass, person_certificate, person_seen
from shouxin.operations.retaining.holds import Demand, lift_hold, set_hold
from shouxin.operations.subjects import freeze
from shouxin.vault.certificate import check
from shouxin.vault.records import SubjectState
from tests import recorded
from tests.operations.portfolio import ID_NUMBER, JOB, NAME, Hands, Lender, lender, values_of
from tests.workspaces import adopt, audited

OFFICIAL = "official.request"
LETTER = Plaintext.of("（2026）粤0305民初123号 协助调查函")
LIFTED = Plaintext.of("（2026）粤0305民初123号 解除协助")
WANTED = {NAME, ID_NUMBER, JOB}


def official_card() -> str:
    """The card that ships with the demo, over what the portfolio keeps."""
    ((_, text),) = card_files([OFFICIAL])
    text = re.sub(r"(?m)^draws_on = .*$", 'draws_on = ["customer.file", "loan.file"]', text)
    return re.sub(r"(?m)^items = .*$", 'items = ["identity.name", "identity.id_number", "employment.job"]', text)


def provided(bank: Lender, officer: Token, number: int) -> dict[str, str]:
    """Ask for what the court wants, have it agreed to, and open it; what came out, by item."""
    wish = bank.wish(bank.people[number], purpose=OFFICIAL, items=WANTED, form="raw")
    with pytest.raises(Refused):  # nobody answers a court alone
        disclose(bank.workspace, officer, wish)
    approve(bank.workspace, bank.tokens["approver"], request_access(bank.workspace, officer, wish))
    seen = disclose(bank.workspace, officer, wish).values[bank.people[number]]
    return {str(item): value.text() for item, value in seen.items() if isinstance(value, Plaintext)}


def test_a_courts_request_is_answered_and_the_person_sees_it(tmp_path: Path) -> None:
    """Held by the paper, provided raw by the officer once another agreed, though frozen; then page and certificate."""
    bank = lender(tmp_path, Hands())
    bank.take([1, 2], customer=False)
    workspace, officer, desk, who = bank.workspace, bank.tokens["dpo"], bank.tokens["rights_desk"], bank.people[1]
    adopt(workspace, officer, official_card())
    due = local_date(workspace.clock.now()) + timedelta(days=30)
    hold = set_hold(workspace, officer, who, Demand("court", OFFICIAL, paper_digest(LETTER.reveal()), due))
    (event,) = recorded.events(workspace, EventKind.HOLD_CHANGED)
    assert (event.facts["authority"], event.facts["paper"]) == ("court", paper_digest(LETTER.reveal()).hex())

    # what the person asks to be erased meanwhile stays, by the article of the card, and says so
    operation, erasure = erase(workspace, desk, who)
    assert erasure.outcome == "retained"
    assert {part.article for part in erasure.parts} == {"PIPL 13(1)(3)"}
    assert {part.until for part in erasure.parts} == {None}

    # kept only, by law: a purpose of the lender's own is refused, the court's is not
    with pytest.raises(Refused):
        bank.masked(who)
    said = values_of(1)
    assert provided(bank, officer, 1) == {str(item): said[item].text() for item in WANTED}
    with pytest.raises(Refused):  # whom the card does not name
        request_access(workspace, bank.tokens["analyst"], bank.wish(who, purpose=OFFICIAL, items=WANTED, form="raw"))

    # the person's own page: who had it, for what, and the certificate of what stayed
    code, _ = issue_pass(workspace, desk, who)
    enter_pass(workspace, code)
    seen = person_seen(workspace, code)
    assert seen.state is SubjectState.FROZEN
    assert seen.purposes[OFFICIAL] == ("配合司法、执法和监管", "Requests of courts and authorities")
    assert seen.openings is not None
    facts = [one.event.facts for one in seen.openings]
    told = [(one["purpose"], one["role"], one.get("form", "")) for one in facts]
    assert told == [("customer.file", "analyst", ""), (OFFICIAL, "dpo", "raw")]  # looked up when they came
    document = person_certificate(workspace, code, operation)
    assert check(document, workspace.head.verifier).openings == 2
    assert document["summary"]["openings"] == {"customer.file": 1, OFFICIAL: 1}
    assert {part["article"] for part in document["parts"]} == {"PIPL 13(1)(3)"}

    # the court lets go: somebody else lifts it on its paper, the data goes, and the opening stays provable
    with pytest.raises(Refused):
        lift_hold(workspace, officer, hold, paper_digest(LIFTED.reveal()))
    lift_hold(workspace, desk, hold, paper_digest(LIFTED.reveal()))
    last, erasure = erase(workspace, desk, who)
    assert erasure.outcome == "erased"
    final = certificate(workspace, officer, last)
    assert check(final, workspace.head.verifier).openings == 2
    assert final["summary"]["openings"] == {"customer.file": 1, OFFICIAL: 1}
    assert audited(workspace).flaws == []
    for paper in (LETTER, LIFTED):
        assert not any(paper.reveal() in path.read_bytes() for path in bank.home.rglob("*") if path.is_file())


def test_without_the_card_nothing_is_provided(tmp_path: Path) -> None:
    """A court's letter is no card: what it asks for is refused until the officer has adopted one."""
    bank = lender(tmp_path, Hands())
    bank.take([1])
    wish = bank.wish(bank.people[1], purpose=OFFICIAL, items=WANTED, form="raw")
    with pytest.raises(Refused):
        disclose(bank.workspace, bank.tokens["dpo"], wish)
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    adopt(bank.workspace, bank.tokens["dpo"], official_card())
    assert provided(bank, bank.tokens["dpo"], 1).keys() == {str(item) for item in WANTED}
