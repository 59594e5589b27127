"""The session of a source: a time bound that drips do not outlast, a certificate that is checked and can be pinned."""

from __future__ import annotations

import hashlib
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shouxin.connectors.sources import guarded_session
from shouxin.connectors.sources.guarded_session import GuardedSession
from shouxin.connectors.sources.rest_pages import RestPages
from shouxin.errors import Misconfigured, StoreUnavailable
from shouxin.operations.collecting.intake import Reached
from shouxin.policy.source import RestAddress
from tests.certificates import certified

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("said", [HEAD + b"Content-Length: 1000\r\n\r\n", HEAD + b"\r\n", HEAD + b"X-Slow: "])
def test_a_server_that_drips_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    """In the body, with and without a length, and in the head: one byte now and then keeps nobody for ever."""
    monkeypatch.setattr(guarded_session, "_SLOWEST", 0.5)
    ended, given_up = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(said)
                until = time.monotonic() + 20
                try:
                    while time.monotonic() < until and not given_up.wait(0.05):
                        connection.sendall(b" ")
                except OSError:
                    ended.set()

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        session = GuardedSession(url)
        with pytest.raises(StoreUnavailable, match="too slow"):
            session.get(url)
        assert ended.wait(10)
        given_up.set()
        thread.join()
        session.close()


@pytest.fixture
def over_tls(tmp_path: Path) -> Iterator[tuple[str, Path, str]]:
    """An API over TLS for ``localhost``: its address, the file of its authority, and its certificate's SHA-256."""
    file, der = certified(tmp_path, "localhost")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"items": [{"id": "1"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_port}/", file, hashlib.sha256(der).hexdigest()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_certificate_is_checked_and_a_pin_takes_no_other(
    over_tls: tuple[str, Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its authority and its name; with a pin only that one; an unknown authority or another name is refused."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    url, authority, pin = over_tls

    def read(url: str = url, **given: str) -> int:
        source = RestPages(RestAddress(url=url, key="id", records="items", **given))  # type: ignore[arg-type]
        try:
            return len(list(source.read(Reached())))
        finally:
            source.close()

    assert read(ca=str(authority)) == 1
    assert read(ca=str(authority), pin=pin) == 1
    for given in ({"ca": str(authority), "pin": "0" * 64}, {}):
        with pytest.raises(StoreUnavailable, match="certificate is not one to trust"):
            read(**given)
    with pytest.raises(StoreUnavailable, match="certificate is not one to trust"):
        read(url.replace("localhost", "127.0.0.1"), ca=str(authority))
    with pytest.raises(Misconfigured, match="over https"):
        GuardedSession("http://api.example/")
