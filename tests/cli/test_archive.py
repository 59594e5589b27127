from __future__ import annotations

from pathlib import Path

from shouxin.domain.identifiers import ObjectId, SubjectId, show
from tests.cli.shell import lender, run
from tests.operations.archives import DAYS, archived_card, wait, with_archive
from tests.operations.portfolio import Hands
from tests.workspaces import PASSPHRASE, adopt, close

FOR = ("--purpose", "interview.video", "--item", "interview.video")


def test_an_object_goes_and_comes_back_with_approval(tmp_path: Path) -> None:
    """run, status, open (refused), recall (asks), approve, recall (comes), open: each says what it did."""
    clock = Hands()
    bank = with_archive(tmp_path, clock)
    bank.take([1], customer=False)
    adopt(bank.workspace, bank.tokens["dpo"], archived_card(3, chain=True))
    film, who = show(ObjectId, bank.film(bank.people[1], b"frames")), show(SubjectId, bank.people[1])
    wait(bank, clock, days=DAYS + 1)
    close(bank.workspace)
    home = bank.home
    for name in ("approver", "credit_officer", "operator"):
        assert run("account", "sign-in", name, home=home, SHOUXIN_PASSPHRASE=PASSPHRASE).code == 0
    assert run("archive", "status", "--json", home=home).data["due"] == 1
    done = run("archive", "run", "--json", home=home)
    assert (done.code, done.data["archived"], done.data["failed"]) == (0, 1, [])
    assert run("archive", "status", "--json", home=home).data["states"]["archived"] == 1
    recall = ("archive", "recall", film, "--subject", who, *FOR, "--as", "credit_officer", "--json")
    asked = run(*recall, home=home).data
    assert asked["state"] == "archived"
    request = asked["request"]
    assert run("access", "approve", request, "--as", "approver", home=home).code == 0
    shut = run("access", "open", request, "--object", film, "--as", "credit_officer", home=home)
    assert (shut.code, b"frames" in shut.raw) == (1, False)
    assert "archive recall" in shut.err
    assert run(*recall, home=home).data == {"object": film, "request": None, "state": "hot", "ok": True}
    opened = run("access", "open", request, "--object", film, "--as", "credit_officer", home=home)
    assert (opened.code, opened.raw) == (0, b"frames")


def test_a_damaged_object_is_named_with_exit_code_3(tmp_path: Path) -> None:
    """What is not what was sealed stops nobody else and is told."""
    clock = Hands()
    bank = with_archive(tmp_path, clock)
    bank.take([1], customer=False)
    film = bank.film(bank.people[1], b"frames")
    wait(bank, clock, days=DAYS + 1)
    close(bank.workspace)
    path = bank.home / "data" / "objects" / film.hex()[:2] / film.hex()
    path.write_bytes(path.read_bytes()[:-1])
    assert run("account", "sign-in", "operator", home=bank.home, SHOUXIN_PASSPHRASE=PASSPHRASE).code == 0
    done = run("archive", "run", "--json", home=bank.home)
    assert (done.code, done.data["failed"]) == (3, [show(ObjectId, film)])


def test_without_an_archive_the_settings_are_named(tmp_path: Path) -> None:
    """``run`` says what to write into config.toml."""
    home, _ = lender(tmp_path, 0, "operator")
    done = run("archive", "run", "--json", home=home)
    assert (done.code, done.data["error"]) == (1, "misconfigured")
    assert "config.toml" in done.data["detail"]
