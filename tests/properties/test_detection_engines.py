"""Two engines, one answer: what the arrays decide is what the rules say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shouxin.detection import plain
from shouxin.detection.bulk import finder
from shouxin.detection.checksums import (
    credit_code_check_character,
    id_number_check_character,
    luhn_check_digit,
)
from shouxin.detection.finding import Row
from shouxin.detection.names.finder import names_finder
from shouxin.detection.scan import Finder, ScanPosition, scan_bytes

WORDS = (
    "手机号 身份证号： 卡号: 订单号 order_no= phone: 微信号： QQ: qq群 密码是 password= token: 出生日期： "
    "生日 余额 金额： ¥ cvv2: 验证码 账号： 经度 lat= 军官证 护照 passport 通行证 IMEI: IP 版本 ver "
    "军字第 车牌 有效期 AKIA :// wxid_ eyJ -----BEGIN 电话（ +86 0086- 86 0 转 号 元 万元 日 年 月 京 粤B "
    "新A 沪 学 [at] [dot] @ @example.com .com 北京 客户张三 x X E G H DE userPhone clientSecret= "
    "出生于 生人 Q： 加Q v信 台胞证 大陆通行证 SSN MAC地址 mac= 使 WJ 座机 北纬 ° ′ at dot 艾特 born "
    "武字第 错误码 证东字 MAC: IPv6: NAS: imei 串号 *#06# 卡 执照 tel ID 出生 生 ，19 ←微信 v: 卫星： uin= Q ip [.] 点 "
    "(a) # foxmail.com %2C lat lng N3 E10 ::ffff: mysql sshpass curl -u -p 密码 附录 第 回乡证 证件号： 号码 eep 分机 "
    'git@ .0/8 日生 诞生于 生日是 军字第 护照号【 mail: secretKey"," show~mac '
    "GPSLatitude= brth_dt= b. d.o.b pass: --password requirepass mm 这是密码 （密码 BSSID ble_ 网卡 坐标 牌号 plate "
    "QQ/微信 的q q %40 %3A %20 %2B8 代码 dns Chrome/ 第三方 更新A 大吉F 型 bytes 字节 次 T0 Fax permit 证件类型：港澳 "
    "洞 拐 、 … 士官证士字第 出生年月 的生日 sk_live_ <Password> </Password> redis-cli -a .0 (13 0-138 qq "
    'ApiSecret" value=" "x": ,"y": '
).split()
GLUE = [
    " ",
    "  ",
    "-",
    " - ",
    ".",
    ",",
    "，",
    "：",
    ":",
    "::",
    "_",
    "/",
    "\n",
    "\r\n",
    "\t",
    "(",
    ")",
    "）",
    "|",
    "=",
    '"',
    "'",
    "·",
    "\0",
    "*",
]
WIDE = [
    *"：：·•~×⓪❶٣。°′″０１２３８９Ｘ＠．－",
    "\u200b",
    "\u00a0",
    "①",
    "一",
    "三",
    "八",
    "零",
    "幺",
    "𝟙",
    "—",
    "\ufeff",
]
digits = st.text("0123456789", min_size=1, max_size=20)
births = st.dates().map("{:%Y%m%d}".format).filter(lambda text: len(text) == 8)


def _luhn(body: str) -> str:
    return body + luhn_check_digit(body)


def _identified(province: str, birth: str, serial: int) -> str:
    body = f"{province}9901{birth}{serial:03}"
    return body + id_number_check_character(body)


def _spread(text: str, cuts: list[int], gap: str) -> str:
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(text[at : at + cut])
        at += cut
    return gap.join(piece for piece in (*pieces, text[at:]) if piece)


numbers = st.one_of(
    digits,
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.builds(_identified, st.sampled_from(["11", "44", "83", "99"]), births, st.integers(0, 999)),
    st.sampled_from(["62", "4", "51", "37", "9558", "2221", "30"]).flatmap(
        lambda prefix: st.text("0123456789", min_size=11, max_size=18 - len(prefix)).map(
            lambda body: _luhn(prefix + body)
        ),
    ),
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9).map(
        lambda body: "91310101" + body + credit_code_check_character("91310101" + body),
    ),
    st.from_regex(r"0(10|21|571|755)[- ]?[1-9][0-9]{6,7}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){2,4}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}\.[0-9]{3,7},[0-9]{1,3}\.[0-9]{3,7}", fullmatch=True),
    st.from_regex(r"[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){4,6}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{0,4}(::?[0-9a-f]{1,4}){2,8}", fullmatch=True),
    st.from_regex(r"[a-z.-]{1,5}[0-9]{0,5}@[a-z-]{1,5}(\.[a-z]{2,4}){1,2}", fullmatch=True),
    st.from_regex(r"(京|粤|新)[A-Za-z][ .-]?[0-9A-Z]{4,7}", fullmatch=True),
    st.from_regex(r"[EGDSPHMCWLT][0-9A-Z][0-9]{6,9}", fullmatch=True),
    st.from_regex(r"(19|20)[0-9]{2}[-/.年][01]?[0-9][-/.月][0-3]?[0-9]", fullmatch=True),
    st.from_regex(r"(35|86|11)[0-9]{12}", fullmatch=True).map(_luhn),
    st.from_regex(r"[1-9][0-9,]{0,9}(\.[0-9]{2})?(元|万元|万| rmb)", fullmatch=True),
    st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{3,20}", fullmatch=True),
    st.from_regex(r"[0-9A-F]{4}\.[0-9a-f]{4}\.[0-9A-F]{4}|([0-9a-f]{2} ){5}[0-9A-F]{2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}(\.[0-9]{3,6})?°( ?[0-9]{2}['′])?[NE]?[, ]{0,2}[0-9]{1,3}°[NE]", fullmatch=True),
    st.from_regex(r"[0-9]{2,3}\.[0-9]{4,6} [0-9]{1,3}\.[0-9]{4,6}", fullmatch=True),
    st.from_regex(r"[0-9]{3,4}(  |--| -)[0-9]{4}(  |--| -)[0-9]{3,4}", fullmatch=True),
    st.from_regex(r"[0-9]{5,9}\r?\n[0-9]{2,10}[Xx]?", fullmatch=True),
    st.from_regex(r"[NE][0-9]{2,3}\.[0-9]{4,6}[ ,]{1,2}[EN][0-9]{2,3}\.[0-9]{4,6}", fullmatch=True),
    st.from_regex(r"[0-9]{1,3}\.[0-9]{4,7}(%2C|，)[0-9]{1,3}\.[0-9]{4,7}", fullmatch=True),
    st.from_regex(r"1[3-9][0-9O][- ]?[0-9O]{4}[- ]{0,2}[0-9O]{2} ?[0-9]{2}", fullmatch=True),
    st.from_regex(r"0(571|10|592)[.-][2-8][0-9]{3}-?[0-9]{3,4}(x| x|转|分机| ext )[0-9]{3}", fullmatch=True),
    st.from_regex(r"[a-z]{2,6}[0-9]{0,4}( at |#| # |\(a\))(163|qq|example)(\.|点| 点 )com", fullmatch=True),
    st.from_regex(r"[0-9]{2,4}年[0-9]{1,2}月[0-9]{1,2}日", fullmatch=True),
    st.from_regex(r"[0-9]{4}年[0-9]{1,2}月\n[0-9]{1,2}日|[0-9]{2}[-.][0-9]{1,2}[-.][0-9]{1,2}", fullmatch=True),
    st.from_regex(r"[0-9]{1,17}([,|*/、，]|\r?\n)[0-9]{2,10}([,|*/、，]|\r?\n)[0-9]{2,10}[Xx]?", fullmatch=True),
    st.from_regex(r"[0-9]{2,3}\.[0-9]{4,6} ?[NE]?[,| /\t]{1,2}[0-9]{2,3}\.[0-9]{4,6} ?[EN]?", fullmatch=True),
    st.from_regex(
        r"[0-9a-f]{2}([ ._-][0-9A-F]{2}){5}|[0-9a-f]{6}-[0-9a-f]{6}|([0-9a-f]{2}%3A){5}[0-9a-f]{2}", fullmatch=True
    ),
    st.from_regex(r"(京|粤|新)[ .\n]?[A-Za-z][ .\n-]?[0-9A-Z]{2,3}[ \n]?[0-9A-Z]{3}", fullmatch=True),
    st.from_regex(
        r"[幺二三零洞五]{2,4}([，、 ]|)[一二三四五六七八九零]{2,4}([，、 ]|)[一二三四五六七八九零]{2,5}", fullmatch=True
    ),
    st.from_regex(r"1[3-9][0-9]{9}\.0( bytes|,1|元)?|(?:0|\()1[3-9][0-9]\)?[0-9]{8}", fullmatch=True),
    st.from_regex(r"[0-9]( [0-9]){7}( [0-9A-Z]){10}|[A-Za-z]{4}[0-9]{3}[A-Z]{2}#?[a-z]{2}", fullmatch=True),
    st.from_regex(r"[a-z]{2,4}( @ |@ | at )[a-z]{2,4}( dot |\.|。|\(.\]|\[.\])com", fullmatch=True),
    st.from_regex(r"([a-z]{4}：|[a-f]：)?([0-9a-f]{2}：?[:：]){5}[0-9a-f]{2}", fullmatch=True),
    st.from_regex(r"(mima|ab|uid)：[EG]?[0-9]{8}|1[3-9][0-9]{9}。[0-9]{1,3}", fullmatch=True),
    st.from_regex(r"[一幺八零][0-9]{2,6}[一幺八零][0-9]{2,6}[一幺八零][0-9]{0,3}", fullmatch=True),
)
spread = st.builds(
    _spread, numbers, st.lists(st.integers(1, 8), max_size=9), st.sampled_from([" ", "-", ".", " - ", "_"])
)
alone = st.builds(lambda text, gap: gap.join(text), numbers, st.sampled_from([" ", "-", "  ", "*"]))
glue = st.sampled_from(GLUE)
texts = st.lists(
    st.one_of(
        numbers, numbers, spread, alone, st.sampled_from(WORDS), glue, glue, st.sampled_from(WIDE), st.text(max_size=4)
    ),
    max_size=24,
).map("".join)
blocks = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(lambda text, junk: text.encode("utf-8", "surrogatepass")[junk:], texts, st.integers(0, 3)),
)

NATIVE = [False, True, None] if find_spec("hyperscan") else [False]
_finder = cache(lambda native: finder(native=native))


@pytest.mark.parametrize("native", NATIVE)
@given(block=blocks)
@example(block=b"")
@example(block=b"1 3 8 0 0 1 3 8 0 0 0")
@example(block="b：02:42:ac:11:00:02".encode())
@example(block="mima:mima：E12345678".encode())
@example(block="13800138000。5".encode())
@example(block="手机 一380013八00零".encode())
@example(block="６２２２０２１２３４５６７８９０１２８".encode())
@example(block=b"3.0571-88888888 a.0571-88888888 13800138000 us dollars")
@example(block=b"13800138000 KiB, 13800138000 user, 13800138000 USD")
def test_the_engines_agree(native: bool | None, block: bytes) -> None:
    """For any bytes the fast engine finds exactly what the reference finds, with the same spans and evidence."""
    assert list(_finder(native)(block).rows()) == list(plain.find(block).rows())


def _all(chunks: Iterator[bytes], find: Finder, position: ScanPosition | None = None) -> list[Row]:
    return [row for batch in scan_bytes(chunks, find, position) for row in batch.findings.rows()]


@given(st.binary(max_size=300), st.text(max_size=80))
def test_no_bytes_are_too_broken_for_the_model_of_names(broken: bytes, text: str) -> None:
    """Whatever the bytes: findings in order, apart and inside, and those of the identifiers among them."""
    block = broken + "借款人张志强，".encode() + text.encode("utf-8", "surrogatepass") + broken[::-1]
    at, rows = 0, list(_named()(block).rows())
    for _, start, end, _ in rows:
        assert at <= start < end <= len(block)
        at = end
    assert set(_identified_by(block)) <= set(rows)


@cache
def _fast() -> Finder:
    return finder()


def _identified_by(block: bytes) -> list[Row]:
    return list(_fast()(block).rows())


@cache
def _named() -> Finder:
    return names_finder(finder())
