"""Another law pack decides nothing until the officer adopted it; what reads, verifies or takes back goes on."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shouxin.approvals.order import Ground
from shouxin.domain.event_kind import EventKind
from shouxin.errors import Invalid, LawNotAdopted, NotInThisState, Refused, Tampered
from shouxin.operations.adopting.cards import list_cards
from shouxin.operations.adopting.change_law import adopt_law, law_impact
from shouxin.operations.consenting.choose import Choice, give_consent
from shouxin.operations.deletion.draft import Wanted, draft_order
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase, resume_erasures
from shouxin.operations.rights.answer import Said, refuse
from shouxin.operations.rights.handle import get_right
from shouxin.operations.workspace import Workspace
from shouxin.policy.lawpack import LawPack, Rule, RuleId, assemble, load_pack
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests import recorded
from tests.operations.portfolio import Lender, lender
from tests.operations.rights.counter import counter, files, handled
from tests.workspaces import audited, home_of

FLOOR = "CN-AML-34-3-IDENTITY"
FROZEN = "CN-PIPL-47-2-FROZEN"


def _pack(change: Callable[[Rule], Rule | None], version: str = "next") -> LawPack:
    shipped = load_pack("cn")
    rules = [after for rule in shipped.rules if (after := change(rule)) is not None]
    return assemble("cn", version, rules, shipped.instruments.values())


def _shorter(rule: Rule) -> Rule:
    return replace(rule, n=5) if rule.id == FLOOR else rule


def _updated(bank: Lender, pack: LawPack) -> Workspace:
    """Return the workspace as a newer program opens it."""
    bank.workspace.pack = pack
    bank.workspace.engine = type(bank.workspace.engine)(pack, [], bank.workspace.engine.day)
    bank.workspace.law_mark = b""
    return bank.workspace


def test_nothing_is_decided_under_a_pack_that_nobody_adopted(tmp_path: Path) -> None:
    """Looking at data, asking, and erasing anew are refused with what to run; adopting it makes them go on."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    bank.masked(bank.people[1])
    workspace = _updated(bank, _pack(_shorter))
    for work in (
        lambda: bank.masked(bank.people[1]),
        lambda: give_consent(
            workspace, bank.tokens["collector"], bank.people[1], Choice("interview.video", "zh", agreed=True)
        ),
        lambda: erase(workspace, bank.tokens["dpo"], bank.people[2]),
        lambda: bank.take([3]),
    ):
        with pytest.raises(LawNotAdopted, match="shouxin law impact"):
            work()
    assert adopt_law(workspace, bank.tokens["dpo"]).version == "next"
    bank.masked(bank.people[1])
    (event,) = recorded.events(workspace, EventKind.LAW_ADOPTED)
    assert event.facts["pack"] == workspace.pack.digest
    assert event.facts["replaced"] == load_pack("cn").digest


def test_a_request_is_taken_in_meanwhile_and_nobody_is_refused_by_that_pack(tmp_path: Path) -> None:
    """What somebody asks is sealed and its clocks run; a refusal, which rests on a rule, waits for the officer."""
    bank = counter(tmp_path)
    bank.take([1])
    workspace = _updated(bank, _pack(_shorter))
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1]))
    owed = get_right(workspace, bank.tokens["dpo"], right)
    assert owed.request.clocks
    assert [one.item for one in owed.request.evidence] == ["rights.statement"]
    said = Said(reasons=(FLOOR,))
    with pytest.raises(LawNotAdopted):
        refuse(workspace, bank.tokens["dpo"], right, said)
    with pytest.raises(LawNotAdopted):
        draft_order(workspace, bank.tokens["dpo"], Wanted((bank.people[1],), Ground.MET))
    adopt_law(workspace, bank.tokens["dpo"])
    assert refuse(workspace, bank.tokens["dpo"], right, said).state is RightState.REFUSED


def test_what_reads_verifies_or_takes_back_goes_on(tmp_path: Path) -> None:
    """Cards, the log, finishing erasures and a person's withdrawal do not wait for the officer."""
    bank = lender(tmp_path)
    bank.take([1])
    desk, officer = bank.tokens["collector"], bank.tokens["dpo"]
    give_consent(bank.workspace, desk, bank.people[1], Choice("interview.video", "zh", agreed=True))
    bank.film(bank.people[1])
    workspace = _updated(bank, _pack(_shorter))
    assert list_cards(workspace, officer)
    assert audited(workspace).size > 0
    assert resume_erasures(workspace, officer) == []
    assert withdraw_consent(workspace, desk, bank.people[1], "interview.video").parts


