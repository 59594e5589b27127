"""A person's request to be erased becomes an order; what became of it answers the request."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from shouxin.approvals.order_transitions import OrderState
from shouxin.domain.identifiers import OrderId
from shouxin.errors import Invalid, NotInThisState
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion import execute
from shouxin.operations.deletion.decide import (
    agree_order,
    cancel_order,
    confirm_order,
    list_orders,
    refuse_order,
    show_order,
    submit_order,
)
from shouxin.operations.deletion.draft import preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.for_right import draft_for_right
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.deletion.sample import recognisable_sample
from shouxin.operations.erasing.erase import erase
from shouxin.operations.rights import handle
from shouxin.operations.rights.answer import Said, fulfil, refuse
from shouxin.operations.rights.handle import get_right, identify_filer, withdraw_right
from shouxin.operations.subjects import merge
from shouxin.rights.kinds import Assurance, RightKind
from shouxin.rights.transitions import RightState
from tests import workspaces
from tests.operations.deletion.house import COOL_MINUTES, DELETION, NO_RETURN, House, no_database
from tests.operations.portfolio import Hands
from tests.operations.rights.counter import SHOWN, counter, files, handled
from tests.workspaces import audited

WHY = Said(reasons=("CN-PIPL-47-2-FROZEN",))


def _counter(tmp_path: Path) -> House:
    clock = Hands()
    bank = counter(tmp_path, clock)
    bank.take([1, 2])
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(bank.workspace, bank.tokens["dpo"], text)
    return House(bank, clock)


def test_what_became_of_the_order_answers_the_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In part, with the article of what stays; a crash before the answer is made good by executing again."""
    home = _counter(tmp_path)
    workspace, tokens, who = home.bank.workspace, home.bank.tokens, home.bank.people[1]
    right = handled(home.bank, files(home.bank, RightKind.DELETE, who))
    order_id = draft_for_right(workspace, tokens["rights_desk"], right)
    with pytest.raises(Invalid):
        draft_for_right(workspace, tokens["rights_desk"], right)
    preview_order(workspace, tokens["rights_desk"], order_id)
    submit_order(workspace, tokens["rights_desk"], order_id)
    agree_order(workspace, tokens["approver"], order_id)
    home.clock.on(minutes=COOL_MINUTES)

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(execute, "answer_right", kill)
        with pytest.raises(KeyboardInterrupt):
            execute_order(workspace, tokens["rights_desk"], order_id, no_database)
    assert get_right(workspace, tokens["dpo"], right).request.state.owed
    with pytest.raises(Invalid, match="a law keeps part"):
        fulfil(workspace, tokens["rights_desk"], right, Said(done=("everything",)))
    assert execute_order(workspace, tokens["rights_desk"], order_id, no_database).state is OrderState.DONE
    request = get_right(workspace, tokens["dpo"], right).request
    assert request.state is RightState.FULFILLED_IN_PART
    assert request.answer is not None
    assert request.answer.done == ("employment.job",)
    assert "identity.id_number" in request.answer.left
    assert ("CN-AML-34-3-IDENTITY", "AML 34(3)") in request.answer.reasons
    (operation,) = progress_of(workspace, tokens["dpo"], order_id).operations
    document = certificate(workspace, tokens["rights_desk"], operation)
    assert {one["what"]: one["card"] for one in document["evidence_retained"]} == {
        "request": "rights.evidence",
        "identity-check": "rights.evidence",
        "approvals": "rights.evidence",
    }
    asked = [one["sha256"] for one in document["evidence_retained"] if one["what"] == "request"]
    assert asked == [piece.sealed.hex() for piece in request.evidence]
    cells = {row.cell: row for row in workspace.data.read(lambda records: records.cells.cells_of([who]))}
    assert asked == [sha256(cells[piece.cell].sealed).hexdigest() for piece in request.evidence]
    shown = [one["sha256"] for one in document["evidence_retained"] if one["what"] == "identity-check"]
    assert shown == [SHOWN.hex()]
    assert all(one["due"] and one["owner"] for one in document["residuals"])


