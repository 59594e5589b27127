from __future__ import annotations

import http.client
import json
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shouxin.actors.account import Token
from shouxin.connectors.sources.push_server import PushServer
from shouxin.domain.authority import AuthorityKind
from shouxin.edge.signed_delivery import MOST_RECORDS, signed_words
from shouxin.keys.signing import SigningKey
from shouxin.operations.collecting.receive_push import PushDoor
from shouxin.operations.collecting.sources import end_source
from shouxin.operations.workspace import Workspace
from tests import workspaces
from tests.plans import PLAN, approved, files_hold, person_line

KEY = SigningKey(bytes(range(32)))
SOURCE = f"""\
source = "branch"
kind = "push"
title = "A partner that pushes"
audit_due = 2099-12-31
contract = "C-9"
contract_ends = 2099-12-31
push_key = "{KEY.public.hex()}"
"""
ITEMS = ("identity.name", "identity.id_number", "contact.mobile", "credit.amount")


def body_of(*numbers: int, **more: str) -> bytes:
    """Return a delivery of invented applicants."""
    records = [
        {"key": str(number), "fields": dict(zip(ITEMS, person_line(number).split(","), strict=True)) | more}
        for number in numbers
    ]
    return json.dumps({"records": records}, ensure_ascii=False).encode()


class Wire:
    """A partner's side of the wire."""

    def __init__(self, bank: Workspace, port: int) -> None:
        self.bank, self.port = bank, port
        self.sent: tuple[bytes, dict[str, str]] = b"", {}

    def push(
        self,
        body: bytes,
        *,
        key: SigningKey = KEY,
        nonce: str = "",
        late: int = 0,
        signed: bytes | None = None,
        path: str = "/push/applications",
        length: str = "",
    ) -> tuple[int, dict[str, Any]]:
        """Push ``body``, signed ``late`` milliseconds off our clock; return status and answer."""
        at, nonce = self.bank.clock.now() - late, nonce or secrets.token_urlsafe(16)
        signature = key.sign(signed_words("applications", at, nonce, body if signed is None else signed)).hex()
        head = {"Shouxin-Timestamp": str(at), "Shouxin-Nonce": nonce, "Shouxin-Signature": signature}
        return self.send(body, head | ({"Content-Length": length} if length else {}), path)

    def send(self, body: bytes, head: dict[str, str], path: str = "/push/applications") -> tuple[int, dict[str, Any]]:
        """Send a delivery as it is; return status and answer."""
        self.sent = body, head
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, body, head)
        answer = connection.getresponse()
        said = json.loads(answer.read())
        connection.close()
        return answer.status, said

    def people(self) -> int:
        """Return how many people there are."""
        return len(self.bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


@contextmanager
def listening(tmp_path: Path) -> Iterator[Wire]:
    """A lender with an approved plan whose push door is open."""
    bank = workspaces.ready(tmp_path)
    collector, _ = approved(bank, PLAN, SOURCE)
    with served(bank, collector) as wire:
        yield wire


@contextmanager
def served(bank: Workspace, collector: Token) -> Iterator[Wire]:
    """The push door of a lender's plan ``applications``, open on this machine."""
    server = PushServer(PushDoor(bank, collector, "applications"), 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Wire(bank, server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_signed_delivery_comes_in_and_may_be_sent_again(tmp_path: Path) -> None:
    """The same delivery under another nonce takes nothing; a changed record is taken; unplanned fields are dropped."""
    with listening(tmp_path) as wire:
        body = body_of(1, 2, religion="信仰甲")
        assert wire.push(body) == (
            200,
            {"outcome": "finished", "taken": 2, "repeated": 0, "aside": [], "unplanned": ["religion"]},
        )
        status, said = wire.push(body)
        assert (status, said["taken"], said["repeated"]) == (200, 0, 2)
        assert wire.push(body_of(2, religion="信仰甲", **{"credit.amount": "9"}))[1]["taken"] == 1
        assert wire.people() == 2
        wire.bank.close()
        assert files_hold(workspaces.home_of(tmp_path), "信仰甲", "finished") == ["finished"]


def test_whoever_is_not_the_partner_is_not_let_in(tmp_path: Path) -> None:
    """Another key, another body than was signed, an old time, a used nonce, an ended source: 401, nothing taken."""
    with listening(tmp_path) as wire:
        strange = (401, {"error": "refused"})
        assert wire.push(body_of(1), key=SigningKey(bytes(32))) == strange
        assert wire.push(body_of(1), signed=body_of(2)) == strange
        assert wire.push(body_of(1), late=5 * 60_000 + 5_000) == strange
        assert wire.push(body_of(1), late=-5 * 60_000 - 5_000) == strange
        assert wire.push(body_of(1), nonce="short") == strange
        assert wire.people() == 0
        nonce = secrets.token_urlsafe(16)
        assert wire.push(body_of(1), nonce=nonce)[0] == 200
        assert wire.push(body_of(1), nonce=nonce) == strange
        end_source(wire.bank, workspaces.signed_in(wire.bank, "dpo"), "branch")
        assert wire.push(body_of(3)) == strange
        assert wire.people() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 422),
        (b'{"records": 1}', 422),
        (b"[" * 100_000, 422),
        (json.dumps({"records": [{}] * (MOST_RECORDS + 1)}).encode(), 422),
    ],
)
def test_a_signed_delivery_of_nonsense_takes_nothing(tmp_path: Path, body: bytes, status: int) -> None:
    """No JSON, no list, nested without end, too many: refused whole."""
    with listening(tmp_path) as wire:
        assert wire.push(body) == (status, {"error": "invalid"})
        assert wire.people() == 0


