from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from playwright.sync_api import Browser, Page

from shouxin.domain.identifiers import OrderId, show
from shouxin.operations.adopting.recipients import register_recipient
from shouxin.operations.deletion.decide import submit_order
from shouxin.operations.deletion.draft import draft_order, preview_order
from shouxin.policy.recipient import Recipient
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import VIDEO, card
from tests.web.chromium import chromium, watched
from tests.web.served import served
from tests.workspaces import PASSPHRASE, adopt

BUREAU = Recipient("bureau", "Bureau", "C-17", date(2035, 1, 1), "privacy@bureau.example", (VIDEO,))
SHARED = card("interview.video", 2).replace(
    "[roles]", 'recipients = ["bureau"]\ncontracts = { bureau = "C-17" }\n\n[roles]'
)


@dataclass
class Previewed:
    """A lender, an order about a customer with a contact, a video and rows in a database, one about nobody else too."""

    home: House
    order: OrderId
    alone: OrderId
    port: int
    browser: Browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Previewed]:
    """One for the module: nothing is decided."""
    folder = tmp_path_factory.mktemp("preview")
    home = house(folder)
    bank = home.bank
    bank.take([1], contact=True)
    bank.film(bank.people[1])
    register_recipient(bank.workspace, bank.tokens["dpo"], BUREAU)
    adopt(bank.workspace, bank.tokens["dpo"], SHARED)
    core = home.with_core(folder, "work")
    order = draft_order(bank.workspace, home.desk, home.wanted(bank.people[1]))
    preview_order(bank.workspace, home.desk, order, core.open)
    submit_order(bank.workspace, home.desk, order)
    bank.take([2])
    alone = draft_order(bank.workspace, home.desk, home.wanted(bank.people[2]))
    preview_order(bank.workspace, home.desk, alone)
    submit_order(bank.workspace, home.desk, alone)
    with served(bank.workspace) as port, chromium() as browser:
        yield Previewed(home, order, alone, port, browser)


def opened(page: Page, order: OrderId) -> None:
    """Sign in as the approver and open the page of ``order``."""
    page.goto("/")
    page.fill("#name", "approver")
    page.fill("#passphrase", PASSPHRASE)
    page.click("main button")
    page.wait_for_url("**/inbox")
    page.goto(f"/orders/{show(OrderId, order)}")


def table(page: Page) -> set[tuple[str, ...]]:
    """Return the rows of the table of places."""
    rows = page.locator('section[aria-labelledby="places"] tbody tr').all()
    return {tuple(cell.inner_text() for cell in row.locator("td").all()) for row in rows}


SAID = {
    "zh-CN": (
        ("本系统", "职业", "已删除", "1", "《个人信息保护法》第47条第1款第1项", ""),
        ("本系统", "身份证件号码", "依法保留", "1", "《反洗钱法》第34条第3款", "2037-03-01"),
        ("lender-core", "work", "已删除", "1", "《个人信息保护法》第47条第1款第1项", ""),
        "数据库按前 1 人查询",
        "涉及另外 1 人的陈述或影像",
    ),
    "en-GB": (
        ("here", "Occupation", "erased", "1", "Personal Information Protection Law, art. 47(1)(1)", ""),
        ("here", "Identity document number", "kept by law", "1", "Anti-Money Laundering Law, art. 34(3)", "2037-03-01"),
        ("lender-core", "work", "erased", "1", "Personal Information Protection Law, art. 47(1)(1)", ""),
        "The databases were asked about the first 1 people",
        "Statements or objects of 1 other people concern these people",
    ),
}


@pytest.mark.parametrize("language", SAID)
def test_the_approver_reads_place_by_place_what_the_order_would_do(place: Previewed, language: str) -> None:
    """What, where, in which systems, which recipients, by which article and until when it stays, and whom else."""
    *lines, asked, reach = SAID[language]
    with watched(place.browser, place.port, language=language) as seen:
        opened(seen.page, place.order)
        rows = table(seen.page)
        text = seen.page.inner_text("main")
    for line in lines:
        assert line in rows
    for said in (asked, reach, "bureau", "lender-core"):
        assert said in text
    if language == "en-GB":
        assert not re.search(r"[\u4e00-\u9fff]", text)


def test_an_order_that_reaches_nobody_else_says_so(place: Previewed) -> None:
    """Nothing is left to be guessed from what is not there: no other person, databases that were not asked."""
    with watched(place.browser, place.port, language="en-GB") as seen:
        opened(seen.page, place.alone)
        text = seen.page.inner_text("main")
    assert "No other person's statements or objects concern these people" in text
    assert "The databases were not asked yet" in text
