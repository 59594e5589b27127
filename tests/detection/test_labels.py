from __future__ import annotations

import pytest

from shouxin.detection.finding import CONTEXT, ORDINAL, SHAPE, FindingKind
from shouxin.detection.labels import AGAINST, is_counted, label_of, says, weighed

MOBILE, CARD, PERMIT = (
    ORDINAL[kind] for kind in (FindingKind.MOBILE, FindingKind.BANK_CARD, FindingKind.TRAVEL_PERMIT)
)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("姓名张三，手机号：", "姓名张三，手机号："),
        ('{"mobile":"', '"mobile":"'),
        ("id=110105,phone=", "phone="),
        ("<phone>", "phone>"),
        ("备注1\n电话 ", "电话 "),
    ],
)
def test_a_label_ends_at_the_field_before(text: str, label: str) -> None:
    """Digits, line ends and separators of fields cut a label; a closing tag is part of it."""
    data = text.encode()
    assert label.encode().endswith(label_of(data, len(data)))
    assert label_of(data, len(data))[-6:] == data[-6:]


@pytest.mark.parametrize("text", ["手机号：", "联系电话 ", "mobile=", "userPhone=", "phone_no: ", '"tel":"', "PHONE:"])
def test_words_speak_for_a_mobile(text: str) -> None:
    """Chinese and English words, in camel case, with 'no' behind them and in capitals."""
    assert says(text.encode()) >> MOBILE & 1


@pytest.mark.parametrize("text", ["订单号：", "order_no=", "traceId:", "流水号 ", "serialNumber=", "手机订单号："])
def test_words_speak_against(text: str) -> None:
    """An order, a trace or a serial number is none of the kinds, whatever stood before that word."""
    assert says(text.encode()) & AGAINST
    assert not says(text.encode()) >> MOBILE & 1


@pytest.mark.parametrize("text", ["border=", "reorders", "telling ", "descartes:", "客户张三说", ""])
def test_words_inside_words_say_nothing(text: str) -> None:
    """English words count only as words of their own."""
    assert says(text.encode()) == 0


@pytest.mark.parametrize(
    ("unit", "counts"), [("字节", True), (" 字节", True), (" 毫秒", True), (" 字据", False), (" 元先生", False)]
)
def test_a_unit_says_that_something_is_counted(unit: str, counts: bool) -> None:
    """Also behind a space, where no name can be meant."""
    data = f"共 13800138000{unit}".encode()
    assert is_counted(data, len("共 13800138000".encode())) is counts


def test_the_nearest_word_wins() -> None:
    """An order's phone is a phone; a phone's order number is an order number."""
    assert says("订单手机：".encode()) >> MOBILE & 1
    assert not says("手机订单：".encode()) >> MOBILE & 1


def test_a_comma_ends_a_chinese_label() -> None:
    """What was said before the comma was said of something else."""
    assert says("订单号没有，电话".encode()) >> MOBILE & 1
    assert not says("订单号没有，电话".encode()) & AGAINST


def test_weighing() -> None:
    """A label for the kind adds context, one against ends the finding, and a kind may need one."""
    row = (MOBILE, 0, 11, SHAPE)
    assert weighed(row, 1 << MOBILE) == (MOBILE, 0, 11, SHAPE | CONTEXT)
    assert weighed(row, AGAINST) is None
    assert weighed(row, AGAINST | 1 << MOBILE) == (MOBILE, 0, 11, SHAPE | CONTEXT)
    assert weighed(row, 1 << CARD) == row
    assert weighed((PERMIT, 0, 9, SHAPE), 0) is None