def test_a_bad_record_is_set_aside_and_the_others_come_in(tmp_path: Path) -> None:
    """Records without key, with numbers for text, with a wrong check digit: told by line, without a value."""
    with listening(tmp_path) as wire:
        good = json.loads(body_of(1))["records"][0]
        wrong = {"key": "w", "fields": {**good["fields"], "identity.id_number": "110105194912310021"}}
        records = [good, {"fields": {}}, "text", {"key": "k", "fields": {"credit.amount": 1}}, wrong]
        status, said = wire.push(json.dumps({"records": records}).encode())
        assert (status, said["taken"]) == (200, 1)
        assert [one["reason"] for one in said["aside"]] == [
            "no-key-and-fields",
            "no-key-and-fields",
            "fields-are-text",
            "id-number-check-digit",
        ]


def test_half_of_a_surrogate_pair_keeps_nobody_else_out(tmp_path: Path) -> None:
    """In a value, a name or the key: that record is set aside and the delivery is answered."""
    with listening(tmp_path) as wire:
        good = json.loads(body_of(1))["records"][0]
        bad = [{"key": "9", "fields": {"a": "\ud800"}}, {"key": "9", "fields": {"\ud800": "a"}}]
        bad.append({"key": "\ud800", "fields": good["fields"]})
        status, said = wire.push(json.dumps({"records": [*bad, good]}).encode())
        assert (status, said["taken"], [one["reason"] for one in said["aside"]]) == (200, 1, ["no-text"] * 3)


def test_other_paths_and_lengths_are_not_read(tmp_path: Path) -> None:
    """A path of another plan, a length without end."""
    with listening(tmp_path) as wire:
        assert wire.push(b"x", path="/push/other")[0] == 404
        assert wire.push(b"x", length="99999999999")[0] == 413
        assert wire.push(b"x", length="-1")[0] == 413


def _dripping(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=30)
    made.sendall(b"POST /push/applications HTTP/1.0\r\nContent-Length: 8000\r\n\r\nx")
    return made


def test_who_drips_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight that send a byte and wait: the ninth is told to come again; when their time is over, it comes in."""
    ends: list[Any] = []

    class Waiting(threading.Thread):
        def __init__(self, seconds: float, cut: Any) -> None:
            super().__init__(daemon=True)
            ends.append(cut)

        def run(self) -> None: ...

        def cancel(self) -> None: ...

    monkeypatch.setattr("shouxin.connectors.sources.push_server.threading.Timer", Waiting)
    with listening(tmp_path) as wire:
        slow = [_dripping(wire.port) for _ in range(8)]
        while len(ends) < 8:
            threading.Event().wait(0.01)
        assert wire.push(body_of(1)) == (503, {"error": "busy"})
        for cut in ends[:8]:
            cut()
        for one in slow:
            assert b" 408 " in one.recv(100)
            one.close()
        while wire.push(body_of(1))[0] == 503:
            threading.Event().wait(0.01)
        assert wire.people() == 1
