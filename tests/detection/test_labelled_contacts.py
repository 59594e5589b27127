from __future__ import annotations

import pytest

from shouxin.detection.finding import FindingKind
from shouxin.detection.scan import scan


def _found(text: str) -> list[tuple[FindingKind, str]]:
    return [(one.kind, text[one.start : one.end]) for one in scan(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"{\"qq\":\"12345678\"}", "12345678"),
        ("<td>QQ</td><td>12345678</td>", "12345678"),
        ("| QQ | 12345678 |", "12345678"),
        ("我q是二三二四六三三八", "二三二四六三三八"),
        ("加我扣47525094", "47525094"),
        ("求购,Q:577 650 50", "577 650 50"),
        ("QQ號碼：12345678", "12345678"),
    ],
)
def test_a_qq_number(text: str, value: str) -> None:
    """In escapes, tables, numerals and slang."""
    assert _found(text) == [(FindingKind.QQ, value)]


@pytest.mark.parametrize("text", ["QQ①12345678②87654321", "QQ12345678、87654321"])
def test_two_behind_one_word(text: str) -> None:
    """A list of two, counted or parted."""
    assert _found(text) == [(FindingKind.QQ, "12345678"), (FindingKind.QQ, "87654321")]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("卫星号nanzhi_xiaogui38", "nanzhi_xiaogui38"),
        ("VXChenfeng8619详聊", "Chenfeng8619"),
        ("微♥lanqing1659♥", "lanqing1659"),
        ("Wechat/lvdou971/Line无", "lvdou971"),
        ("suanmeimumu82（微信）", "suanmeimumu82"),
        ("微信改成xiao_Deng255了", "xiao_Deng255"),
        ("V信ID：miaoyc _ 0339", "miaoyc _ 0339"),
        ("微信->zhangsan88", "zhangsan88"),
    ],
)
def test_a_handle(text: str, value: str) -> None:
    """Behind words for WeChat and their disguises, and before them."""
    assert _found(text) == [(FindingKind.WECHAT, value)]


@pytest.mark.parametrize(
    "text", ["import wechat/pay2024", "vxlan100 is up", "扣12345678元", "WXPay2019 sdk", "支付宝Alipay（微信）"]
)
def test_what_is_no_contact(text: str) -> None:
    """Modules, networks, sums, and plain words."""
    assert _found(text) == []
