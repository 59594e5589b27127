"""``shouxin deletion``: what an order would do stands in what is shown, and a bulk one asks before it is confirmed."""

from __future__ import annotations

from pathlib import Path

from shouxin.domain.identifiers import OrderId, SubjectId, show
from shouxin.operations.deletion.decide import agree_order, submit_order
from shouxin.operations.staff.second_factor import enrol_second_factor
from tests.cli.shell import run
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import ID_NUMBER, NAME, values_of
from tests.operations.rights.counter import CARDS
from tests.telephone import code_of
from tests.workspaces import PASSPHRASE, close

SECRET = {"SHOUXIN_PASSPHRASE": PASSPHRASE}


def _signed_in(home: House, *names: str) -> Path:
    """Let go of the workspace and sign in on the command line."""
    close(home.bank.workspace)
    for name in names:
        ran = run("account", "sign-in", name, home=home.bank.home, **SECRET)
        assert ran.code == 0, ran.err
    return home.bank.home


def test_what_an_order_would_do_is_shown(tmp_path: Path) -> None:
    """Items that go, what a law keeps with article and day, how many people: as lines, and as data for programs."""
    home = house(tmp_path)
    home.bank.take([1])
    order_id = home.drafted(home.wanted(home.bank.people[1]))
    name, place = show(OrderId, order_id), _signed_in(home, "dpo", "analyst")
    ran = run("deletion", "show", name, "--as", "dpo", home=place)
    assert (ran.code, "1 person" in ran.out) == (0, True)
    assert "employment.job" in ran.out
    assert "AML 34(3)" in ran.out
    data = run("deletion", "show", name, "--json", "--as", "dpo", home=place).data
    assert data["preview"]["erased"]["employment.job"] == 1
    assert sum(data["preview"]["retained"].values()) >= 2
    assert not [value.text() for value in values_of(1).values() if value.text() in ran.out]
    assert run("deletion", "show", name, "--as", "analyst", home=place).code == 1


def test_a_bulk_order_is_confirmed_after_its_sample_was_shown(tmp_path: Path) -> None:
    """Number and masked names come before the code is asked for; another number or code confirms nothing."""
    home = house(tmp_path)
    bank = home.bank
    bank.take([1, 2, 3], customer=False)
    address = enrol_second_factor(bank.workspace, bank.tokens["dpo.2"], PASSPHRASE)
    home.clock.on(minutes=5)
    order_id = home.drafted(home.wanted(*bank.people.values()))
    submit_order(bank.workspace, home.desk, order_id)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(bank.workspace, bank.tokens[name], order_id)
    masked = [bank.masked(who)[who] for who in bank.people.values()]
    at = bank.workspace.data.read(bank.workspace.now)
    code = code_of(address, at)
    name, place = show(OrderId, order_id), _signed_in(home, "dpo.2")
    words = ("deletion", "confirm", name, "--as", "dpo.2")
    wrong = run(*words, "--people", "2", "--code-file", "-", home=place, given=code)
    assert wrong.code == 1
    assert "deletes 3 people" in wrong.err
    for told in masked:
        assert told[NAME] in wrong.err
        assert told[ID_NUMBER] in wrong.err
    assert not [number for number in (1, 2, 3) if values_of(number)[ID_NUMBER].text() in wrong.err]
    assert run(*words, "--people", "3", "--code-file", "-", home=place, given="000000").code == 1
    assert run("deletion", "show", name, "--json", "--as", "dpo.2", home=place).data["state"] == "confirming"
    assert run(*words, "--people", "3", "--code-file", "-", home=place, given=code).code == 0
    assert run("deletion", "show", name, "--json", "--as", "dpo.2", home=place).data["state"] == "cooling"


def test_what_is_wrong_about_a_proof_names_its_option(tmp_path: Path) -> None:
    """No proof, half of one, an unknown one, and evidence that is empty or not there: each says which option it is."""
    home = house(tmp_path)
    home.bank.take([1])
    who, place = show(SubjectId, home.bank.people[1]), _signed_in(home, "dpo", "rights_desk")
    card = tmp_path / "card.toml"
    card.write_text(next(one for one in CARDS if 'purpose = "rights.evidence"' in one), "utf-8")
    assert run("purpose", "adopt", card, "--as", "dpo", home=place).code == 0
    empty, paper, absent = tmp_path / "empty.pdf", tmp_path / "paper.pdf", tmp_path / "absent.pdf"
    empty.touch()
    paper.write_bytes(b"%PDF")
    said = {
        (): "--proof: whoever asks for a deletion proves who they are",
        ("--proof", "in-person"): "--proof: a proof and its evidence come together",
        ("--proof", "seen", "--evidence", paper): "--proof: who somebody is, is seen by one of",
        ("--proof", "in-person", "--evidence", empty): "--evidence: an empty file shows nothing",
        ("--proof", "in-person", "--evidence", absent): "--evidence absent.pdf: cannot be read",
    }
    for words, told in said.items():
        ran = run("deletion", "draft", who, *words, home=place)
        assert (ran.code, ran.err.partition(told)[0]) == (1, "invalid: "), (words, ran.err)
