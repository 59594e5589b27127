from __future__ import annotations

from datetime import date
from pathlib import Path
from unittest import mock

from shouxin.cli import law
from shouxin.config import Settings
from shouxin.domain.clock import CHINA
from shouxin.policy.deadline import begin
from shouxin.policy.lawpack import assemble, load_pack
from tests.cli.shell import lender, run
from tests.policy.clocks import FIRM, HELD, at
from tests.workspaces import CARD


def test_a_deadline_is_told_with_article_and_count_and_needs_no_workspace(tmp_path: Path) -> None:
    """Ten working days over Spring Festival: due, article, and every day that was skipped."""
    words = ("law", "deadline", "CN-SCC-7-1-FILE", "--from", "2026-02-10T09:00")
    nowhere = str(tmp_path / "none")
    told = run(*words, SHOUXIN_HOME=nowhere)
    assert told.code == 0
    for said in ("2026-03-02 23:59:59", "SCC 7(1) (decides)", "within 10 working days", "2026-02-23, 2026-03-01"):
        assert said in told.out, said
    data = run(*words, "--json", SHOUXIN_HOME=nowhere).data
    assert (data["due"], data["due_day"], len(data["skipped"])) == ("2026-03-02T15:59:59Z", "2026-03-02", 10)
    assert (data["articles"], data["decides"], data["ok"]) == (["SCC 7(1)"], True, True)


def test_a_time_without_an_offset_is_that_of_the_place() -> None:
    """Nine in China is one in Greenwich; a date alone is its first moment."""

    def started(time: str, rule: str = "CN-INC-4-PROVINCE") -> object:
        return run("law", "deadline", rule, "--from", time, "--json").data["started"]

    assert started("2026-02-10T09:00") == started("2026-02-10T01:00Z") == "2026-02-10T01:00:00Z"
    assert started("2026-02-10") == "2026-02-09T16:00:00Z"
    assert started("2026-02-10", "EU-GDPR-12-3-MONTH") == "2026-02-10T00:00:00Z"


def test_advice_on_the_last_day_is_told_and_not_given() -> None:
    """A term that ends on a Sunday ends there; where article 203 would end it is said beside it."""
    told = run("law", "deadline", "CN-CRR-25-2-ANSWER", "--from", "2026-02-09")
    assert "due       2026-03-01" in told.out
    assert "CC 203(1) would end the term on 2026-03-02" in told.out


def test_a_last_day_that_moved_says_from_where_and_by_which_article() -> None:
    """Once the article is held, the deadline cites it."""
    lines = [str(line) for line in law._lines(begin(FIRM, at(date(2026, 2, 9)), HELD), CHINA)]
    assert "due       2026-03-02 23:59:59 (UTC+8)" in lines
    assert "article   CRR 25(2), CC 203(1) (decides)" in lines
    assert "moved     from 2026-03-01, a day of rest (CC 203(1))" in lines


def test_a_term_is_extended_where_a_rule_allows_it() -> None:
    """One month of the GDPR and two more, advice only; an objection to a credit record has no extension."""
    given = run("law", "deadline", "EU-GDPR-12-3-MONTH", "--from", "2026-01-31", "--extended", "--json")
    assert (given.code, given.data["due_day"], given.data["decides"]) == (0, "2026-04-28", False)
    refused = run("law", "deadline", "CN-CRR-25-2-ANSWER", "--from", "2026-01-31", "--extended", "--json")
    assert (refused.code, refused.data["error"]) == (1, "refused")
    assert refused.data["reasons"][0]["article"] == "CRR 25(2)"


