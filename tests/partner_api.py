"""A partner's API on loopback: pages of JSON, and every way in which one can go wrong."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

# What answers the request of that number (from 1): status, headers, body.
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Partner:
    """A running API. ``answer`` is asked for every request; ``asked`` are the paths with parameters, in order."""

    answer: Callable[[int, str, dict[str, list[str]], dict[str, str]], Answer]
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/people"


def page(records: list[Any], **more: Any) -> Answer:
    """Return a page as a partner hands it out."""
    return (
        200,
        {"Content-Type": "application/json"},
        json.dumps({"items": records, **more}, ensure_ascii=False).encode(),
    )


@contextmanager
def partner(
    answer: Callable[[int, str, dict[str, list[str]], dict[str, str]], Answer],
    delete: Callable[[str], object] | None = None,
) -> Iterator[Partner]:
    """Run an API as long as the block lasts; ``answer`` gets number, path, parameters and headers.

    ``delete`` is told the path of a DELETE, which without it is refused.
    """
    made = Partner(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            made.asked.append(self.path)
            status, headers, body = made.answer(
                len(made.asked), parts.path, parse_qs(parts.query), dict(self.headers.items())
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_DELETE(self) -> None:
            if delete is not None:
                delete(self.path)
            self.send_response(204 if delete is not None else 405)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
