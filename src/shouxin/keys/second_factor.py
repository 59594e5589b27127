"""A second factor: six digits that change every half minute, from a secret on somebody's telephone (TOTP).

The secret is kept wrapped under a key of the institution, as subject keys are. A code counts once: whoever stores the
step that was used refuses it and every earlier one.

**Source:** RFC 6238 (30 s, HMAC-SHA1, six digits: what authenticator applications speak), RFC 3394 (wrapping).
"""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shouxin.domain.clock import Instant
from shouxin.keys.custody import Custody

__all__ = ["SecondFactor", "step_of"]

_SECONDS: Final = 30
_DIGITS: Final = 6
# A telephone's clock may be this many steps off, either way (RFC 6238 section 5.2).
_OFF: Final = 1
# Long enough, a multiple of 8 for the wrapping, and of 5, so that its base32 form needs no padding.
_SECRET: Final = 40
_SERVICE: Final = "second-factor.wrap"


def step_of(now: Instant) -> int:
    """Return the time step of an instant: half minutes since 1970."""
    return int(now) // 1000 // _SECONDS


class SecondFactor:
    """Makes and checks second factors with the institution's key; keeps nothing."""

    def __init__(self, custody: Custody) -> None:
        self._custody = custody

    def enrol(self, account: str, issuer: str) -> tuple[bytes, str]:
        """Return a new secret, wrapped, and the address (``otpauth://…``) that a telephone reads, shown only once."""
        secret = secrets.token_bytes(_SECRET)
        address = self._made(secret).get_provisioning_uri(account, issuer)
        return self._custody.suite.wrap(self._custody.service(_SERVICE), secret), address

    def check(self, wrapped: bytes, code: str, now: Instant, used: int) -> int | None:
        """Return the step whose code ``code`` is, later than ``used``, or nothing: it is wrong, old or was used."""
        made = self._made(self._custody.suite.unwrap(self._custody.service(_SERVICE), wrapped))
        given = code.encode("utf-8", "surrogatepass")
        right = [
            step
            for step in range(step_of(now) - _OFF, step_of(now) + _OFF + 1)
            if hmac.compare_digest(made.generate(step * _SECONDS), given)
        ]
        return next((step for step in right if step > used), None)

    @staticmethod
    def _made(secret: bytes) -> TOTP:
        return TOTP(secret, _DIGITS, SHA1(), _SECONDS)  # noqa: S303 - as RFC 6238 has it; HMAC does not need more
