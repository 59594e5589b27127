"""Public web pages as a source, through a crawler in a process of its own.

What stands on public pages is personal information all the same (PIPL 27): it needs a plan that says so, terms that
somebody read, and a robots file that does not forbid it. A person who refused is left out as from any other source.

Called by: ``bootstrap.open_intake_source``. Needs the extra ``web``.
"""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from shouxin.config import how_to_install
from shouxin.domain.plaintext import PlainFields
from shouxin.errors import Misconfigured, NotInThisState, Refused, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.operations.collecting.intake_source import (
    Looked,
    Recall,
    SourceNote,
    SourceRecord,
    SourceSignal,
    Unfit,
    Yielded,
    looked_at,
)
from shouxin.policy.source import SourceKind, WebAddress

__all__ = ["WebPages"]

_AGENT: Final = "shouxin (a lender's collector; obeys robots.txt)"
_ROBOTS: Final = [("CN-NDSR-18-TOOLS", "NDSR 18")]
_PATIENCE: Final = 120.0  # seconds a page, with its delay, before the crawler is ended
_LONGEST_LINE: Final = 1 << 20
_READ: Final = 10.0  # seconds for one read of a robots file
_ROBOTS_SECONDS: Final = 20.0  # for all of it
_LARGEST_ROBOTS: Final = 500 << 10
_SEEN: Final = {
    "forbidden": SourceSignal.PAGE_FORBIDDEN,
    "elsewhere": SourceSignal.PAGE_ELSEWHERE,
    "beyond": SourceSignal.PAGE_LIMIT,
    "empty": SourceSignal.PAGE_EMPTY,
}
# Why a page was not read that asking again will not change.
_FOR_GOOD: Final = frozenset(
    {"no text", *(f"HTTP {status}" for status in range(400, 500) if status not in {408, 425, 429})}
)
_ALL_FORBIDDEN: Final = "User-agent: *\nDisallow: /\n"


def _robots_of(site: str) -> str:
    """Return the robots file of a site; none where it has none, and one that forbids all where it cannot be read.

    One that stands elsewhere, or is not there when its time is over, is taken for one that cannot be read.

    **Source:** RFC 9309 section 2.3.1.
    """
    parts, late = urlsplit(site), threading.Event()
    is_safe, host = parts.scheme == "https", parts.hostname or ""
    kind = HTTPSConnection if is_safe else HTTPConnection
    try:
        raw = socket.create_connection((host, parts.port or (443 if is_safe else 80)), timeout=_READ)
        with raw.dup() as handle, closing(kind(host, parts.port, timeout=_READ)) as connection:
            timer = threading.Timer(_ROBOTS_SECONDS, _cut, (handle, late))
            timer.daemon = True
            timer.start()
            try:
                context = ssl.create_default_context()
                connection.sock = context.wrap_socket(raw, server_hostname=host) if is_safe else raw
                connection.request("GET", "/robots.txt", headers={"User-Agent": _AGENT})
                answer = connection.getresponse()
                if answer.status != HTTPStatus.OK:
                    return "" if 400 <= answer.status < 500 else _ALL_FORBIDDEN
                said = answer.read(_LARGEST_ROBOTS).decode("utf-8", "replace")
                return _ALL_FORBIDDEN if late.is_set() else said
            finally:
                timer.cancel()
    except (OSError, ValueError, HTTPException):
        return _ALL_FORBIDDEN


def _cut(handle: socket.socket, late: threading.Event) -> None:
    """End what is being read: a server that drips keeps within the time of every single read."""
    late.set()
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