def test_an_order_answers_a_request_to_delete_that_is_being_handled(tmp_path: Path) -> None:
    """Not one to know, and not one that nobody has taken on."""
    home = _counter(tmp_path)
    desk, who = home.bank.tokens["rights_desk"], home.bank.people[1]
    for right in (
        handled(home.bank, files(home.bank, RightKind.ACCESS, who)),
        files(home.bank, RightKind.DELETE, who),
    ):
        with pytest.raises(Invalid):
            draft_for_right(home.bank.workspace, desk, right)


def test_the_desk_answers_what_a_killed_order_did_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said nothing, the answer is what the order's erasures came to: in part, with what stays and its articles."""
    home = _counter(tmp_path)
    workspace, desk = home.bank.workspace, home.bank.tokens["rights_desk"]
    right = handled(home.bank, files(home.bank, RightKind.DELETE, home.bank.people[1]))
    order_id = draft_for_right(workspace, desk, right)
    _through(home, order_id)
    with monkeypatch.context() as patch:
        patch.setattr(execute, "answer_right", lambda *_: None)
        execute_order(workspace, desk, order_id, no_database)
    request = fulfil(workspace, desk, right, Said())
    assert request.state is RightState.FULFILLED_IN_PART
    assert request.answer is not None
    assert (request.answer.done, "identity.id_number" in request.answer.left) == (("employment.job",), True)


def _through(home: House, order_id: OrderId, until: OrderState = OrderState.COOLING) -> None:
    """Take an order that answers a request to where it stands at last before ``until``, and ``until`` itself."""
    workspace, tokens = home.bank.workspace, home.bank.tokens
    preview_order(workspace, tokens["rights_desk"], order_id)
    if until is OrderState.SCOPED:
        return
    submit_order(workspace, tokens["rights_desk"], order_id)
    if until is OrderState.APPROVING:
        return
    agree_order(workspace, tokens["approver"], order_id)
    home.clock.on(minutes=COOL_MINUTES)


def _stands(home: House, order_id: OrderId) -> OrderState:
    return show_order(home.bank.workspace, home.bank.tokens["dpo"], order_id).order.state


@pytest.mark.parametrize("stage", [OrderState.SCOPED, OrderState.APPROVING, OrderState.COOLING])
@pytest.mark.parametrize("ends", ["withdraw", "refuse"])
def test_what_is_taken_back_or_refused_is_not_carried_out(tmp_path: Path, ends: str, stage: OrderState) -> None:
    """The order goes with the request, at whichever step it stands, also where a colleague had drafted it."""
    home = _counter(tmp_path)
    bank = home.bank
    workspace, tokens, who = bank.workspace, bank.tokens, bank.people[1]
    right = handled(bank, files(bank, RightKind.DELETE, who))
    order_id = draft_for_right(workspace, tokens["dpo"], right)
    order_by = tokens["dpo"]
    preview_order(workspace, order_by, order_id)
    if stage is not OrderState.SCOPED:
        submit_order(workspace, order_by, order_id)
    if stage is OrderState.COOLING:
        agree_order(workspace, tokens["approver"], order_id)
        home.clock.on(minutes=COOL_MINUTES)
    if ends == "withdraw":
        withdraw_right(workspace, tokens["rights_desk"], right)
    else:
        refuse(workspace, tokens["rights_desk"], right, WHY)
    assert _stands(home, order_id) is OrderState.CANCELLED
    for step in (submit_order, agree_order):
        with pytest.raises(NotInThisState):
            step(workspace, order_by if step is submit_order else tokens["approver"], order_id)
    with pytest.raises(NotInThisState):
        execute_order(workspace, tokens["rights_desk"], order_id, no_database)
    assert not bank.is_gone(who)
    assert audited(workspace).flaws == []


