"""An edge sends its sealed files to a real push door on loopback: once each, however often it has to try."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shouxin.connectors.sources.push_server import PushServer
from shouxin.domain.authority import AuthorityKind
from shouxin.edge.push import SealedRecords, main, push
from shouxin.edge.sender import DoorAddress, PushSender
from shouxin.errors import Invalid, NotInThisState, Refused, StoreUnavailable
from shouxin.keys.signing import SigningKey
from shouxin.operations.collecting.invite_edge import invite_edge
from shouxin.operations.collecting.plans import end_plan
from shouxin.operations.collecting.receive_push import PushDoor
from shouxin.operations.workspace import Workspace
from tests import workspaces
from tests.certificates import certified
from tests.connectors.sources.test_push_server import KEY, SOURCE
from tests.house.tree import SRC
from tests.operations.collecting.test_invite_edge import APPLICANT, EDGE_PLAN, MATCHING, NAMES, NUMBERS, ran_edge
from tests.plans import approved, files_hold, person_line


def _bank(folder: Path, push_key: str = KEY.public.hex()) -> Workspace:
    """A lender with an approved plan for features of address books, pushed by a branch."""
    bank = workspaces.ready(folder)
    workspaces.adopt(bank, workspaces.signed_in(bank, "dpo"), MATCHING)
    approved(bank, EDGE_PLAN, SOURCE.replace(KEY.public.hex(), push_key))
    return bank


def _people(bank: Workspace) -> int:
    return len(bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


@contextmanager
def _open(bank: Workspace, port: int = 0, change: Callable[[PushServer], None] = lambda _: None) -> Iterator[int]:
    """The lender's push door, open on this machine; yields its port."""
    server = PushServer(PushDoor(bank, workspaces.signed_in(bank, "collector"), "applications"), port)
    change(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _sealed(bank: Workspace, folder: Path, *names: str) -> list[Path]:
    """Files that an edge has sealed, each of another person's record."""
    invitation = msgspec.json.encode(invite_edge(bank, workspaces.signed_in(bank, "collector"), "applications"))
    for name in names:
        assert ran_edge(folder, invitation, name, "--agreed").returncode == 0
    return [folder / name for name in names]


def _sender(port: int, **more: Any) -> PushSender:
    return PushSender(DoorAddress.read(f"http://127.0.0.1:{port}", "applications"), "applications", KEY, **more)


def _unasked(_seconds: float) -> None:
    raise AssertionError("it waited")


def _pushed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the sender as a branch would, in its folder."""
    return subprocess.run(
        [sys.executable, "-m", "shouxin.edge.push", *words],
        cwd=folder,
        env={"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_the_address_book_to_the_vault_through_three_processes(tmp_path: Path) -> None:
    """A key is made at the branch, two people are sealed and sent; again sends nothing; and nobody twice."""
    folder = tmp_path / "branch"
    folder.mkdir()
    made = _pushed(folder, "--new-key", "branch.key")
    assert (made.returncode, (folder / "branch.key").stat().st_mode & 0o777) == (0, 0o600)
    bank = _bank(tmp_path, json.loads(made.stdout)["push_key"])
    files = _sealed(bank, folder, "one.sealed", "two.sealed")
    with _open(bank) as port:
        words = ("--key", "branch.key", "--to", f"http://127.0.0.1:{port}", "--plan", "applications")
        first = _pushed(folder, *words, "one.sealed", "two.sealed")
        assert first.returncode == 0, first.stderr
        assert json.loads(first.stdout) == {"sent": ["one.sealed", "two.sealed"], "sent_before": [], "aside": {}}
        again = _pushed(folder, *words, "one.sealed", "two.sealed")
        assert json.loads(again.stdout) == {"sent": [], "sent_before": ["one.sealed", "two.sealed"], "aside": {}}
        taken = len(bank.data.read(lambda seen: list(seen.all_cells())))
        for one in files:
            one.with_name(f"{one.name}.sent").unlink()
        assert _pushed(folder, *words, "one.sealed", "two.sealed").returncode == 0
        assert len(bank.data.read(lambda seen: list(seen.all_cells()))) == taken > 0
    assert _people(bank) == 1  # the same applicant, asked twice
    bank.close()
    assert files_hold(workspaces.home_of(tmp_path), *NUMBERS, *NAMES, *APPLICANT.values()) == []


def test_an_answer_that_was_lost_is_asked_for_again_and_takes_nothing_twice(tmp_path: Path) -> None:
    """The first delivery is taken in, and its answer never comes: the next try, signed anew, is told it is there."""
    bank = _bank(tmp_path)
    files = [SealedRecords.read(path) for path in _sealed(bank, tmp_path / "branch", "one.sealed")]
    lost: list[int] = []

    def losing(server: PushServer) -> None:
        class Lossy(server.RequestHandlerClass):  # type: ignore[name-defined,misc]
            def _answer(self, status: int, words: dict[str, Any]) -> None:
                if lost:
                    super()._answer(status, words)
                else:
                    lost.append(words["taken"])

        server.RequestHandlerClass = Lossy

    waited: list[float] = []
    with _open(bank, change=losing) as port:
        assert push(_sender(port, sleep=waited.append), files) == {}
    assert (lost, waited, _people(bank), files[0].is_sent()) == ([1], [1.0], 1, True)


def test_a_door_that_is_shut_is_tried_until_it_opens_and_left_for_later_if_it_does_not(tmp_path: Path) -> None:
    """Each wait is longer, none beyond thirty seconds; what was not answered has no note that it was sent."""
    bank = _bank(tmp_path)
    files = [SealedRecords.read(path) for path in _sealed(bank, tmp_path / "branch", "one.sealed")]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    waited: list[float] = []
    with pytest.raises(StoreUnavailable, match="in 8 tries"):
        push(_sender(port, tries=8, sleep=waited.append), files)
    assert (waited, files[0].is_sent()) == ([1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0], False)
    doors: list[AbstractContextManager[int]] = []

    def opening(_seconds: float) -> None:
        doors.append(_open(bank, port))
        doors[0].__enter__()

    try:
        assert push(_sender(port, sleep=opening), files) == {}
    finally:
        doors[0].__exit__(None, None, None)
    assert (files[0].is_sent(), _people(bank)) == (True, 1)


def test_what_waiting_does_not_mend_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Another key, another plan, a plan that has ended: not tried again, nothing noted as sent."""
    bank = _bank(tmp_path)
    (path,) = _sealed(bank, tmp_path / "branch", "one.sealed")
    files = [SealedRecords.read(path)]
    with _open(bank) as port:
        with pytest.raises(Refused, match="another key"):
            push(PushSender(_sender(port).address, "applications", SigningKey(bytes(32)), sleep=_unasked), files)
        elsewhere = DoorAddress.read(f"http://127.0.0.1:{port}/", "other")
        with pytest.raises(Invalid, match="no door of this plan"):
            push(PushSender(elsewhere, "other", KEY, sleep=_unasked), files)
        end_plan(bank, workspaces.signed_in(bank, "collector"), "applications")
        with pytest.raises(NotInThisState, match="may not run now"):
            push(_sender(port, sleep=_unasked), files)
        key = path.with_name("branch.key")
        key.write_text(bytes(range(32)).hex(), "ascii")
        words = ["--key", str(key), "--to", f"http://127.0.0.1:{port}", "--plan", "applications", str(path)]
        assert (main(words), capsys.readouterr().err.partition(":")[0]) == (1, "refused")  # others may read the key
        key.chmod(0o600)
        assert (main(words), capsys.readouterr().err.partition(":")[0]) == (2, "later")
    assert not files[0].is_sent()
    assert _people(bank) == 0


def test_of_files_sent_together_the_one_that_was_set_aside_is_named_and_stays(tmp_path: Path) -> None:
    """The others have their notes; what was changed on the way is not noted as sent."""
    bank = _bank(tmp_path)
    good, bad = _sealed(bank, tmp_path / "branch", "good.sealed", "bad.sealed")
    head, sealed = bad.read_text("ascii").splitlines()
    other = "A" if sealed[60] != "A" else "B"
    bad.write_text(f"{head}\n{sealed[:60]}{other}{sealed[61:]}\n", "ascii")
    files = [SealedRecords.read(path) for path in (good, bad)]
    with _open(bank) as port:
        assert push(_sender(port, sleep=_unasked), files) == {"bad.sealed": ["not-sealed-to-this-plan"]}
    assert ([one.is_sent() for one in files], _people(bank)) == ([True, False], 1)


def test_deliveries_are_as_large_as_the_door_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No delivery has more records than the door lets in; a file of other content than was sent is sent."""
    bank = _bank(tmp_path)
    paths = _sealed(bank, tmp_path / "branch", "one.sealed", "two.sealed", "three.sealed")
    monkeypatch.setattr("shouxin.edge.push.MOST_RECORDS", 2)
    sent: list[int] = []
    with _open(bank) as port:
        sender = _sender(port, sleep=_unasked)

        class Counting(PushSender):
            def send(self, body: bytes) -> Any:
                sent.append(len(json.loads(body)["records"]))
                return sender.send(body)

        counting = Counting(sender.address, "applications", KEY)
        assert push(counting, [SealedRecords.read(path) for path in paths]) == {}
        paths[0].write_bytes(paths[1].read_bytes())
        assert push(counting, [SealedRecords.read(path) for path in paths]) == {}
    assert sent == [2, 1, 1]


def test_beyond_this_machine_only_tls_is_spoken_and_the_door_proves_itself(tmp_path: Path) -> None:
    """Plain HTTP elsewhere, a user in an address, a certificate of an authority that nobody named: nothing is sent."""
    for url in ("http://lender.example", "https://a:b@lender.example", "ftp://lender.example", "https://", "lender"):
        with pytest.raises(Invalid):
            DoorAddress.read(url, "applications")
    assert DoorAddress.read("https://lender.example/in/", "p") == DoorAddress(
        "lender.example", None, True, "/in/push/p"
    )
    bank = _bank(tmp_path)
    files = [SealedRecords.read(path) for path in _sealed(bank, tmp_path / "branch", "one.sealed")]
    authority, _ = certified(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)

    def secured(server: PushServer) -> None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)

    with _open(bank, change=secured) as port:
        at = DoorAddress.read(f"https://localhost:{port}", "applications")
        sender = partial(PushSender, at, "applications", KEY, sleep=_unasked)
        with pytest.raises(Invalid, match="not one to trust"):
            push(sender(), files)
        with pytest.raises(Invalid, match="cannot be read"):
            push(sender(ca=tmp_path / "never.pem"), files)
        assert push(sender(ca=authority), files) == {}
    assert _people(bank) == 1


def test_what_sends_cannot_read_an_address_book(tmp_path: Path) -> None:
    """The process that has a socket loads nothing that reads one, and takes no file that is not sealed."""
    asked = "import sys, shouxin.edge.push; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", asked], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert {"shouxin.edge.push", "http.client"} <= loaded
    assert not loaded & {"shouxin.edge.address_book", "shouxin.edge.gather", "sqlalchemy", "shouxin.storage"}
    plain = tmp_path / "people.csv"
    plain.write_text(f"name,id\n{person_line(1)}\n", "utf-8")
    with pytest.raises(Invalid, match="no file that an edge has sealed"):
        SealedRecords.read(plain)
