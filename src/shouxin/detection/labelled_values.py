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
from shouxin.detection.patterns import PLATE_PROVINCES

__all__ = ["labelled_values"]


def _judge_wechat(value: bytes) -> int:
    return (
        0 if value.lower() in {b"wechat", b"weixin", b"number", b"account", b"openid", b"unionid"} else SHAPE | CONTEXT
    )


def _judge_account(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.replace(b" ", b"").replace(b"-", b""))) > 1 else 0


def _contacts() -> Iterator[Labelled]:
    number = r"[1-9][0-9]{4,10}(?![0-9A-Za-z])(?!\.[0-9])"
    grouped = rf"[1-9][0-9]{{2,4}}(?:[ -][0-9]{{3,4}}){{1,2}}{RIGHT}"
    words = "qq群 qq 扣扣 企鹅号 企鹅 球球 q~q q-q"
    yield make(FindingKind.QQ, words, f"{TIGHT}(?P<v>{grouped}|{number})")
    long = (
        rf"(?P<v>[1-9][0-9]{{6,9}}){RIGHT}(?!\.[0-9]|[ ]?(?:元|万|人|次|%))"  # a question begins with the same letter
    )
    yield make(FindingKind.QQ, "q： q号 加q", f"{TIGHT}{long}")
    name = rf"(?P<v>[A-Za-z][A-Za-z0-9_-]{{5,19}}){RIGHT}"
    is_ = r"[ \t\"'(]{0,3}(?:[:=]|：|是|为)[ \t\"'(]{0,3}"
    said = rf"(?:号码|号|(?i:[ _]?id|_?no))?{is_}|(?:号码|号|(?i:[ _]?id))[ \t]{{0,3}}"
    mixed = r"(?:[ \t(]|（){0,3}(?=[A-Za-z_-]{1,19}[0-9_])"  # no word between: no plain word
    words = "微信 wechat weixin wx vx v信 薇信 威信 徽信 微芯 威芯 绿泡泡 加v 加微 加薇 +v 薇❤ 微❤ v❤ 薇❤️ 微❤️ v❤️"
    yield make(FindingKind.WECHAT, words, f"(?:{said}|{mixed}){name}", _judge_wechat)
    yield make(FindingKind.WECHAT, "wxid_", rf"(?P<v>[a-z0-9]{{10,22}}){RIGHT}")


def _dates() -> Iterator[Labelled]:
    plain = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    parted = r"[-/.] ?[01]?[0-9][-/.] ?[0-3]?[0-9]"
    chinese = r" ?年 ?[01]?[0-9] ?月(?: ?[0-3]?[0-9] ?(?:日)?)?"
    ours = rf"(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})(?![0-9A-Za-z])"
    european = r"[0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}(?![0-9A-Za-z])"
    words = "出生 生于 生辰 dob birthday birthdate birth born csrq"
    yield make(FindingKind.BIRTH_DATE, words, f"{LOOSE}(?P<v>{ours}|{european})")
    months = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    year = r"(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}"
    written = (
        rf"(?P<v>{months}\.? [0-3]?[0-9]{year}|[0-3]?[0-9](?:st|nd|rd|th)? {months}\.?,? (?:19|20)[0-9]{{2}}){RIGHT}"
    )
    yield make(FindingKind.BIRTH_DATE, "dob birthday birthdate birth born", r"[ \t:=\"'oni]{1,8}" + written)
    after = tuple("生人 出生于 出生在 出生的 出生， 出生。 出生） 出生, 出生)".split())
    before = rf"(?<![0-9A-Za-z])(?P<v>(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})) ?\Z"
    yield Labelled(FindingKind.BIRTH_DATE, after, re.compile(before.encode()), certain, behind=True)
    yield make(
        FindingKind.BIRTH_DATE, "生日", "(?<!出生日)" + LOOSE + f"(?P<v>{ours})", ahead=DIGIT_AHEAD
    )  # 出生日期 was tried
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
    minutes = r"(?:°|度) ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:'|′|分)(?: ?[0-9]{1,2}(?:\.[0-9]{1,6})?(?:\"|″|秒))?"
    number = rf"(?P<v>-?[0-9]{{1,3}}(?:\.[0-9]{{2,16}}|{minutes}))(?![0-9A-Za-z])"
    between = r"[\"' \t]{0,3}(?:[:=]|：|是|为)?[\"' \t]{0,3}"
    yield make(FindingKind.COORDINATES, words, between + number, labelled_coordinate)
    words = "军官证 士兵证 军人证 警官证 文职干部证 退伍证 军官号"
    yield make(FindingKind.MILITARY_ID, words, rf"{LOOSE}(?P<v>[0-9]{{6,12}}){RIGHT}")
    branches = tuple(f"{branch}字" for branch in "军兵士文职广南参政后装海空北沈兰济成武东西火战")  # arms, regions
    deeds = "(?<!证)(?<!权)(?<!产)(?<!国用)(?<!号)"  # 房权证海字第 is a house in Haidian
    serial = rf"{deeds}(?P<v>(?:{'|'.join(branches)})(?:第)? ?[0-9]{{6,8}}(?![0-9])(?:号)?)"
    yield Labelled(FindingKind.MILITARY_ID, branches, re.compile(serial.encode()), certain, with_word=True)


