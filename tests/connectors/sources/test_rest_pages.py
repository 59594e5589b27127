from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shouxin.connectors.sources.rest_pages import RestPages, flattened
from shouxin.domain.authority import AuthorityKind
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import SourceRecord
from shouxin.operations.collecting.plan_row import PlanRun
from shouxin.operations.collecting.plans import get_plan
from shouxin.operations.collecting.run_plan import run_plan
from shouxin.operations.workspace import Workspace
from shouxin.policy.source import RestAddress, read_source
from tests import workspaces
from tests.cli.shell import lender, run
from tests.partner_api import Answer, Partner, page, partner
from tests.plans import PLAN, approved, files_hold, person_line

TOKEN = "partner-token-7d1f"


def record(number: int, **more: Any) -> dict[str, Any]:
    """Return an applicant as the partner has them, with a field that nobody planned."""
    name, id_number, mobile, amount = person_line(number).split(",")
    held = {"name": name, "id_no": id_number, "phone": mobile, "loan": {"amount": int(amount)}, "religion": "信仰甲"}
    return {"id": number, "changed": f"2026-01-{number % 28 + 1:02}", **held, **more}


FIELDS = """
[fields]
name = "identity.name"
id_no = "identity.id_number"
phone = "contact.mobile"
"loan.amount" = "credit.amount"

[design]"""


def source_of(url: str, more: str = "") -> str:
    """Return the register's words for a partner at ``url``."""
    return f"""\
source = "branch"
kind = "rest"
title = "A partner"
audit_due = 2099-12-31
contract = "C-1"
contract_ends = 2099-12-31
[rest]
url = "{url}"
key = "id"
records = "items"
{more}
"""


def pages_of(size: int, total: int) -> Any:
    """Return answers of a well-behaved API with ``total`` applicants, ``size`` a page, by page number from 1."""

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        at = (int(query.get("page", ["1"])[0]) - 1) * size + 1
        return page([record(number) for number in range(at, min(at + size, total + 1))])

    return answer


def collected(bank: Workspace, api: Partner, more: str = 'paging = "page"', volume: int = 1000) -> PlanRun:
    """Approve a plan for ``api`` and run it once."""
    collector, plan = approved(
        bank,
        PLAN.replace("\n[design]", FIELDS).replace("volume = 1000", f"volume = {volume}"),
        source_of(api.url, more),
    )
    source = opened(api, more)
    try:
        return run_plan(bank, collector, plan.code, source).run
    finally:
        source.close()


def opened(api: Partner, more: str) -> RestPages:
    """Return the driver for a partner."""
    address = read_source(source_of(api.url, more)).rest
    assert address is not None
    return RestPages(address)


def people(bank: Workspace) -> int:
    """Return how many people there are."""
    return len(bank.data.read(lambda seen: seen.authority.find(AuthorityKind.SUBJECT)))


def test_pages_come_in_and_what_was_not_planned_stays_out(tmp_path: Path) -> None:
    """Every record of every page, nested fields by their dotted names; the unplanned field is in no file."""
    bank = workspaces.ready(tmp_path)
    with partner(pages_of(20, 50)) as api:
        run_ = collected(bank, api)
    assert (run_.taken, run_.outcome, run_.unplanned) == (50, "finished", ("changed", "id", "religion"))
    assert people(bank) == 50
    bank.close()
    assert files_hold(workspaces.home_of(tmp_path), "信仰甲", "religion") == ["religion"]


@pytest.mark.parametrize(
    ("paging", "answers"),
    [
        ('paging = "offset"', lambda q: (int(q.get("offset", ["0"])[0]), {})),
        (
            'paging = "cursor"\nnext = "after"',
            lambda q: (int(q.get("cursor", ["0"])[0]), {"after": int(q.get("cursor", ["0"])[0]) + 7}),
        ),
        (
            'paging = "next"\nnext = "link"',
            lambda q: (int(q.get("at", ["0"])[0]), {"link": int(q.get("at", ["0"])[0]) + 7}),
        ),
    ],
)
def test_other_ways_of_paging(tmp_path: Path, paging: str, answers: Any) -> None:
    """By offset, by cursor, by a link in the body: each brings everybody once."""
    bank = workspaces.ready(tmp_path)
    held: dict[str, str] = {}

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        at, more = answers(query)
        size = 7 if more else 500
        records = [record(number) for number in range(at + 1, min(at + size, 20) + 1)]
        if "link" in more:
            more = {"link": f"{held['url']}?at={more['link']}"}
        return page(records, **(more if at + size < 20 else {}))

    with partner(answer) as api:
        held["url"] = api.url
        assert collected(bank, api, paging).taken == 20
    assert people(bank) == 20


