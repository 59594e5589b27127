from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

from shouxin.cli.source import said_of
from shouxin.demo.applications import applications, write_csv
from shouxin.demo.cast import card_files
from shouxin.detection.stream.monitor import StreamSignal
from shouxin.operations.collecting.plan_row import RunFinding
from shouxin.operations.collecting.receive_push import Delivery
from shouxin.operations.collecting.run_plan import run_plan
from tests import plans, workspaces
from tests.cli.shell import lender, run

PLAN = plans.PLAN.replace("\n[design]", 'began = "signed_on"\n\n[design]')
HEAD = "identity.name,identity.id_number,contact.mobile,contact.email,signed_on,note"


def _files(tmp_path: Path, *lines: str) -> tuple[str | Path, ...]:
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    (tmp_path / "source.toml").write_text(plans.SOURCE, "utf-8")
    (tmp_path / "people.csv").write_text("\n".join((HEAD, *lines)) + "\n", "utf-8")
    return (
        "source",
        "collect",
        tmp_path / "people.csv",
        "--plan",
        tmp_path / "plan.toml",
        "--as",
        "collector",
        "--json",
    )


def _approved(tmp_path: Path, home: Path, code: str = "applications", dpo: str = "dpo") -> None:
    """Register, propose and approve what lies in ``tmp_path``, by the commands."""
    for words in (
        ("source", "add", tmp_path / "source.toml", "--as", dpo),
        ("plan", "check", tmp_path / "plan.toml", "--as", "collector"),
        ("plan", "propose", tmp_path / "plan.toml", "--as", "collector"),
        ("plan", "approve", code, "--as", "approver"),
        ("plan", "approve", code, "--as", dpo),
    ):
        ran = run(*words, home=home)
        assert ran.code == 0, ran.out + ran.err


def test_good_lines_go_in_and_bad_ones_are_set_aside(tmp_path: Path) -> None:
    """Each bad line with its number and a code, no value; what was not planned is not stored; again takes nothing."""
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector")
    words = _files(
        tmp_path,
        "王小明,11010519491231002X,13911112222,a@example.com,2026-01-31,x",
        "李雷,110105194912310021,13911113333,,,",
        "韩梅梅,11010519491231002X,too,many,fields,in,this,line",
        "张伟,110101199003070011,13911114444,,yesterday,",
    )
    _approved(tmp_path, home)
    ran = run(*words, home=home)
    assert ran.code == 0, ran.out
    assert (ran.data["taken"], ran.data["subjects"], ran.data["outcome"]) == (1, 1, "finished")
    assert [one["line"] for one in ran.data["aside"]] == [3, 4, 5]
    assert ran.data["aside"][2]["reason"] == "signed_on"
    assert ran.data["unplanned"] == ["contact.email", "note"]
    assert [(one["signal"], one["field"]) for one in ran.data["findings"]] == [("never-came", "credit.amount")]
    assert "王小明" not in ran.out
    again = run(*words, home=home).data
    assert (ran.data["already"], again["taken"], again["already"]) == (0, 0, 1)
    assert [one["line"] for one in again["aside"]] == [5]  # another plan may read the day
    said = run(*words[:-1], home=home).out
    assert "✓ 0 records taken, 0 people new, 1 set aside; 1 was taken in before" in said
    report = run("plan", "report", "applications", "--json", home=home).data
    assert (report["taken"], report["never_came"], report["unplanned"]) == (
        1,
        ["credit.amount"],
        ["contact.email", "note"],
    )
    (waiting,) = run("source", "purges", "--json", home=home).data["purges"]
    assert waiting["state"] == "waits"
    told = run("source", "purges", home=home).out
    assert ("None" in told, "not known yet" in told) == (False, True)
    look = ("source", "purge", "applications", "--file", tmp_path / "people.csv", "--json")
    assert (run(*look, home=home).code, run(*look, home=home).data["left"]) == (1, 4)
    (tmp_path / "people.csv").unlink()
    assert run(*look, home=home).data["left"] == 0


