from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import workspaces
from tests.cli.shell import run
from tests.operations.rights.counter import counter


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Path, str]:
    """A lender with a counter, one customer, and the rights desk and others signed in; its home and the customer."""
    bank = counter(tmp_path)
    bank.take([1], contact=True)
    workspaces.close(bank.workspace)
    for name in ("analyst", "dpo", "credit_officer", "rights_desk"):
        signed = run("account", "sign-in", name, home=bank.home, SHOUXIN_PASSPHRASE=workspaces.PASSPHRASE)
        assert signed.code == 0, signed.err
    return bank.home, f"sub_{bank.people[1].hex()}"


def _done(home: Path, *words: str | Path, given: str = "") -> dict[str, object]:
    ran = run(*words, "--json", home=home, given=given)
    assert ran.code == 0, ran.out + ran.err
    return ran.data


def test_a_borrower_receives_a_copy_and_opens_it(desk: tuple[Path, str], tmp_path: Path) -> None:
    """Found, received, identified, taken on, packed, opened, answered; each step shown."""
    home, who = desk
    found = run("right", "find", "--json", home=home, given="440306198802130001\n")
    assert found.data["subjects"] == [{"subject": who, "matched": 1}]
    missed = run("right", "find", home=home, given="440306198802130019\n")
    assert (missed.code, missed.out, missed.err) == (1, "", "not-found: nobody is found\n")
    letter = tmp_path / "letter.txt"
    letter.write_text("请给我一份副本\n", "utf-8")
    right = str(_done(home, "right", "receive", "access", "--subject", who, "--statement-file", letter)["right"])
    joined = _done(home, "right", "receive", "access", "--subject", who, "--statement-file", letter)
    assert (joined["right"], joined["is_joined"]) == (right, True)
    early = run("right", "package", right, "--out", tmp_path / "copy.html", "--json", home=home)
    assert (early.code, early.data["error"]) == (1, "not-in-this-state")
    unsaid = run("right", "identify", right, "--assurance", "proven", "--evidence", letter, home=home)
    assert unsaid.err.startswith("invalid: --by: whoever is matched or proven")
    _done(home, "right", "identify", right, "--assurance", "proven", "--by", "id-document", "--evidence", letter)
    assert _done(home, "right", "start", right)["state"] == "in-progress"
    words = tmp_path / "passphrase.txt"
    made = _done(home, "right", "package", right, "--out", tmp_path / "copy.html", "--passphrase-out", words)
    assert "passphrase" not in made
    opened = run(
        "right", "open-package", tmp_path / "copy.html", "--out", tmp_path / "copy", "--passphrase-file", words
    )
    assert opened.code == 0, opened.err
    document = json.loads((tmp_path / "copy" / "personal-information.json").read_text("utf-8"))
    assert document["subject"] == who
    wrong = run(
        "right", "open-package", tmp_path / "copy.html", "--out", tmp_path, given="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA\n"
    )
    assert (wrong.code, wrong.out) == (1, "")
    assert _done(home, "right", "fulfil", right, "--done", "package")["state"] == "fulfilled"
    shown = run("right", "show", right, home=home)
    assert "PIPL 45(2)" in shown.out
    assert "请给我" not in shown.out


def test_each_step_of_a_request_prints_the_next(desk: tuple[Path, str], tmp_path: Path) -> None:
    """From the receipt to the answer, each command names the one that works next; a missing file is asked for."""
    home, who = desk
    paper = tmp_path / "id.jpg"
    paper.write_bytes(b"copy")
    right = ""

    def comes(*words: str | Path) -> str:
        ran = run(*words, home=home)
        assert ran.code == 0, ran.err
        nonlocal right
        right = right or ran.out.split()[1]
        return "".join(line.removeprefix("Next: shouxin ") for line in ran.out.splitlines() if line.startswith("Next"))

    coming = comes("right", "receive", "copy", "--subject", who)
    assert coming == f"right identify {right} --assurance proven --by CODE --evidence FILE"
    without = run(*coming.replace("CODE", "id-document").removesuffix(" --evidence FILE").split(), home=home)
    assert (without.code, without.err) == (1, "invalid: --evidence: give the file that shows it\n")
    coming = comes(*coming.replace("CODE", "id-document").replace("FILE", str(paper)).split())
    assert coming == f"right start {right}"
    coming = comes(*coming.split())
    assert coming == f"right package {right} --out copy.html"
    coming = comes(*coming.replace("copy.html", str(tmp_path / "copy.html")).split())
    assert coming == f"right fulfil {right} --done package"
    assert comes(*coming.split()) == ""
    said = ("--as-a", "relative", "--statement-file", paper)
    relative = run("right", "receive", "copy", "--subject", who, *said, home=home)
    assert "--by death --by kinship --by no-other-arrangement --by own-lawful-interest --evidence FILE" in relative.out


def test_a_refusal_needs_its_rule(desk: tuple[Path, str]) -> None:
    """Without --because nothing is refused; with it the article is shown."""
    home, who = desk
    right = str(_done(home, "right", "receive", "delete", "--subject", who)["right"])
    assert run("right", "refuse", right, home=home).code == 1
    said = _done(home, "right", "refuse", right, "--because", "CN-AML-34-3-IDENTITY")
    assert said["state"] == "refused"
    assert "AML 34(3)" in run("right", "show", right, home=home).out
    assert run("right", "list", home=home).out == "nothing is owed to anybody\n"
    listed = run("right", "list", "--all", "--json", home=home).data["rights"]
    assert [one["right"] for one in listed] == [right]


