from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shouxin.connectors.signed_pdf import sign_notice
from shouxin.domain.clock import SystemClock
from tests.cli.shell import lender, run
from tests.connectors.papers import paper
from tests.workspaces import CARD

FOR = ("--purpose", "marketing.offer")
OFFER = (
    CARD.replace('"credit.review"', '"marketing.offer"')
    .replace('"contract"', '"consent"')
    .replace("13(1)(2)", "13(1)(1)")
)


def asked(tmp_path: Path) -> tuple[Path, str]:
    """Return a workspace with a purpose that rests on consent, and somebody in it."""
    home, [who] = lender(tmp_path, 1, "collector", "dpo", "rights_desk")
    file = tmp_path / "offer.toml"
    file.write_text(OFFER, "utf-8")
    adopted = run("purpose", "adopt", str(file), "--as", "dpo", home=home)
    assert adopted.code == 0, adopted.err
    return home, who


def desk(*words: str, home: Path) -> Any:
    """Run a command as the rights desk."""
    return run(*words, "--as", "rights_desk", "--json", home=home)


def test_a_choice_is_given_shown_and_taken_back(tmp_path: Path) -> None:
    """give, show, withdraw, and a second withdrawal finds nothing; asked again, they are left alone for a while."""
    home, who = asked(tmp_path)
    given = desk("consent", "give", who, *FOR, "--language", "en", home=home)
    assert (given.code, given.data["agreed"]) == (0, True)
    assert given.data["consent"].startswith("con_")
    shown = desk("consent", "show", who, home=home).data["consents"]
    assert [one["stands"] for one in shown] == [False, True]  # told when collected, then agreed
    done = desk("consent", "withdraw", who, *FOR, home=home)
    assert (done.code, done.data["purpose"], done.data["recipients"]) == (0, "marketing.offer", [])
    assert done.data["stays"] == [{"purpose": "credit.review", "article": "PIPL 13(1)(2)"}]
    assert not any(one["stands"] for one in desk("consent", "show", who, home=home).data["consents"])
    assert desk("consent", "withdraw", who, *FOR, home=home).data["error"] == "not-found"
    assert desk("consent", "give", who, *FOR, home=home).data["error"] == "not-in-this-state"
    early = desk("consent", "serve", who, *FOR, home=home).data
    assert early["error"] == "not-in-this-state"
    assert "the person withdrew their consent" in early["detail"]
    assert "--by-person" in early["detail"]
    assert desk("consent", "give", who, *FOR, "--by-person", home=home).code == 0
    assert "told only" in run("consent", "show", who, "--as", "rights_desk", home=home).out


def test_a_notice_is_served_answered_and_receipted(tmp_path: Path) -> None:
    """What is shown is recorded first; the receipt verifies with the log's key alone, and not once it was edited."""
    home, who = asked(tmp_path)
    served = desk("consent", "serve", who, *FOR, "--language", "zh", home=home)
    assert served.code == 0, served.err
    assert (served.data["asks"], "测试" in served.data["text"]) == (True, True)
    question = served.data["consent"]
    refused = desk("consent", "answer", question, "--agree", "--age", "13", home=home)
    assert refused.data["error"] == "invalid"
    assert desk("consent", "answer", question, "--agree", home=home).data["stands"]
    assert desk("consent", "answer", question, "--refuse", home=home).data["error"] == "not-in-this-state"
    file, key = tmp_path / "receipt.json", home / "public" / "log.vkey"
    assert desk("consent", "receipt", question, "--output", str(file), home=home).code == 0
    checked = run("consent", "verify", str(file), "--log-key", str(key), "--json", home=tmp_path / "nowhere")
    assert (checked.code, checked.data["state"], checked.data["purpose"]) == (0, "agreed", "marketing.offer")
    assert "served-before-chosen" in checked.data["proved"]
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"dct:language": "en"}), "utf-8")
    assert run("consent", "verify", str(file), "--log-key", str(key), home=tmp_path / "nowhere").code == 3


def test_a_purpose_on_another_basis_asks_nobody(tmp_path: Path) -> None:
    """Where a contract is the basis people are told; a yes to it is refused, because a no would be worth nothing."""
    home, who = asked(tmp_path)
    contract = ("--purpose", "credit.review")
    refused = desk("consent", "give", who, *contract, home=home).data
    assert (refused["error"], "consent serve" in refused["detail"]) == ("invalid", True)
    assert desk("consent", "give", who, *contract, "--told-only", home=home).code == 0
    served = desk("consent", "serve", who, *contract, home=home)
    assert served.data["asks"] is False
    assert desk("consent", "answer", served.data["consent"], "--agree", home=home).data["error"] == "invalid"