def test_a_plan_that_was_not_approved_or_does_not_read_takes_nothing(tmp_path: Path) -> None:
    """Not proposed, not approved, changed since, an unknown field or purpose, a file that is not there: exit code 1."""
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector")
    words = _files(tmp_path, "王小明,11010519491231002X,13911112222,,,")
    assert run(*words, home=home).data["error"] == "not-found"
    run("source", "add", tmp_path / "source.toml", "--as", "dpo", home=home)
    run("plan", "propose", tmp_path / "plan.toml", "--as", "collector", home=home)
    assert run(*words, home=home).data["error"] == "not-in-this-state"
    run("plan", "approve", "applications", "--as", "approver", home=home)
    said = run("plan", "list", "--json", home=home).data["plans"][0]
    assert (said["state"], said["asked"], said["agreements"]) == ("designed", "dpo", 1)
    run("plan", "approve", "applications", "--as", "dpo", home=home)
    (tmp_path / "plan.toml").write_text(PLAN.replace("volume = 1000", "volume = 2000"), "utf-8")
    assert run(*words, home=home).data["error"] == "not-in-this-state"
    (tmp_path / "plan.toml").write_text(PLAN + 'colour = "red"\n', "utf-8")
    assert run(*words, home=home).data["error"] == "invalid"
    (tmp_path / "plan.toml").write_text(PLAN.replace("credit.review", "nothing.known"), "utf-8")
    checked = run("plan", "check", tmp_path / "plan.toml", "--json", home=home)
    assert (checked.code, checked.data["ok"]) == (1, False)
    assert "purpose-unknown" in {one["code"] for one in checked.data["remarks"]}
    (tmp_path / "people.csv").unlink()
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    assert run(*words, home=home).data["error"] == "store-unavailable"


def test_contacts_and_tokens_come_in_by_the_plan(tmp_path: Path) -> None:
    """The demo's plan and cards, taken as files: two people a line beside the applicant, and no number in the clear."""
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector", "rights_desk")
    cards = []
    for name, text in card_files():
        version = "version = 2" if name.startswith("credit.review") else "version = 1"
        (tmp_path / name).write_text(text.replace("version = 1", version), "utf-8")
        cards.append(tmp_path / name)
    adopted = run("purpose", "adopt", *cards, "--as", "dpo", home=home)
    assert adopted.code == 0, adopted.err
    folder = files("shouxin.demo") / "plans"
    plan = (folder / "loan-applications.toml").read_text("utf-8").replace('"chen.dpo"', '"dpo"')
    (tmp_path / "plan.toml").write_text(plan, "utf-8")
    (tmp_path / "source.toml").write_text((folder / "loan-applications.source.toml").read_text("utf-8"), "utf-8")
    _approved(tmp_path, home, "loan-applications")
    rows = list(applications(3))
    write_csv(tmp_path / "people.csv", rows)
    words = ("source", "collect", tmp_path / "people.csv", "--plan", tmp_path / "plan.toml", "--as", "collector")
    ran = run(*words, "--json", home=home)
    assert (ran.code, ran.data["taken"], ran.data["subjects"]) == (0, 3, 9), ran.out
    assert ran.data["unplanned"] == ["application"]
    number = rows[0].values["identity.id_number"]
    find = ("subject", "find", "--purpose", "rights.answer", "--value-file", "-", "--as", "rights_desk", "--json")
    (who,) = run(*find, home=home, given=number).data["subjects"]
    told = run("subject", "standing", who, "--json", home=home)
    assert {(one["kind"], one["purpose"]) for one in told.data["cells"]} >= {
        ("cell", "identity.verification"),
        ("cell", "credit.application"),
        ("cell", "address-book.matching"),
        ("edge", "emergency.contact"),
    }
    assert number not in told.out


def test_a_partners_word_ends_what_they_pushed(tmp_path: Path) -> None:
    """Their statement is named by its digest; the list says attested, and nothing says gone."""
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector")
    _files(tmp_path)
    push = plans.SOURCE.replace('"file"', '"push"') + f'push_key = "{"0" * 63}1"\n'
    (tmp_path / "plan.toml").write_text(plans.PLAN, "utf-8")
    (tmp_path / "source.toml").write_text(push, "utf-8")
    _approved(tmp_path, home)
    bank = workspaces.reopened(tmp_path)
    sent = Delivery(({"key": "1", "fields": {"contact.mobile": "13911112222"}},))
    assert run_plan(bank, workspaces.signed_in(bank, "collector"), "applications", sent).run.taken == 1
    workspaces.close(bank)
    (tmp_path / "letter.txt").write_bytes(b"deleted")
    words = ("source", "purge", "applications", "--attested", tmp_path / "letter.txt", "--json", "--as")
    assert run(*words, "collector", home=home).data["error"] == "refused"
    told = run(*words, "dpo", home=home).data
    assert (told["state"], told["evidence"]) == ("attested", hashlib.sha256(b"deleted").hexdigest())
    (listed,) = run("source", "purges", "--json", home=home).data["purges"]
    assert (listed["state"], listed["looked"], listed["left"]) == ("attested", None, None)


def test_every_signal_of_the_watch_has_its_words() -> None:
    """What is raised while records flow is said by the field's name and a count."""
    for signal in StreamSignal:
        said = said_of(RunFinding(signal.value, "wechat", 1500, "mobile"))
        assert said.endswith("(at record 1,500)")
        assert ("wechat" in said) is (signal is not StreamSignal.TOO_MANY_FIELDS)
