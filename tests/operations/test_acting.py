from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from shouxin.actors.account import Token
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.event import Event
from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import OperationId, new
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import NotSignedIn, Refused
from shouxin.operations.acting import NOTHING_BEFORE, begin, row_facts, rows_of
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.correct import correct
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.staff.accounts import close_account, sign_out
from shouxin.operations.subjects import freeze, merge, release, split
from tests import recorded
from tests.operations.portfolio import JOB, Hands, Lender, card, lender
from tests.workspaces import adopt, signed_in


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and two declined applicants."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.take([3, 4], customer=False)
    return made


def story(bank: Lender) -> None:
    """Write several versions of rows of every kind."""
    workspace, tokens, one = bank.workspace, bank.tokens, bank.people[1]
    bank.film(one)
    withdraw_consent(workspace, tokens["rights_desk"], one, "interview.video")
    request = request_access(workspace, tokens["analyst"], bank.wish(one, form="raw"))
    approve(workspace, tokens["approver"], request)
    approve(workspace, tokens["dpo"], request)
    withdraw_request(workspace, tokens["analyst"], request)
    freeze(workspace, tokens["dpo"], bank.people[2])
    release(workspace, tokens["dpo"], bank.people[2])
    merge(workspace, tokens["dpo"], bank.people[3], bank.people[4])
    split(workspace, tokens["dpo"], bank.people[3])
    bank.take([2], customer=True)
    bank.masked(one, bank.people[2])
    correct(workspace, tokens["dpo"], one, {JOB: Plaintext.of("teacher")})
    adopt(workspace, tokens["dpo"], card("loan.file", 2))
    sign_out(workspace, tokens["model"])
    close_account(workspace, tokens["operator"], "model")
    erase(workspace, tokens["dpo"], bank.people[3])
    erase(workspace, tokens["dpo"], one)
    advance(workspace, tokens["operator"])


def test_two_events_about_one_row_have_nothing_in_common(bank: Lender) -> None:
    """No 64-digit value stands in two events, but for an operation's actor, a plan, a law pack and 'nobody'."""
    story(bank)
    where: dict[str, list[tuple[str, Event]]] = defaultdict(list)
    for event in recorded.events(bank.workspace):
        for name, fact in event.facts.items():
            if isinstance(fact, str) and re.fullmatch("[0-9a-f]{64}", fact) and set(fact) != {"0"}:
                where[fact].append((name, event))
    shared = {fact: found for fact, found in where.items() if len(found) > 1}
    assert {name for found in shared.values() for name, _ in found} == {"actor", "notice", "plan", "pack"}
    for found in shared.values():
        if found[0][0] == "actor":
            assert len({event.operation for _, event in found}) == 1
    vouched = [event for event in recorded.events(bank.workspace) if "row" in event.facts]
    assert len({event.facts["row"] for event in vouched} | {event.facts["was"] for event in vouched}) == 2 * len(
        vouched
    )


def test_the_institution_reads_again_which_row_an_event_is_about(bank: Lender) -> None:
    """Unveiled, each row that stands is vouched for once, each version but the first names the one before it."""
    story(bank)
    workspace = bank.workspace
    named = [found for event in recorded.events(bank.workspace) if (found := rows_of(workspace, event)) is not None]
    rows = workspace.data.read(lambda records: [row for kind in AuthorityKind for row in records.authority.find(kind)])
    vouched = [row for row, _ in named]
    assert {row.mac.hex() for row in rows} <= set(vouched)
    replaced = [was for _, was in named if was != NOTHING_BEFORE]
    assert set(replaced) <= set(vouched)
    assert len(replaced) == len(set(replaced)) > 10
    assert not set(replaced) & {row.mac.hex() for row in rows}
    assert (
        rows_of(
            workspace,
            next(event for event in recorded.events(bank.workspace) if event.kind is EventKind.DISCLOSURE_MADE),
        )
        is None
    )
    assert verify_ledger(workspace).flaws == []


def test_no_row_is_named_as_it_is(bank: Lender) -> None:
    """The MAC of no row that stands occurs anywhere in the log."""
    story(bank)
    rows = bank.workspace.data.read(
        lambda records: [row for kind in AuthorityKind for row in records.authority.find(kind)]
    )
    text = b"".join(recorded.bodies(bank.workspace)).decode()
    assert len(rows) > 20
    assert not [row.kind for row in rows if row.mac.hex() in text]


def test_an_act_names_its_actor_by_the_operation_only(bank: Lender) -> None:
    """Two acts of one operation name one actor alike; another operation of the same actor does not."""
    same = new(OperationId)
    token = bank.tokens["analyst"]

    def acts(records: object) -> tuple[str, str, str]:
        one, two, other = (begin(bank.workspace, records, token, one) for one in (same, same, None))  # type: ignore[arg-type]
        return one.commitment, two.commitment, other.commitment

    one, two, other = bank.workspace.data.read(acts)
    assert one == two != other


def test_who_acts_needs_a_sign_in_and_a_role(bank: Lender) -> None:
    """Nobody begins with a token that is none; with one, the first role that fits is returned, or it is refused."""
    work, dpo = bank.workspace.data.read, signed_in(bank.workspace, "dpo")
    with pytest.raises(NotSignedIn):
        work(lambda records: begin(bank.workspace, records, Token("sgn_none")))
    act = work(lambda records: begin(bank.workspace, records, dpo))
    assert act.need("operator", "dpo") == "dpo"
    with pytest.raises(Refused) as refusal:
        act.need("operator", "auditor")
    assert refusal.value.reasons == (("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)"),)


def test_row_facts_name_both_versions(bank: Lender) -> None:
    """A first version replaced nothing; a later one replaced the one before it."""
    one, two, *_ = bank.workspace.data.read(lambda records: records.authority.find(AuthorityKind.ACCOUNT))
    assert row_facts(one) == {"row": one.mac.hex(), "was": NOTHING_BEFORE}
    assert row_facts(one, two) == {"row": one.mac.hex(), "was": two.mac.hex()}
