"""Rules for values after a word: QQ, WeChat, birth dates, card data, one-time codes, accounts, amounts, places.

Laws. Those of ``labelled``. An amount is personal only near an account or a person; ``overlap`` sees to that. A check
number has three or four digits and no year behind it: an academic year is none.

Called by: ``plain`` and ``bulk`` through ``labelled_values``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from shouxin.detection.device import labelled_coordinate
from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import DIGIT_AHEAD, LOOSE, RIGHT, TIGHT, Labelled, certain, make

__all__ = ["labelled_values"]


def _judge_wechat(value: bytes) -> int:
    return (
        0 if value.lower() in {b"wechat", b"weixin", b"number", b"account", b"openid", b"unionid"} else SHAPE | CONTEXT
    )


def _judge_account(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.replace(b" ", b"").replace(b"-", b""))) > 1 else 0


def _contacts() -> Iterator[Labelled]:
    number = rf"(?P<v>[1-9][0-9]{{4,10}}){RIGHT}(?!\.[0-9])"
    yield make(FindingKind.QQ, "qq群 qq 扣扣 企鹅号", f"{TIGHT}{number}")
    name = rf"(?P<v>[A-Za-z][A-Za-z0-9_-]{{5,19}}){RIGHT}"
    said = r"(?:号码|号|(?i:_?id|_?no))?[ \t\"'(]{0,3}(?:[:=]|：|是|为)[ \t\"'(]{0,3}|(?:号码|号)[ \t]{0,3}"
    mixed = r"[ \t]{0,3}(?=[A-Za-z_-]{1,19}[0-9_])"  # nothing between word and name: then it must not be a plain word
    words = "微信 wechat weixin wx vx 薇信 威信 加v 加微"
    yield make(FindingKind.WECHAT, words, f"(?:{said}|{mixed}){name}", _judge_wechat)
    yield make(FindingKind.WECHAT, "wxid_", rf"(?P<v>[a-z0-9]{{10,22}}){RIGHT}")


def _dates() -> Iterator[Labelled]:
    plain = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    parted = r"[-/.] ?[01]?[0-9][-/.] ?[0-3]?[0-9]"
    chinese = r" ?年 ?[01]?[0-9] ?月(?: ?[0-3]?[0-9] ?(?:日)?)?"
    date = rf"(?P<v>(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese}))(?![0-9A-Za-z])"
    yield make(FindingKind.BIRTH_DATE, "出生 生于 dob birthday birthdate birth csrq", LOOSE + date)
    yield make(FindingKind.BIRTH_DATE, "生日", "(?<!出生日)" + LOOSE + date, ahead=DIGIT_AHEAD)  # 出生日期 was tried
    expiry = r"(?P<v>(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4][0-9])(?![0-9/-])"
    yield make(FindingKind.CARD_EXPIRY, "有效期 valid~thru valid~until expiry exp~date expires exp", LOOSE + expiry)


def _codes() -> Iterator[Labelled]:
    code = rf"(?P<v>[0-9]{{4,8}}){RIGHT}(?!\.[0-9])"
    words = "验证码 校验码 动态码 动态密码 短信码 verification~code vcode smscode sms_code otp"
    yield make(FindingKind.SMS_CODE, words, LOOSE + code)
    words = "cvv2 cvv cvc2 cvc cvn2 cvn 安全码 背面三位数字 背面三位 背后三位数字 后三位数字 后三位"
    yield make(FindingKind.CARD_CVN, words, rf"{TIGHT}(?P<v>[0-9]{{3,4}})(?![0-9A-Za-z/-]|年|\.[0-9])")


def _money() -> Iterator[Labelled]:
    account = rf"(?P<v>[0-9](?:[ -]?[0-9]){{7,29}}){RIGHT}(?!\.[0-9])"
    words = "账号 帐号 账户 帐户 account~number account_no accountno acct"
    yield make(FindingKind.BANK_ACCOUNT, words, LOOSE + account, _judge_account)
    number, unit = r"(?>[0-9][0-9,]{0,20}(?:\.[0-9]{1,4})?)", "(?:万元|亿元|元|万|(?i:rmb|cny|yuan))"
    words = (
        "余额 金额 转账 还款 欠款 借款 贷款 放款 到账 存款 工资 月薪 收入 本金 利息 罚息 支付 消费 汇款 额度 "
        "amount balance"
    )
    ahead = r"[^0-9\n]{0,15}[0-9][0-9,]{0,20}(?:\.[0-9]{1,4})? ?(?:元|万|亿|[rRcCyY])"
    yield make(FindingKind.AMOUNT, words, f"{LOOSE}(?P<v>{number} ?{unit})", ahead=ahead)
    yield make(FindingKind.AMOUNT, "¥ rmb cny 人民币", f" ?(?P<v>{number}(?: ?{unit})?){RIGHT}")


def _places() -> Iterator[Labelled]:
    words = "经度 纬度 北纬 东经 南纬 西经 longitude latitude lng lon lat"
    number = r"(?P<v>-?[0-9]{1,3}\.[0-9]{2,16})(?![0-9A-Za-z])"
    between = r"[\"' \t]{0,3}(?:[:=]|：|是|为)?[\"' \t]{0,3}"
    yield make(FindingKind.COORDINATES, words, between + number, labelled_coordinate)
    words = "军官证 士兵证 军人证 警官证 文职干部证 退伍证 军官号"
    yield make(FindingKind.MILITARY_ID, words, rf"{LOOSE}(?P<v>[0-9]{{6,12}}){RIGHT}")
    branches = tuple(f"{branch}字" for branch in "军兵士文职广南参政后装海空北沈兰济成")  # of the arms, and old regions
    serial = rf"(?P<v>(?:{'|'.join(branches)})(?:第)? ?[0-9]{{6,8}}(?![0-9])(?:号)?)"
    yield Labelled(FindingKind.MILITARY_ID, branches, re.compile(serial.encode()), certain, with_word=True)


@cache
def labelled_values() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_contacts(), *_dates(), *_codes(), *_money(), *_places())
