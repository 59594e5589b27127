from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run

FOR = ("--purpose", "credit.review")
NAME = ("--item", "identity.name")
NUMBER = ("--item", "identity.id_number")


def test_without_a_purpose_the_article_is_printed(tmp_path: Path) -> None:
    """An analyst who states no purpose is refused; stderr has the article, stdout nothing."""
    home, [who] = lender(tmp_path, 1, "analyst")
    ran = run("access", "open", who, *NAME, home=home)
    assert (ran.code, ran.out) == (1, "")
    assert "PIPL 6(1)" in ran.err
    assert "张三" not in ran.err


def test_a_mistyped_purpose_is_said_before_any_article(tmp_path: Path) -> None:
    """The first line says that no card has this code, and what lists the codes; PIPL 6(1) follows."""
    home, [who] = lender(tmp_path, 1, "analyst")
    ran = run("access", "open", who, *NAME, "--purpose", "credit.reviw", home=home)
    first, second, third, *_ = ran.err.splitlines()
    assert (ran.code, ran.out) == (1, "")
    assert first.startswith("refused: no adopted card has this purpose")
    assert "'shouxin purpose show'" in first
    assert "credit.review" in run("purpose", "show", home=home).out
    assert (second.split()[-1], third.split()[-1]) == ("[purpose-unknown]", "[CN-PIPL-6-1-PURPOSE]")
    assert "reviw" not in ran.err


def test_masked_needs_a_purpose_only(tmp_path: Path) -> None:
    """With a purpose the analyst sees masked values and the leaf that recorded it."""
    home, [who] = lender(tmp_path, 1, "analyst")
    ran = run("access", "open", who, *FOR, *NAME, *NUMBER, "--json", home=home)
    assert ran.code == 0, ran.out
    assert "张三0000" not in ran.out
    assert set(ran.data["values"][who]) == {"identity.name", "identity.id_number"}
    assert run("access", "open", "--subject", who, *FOR, *NAME, home=home).code == 0
    shown = run("ledger", "show", "--leaf", str(ran.data["leaf"]), "--as", "analyst", "--json", home=home)
    assert shown.data["reasons"][0]["article"] == "PIPL 51(1)(4)"  # reading the log is for others


def test_raw_after_two_approvals_by_two_others(tmp_path: Path) -> None:
    """request, approve, approve, open: raw on standard output; not before, and never by one's own approval."""
    home, [who] = lender(tmp_path, 1, "approver", "dpo", "analyst")
    early = run("access", "open", who, *FOR, *NAME, "--form", "raw", "--json", home=home)
    assert (early.code, early.data["reasons"][0]["rule"]) == (1, "CN-PIPL-51-1-4-APPROVAL")
    request = run("access", "request", who, *FOR, *NAME, "--json", home=home).data["request"]
    assert run("access", "approve", request, home=home).code == 1
    assert "approver" in run("access", "list", "--as", "dpo", home=home).out
    first = run("access", "approve", request, "--as", "approver", "--json", home=home)
    assert (first.data["state"], first.data["asked"]) == ("open", "dpo")
    assert run("access", "open", request, home=home).code == 1
    second = run("access", "approve", request, "--as", "dpo", "--json", home=home)
    assert (second.data["state"], second.data["grant_minutes"]) == ("granted", 60)
    (granted,) = run("access", "list", "--all", "--json", home=home).data["requests"]
    assert granted["ends"] < granted["until"]  # the grant's hour, not the days that the request would have waited
    listed = run("access", "list", "--all", home=home).out
    assert granted["ends"] in listed
    assert "granted  nobody now  " in listed
    opened = run("access", "open", request, "--json", home=home)
    assert opened.data["values"] == {who: {"identity.name": "张三0000"}}
    assert opened.err == ""
    assert "张三0000" in run("access", "open", who, *FOR, *NAME, "--form", "raw", home=home).out
    more = run("access", "open", who, *FOR, *NAME, *NUMBER, "--form", "raw", home=home)
    assert more.code == 1
    assert run("access", "withdraw", request, home=home).code == 0
    assert run("access", "open", request, home=home).code == 1


def test_a_denied_request_opens_nothing(tmp_path: Path) -> None:
    """Denying ends it; the list shows it only with --all."""
    home, [who] = lender(tmp_path, 1, "approver", "analyst")
    request = run("access", "request", who, *FOR, *NAME, "--json", home=home).data["request"]
    assert run("access", "deny", request, "--as", "approver", "--json", home=home).data["state"] == "denied"
    assert run("access", "list", "--json", home=home).data["requests"] == []
    assert run("access", "list", "--all", "--json", home=home).data["requests"][0]["subjects"] == [who]
    assert run("access", "approve", request, "--as", "approver", "--json", home=home).data["error"] != "fault"


def test_an_unknown_request_or_item_is_named_as_such(tmp_path: Path) -> None:
    """Not found and invalid exit with 1; a wish without an item is misuse."""
    home, [who] = lender(tmp_path, 1, "analyst")
    assert run("access", "open", "req_" + "0" * 32, "--json", home=home).data["error"] == "not-found"
    assert run("access", "open", who, *FOR, "--item", "nonsense", "--json", home=home).data["error"] == "invalid"
    assert run("access", "open", who, *FOR, home=home).code == 2
