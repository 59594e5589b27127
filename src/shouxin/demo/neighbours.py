"""Who the demo's second story collects from: a partner's API and a public page, on this machine only.

Laws. Both listen on loopback, on ports that the system picks, in threads that end with the block. Everybody they name
is fabricated. The API lets nobody in without its token; the page forbids a part of itself to programs. What they were
asked for is remembered, so that a scene can show what nobody asked for.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, TypeAlias
from urllib.parse import parse_qs, urlsplit

from shouxin.demo.identities import FabricatedIdentity

__all__ = ["FORBIDDEN", "UNPLANNED", "Neighbours", "neighbours"]

FORBIDDEN: Final = "/private"
# What the partner hands out though nobody planned it: field -> the beginning of each value.
UNPLANNED: Final = {"person.religion": "belief-", "wechat": "wx_"}
_PAGE: Final = 5
_ROBOTS: Final = f"User-agent: *\nDisallow: {FORBIDDEN}\n"

# Path with parameters and headers -> status, type and content.
_Answer: TypeAlias = Callable[[str, str], tuple[int, str, bytes]]


@dataclass(slots=True)
class Neighbours:
    """Both, running. ``leads`` are whom the API hands out, ``contacts`` whom the page names; ``asked`` are paths."""

    leads: Sequence[FabricatedIdentity]
    contacts: Sequence[FabricatedIdentity]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    asked: list[str] = field(default_factory=list)
    partner: str = ""
    register: str = ""

    def api(self, path: str, authorization: str) -> tuple[int, str, bytes]:
        """Answer as the partner: five leads a page, each with two fields that no plan names."""
        if not secrets.compare_digest(authorization, f"Bearer {self.token}"):
            return 401, "application/json", b"{}"
        first = int(parse_qs(urlsplit(path).query).get("cursor", ["0"])[0])
        items = [
            {
                "id": f"lead-{at}",
                "person": {"name": one.name, "id_no": one.id_number, "religion": f"belief-{one.mobile[-6:]}"},
                "phone": one.mobile,
                "mail": one.email,
                "wechat": f"wx_{one.mobile[-6:]}",
            }
            for at, one in enumerate(self.leads[first : first + _PAGE], first)
        ]
        after = str(first + _PAGE) if first + _PAGE < len(self.leads) else None
        return 200, "application/json", json.dumps({"data": {"items": items, "next": after}}).encode()

    def page(self, path: str, _authorization: str) -> tuple[int, str, bytes]:
        """Answer as the register: two pages, and a part that its robots file forbids."""
        if path == "/robots.txt":
            return 200, "text/plain", _ROBOTS.encode()
        half = len(self.contacts) // 2
        shown = {"/list": self.contacts[:half], "/list/2": self.contacts[half:], FORBIDDEN: self.leads[:1]}
        if path not in shown:
            return 404, "text/plain", b""
        rows = "".join(
            f"<tr class=one><td class=employer>海棠样本{at}号公司</td><td class=contact>{one.name}</td>"
            f"<td class=phone>{one.mobile}</td></tr>"
            for at, one in enumerate(shown[path], 1)
        )
        links = f'<a class=next href="/list/2">下一页</a> <a class=next href="{FORBIDDEN}">内部</a>'
        text = f"<html><body><table class=employers>{rows}</table>{links}</body></html>"
        return 200, "text/html; charset=utf-8", text.encode()


def _handler(answer: _Answer, asked: list[str]) -> type[BaseHTTPRequestHandler]:
    class _Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, kind, content = answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing: a log would hold what was asked for."""

    return _Handler


@contextmanager
def _serving(answer: _Answer, asked: list[str]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer, asked))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def neighbours(leads: Sequence[FabricatedIdentity], contacts: Sequence[FabricatedIdentity]) -> Iterator[Neighbours]:
    """Run both as long as the block lasts."""
    made = Neighbours(leads, contacts)
    with _serving(made.api, made.asked) as partner, _serving(made.page, made.asked) as register:
        made.partner, made.register = partner, register
        yield made
