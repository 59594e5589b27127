"""Pseudonyms: the same value has the same name within one purpose, and another one in every other purpose.

Laws. Within a purpose, equal item and value give an equal pseudonym, so that rows can be joined and counted. Across
purposes, or under another key, nothing links two pseudonyms but the key. Without the key a pseudonym says nothing
about its value, its length included.

It is no anonymisation: whoever holds the key can try every mobile there is, so the key stays with the institution and
never goes to the recipient; and the pseudonym of an erased person can be made again from their value until the key is
destroyed. What it stands for remains personal information.

Called by: the door, on the way out of a pseudonymous disclosure.
**Source:** PIPL 73(3) (de-identification: not without additional information); RFC 2104 (HMAC; section 5: cut to no
less than half); RFC 4648 section 6 (base32).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid

__all__ = ["KEY_SIZE", "PREFIX", "Pseudonymiser"]

KEY_SIZE: Final = 32
PREFIX: Final = "p_"
_LABEL: Final = b"shouxin pseudonym 1"  # so that a key used elsewhere by mistake does not give the same bytes
_SIZE: Final = 16  # 128 bits: among a thousand million values two meet by accident with probability 2^-69
_LENGTH_SIZE: Final = 8


class Pseudonymiser:
    """Names values for one purpose.

    ``key`` has 32 bytes and belongs to one institution; ``purpose`` is the purpose's id without its version, because a
    new edition of a card must not cut a time series in two.

    Raises:
        Invalid: a key of another size, or no purpose.
    """

    __slots__ = ("_key", "_purpose")

    def __init__(self, key: bytes, purpose: str) -> None:
        if len(key) != KEY_SIZE:
            raise Invalid(f"expected {KEY_SIZE} bytes", "key")
        if not purpose:
            raise Invalid("a pseudonym belongs to a purpose", "purpose")
        self._key = key
        self._purpose = purpose.encode()

    def pseudonym(self, item: ItemCode, value: Plaintext) -> str:
        """Return ``p_`` and 26 characters of a-z and 2-7.

        The bytes are taken as they are: who wants 138 1234 5678 and 13812345678 to be one normalises first, and who
        wants a contact to be linked with a borrower asks for both under the same item.

        Raises:
            Invalid: the value is empty; all who lack it would seem to be one person.
        """
        if not len(value):
            raise Invalid("an empty value has no pseudonym", item)
        message = b"".join(map(_framed, (_LABEL, self._purpose, item.encode(), value.reveal())))
        tag = hmac.digest(self._key, message, hashlib.sha256)[:_SIZE]
        return PREFIX + base64.b32encode(tag).decode().rstrip("=").lower()


def _framed(part: bytes) -> bytes:
    """Put the length before the part, so that no two lists of parts make the same message."""
    return len(part).to_bytes(_LENGTH_SIZE, "big") + part
