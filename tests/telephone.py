"""The telephone of somebody who enrolled a second factor: what it shows at a moment."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from shouxin.domain.clock import Instant


def code_of(address: str, at: Instant) -> str:
    """Return the code that the telephone of ``address`` (as it was enrolled) shows ``at`` a moment."""
    secret = base64.b32decode(address.partition("secret=")[2].partition("&")[0])
    return TOTP(secret, 6, SHA1(), 30).generate(at // 1000).decode()
