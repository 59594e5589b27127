"""A real Chromium, as the machine has it; an error on its console or a policy that was broken fails the test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser; skipped where there is none, which CI does not bless."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page, every complaint of its console, and every request that it made."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def watched(browser: Browser, port: int, *, language: str = "zh-CN", refusals: bool = False) -> Iterator[Watched]:
    """Open a page in a fresh profile; at the end nothing may have been complained of.

    With ``refusals``, that an answer had a status of 400 or more is no complaint: the test is about one.
    """
    context = browser.new_context(locale=language, base_url=f"http://127.0.0.1:{port}", accept_downloads=True)
    found = Watched(context.new_page())
    page = found.page
    page.on("console", lambda said: found.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: found.complaints.append(str(error)))
    page.on("request", lambda request: found.requests.append(request.url))
    try:
        yield found
    finally:
        context.close()
    status = "Failed to load resource: the server responded with a status of"
    assert [one for one in found.complaints if not (refusals and one.startswith(status))] == []