def test_a_signed_notice_is_a_yes(tmp_path: Path) -> None:
    """The paper holds what was served; signed by somebody trusted it is the answer, by anybody else it is none."""
    home, who = asked(tmp_path)
    question = desk("consent", "serve", who, *FOR, home=home).data["consent"]
    sent, back, trust = tmp_path / "notice.pdf", tmp_path / "signed.pdf", tmp_path / "roots.pem"
    made = desk("consent", "paper", question, "--pdf", str(sent), home=home)
    assert made.code == 0, made.err
    now = SystemClock().now()
    years = (-4000, 4000)
    root = paper("Root", ca=True, days=years)
    borrower = paper("Borrower", root, days=years)
    stranger = paper("Borrower", paper("Root", ca=True, days=years), days=years)
    trust.write_bytes(root.pem)
    words = ("consent", "signed", question, str(back), "--trust", str(trust))
    back.write_bytes(sent.read_bytes())
    assert desk(*words, home=home).code == 1
    back.write_bytes(sign_notice(sent.read_bytes(), stranger.key, stranger.pem, now))
    refused = desk(*words, home=home)
    assert "certificate-not-trusted" in {reason["rule"] for reason in refused.data["reasons"]}
    back.write_bytes(sign_notice(sent.read_bytes(), borrower.key, borrower.pem, now))
    done = desk(*words, home=home)
    assert (done.code, done.data["stands"]) == (0, True), done.err
    assert len(done.data["seal"]) == 64


def test_a_code_confirms_what_its_title_names(tmp_path: Path) -> None:
    """Made for one account to deliver, typed in by another beside the title; used once; sealed into the answer."""
    home, who = asked(tmp_path)
    question = desk("consent", "serve", who, *FOR, home=home).data["consent"]
    made = run("consent", "code", question, "--as", "collector", "--json", home=home)
    assert (made.code, len(made.data["code"])) == (0, 6)
    typed = tmp_path / "typed"
    typed.write_text(made.data["code"], "utf-8")
    right = ("consent", "confirm", question, "--code-file", str(typed), "--title", made.data["title"])
    own = run(*right, "--as", "collector", "--json", home=home)
    assert own.data["reasons"][0]["rule"] == "maker-checker"
    assert desk(*right[:-1], "Something else", home=home).data["error"] == "invalid"
    done = desk(*right, home=home)
    assert (done.code, done.data["stands"], len(done.data["seal"])) == (0, True, 64)
    assert desk(*right, home=home).data["error"] == "not-in-this-state"


def test_serving_names_what_else_is_to_be_asked_and_one_answer_is_taken_back(tmp_path: Path) -> None:
    """Each further separate consent is a question of its own; its answer is withdrawn by itself."""
    home, who = asked(tmp_path)
    bureau = ("recipient", "add", "bureau", "--name", "Bureau", "--contact", "dpo@bureau.example", "--contract", "C-1")
    assert run(*bureau, "--until", "2035-01-01", "--item", "identity.name", "--as", "dpo", home=home).code == 0
    wider = OFFER.replace("version = 1", "version = 2", 1)
    wider = wider.replace("[roles]", 'recipients = ["bureau"]\ncontracts = { bureau = "C-1" }\n[roles]')
    (tmp_path / "wider.toml").write_text(wider, "utf-8")
    adopted = run("purpose", "adopt", tmp_path / "wider.toml", "--as", "dpo", home=home)
    assert adopted.code == 0, adopted.err
    served = desk("consent", "serve", who, *FOR, home=home)
    assert served.data["due"] == ["provide"]
    assert desk("consent", "answer", served.data["consent"], "--agree", home=home).code == 0
    provide = desk("consent", "serve", who, *FOR, "--about", "provide", "--channel", "app", home=home)
    assert provide.data["due"] == []
    assert desk("consent", "answer", provide.data["consent"], "--agree", home=home).code == 0
    back = desk("consent", "withdraw", who, *FOR, "--about", "provide", home=home)
    assert (back.code, back.data["recipients"], back.data["parts"]) == (0, ["bureau"], [])
    assert desk("consent", "withdraw", who, *FOR, "--about", "nonsense", home=home).code == 2
    assert desk("consent", "serve", who, *FOR, "--channel", "wang.xiaoming", home=home).code == 2
