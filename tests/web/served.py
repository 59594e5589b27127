"""The pages served on this machine, as ``shouxin serve`` does, and a visitor who keeps cookies and reads forms."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

import uvicorn

from shouxin.operations.workspace import Workspace
from shouxin.web import serving


@contextmanager
def served(workspace: Workspace, *hosts: str) -> Iterator[int]:
    """Serve ``workspace`` on a free port of this machine while the block runs; yields the port."""
    ready, ports, servers = threading.Event(), [], []
    made = uvicorn.Server.run

    def run(server: uvicorn.Server, sockets: object = None) -> None:
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # not the main thread
        servers.append(server)
        made(server, sockets)  # type: ignore[arg-type]

    def told(address: str) -> None:
        ports.append(int(address.rstrip("/").rpartition(":")[2]))
        ready.set()

    uvicorn.Server.run = run  # type: ignore[method-assign]
    thread = threading.Thread(target=serving.serve, args=(workspace, "127.0.0.1", 0, hosts, told))
    try:
        thread.start()
        assert ready.wait(20)
        yield ports[0]
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(20)
        uvicorn.Server.run = made  # type: ignore[method-assign]
        assert not thread.is_alive()


@dataclass
class Answer:
    """What came back: status, headers by lower-case name, and the text."""

    status: int
    headers: dict[str, str]
    text: str

    def form_token(self) -> str:
        """The token of the page's forms."""
        found = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.text)
        assert found is not None, self.text[:2000]
        return found[1]

    def plain(self) -> str:
        """The text without its tags, blanks joined."""
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", self.text)))


@dataclass
class Visitor:
    """A browser without scripts."""

    port: int
    host: str = ""
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """Send one request, with this visitor's cookies."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {
            "Host": self.host or f"127.0.0.1:{self.port}",
            "Accept-Language": self.language,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        for cookie in response.headers.get_all("set-cookie") or ():
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, text)

    def get(self, path: str) -> Answer:
        """Look at a page, following where it leads."""
        answer = self.send("GET", path)
        while answer.status == 303:
            answer = self.send("GET", answer.headers["location"])
        return answer

    def post(self, path: str, *, page: str = "", token: str | None = None, **fields: str) -> Answer:
        """Send a form of ``page`` (else of ``path``) and return the answer as it came."""
        held = self.get(page or path).form_token() if token is None else token
        body = urlencode({"form_token": held, **fields})
        return self.send("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def sign_in(self, name: str, passphrase: str) -> Answer:
        """Sign in; the answer as it came."""
        return self.post("/sign-in", name=name, passphrase=passphrase)