def test_what_cannot_be_told_is_refused_and_not_guessed() -> None:
    """An unpublished year, a rule without a clock, no such rule, a time that is none."""
    for rule, time, code, error in (
        ("CN-SCC-7-1-FILE", "2026-12-20", 1, "unpublished"),
        ("CN-AML-34-3-IDENTITY", "2026-02-10", 1, "invalid"),
        ("CN-NOTHING", "2026-02-10", 1, "not-found"),
        ("CN-SCC-7-1-FILE", "tomorrow", 2, "usage"),
        ("CN-SCC-7-1-FILE", "9999-12-31", 2, "usage"),
    ):
        ran = run("law", "deadline", rule, "--from", time, "--json")
        assert (ran.code, ran.data["error"]) == (code, error), (rule, ran.out)


def test_the_clocks_of_an_incident_are_listed_in_parallel() -> None:
    """Each from its own start, in two regions, what hurries most first."""
    starts = ("occurrence=2026-02-10T07:30", "discovery=2026-02-10T09:00", "awareness=2026-02-10T09:00+08:00")
    words = ("law", "deadlines", *starts, "--region", "cn", "--region", "eu")
    found = run(*words, "--json").data["deadlines"]
    due = {one["rule"]: one["due"] for one in found}
    assert due["CN-NFRA-69-TWOHOURS"] == "2026-02-10T01:30:00Z"
    assert due["CN-INC-4-PROVINCE"] == "2026-02-10T05:00:00Z"
    assert due["EU-GDPR-33-AUTHORITY"] == "2026-02-13T01:00:00Z"
    assert due["CN-PIPL-57-1-NOTIFY"] is None
    assert [one for one in due.values() if one] == sorted(one for one in due.values() if one)
    lines = run(*words).out.splitlines()
    assert len(lines) == 1 + len(found)
    assert "立即" in lines[1]
    assert "incident.grade in" in next(line for line in lines if "CN-INC-4-PROVINCE" in line)


def test_a_clock_of_an_unpublished_year_is_listed_as_unknown() -> None:
    """It hides no other, and says why."""
    found = run("law", "deadlines", "end_of_handling=2026-12-22", "--json").data["deadlines"]
    assert [(one["rule"], bool(one["due"]), bool(one["unknown"])) for one in found] == [
        ("CN-INC-8-CLOSING", True, False),
        ("CN-NFRA-69-EVALUATE", False, True),
    ]
    assert "unknown" in run("law", "deadlines", "end_of_handling=2026-12-22").out


def test_a_start_that_no_rule_knows_is_a_mistake() -> None:
    """So is one without a time, or a pack that does not ship."""
    assert run("law", "deadlines", "full_moon=2026-02-10").code == 2
    assert "discovery" in run("law", "deadlines", "full_moon=2026-02-10").err
    assert run("law", "deadlines", "discovery").code == 2
    assert run("law", "deadlines", "discovery=2026-02-10", "--region", "mars").code == 1


def test_what_starts_a_clock_is_listed() -> None:
    """Every name that 'deadlines' takes, with its rules; the mistake of another name says where the list is."""
    found = {one["start"]: one["rules"] for one in run("law", "starts", "--json").data["starts"]}
    assert "CN-NFRA-69-TWOHOURS" in found["occurrence"] + found["discovery"]
    for name in found:
        assert run("law", "deadlines", f"{name}=2026-02-10T09:00", "--json").code == 0, name
    assert set(found) < {
        one["start"] for one in run("law", "starts", "--region", "cn", "--region", "eu", "--json").data["starts"]
    }
    assert "law starts" in " ".join(run("law", "deadlines", "full_moon=2026-02-10").err.split())


def test_a_date_without_a_time_is_said_where_hours_count() -> None:
    """The first moment of the day counts, and the page says so; with a time, or where only days count, it is silent."""
    ran = run("law", "deadlines", "discovery=2026-02-10", "--json")
    assert ran.data["without_time"] == ["discovery"]
    assert "00:00" in run("law", "deadlines", "discovery=2026-02-10").out
    assert "00:00: say when" not in run("law", "deadlines", "discovery=2026-02-10T09:00").out


