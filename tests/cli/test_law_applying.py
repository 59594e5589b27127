"""``shouxin law applies``: what the law asks about the institution, what was said, and what follows."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import run

SECRET = {"SHOUXIN_PASSPHRASE": "long enough to be a passphrase"}
INIT = ("init", "--name", "Example Bank", "--origin", "log.example.com/shouxin", "--operator", "wang")


def test_facts_are_said_at_init_shown_and_open_until_said(tmp_path: Path) -> None:
    """What was said rules its rules in or out; about the rest nobody can tell."""
    home = tmp_path / "home"
    assert (
        run(*INIT, "--aml-obliged", "--fact", "ciio=false", "--fact", "persons=1000000", home=home, **SECRET).code == 0
    )
    told = run("law", "applies", "--json", home=home).data
    assert told["adopted"] is True
    said = {one["fact"]: one["said"] for one in told["facts"]}
    assert (said["aml_obliged"], said["ciio"], said["persons"], said["large_platform"]) == (
        True,
        False,
        1_000_000,
        None,
    )
    rules = {one["rule"]: one["applies"] for one in told["rules"]}
    assert rules["CN-AUDIT-12-1-OFFICER"] == "yes"
    assert rules["CN-INC-4-CIIO"] == "no"
    assert rules["CN-NDSR-44-RESPONSIBILITY"] == "unknown"
    assert "true" in next(line for line in run("law", "applies", home=home).out.splitlines() if "aml_obliged" in line)
    no = run("law", "applies", "--answer", "no", "--json", home=home).data["rules"]
    assert {one["applies"] for one in no} == {"no"}


def test_a_changed_fact_waits_for_the_officer(tmp_path: Path) -> None:
    """Whoever edits the settings is told that nothing is decided until it is adopted."""
    home = tmp_path / "home"
    assert run(*INIT, home=home, **SECRET).code == 0
    settings = home / "config.toml"
    settings.write_text(settings.read_text("utf-8") + "credit_agency = false\n", "utf-8")
    told = run("law", "applies", home=home)
    assert "Not adopted yet" in told.out
    assert "credit_agency" in told.out


def test_facts_that_the_law_does_not_ask_for_are_refused(tmp_path: Path) -> None:
    """By init, before anything is made; and in the settings, by name."""
    home = tmp_path / "home"
    refused = run(*INIT, "--fact", "weather=true", "--json", home=home, **SECRET)
    assert (refused.code, refused.data["error"]) == (1, "invalid")
    assert not home.exists()
    assert run(*INIT, "--fact", "persons=many", home=home, **SECRET).code == 2
    assert run(*INIT, home=home, **SECRET).code == 0
    settings = home / "config.toml"
    whole = settings.read_text("utf-8")
    for wrong in ("persons = true\n", "weather = false\n", 'ciio = "no"\n'):
        settings.write_text(whole + wrong, "utf-8")
        found = run("law", "applies", "--json", home=home)
        assert (found.code, found.data["error"]) == (1, "misconfigured")
        assert "[facts]" in str(found.data)


def test_settings_of_an_older_program_say_it_at_the_top(tmp_path: Path) -> None:
    """A workspace made before there was [facts] keeps what it said."""
    home = tmp_path / "home"
    assert run(*INIT, "--not-aml-obliged", home=home, **SECRET).code == 0
    settings = home / "config.toml"
    head = settings.read_text("utf-8").partition("\n# What the law asks")[0]
    settings.write_text(head + "aml_obliged = false\n", "utf-8")
    told = run("law", "applies", "--json", home=home).data
    assert (told["adopted"], {one["fact"]: one["said"] for one in told["facts"]}["aml_obliged"]) == (True, False)
