from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("b-day: Aug 20, 1983", "Aug 20, 1983"),
        ("born on the 2nd of August, 1983", "2nd of August, 1983"),
        ("出生日期（年/月/日）：1990/01/02", "1990/01/02"),
        ("1990年1月2日是我生日", "1990年1月2日"),
        ("1990-01-02(生日)", "1990-01-02"),
        ("出生时间1990年元月2日", "1990年元月2日"),
    ],
)
def test_a_birth(text: str, value: str) -> None:
    """In words and layouts of two languages, the word before or behind."""
    assert _found(text) == [(FindingKind.BIRTH_DATE, value)]


@pytest.mark.parametrize(
    "text", ["生日蛋糕 20240101", '"birthday": null, "created": "2010-01-22"', "诞生于是2010-01-22"]
)
def test_other_dates(text: str) -> None:
    """A cake, the next field."""
    assert _found(text) == []
