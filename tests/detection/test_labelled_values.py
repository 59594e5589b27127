from __future__ import annotations

import re

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.labelled import is_whole_word, rows_at_word
from shouxin.detection.labelled_contacts import labelled_contacts
from shouxin.detection.labelled_dates import labelled_dates
from shouxin.detection.labelled_values import labelled_values

RULES = (*labelled_contacts(), *labelled_dates(), *labelled_values())


def _found(text: str) -> list[tuple[FindingKind, str]]:
    data, found = text.encode(), []
    for rule in RULES:
        for word in rule.words:
            place = data.lower().find(word.encode())
            if place >= 0 and is_whole_word(word.encode(), data, place):
                rows = rows_at_word(rule, data, place, place + len(word.encode()))
                found += [(rule.kind, data[start:end].decode()) for _, start, end, _ in rows]
    return found


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("QQ群: 12345678", FindingKind.QQ, "12345678"),
        ("qq号码为12345", FindingKind.QQ, "12345"),
        ('"wechatId":"abc_123456"', FindingKind.WECHAT, "abc_123456"),
        ("生日 1990-05-01", FindingKind.BIRTH_DATE, "1990-05-01"),
        ("出生年月：1990.5.1", FindingKind.BIRTH_DATE, "1990.5.1"),
        ("valid thru 12/29", FindingKind.CARD_EXPIRY, "12/29"),
        ("背面三位数字123", FindingKind.CARD_CVN, "123"),
        ("otp is 482913", FindingKind.SMS_CODE, "482913"),
        ("账户 6222-0202-1111", FindingKind.BANK_ACCOUNT, "6222-0202-1111"),
        ("放款金额 50,000.00 元", FindingKind.AMOUNT, "50,000.00 元"),
        ("¥1,234", FindingKind.AMOUNT, "1,234"),
        ("生于2020年6月9日", FindingKind.BIRTH_DATE, "2020年6月9日"),
        ("女,1942年11月5日出生", FindingKind.BIRTH_DATE, "1942年11月5日"),
        ("（1964.3.19生）转学", FindingKind.BIRTH_DATE, "1964.3.19"),
        ("生日:一九六〇年三月二十四日", FindingKind.BIRTH_DATE, "一九六〇年三月二十四日"),
        ("his birthday is December 4, 1952", FindingKind.BIRTH_DATE, "December 4, 1952"),
        ("微·信：amy_sq12", FindingKind.WECHAT, "amy_sq12"),
        ("zhang_87←微信", FindingKind.WECHAT, "zhang_87"),
        ("uin=33940245&", FindingKind.QQ, "33940245"),
        ("show mac | inc a483.e70c.8930", FindingKind.MAC, "a483.e70c.8930"),
        ("peer ::ffff:117.136.79.214", FindingKind.IPV6, "::ffff:117.136.79.214"),
    ],
)
def test_a_word_makes_a_value(text: str, kind: FindingKind, value: str) -> None:
    """Word, gap and value, in the forms that people and programs write."""
    assert (kind, value) in _found(text)


@pytest.mark.parametrize(
    "text",
    [
        "qq 1234",
        "aqq:12345678",
        "微信 payment",
        "wechat: wechat",
        "出生率 12.5",
        "cvv 2023-2024学年",
        "cvv 2023年",
        "有效期 2029-12-31",
        "金额 12",
        "验证码 123",
        "账号 1234567",
        "账号\n12345678",
        "账户 00000000",
    ],
)
def test_a_word_alone_makes_nothing(text: str) -> None:
    """Too short, too far, on another line, inside another word, or of another kind."""
    assert _found(text) == []


@pytest.mark.parametrize("gap", ["", " ", ": ", "号：", "号码为", "日期是", "(", " number is "])
@pytest.mark.parametrize("value", ["12345678", "1990-05-01", "08/27", "123", "1234567890123", "5,000.00 元", "12万"])
def test_what_stands_ahead_is_promised(gap: str, value: str) -> None:
    """Where a rule finds its value, a search for what it promises behind its word finds the word."""
    for rule in RULES:
        text = f"{gap}{value} ".encode()
        if rule.ahead and rule.expression.match(text):
            assert re.match(rule.ahead.encode(), text), (rule.kind, gap, value)
