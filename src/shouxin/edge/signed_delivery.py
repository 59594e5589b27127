"""A delivery to an institution's push door, as both sides of it know it: its bounds, and what is signed.

Ed25519, RFC 8032, over the five lines of ``signed_words``. Called by ``edge.push``, which sends, and by
``operations.collecting.receive_push``, which takes it in.
"""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["MOST_BYTES", "MOST_RECORDS", "signed_words"]

MOST_BYTES: Final = 8 << 20
MOST_RECORDS: Final = 5_000


def signed_words(plan: str, timestamp: int, nonce: str, body: bytes) -> bytes:
    """Return what a partner signs: a name, the plan, milliseconds since 1970, the nonce, and the body's SHA-256."""
    return f"shouxin/push/v1\n{plan}\n{timestamp}\n{nonce}\n{hashlib.sha256(body).hexdigest()}\n".encode()
