from __future__ import annotations

from pathlib import Path

import pytest

from shouxin.connectors.sources.web_pages import WebPages
from shouxin.domain.authority import AuthorityKind
from shouxin.errors import Refused, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.policy.source import WebAddress, read_source
from tests import workspaces
from tests.partner_api import Answer, Partner, partner
from tests.plans import PLAN, approved

ROBOTS = "User-agent: *\nDisallow: /private\n"


def site(robots: Answer | None = None, stray: str = "") -> object:
    """Return answers of a register of three pages, its second linked from the first, one forbidden by robots."""

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        if path == "/robots.txt":
            return robots or (200, {"Content-Type": "text/plain"}, ROBOTS.encode())
        shown = {"/list": ("王一", "李二"), "/more": ("赵三",), "/private": ("孙四",)}.get(path, ())
        rows = "".join(
            f"<tr><td class=n>{name}</td><td class=p>1380000{at:04}</td></tr>" for at, name in enumerate(shown)
        )
        links = f'<a class=on href="/more">2</a><a class=on href="/private">3</a><a class=on href="{stray}">4</a>'
        return 200, {"Content-Type": "text/html; charset=utf-8"}, f"<table>{rows}</table>{links}".encode()

    return answer


def address_of(api: Partner, start: str = "/list", **more: object) -> WebAddress:
    """Return where the register is."""
    return WebAddress(
        start=(f"http://127.0.0.1:{api.port}{start}",),
        hosts=("127.0.0.1",),
        record="tr",
        fields={"name": "td.n", "phone": "td.p"},
        key="name",
        follow="a.on",
        seconds_between=0.0,
        **more,  # type: ignore[arg-type]
    )


def names(source: WebPages) -> list[str]:
    """Return the names that a source brings, in order."""
    return [one.fields["name"] for one in source.read(Reached()) if isinstance(one, SourceRecord)]


@pytest.mark.slow
def test_pages_are_followed_within_robots_and_hosts() -> None:
    """Links on the same host are followed; what robots forbids and what is elsewhere is never asked for."""
    with partner(site(stray="http://localhost:1/x")) as api:  # type: ignore[arg-type]
        assert names(WebPages(address_of(api))) == ["王一", "李二", "赵三"]
        assert "/private" not in api.asked
        assert WebPages(address_of(api)).forbidden() == ()
        assert len(WebPages(address_of(api, "/private")).forbidden()) == 1
        del api.asked[-2:]
        assert api.asked.count("/robots.txt") == 1


@pytest.mark.slow
@pytest.mark.parametrize("robots", [(200, {}, b"User-agent: *\nDisallow: /\n"), (503, {}, b"")])
def test_a_robots_file_that_forbids_or_cannot_be_read_stops_everything(robots: Answer) -> None:
    """Nothing but the robots file is asked for."""
    with partner(site(robots)) as api:  # type: ignore[arg-type]
        assert WebPages(address_of(api)).forbidden() == address_of(api).start
        with pytest.raises(Refused) as caught:
            names(WebPages(address_of(api)))
        assert caught.value.reasons == (("CN-NDSR-18-TOOLS", "NDSR 18"),)
        assert set(api.asked) == {"/robots.txt"}


@pytest.mark.slow
def test_a_plan_collects_public_pages_each_record_once(tmp_path: Path) -> None:
    """Under a plan that says public; the second run takes nothing; the number of pages bounds the crawl."""
    with partner(site()) as api:  # type: ignore[arg-type]
        words = f"""\
source = "branch"
kind = "web"
title = "A public register"
audit_due = 2099-12-31
own = true
[web]
start = ["http://127.0.0.1:{api.port}/list"]
hosts = ["127.0.0.1"]
record = "tr"
key = "name"
follow = "a.on"
seconds_between = 0.0
terms = "permit"
terms_read = 2026-01-31
[web.fields]
name = "td.n"
phone = "td.p"
"""
        plan = PLAN.replace("purge_days = 7\n", "public = true\n").replace('"identity.id_number", ', "")
        plan = plan.replace(', "credit.amount"', "").replace(
            "\n[design]", '\n[fields]\nname = "identity.name"\n\n[design]'
        )
        bank = workspaces.ready(tmp_path)
        collector, _ = approved(bank, plan, words)
        web = read_source(words).web
        assert web is not None
        source = WebPages(web)
        run = run_plan(bank, collector, "applications", source).run
        assert (run.taken, run.unplanned, run.outcome) == (3, ("phone",), "finished")
        assert run_plan(bank, collector, "applications", source).run.repeated == 3
        assert len(bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT))) == 3
        assert names(WebPages(address_of(api, pages=1))) == ["王一", "李二"]


@pytest.mark.slow
def test_a_site_that_is_not_there_is_told() -> None:
    """A page that cannot be read is a finding, not an empty result."""
    with partner(lambda *_: (404, {}, b"")) as api, pytest.raises(StoreUnavailable, match="HttpError"):
        names(WebPages(address_of(api)))