def test_what_began_to_go_is_neither_taken_back_nor_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the point of no return the request stays as it is, with the reason, and what is begun goes on."""
    home = _counter(tmp_path)
    bank = home.bank
    workspace, desk = bank.workspace, bank.tokens["rights_desk"]
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1]))
    order_id = draft_for_right(workspace, desk, right)
    _through(home, order_id)

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    for killed, said in (("_carry", "being carried out"), ("answer_right", "is done")):
        with monkeypatch.context() as patch:
            patch.setattr(execute, killed, kill)
            with pytest.raises(KeyboardInterrupt):
                execute_order(workspace, desk, order_id, no_database)
        with pytest.raises(NotInThisState, match=said):
            withdraw_right(workspace, desk, right)
        with pytest.raises(NotInThisState, match=said):
            refuse(workspace, desk, right, WHY)
        assert get_right(workspace, desk, right).request.state is RightState.IN_PROGRESS
    assert execute_order(workspace, desk, order_id, no_database).state is OrderState.DONE
    assert get_right(workspace, desk, right).request.state is RightState.FULFILLED_IN_PART
    assert audited(workspace).flaws == []


@pytest.mark.parametrize("stage", [OrderState.SCOPED, OrderState.APPROVING, OrderState.COOLING])
def test_an_order_goes_no_further_once_nobody_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: OrderState
) -> None:
    """An order of before this was checked: the request was taken back, and nothing had cancelled the order."""
    home = _counter(tmp_path)
    bank = home.bank
    workspace, tokens, who = bank.workspace, bank.tokens, bank.people[1]
    right = handled(bank, files(bank, RightKind.DELETE, who))
    order_id = draft_for_right(workspace, tokens["rights_desk"], right)
    _through(home, order_id, stage)
    with monkeypatch.context() as patch:
        patch.setattr(handle, "end_behind", lambda *_: None)
        withdraw_right(workspace, tokens["rights_desk"], right)
    steps = {
        OrderState.SCOPED: lambda: submit_order(workspace, tokens["rights_desk"], order_id),
        OrderState.APPROVING: lambda: agree_order(workspace, tokens["approver"], order_id),
        OrderState.COOLING: lambda: execute_order(workspace, tokens["rights_desk"], order_id, no_database),
    }
    with pytest.raises(NotInThisState, match="withdrawn"):
        steps[stage]()
    assert _stands(home, order_id) is stage


@pytest.mark.parametrize("state", [RightState.RECEIVED, RightState.IDENTIFIED, RightState.WITHDRAWN])
def test_no_order_is_left_behind_by_a_request_that_nobody_handles(tmp_path: Path, state: RightState) -> None:
    """What is refused leaves nothing: no order, and no link."""
    home = _counter(tmp_path)
    bank = home.bank
    workspace, desk = bank.workspace, bank.tokens["rights_desk"]
    right = files(bank, RightKind.DELETE, bank.people[1])
    if state is not RightState.RECEIVED:
        identify_filer(workspace, desk, right, Assurance.PROVEN, ("id-document",), SHOWN)
    if state is RightState.WITHDRAWN:
        withdraw_right(workspace, desk, right)
    with pytest.raises(Invalid):
        draft_for_right(workspace, desk, right)
    assert list_orders(workspace, bank.tokens["dpo"], ended=True) == []
    assert get_right(workspace, desk, right).request.work is None


@pytest.mark.parametrize("ends", ["cancelled", "refused", "expired", "another card"])
def test_an_order_that_came_to_nothing_is_followed_by_another(tmp_path: Path, ends: str) -> None:
    """The person asked and is still owed; the first order goes no further, and the second answers."""
    home = _counter(tmp_path)
    bank = home.bank
    workspace, tokens = bank.workspace, bank.tokens
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1]))
    first = draft_for_right(workspace, tokens["rights_desk"], right)
    _through(home, first, OrderState.SCOPED if ends == "another card" else OrderState.APPROVING)
    if ends == "another card":
        workspaces.adopt(workspace, tokens["dpo"], DELETION.replace("version = 1", "version = 2"))
        with pytest.raises(NotInThisState, match="draft it anew"):
            submit_order(workspace, tokens["rights_desk"], first)
    else:
        with pytest.raises(Invalid):
            draft_for_right(workspace, tokens["rights_desk"], right)
    if ends == "cancelled":
        cancel_order(workspace, tokens["rights_desk"], first)
    if ends == "refused":
        refuse_order(workspace, tokens["approver"], first)
    if ends == "expired":
        home.clock.on(hours=73)
        for name in ("rights_desk", "approver", "dpo"):
            tokens[name] = workspaces.signed_in(workspace, name)
    second = draft_for_right(workspace, tokens["rights_desk"], right)
    with pytest.raises(Invalid):
        draft_for_right(workspace, tokens["rights_desk"], right)
    assert _stands(home, first) in {OrderState.CANCELLED, OrderState.REFUSED, OrderState.EXPIRED}
    _through(home, second)
    assert execute_order(workspace, tokens["rights_desk"], second, no_database).state is OrderState.DONE
    assert get_right(workspace, tokens["dpo"], right).request.state is RightState.FULFILLED_IN_PART
    assert audited(workspace).flaws == []


def test_a_bulk_that_nobody_asks_for_any_more_is_not_confirmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by the number nor by a code: the request is looked at before both. Two merged records are two."""
    home = _counter(tmp_path)
    workspace, tokens = home.bank.workspace, home.bank.tokens
    bulk = DELETION.replace("version = 1", "version = 2").replace("bulk_from = 3", "bulk_from = 2")
    workspaces.adopt(workspace, tokens["dpo"], bulk)
    merge(workspace, tokens["dpo"], home.bank.people[2], home.bank.people[1])
    right = handled(home.bank, files(home.bank, RightKind.DELETE, home.bank.people[1]))
    order_id = draft_for_right(workspace, tokens["rights_desk"], right)
    _through(home, order_id, OrderState.APPROVING)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(workspace, tokens[name], order_id)
    recognisable_sample(workspace, tokens["rights_desk"], order_id)
    with monkeypatch.context() as patch:
        patch.setattr(handle, "end_behind", lambda *_: None)
        withdraw_right(workspace, tokens["rights_desk"], right)
    with pytest.raises(NotInThisState, match="withdrawn"):
        confirm_order(workspace, tokens["rights_desk"], order_id, 2, "000000")
    assert _stands(home, order_id) is OrderState.CONFIRMING


def test_an_erasure_without_an_order_names_the_request_that_it_answers(tmp_path: Path) -> None:
    """With the digest of every piece that was handed in; not one that was withdrawn, nor one that came afterwards."""
    bank = counter(tmp_path, Hands())
    bank.take([1, 2])
    workspace, officer = bank.workspace, bank.tokens["dpo"]
    withdrawn = files(bank, RightKind.CLOSE_ACCOUNT, bank.people[1])
    withdraw_right(workspace, bank.tokens["rights_desk"], withdrawn)
    right = handled(bank, files(bank, RightKind.DELETE, bank.people[1], evidence=(b"letter", b"copy")))
    pieces = [piece.sealed.hex() for piece in get_right(workspace, officer, right).request.evidence]
    kept = []
    for number in (1, 2):
        operation, _ = erase(workspace, officer, bank.people[number])
        kept.append(certificate(workspace, officer, operation)["evidence_retained"])
    assert len(pieces) == 3
    told = [(one["what"], one["sha256"]) for one in kept[0]]
    assert told == [*(("request", one) for one in pieces), ("identity-check", SHOWN.hex())]
    assert {one["card"] for one in kept[0]} == {"rights.evidence"}
    assert kept[1] == []
