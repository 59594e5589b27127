"""An edge is a process of its own; everything that it writes, says and sends is searched for every number and name."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from shouxin.bootstrap import open_file
from shouxin.domain.event_kind import EventKind
from shouxin.edge.features import matching_token
from shouxin.edge.invitation import read_invitation
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.collecting.invite_edge import edge_key, invite_edge
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.workspace import Workspace
from tests import recorded, workspaces
from tests.cli.shell import run as typed
from tests.house.tree import SRC
from tests.plans import PLAN, approved, files_hold

MATCHING = """\
purpose = "address-book.matching"
version = 1
title_zh = "通讯录标记"
title_en = "Address book tokens"
explanation_zh = "您单独同意后，只收集通讯录的统计和标记。"
explanation_en = "With your separate consent we take counts and tokens of your address book only."
lawful_basis = "consent"
basis_article = "PIPL 13(1)(1)"
separate_consent = true
assessment = "pia-3"
items = ["address_book.tokens", "address_book.count", "address_book.ties"]
[roles]
sealed = ["collector"]
[retention.tokens]
items = ["address_book.tokens", "address_book.count", "address_book.ties"]
ceiling_days = 90
"""
EDGE_PLAN = (
    PLAN.replace('["credit.review"]', '["credit.review", "address-book.matching"]')
    .replace('"credit.amount"]', '"address_book.count", "address_book.ties", "address_book.tokens"]')
    .replace("\n[design]", '\n[agreed]\n"address-book.matching" = "agreed"\n\n[design]')
)
NUMBERS = [f"1540000{at:04}" for at in range(40)]
NAMES = [f"通讯{chr(0x4E00 + at)}某" for at in range(40)]
APPLICANT = {"identity.name": "王小明", "identity.id_number": "11010519491231002X", "contact.mobile": "13911112222"}


@pytest.fixture
def bank(tmp_path: Path) -> Workspace:
    """A lender with an approved plan for features of address books."""
    made = workspaces.ready(tmp_path)
    workspaces.adopt(made, workspaces.signed_in(made, "dpo"), MATCHING)
    approved(made, EDGE_PLAN)
    return made


def ran_edge(folder: Path, invitation: bytes, out: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the edge as a branch would: a folder of its own, its files, one process."""
    folder.mkdir(exist_ok=True)
    (folder / "invitation.json").write_bytes(invitation)
    book = ["姓名,手机", *(f"{name},{number}" for name, number in zip(NAMES, NUMBERS, strict=True))]
    (folder / "book.csv").write_text("\n".join(book) + "\n", "utf-8")
    (folder / "calls.csv").write_text("\n".join(["number", *NUMBERS[:1] * 12, *NUMBERS[1:4]]) + "\n", "utf-8")
    words = ["--invitation", "invitation.json", "--address-book", "book.csv", "--calls", "calls.csv", "--out", out]
    applicant = json.dumps({**APPLICANT, "family.status": "已婚秘密"})
    return subprocess.run(
        [sys.executable, "-m", "shouxin.edge", *words, *more],
        cwd=folder,
        env={"PYTHONPATH": str(SRC)},
        input=applicant,
        capture_output=True,
        text=True,
        check=False,
    )


def test_raw_contacts_never_leave_and_the_institution_takes_the_features_in(tmp_path: Path, bank: Workspace) -> None:
    """Every byte written and said holds no number and no name; opened, only planned features; taken in once."""
    collector = workspaces.signed_in(bank, "collector")
    invitation = invite_edge(bank, collector, "applications")
    assert [one.facts["items"] for one in recorded.events(bank, EventKind.EDGE_INVITED)] == [6]
    folder = tmp_path / "branch"
    ran = ran_edge(folder, msgspec.json.encode(invitation), "one.sealed", "--agreed")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["dropped"] == ["family.status"]
    sealed = (folder / "one.sealed").read_bytes()
    inside = edge_key(bank, "applications").open(
        base64.b64decode(sealed.splitlines()[1]), b"shouxin-edge/1\0lender.example/log\0applications"
    )
    # Written, said, and even opened: nobody of the address book; the same search finds all of them in the book.
    for content in (sealed, ran.stdout.encode(), ran.stderr.encode(), inside):
        assert not [one for one in (*NUMBERS, *NAMES, "已婚秘密") if one.encode() in content]
    assert all(one.encode() in (folder / "book.csv").read_bytes() for one in (*NUMBERS, *NAMES))
    assert not [one for one in APPLICANT.values() if one.encode() in sealed]
    kept = {"invitation.json", "book.csv", "calls.csv", "one.sealed"}
    assert {path.name for path in folder.iterdir()} == kept
    fields = json.loads(inside)["fields"]
    assert (fields["address_book.count"], fields["address_book.ties"]) == ("40", "strong:1 weak:3 silent:36")
    assert matching_token(invitation.matching_key, NUMBERS[0]) in fields["address_book.tokens"].split()
    source = open_file(bank, folder / "one.sealed", "applications")
    done = run_plan(bank, collector, "applications", source).run
    assert (done.taken, done.aside, done.unplanned) == (1, 0, ())
    assert {"address_book.count", "address_book.ties", "address_book.tokens"} <= set(done.seen)
    assert run_plan(bank, collector, "applications", source).run.taken == 0
    home = workspaces.home_of(tmp_path)
    bank.close()
    assert files_hold(home, *NUMBERS, *NAMES, *APPLICANT.values()) == []


