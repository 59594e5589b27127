"""A person follows what they asked for in a real browser: received, its day and article, done, erased, verified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import RightId, SubjectId, show
from shouxin.operations.deletion.decide import agree_order, submit_order
from shouxin.operations.deletion.draft import preview_order
from shouxin.operations.deletion.for_right import draft_for_right
from shouxin.rights.kinds import RightKind
from tests import workspaces
from tests.operations.deletion.house import COOL_MINUTES, DELETION, NO_RETURN, House
from tests.operations.portfolio import Hands
from tests.operations.rights.counter import WROTE, counter, files, handled
from tests.web.chromium import chromium, watched
from tests.web.served import served
from tests.workspaces import PASSPHRASE

ANSWERED_BY = 20  # days: 征信业管理条例 25(2)
SAID = {
    "zh-CN": (
        ("征信异议", "已收到", "《征信业管理条例》第25条第2款"),
        ("删除", "已收到"),
        ("删除", "部分办结", "《反洗钱法》第34条第3款"),
        ("没有删除记录。", "谁用过我的信息（1 次）", "谁用过我的信息（2 次）", "分析员"),
        ("进入", "下载证明文件", "在我的浏览器中核验", "证明成立：已删除，部分依法保留"),
    ),
    "en-GB": (
        ("objection to credit information", "received", "Credit Reporting Industry Regulations, art. 25(2)"),
        ("deletion", "received"),
        ("deletion", "fulfilled in part", "Anti-Money Laundering Law, art. 34(3)"),
        ("Nothing was erased.", "Who used my information (1 times)", "Who used my information (2 times)", "analyst"),
        ("Enter", "Get the certificate", "Check it in my browser", "It holds: erased, some kept because a law says so"),
    ),
}
WHO = {"zh-CN": 1, "en-GB": 2}


@dataclass
class Served:
    """A lender with a counter, served, and a browser."""

    home: House
    port: int
    browser: Browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One for the module; every language has a person of its own."""
    clock = Hands()
    bank = counter(tmp_path_factory.mktemp("counter"), clock)
    bank.take(WHO.values())
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(bank.workspace, bank.tokens["dpo"], text)
    with served(bank.workspace) as port, chromium() as browser:
        yield Served(House(bank, clock), port, browser)


def pass_link(place: Served, subject: SubjectId) -> str:
    """The link that the desk gets by clicks for one person."""
    with watched(place.browser, place.port, language="en-GB") as seen:
        page = seen.page
        page.goto("/pass")
        page.fill("#name", "rights_desk")
        page.fill("#passphrase", PASSPHRASE)
        page.click("main button")
        page.wait_for_url("**/pass")
        page.fill("#subject", show(SubjectId, subject))
        page.fill("#minutes", "90")
        page.click("main button")
        return page.inner_text("#link")


def come_in(page: Page, link: str, enter: str) -> None:
    """Open the link and enter by the one click."""
    page.goto(link)
    page.get_by_role("button", name=enter, exact=True).click()
    page.wait_for_url("**/person")


def requests_of(page: Page) -> list[str]:
    """The rows of the table of requests, as text, latest first."""
    return page.locator('section[aria-labelledby="requests"] tbody tr').all_inner_texts()


def erase(place: Served, right: RightId) -> None:
    """Carry the request out as an order: drafted, agreed to, cooled off, executed."""
    bank = place.home.bank
    handled(bank, right)
    order = draft_for_right(bank.workspace, place.home.desk, right)
    preview_order(bank.workspace, place.home.desk, order)
    submit_order(bank.workspace, place.home.desk, order)
    agree_order(bank.workspace, bank.tokens["approver"], order)
    place.home.clock.on(minutes=COOL_MINUTES)
    place.home.executed(order)


@pytest.mark.parametrize("language", SAID)
def test_a_person_follows_a_request_to_its_certificate(place: Served, language: str) -> None:
    """Filed at the desk, seen as received with day and article; opened, erased, verified on the page, no code left."""
    objected, asked, done, (no_certificate, looked_up, used, role), (enter, download, verify, holds) = SAID[language]
    bank, who = place.home.bank, place.home.bank.people[WHO[language]]
    right = files(bank, RightKind.DELETE, who)
    place.home.clock.on(minutes=1)
    files(bank, RightKind.OBJECT_CREDIT, who, "employment.job")
    due = str(local_date(place.home.clock.now()) + timedelta(days=ANSWERED_BY))
    with watched(place.browser, place.port, language=language) as seen:
        page = seen.page
        come_in(page, pass_link(place, who), enter)
        first, second = requests_of(page)
        assert [word for word in (*objected, due) if word not in first] == []
        assert [word for word in asked if word not in second] == []
        assert no_certificate in page.inner_text("main")
        assert looked_up in page.inner_text("main")
        assert WROTE not in page.content()
        bank.masked(who)
        erase(place, right)
        come_in(page, pass_link(place, who), enter)  # half an hour without a click ended the first pass
        _, second = requests_of(page)
        assert [word for word in done if word not in second] == []
        text = page.inner_text("main")
        assert used in text
        assert role in page.locator('section[aria-labelledby="openings"] tbody tr').first.inner_text()
        with page.expect_download() as waiting:
            page.get_by_role("link", name=download).click()
        content = Path(waiting.value.path()).read_bytes()
        page.get_by_role("link", name=verify).click()
        page.wait_for_url("**/verify")
        page.set_input_files("#file", {"name": "c.json", "mimeType": "application/json", "buffer": content})
        page.fill("#keys", bank.workspace.head.vkey)
        page.click("#run")
        page.wait_for_selector("#result[data-code]")
        assert page.get_attribute("#result", "data-code") == "0"
        verdict = page.inner_text("#result")
        assert holds in verdict
        assert not re.search(r"\{\w+\}", text + verdict)
        if language == "en-GB":
            assert not re.search(r"[\u4e00-\u9fff]", text), text
