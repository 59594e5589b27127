from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("身份证：320505198\n90508983X（", FindingKind.RESIDENT_ID, "320505198\n90508983X"),
        ("借记卡 6228480450\r\n463696804", FindingKind.BANK_CARD, "6228480450\r\n463696804"),
        ("执照513401044\n80079220X", FindingKind.CREDIT_CODE, "513401044\n80079220X"),
        ("电话:19119\n066310", FindingKind.MOBILE, "19119\n066310"),
        ("imei 3575633\n91429046", FindingKind.IMEI, "3575633\n91429046"),
        ("串号01 594494 529204 5", FindingKind.IMEI, "01 594494 529204 5"),
        ("ID31010419850401997X号", FindingKind.RESIDENT_ID, "31010419850401997X"),
        ("TEL17586882894.", FindingKind.MOBILE, "17586882894"),
        ("ip117.136.79.214", FindingKind.IPV4, "117.136.79.214"),
        ("手机138-2071-90 46（", FindingKind.MOBILE, "138-2071-90 46"),
        ("电话13O-0O71-9462", FindingKind.MOBILE, "13O-0O71-9462"),
        ("mail: zhao.mq8864 at lab.example.cn", FindingKind.EMAIL, "zhao.mq8864 at lab.example.cn"),
    ],
)
def test_a_label_puts_a_number_together(text: str, kind: FindingKind, value: str) -> None:
    """Over a line's end, behind letters, across odd gaps; the finding is what stands in the text."""
    assert _found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "6228480450\n463696804",  # a list of numbers
        "身份证：320505198\n905089831",  # the check digit is wrong
        "身份证：3205051989\n\n0508983X",  # an empty line between
        "SN13800138000A7",
        "订单13O-0O71-9462",
        "手机138-2071-90 46 22",
        "the mail server1 at lab.example.cn",
        "we meet at 163.com",
        "zip117.136.79.214",  # another word ends so
    ],
)
def test_without_label_or_check_digit_nothing_is_put_together(text: str) -> None:
    """What looks alike and is not called by a name stays apart."""
    assert _found(text) == []
