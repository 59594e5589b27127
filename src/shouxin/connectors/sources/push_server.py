"""The HTTP side of the push door: one path, one method, on loopback, behind the lender's own proxy and its TLS.

Laws of this file. A door is one partner's. Not more than eight connections at once: one more is answered 503, to come
again. Each has half a minute for its head and body together, however it drips, and both are bounded. An
answer holds counts, line numbers and codes; an error says its code and nothing of the body. It listens on this machine
only: beyond it there is no plain HTTP.

Called by: ``shouxin source listen``. Python's own server suffices: a delivery is one request, one at a time.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from shouxin.edge.signed_delivery import MOST_BYTES
from shouxin.errors import CallerError, NotInThisState, NotSignedIn, Refused, ShouxinError
from shouxin.operations.collecting.receive_push import PushDoor

__all__ = ["PushServer"]

_SECONDS: Final = 30
_CONNECTIONS: Final = 8
_REFUSING: Final = 2.0  # seconds that are spent on an answer of no place
_BUSY: Final = (
    b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 5\r\n"
    b"Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    b'{"error": "busy"}'
)


def _status(error: ShouxinError) -> int:
    if isinstance(error, Refused):
        return 401
    if isinstance(error, NotSignedIn | NotInThisState):
        return 409 if isinstance(error, NotInThisState) else 503
    return 422 if isinstance(error, CallerError) else 503


class _OneDelivery(BaseHTTPRequestHandler):
    """One request. The server that it belongs to has the door."""

    timeout = _SECONDS
    protocol_version = "HTTP/1.0"  # a connection a request: nothing can be smuggled behind a body
    server: PushServer

    def setup(self) -> None:
        """Let nothing more be read when the time of the whole request is over: a drip keeps within each read's."""
        super().setup()
        self._late = threading.Event()
        self._timer = threading.Timer(_SECONDS, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def finish(self) -> None:
        """Let go of the deadline."""
        self._timer.cancel()
        super().finish()

    def _cut(self) -> None:
        self._late.set()
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RD)

    def do_POST(self) -> None:
        """Take a delivery in."""
        if self._late.is_set():
            self._answer(408, {"error": "too-slow"})
            return
        if self.path != f"/push/{self.server.door.plan}":
            self._answer(404, {"error": "not-found"})
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10) or int(length) > MOST_BYTES:
            self._answer(413, {"error": "too-large"})
            return
        body = self.rfile.read(int(length))
        self._timer.cancel()  # what it takes to take it in is not the partner's time
        if len(body) != int(length):
            self._answer(*((408, {"error": "too-slow"}) if self._late.is_set() else (400, {"error": "cut-off"})))
            return
        head = [self.headers.get(f"Shouxin-{name}", "") for name in ("Timestamp", "Nonce", "Signature")]
        try:
            ran = self.server.door.receive(head[0], head[1], head[2], body)
        except ShouxinError as error:
            self._answer(_status(error), {"error": error.code})
            return
        aside = [{"line": one.line, "reason": one.reason} for one in ran.aside]
        counts = {"taken": ran.run.taken, "repeated": ran.run.repeated, "aside": aside}
        self._answer(200, {"outcome": ran.run.outcome, **counts, "unplanned": list(ran.run.unplanned)})

    def _answer(self, status: int, words: dict[str, Any]) -> None:
        body = json.dumps(words, ensure_ascii=False).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the standard library has it
        """Log nothing: the ledger has what was taken."""


class PushServer(ThreadingHTTPServer):
    """Listens on ``port`` of this machine (0: any that is free) for deliveries to ``door``."""

    daemon_threads = False  # closing waits for what is on its way
    request_queue_size = _CONNECTIONS

    def __init__(self, door: PushDoor, port: int) -> None:
        self.door = door
        self._places = threading.BoundedSemaphore(_CONNECTIONS)
        self._refusals = threading.BoundedSemaphore(_CONNECTIONS)
        super().__init__(("127.0.0.1", port), _OneDelivery)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as its parent
        """Serve a connection in a thread if there is a place; if not, say so and wait for nobody."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
            return
        if self._refusals.acquire(blocking=False):
            threading.Thread(target=self._refuse, args=(request,), daemon=True).start()
        else:
            self.shutdown_request(request)

    def _refuse(self, request: socket.socket) -> None:
        """Answer that there is no place, and read for a moment: closed over unread bytes, the answer would be lost."""
        until = time.monotonic() + _REFUSING
        try:
            with suppress(OSError):
                request.settimeout(_REFUSING)
                request.sendall(_BUSY)
                request.shutdown(socket.SHUT_WR)
                while request.recv(1 << 16) and time.monotonic() < until:
                    pass
        finally:
            self.shutdown_request(request)
            self._refusals.release()

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Serve a connection, and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Say nothing: a partner that went away in the middle sends again."""
