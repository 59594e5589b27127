"""The crawler, in a process of its own: reads what to fetch from standard input, writes a JSON line a record.

It holds no key and opens no store; who started it may kill it at any time. It obeys the robots file (one that cannot be
read forbids everything, RFC 9309 section 2.3.1.4), goes to the named hosts only, one request at a time, and stops after
so many pages. No cookies, no cache, no telnet, no file. At the end it says of every page that it did not read why not,
and how many it read on which nothing is a record: counts and codes, for an address may name somebody.

Called by: ``web_pages`` as ``python -m shouxin.connectors.sources.web_crawl``. Needs the extra ``web``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response, TextResponse

__all__ = ["NamedHosts", "PageLimit", "PageSpider", "StrictRobots", "main"]

_NOTHING: Final = b"User-agent: *\nDisallow: /\n"
_LARGEST: Final = 8 << 20
_LONGEST_FIELD: Final = 4_000
_MOST_LINKS: Final = 1_000  # of one page
_ELSEWHERE: Final = "elsewhere"
_BEYOND: Final = "beyond the limit"


class NamedHosts:
    """Lets no request leave the named hosts, by a link, a redirect or a robots file."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._hosts = hosts

    @classmethod
    def from_crawler(cls, crawler: Any) -> NamedHosts:  # noqa: ANN401 - as Scrapy has it
        """Return the guard of this crawl."""
        return cls(frozenset(crawler.settings.getlist("SHOUXIN_HOSTS")))

    def process_request(self, request: Request) -> None:
        """Refuse what is elsewhere, or in the clear beyond this machine."""
        parts = urlsplit(request.url)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
        if parts.hostname not in self._hosts or (parts.scheme != "https" and not local):
            raise IgnoreRequest(_ELSEWHERE)


class PageLimit:
    """Lets no page be asked for once as many as are allowed were read; robots files are none."""

    def __init__(self, crawler: Any) -> None:  # noqa: ANN401 - as Scrapy has it
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Any) -> PageLimit:  # noqa: ANN401 - as above
        """Return the limit of this crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse what is one page too many."""
        if self._crawler.spider.is_through() and not request.meta.get("dont_obey_robotstxt"):
            raise IgnoreRequest(_BEYOND)


class StrictRobots(RobotsTxtMiddleware):
    """Scrapy's, but a robots file that cannot be read forbids everything, and one that is not there nothing."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        body = _NOTHING if response.status >= 500 else response.body if response.status < 400 else b""
        await super()._parse_robots(response.replace(body=body), netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        waiting = self._parsers[netloc]
        self._parsers[netloc] = parser = self._parserimpl.from_crawler(self.crawler, _NOTHING)
        del exc
        waiting.callback(parser)  # type: ignore[union-attr]


def _say(**words: object) -> None:
    sys.stdout.write(json.dumps(words, ensure_ascii=False) + "\n")
    sys.stdout.flush()


class PageSpider(scrapy.Spider):
    """Finds the records of a page, and the pages to go on by."""

    name = "pages"

    def __init__(self, wanted: dict[str, Any]) -> None:
        super().__init__()
        self._wanted = wanted
        self._left = int(wanted["pages"])
        self._failed: Counter[str] = Counter()
        self._seen: Counter[str] = Counter()

    def is_through(self) -> bool:
        """Say whether as many pages as are allowed were read."""
        return self._left <= 0

    async def start(self) -> Any:  # noqa: ANN401 - an asynchronous iterator, as Scrapy has it
        """Begin with the named pages."""
        for url in self._wanted["start"]:
            yield self._request(url, first=True)

    def _request(self, url: str, *, first: bool) -> Request:
        return Request(url, callback=self.parse, errback=self.failed, meta={"first": first})

    def failed(self, failure: Any) -> None:  # noqa: ANN401 - Twisted's
        """Tell that a page was not read; why, as a code."""
        request, words = failure.request, str(failure.value)
        if failure.check(IgnoreRequest) and words == _BEYOND:
            self._seen["beyond"] += 1
        elif request.meta.get("first"):
            why = "robots" if "robots" in words else type(failure.value).__name__
            _say(failed=why, page=request.url)
        elif "robots" in words:
            self._seen["forbidden"] += 1
        elif failure.check(IgnoreRequest) and words == _ELSEWHERE:
            self._seen["elsewhere"] += 1
        else:
            status = getattr(getattr(failure.value, "response", None), "status", 0)
            self._failed[f"HTTP {status}" if status else type(failure.value).__name__] += 1

    def parse(self, response: Response, **_: Any) -> Iterator[Request]:  # noqa: ANN401 - as Scrapy has it
        """Write the records of a page, and ask for the pages that it leads to."""
        if self.is_through():
            self._seen["beyond"] += 1
            return
        if not isinstance(response, TextResponse):
            self._failed["no text"] += 1
            return
        self._left -= 1
        places = response.css(self._wanted["record"])
        self._seen["empty"] += not places
        for place in places:
            fields = {
                name: " ".join("".join(place.css(selector).xpath(".//text()").getall()).split())[:_LONGEST_FIELD]
                for name, selector in self._wanted["fields"].items()
            }
            _say(fields=fields)
        if self._wanted["follow"]:
            links = response.css(self._wanted["follow"]).xpath("./@href").getall()
            self._seen["beyond"] += max(0, len(links) - _MOST_LINKS)
            for link in links[:_MOST_LINKS]:
                yield self._request(response.urljoin(link), first=False)

    def closed(self, reason: str) -> None:
        """Say what was not read, and that this was all; called by Scrapy when nothing waits any more."""
        _say(end=reason == "finished", failed_pages=self._failed, seen=self._seen)


def main() -> None:
    """Crawl what standard input asks for, and say at the end that it was all."""
    wanted = json.loads(sys.stdin.read())
    process = CrawlerProcess(
        {
            "SHOUXIN_HOSTS": wanted["hosts"],
            "ROBOTSTXT_OBEY": True,
            "DOWNLOADER_MIDDLEWARES": {
                "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
                "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
                "shouxin.connectors.sources.web_crawl.NamedHosts": 50,
                "shouxin.connectors.sources.web_crawl.PageLimit": 60,
                "shouxin.connectors.sources.web_crawl.StrictRobots": 100,
            },
            "USER_AGENT": wanted["agent"],
            "DOWNLOAD_DELAY": wanted["seconds_between"],
            "RANDOMIZE_DOWNLOAD_DELAY": False,
            "CONCURRENT_REQUESTS": 1,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_MAXSIZE": _LARGEST,
            "DOWNLOAD_TIMEOUT": 30,
            "REDIRECT_MAX_TIMES": 3,
            "RETRY_TIMES": 2,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_ENABLED": False,
        }
    )
    _ = process.crawl(PageSpider, wanted=wanted)
    process.start()


if __name__ == "__main__":
    main()
