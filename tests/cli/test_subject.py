from __future__ import annotations

from pathlib import Path

from shouxin.domain.identifiers import SubjectId, show
from shouxin.rights.kinds import RightKind
from tests import workspaces
from tests.cli.shell import lender, run
from tests.operations.core import Core
from tests.operations.deletion.house import DELETION, NO_RETURN
from tests.operations.rights.counter import counter, files
from tests.workspaces import CARD

FOR = ("--purpose", "credit.review")
LOOKS = CARD.replace("version = 1", "version = 2").replace("assessment =", "look_ups_an_hour = 4\nassessment =")


def _with_look_ups(tmp_path: Path, *names: str) -> tuple[Path, str]:
    home, [who] = lender(tmp_path, 1, "dpo", *names)
    card = tmp_path / "card.toml"
    card.write_text(LOOKS, "utf-8")
    assert run("purpose", "adopt", card, "--as", "dpo", home=home).code == 0
    return home, who


def test_a_person_is_found_by_a_value_that_is_never_an_argument(tmp_path: Path) -> None:
    """The value comes by standard input or a file; a miss is an answer of its own; too many are refused."""
    home, who = _with_look_ups(tmp_path, "analyst")
    found = run("subject", "find", *FOR, "--json", home=home, given="110105194912310000\n")
    assert (found.code, found.data["subjects"]) == (0, [who])
    value = tmp_path / "value"
    value.write_text("110105194912319999\n", "utf-8")
    missed = run("subject", "find", *FOR, "--value-file", value, "--json", home=home)
    assert (missed.code, missed.data["ok"], missed.data["error"]) == (1, False, "not-found")
    assert missed.data["subjects"] == []
    said = run("subject", "find", *FOR, "--value-file", value, home=home)
    assert (said.code, said.out, said.err) == (1, "", "not-found: nobody is found\n")
    assert run("subject", "find", *FOR, home=home, given="110105194912310000\n").out.strip() == who
    often = run("subject", "find", *FOR, "--json", home=home, given="110105194912310000\n")
    assert (often.code, often.data["reasons"][0]["rule"]) == (1, "look-up-rate")
    assert run("subject", "find", "110105194912310000", *FOR, home=home).code == 2


def test_show_is_masked(tmp_path: Path) -> None:
    """All items of the purpose, masked; without a purpose the refusal has its article."""
    home, [who] = lender(tmp_path, 1, "analyst")
    ran = run("subject", "show", who, *FOR, "--json", home=home)
    assert len(ran.data["values"][who]) == 4
    assert "张三0000" not in ran.out
    assert ran.data["version"] == 1
    assert "permitted by credit.review, version 1 (PIPL 13(1)(2))" in run("subject", "show", who, *FOR, home=home).out
    assert "PIPL 6(1)" in run("subject", "show", who, home=home).err


def test_freeze_and_release_act_at_once(tmp_path: Path) -> None:
    """What is frozen is not opened; what is released is."""
    home, [who] = lender(tmp_path, 1, "analyst", "dpo")
    assert run("subject", "freeze", who, home=home).code == 0
    refused = run("subject", "show", who, *FOR, "--as", "analyst", "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")
    assert run("subject", "release", who, home=home).code == 0
    assert run("subject", "show", who, *FOR, "--as", "analyst", home=home).code == 0


def test_merge_and_split(tmp_path: Path) -> None:
    """Two subjects become one and two again; nobody is merged into themselves."""
    home, [one, other] = lender(tmp_path, 2, "dpo")
    assert run("subject", "merge", one, "--into", one, "--json", home=home).data["error"] == "invalid"
    assert run("subject", "merge", one, "--into", other, home=home).code == 0
    assert run("subject", "split", one, home=home).code == 0
    assert run("subject", "split", one, "--json", home=home).data["error"] == "not-in-this-state"


def test_a_freeze_and_its_end_reach_the_lenders_database(tmp_path: Path) -> None:
    """Raised and lowered there; a flag that stood before stays, and the command says why; what is disputed is told."""
    bank = counter(tmp_path)
    bank.take([1, 2])
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(bank.workspace, bank.tokens["dpo"], text)
    core = Core(tmp_path, bank)
    core.flag(2)
    files(bank, RightKind.OBJECT_CREDIT, bank.people[1], "identity.id_number")
    workspaces.close(bank.workspace)
    signed = run("account", "sign-in", "rights_desk", home=bank.home, SHOUXIN_PASSPHRASE=workspaces.PASSPHRASE)
    assert signed.code == 0, signed.err

    def typed(word: str, number: int) -> str:
        who = show(SubjectId, bank.people[number])
        ran = run("subject", word, who, "--databases", "data.deletion", home=bank.home, LENDER_DSN=core.address)
        assert ran.code == 0, ran.out + ran.err
        return ran.out

    said = typed("freeze", 1)
    assert "lender-core: frozen" in said
    assert "存在异议 (identity.id_number)" in said
    assert "存在异议" not in typed("freeze", 2)
    assert core.frozen() == {1, 2}
    assert "lender-core: released" in typed("release", 1)
    assert "customer: 1 row retained; a floor or somebody else froze these rows" in typed("release", 2)
    assert core.frozen() == {2}
