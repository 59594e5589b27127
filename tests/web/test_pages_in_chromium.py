from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from shouxin.domain.identifiers import OrderId, SubjectId, show
from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.operations.deletion.decide import show_order
from shouxin.operations.person_page import enter_pass, issue_pass, person_certificate, person_seen
from shouxin.vault.certificate import statement
from tests.web.chromium import chromium, watched
from tests.web.scene import Place, scene
from tests.web.served import served
from tests.workspaces import PASSPHRASE


@dataclass
class Pages(Place):
    """A scene that is served, and a browser."""

    browser: Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module; every test has a profile of its own."""
    with chromium() as made:
        yield made


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Pages]:
    """One scene for the module, served; only one test decides anything, and only about its own order."""
    made = scene(tmp_path_factory.mktemp("place"))
    with served(made.house.bank.workspace) as port:
        yield Pages(made, port, browser)


def sign_in(page: Page, name: str) -> None:
    """Sign in by the page's own form."""
    page.goto("/")
    page.fill("#name", name)
    page.fill("#passphrase", PASSPHRASE)
    page.click("main button")
    page.wait_for_url("**/inbox")


def test_an_approver_signs_in_reads_the_preview_and_agrees(place: Pages) -> None:
    """From the sign-in to the order that cools off, by clicks, in Chinese; nothing is complained of."""
    with watched(place.browser, place.port) as seen:
        page = seen.page
        sign_in(page, "approver")
        page.click(f'a[href="/orders/{show(OrderId, place.scene.one)}"]')
        text = page.inner_text("main")
        assert "职业" in text
        assert "《反洗钱法》第34条第3款" in text
        page.get_by_role("link", name="同意", exact=True).click()
        assert "确认同意？" in page.inner_text("h1")
        page.get_by_role("button", name="是，同意").click()
        page.wait_for_url("**/inbox")
        assert page.get_by_role("status").inner_text() == "已同意删除单。"
        page.get_by_role("button", name="退出").click()
        page.wait_for_url("**/sign-in")
        page.goto("/inbox")
        assert "/sign-in" in page.url
    bank = place.scene.house.bank
    assert show_order(bank.workspace, bank.tokens["dpo"], place.scene.one).order.state == "cooling"


def test_whoever_drafted_an_order_is_refused_with_the_article(place: Pages) -> None:
    """The button is there, the answer is no, and why; the switch says it in the other language."""
    with watched(place.browser, place.port, refusals=True) as seen:
        page = seen.page
        sign_in(page, "rights_desk")
        page.goto(f"/orders/{show(OrderId, place.scene.bulk)}/agree")
        page.get_by_role("button", name="是，同意").click()
        assert "《个人信息保护法》第51条第1款第4项" in page.get_by_role("alert").inner_text()
    bank = place.scene.house.bank
    assert show_order(bank.workspace, bank.tokens["dpo"], place.scene.bulk).order.agreements == ()


def test_the_switch_changes_the_language_and_keeps_the_page(place: Pages) -> None:
    """Every page has it, also before signing in; what is marked as Chinese is Chinese."""
    with watched(place.browser, place.port) as seen:
        page = seen.page
        page.goto("/verify")
        assert page.get_attribute("html", "lang") == "zh-CN"
        page.click("a.language")
        assert page.url.endswith("/verify")
        assert page.get_attribute("html", "lang") == "en"
        assert "Check a certificate of deletion in my browser" in page.inner_text("h1")
        page.click("a.language")
        assert page.get_attribute("html", "lang") == "zh-CN"


def test_the_english_pages_have_no_chinese_and_every_word_is_there(place: Pages) -> None:
    """On every page: no Han character but the switch and the lender's own name, no code that nobody translated."""
    bank = place.scene.house.bank
    code, _ = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[5])
    with watched(place.browser, place.port, language="en-GB") as seen:
        page = seen.page
        sign_in(page, "dpo")
        order = f"/orders/{show(OrderId, place.scene.bulk)}"
        texts = []
        for path in ("/inbox", order, f"{order}/refuse", "/pass", "/verify", f"/person/enter?code={code}"):
            page.goto(path)
            texts.append((path, page.inner_text("main")))
        page.get_by_role("button", name="Enter").click()
        page.wait_for_url("**/person")
        texts.append(("/person", page.inner_text("main")))
    for path, text in texts:
        assert not re.search(r"[\u4e00-\u9fff]", text), (path, text)
        assert not re.search(r"\{\w+\}", text), (path, text)


