from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from shouxin.connectors.sources.web_pages import WebPages
from shouxin.domain.authority import AuthorityKind
from shouxin.errors import Refused, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceNote, SourceRecord
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
    return [one.fields.reveal()["name"] for one in source.read(Reached()) if isinstance(one, SourceRecord)]


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


def _told(address: WebAddress) -> tuple[list[str], dict[tuple[str, str], int], str]:
    """Return the names that came, what was told beside them, and the error at the end."""
    came: list[str] = []
    told: dict[tuple[str, str], int] = {}
    try:
        for one in WebPages(address).read(Reached()):
            if isinstance(one, SourceRecord):
                came.append(one.fields.reveal()["name"])
            elif isinstance(one, SourceNote):
                told[one.signal.value, one.about] = one.count
    except StoreUnavailable as error:
        return came, told, error.detail
    return came, told, ""


@pytest.mark.slow
def test_a_followed_page_that_fails_is_told_and_one_that_may_come_back_leaves_the_run_open() -> None:
    """A server error, a page that is gone, one that robots forbid and one elsewhere: each is told."""
    broken = {"/more": (500, {}, b""), "/gone": (404, {}, b"")}
    links = "".join(f'<a class=on href="{one}">x</a>' for one in ("/more", "/gone", "/private", "http://localhost:1/x"))

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        if path in broken:
            return broken[path]
        status, said, body = site()(number, path, query, headers)  # type: ignore[operator]
        return status, said, body if path == "/robots.txt" else body.partition(b"</table>")[0] + links.encode()

    with partner(answer) as api:
        came, told, error = _told(address_of(api))
        assert came == ["王一", "李二"]
        assert told == {
            ("page-failed", "HTTP 404"): 1,
            ("page-failed", "HTTP 500"): 1,
            ("page-forbidden", ""): 1,
            ("page-elsewhere", ""): 1,
        }
        assert error == "1 pages of the source could not be read: run again"
        del broken["/more"]
        came, told, error = _told(address_of(api))
        assert (came, error) == (["王一", "李二", "赵三"], "")
        assert told["page-failed", "HTTP 404"] == 1


@pytest.mark.slow
def test_the_limit_of_pages_and_a_page_without_records_are_told() -> None:
    """A site without end is read as far as the register says, and a site that was made anew does not pass for empty."""

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        number = 0 if path in {"/robots.txt", "/list"} else int(path[2:])
        body = f"<table><tr><td class=n>第{number}</td></tr></table><a class=on href='/p{number + 1}'>x</a>"
        return (404, {}, b"") if path == "/robots.txt" else (200, {"Content-Type": "text/html"}, body.encode())

    with partner(answer) as api:
        came, told, error = _told(address_of(api, pages=3))
        assert (len(came), told, error) == (3, {("page-limit", ""): 1}, "")
        assert [one for one in api.asked if one != "/robots.txt"] == ["/list", "/p1", "/p2"]
        anew = structs.replace(address_of(api, pages=2), record="div.redesigned")
        assert _told(anew) == ([], {("page-limit", ""): 1, ("page-empty", ""): 2}, "")


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n#", b"HTTP/1.1 200 OK\r\nX-A: 1"])
def test_a_robots_file_that_drips_is_given_up_whole(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its head or body: when the time of all of it is over it forbids everything, however short each read."""
    cuts: list[threading.Event] = []

    class Over(threading.Thread):
        def __init__(self, seconds: float, cut: Any, given: tuple[Any, ...]) -> None:
            super().__init__(target=lambda: cuts[0].wait(30) and cut(*given), daemon=True)

        def cancel(self) -> None: ...

    def drip(door: socket.socket) -> None:
        partner_, _ = door.accept()
        with partner_, suppress(OSError):
            partner_.recv(4096)
            partner_.sendall(head)
            while True:
                partner_.sendall(b"#")
                cuts[0].set()
                threading.Event().wait(0.01)

    cuts.append(threading.Event())
    monkeypatch.setattr("shouxin.connectors.sources.web_pages.threading.Timer", Over)
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=drip, args=(door,), daemon=True).start()
        page = f"http://127.0.0.1:{door.getsockname()[1]}/list"
        assert WebPages(WebAddress((page,), ("127.0.0.1",), "tr", {"n": "td"}, "n")).forbidden() == (page,)
