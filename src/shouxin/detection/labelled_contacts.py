"""Rules for QQ numbers, WeChat handles and local telephones after a word, or before it.

Laws. Those of ``labelled``. A handle that only a doubtful word announces has a digit or an underline in it, as no plain
word has. Of several that stand in a row behind one word the second is found as well.

Called by: ``plain`` and ``bulk`` through ``labelled_contacts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.finding import CONTEXT, SHAPE, FindingKind
from shouxin.detection.labelled import BELOW, CELL, JOIN, NEXT, OPENING, RIGHT, TIGHT, Labelled, make

__all__ = ["labelled_contacts"]

_DOWN: Final = r"[^0-9]{0,48}[0-9]"  # true of TIGHT, BELOW and CELL before a digit
_NUMBER: Final = "[1-9][0-9]{4,10}"
_HANDLE: Final = "[A-Za-z][A-Za-z0-9_-]{5,19}"
_MIXED: Final = r"(?=[A-Za-z_-]{1,19}[0-9_])"  # no plain word
_WRITTEN: Final = rf"(?P<v>{_HANDLE}){RIGHT}"
_HEARTS: Final = "❤ ♥ ♡ ❣ 💚 💗 💕 💖".split()
_NOBODY: Final = frozenset(b"wechat weixin number account openid unionid".split())


def _judge_wechat(value: bytes) -> int:
    return 0 if value.lower() in _NOBODY else SHAPE | CONTEXT


def _qq() -> Iterator[Labelled]:
    number = rf"{_NUMBER}{NEXT}(?!\.[0-9])"
    grouped = rf"[1-9][0-9]{{2,4}}(?:[ -][0-9]{{3,4}}){{1,2}}{RIGHT}"
    words = "qq群 qq 扣扣 扣号 企鹅号 企鹅 鹅号 球球 抠抠 叩叩 蔻蔻 秋秋 oicq q~q q-q q_q qq/微信"
    same = "(?:邮箱)?(?:(?:、|和|/)(?:微信|v信))?(?:同号)?(?:[1-3](?=[:=]|：))?"
    rest = f"{same}(?:{TIGHT}|{BELOW}|{CELL})"
    yield make(FindingKind.QQ, words, f"{rest}(?P<v>{grouped}|{number})", ahead=_DOWN, usual="number")
    yield make(
        FindingKind.QQ,
        "qq 扣扣 企鹅号",
        rf"{rest}{_NUMBER}{JOIN}(?P<v>{_NUMBER}){RIGHT}(?!\.[0-9])",
        ahead=r"[^0-9]{0,48}[1-9][0-9]{4,10}[^0-9]{1,6}[1-9][0-9]{4}",
    )
    single = rf"(?P<v>[1-9](?: [0-9]){{4,10}}){RIGHT}(?! [0-9])"
    yield make(FindingKind.QQ, words, TIGHT + single, ahead=r"[^0-9]{0,48}[0-9] [0-9] [0-9] ")
    counted = r"(?!\.[0-9]|[ ]?(?:元|块|万|人|次|分|股|%))"
    long = rf"(?:[1-9][0-9]{{6,9}}|[1-9][0-9]{{2,3}}[ -][0-9]{{3}}[ -][0-9]{{2,4}}){RIGHT}{counted}"
    words = "q： q: q号 加q 的q 我q q是 q为 uin tim号 聊扣 加扣 私扣 系扣 询扣 我扣 扣我 扣:  扣："
    yield make(FindingKind.QQ, words, f"{TIGHT}(?P<v>{long})")  # a question begins with the same letter
    glued = rf"(?<=q)(?P<v>[1-9][0-9]{{7,9}}){RIGHT}(?!\.[0-9])"  # a small q; models have a capital
    yield make(FindingKind.QQ, "q", glued, ahead="[1-9][0-9]{7}")
    yield make(
        FindingKind.QQ,
        "q~",
        rf"(?P<v>[1-9][0-9]{{6,9}}){RIGHT}{counted}(?![ ]?[A-Za-z])",
        ahead="[1-9][0-9]{6,9}[^0-9]",
    )


def _both() -> Iterator[Labelled]:
    """QQ/微信：10001/abc_1: two labels, then two values in their order."""
    gap = r"(?:号)?[ \t]{0,2}(?:[:=]|：)?[ \t]{0,2}"
    qq_first, qq_last = "qq/微信 qq/wx qq/vx", "微信/qq wx/qq vx/qq"
    yield make(FindingKind.WECHAT, qq_first, rf"{gap}{_NUMBER} ?/ ?(?P<v>{_HANDLE}){RIGHT}", _judge_wechat)
    yield make(FindingKind.QQ, qq_last, rf"{gap}{_HANDLE} ?/ ?(?P<v>{_NUMBER}){RIGHT}")
    yield make(FindingKind.WECHAT, qq_last, rf"{gap}(?P<v>{_HANDLE})(?= ?/)", _judge_wechat)


def _wechat() -> Iterator[Labelled]:
    wrap = r"[ \t\"'(\\|<]{0,3}"
    set_to = "(?:改|换|变)(?:成|为|了)|叫做|叫"
    is_ = rf"{wrap}(?:[:=>]|：|是|为|為|{set_to}|→|[=-]>|is ){wrap}{OPENING}?"
    called = r"(?:号码|號碼|帐号|账号|帳號|同号|同步|号|號|(?i:[ _]?id|_?no|_?num|_?account|hao))"
    cell = rf"[ \t]{{0,3}}\|[ \t]{{0,3}}|{CELL}"
    said = rf"(?:{called}|[1-3](?=[:=]|：))?{is_}|{called}[ \t]{{0,3}}{OPENING}?|{BELOW}|{cell}"
    sign = r"\xf0\x9f[\x80-\xbf]{2}"  # an emoji
    gap = rf"(?:[ \t(]|（|{OPENING}|{sign}){{0,3}}(?<![A-Za-z])"  # 'wx' and letters is one word: an application's id
    slang = "vx v信 薇信 徽信 微芯 威芯 维信 围信 唯信 薇芯 绿泡泡 绿色软件 绿气泡 加v 加微 加薇 我微 我薇 +v +薇 +微 "
    slang += "➕v ➕微 ➕薇 卫星号 微星号 薇x 微x 徽x wei信 wxh vxh"  # no other word is like these
    slang += "".join(f" {first}{heart}" for first in "微薇v威徽" for heart in _HEARTS)
    broken = " ".join(f"{first}{mark}信" for first in "微薇" for mark in "❤♥·.*-_+/~")
    words = f"微信 wechat weixin wx wei~xin 威信 {broken}"
    yield make(FindingKind.WECHAT, words, f"(?:{said}|{gap}{_MIXED}){_WRITTEN}", _judge_wechat, usual="handle")
    yield make(FindingKind.WECHAT, slang, f"(?:{said}|{gap}){_WRITTEN}", _judge_wechat)
    loose = rf"(?:{said}|{gap})(?P<v>[A-Za-z][A-Za-z0-9]{{1,14}} [_-] [A-Za-z0-9]{{1,14}}){RIGHT}"
    yield make(
        FindingKind.WECHAT, "微信号 wechat v信 vx", loose, _judge_wechat, r"[^\n]{0,40}[A-Za-z0-9] [_-] [A-Za-z0-9]"
    )
    word = r"(?:Pay|Biz|Open|Api|App|Work|Mini|Msg|Lan|Works)"
    hump = rf"(?<=VX|WX|Vx|Wx)(?!{word})(?=[A-Z][a-z])(?=[A-Za-z]{{2,17}}[0-9_]){_WRITTEN}"
    yield make(FindingKind.WECHAT, "vx wx", hump, _judge_wechat, "[a-z]")
    slash = r" ?/ ?(?P<v>[A-Za-z][a-z_-]{3,17}[0-9]{2,8})(?= ?(?:/[^/a-z]|/[a-z]{2,6}无|[\s,;|]|，|。|；|\Z))"
    paths = "(?<![/.][Ww]e[Cc]hat)(?<![/.]weixin)"
    yield make(FindingKind.WECHAT, "微信 wechat weixin", paths + slash, _judge_wechat, " ?/ ?[a-z]")
    # words that mean other things as well: nothing but a colon, and no plain word nor a proper name behind it
    handle = rf"(?=[a-z]){_MIXED}{_WRITTEN}"
    yield make(FindingKind.WECHAT, "v: 卫星: 卫星： 薇: 薇： 徽x: 徽x：", handle, _judge_wechat, "[a-z]")
    yield make(FindingKind.WECHAT, "v：", handle, _judge_wechat, "[a-z]")
    yield make(FindingKind.WECHAT, "wxid_", rf"(?P<v>[a-z0-9]{{10,22}}){RIGHT}")
    yield from _before_wechat()


def _before_wechat() -> Iterator[Labelled]:
    """Handles before the word that says what they are."""
    before = re.compile(rf"(?<![0-9A-Za-z_@.-])(?P<v>{_HANDLE}) ?\Z".encode())
    words = ("微信", "wx", "vx", "v信")
    after = tuple(f"{mark}{word}" for mark in ("←", "<-", "是我", "是我的", "是他") for word in words)
    yield Labelled(FindingKind.WECHAT, after, before, _judge_wechat, behind=True)
    mixed = re.compile(rf"(?<![0-9A-Za-z_@.-])(?P<v>{_MIXED}{_HANDLE}) ?\Z".encode())
    after = tuple(f"{mark}{word}" for mark in ("（", "(", "【", "[", "是", "为", "/") for word in (*words, "wechat"))
    word = r"(?i:(?:（|\(|【|\[|是|为|/)(?:微信|v信|wx|vx|wechat))(?:号|同号)?"
    only = re.compile(rf"{word}(?: ?(?:[)\],;\x00\n]|）|】|，|。|；)|\Z)".encode())
    yield Labelled(FindingKind.WECHAT, after, mixed, _judge_wechat, behind=True, then=only)


def _telephones() -> Iterator[Labelled]:
    local = rf"(?P<v>[2-8][0-9]{{2,3}}[ -]?[0-9]{{4}}(?:-[0-9]{{1,4}})?){RIGHT}(?![.-][0-9]|元|万)"
    ahead = r"[^0-9\n]{0,22}[2-8][0-9]{2,3}[ -]?[0-9]{4}[^0-9]"
    words = "座机 固话 固定电话 办公电话 电话 传真 宅电 家电话 总机 内线 fax tel telephone landline"
    yield make(FindingKind.LANDLINE, words, TIGHT + local, ahead=ahead)


@cache
def labelled_contacts() -> tuple[Labelled, ...]:
    """Every rule of this module; compiled at first use."""
    return (*_qq(), *_both(), *_wechat(), *_telephones())