def certificate(place: Pages) -> bytes:
    """The certificate of the person who is erased, as their page hands it out."""
    bank = place.scene.house.bank
    code, _ = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[5])
    enter_pass(bank.workspace, code)
    operation = person_seen(bank.workspace, code).erasures[0][0]
    return certificate_bytes(person_certificate(bank.workspace, code, operation))


def verdict(page: Page, content: bytes, keys: str) -> tuple[str, str]:
    """What the page says of a certificate: the code and the text."""
    page.goto("/verify")
    page.set_input_files("#file", {"name": "c.json", "mimeType": "application/json", "buffer": content})
    page.fill("#keys", keys)
    page.click("#run")
    page.wait_for_selector("#result[data-code]")
    return page.get_attribute("#result", "data-code") or "", page.inner_text("#result")


def test_a_good_certificate_holds_and_no_request_leaves(place: Pages) -> None:
    """What is proved, what is attested, what cannot be proved; the server is not asked for anything meanwhile."""
    content, key = certificate(place), place.scene.house.bank.workspace.head.vkey
    with watched(place.browser, place.port) as seen:
        seen.page.goto("/verify", wait_until="networkidle")
        seen.page.set_input_files("#file", {"name": "c.json", "mimeType": "application/json", "buffer": content})
        seen.page.set_input_files(
            "#key-file", {"name": "l.vkey", "mimeType": "text/plain", "buffer": f"{key}\n".encode()}
        )
        seen.page.wait_for_function("key => document.getElementById('keys').value === key", arg=key)
        seen.requests.clear()
        seen.page.click("#run")
        seen.page.wait_for_selector("#result[data-code]")
        assert seen.requests == []
        assert seen.page.get_attribute("#result", "data-code") == "0"
        text = seen.page.inner_text("#result")
    document = json.loads(content)
    for words in ("证明成立：已删除，部分依法保留", "一、已证明", "二、仅由机构承诺", "三、本页不能证明", "职业 × 1"):
        assert words in text
    assert document["live"] in text
    assert "没有见证方共签" in text


def test_a_tampered_certificate_does_not_hold(place: Pages) -> None:
    """One letter changed, another lender's key, no key, no JSON: each is told apart, in words."""
    content, key = certificate(place), place.scene.house.bank.workspace.head.vkey
    tampered = content.replace(b'"outcome":"erased-in-part"', b'"outcome":"erased"', 1)
    assert tampered != content
    with watched(place.browser, place.port, language="en") as seen:
        assert verdict(seen.page, content, key)[0] == "0"
        code, text = verdict(seen.page, tampered, key)
        assert (code, "Not genuine" in text, "It holds" in text) == ("3", True, False)
        assert verdict(seen.page, content, "")[0] == "1"
        assert "no verifier key" in verdict(seen.page, content, key[:-4] + "AAA=")[1]
        assert "no JSON" in verdict(seen.page, b"no json", key)[1]
        seen.page.goto("/verify")
        seen.page.click("#run")
        seen.page.wait_for_selector("#result[data-code]")
        assert "Choose the certificate first" in seen.page.inner_text("#result")


def test_a_certificate_cannot_put_anything_on_the_page(place: Pages) -> None:
    """What a lender signs is shown as text: no element of it, no character that turns the line round."""
    workspace = place.scene.house.bank.workspace
    document: dict[str, Any] = json.loads(certificate(place))
    document["institution"]["name"] = "<img src=x onerror=alert(1)>\u202eknaB"
    document["signature"] = workspace.head.sign_text(statement(document))
    with watched(place.browser, place.port) as seen:
        code, text = verdict(seen.page, certificate_bytes(document), workspace.head.vkey)
        assert code == "0"
        assert "<img src=x onerror=alert(1)>\\u202eknaB" in text
        assert seen.page.locator("#result img").count() == 0


