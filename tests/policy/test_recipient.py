"""A recipient is known, under contract, for named items; anything less is refused by its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid
from shouxin.policy.recipient import Recipient

GOOD: dict[str, Any] = {
    "code": "credit-bureau.1",
    "name": "某征信机构",
    "contract": "HT-2026-001",
    "contract_ends": date(2026, 12, 31),
    "contact": "合规部",
    "items": (ItemCode("credit.amount"),),
}


def test_a_contract_runs_to_the_end_of_its_last_day() -> None:
    """The last day counts; the next one does not."""
    recipient = Recipient(**GOOD)
    assert [recipient.contract_runs(date(2026, 12, 31)), recipient.contract_runs(date(2027, 1, 1))] == [True, False]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "Credit Bureau"),
        ("code", "a" * 63),
        ("name", " "),
        ("contract", ""),
        ("contact", "\t"),
        ("items", ()),
        ("items", ("credit.amount", "credit.amount")),
        ("items", ("credit.no_such_item",)),
    ],
)
def test_what_is_missing_or_unknown_is_refused_by_its_field(field: str, value: object) -> None:
    """The error names the field and never repeats the value."""
    with pytest.raises(Invalid) as refused:
        Recipient(**{**GOOD, field: value})
    assert refused.value.place == field
    assert not str(value).strip("() \t") or str(value) not in refused.value.detail