def test_the_impact_names_rules_cards_terms_and_who_is_concerned(tmp_path: Path) -> None:
    """A floor that is shorter and a deciding rule that is gone: both are shown with the cards on them."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    officer = bank.tokens["dpo"]
    same = law_impact(bank.workspace, officer)
    assert (same.waits, same.rules, same.cards) == (False, (), ())
    added = replace(load_pack("cn").rule(FROZEN), id=RuleId("CN-PIPL-47-2-MORE"), effect="", when="")

    def change(rule: Rule) -> Rule | None:
        return None if rule.id == FROZEN else _shorter(rule)

    pack = _pack(change)
    found = law_impact(_updated(bank, assemble("cn", "next", [*pack.rules, added], pack.instruments.values())), officer)
    assert {one.rule: one.fate.value for one in found.rules} == {
        FLOOR: "changed",
        FROZEN: "removed",
        "CN-PIPL-47-2-MORE": "added",
    }
    concerned = {card.purpose: card for card in found.cards}
    (floor,) = concerned["customer.file"].floors
    assert (floor.term, floor.rule, floor.cells) == ("identity", FLOOR, 2)
    assert floor.before is not None
    assert floor.after is not None
    assert (floor.before.n, floor.after.n) == (10, 5)
    assert concerned["interview.video"].deciding == (FROZEN,)
    assert concerned["interview.video"].floors == ()
    assert found.waits


def test_a_pack_without_a_floor_that_a_card_names_is_not_adopted(tmp_path: Path) -> None:
    """What is kept under the floor could not be judged: the impact flags it, and adopting is refused."""
    bank = lender(tmp_path)
    workspace = _updated(bank, _pack(lambda rule: None if rule.id == FLOOR else rule))
    assert law_impact(workspace, bank.tokens["dpo"]).missing == (FLOOR,)
    with pytest.raises(Invalid, match=FLOOR):
        adopt_law(workspace, bank.tokens["dpo"])
    with pytest.raises(LawNotAdopted):
        bank.take([1])


def test_another_word_of_the_institution_is_adopted_as_a_pack_is(tmp_path: Path) -> None:
    """Whoever edits the settings does not lift a floor: nothing is decided until the officer has adopted it."""
    bank = lender(tmp_path)
    bank.take([1])
    bank.workspace.institution = replace(bank.workspace.institution, facts={"institution.aml_obliged": False})
    workspace = _updated(bank, load_pack("cn"))
    with pytest.raises(LawNotAdopted):
        bank.masked(bank.people[1])
    found = law_impact(workspace, bank.tokens["dpo"])
    assert (found.waits, found.rules, found.facts) == (True, (), {"institution.aml_obliged": False})
    assert "floor-not-for-us" in {one.code for card in found.cards for one in card.faults}
    adopt_law(workspace, bank.tokens["dpo"])
    bank.masked(bank.people[1])
    (said,) = recorded.events(workspace, EventKind.FACTS_SAID)
    assert said.facts["said"] == hashlib.sha256(b'{"institution.aml_obliged":false}').hexdigest()
    assert said.facts["replaced"] == hashlib.sha256(b"{}").hexdigest()


def test_a_count_of_people_that_grew_is_adopted_too(tmp_path: Path) -> None:
    """A fact that counts is kept as the number that it is: 1,000,000 people are not 'true'."""
    bank = lender(tmp_path)
    bank.take([1])
    for count in (999_999, 1_000_000):
        bank.workspace.institution = replace(bank.workspace.institution, facts={"institution.persons": count})
        workspace = _updated(bank, load_pack("cn"))
        with pytest.raises(LawNotAdopted):
            bank.masked(bank.people[1])
        assert adopt_law(workspace, bank.tokens["dpo"]).facts == {"institution.persons": count}
    assert len(recorded.events(workspace, EventKind.FACTS_SAID)) == 2
    adopt = law_impact(workspace, bank.tokens["dpo"])
    assert (adopt.waits, adopt.facts_before) == (False, {"institution.persons": 1_000_000})


def test_only_the_officer_adopts_and_only_another_pack(tmp_path: Path) -> None:
    """A collector is refused, and so is adopting what is adopted."""
    bank = lender(tmp_path)
    with pytest.raises(NotInThisState):
        adopt_law(bank.workspace, bank.tokens["dpo"])
    workspace = _updated(bank, _pack(_shorter))
    with pytest.raises(Refused):
        adopt_law(workspace, bank.tokens["operator"])


def test_a_row_that_names_another_pack_by_force_is_tampered_with(tmp_path: Path) -> None:
    """Whoever writes the digest of the new pack into the row has not adopted it."""
    bank = lender(tmp_path)
    workspace = _updated(bank, _pack(_shorter))
    with closing(sqlite3.connect(home_of(tmp_path) / "data" / "data.db")) as store, store:
        (body,) = store.execute("SELECT body FROM law_packs").fetchone()
        forged = body.replace(load_pack("cn").digest.encode(), workspace.pack.digest.encode())
        assert forged != body
        store.execute("UPDATE law_packs SET body = ?", (forged,))
    with pytest.raises(Tampered):
        bank.take([1])
