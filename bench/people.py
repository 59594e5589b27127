"""Invented people in any number, each a function of its number alone; ID numbers carry a prefecture never assigned."""

from __future__ import annotations

from datetime import date, timedelta

from shouxin.detection.checksums import id_number_check_character, luhn_check_digit
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext

__all__ = ["CARD_NUMBER", "ID_NUMBER", "MOBILE", "NAME", "RECORD", "id_number", "person", "record"]

NAME = ItemCode("identity.name")
ID_NUMBER = ItemCode("identity.id_number")
MOBILE = ItemCode("contact.mobile")
CARD_NUMBER = ItemCode("account.card_number")

_BORN = date(1950, 1, 1)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志红"

# What a loan application says, twenty items of it; the first four are as for everybody.
_MORE = {
    ItemCode("identity.sex"): lambda i: "女" if i % 2 else "男",
    ItemCode("identity.birth_date"): lambda i: (_BORN + timedelta(days=i % 20_000)).isoformat(),
    ItemCode("identity.education"): lambda i: ("本科", "专科", "高中", "硕士")[i % 4],
    ItemCode("contact.email"): None,
    ItemCode("contact.address"): lambda i: f"某省某市某区建设路{i % 900 + 1}号{i % 30 + 1}栋{i % 2500 + 101}室",
    ItemCode("contact.work_address"): lambda i: f"某省某市高新区科技大道{i % 700 + 1}号{i % 20 + 1}层",
    ItemCode("contact.residence_since"): lambda i: f"20{i % 26:02}-0{i % 9 + 1}",
    ItemCode("employment.employer"): lambda i: f"某某第{i % 5000}实业有限公司",
    ItemCode("employment.job"): lambda i: ("技术员", "销售经理", "会计", "司机", "教师")[i % 5],
    ItemCode("employment.since"): lambda i: f"20{i % 26:02}-0{i % 9 + 1}",
    ItemCode("income.amount"): lambda i: f"{3000 + i % 47_000}.00",
    ItemCode("property.housing"): lambda i: ("自有", "按揭", "租赁")[i % 3],
    ItemCode("family.status"): lambda i: ("已婚", "未婚", "离异")[i % 3],
    ItemCode("credit.amount"): lambda i: f"{1000 + i % 199_000}.00",
    ItemCode("credit.purpose"): lambda i: ("装修", "购车", "教育", "周转")[i % 4],
    ItemCode("credit.history"): lambda i: ("正常还清", "有逾期", "无记录")[i % 3],
    ItemCode("loan.duration"): lambda i: str(6 + i % 55),
}
del _MORE[ItemCode("contact.email")]  # it would be a fourth index tag
RECORD: tuple[ItemCode, ...] = (NAME, ID_NUMBER, MOBILE, CARD_NUMBER, *_MORE)


def id_number(number: int) -> str:
    """Return the resident ID number of person ``number``, valid in form and nobody's."""
    born = _BORN + timedelta(days=number // 999 % 20_000)
    body = f"1199{number // 19_980_000 + 1:02}{born:%Y%m%d}{number % 999 + 1:03}"
    return body + id_number_check_character(body)


def person(number: int) -> dict[ItemCode, str]:
    """Return name, ID number, mobile and card of person ``number``."""
    card = f"620000{number:012}"
    name = _SURNAMES[number % 20] + _GIVEN[number // 20 % 28] + _GIVEN[number // 560 % 28]
    return {
        NAME: name,
        ID_NUMBER: id_number(number),
        MOBILE: f"154{number:08}",
        CARD_NUMBER: card + luhn_check_digit(card),
    }


def record(number: int) -> dict[ItemCode, str]:
    """Return the twenty items of person ``number``."""
    return person(number) | {item: make(number) for item, make in _MORE.items()}


def wrapped(values: dict[ItemCode, str]) -> dict[ItemCode, Plaintext]:
    """Return values as the vault takes them."""
    return {item: Plaintext.of(value) for item, value in values.items()}
