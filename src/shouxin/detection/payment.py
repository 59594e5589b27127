"""Numbers of payment cards: issuer prefix, length and check digit.

Laws. Digits only, no separators; evidence bits, 0 for 'no card'; nothing raises. A random number of card length passes
the Luhn formula one time in ten, so prefix and length must be those of a network that issues in China or is accepted
there; a label against (an order, a serial number) ends the finding elsewhere.

Called by: ``tokens``; ``bulk_checks`` builds its table from ``NETWORKS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from shouxin.detection.checksums import luhn_is_valid
from shouxin.detection.finding import CHECKSUM, DICTIONARY, SHAPE

__all__ = ["CARD_LENGTHS", "NETWORKS", "bank_card", "card_lengths_by_prefix"]

CARD_LENGTHS: Final = range(14, 20)

# first and last four-digit prefix -> lengths in use. ISO/IEC 7812 ranges of the networks; the domestic ones (9558,
# 6xxx before 62, 94xx, 95xx) are BINs of Chinese banks from before the standard.
NETWORKS: Final[Mapping[tuple[int, int], tuple[int, ...]]] = MappingProxyType(
    {
        (2221, 2720): (16,),  # Mastercard
        (3000, 3059): (14,),  # Diners
        (3400, 3499): (15,),  # American Express
        (3528, 3589): (16,),  # JCB
        (3600, 3699): (14,),  # Diners
        (3700, 3799): (15,),
        (3800, 3899): (14,),
        (4000, 4999): (16,),  # Visa; 13 and 19 are not issued in China
        (5100, 5599): (16,),
        (6011, 6011): (16,),  # Discover
        (6030, 6039): (16, 17, 18, 19),
        (6200, 6299): (16, 17, 18, 19),  # UnionPay
        (6440, 6599): (16,),
        (6858, 6858): (16,),
        (8100, 8171): (16, 17, 18, 19),  # UnionPay since 2017
        (9400, 9409): (16, 17, 18, 19),
        (9558, 9558): (16, 19),
        (9896, 9896): (16,),
    },
)


@cache
def card_lengths_by_prefix() -> tuple[int, ...]:
    """Return, for each four-digit prefix 0-9999, a bit for every length that is in use with it."""
    table = [0] * 10_000
    for (first, last), lengths in NETWORKS.items():
        table[first : last + 1] = [sum(1 << length for length in lengths)] * (last + 1 - first)
    return tuple(table)


def bank_card(value: bytes) -> int:
    """Evidence that digits are a card number: network prefix (dictionary), length, Luhn digit.

    **Source:** ISO/IEC 7812-1:2017; prefixes as ``NETWORKS`` says.
    """
    if not value.isdigit() or not card_lengths_by_prefix()[int(value[:4])] >> len(value) & 1:
        return 0
    return SHAPE | CHECKSUM | DICTIONARY if luhn_is_valid(value.decode()) else 0
