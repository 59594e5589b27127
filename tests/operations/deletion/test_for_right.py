"""A person's request to be erased becomes an order; what became of it answers the request."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from shouxin.approvals.order_transitions import OrderState
from shouxin.errors import Invalid
from shouxin.operations.certifying.certify import certificate
from shouxin.operations.deletion import execute
from shouxin.operations.deletion.decide import agree_order, submit_order
from shouxin.operations.deletion.draft import preview_order
from shouxin.operations.deletion.execute import execute_order
from shouxin.operations.deletion.for_right import draft_for_right
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.erasing.erase import erase
from shouxin.operations.rights.handle import get_right, withdraw_right
from shouxin.rights.kinds import RightKind
from shouxin.rights.transitions import RightState
from tests import workspaces
from tests.operations.deletion.house import COOL_MINUTES, DELETION, NO_RETURN, House, no_database
from tests.operations.portfolio import Hands
from tests.operations.rights.counter import SHOWN, counter, files, handled


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