class WebPages:
    """The pages at ``address``.

    Raises:
        Misconfigured: the extra ``web`` is not installed.
    """

    kind: ClassVar = SourceKind.WEB
    lines_stand: ClassVar = False

    def __init__(self, address: WebAddress) -> None:
        if not find_spec("scrapy"):
            raise Misconfigured(f"the package scrapy is needed: {how_to_install('web')}")
        self._address = address
        self._crawler: subprocess.Popen[bytes] | None = None

    def identity(self) -> bytes:
        """Return the pages to begin with."""
        return " ".join(self._address.start).encode()

    def locator(self) -> bytes:
        """Return the pages to begin with."""
        return self.identity()

    def describe(self) -> tuple[str, ...]:
        """Return the fields that selectors are given for."""
        return tuple(self._address.fields)

    def forbidden(self) -> tuple[str, ...]:
        """Return those of the pages to begin with that their robots file forbids; only that file is asked for."""
        rules: dict[str, Any] = {}
        found: list[str] = []
        for page in self._address.start:
            parts = urlsplit(page)
            site = f"{parts.scheme}://{parts.netloc}"
            if site not in rules:
                rules[site] = import_module("protego").Protego.parse(_robots_of(site))
            if not rules[site].can_fetch(page, _AGENT):
                found.append(page)
        return tuple(found)

    def _said(self) -> Iterator[dict[str, Any]]:
        """Yield what the crawler says; the last is that it has ended, and what it did not read.

        Raises:
            StoreUnavailable: it ended without saying so, or took too long.
        """
        wanted = {
            "start": self._address.start,
            "hosts": self._address.hosts,
            "record": self._address.record,
            "fields": self._address.fields,
            "follow": self._address.follow,
            "pages": self._address.pages,
            "seconds_between": self._address.seconds_between,
            "agent": _AGENT,
        }
        command = [sys.executable, "-m", "shouxin.connectors.sources.web_crawl"]
        # It gets the path of the program and nothing else of ours: no passphrase, no proxy, no home.
        kept = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")}
        crawler = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
        )
        self._crawler = crawler
        if crawler.stdin is None or crawler.stdout is None:
            raise StoreUnavailable("the crawler did not start")
        crawler.stdin.write(json.dumps(wanted).encode())
        crawler.stdin.close()
        most = self._address.pages * (self._address.seconds_between + _PATIENCE)
        watch = threading.Timer(most, crawler.kill)
        watch.daemon = True
        watch.start()
        try:
            while line := crawler.stdout.readline(_LONGEST_LINE):
                said: dict[str, Any] = json.loads(line)
                if said.get("end") is False:
                    raise StoreUnavailable("the crawler ended before it was through")
                yield said
                if "end" in said:
                    return
            raise StoreUnavailable("the crawler ended before it was through")
        except ValueError:
            raise StoreUnavailable("the crawler was cut off") from None
        finally:
            watch.cancel()
            self.close()

    def read(self, reached: Reached, wanted: Collection[str] = ()) -> Iterator[Yielded]:
        """Yield every record of every page; what was taken before is known by its key and content.

        What was not read is told at the end: pages that failed, that robots files forbid, that are elsewhere or beyond
        the limit, and pages on which nothing is a record (a site that was made anew).

        Raises:
            Refused: the robots file forbids a page to begin with. StoreUnavailable: a page to begin with cannot be
                read, or another could not and may be readable later; what came of the others is good.
        """
        line = reached.line
        for said in self._said():
            if "end" in said:
                yield from _not_read(said)
                return
            if said.get("failed") == "robots":
                raise Refused("the site's robots.txt forbids a page of this source", _ROBOTS)
            if "failed" in said:
                raise StoreUnavailable(f"a page of the source cannot be read ({said['failed']})")
            line += 1
            fields = {name: value for name, value in said["fields"].items() if not wanted or name in wanted}
            key = said["fields"].get(self._address.key, "")
            yield SourceRecord(line, PlainFields(fields), (), key) if key else Unfit(line, "no-key")

    def again(self, places: Sequence[Reached], wanted: Collection[str]) -> Iterator[SourceRecord | Unfit]:
        """Yield nothing: a page is read whole each time, and what was set aside is met there."""
        del places, wanted
        return iter(())

    def erase(self, reached: Reached, wanted: Collection[str], recall: Recall) -> int:
        """A page is erased by whoever publishes it."""
        del reached, wanted, recall
        raise NotInThisState("a public page is not erased from here: ask its publisher, then look again")

    def verify(self, reached: Reached, wanted: Collection[str], recall: Recall) -> Looked:
        """Return which records that had arrived the pages still show."""
        return looked_at(self.read(Reached(reached.line), wanted), recall) if reached.line else Looked(0)

    def close(self) -> None:
        """End the crawler, if it still runs."""
        if self._crawler is not None:
            if self._crawler.poll() is None:
                self._crawler.kill()
            self._crawler.wait()
            if self._crawler.stdout is not None:
                self._crawler.stdout.close()
            self._crawler = None


def _not_read(said: Mapping[str, Any]) -> Iterator[SourceNote]:
    """Yield what a crawl did not read.

    Raises:
        StoreUnavailable: some of it may be readable later.
    """
    failed: dict[str, int] = said["failed_pages"]
    yield from (SourceNote(SourceSignal.PAGE_FAILED, why, count) for why, count in sorted(failed.items()))
    for name, signal in _SEEN.items():
        if count := said["seen"].get(name, 0):
            yield SourceNote(signal, "", count)
    if waiting := sum(count for why, count in failed.items() if why not in _FOR_GOOD):
        raise StoreUnavailable(f"{waiting} pages of the source could not be read: run again")
