from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("身份证 5304O219630808556l 扫描件", FindingKind.RESIDENT_ID, "5304O219630808556l"),
        ("借记卡号6227O034O6865501901", FindingKind.BANK_CARD, "6227O034O6865501901"),
        ("手机：13l0O633382", FindingKind.MOBILE, "13l0O633382"),
        ("执照9l6205026K1lDF829B", FindingKind.CREDIT_CODE, "9l6205026K1lDF829B"),
        ("护照号码El75O8684", FindingKind.PASSPORT, "El75O8684"),
        ("回乡证 H46l8729O", FindingKind.TRAVEL_PERMIT, "H46l8729O"),
        ("host 198.51.lO0.79", FindingKind.IPV4, "198.51.lO0.79"),
        ("mac addr is A4:5E:6O:DD:F4:63", FindingKind.MAC, "A4:5E:6O:DD:F4:63"),
    ],
)
def test_letters_are_read_as_digits_behind_a_word(text: str, kind: FindingKind, value: str) -> None:
    """Each kind, with its check digit where it has one."""
    assert _found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text", ["5304O219630808556l", "身份证 5304O219630808557l", "198.51.lO0.79", "卡号6227O034O6865501902"]
)
def test_without_a_word_or_with_a_wrong_digit_nothing(text: str) -> None:
    """A word and a right check digit are both needed."""
    assert _found(text) == []
