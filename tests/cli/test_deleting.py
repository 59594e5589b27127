"""``shouxin deletion`` from the draft to the end as people type it: carried out, stopped, refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shouxin.domain.identifiers import SubjectId, show
from tests.cli.shell import Ran, run
from tests.operations.core import CORE, Core
from tests.operations.deletion import house
from tests.operations.portfolio import Lender, lender
from tests.operations.rights.counter import CARDS
from tests.workspaces import PASSPHRASE, adopt, close

SECRET = {"SHOUXIN_PASSPHRASE": PASSPHRASE}
AT_ONCE = house.DELETION.replace("cool_off_minutes = 60", "cool_off_minutes = 0").replace(
    'filing = ["unlawful"]', 'filing = ["asked"]'
)
Typed = Callable[..., Ran]


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """A lender who deletes without cooling off, and files what people ask for with an authority first."""
    made = lender(tmp_path)
    for text in (*CARDS, house.NO_RETURN, AT_ONCE):
        adopt(made.workspace, made.tokens["dpo"], text)
    made.take([1], customer=False)
    return made


@pytest.fixture
def typed(bank: Lender) -> Typed:
    """What people type; the rights desk unless ``who`` says another."""
    close(bank.workspace)
    for name in ("dpo", "dpo.2", "rights_desk", "approver"):
        assert run("account", "sign-in", name, home=bank.home, **SECRET).code == 0

    def type_it(*words: str | Path, who: str = "rights_desk", core: str = "") -> Ran:
        variables = {"LENDER_DSN": core} if core else {}
        return run("deletion", *words, "--as", who, "--json", home=bank.home, **variables)

    return type_it


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper to show."""
    file = tmp_path / "paper.pdf"
    file.write_bytes(b"paper")
    return file


def drafted(bank: Lender, typed: Typed, paper: Path, core: str = "") -> str:
    """Draft an order about the one person; return its name."""
    ran = typed("draft", show(SubjectId, bank.people[1]), "--proof", "in-person", "--evidence", paper, core=core)
    assert ran.code == 0, ran.err
    return str(ran.data["order"])


def cooled(bank: Lender, typed: Typed, paper: Path, core: str = "") -> str:
    """Take an order as far as to its execution; return its name."""
    order = drafted(bank, typed, paper, core)
    for words, who in (
        (("file", order, "--authority", "court", "--paper", paper), "rights_desk"),
        (("submit", order), "rights_desk"),
        (("approve", order), "approver"),
    ):
        ran = typed(*words, who=who)
        assert ran.code == 0, ran.err
    return order


def test_an_order_goes_from_its_draft_to_its_certificate(
    bank: Lender, typed: Typed, paper: Path, tmp_path: Path
) -> None:
    """Every step says where it stands; no step is skipped; the certificate that is written holds."""
    order = drafted(bank, typed, paper)
    assert typed("list").data["orders"][0]["state"] == "scoped"
    assert typed("preview", order).data["preview"]["erased"]["employment.job"] == 1
    unfiled = typed("submit", order)
    assert (unfiled.code, unfiled.data["error"]) == (1, "approval-missing"), unfiled.out
    filed = typed("file", order, "--authority", "court", "--paper", paper).data
    assert [one["authority"] for one in filed["filings"]] == ["court"]
    assert typed("submit", order).data["state"] == "approving"
    assert typed("execute", order).code == 1
    assert typed("approve", order).code == 1  # the desk that drafted it
    assert typed("approve", order, who="approver").data["state"] == "cooling"
    folder = tmp_path / "certificates"
    done = typed("execute", order, "--certificates", folder)
    assert (done.code, done.data["state"], done.data["progress"]["erased"]) == (0, "done", 1)
    (file,) = folder.glob("*.json")
    assert json.loads(file.read_bytes())["outcome"] == "erased"
    assert run("certificate", "verify", file, "--log-key", bank.home / "public" / "log.vkey", home=bank.home).code == 0
    assert typed("list").data["orders"] == []
    assert [one["state"] for one in typed("list", "--all").data["orders"]] == ["done"]
    assert "done   nobody now  " in run("deletion", "list", "--all", "--as", "rights_desk", home=bank.home).out


