from __future__ import annotations

import pytest

from shouxin.detection.checksums import luhn_check_digit
from shouxin.detection.payment import CARD_LENGTHS, NETWORKS, bank_card, card_lengths_by_prefix


@pytest.mark.parametrize(
    "value", [b"4111111111111111", b"6200000000000005", b"6205500000000000004", b"378282246310005"]
)
def test_published_cards(value: bytes) -> None:
    """Numbers published for testing, of 15, 16 and 19 digits."""
    assert bank_card(value)


@pytest.mark.parametrize(
    "value",
    [
        b"4111111111111112",  # Luhn
        b"1234567812345670",  # no network
        b"20240315000001234",  # an order of a day
        b"411111111111111",  # Visa has 16
        b"6222020000000000000000",
        b"62220200x0000000",
    ],
)
def test_what_is_no_card(value: bytes) -> None:
    """Check digit, prefix, length and digits must all be right."""
    assert not bank_card(value)


@pytest.mark.parametrize(("prefixes", "lengths"), NETWORKS.items())
def test_every_network_has_cards(prefixes: tuple[int, int], lengths: tuple[int, ...]) -> None:
    """A completed number of each range and length is a card, and the table has no length that no rule looks at."""
    for prefix in prefixes:
        for length in lengths:
            body = f"{prefix}{'1234567890' * 2}"[: length - 1]
            assert bank_card((body + luhn_check_digit(body)).encode())
            assert length in CARD_LENGTHS
            assert card_lengths_by_prefix()[prefix] >> length & 1
