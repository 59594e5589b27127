"""Send a signed delivery to an institution's push door, again and again until it is answered.

Laws. Beyond this machine only TLS, the server's name checked, and no redirect followed. Each try is signed anew, with a
time and a nonce of its own; because the door knows each record by its key, a delivery whose answer was lost is sent
again and takes nothing twice. Sent is only what an answer says was taken, now or before. What may pass (nobody answers,
the door is busy) is tried again; what does not pass by waiting is told at once.

**Source:** RFC 8032 (Ed25519). Called by: ``edge.push``.
"""

from __future__ import annotations

import http.client
import json
import secrets
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from shouxin.domain.clock import Clock, SystemClock
from shouxin.edge.signed_delivery import signed_words
from shouxin.errors import Invalid, NotInThisState, Refused, StoreUnavailable
from shouxin.keys.signing import SigningKey

__all__ = ["DoorAddress", "PushAnswer", "PushSender", "body_of"]

_SECONDS: Final = 60
_LARGEST: Final = 4 << 20  # bytes of an answer
_LONGEST_WAIT: Final = 30.0  # seconds between two tries
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_STRANGER: Final = [("push-signature", "PIPL 51(1)(3)")]


def body_of(sealed: Sequence[str]) -> bytes:
    """Return the body of a delivery of sealed records."""
    return json.dumps({"records": [{"sealed": one} for one in sealed]}).encode()


@dataclass(frozen=True, slots=True)
class DoorAddress:
    """Where a push door is: a host, whether it is spoken to under TLS, and the path of one plan."""

    host: str
    port: int | None
    tls: bool
    path: str

    @classmethod
    def read(cls, url: str, plan: str) -> DoorAddress:
        """Return the door of ``plan`` at ``url``, which is what stands before ``/push/PLAN``.

        Raises:
            Invalid: it is no address, carries a user or parameters, or is plain HTTP beyond this machine.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise Invalid("this is no address", "to") from None
        if parts.scheme not in {"http", "https"} or not host or parts.username or parts.query or parts.fragment:
            raise Invalid("an address is https://HOST, with a port or a path at most", "to")
        if parts.scheme == "http" and host not in _LOOPBACK:
            raise Invalid("beyond this machine only https:// is spoken", "to")
        return cls(host, port, parts.scheme == "https", f"{parts.path.rstrip('/')}/push/{plan}")


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What the door said of a delivery; ``aside`` are the reasons for which records of it were set aside."""

    taken: int
    repeated: int
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PushSender:
    """Sends deliveries of ``plan``, signed with ``key``, to ``address``; ``ca`` is the authority of its certificate."""

    address: DoorAddress
    plan: str
    key: SigningKey
    ca: Path | None = None
    tries: int = 6
    clock: Clock = SystemClock()  # noqa: RUF009 - no state
    sleep: Callable[[float], None] = time.sleep

    def send(self, body: bytes) -> PushAnswer:
        """Return what the door answered; what it says was taken is durable there.

        Raises:
            Refused: the key, or this machine's time, is not what the institution knows. NotInThisState: the plan may
                not run now. Invalid: the door is not at this address, or the delivery is none. StoreUnavailable: it was
                not answered, as often as it was tried; it may have been taken, and may be sent again.
        """
        trusted = self._trusted() if self.address.tls else None
        for again in range(self.tries):
            if again:
                self.sleep(min(_LONGEST_WAIT, 2.0 ** (again - 1)))
            try:
                status, said = self._once(body, trusted)
            except ssl.SSLCertVerificationError:
                raise Invalid("the certificate of the door is not one to trust", "to") from None
            except (OSError, http.client.HTTPException):
                continue
            if status == http.client.OK and (answer := _answer(said)) is not None:
                return answer
            if status not in _BUSY and status != http.client.OK:
                raise _refusal(status)
        raise StoreUnavailable(f"the door did not answer in {self.tries} tries: send it again later")

    def _once(self, body: bytes, trusted: ssl.SSLContext | None) -> tuple[int, bytes]:
        at, nonce = self.clock.now(), secrets.token_urlsafe(24)
        head = {
            "Content-Type": "application/json",
            "Shouxin-Timestamp": str(at),
            "Shouxin-Nonce": nonce,
            "Shouxin-Signature": self.key.sign(signed_words(self.plan, at, nonce, body)).hex(),
        }
        host, port = self.address.host, self.address.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=_SECONDS)
            if trusted is None
            else http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=trusted)
        )
        try:
            connection.request("POST", self.address.path, body, head)
            answer = connection.getresponse()
            return answer.status, answer.read(_LARGEST)
        finally:
            connection.close()

    def _trusted(self) -> ssl.SSLContext:
        try:
            trusted = ssl.create_default_context(cafile=None if self.ca is None else str(self.ca))
        except OSError:
            raise Invalid("the authority's certificate cannot be read", "ca") from None
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        return trusted


def _answer(said: bytes) -> PushAnswer | None:
    """Return what an answer says; nothing if it is none: something else than the door answered."""
    try:
        read = json.loads(said)
        aside = tuple(str(one["reason"]) for one in read["aside"])
        return PushAnswer(int(read["taken"]), int(read["repeated"]), aside)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _refusal(status: int) -> Refused | NotInThisState | Invalid:
    if status == http.client.UNAUTHORIZED:
        return Refused("not let in: the institution knows another key, or this machine's time is wrong", _STRANGER)
    if status == http.client.CONFLICT:
        return NotInThisState("the plan may not run now: send it again later, or ask the institution")
    if status == http.client.NOT_FOUND:
        return Invalid("there is no door of this plan at this address", "to")
    return Invalid(f"the door takes no such delivery (status {status})", "sealed")