def test_without_consent_no_token_is_made(tmp_path: Path, bank: Workspace) -> None:
    """The record says no, and holds no token; nothing of that purpose is kept."""
    collector = workspaces.signed_in(bank, "collector")
    invitation = invite_edge(bank, collector, "applications")
    ran = ran_edge(tmp_path / "branch", msgspec.json.encode(invitation), "one.sealed")
    assert "address_book.tokens" not in json.loads(ran.stdout)["sent"]
    source = open_file(bank, tmp_path / "branch" / "one.sealed", "applications")
    done = run_plan(bank, collector, "applications", source).run
    assert (done.taken, "address_book.tokens" in done.seen) == (1, False)


def test_what_was_sealed_to_another_plan_or_changed_is_set_aside(tmp_path: Path, bank: Workspace) -> None:
    """Neither a forged line nor a file of another plan opens; each is set aside by its line."""
    collector = workspaces.signed_in(bank, "collector")
    invitation = invite_edge(bank, collector, "applications")
    other = msgspec.structs.replace(invitation, plan="another")
    assert ran_edge(tmp_path / "branch", msgspec.json.encode(other), "other.sealed").returncode == 0
    path = tmp_path / "branch" / "other.sealed"
    with path.open("ab") as file:
        file.write(b"bm90aGluZw==\nnot base64\n")
    ran = run_plan(bank, collector, "applications", open_file(bank, path, "applications"))
    assert (ran.run.taken, [one.reason for one in ran.aside]) == (0, ["not-sealed-to-this-plan"] * 3)
    (tmp_path / "plain.sealed").write_bytes(b"a,b\n")
    with pytest.raises(Invalid):
        list(open_file(bank, tmp_path / "plain.sealed", "applications").read(_start(), ()))


def _start() -> object:
    from shouxin.operations.collecting.intake import Reached

    return Reached()


def test_who_may_not_and_what_is_not_approved_invites_nobody(bank: Workspace) -> None:
    """An analyst, a plan that there is not, a plan without such features."""
    with pytest.raises(Refused):
        invite_edge(bank, workspaces.signed_in(bank, "analyst"), "applications")
    with pytest.raises(NotFound):
        invite_edge(bank, workspaces.signed_in(bank, "collector"), "nothing")
    assert recorded.events(bank, EventKind.EDGE_INVITED) == []


def test_an_edge_that_cannot_writes_nothing(tmp_path: Path, bank: Workspace) -> None:
    """A broken invitation, a file that is there already: exit code 1, no output, and no value in what it says."""
    made = msgspec.json.encode(invite_edge(bank, workspaces.signed_in(bank, "collector"), "applications"))
    broken = ran_edge(tmp_path / "branch", b"{}", "one.sealed")
    assert (broken.returncode, broken.stdout, (tmp_path / "branch" / "one.sealed").exists()) == (1, "", False)
    (tmp_path / "branch" / "one.sealed").write_bytes(b"before")
    again = ran_edge(tmp_path / "branch", made, "one.sealed")
    assert (again.returncode, (tmp_path / "branch" / "one.sealed").read_bytes()) == (1, b"before")
    assert "王小明" not in again.stderr + broken.stderr


def test_the_invitation_is_written_for_its_owner_only(tmp_path: Path, bank: Workspace) -> None:
    """The command writes what the edge reads, with rights for nobody else, and shows no secret."""
    bank.close()
    home = workspaces.home_of(tmp_path)
    signed = typed("account", "sign-in", "collector", "--passphrase-file", "-", home=home, given=workspaces.PASSPHRASE)
    assert signed.code == 0, signed.err
    ran = typed(
        "source", "invite", "applications", "--out", tmp_path / "i.json", "--json", "--as", "collector", home=home
    )
    assert ran.code == 0, ran.out + ran.err
    made = read_invitation((tmp_path / "i.json").read_bytes())
    assert (tmp_path / "i.json").stat().st_mode & 0o777 == 0o600
    assert made.matching_key.hex() not in ran.out
    assert ran.data["public_key"] == made.public_key.hex()


def test_an_edge_has_nothing_to_send_with() -> None:
    """The process loads no socket, no store and no framework: what it does not write cannot leave."""
    asked = "import sys, shouxin.edge.__main__; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", asked], env={"PYTHONPATH": str(SRC)}, capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.split())
    assert "shouxin.edge.gather" in loaded
    assert not loaded & {"socket", "http.client", "ssl", "sqlalchemy", "typer", "shouxin.storage", "shouxin.connectors"}
