"""Rules for values after a word: card data, one-time codes, accounts, amounts, machines.

Laws. Those of ``labelled``. An amount is personal only near an account or a person; ``overlap`` sees to that. A check
number has three or four digits and no year behind it: an academic year is none.

Called by: ``plain`` and ``bulk`` through ``labelled_values``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.device import ipv4
from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import DIGIT_AHEAD, LOOSE, RIGHT, TIGHT, Labelled, make

__all__ = ["labelled_values"]


def _judge_account(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.replace(b" ", b"").replace(b"-", b""))) > 1 else 0


def _codes() -> Iterator[Labelled]:
    code = rf"(?P<v>[0-9]{{4,8}}){RIGHT}(?!\.[0-9])"
    words = "验证码 校验码 动态码 动态密码 短信码 verification~code vcode smscode sms_code otp"
    yield make(FindingKind.SMS_CODE, words, LOOSE + code)
    expiry = r"(?P<v>(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4][0-9])(?![0-9/-])"
    yield make(FindingKind.CARD_EXPIRY, "有效期 valid~thru valid~until expiry exp~date expires exp", LOOSE + expiry)
    words = "cvv2 cvv cvc2 cvc cvn2 cvn 安全码 背面三位数字 背面三位 背后三位数字 后三位数字 后三位"
    yield make(FindingKind.CARD_CVN, words, rf"{TIGHT}(?P<v>[0-9]{{3,4}})(?![0-9A-Za-z/-]|年|\.[0-9])")


def _money() -> Iterator[Labelled]:
    account = rf"(?P<v>[0-9](?:[ -]?[0-9]){{7,29}}){RIGHT}(?!\.[0-9])"
    words = "账号 帐号 账户 帐户 account~number account_no accountno acct"
    named = "(?!编号|序号|类型)"  # a number within the house
    yield make(FindingKind.BANK_ACCOUNT, words, named + LOOSE + account, _judge_account, DIGIT_AHEAD)
    number, unit = r"(?>[0-9][0-9,]{0,20}(?:\.[0-9]{1,4})?)", "(?:万元|亿元|元|万|(?i:rmb|cny|yuan))"
    words = (
        "余额 金额 转账 还款 欠款 借款 贷款 放款 到账 存款 工资 月薪 收入 本金 利息 罚息 支付 消费 汇款 额度 "
        "amount balance"
    )
    ahead = r"[^0-9\n]{0,15}[0-9][0-9,]{0,20}(?:\.[0-9]{1,4})? ?(?:元|万|亿|[rRcCyY])"
    yield make(FindingKind.AMOUNT, words, f"{LOOSE}(?P<v>{number} ?{unit})", ahead=ahead, usual="sum")
    yield make(FindingKind.AMOUNT, "¥ rmb cny 人民币", f" ?(?P<v>{number}(?: ?{unit})?){RIGHT}")


def _machines() -> Iterator[Labelled]:
    address = r"(?:[ _-]?(?i:addr(?:ess)?)|(?:物理地址|地址))?[ \t\"'(\[_]{0,3}(?:[:=]|：|是|为)?[ \t\"'(\[]{0,3}"
    value = r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}|[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}"
    value += r"|(?:[0-9A-Fa-f]{4}[:-]){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?P<gap>[ ._:-] ?)(?:[0-9A-Fa-f]{2}(?P=gap)){4}"
    value += r"[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}"
    ahead = r"[^\n0-9]{0,30}(?:[0-9A-Fa-f]{2}[ 0-9A-Fa-f._:-]|[0-9A-Fa-f]:[0-9A-Fa-f]{2}:)"
    words = "ble bt mac bssid hwaddr hw_addr lladdr ethaddr ether 物理地址 网卡 网卡地址 蓝牙地址 mac~address"
    yield make(FindingKind.MAC, words, rf"{address}(?P<v>{value}){RIGHT}", _judge_mac, ahead)
    bare = rf"{address}(?=[0-9A-Fa-f]{{0,11}}[A-Fa-f])(?=[A-Fa-f]{{0,11}}[0-9])(?P<v>[0-9A-Fa-f]{{12}}){RIGHT}"
    yield make(
        FindingKind.MAC,
        "蓝牙 wlan0 wlan1 eth0 eth1 en0 en1 无线网卡",
        bare,
        _judge_mac,
        r"[^\n0-9]{0,30}[0-9A-Fa-f]{6}",
    )
    before = re.compile(rb"(?<![0-9A-Za-z])(?P<v>[0-9A-Fa-f]{12})[^0-9A-Za-z\n]{0,24}\Z")
    after = tuple(f"{mark}{word}" for mark in ("（", "(") for word in ("物理地址", "网卡", "蓝牙地址", "mac"))
    yield Labelled(FindingKind.MAC, after, before, _judge_mac, behind=True)
    dotted = r"(?<![0-9A-Za-z.])(?P<v>(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![0-9A-Za-z.])"  # a form of its own
    ahead = r"[^\n]{0,40}[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}"
    yield make(
        FindingKind.MAC, "mac arp vlan assoc station wlan dot1x dhcp", rf"[^\n]{{0,40}}?{dotted}", _judge_mac, ahead
    )
    embedded = r"(?P<v>::ffff:[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?![0-9A-Za-z.])"  # RFC 4291, 2.5.5.2
    expression = re.compile(rf"(?<![0-9A-Za-z:])(?i:{embedded})".encode())
    yield Labelled(FindingKind.IPV6, ("::ffff:",), expression, _judge_embedded, True, "[0-9]")


def _judge_embedded(value: bytes) -> int:
    evidence = ipv4(value.rpartition(b":")[2])
    return evidence and evidence | CONTEXT


def _judge_mac(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.lower().translate(None, b" ._:-"))) > 1 else 0


@cache
def labelled_values() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_codes(), *_money(), *_machines())
