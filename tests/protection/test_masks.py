from __future__ import annotations

import dataclasses

import pytest

from shouxin.demo.identities import Fabricator
from shouxin.domain.items import MASKS, ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid
from shouxin.protection.masks import COMPLETE, REVEALS, Masked, mask

# One item for each mask.
ITEM = {
    "address": ItemCode("contact.address"),
    "amount": ItemCode("income.amount"),
    "card": ItemCode("account.card_number"),
    "date": ItemCode("identity.birth_date"),
    "email": ItemCode("contact.email"),
    "id_number": ItemCode("identity.id_number"),
    "mobile": ItemCode("contact.mobile"),
    "name": ItemCode("identity.name"),
    "none": ItemCode("credit.purpose"),
    "text": ItemCode("identity.health"),
}
NOTHING = Masked(COMPLETE, "text")


def shown(name: str, text: str) -> Masked:
    """Mask ``text`` by the mask ``name``."""
    return mask(ITEM[name], Plaintext.of(text))


def test_every_mask_of_the_taxonomy_is_here() -> None:
    """The taxonomy and this module name the same masks, and only ``none`` shows everything."""
    assert set(REVEALS) == MASKS == set(ITEM)
    assert [name for name, most in REVEALS.items() if most is None] == ["none"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("address", "广东省深圳市南山区墨影路12号3栋402室", "广东省深圳市****"),
        ("address", "北京市朝阳区墨影路12号3栋402室", "北京市****"),
        ("address", "云南省德宏傣族景颇族自治州瑞丽市某路1号", "云南省德宏傣族景颇族自治州****"),
        ("address", "河南省城关超市旁一号楼", "河南省****"),  # no city, whatever ends in 市
        ("address", "吉林省昌邑区某街1号", "吉林省****"),
        ("address", "广东省深圳市一号", "广东省****"),  # too little would stay hidden
        ("amount", "8500", "5k-10k"),
        ("amount", "5000", "5k-10k"),
        ("amount", "4999.99", "1k-5k"),
        ("amount", "1,250,000.00", ">=1M"),
        ("amount", "0", "<1k"),
        ("amount", "-120000", "<1k"),
        ("card", "6200000000000005", "****0005"),
        ("card", "6200 0000 0000 0000 123", "****0123"),
        ("date", "1990-02-28", "1990-**-**"),
        ("date", "19900228", "1990-**-**"),
        ("date", "1990年2月8日", "1990-**-**"),
        ("date", "2026/01/31 23:59:59", "2026-**-**"),
        ("date", "2026-01-31T23:59:59.123+08:00", "2026-**-**"),
        ("email", "zhang000001@QQ.com", "z****@qq.com"),
        ("email", "zhang.san@lender.example", "z****@****"),
        ("id_number", "11010519491231002X", "1****X"),
        ("id_number", "E12345678", "E****8"),
        ("id_number", "HT-2026-000123", "H****3"),
        ("mobile", "13812345678", "138****5678"),
        ("mobile", "+86 138-1234-5678", "138****5678"),
        ("mobile", "008613812345678", "138****5678"),
        ("mobile", "010-12345678", "****5678"),
        ("mobile", "0755 1234567", "****4567"),
        ("name", "张三", "张*"),
        ("name", "张三丰", "张*"),
        ("name", "欧阳娜娜", "欧*"),
        ("name", "买买提·吐尔逊", "买*"),
        ("none", "装修 renovation\n第二行", "装修 renovation\n第二行"),
        ("text", "良好", COMPLETE),
        ("text", "", COMPLETE),
    ],
)
def test_a_value_of_the_expected_shape(name: str, text: str, expected: str) -> None:
    """Each mask shows what its name promises, in one form whatever the spelling."""
    assert shown(name, text) == Masked(expected, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("address", "南山区墨影路12号"),
        ("address", "上海路12号3栋402室"),  # a street, no city
        ("address", "北京市朝阳区"),
        ("address", "广东省"),
        ("amount", "约八千"),
        ("amount", "8500元"),
        ("amount", "1,25"),
        ("amount", "８５００"),
        ("amount", "9" * 16),
        ("card", "62000000000"),
        ("card", "620000000000000a"),
        ("card", "6" * 33),
        ("date", "1990-02-30"),
        ("date", "1990-02/28"),
        ("date", "12/27"),
        ("date", "长期"),
        ("date", "20150101-20250101"),
        ("email", "ab@qq.com"),
        ("email", "zhang@a@qq.com"),
        ("email", "张三@qq.com"),
        ("id_number", "A123456"),
        ("id_number", "1101051949１２３１００２Ｘ"),
        ("id_number", "（2024）借字第0001号"),
        ("mobile", "1381234567"),
        ("mobile", "138123456789"),
        ("mobile", "12812345678"),
        ("mobile", "12345678"),
        ("mobile", "13812345678\n"),
        ("name", "张"),
        ("name", "John Smith"),
        ("name", "张三1"),
        ("none", "a\x1b[2Jb"),
        ("none", "abc\u202edef"),
    ],
)
def test_a_value_of_another_shape_is_masked_completely(name: str, text: str) -> None:
    """Too short, too long, odd characters, no such day: nothing is shown, and the mask says that it was ``text``."""
    assert shown(name, text) == NOTHING


@pytest.mark.parametrize("name", sorted(MASKS))
def test_bytes_that_are_no_text_are_masked_completely(name: str) -> None:
    """A value in another encoding shows nothing, under every mask."""
    assert mask(ITEM[name], Plaintext("张三".encode("gb18030") + b"\xff")) == NOTHING


def test_an_unknown_item_has_no_mask() -> None:
    """An item that the taxonomy does not know is refused, without the value."""
    with pytest.raises(Invalid) as caught:
        mask(ItemCode("identity.shoe_size"), Plaintext.of("43号半"))
    assert "43" not in str(caught.value)


def test_a_masked_value_is_frozen() -> None:
    """Nobody changes what was masked."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        shown("name", "张三").text = "张三"  # type: ignore[misc]


def test_every_invented_applicant_has_the_expected_shapes() -> None:
    """No value of the demo's people falls back to ``***`` where its mask would show a part."""
    people = Fabricator(seed=1)
    for person in map(people.identity, range(200)):
        for name, text in {
            "address": person.address,
            "card": person.card_number,
            "date": person.birth_date,
            "email": person.email,
            "id_number": person.id_number,
            "mobile": person.mobile,
            "name": person.name,
        }.items():
            assert shown(name, text).mask == name, text
