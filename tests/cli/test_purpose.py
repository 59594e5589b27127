from __future__ import annotations

from pathlib import Path

from tests.cli.shell import lender, run
from tests.workspaces import CARD


def _card(tmp_path: Path, text: str = CARD) -> Path:
    path = tmp_path / "card.toml"
    path.write_text(text, "utf-8")
    return path


def test_lint_needs_no_workspace_and_points_at_the_line(tmp_path: Path) -> None:
    """A good card passes; a bad one exits with 1 and says file and line."""
    assert run("purpose", "lint", _card(tmp_path)).code == 0
    bad = run("purpose", "lint", _card(tmp_path, CARD.replace("contact.mobile", "contact.mobble")), "--json")
    assert (bad.code, bad.data["ok"]) == (1, False)
    assert bad.data["findings"][0]["place"].startswith("card.toml:")
    assert run("purpose", "lint", tmp_path / "none.toml").code == 1


def test_lint_says_all_that_there_is_with_line_article_and_what_mends_it(tmp_path: Path) -> None:
    """Errors make the exit code 1; advice alone does not; both say where, why and what to do, in two languages."""
    text = CARD.replace('"credit.amount"]', '"credit.amount", "account.savings"]').replace('assessment = "pia-1"\n', "")
    ran = run("purpose", "lint", _card(tmp_path, text), "--json")
    assert (ran.code, ran.data["ok"]) == (1, False)
    (found,) = [one for one in ran.data["findings"] if one["severity"] == "error"]
    assert (found["article"], found["code"]) == ("PIPL 55(1)(1)", "assessment-sensitive")
    assert found["place"].startswith("card.toml:")
    told = run("purpose", "lint", _card(tmp_path, text))
    assert (told.code, "PIPL 55(1)(1)" in told.out, "影响评估" in told.out) == (1, True, True)
    advice = CARD[: CARD.index("[approval")].replace('"credit.amount"]', '"credit.amount", "account.savings"]')
    mild = run("purpose", "lint", _card(tmp_path, advice), "--json")
    assert (mild.code, {one["severity"] for one in mild.data["findings"]}) == (0, {"advice", "warning"})


def test_cards_that_are_given_together_or_adopted_may_draw_on_one_another(tmp_path: Path) -> None:
    """A card that reads what another keeps is in order once lint knows the other."""
    reader = CARD[: CARD.index("[retention")].replace('"credit.review"', '"credit.second"')
    second = tmp_path / "second.toml"
    second.write_text(reader.replace("[roles]", 'draws_on = ["credit.review"]\n[roles]'), "utf-8")
    alone = run("purpose", "lint", second, "--json", SHOUXIN_HOME=str(tmp_path / "none"))
    assert [one["code"] for one in alone.data["findings"]] == ["draws-on-unknown", "look-ups-none"]
    assert run("purpose", "lint", second, _card(tmp_path), SHOUXIN_HOME=str(tmp_path / "none")).code == 0
    home, _ = lender(tmp_path, 0, "analyst")
    assert run("purpose", "lint", second, home=home).code == 0