def test_the_page_says_whose_rule_the_day_of_a_residual_is(place: Pages) -> None:
    """In the words of its language; a code that it does not know, as it is; none, where there is none."""
    workspace = place.scene.house.bank.workspace
    document: dict[str, Any] = json.loads(certificate(place))
    one = {"what": "recipient-not-told", "where": "bureau", "owner": "x", "due": "2030-01-01", "state": "open"}
    rules = ({"day_set_by": "own-settings"}, {"day_set_by": "a-later-code"}, {"day_set_by": ""}, {})
    document["residuals"] = [{**one, **rule} for rule in rules]
    document["signature"] = workspace.head.sign_text(statement(document))
    with watched(place.browser, place.port) as seen:
        code, text = verdict(seen.page, certificate_bytes(document), workspace.head.vkey)
    assert code == "0"
    head = "残留：recipient-not-told · bureau · x · 2030-01-01"
    told = [line for line in text.splitlines() if line.startswith("残留：")]
    assert told == [f"{head}{rule} · open" for rule in (" · 本机构设置", " · a-later-code", "", "")]


def test_a_dropped_file_is_taken(place: Pages) -> None:
    """Dropping does what choosing does."""
    content, key = certificate(place), place.scene.house.bank.workspace.head.vkey
    with watched(place.browser, place.port) as seen:
        seen.page.goto("/verify")
        held = seen.page.evaluate_handle(
            "text => { const held = new DataTransfer(); held.items.add(new File([text], 'd.json')); return held; }",
            content.decode(),
        )
        seen.page.dispatch_event("#drop", "drop", {"dataTransfer": held})
        assert seen.page.inner_text("#chosen") == "d.json"
        seen.page.fill("#keys", key)
        seen.page.click("#run")
        seen.page.wait_for_selector("#result[data-code]")
        assert seen.page.get_attribute("#result", "data-code") == "0"


def test_the_script_of_the_page_may_reach_nobody(place: Pages) -> None:
    """The policy bites: a request to this very server, or to another, is stopped and seen."""
    with watched(place.browser, place.port) as seen:
        seen.page.goto("/verify", wait_until="networkidle")
        stopped = seen.page.evaluate(
            """async () => {
              const stopped = [];
              document.addEventListener("securitypolicyviolation", (one) => stopped.push(one.effectiveDirective));
              for (const to of ["/inbox", "https://evil.example/"]) await fetch(to).catch(() => null);
              await new Promise((done) => setTimeout(done, 0));
              return stopped;
            }"""
        )
        assert stopped == ["connect-src", "connect-src"]
        seen.complaints.clear()  # these two were wanted


def test_a_person_comes_in_by_the_link_and_gets_the_certificate(place: Pages) -> None:
    """The link asks for one click; the file that is downloaded holds on the page beside it."""
    bank = place.scene.house.bank
    code, _ = issue_pass(bank.workspace, bank.tokens["dpo"], bank.people[5])
    with watched(place.browser, place.port) as seen:
        page = seen.page
        page.goto(f"/person/enter?code={code}")
        page.get_by_role("button", name="进入").click()
        page.wait_for_url("**/person")
        assert show(SubjectId, bank.people[5]) in page.inner_text("main")
        assert "分析员" in page.inner_text("main")
        with page.expect_download() as waiting:
            page.get_by_role("link", name="下载证明文件").click()
        content = Path(waiting.value.path()).read_bytes()
        assert verdict(page, content, bank.workspace.head.vkey)[0] == "0"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_and_every_field_a_name(place: Pages, scheme: str) -> None:
    """Text is at least 4.5 to 1 against what lies behind it (WCAG 2.2, 1.4.3); every field and button has a name."""
    with watched(place.browser, place.port) as seen:
        page = seen.page
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        sign_in(page, "dpo")
        for path in ("/inbox", f"/orders/{show(OrderId, place.scene.bulk)}", "/pass", "/verify"):
            page.goto(path)
            assert page.evaluate(_CONTRAST) == [], path
            assert page.evaluate(_NAMELESS) == [], path
            assert page.locator("h1").count() == 1
            assert page.locator("main").count() == 1


_NAMELESS = """() => Array.from(document.querySelectorAll("input:not([type=hidden]), textarea, button"))
  .filter((one) => !(one.labels?.length || one.textContent.trim())).map((one) => one.outerHTML)"""
_CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const found = rgb(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.checkVisibility()) continue;
    const pair = [light(rgb(getComputedStyle(one).color)), light(behind(one))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) weak.push(`${one.tagName} ${one.className}: ${ratio.toFixed(2)}`);
  }
  return weak;
}"""
