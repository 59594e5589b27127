"""Who is signed in at which browser. The cookie is an opaque random number; what it stands for never leaves the server.

A session of staff stands for the token of a sign-in, one of a person for the code of an entered pass. Both are checked
against their rows by every operation; this file only forgets them in time: after half an hour without a click, and when
sign-in or pass end. Sessions live in the memory of one process: with it they end, and people sign in again.

**Source:** NIST SP 800-63B-4 section 5.1 (session secrets), OWASP ASVS 5.0 chapter 7.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Final

from shouxin.actors.account import Token
from shouxin.actors.person_pass import PassCode
from shouxin.domain.clock import MINUTE, Clock, Instant

__all__ = ["Session", "Sessions"]

_IDLE: Final = 30 * MINUTE
_MOST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """What one cookie stands for: a sign-in or a pass, when that ends, and what the next page says once."""

    until: Instant
    token: Token | None = None
    code: PassCode | None = None
    name: str = ""
    said: str = ""
    seen: Instant | None = None


class Sessions:
    """All sessions of this process, by the SHA-256 of their cookie: a look at the memory gives no cookie away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._held: dict[bytes, Session] = {}
        self._lock = Lock()

    def open(self, session: Session) -> str:
        """Keep ``session`` and return its cookie."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock.now()
        with self._lock:
            for key in [key for key, one in self._held.items() if self._over(one, now)]:
                del self._held[key]
            while len(self._held) >= _MOST:  # the one that was opened first
                del self._held[next(iter(self._held))]
            self._held[_of(cookie)] = replace(session, seen=now)
        return cookie

    def find(self, cookie: str) -> Session | None:
        """Return what a cookie stands for, unless it ended; looking keeps it from growing idle."""
        now = self._clock.now()
        with self._lock:
            found = self._held.get(_of(cookie))
            if found is None or self._over(found, now):
                self._held.pop(_of(cookie), None)
                return None
            self._held[_of(cookie)] = replace(found, seen=now, said="")
            return found

    def say(self, cookie: str, said: str) -> None:
        """Let the next page say something once."""
        with self._lock:
            if (found := self._held.get(_of(cookie))) is not None:
                self._held[_of(cookie)] = replace(found, said=said)

    def close(self, cookie: str) -> None:
        """Forget a session."""
        with self._lock:
            self._held.pop(_of(cookie), None)

    def form_token(self, cookie: str) -> str:
        """Return what every form of this browser carries, so that no other site can send one in its name."""
        return hmac.digest(self._key, b"shouxin/form/v1\0" + cookie.encode(), "sha256").hex()

    @staticmethod
    def _over(session: Session, now: Instant) -> bool:
        return now >= session.until or (session.seen is not None and now >= session.seen + _IDLE)


def _of(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
