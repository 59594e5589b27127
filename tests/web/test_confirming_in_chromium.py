"""The second confirmation of a bulk order by clicks: the number and a sample shown, the number typed, a fresh code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from shouxin.domain.identifiers import OrderId, SubjectId, show
from shouxin.operations.deletion.decide import agree_order, show_order, submit_order
from shouxin.operations.staff.second_factor import enrol_second_factor
from tests.operations.deletion.house import House, house
from tests.operations.portfolio import ID_NUMBER, MARK, NAME, values_of
from tests.telephone import code_of
from tests.web.chromium import chromium, watched
from tests.web.served import served
from tests.workspaces import PASSPHRASE

SAID = {
    "zh-CN": (
        "第二次确认（批量）",
        "将删除 3 人，其中包括以下几位",
        "输入的人数与删除单不符。",
        "验证码错误、过期或已用过。",
        "已确认批量删除，进入冷静期。",
        "现在不等您决定。",
    ),
    "en-GB": (
        "Second confirmation (bulk)",
        "This deletes 3 people; a few of them, masked",
        "people: the number of people that was typed is not the order's",
        "the code is wrong, too old, or was used already",
        "The bulk deletion is confirmed and cools off.",
        "It does not wait for you now.",
    ),
}
WHOM = {"zh-CN": (1, 2, 3), "en-GB": (4, 5, 6)}


@dataclass
class Waiting:
    """A lender with a bulk order for every language, agreed to and to be confirmed; and who confirms."""

    home: House
    orders: dict[str, OrderId]
    telephone: str
    port: int
    browser: Browser


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Waiting]:
    """One for the module; every test confirms an order of its own."""
    home = house(tmp_path_factory.mktemp("bulk"))
    bank = home.bank
    bank.take(sorted(sum(WHOM.values(), ())))
    telephone = enrol_second_factor(bank.workspace, bank.tokens["dpo.2"], PASSPHRASE)
    home.clock.on(minutes=5)
    orders = {}
    for language, numbers in WHOM.items():
        orders[language] = home.drafted(home.wanted(*(bank.people[number] for number in numbers)))
        submit_order(bank.workspace, home.desk, orders[language])
        for name in ("approver", "approver.2", "dpo"):
            agree_order(bank.workspace, bank.tokens[name], orders[language])
    with served(bank.workspace) as port, chromium() as browser:
        yield Waiting(home, orders, telephone, port, browser)


def signed_in(page: Page, name: str, order: OrderId) -> None:
    """Sign in by the page's own form and open the order."""
    page.goto("/")
    page.fill("#name", name)
    page.fill("#passphrase", PASSPHRASE)
    page.click("main button")
    page.wait_for_url("**/inbox")
    page.goto(f"/orders/{show(OrderId, order)}")


def typed(page: Page, order: OrderId, people: str, code: str) -> None:
    """Open the order anew, type number and code, and press the button."""
    page.goto(f"/orders/{show(OrderId, order)}")
    page.fill("#people", people)
    page.fill("#code", code)
    page.click("button.danger")


def state_of(place: Waiting, order: OrderId) -> str:
    """Return the state of an order as the log has it."""
    bank = place.home.bank
    return show_order(bank.workspace, bank.tokens["dpo"], order).order.state


@pytest.mark.parametrize("language", SAID)
def test_a_bulk_order_is_confirmed_by_clicks(place: Waiting, language: str) -> None:
    """Number and masked sample are shown; a wrong number and a wrong code are told apart; both right: it cools off."""
    title, whom, number_wrong, code_wrong, done, not_you = SAID[language]
    order, bank = place.orders[language], place.home.bank
    place.home.clock.on(minutes=2)
    with watched(place.browser, place.port, language=language, refusals=True) as seen:
        page = seen.page
        signed_in(page, "dpo.2", order)
        card = page.locator('section[aria-labelledby="confirm"]')
        assert card.locator("h2").inner_text() == title
        assert whom in card.inner_text()
        sample = {tuple(row.locator("td").all_inner_texts()) for row in card.locator("#among tr").all()}
        assert {row[0] for row in sample} == {show(SubjectId, bank.people[number]) for number in WHOM[language]}
        for number in WHOM[language]:
            masked = bank.masked(bank.people[number])[bank.people[number]]
            assert (show(SubjectId, bank.people[number]), masked[NAME], masked[ID_NUMBER]) in sample
            assert values_of(number)[ID_NUMBER].text() not in page.content()
        code = code_of(place.telephone, place.home.clock.now())
        page.click("button.danger")  # the browser itself lets nobody send an empty form
        assert page.locator("#people:invalid").count() == 1
        typed(page, order, "2", code)
        assert number_wrong in page.get_by_role("alert").inner_text()
        typed(page, order, "3", f"{(int(code) + 1) % 1_000_000:06}")
        assert code_wrong in page.get_by_role("alert").inner_text()
        assert state_of(place, order) == "confirming"
        if language == "en-GB":
            page.goto(f"/orders/{show(OrderId, order)}")
            words = page.inner_text("main").replace(MARK, "").replace(MARK[0], "")
            assert not re.search(r"[\u4e00-\u9fff]", words), words
        typed(page, order, "3", code)
        page.wait_for_url("**/inbox")
        assert page.get_by_role("status").inner_text() == done
        page.goto(f"/orders/{show(OrderId, order)}")
        assert page.locator("#people").count() == 0
        assert not_you in page.inner_text("main")
    assert state_of(place, order) == "cooling"


def test_whom_it_does_not_wait_for_gets_neither_sample_nor_form(place: Waiting) -> None:
    """The approver who agreed reads the order, and no name, no number and no field to type in."""
    order = place.home.drafted(place.home.wanted(*(place.home.bank.people[number] for number in WHOM["en-GB"])))
    bank = place.home.bank
    submit_order(bank.workspace, place.home.desk, order)
    for name in ("approver", "approver.2", "dpo"):
        agree_order(bank.workspace, bank.tokens[name], order)
    with watched(place.browser, place.port, language="en-GB") as seen:
        signed_in(seen.page, "approver", order)
        assert "to be confirmed" in seen.page.inner_text("h1")
        assert seen.page.locator("#people, #among").count() == 0
        assert MARK[0] not in seen.page.inner_text("main")
