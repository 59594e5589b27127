from __future__ import annotations

import pytest

from shouxin.detection.finding import KINDS, FindingKind
from shouxin.detection.tokens import rows_of_groups, rows_of_token


def _kinds(text: str, value: str) -> set[FindingKind]:
    data = text.encode()
    start = data.index(value.encode())
    return {KINDS[kind] for kind, *_ in rows_of_token(data, start, start + len(value))}


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("13800138000", {FindingKind.MOBILE}),
        ("008613800138000", {FindingKind.MOBILE}),
        ("11010519491231002x", {FindingKind.RESIDENT_ID}),
        ("91350100M000100Y43", {FindingKind.CREDIT_CODE}),
        ("378282246310005", {FindingKind.BANK_CARD}),
        ("356938035643809", {FindingKind.IMEI}),
        ("123456", set()),
        ("1234567890123456789012", set()),
    ],
)
def test_a_whole_token(value: str, kinds: set[FindingKind]) -> None:
    """Length and check digits say what one token may be."""
    assert _kinds(f" {value} ", value) == kinds


@pytest.mark.parametrize("text", ["0.13800138000", "13800138000.5"])
def test_a_part_of_a_decimal_is_nothing(text: str) -> None:
    """Digits beside a decimal point are an amount or a measurement."""
    assert _kinds(text, "13800138000") == set()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("138-0013-8000", ["138-0013-8000"]),
        ("138-0013-8000-1", []),  # joined on by the same separator
        ("138 0013 8000 1", ["138 0013 8000"]),  # the next column of a table
        ("13-80013-8000", []),  # nobody groups like that
        ("138-0013 8000", []),  # one separator throughout
        ("6222 0212 3456 7890 128 99", ["6222 0212 3456 7890 128"]),
        ("110105 19491231 002X", ["110105 19491231 002X"]),
        ("110105 1949-12-31 002X", ["110105 1949-12-31 002X"]),  # a check digit allows more
        ("2026-03-14 09", []),
        ("6222.021234567894", []),  # a decimal number, whatever its check digit
        ("6222.0212.3456.7894", ["6222.0212.3456.7894"]),
    ],
)
def test_groups(text: str, values: list[str]) -> None:
    """Groups are whole tokens, and the less a number proves itself the more its grouping must."""
    data = text.encode()
    assert [text[start:end] for _, start, end, _ in rows_of_groups(data, 0)] == values