def test_another_pack_is_shown_and_adopted_by_the_officer(tmp_path: Path) -> None:
    """Until then a command that decides exits with the code of an operator and says what to run; doctor sees it too."""
    home, _ = lender(tmp_path, 0, "dpo")
    shown = run("law", "impact", "--json", home=home)
    assert (shown.code, shown.data["waits"], shown.data["rules"]) == (0, False, [])
    shipped = load_pack("cn")
    newer = assemble("cn", "next", shipped.rules[:-1], shipped.instruments.values())
    with mock.patch("shouxin.bootstrap.workspaces.pack_of", return_value=newer):
        card = tmp_path / "card.toml"
        card.write_text(CARD.replace("version = 1", "version = 2"), "utf-8")
        refused = run("purpose", "adopt", card, "--json", home=home)
        assert (refused.code, refused.data["error"]) == (1, "law-not-adopted")
        assert "shouxin law impact" in refused.data["detail"]
        assert "is not adopted" in run("doctor", home=home).out
        shown = run("law", "impact", home=home)
        assert (shown.code, str(shipped.rules[-1].id) in shown.out) == (0, True)
        assert run("law", "adopt", home=home).code == 0
        assert run("purpose", "adopt", card, home=home).code == 0
        assert "version next, is adopted" in run("doctor", home=home).out


def test_facts_leave_out_the_clocks_that_do_not_run() -> None:
    """A larger incident of a lender that runs no critical facility: the province in four hours, no CIIO, no organ."""
    case = ("incident.grade=larger", "institution.ciio=false", "institution.state_organ=false")
    words = ("law", "deadlines", "discovery=2026-02-10T09:00", *(word for one in case for word in ("--fact", one)))
    told = run(*words, "--json").data
    found = {one["rule"]: one["applies"] for one in told["deadlines"]}
    assert found["CN-INC-4-PROVINCE"] == "yes"
    assert found["CN-NDSR-10-FLAW"] == "unknown"
    assert {"CN-INC-4-CIIO", "CN-INC-4-ORGAN"} <= set(told["left_out"])
    assert not set(told["left_out"]) & set(found)
    everything = {one["rule"] for one in run(*words[:3], "--json").data["deadlines"]}
    assert everything == {*found, *told["left_out"]}
    small = run(*words[:3], "--fact", "incident.grade=general", "--json").data
    assert "CN-INC-4-PROVINCE" in small["left_out"]
    assert "CN-INC-4-CIIO" in run(*words).out.splitlines()[-1]


def test_what_the_institution_says_of_itself_counts_for_its_clocks(tmp_path: Path) -> None:
    """Where there is a workspace its facts are known; a fact that is given says otherwise."""
    home = tmp_path / "home"
    home.mkdir()
    settings = Settings(home, "0" * 32, "Bank", "bank.example/log", facts={"ciio": False})
    (home / "config.toml").write_text(settings.text(), encoding="utf-8")
    words = ("law", "deadlines", "discovery=2026-02-10T09:00", "--json")
    assert "CN-INC-4-CIIO" in run(*words, home=home).data["left_out"]
    assert "CN-INC-4-CIIO" not in run(*words, "--fact", "institution.ciio=true", home=home).data["left_out"]


def test_a_fact_that_no_rule_could_meet_is_a_mistake() -> None:
    """A name that no rule asks for, a grade that there is not, a count that is none: each says what is possible."""
    for fact, says in (
        ("incident.colour=red", "no rule asks"),
        ("incident.grade=large", "larger"),
        ("institution.persons=many", "whole number"),
        ("institution.ciio=perhaps", "true or false"),
    ):
        ran = run("law", "deadlines", "discovery=2026-02-10T09:00", "--fact", fact, "--json")
        assert (ran.code, ran.data["error"]) == (1, "invalid"), fact
        assert says in ran.out, fact
    assert run("law", "deadlines", "discovery=2026-02-10T09:00", "--fact", "incident.grade").code == 2
