"""Rules for values after a word: QQ, WeChat, birth dates, card data, one-time codes, accounts, amounts, machines.

Laws. Those of ``labelled``. An amount is personal only near an account or a person; ``overlap`` sees to that. A check
number has three or four digits and no year behind it: an academic year is none.

Called by: ``plain`` and ``bulk`` through ``labelled_values``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.device import ipv4
from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import (
    BELOW,
    BELOW_AHEAD,
    DIGIT_AHEAD,
    LOOSE,
    OPENING,
    RIGHT,
    TIGHT,
    Labelled,
    certain,
    make,
)
from shouxin.detection.patterns import PLATE_PROVINCES

__all__ = ["labelled_values"]


_DOWN: Final = r"[^0-9]{0,48}[0-9]"  # true of TIGHT and BELOW before a digit


def _judge_wechat(value: bytes) -> int:
    return (
        0 if value.lower() in {b"wechat", b"weixin", b"number", b"account", b"openid", b"unionid"} else SHAPE | CONTEXT
    )


def _judge_account(value: bytes) -> int:
    return SHAPE | CONTEXT if len(set(value.replace(b" ", b"").replace(b"-", b""))) > 1 else 0


def _contacts() -> Iterator[Labelled]:
    number = r"[1-9][0-9]{4,10}(?![0-9A-Za-z])(?!\.[0-9])"
    grouped = rf"[1-9][0-9]{{2,4}}(?:[ -][0-9]{{3,4}}){{1,2}}{RIGHT}"
    words = "qq群 qq 扣扣 扣号 企鹅号 企鹅 鹅号 球球 抠抠 叩叩 蔻蔻 秋秋 q~q q-q q_q qq/微信"
    same = "(?:邮箱)?(?:同号)?"
    rest = f"{same}(?:{TIGHT}|{BELOW})(?P<v>{grouped}|{number})"
    yield make(FindingKind.QQ, words, rest, ahead=_DOWN, usual="number")
    long = (
        rf"(?P<v>[1-9][0-9]{{6,9}}){RIGHT}(?!\.[0-9]|[ ]?(?:元|万|人|次|%))"  # a question begins with the same letter
    )
    yield make(FindingKind.QQ, "q： q: q号 加q 的q uin tim号", f"{TIGHT}{long}")
    glued = rf"(?<=q)(?P<v>[1-9][0-9]{{7,9}}){RIGHT}(?!\.[0-9])"  # a small q; models have a capital
    yield make(FindingKind.QQ, "q", glued, ahead="[1-9][0-9]{7}")
    yield make(FindingKind.QQ, "q~", rf"{long}(?![ ]?[A-Za-z])", ahead="[1-9][0-9]{6,9}[^0-9]")


def _both() -> Iterator[Labelled]:
    """QQ/微信：10001/abc_1: two labels, then two values in their order."""
    gap = r"(?:号)?[ \t]{0,2}(?:[:=]|：)?[ \t]{0,2}"
    number, handle = "[1-9][0-9]{4,10}", "[A-Za-z][A-Za-z0-9_-]{5,19}"
    qq_first, qq_last = "qq/微信 qq/wx qq/vx", "微信/qq wx/qq vx/qq"
    yield make(FindingKind.WECHAT, qq_first, rf"{gap}{number} ?/ ?(?P<v>{handle}){RIGHT}", _judge_wechat)
    yield make(FindingKind.QQ, qq_last, rf"{gap}{handle} ?/ ?(?P<v>{number}){RIGHT}")
    yield make(FindingKind.WECHAT, qq_last, rf"{gap}(?P<v>{handle})(?= ?/)", _judge_wechat)


def _wechat() -> Iterator[Labelled]:
    written = "[A-Za-z][A-Za-z0-9_-]{5,19}"
    name = rf"(?P<v>{written}){RIGHT}"
    is_ = rf"[ \t\"'(]{{0,3}}(?:[:=]|：|是|为)[ \t\"'(]{{0,3}}{OPENING}?"
    called = "(?:号码|帐号|账号|同号|同步|号|號|(?i:[ _]?id|_?no))"
    said = rf"{called}?{is_}|{called}[ \t]{{0,3}}|{BELOW}"
    gap = rf"(?:[ \t(]|（|{OPENING}){{0,3}}(?<![A-Za-z])"  # 'wx' and letters is one word: an application's id
    mixed = rf"{gap}(?=[A-Za-z_-]{{1,19}}[0-9_])"  # no word between: no plain word
    slang = "vx v信 薇信 徽信 微芯 威芯 绿泡泡 加v 加微 加薇 我微 我薇 +v +薇 +微"  # no other word is like these
    slang += " 薇❤ 微❤ v❤ 薇❤️ 微❤️ v❤️"
    broken = " ".join(f"{first}{mark}信" for first in "微薇" for mark in "❤♥·.*-_+/~")
    words = f"微信 wechat weixin wx wei~xin 威信 {broken}"
    yield make(FindingKind.WECHAT, words, f"(?:{said}|{mixed}){name}", _judge_wechat, usual="handle")
    yield make(FindingKind.WECHAT, slang, f"(?:{said}|{gap}){name}", _judge_wechat)
    # words that mean other things as well: nothing but a colon, and no plain word nor a proper name behind it
    handle = rf"(?=[a-z])(?=[A-Za-z_-]{{1,19}}[0-9_]){name}"
    yield make(FindingKind.WECHAT, "v: 卫星: 卫星： 薇: 薇： 徽x: 徽x：", handle, _judge_wechat, "[a-z]")
    yield make(FindingKind.WECHAT, "v：", handle, _judge_wechat, "[a-z]")
    yield make(FindingKind.WECHAT, "wxid_", rf"(?P<v>[a-z0-9]{{10,22}}){RIGHT}")
    before = re.compile(rf"(?<![0-9A-Za-z_@.-])(?P<v>{written}) ?\Z".encode())
    after = tuple(
        f"{mark}{word}" for mark in ("←", "<-", "是我", "是我的", "是他") for word in ("微信", "wx", "vx", "v信")
    )
    yield Labelled(FindingKind.WECHAT, after, before, _judge_wechat, behind=True)


def _dates() -> Iterator[Labelled]:
    plain = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    parted = r"[-/.] ?[01]?[0-9][-/.] ?[0-3]?[0-9]| [01][0-9] [0-3][0-9]"
    wrap = r" ?(?:\r?\n)?"
    chinese = rf"{wrap}(?:年){wrap}[01]?[0-9] ?(?:月)(?:{wrap}[0-3]?[0-9] ?(?:日|号)?)?"
    short = r"[0-9]{2} ?年 ?[01]?[0-9] ?月 ?[0-3]?[0-9] ?(?:日|号)"
    ours = rf"(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})(?:(?![0-9A-Za-z])|(?=T[0-9]{{2}}:))"
    european = r"[0-3]?[0-9][-/.][01]?[0-9][-/.](?:19|20)[0-9]{2}(?![0-9A-Za-z])"
    within = r"(?:(?!，|。|；)[^0-9\n]){0,15}+"  # what follows a comma has a label of its own
    words = "出生 出~生 诞生日期 生辰 dob d.o.b birthday birthdate birth born brth bday csrq"
    things = "(?<!诞生于)(?<!发生于)(?<!产生于)(?<!萌生于)(?<!衍生于)"  # companies, software, disputes
    value = f"{within}(?P<v>{ours}|{european}|{short})"
    yield make(FindingKind.BIRTH_DATE, words, value, ahead=DIGIT_AHEAD, usual="day")
    yield make(FindingKind.BIRTH_DATE, "生于", f"{things}{value}", ahead=DIGIT_AHEAD)
    words += " 生于"
    born = rf"(?<=b\.) ?(?P<v>19[0-9]{{2}}(?:{plain}|{parted}))(?![0-9A-Za-z])"
    yield make(FindingKind.BIRTH_DATE, "b.", born, ahead=" ?19[0-9]{2}")
    alone = r"(?=[ \t\"',]{0,3}(?:[\r\n\0]|\Z))"  # a log goes on with the time of its next line
    below = f"{things}{BELOW}(?P<v>{ours}|{european}|{short}){alone}"
    yield make(FindingKind.BIRTH_DATE, f"{words} 生日", below, ahead=f"{BELOW_AHEAD}[0-9]")
    two = r"(?<![0-9])[0-9]{2}[-/.][01]?[0-9][-/.][0-3]?[0-9](?![0-9A-Za-z.:/-])"  # 90.5.3, right behind the word
    yield make(
        FindingKind.BIRTH_DATE, "生日 出生日期 出生 dob", f"{TIGHT}(?P<v>{two})", ahead=r"[^0-9\n]{0,18}[0-9]{2}[-/.]"
    )
    month = r"(?:19|20)[0-9]{2}[-/.](?:0[1-9]|1[0-2]|[1-9])(?![0-9A-Za-z./-])"
    yield make(FindingKind.BIRTH_DATE, "出生年月", f"(?:日)?{TIGHT}(?P<v>{month})", ahead=DIGIT_AHEAD)
    numeral = "(?:〇|零|一|二|三|四|五|六|七|八|九)"
    year = f"(?:{numeral}{{4}}|{numeral}{{2}}|(?:19|20)[0-9]{{2}})年"
    spelled = f"{year}(?:{numeral}|十){{1,2}}(?:月)(?:{numeral}|十|廿|卅){{1,3}}(?:日|号)"
    ahead = f"[^0-9\\n]{{0,15}}(?:{numeral}{numeral}|[0-9][0-9])年"
    yield make(
        FindingKind.BIRTH_DATE, "出生 生于 生辰 生日", rf"{things}[^0-9\n]{{0,15}}?(?P<v>{spelled})", ahead=ahead
    )
    months = "(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    year = r"(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}"
    day = r"[0-3]?[0-9](?:st|nd|rd|th)?"
    written = rf"(?P<v>{months}\.? [0-3]?[0-9]{year}|{day}[ -]{months}\.?,?[ -](?:19|20)[0-9]{{2}}){RIGHT}"
    yield make(
        FindingKind.BIRTH_DATE, "dob d.o.b birthday birthdate birth born", r"(?:[ \t.:=\"'onis]|’){1,8}" + written
    )
    full = rf"(?:18|19|20)[0-9]{{2}}(?:{plain}|{parted}|{chinese})|{short}"
    before = re.compile(rf"(?<![0-9A-Za-z])(?P<v>{full}|{spelled}) ?(?:的)?\Z".encode())
    yield from _after_dates(before)
    # 出生日期 was tried; what no 期 begins is told apart by its bytes, so that a search need not stop there
    ahead = r"(?:(?:[^0-9\n\xe6]|\xe6[^\x9c]|\xe6\x9c[^\x9f])[^0-9\n]{0,17})?[0-9]"
    other = "(?!期)"
    yield make(FindingKind.BIRTH_DATE, "生日", f"{other}{LOOSE}(?P<v>{ours}|{short})", ahead=ahead)
    expiry = r"(?P<v>(?:0[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4][0-9])(?![0-9/-])"
    yield make(FindingKind.CARD_EXPIRY, "有效期 valid~thru valid~until expiry exp~date expires exp", LOOSE + expiry)


def _after_dates(before: re.Pattern[bytes]) -> Iterator[Labelled]:
    """Dates before 'born': 出生 that begins no other word, and 生 at the end of a phrase (生效 and 生产 are common)."""
    ends = r"[\x00-\x40\x5b-\x60\x7b-\x7f]|，|。|；|、|）|”|！|的|人(?!口|数)|于|在"
    other = r"年月|地|证|医|人口|率|缺陷|\xe6\x97"  # the last is how 日期 and 时间 begin
    for word, then, ahead in (
        ("生", rf"生(?:{ends}|\Z)", f"(?:{ends})".replace("(?!口|数)", "")),
        ("的生日", "的生日", ""),
        ("出生", f"出生(?!{other})", r"(?:[^\xe6]|\xe6[^\x97])"),
    ):
        begins = re.compile(then.encode())
        yield Labelled(FindingKind.BIRTH_DATE, (word,), before, certain, ahead=ahead, behind=True, then=begins)


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
    yield make(FindingKind.AMOUNT, words, f"{LOOSE}(?P<v>{number} ?{unit})", ahead=ahead, usual="sum")
    yield make(FindingKind.AMOUNT, "¥ rmb cny 人民币", f" ?(?P<v>{number}(?: ?{unit})?){RIGHT}")


def _machines() -> Iterator[Labelled]:
    address = r"(?:[ _-]?(?i:addr(?:ess)?)|(?:物理地址|地址))?[ \t\"'(\[_]{0,3}(?:[:=]|：|是|为)?[ \t\"'(\[]{0,3}"
    value = r"(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12}|[0-9A-Fa-f]{6}-[0-9A-Fa-f]{6}"
    value += r"|(?:[0-9A-Fa-f]{4}[:-]){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{2}(?P<gap>[ ._:-] ?)(?:[0-9A-Fa-f]{2}(?P=gap)){4}"
    value += r"[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}"
    ahead = r"[^\n0-9]{0,30}(?:[0-9A-Fa-f]{2}[ 0-9A-Fa-f._:-]|[0-9A-Fa-f]:[0-9A-Fa-f]{2}:)"
    words = "ble bt mac bssid hwaddr ether 物理地址 网卡 网卡地址 蓝牙地址 mac~address"
    yield make(FindingKind.MAC, words, rf"{address}(?P<v>{value}){RIGHT}", _judge_mac, ahead)
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


def _more_contacts() -> Iterator[Labelled]:
    local = rf"(?P<v>[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}(?:-[0-9]{{1,4}})?){RIGHT}(?![.-][0-9]|元|万)"
    ahead = r"[^0-9\n]{0,15}[2-8][0-9]{2,3}[ -]?[0-9]{4}[^0-9]"
    words = "座机 固话 固定电话 办公电话 电话 传真 fax tel telephone"
    yield make(FindingKind.LANDLINE, words, TIGHT + local, ahead=ahead)


def _special_plates() -> Iterator[Labelled]:
    mission = rf"(?P<v>使[0-9]{{6}}){RIGHT}(?!人|元|次|万|个|台|户|笔)"
    yield Labelled(FindingKind.LICENCE_PLATE, ("使",), re.compile(mission.encode()), certain, True, "[0-9]{6}")
    provinces = "|".join(PLATE_PROVINCES)
    police = rf"(?P<v>(?i:wj)(?:[0-9]{{2}})?(?:·|-| )?(?:{provinces})(?:·|-| )?[0-9]{{4}}[0-9A-Za-z]?){RIGHT}"
    yield Labelled(FindingKind.LICENCE_PLATE, ("wj",), re.compile(police.encode()), certain, with_word=True)


@cache
def labelled_values() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    own = (*_contacts(), *_both(), *_wechat(), *_dates(), *_codes(), *_money())
    return (*own, *_machines(), *_more_contacts(), *_special_plates())
