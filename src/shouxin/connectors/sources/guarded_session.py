"""One HTTP session for one source: where it may go, how much it reads, how long it waits, how often it asks.

Laws of this file. It goes to the host of the source and nowhere else: no redirect, no proxy of the environment, no
link in a page leads it, and the secret, away. Beyond this machine only TLS, the server's name checked, its certificate
pinned where a pin is registered. A body is bounded in bytes and time. 200 with anything but JSON is no answer. Nothing
of a body, a secret or an address with parameters is logged or stands in an error.

Called by: ``rest_pages``. A subclass of the session that ``requests`` has, because that is what dlt takes.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool

from shouxin.errors import Misconfigured, StoreUnavailable

__all__ = ["GuardedSession"]

_LARGEST: Final = 32 << 20  # bytes of one page
_SLOWEST: Final = 60.0  # seconds for one page, from the question to the last byte
_TOO_MUCH: Final = "a page of the source is too large or too slow; ask for smaller ones"
_TRIES: Final = 5
_LONGEST_WAIT: Final = 30.0
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_DELETED: Final = frozenset({200, 202, 204, 404, 410})
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class _Watch:
    """Ends what is being read when its time is over: a server that drips keeps no timeout of a single read."""

    def __init__(self) -> None:
        self.late = False
        self._sockets: list[socket.socket] = []

    def over(self, kind: Any) -> Any:  # noqa: ANN401 - a class of connections
        """Return ``kind`` with its sockets in sight."""
        sockets = self._sockets

        class Watched(kind):  # type: ignore[misc]
            def connect(self) -> None:
                super().connect()
                sockets[:] = [one for one in sockets if one.fileno() >= 0]
                sockets.append(self.sock)

        return Watched

    def _cut(self) -> None:
        self.late = True
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cut every connection if what is done inside takes longer."""
        self.late = False
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


class _Guarded(HTTPAdapter):
    """An adapter whose connections are watched, and which takes one certificate only if it is told which."""

    def __init__(self, watch: _Watch, pin: str) -> None:
        self._watch = watch
        self._pin: dict[str, Any] = {"assert_fingerprint": pin} if pin else {}
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401 - as requests has it
        super().init_poolmanager(*arguments, **{**more, **self._pin})
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type("WatchedPool", (pool,), {"ConnectionCls": self._watch.over(pool.ConnectionCls)})
            for scheme, pool in (("http", HTTPConnectionPool), ("https", HTTPSConnectionPool))
        }


class GuardedSession(requests.Session):
    """The session of the source at ``url``; ``a_second`` is how often it may be asked."""

    def __init__(
        self,
        url: str,
        *,
        a_second: float = 10.0,
        authority: str = "",
        pin: str = "",
    ) -> None:
        super().__init__()
        parts = urlsplit(url)
        self._origin = (parts.scheme, parts.hostname, parts.port)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise Misconfigured("beyond this machine a source is asked over https")
        self._apart = 1.0 / a_second
        self._next = 0.0
        self.trust_env = False
        self.verify = authority or True
        self._watch = _Watch()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Guarded(self._watch, pin))

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:  # noqa: ANN401 - requests'
        """Send one request, again where the server asks for patience, and return its whole, bounded answer.

        Raises:
            StoreUnavailable: it does not answer, answers with an error, another form than JSON, or too much; or the
                request would leave the source's host.
        """
        parts = urlsplit(request.url or "")
        if (parts.scheme, parts.hostname, parts.port) != self._origin:
            raise StoreUnavailable("the source sent us to another host; its links are followed on its own only")
        given |= {"stream": True, "allow_redirects": False, "timeout": (10.0, 30.0), "verify": self.verify}
        given["proxies"] = {}
        for attempt in range(1, _TRIES + 1):
            self._pace()
            try:
                with self._watch.within(_SLOWEST), super().send(request, **given) as answer:
                    if answer.status_code not in _AGAIN or attempt == _TRIES:
                        return self._whole(answer)
                    wait = self._asked(answer, attempt)
            except requests.exceptions.SSLError:
                raise StoreUnavailable("the source's certificate is not one to trust; nothing was sent") from None
            except requests.RequestException as error:
                if self._watch.late:
                    raise StoreUnavailable(_TOO_MUCH) from None
                if attempt == _TRIES:
                    raise StoreUnavailable(f"the source does not answer ({type(error).__name__})") from None
                wait = 0.1 * 2**attempt
            time.sleep(wait)
        raise AssertionError("every attempt returns, raises or is followed by another")

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Follow none."""
        del resp
        return None

    def _pace(self) -> None:
        """Wait until the source may be asked again."""
        wait = self._next - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self._next = max(time.monotonic(), self._next) + self._apart

    @staticmethod
    def _asked(answer: requests.Response, attempt: int) -> float:
        """Return how long to wait: what the server asks for, within reason, or twice as long as before."""
        said = answer.headers.get("Retry-After", "")
        return min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() else 0.1 * 2**attempt

    def _whole(self, answer: requests.Response) -> requests.Response:
        """Read a bounded body, and look whether it is what was asked for."""
        if answer.status_code in {401, 403}:
            raise Misconfigured(f"the source does not let us in ({answer.status_code}): seal its secret anew")
        if answer.request.method == "DELETE" and answer.status_code in _DELETED:
            return answer  # whether it is gone is looked at afterwards; what a deletion answers is not read
        if answer.status_code != requests.codes.ok:
            raise StoreUnavailable(f"the source answered {answer.status_code}")
        form = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if form != "application/json" and not form.endswith("+json"):
            shown = form if form in {"text/html", "text/plain", "application/xml", "text/xml"} else "something else"
            raise StoreUnavailable(f"the source answered 200 with {shown}, not with JSON")
        body = bytearray()
        for piece in answer.iter_content(1 << 16):
            body += piece
            if len(body) > _LARGEST:
                raise StoreUnavailable(_TOO_MUCH)
        if self._watch.late:  # where no length was said, a connection that was cut looks like the end
            raise StoreUnavailable(_TOO_MUCH)
        answer._content = bytes(body)  # noqa: SLF001 - requests has no other way to read with a bound
        return answer
