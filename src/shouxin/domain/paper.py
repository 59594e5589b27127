"""A paper that shows something, named by its SHA-256: an identity document, a demand, a filing.

The digest stands in rows and on certificates in place of the paper. That of an empty file shows nothing.
"""

from __future__ import annotations

import hashlib
from typing import Final

from shouxin.errors import Invalid

__all__ = ["check_paper", "paper_digest"]

_BYTES: Final = 32
_EMPTY: Final = hashlib.sha256(b"").digest()


def paper_digest(content: bytes) -> bytes:
    """Return SHA-256 of a paper."""
    return hashlib.sha256(content).digest()


def check_paper(digest: bytes, place: str) -> None:
    """Raise ``Invalid`` at ``place`` unless this is the SHA-256 of a paper that has something in it.

    No digest at all is no file at all: that is what people are told.
    """
    if not digest:
        raise Invalid("give the file that shows it", place)
    if len(digest) != _BYTES:
        raise Invalid("a paper is named by its SHA-256", place)
    if digest == _EMPTY:
        raise Invalid("an empty file shows nothing", place)
