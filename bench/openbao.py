"""A peer: OpenBao's transit engine on loopback, raft storage, its file audit on; started and ended here."""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["OpenBao", "openbao"]

_CONFIG = """
storage "raft" {{
  path = "{folder}/raft"
  node_id = "bench"
}}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  tls_disable = true
}}
api_addr = "http://127.0.0.1:{port}"
cluster_addr = "http://127.0.0.1:{cluster}"
log_level = "error"
audit "file" "bench" {{
  options {{
    file_path = "{folder}/audit.log"
  }}
}}
"""
_KEY = "bench"
_POLICY = f'path "transit/decrypt/{_KEY}" {{ capabilities = ["update"] }}'
_PATIENCE = 30.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class OpenBao:
    """A running server. Calls keep one connection a thread alive, as a careful client would."""

    port: int
    audit_log: Path
    token: str = ""
    version: str = ""
    _own: threading.local = field(default_factory=threading.local)

    def call(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """Send one request and return the JSON of the answer; raises when the status is not 2xx."""
        connection: http.client.HTTPConnection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.request(method, f"/v1/{path}", body, {"X-Vault-Token": self.token} if self.token else {})
        answer = connection.getresponse()
        content = answer.read()
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"OpenBao answered {answer.status} to {method} {path}")
        return json.loads(content) if content else {}

    def tell(self, method: str, path: str, **body: object) -> dict[str, Any]:
        """Send ``body`` as JSON."""
        return self.call(method, path, json.dumps(body).encode())

    def prepare(self, values: Sequence[bytes]) -> list[bytes]:
        """Set up one AES-256-GCM key and a token that may only decrypt; return a decrypt request for each value."""
        made = self.tell("PUT", "sys/init", secret_shares=1, secret_threshold=1)
        self.tell("PUT", "sys/unseal", key=made["keys"][0])
        self._wait_until_active()
        self.token = made["root_token"]
        assert self.call("GET", "sys/audit")["data"], "the audit device is not on"
        self.tell("POST", "sys/mounts/transit", type="transit")
        self.tell("POST", f"transit/keys/{_KEY}", type="aes256-gcm96")
        batch = [{"plaintext": base64.b64encode(value).decode()} for value in values]
        sealed = [
            one["ciphertext"]
            for start in range(0, len(batch), 200)
            for one in self.tell("POST", f"transit/encrypt/{_KEY}", batch_input=batch[start : start + 200])["data"][
                "batch_results"
            ]
        ]
        self.tell("PUT", "sys/policies/acl/bench", policy=_POLICY)
        grant = self.tell("POST", "auth/token/create", policies=["bench"], no_default_policy=True, ttl="1h")
        self.token = grant["auth"]["client_token"]
        return [json.dumps({"ciphertext": one}).encode() for one in sealed]

    def _wait_until_active(self) -> None:
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                self.version = str(self.call("GET", "sys/health")["version"])
                return
            except RuntimeError:
                if time.monotonic() > ends:
                    raise
                time.sleep(0.1)

    def decrypt(self, request: bytes) -> bytes:
        """Decrypt one value; the server writes request and answer to its audit log."""
        return base64.b64decode(self.call("POST", f"transit/decrypt/{_KEY}", request)["data"]["plaintext"])


def _program() -> str:
    beside = Path(sys.executable).parent / "bao"
    found = str(beside) if beside.exists() else shutil.which("bao")
    if found is None:
        raise RuntimeError("OpenBao is not installed: run this through 'python3 dev.py bench'")
    return found


def _until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _PATIENCE
    while time.monotonic() < ends:
        if server.poll() is not None:
            raise RuntimeError("OpenBao ended before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("OpenBao does not listen")


@contextmanager
def openbao(folder: Path) -> Iterator[Callable[[Sequence[bytes]], tuple[OpenBao, list[bytes]]]]:
    """Start a server in ``folder``; yield what seals values and returns it with a decrypt request for each value."""
    (folder / "raft").mkdir(parents=True)
    port = _free_port()
    config = folder / "server.hcl"
    config.write_text(_CONFIG.format(folder=folder, port=port, cluster=_free_port()), encoding="utf-8")
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen([_program(), "server", f"-config={config}"], stdout=log, stderr=log)
        try:
            _until_it_listens(port, server)
            bao = OpenBao(port, folder / "audit.log")

            def sealed(values: Sequence[bytes]) -> tuple[OpenBao, list[bytes]]:
                return bao, bao.prepare(values)

            yield sealed
        finally:
            server.terminate()
            try:
                server.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