def test_pages_that_repeat_and_change_their_order_bring_nothing_twice(tmp_path: Path) -> None:
    """A source that hands records out again, on other pages, is counted and taken once."""
    bank = workspaces.ready(tmp_path)

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        shown = {1: [1, 2, 3], 2: [3, 2, 4], 3: [5, 1], 4: []}
        return page([record(one) for one in shown[number]])

    with partner(answer) as api:
        run_ = collected(bank, api)
    assert (run_.taken, run_.repeated, people(bank)) == (5, 3, 5)


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>please sign in</html>"), "200 with text/html"),
        ((200, {"Content-Type": "application/json"}, b'{"items": [{"id": 1'), "does not read"),
        ((500, {}, b""), "answered 500"),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, b""), "answered 302"),
        ((200, {"Content-Type": "application/json", "Content-Length": "900"}, b'{"items": []'), "does not answer"),
    ],
)
def test_a_source_that_breaks_keeps_what_came_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Answer, says: str
) -> None:
    """HTML with 200, half a page, an error, a redirect, a body cut off: what came before is taken, the run is open."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)  # the patience between two tries
    bank = workspaces.ready(tmp_path)
    whole = pages_of(500, 700)

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        return broken if query.get("page") == ["2"] else whole(number, path, query, headers)

    with partner(answer) as api:
        with pytest.raises(StoreUnavailable, match=says) as caught:
            collected(bank, api)
        assert "张三" not in caught.value.detail
        assert people(bank) == 499  # the last of a page waits for the next one
        api.answer = whole
        collector = workspaces.signed_in(bank, "collector")
        source = opened(api, 'paging = "page"')
        run_ = run_plan(bank, collector, "applications", source).run
    assert (run_.outcome, run_.taken, people(bank)) == ("finished", 700, 700)


def test_a_source_that_never_ends_is_stopped_by_the_volume(tmp_path: Path) -> None:
    """Endless pages of new people end at the plan's volume, and endless empty ones after a while."""
    bank = workspaces.ready(tmp_path)
    with partner(pages_of(10, 1 << 40)) as api:
        run_ = collected(bank, api, volume=25)
        assert (run_.outcome, run_.taken, people(bank)) == ("over-volume", 25, 25)
        assert len(api.asked) < 100

    def circle(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        return page([record(1)], after="same")

    with partner(circle) as api:
        source = RestPages(RestAddress(api.url, "id", "items", "cursor", "after"))
        with pytest.raises(StoreUnavailable, match="circle"):
            list(source.read(Reached()))


def test_changes_are_asked_for_from_where_all_was_read(tmp_path: Path) -> None:
    """The next run asks only for what changed since; a changed record is taken again, an unchanged one is not."""
    bank = workspaces.ready(tmp_path)
    amounts = {1: 100, 2: 200}

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        since = query.get("since", [""])[0]
        held = [record(one, loan={"amount": amount}) for one, amount in amounts.items()]
        return page([one for one in held if one["changed"] >= since])

    more = 'since = "since"\nchanged = "changed"'
    with partner(answer) as api:
        assert collected(bank, api, more).taken == 2
        amounts[2] = 201
        collector = workspaces.signed_in(bank, "collector")
        source = opened(api, more)
        run_ = run_plan(bank, collector, "applications", source).run
        assert (run_.taken, run_.repeated) == (1, 0)
        assert api.asked[-1].endswith("since=2026-01-03")
    assert people(bank) == 2


def test_the_secret_goes_to_the_source_and_nowhere_else(tmp_path: Path) -> None:
    """A link to another host is not followed, so that nobody else is shown the token; the right host is."""
    seen: list[str] = []

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        seen.append(headers.get("Authorization", ""))
        return page([record(1)], link=f"http://localhost:{api.port}/people?at=2")

    with partner(answer) as api:
        address = RestAddress(api.url, "id", "items", "next", "link", auth="bearer")
        with pytest.raises(StoreUnavailable, match="another host"):
            list(RestPages(address, Plaintext.of(TOKEN)).read(Reached()))
        assert seen == [f"Bearer {TOKEN}"]
        with pytest.raises(Misconfigured, match="secret"):
            RestPages(address)


def test_a_server_that_asks_for_patience_is_asked_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 with Retry-After is waited for, as long as the server says; a limit a second is kept."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        return (429, {"Retry-After": "7"}, b"") if number == 1 else page([record(1)])

    with partner(answer) as api:
        address = RestAddress(api.url, "id", "items", a_second=0.5)
        assert len(list(RestPages(address).read(Reached()))) == 1
    assert 7.0 in waits
    assert any(1.5 < wait <= 2.0 for wait in waits)


def test_a_deep_object_is_no_record() -> None:
    """What is nested without end, or as wide, is set aside before it costs anything."""
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(ValueError):
        flattened(deep)
    assert flattened({"a": {"b": 1}, "c": [1, "二"], "d": None, "e": True}) == {
        "a.b": "1",
        "c": '[1, "二"]',
        "d": "",
        "e": "true",
    }


@pytest.mark.slow
def test_a_process_that_is_killed_between_pages_goes_on_and_takes_nobody_twice(tmp_path: Path) -> None:
    """SIGKILL while the third page is asked for; the next process ends with everybody once, the token in no file."""
    home, _ = lender(tmp_path, 0, "dpo", "approver", "collector", "operator")
    whole = pages_of(600, 2000)
    victims: list[int] = []

    def answer(number: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {}, b""
        if query.get("page") == ["3"] and victims:
            os.kill(victims.pop(), signal.SIGKILL)
        return whole(number, path, query, headers)

    with partner(answer) as api:
        (tmp_path / "s.toml").write_text(source_of(api.url, 'paging = "page"\nauth = "bearer"'), "utf-8")
        (tmp_path / "p.toml").write_text(PLAN.replace("\n[design]", FIELDS).replace("1000", "2500"), "utf-8")
        for words, given in (
            (("source", "add", tmp_path / "s.toml", "--as", "dpo"), ""),
            (("source", "secret", "branch", "--value-file", "-", "--as", "operator"), TOKEN),
            (("plan", "propose", tmp_path / "p.toml", "--as", "collector"), ""),
            (("plan", "approve", "applications", "--as", "approver"), ""),
            (("plan", "approve", "applications", "--as", "dpo"), ""),
        ):
            ran = run(*words, home=home, given=given)
            assert ran.code == 0, ran.err
        words = [sys.executable, "-m", "shouxin.cli", "plan", "run", "applications", "--as", "collector"]
        process = subprocess.Popen([*words, "--home", str(home)], env={**os.environ, "PYTHONPATH": "src"})
        victims.append(process.pid)
        assert process.wait() == -signal.SIGKILL
        ran = run("plan", "run", "applications", "--as", "collector", "--json", home=home)
        assert (ran.code, ran.data["outcome"]) == (0, "finished"), ran.out
        assert ran.data["repeated"] >= 1000
    bank = workspaces.reopened(tmp_path)
    assert people(bank) == 2000
    assert len(get_plan(bank, workspaces.signed_in(bank, "dpo"), "applications").runs) == 1
    bank.close()
    assert files_hold(home, TOKEN, "applications") == ["applications"]


def test_an_offset_moves_by_what_came_when_the_api_hands_out_less(tmp_path: Path) -> None:
    """An API that caps its pages at a hundred, whatever it is asked for, loses nobody; names and limit are its own."""
    bank = workspaces.ready(tmp_path)
    asked: list[dict[str, list[str]]] = []

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        asked.append(query)
        start = int(query.get("skip", ["0"])[0])
        return page([record(number) for number in range(start + 1, min(start + 100, 260) + 1)])

    with partner(answer) as api:
        run_ = collected(bank, api, 'paging = "offset"\nat = "skip"\nmost = "take"\nlimit = 250')
    assert (run_.taken, people(bank), run_.repeated) == (260, 260, 0)
    assert [one.get("skip", ["0"]) for one in asked] == [["0"], ["100"], ["200"], ["260"]]
    assert {one["take"][0] for one in asked} == {"250"}


@pytest.mark.parametrize(
    ("future", "other"),
    [
        ("2099-12-31", "2026-02-01"),
        ("2099-12-31T00:00:00+08:00", "2026-02-01T00:00:00+08:00"),
        ("2099-12-31T00:00:00", "2026-02-01T00:00:00"),
        ("4102400000", "1769900000"),
        ("4102400000000", "1769900000000"),
    ],
)
def test_a_record_from_the_future_does_not_end_collection(tmp_path: Path, future: str, other: str) -> None:
    """Its time is told and never asked from: what changes after it is still taken."""
    bank = workspaces.ready(tmp_path)
    early = other.replace("2026-02", "2026-01").replace("17699", "17690")
    rows = [record(1, changed=early), record(2, changed=future)]

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        return page([one for one in rows if one["changed"] >= query.get("since", [""])[0]])

    more = 'since = "since"\nchanged = "changed"'
    with partner(answer) as api:
        run_ = collected(bank, api, more)
        assert run_.taken == 2
        assert [(one.signal, one.field, one.count) for one in run_.findings] == [("future-change", "changed", 1)]
        rows.append(record(3, changed=other))
        collector = workspaces.signed_in(bank, "collector")
        source = opened(api, more)
        assert run_plan(bank, collector, "applications", source).run.taken == 1
        assert api.asked[-1].partition("since=")[2].startswith(early[:4])
        # One that was kept before times were looked at is not asked from either.
        assert [one.key for one in source.read(Reached(5, (future,))) if isinstance(one, SourceRecord)] == [
            "1",
            "2",
            "3",
        ]
        source.close()
    assert people(bank) == 3


def _said(words: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(words).encode()


@pytest.mark.parametrize(
    "words",
    [{"code": 401, "items": None}, {"code": 500}, {"data": [record(1)]}, {"items": record(1)}, {"items": "busy"}],
)
def test_a_page_without_its_list_is_no_end(tmp_path: Path, words: dict[str, Any]) -> None:
    """An error that says 200, or records that moved: told, the run stays open; an empty list is an end as ever."""
    bank = workspaces.ready(tmp_path)
    with partner(lambda *_: _said(words)) as api:
        with pytest.raises(StoreUnavailable, match="no list"):
            collected(bank, api)
        collector = workspaces.signed_in(bank, "collector")
        (run_,) = get_plan(bank, workspaces.signed_in(bank, "dpo"), "applications").runs
        assert (run_.outcome, run_.taken) == ("", 0)
        assert [(one.signal, one.field) for one in run_.findings] == [("page-unlike", "items")]
        api.answer = lambda *_: page([])
        assert run_plan(bank, collector, "applications", opened(api, 'paging = "page"')).run.outcome == "finished"


def test_changes_are_asked_from_where_they_were_until_every_page_came(tmp_path: Path) -> None:
    """The newest come first, the second page is an error: the older ones come with the next run."""
    bank = workspaces.ready(tmp_path)
    rows = [record(number, changed=f"2026-01-{number:02}") for number in range(20, 0, -1)]
    broken = [True]

    def answer(_: int, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        at = (int(query.get("page", ["1"])[0]) - 1) * 10
        if at and broken:
            return _said({"code": broken.pop(), "msg": "busy"})
        return page([one for one in rows if one["changed"] >= query.get("since", [""])[0]][at : at + 10])

    more = 'paging = "page"\nsince = "since"\nchanged = "changed"'
    with partner(answer) as api:
        with pytest.raises(StoreUnavailable, match="no list"):
            collected(bank, api, more)
        assert people(bank) == 9
        collector, source = workspaces.signed_in(bank, "collector"), opened(api, more)
        assert run_plan(bank, collector, "applications", source).run.outcome == "finished"
        assert not any("since=" in one for one in api.asked)
        run_plan(bank, collector, "applications", source)
        assert "since=2026-01-20" in api.asked[-1]
    assert people(bank) == 20


def test_half_of_a_surrogate_pair_keeps_nobody_else_out(tmp_path: Path) -> None:
    """JSON may say what no UTF-8 can: that record is set aside, in a value, a name or the key; the others come in."""
    bank = workspaces.ready(tmp_path)
    rows = [record(1), record(2, name="\ud800"), record(3, **{"\udfff": "x"}), record(4)]
    rows.append({**record(5), "id": "\ud800"})
    with partner(lambda *_: _said({"items": rows})) as api:
        run_ = collected(bank, api, "")
        assert (run_.outcome, run_.taken, run_.aside) == ("finished", 2, 3)
    assert people(bank) == 2
