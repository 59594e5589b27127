"""Words that stand for a row: an identifier and a MAC over it, so that guessing identifiers opens nothing.

Whoever holds them acts by that row until it ends; whether it has ended is the row's to say.
"""

from __future__ import annotations

import hmac
from typing import TypeVar

from shouxin.domain.identifiers import parse, show
from shouxin.errors import Invalid, NotSignedIn

__all__ = ["name_of", "words_for"]

T = TypeVar("T", bound=bytes)


def _mac(key: bytes, use: bytes, identifier: bytes) -> str:
    return hmac.digest(key, use + b"\0" + identifier, "sha256").hex()


def words_for(key: bytes, use: bytes, kind: type[T], identifier: T) -> str:
    """Return the words that stand for ``identifier``; ``use`` keeps those of one kind of row from serving another."""
    return f"{show(kind, identifier)}.{_mac(key, use, identifier)}"


def name_of(key: bytes, use: bytes, kind: type[T], words: str) -> T:
    """Return the identifier that ``words`` stand for.

    Raises:
        NotSignedIn: they name no row of this kind, or this institution did not issue them.
    """
    name, _, written = words.partition(".")
    try:
        identifier = parse(kind, name)
    except Invalid:
        raise NotSignedIn("this does not name what it should") from None
    if not (written.isascii() and hmac.compare_digest(written, _mac(key, use, identifier))):
        raise NotSignedIn("this was not issued by this institution")
    return identifier