def test_the_card_that_is_missing_is_named(paper: Path, tmp_path: Path) -> None:
    """Whoever drafts with a proof learns which card its evidence would be kept under, and where a pattern is."""
    home = house.house(tmp_path)
    home.bank.take([1])
    close(home.bank.workspace)
    assert run("account", "sign-in", "rights_desk", home=home.bank.home, **SECRET).code == 0
    who = show(SubjectId, home.bank.people[1])
    ran = run("deletion", "draft", who, "--proof", "in-person", "--evidence", paper, home=home.bank.home)
    assert (ran.code, "for rights.evidence, which this needs: adopt one" in ran.err) == (1, True), ran.err


def test_a_pause_stops_what_is_to_be_carried_out(bank: Lender, typed: Typed, paper: Path) -> None:
    """Whoever paused does not let it go on; another officer does, and then it is carried out."""
    order = cooled(bank, typed, paper)
    assert typed("pause", who="dpo").data["paused"] is True
    stopped = typed("execute", order)
    assert (stopped.code, stopped.data["error"]) == (1, "not-in-this-state")
    assert typed("show", order).data["state"] == "cooling"
    assert typed("go-on", who="dpo").code == 1
    assert typed("go-on", who="dpo.2").data["paused"] is False
    assert typed("execute", order).data["state"] == "done"


def test_an_order_that_is_cancelled_or_denied_is_not_carried_out(bank: Lender, typed: Typed, paper: Path) -> None:
    """Both end it; nothing of it can be executed, and the person is still there for a new order."""
    order = cooled(bank, typed, paper)
    assert typed("cancel", order).data["state"] == "cancelled"
    assert typed("execute", order).code == 1
    order = drafted(bank, typed, paper)
    assert typed("file", order, "--authority", "court", "--paper", paper).code == 0
    assert typed("submit", order).code == 0
    assert typed("deny", order, who="approver").data["state"] == "refused"
    assert typed("execute", order).code == 1
    assert typed("approve", order, who="approver").code == 1
    assert [one["state"] for one in typed("list", "--all").data["orders"]] == ["cancelled", "refused"]
    assert typed("draft", show(SubjectId, bank.people[1]), "--proof", "in-person", "--evidence", paper).code == 0


def test_a_database_that_fails_keeps_the_person_until_it_is_mended_or_left(
    bank: Lender, paper: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Exit code 1 and the name of the database; left to an officer with a date, it is a residual of the certificate."""
    core = Core(tmp_path, bank)
    typed: Typed = request.getfixturevalue("typed")
    unasked = typed("draft", show(SubjectId, bank.people[1]), "--proof", "in-person", "--evidence", paper)
    assert (unasked.code, unasked.data["error"], unasked.data["state"]) == (1, "misconfigured", "identified")
    assert typed("cancel", unasked.data["order"]).code == 0
    order = cooled(bank, typed, paper, core.address)
    failed = typed("execute", order, core=f"sqlite:///{tmp_path / 'absent' / 'core.db'}")
    assert (failed.code, failed.data["progress"]["systems"]) == (1, [CORE])
    assert core.left()["customer"] == {1}
    left = typed("leave", order, "--system", CORE, "--due", "2035-01-31", who="dpo")
    assert (left.code, left.data["left"]) == (0, [CORE])
    assert typed("leave", order, "--system", "no-such", "--due", "2035-01-31", who="dpo").code == 1
    folder = tmp_path / "certificates"
    done = typed("execute", order, "--certificates", folder, core=core.address)
    assert (done.code, done.data["state"]) == (0, "done")
    (file,) = folder.glob("*.json")
    residuals = json.loads(file.read_bytes())["residuals"]
    assert [(one["where"], one["due"]) for one in residuals if one["what"] == "downstream-failed"] == [
        (CORE, "2035-01-31")
    ]