def test_a_deletion_is_fulfilled_where_nobody_drafts_orders(desk: tuple[Path, str], tmp_path: Path) -> None:
    """Without a card that has [deletion]: what to add is said, and an erasure since the request fulfils it."""
    home, who = desk
    paper = tmp_path / "id.jpg"
    paper.write_bytes(b"copy")
    right = str(_done(home, "right", "receive", "delete", "--subject", who)["right"])
    _done(home, "right", "identify", right, "--assurance", "proven", "--by", "id-document", "--evidence", paper)
    _done(home, "right", "start", right)
    early = run("right", "fulfil", right, home=home)
    assert (early.code, "shouxin subject erase" in early.err) == (1, True)
    drafted = run("deletion", "draft", "--right", right, home=home)
    assert drafted.code == 1
    assert "[deletion], which says who agrees (levels, bulk)" in drafted.err
    assert "data.deletion.toml" in drafted.err
    _done(home, "subject", "erase", who, "--yes")
    assert _done(home, "right", "fulfil", right)["state"] == "fulfilled-in-part"
    shown = run("right", "show", right, home=home).out
    assert "employment.job" in shown
    assert "AML 34(3)" in shown


def test_an_objection_is_marked_shown_and_settled(desk: tuple[Path, str], tmp_path: Path) -> None:
    """Whoever opens the item is told that it is disputed, until the written answer."""
    home, who = desk
    use = ("access", "open", who, "--purpose", "loan.file", "--item", "employment.job", "--as", "analyst")
    right = str(
        _done(home, "right", "receive", "object-credit", "--subject", who, "--about", "employment.job")["right"]
    )
    assert "disputed 存在异议" in run(*use, home=home).out
    assert _done(home, *use)["disputed"] == {who: ["employment.job"]}
    letter = tmp_path / "letter.txt"
    letter.write_text("", "utf-8")
    matched = ("right", "identify", right, "--assurance", "matched", "--by", "call-back", "--as", "rights_desk")
    assert run(*matched, home=home).code == 1
    assert run(*matched, "--evidence", letter, home=home).code == 1
    letter.write_text("经核查无误", "utf-8")
    _done(home, *matched, "--evidence", letter)
    _done(home, "right", "start", right)
    _done(home, "right", "settle", right, "--found", "right", "--reply-file", letter)
    assert _done(home, *use)["disputed"] == {}


def test_the_other_kinds_have_their_commands(desk: tuple[Path, str], tmp_path: Path) -> None:
    """Restrict, correct, explain, review, withdraw, pass up."""
    home, who = desk
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(b"the copy of a document")

    def begun(kind: str, *more: str) -> str:
        right = str(_done(home, "right", "receive", kind, "--subject", who, "--as", "rights_desk", *more)["right"])
        _done(home, "right", "identify", right, "--assurance", "proven", "--by", "id-document", "--evidence", copy)
        _done(home, "right", "start", right)
        return right

    right = begun("correct")
    corrected = run("right", "correct", right, "--item", "employment.job", "--json", home=home, given="木匠\n")
    assert corrected.data["state"] == "fulfilled", corrected.out
    right = begun("refuse-automation")
    assert _done(home, "right", "explain", right)["decisions"] == []
    assert run("right", "review", right, "--as", "analyst", home=home).code == 1
    assert _done(home, "right", "review", right, "--as", "credit_officer")["state"] == "fulfilled"
    assert _done(home, "right", "restrict", begun("restrict"))["state"] == "fulfilled"
    assert _done(home, "right", "withdraw", begun("know"))["state"] == "withdrawn"
    assert _done(home, "right", "pass-up")["passed_up"] == []


def test_a_stranger_complains(desk: tuple[Path, str], tmp_path: Path) -> None:
    """Filed with evidence and a number to answer to, lengthened, added to, answered; its clocks are listed."""
    home, _ = desk
    letter, proof = tmp_path / "letter.txt", tmp_path / "proof.png"
    letter.write_text("你们泄露了我的电话", "utf-8")
    proof.write_bytes(b"\x89PNG")
    filed = run(
        *("complaint", "file", "--leak", "--complex", "--statement-file", letter, "--evidence", proof),
        *("--reply-to", "--json"),
        home=home,
        given="13000000001\n",
    )
    assert filed.code == 0, filed.out + filed.err
    right = str(filed.data["right"])
    items = [one["item"] for one in filed.data["evidence"]]
    assert items == ["rights.statement", "rights.evidence", "contact.mobile"]
    found = run("right", "find", "--item", "contact.mobile", "--json", home=home, given="13000000001\n")
    assert found.data["subjects"] == [{"subject": filed.data["filer"], "matched": 1}]
    _done(home, "complaint", "hand-in", right, "--evidence", proof)
    _done(home, "right", "extend", right, "CN-COMPL-COMPLEX", "--as", "dpo")
    _done(home, "right", "pause", right, "CN-COMPL-COMPLEX", "--ground", "CN-COMPL-MATERIAL")
    _done(home, "right", "resume", right, "CN-COMPL-COMPLEX")
    (one,) = run("right", "list", "--json", home=home).data["rights"]
    assert {clock["rule"] for clock in one["clocks"]} >= {"CN-NDSR-20", "CN-COMPL-COMPLEX"}
    _done(home, "right", "start", right)
    assert _done(home, "complaint", "answer", right, "--done", "closed")["state"] == "fulfilled"
    second = str(_done(home, "complaint", "file", "--statement-file", letter)["right"])
    owed = ("complaint", "refuse", second, "--because", "CN-PIPL-50-1-REASONS")
    bare = run(*owed, home=home)
    assert (bare.code, "a reason is owed and is none" in bare.err) == (1, True)
    refused = _done(home, *owed, "--reply-file", letter)
    assert refused["state"] == "refused"
