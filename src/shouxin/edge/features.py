"""Features of an address book: how many entries, how strong the ties, and tokens by which equal numbers meet.

Laws. Pure functions of numbers; what they return holds no number. A token is made only for a person who agreed, with a
key of the plan, and nobody without that key can turn it back or try numbers (PIPL 13, 29: matching needs consent).
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Collection
from typing import Final

from shouxin.edge.address_book import AddressBook

__all__ = ["FEATURES", "STRONG", "features_of", "matching_token"]

STRONG: Final = 10  # calls in the log from which a tie is strong; one call makes it weak, none silent
_TOKEN: Final = 16  # bytes
_COUNT, _TIES, _TOKENS = "address_book.count", "address_book.ties", "address_book.tokens"
FEATURES: Final = frozenset({_COUNT, _TIES, _TOKENS})


def matching_token(key: bytes, number: str) -> str:
    """Return the token of a normalised number: HMAC-SHA256, cut to 16 bytes, hexadecimal. **Source:** RFC 2104."""
    return hmac.digest(key, b"contact.mobile\0" + number.encode(), "sha256")[:_TOKEN].hex()


def features_of(
    book: AddressBook, calls: Counter[str] | None, planned: Collection[str], key: bytes, *, agreed: bool
) -> dict[str, str]:
    """Return the planned features by item code; ties only with a call log, tokens only of who agreed."""
    found: dict[str, str] = {}
    if _COUNT in planned:
        found[_COUNT] = str(book.entries)
    if _TIES in planned and calls is not None:
        counts = [calls[number] for number in book.numbers]
        strong = sum(count >= STRONG for count in counts)
        silent = sum(not count for count in counts)
        found[_TIES] = f"strong:{strong} weak:{len(counts) - strong - silent} silent:{silent}"
    if _TOKENS in planned and agreed and book.numbers:
        found[_TOKENS] = " ".join(sorted(matching_token(key, number) for number in book.numbers))
    return found