def _not_a_day(value: bytes) -> int:
    """Evidence unless the digits are a date, as in 'valid until'."""
    return 0 if _day().fullmatch(value) else SHAPE | CONTEXT


@cache
def _day() -> re.Pattern[bytes]:
    return re.compile(rb"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


def _documents() -> Iterator[Labelled]:
    between = r"[^0-9\n]{0,12}?(?<![A-Za-z])"
    # those of our own shape, in capitals and in one piece, are tokens already
    number = r"(?:[a-z]{1,2}|[A-Za-z]{1,2}[ -]|[A-DFH-Z][A-Z]?)[0-9]{7,8}|[0-9]{9}"
    number = rf"(?P<v>{number}){RIGHT}"
    said = r"(?:号码|号|(?i:[ _]?(?:number|num|no))\.?)?(?:[ \t\"'(\[]|（|为|是|：|:|=){0,6}"
    ahead = r"[^0-9\n]{0,12}(?:[a-z]|[A-Za-z][ -]|[A-DFH-Z][A-Z]?|[^0-9A-Za-z])[0-9]{7}"
    yield make(FindingKind.PASSPORT, "护照 passport", said + number, _not_a_day, ahead)
    permit = rf"(?P<v>(?:[HMCWLThmcwlt][ -]?)?[0-9]{{8}}(?:[0-9]{{2}})?(?:\([0-9A-Z]{{1,2}}\))?){RIGHT}"
    words = "大陆通行证 内地通行证 台胞证 回乡证 港澳通行证 台湾通行证 往来港澳 往来台湾"
    yield make(FindingKind.TRAVEL_PERMIT, words, between + permit, _not_a_day, ahead=DIGIT_AHEAD)
    words = "ssn social~security~number social~security~no social~security"
    yield make(
        FindingKind.NATIONAL_ID, words, rf"{LOOSE}(?P<v>[0-9]{{3}}[- ][0-9]{{2}}[- ][0-9]{{4}}|[0-9]{{9}}){RIGHT}"
    )


def _machines() -> Iterator[Labelled]:
    address = r"(?:[ _-]?(?i:addr(?:ess)?)|(?:物理地址|地址))?[ \t\"'(\[]{0,3}(?:[:=]|：|是|为)?[ \t\"'(\[]{0,3}"
    value = r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{2} ){5}[0-9A-Fa-f]{2}"
    ahead = r"[^\n0-9:]{0,30}[0-9A-Fa-f]{2}[ 0-9A-Fa-f]"
    yield make(FindingKind.MAC, "mac 物理地址", rf"{address}(?P<v>{value}){RIGHT}", _judge_mac, ahead)


def _judge_mac(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.lower().replace(b".", b"").replace(b" ", b""))) > 1 else 0


def _more_contacts() -> Iterator[Labelled]:
    local = rf"(?P<v>[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}(?:-[0-9]{{1,4}})?){RIGHT}(?![.-][0-9]|元|万)"
    ahead = r"[^0-9\n]{0,15}[2-8][0-9]{2,3}[ -]?[0-9]{4}[^0-9]"
    yield make(FindingKind.LANDLINE, "座机 固话 固定电话 办公电话 电话", TIGHT + local, ahead=ahead)


def _special_plates() -> Iterator[Labelled]:
    mission = rf"(?P<v>使[0-9]{{6}}){RIGHT}(?!人|元|次|万|个|台|户|笔)"
    yield Labelled(FindingKind.LICENCE_PLATE, ("使",), re.compile(mission.encode()), certain, True, "[0-9]{6}")
    provinces = "|".join(PLATE_PROVINCES)
    police = rf"(?P<v>(?i:wj)(?:[0-9]{{2}})?(?:·|-| )?(?:{provinces})(?:·|-| )?[0-9]{{4}}[0-9A-Za-z]?){RIGHT}"
    yield Labelled(FindingKind.LICENCE_PLATE, ("wj",), re.compile(police.encode()), certain, with_word=True)


@cache
def labelled_values() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    own = (*_contacts(), *_dates(), *_codes(), *_money(), *_places())
    return (*own, *_documents(), *_machines(), *_more_contacts(), *_special_plates())