def test_a_card_with_an_error_is_not_adopted(tmp_path: Path) -> None:
    """What lint calls an error, adoption refuses, with the same line."""
    home, _ = lender(tmp_path, 0, "dpo")
    bad = _card(tmp_path, CARD.replace("version = 1", "version = 2\nstatutory = true"))
    place = run("purpose", "lint", bad, "--json", home=home).data["findings"][0]["place"]
    refused = run("purpose", "adopt", bad, "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "invalid")
    assert refused.data["detail"].startswith(f"{place}: ")


def test_the_officer_adopts_the_next_version_and_everybody_sees_it(tmp_path: Path) -> None:
    """adopt, then show; an analyst may look but not adopt; a skipped version is refused."""
    home, _ = lender(tmp_path, 0, "analyst", "dpo")
    second = _card(tmp_path, CARD.replace("version = 1", "version = 2"))
    refused = run("purpose", "adopt", second, "--as", "analyst", "--json", home=home)
    assert (refused.code, refused.data["error"]) == (1, "refused")
    adopted = run("purpose", "adopt", second, "--json", home=home)
    assert adopted.data["adopted"] == [{"purpose": "credit.review", "version": 2}]
    again = run("purpose", "adopt", second, "--json", home=home)
    assert (again.code, again.data["error"]) == (1, "invalid")
    shown = run("purpose", "show", "credit.review", "--as", "analyst", "--json", home=home)
    assert (shown.data["card"]["version"], shown.data["card"]["title_zh"]) == (2, "信贷审查")
    assert "approver" in run("purpose", "show", "credit.review", home=home).out
    assert run("purpose", "show", "nothing", home=home).code == 1
    assert "credit.review" in run("purpose", "show", home=home).out


def test_lint_asks_the_register_where_there_is_one(tmp_path: Path) -> None:
    """A recipient whom nobody registered passes outside a workspace, and is an error inside, as at adoption."""
    home, _ = lender(tmp_path, 0, "dpo")
    text = CARD.replace('"credit.review"', '"credit.shared"').replace(
        "[roles]", 'recipients = ["bureau"]\ncontracts = { bureau = "c-1" }\n[roles]'
    )
    shared = _card(tmp_path, text)
    assert run("purpose", "lint", shared, SHOUXIN_HOME=str(tmp_path / "none")).code == 0
    inside = run("purpose", "lint", shared, "--json", home=home)
    errors = [one["code"] for one in inside.data["findings"] if one["severity"] == "error"]
    assert errors == ["recipient-unregistered"]
    assert run("purpose", "adopt", shared, home=home).code == 1


def test_lint_asks_for_the_next_version_where_a_card_is_adopted(tmp_path: Path) -> None:
    """A changed card under an adopted version is an error, as at adoption; outside a workspace nobody can know."""
    home, _ = lender(tmp_path, 0, "dpo")
    changed = _card(tmp_path, CARD.replace("version = 1", "version = 1\nask_again_days = 44"))
    assert run("purpose", "lint", changed, SHOUXIN_HOME=str(tmp_path / "none")).code == 0
    inside = run("purpose", "lint", changed, "--json", home=home)
    (found,) = [one for one in inside.data["findings"] if one["severity"] == "error"]
    assert (inside.code, found["code"], found["detail"]) == (
        1,
        "version-not-next",
        "the next version of this card is 2",
    )
    line = changed.read_text("utf-8").splitlines().index("version = 1") + 1
    assert found["place"] == f"card.toml:{line}"
    assert run("purpose", "adopt", changed, home=home).code == 1
    assert run("purpose", "lint", _card(tmp_path), home=home).code == 0
    second = _card(tmp_path, CARD.replace("version = 1", "version = 2\nask_again_days = 44"))
    assert run("purpose", "lint", second, home=home).code == 0
    assert run("purpose", "adopt", second, home=home).code == 0


def test_show_says_every_field_of_a_card(tmp_path: Path) -> None:
    """What a card says stands on the page: recipients, places, products, assessment, times, marks."""
    home, _ = lender(tmp_path, 0, "dpo")
    bureau = ("recipient", "add", "bureau", "--name", "B", "--contact", "dpo@b.example", "--contract", "c-1")
    assert run(*bureau, "--until", "2035-01-01", "--item", "identity.name", home=home).code == 0
    more = """recipients = ["bureau"]
contracts = { bureau = "c-1" }
products = ["online-loan"]
look_ups_an_hour = 7
ask_again_days = 44
automated = true
automated_explanation_zh = "按金额"
automated_explanation_en = "By the amount"
human_review = "credit_officer"
"""
    text = CARD.replace('"credit.review"', '"credit.shared"').replace("[roles]", more + "[roles]")
    assert run("purpose", "adopt", _card(tmp_path, text), home=home).code == 0
    shown = " ".join(run("purpose", "show", "credit.shared", home=home).out.split())
    for said in ("bureau (c-1)", "online-loan", "7 an hour", "44 days", "按金额", "By the amount", "credit_officer"):
        assert said in shown, said
    for said in ("pia-1", "within 72 hours", "CN", "identity.id_number"):
        assert said in shown, said


def test_a_card_is_seen_before_it_is_adopted(tmp_path: Path) -> None:
    """The notice, each consent with its article, the chain, the assessment: told, and nothing is adopted by it."""
    home, _ = lender(tmp_path, 0, "dpo")
    basis = 'lawful_basis = "consent"\nseparate_consent = true\nbasis_article = "PIPL 13(1)(1)"'
    text = CARD.replace('lawful_basis = "contract"\nbasis_article = "PIPL 13(1)(2)"', basis)
    text = text.replace('"credit.amount"]', '"account.savings"]').replace('"credit.review"', '"credit.seen"')
    seen = run("purpose", "preview", _card(tmp_path, text), home=home)
    for said in (
        "sensitive, separate (PIPL 29)",
        "raw: 1 x approver, then 1 x dpo",
        "PIPL 55(1)(1)",
        "信贷审查",
        "撤回",
    ):
        assert said in seen.out, said
    data = run("purpose", "preview", _card(tmp_path, text), "--language", "en", "--json", home=home).data
    assert "Credit review" in data["notice"]
    assert [one["about"] for one in data["consents"]] == ["sensitive"]
    assert run("purpose", "show", "credit.seen", home=home).code == 1
    given = text.replace("[roles]", 'recipients = ["nobody"]\n[roles]')
    assert "no notice can be written" in run("purpose", "preview", _card(tmp_path, given), home=home).out
