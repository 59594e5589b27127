"""Sealed edge records over the push door: the edge is a process of its own, the server a real one on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from shouxin.edge.invitation import EdgeRecord, bound_to
from shouxin.keys.sealed_to import seal_to
from shouxin.operations.collecting.invite_edge import invite_edge
from shouxin.operations.workspace import Workspace
from tests import workspaces
from tests.connectors.sources.test_push_server import SOURCE, Wire, served
from tests.operations.collecting.test_invite_edge import APPLICANT, EDGE_PLAN, MATCHING, NAMES, NUMBERS, ran_edge
from tests.plans import approved, files_hold

STRANGE = (401, {"error": "refused"})


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """A lender with an approved plan for features of address books, pushed by a partner; its door is open."""
    bank = workspaces.ready(tmp_path)
    workspaces.adopt(bank, workspaces.signed_in(bank, "dpo"), MATCHING)
    collector, _ = approved(bank, EDGE_PLAN, SOURCE)
    with served(bank, collector) as made:
        yield made


def _at_the_edge(bank: Workspace, folder: Path, change: Callable[[bytes], bytes] = lambda said: said) -> str:
    """Return what an edge sealed of one person under the plan's invitation."""
    invitation = invite_edge(bank, workspaces.signed_in(bank, "collector"), "applications")
    ran = ran_edge(folder, change(msgspec.json.encode(invitation)), "one.sealed", "--agreed")
    assert ran.returncode == 0, ran.stderr
    return (folder / "one.sealed").read_text("ascii").splitlines()[1]


def _delivery(*sealed: object) -> bytes:
    return json.dumps({"records": [{"sealed": one} for one in sealed]}).encode()


def _reasons(said: dict[str, object]) -> list[str]:
    aside = said["aside"]
    assert isinstance(aside, list)
    return [one["reason"] for one in aside]


def test_a_sealed_record_is_taken_once_by_however_many_deliveries(tmp_path: Path, wire: Wire) -> None:
    """Nothing on the way or at rest says who it is; sent again it is known, in another delivery and beside others."""
    sealed = _at_the_edge(wire.bank, tmp_path / "branch")
    assert wire.push(_delivery(sealed)) == (
        200,
        {"outcome": "finished", "taken": 1, "repeated": 0, "aside": [], "unplanned": []},
    )
    assert not [one for one in (*NUMBERS, *NAMES, *APPLICANT.values()) if one.encode() in wire.sent[0]]
    status, said = wire.push(_delivery(sealed))
    assert (status, said["taken"], said["repeated"]) == (200, 0, 1)
    status, said = wire.push(_delivery(sealed, sealed))
    assert (status, said["taken"], said["repeated"], wire.people()) == (200, 0, 2, 1)
    wire.bank.close()
    home = workspaces.home_of(tmp_path)
    assert files_hold(home, *NUMBERS, *NAMES, *APPLICANT.values(), "finished") == ["finished"]


def test_a_delivery_that_is_replayed_byte_for_byte_takes_nothing(tmp_path: Path, wire: Wire) -> None:
    """Its nonce was used; after a restart, which forgets nonces, its record has arrived."""
    assert wire.push(_delivery(_at_the_edge(wire.bank, tmp_path / "branch")))[1]["taken"] == 1
    delivery = wire.sent
    assert wire.send(*delivery) == STRANGE
    with served(wire.bank, workspaces.signed_in(wire.bank, "collector")) as again:
        status, said = again.send(*delivery)
        assert (status, said["taken"], said["repeated"]) == (200, 0, 1)
        assert again.send(*delivery) == STRANGE
    assert wire.people() == 1


def test_what_was_altered_is_not_taken(tmp_path: Path, wire: Wire) -> None:
    """Another body than was signed is not let in; signed by the partner, a seal that was changed does not open."""
    sealed = _at_the_edge(wire.bank, tmp_path / "branch")
    changed = bytearray(base64.b64decode(sealed))
    changed[-1] ^= 1
    altered = base64.b64encode(bytes(changed)).decode()
    assert wire.push(_delivery(altered), signed=_delivery(sealed)) == STRANGE
    status, said = wire.push(_delivery(altered, sealed[:40], "", "\u5b88", "\ud800", 7))
    assert (status, said["taken"], _reasons(said)) == (200, 0, ["not-sealed-to-this-plan"] * 6)
    beside = json.dumps({"records": [{"sealed": sealed, "fields": {"identity.name": "甲"}, "key": "1"}]}).encode()
    status, said = wire.push(beside)
    assert (status, said["taken"], _reasons(said)) == (200, 0, ["not-sealed-to-this-plan"])
    assert wire.people() == 0
    assert wire.push(_delivery(altered, sealed))[1]["taken"] == 1


def test_what_was_sealed_to_another_plan_or_holds_no_record_is_set_aside(tmp_path: Path, wire: Wire) -> None:
    """The plan is part of the seal; what has no key could be taken twice, so it is not taken at all."""
    other = _at_the_edge(wire.bank, tmp_path / "branch", lambda said: said.replace(b'"applications"', b'"another"'))
    key = invite_edge(wire.bank, workspaces.signed_in(wire.bank, "collector"), "applications").public_key
    bound = bound_to(wire.bank.institution.origin, "applications")

    def sealed(content: bytes) -> str:
        return base64.b64encode(seal_to(key, content, bound)).decode()

    nameless = sealed(msgspec.json.encode(EdgeRecord("", dict(APPLICANT))))
    status, said = wire.push(_delivery(other, sealed(b"[]"), nameless))
    assert (status, said["taken"]) == (200, 0)
    assert _reasons(said) == ["not-sealed-to-this-plan", "no-record", "no-record"]


def test_the_plan_decides_what_is_kept_of_a_sealed_record(wire: Wire) -> None:
    """A field that the plan does not name is dropped and told by its name, sealed or not; a wrong number is aside."""
    key = invite_edge(wire.bank, workspaces.signed_in(wire.bank, "collector"), "applications").public_key
    bound = bound_to(wire.bank.institution.origin, "applications")
    fields = {**APPLICANT, "agreed": "no", "religion": "信仰甲"}
    wrong = {**fields, "identity.id_number": "110105194912310021"}
    both = [
        base64.b64encode(seal_to(key, msgspec.json.encode(EdgeRecord(name, said)), bound)).decode()
        for name, said in (("a" * 32, fields), ("b" * 32, wrong))
    ]
    status, said = wire.push(_delivery(*both))
    assert (status, said["taken"], said["unplanned"]) == (200, 1, ["religion"])
    assert _reasons(said) == ["id-number-check-digit"]
