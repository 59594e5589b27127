"""What holds for every answer, before any page is asked: the host, the size, the headers.

A page on another site can make a browser send requests here, and a name server that lies can make its own name mean
127.0.0.1. So only hosts that were named are answered, a form must come from a page of ours, and no answer may be
framed, cached, sniffed, or load anything from elsewhere.

**Source:** W3C CSP Level 3; Fetch Metadata; RFC 9110 section 15.5.20 (421); OWASP ASVS 5.0 chapter 3.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["POLICY", "POLICY_OF_VERIFYING", "Guard", "is_loopback"]

_MOST_BYTES: Final = 64 * 1024
_SHUT: Final = "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
POLICY: Final = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; {_SHUT}"
"""Pages without a script: forms go here and nowhere else."""
POLICY_OF_VERIFYING: Final = (
    f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'none'; "
    f"form-action 'none'; {_SHUT}"
)
"""The page that checks a certificate: its script may reach nobody, this server included."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_loopback(host: str) -> bool:
    """Say whether ``host`` (without a port) is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """Return a Host header without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and not host.endswith("]") else host


class Guard:
    """Refuses what no page should see, and puts the headers on every answer. ``hosts`` are answered beside loopback."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = frozenset(one.lower() for one in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
            await send(message)

        refused = self._refusal(scope)
        await (self._app if refused is None else refused)(scope, receive, answer)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").lower()
        if not (is_loopback(_name(host)) or _name(host) in self._hosts):
            return PlainTextResponse("This server does not answer for that host.\n", 421)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return PlainTextResponse("Not here.\n", 405)
        length = headers.get("content-length", "" if scope["method"] == "POST" else "0")
        # A body in chunks has no length, whatever length is said beside it.
        if "transfer-encoding" in headers or not length.isdigit() or int(length) > _MOST_BYTES:
            return PlainTextResponse("Too much, or of unknown length.\n", 413)
        if scope["method"] != "POST":
            return None
        # A browser says where a form comes from; no-referrer makes it send the origin "null", which says nothing.
        site, origin = headers.get("sec-fetch-site"), headers.get("origin", "null")
        ours = {f"http://{host}", f"https://{host}"} | ({"null"} if site in {None, "same-origin"} else set())
        if site not in {None, "same-origin", "none"} or origin not in ours:
            return PlainTextResponse("A form is sent from its own page.\n", 403)
        return None
