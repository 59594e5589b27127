"""Values as people and forms write them, and what only looks like one: through the reference engine, kind by kind."""

from __future__ import annotations

import pytest

from shouxin.detection.checksums import id_number_check_character, luhn_check_digit
from shouxin.detection.scan import scan

_BODY = "11990119850601123"
ID = _BODY + id_number_check_character(_BODY)  # ends with X
DEVICE = "86012304123456" + luhn_check_digit("86012304123456")
CARD = "620000123456789012" + luhn_check_digit("620000123456789012")

FORMS = [
    ("resident_id", f"号{ID[:17]}×", f"{ID[:17]}×"),
    ("resident_id", f"号{ID[:6]}·{ID[6:14]}·{ID[14:]}", None),
    ("resident_id", f"号{ID[:6]}  {ID[6:14]}  {ID[14:]}", None),
    ("resident_id", f"号{ID[:6]} -{ID[6:14]} -{ID[14:]}", None),
    ("resident_id", "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(one)] for one in ID[:17]) + "X", None),
    ("resident_id", "".join("٠١٢٣٤٥٦٧٨٩"[int(one)] for one in ID[:17]) + "X", None),
    ("mobile", "手机154·1234·5678", "154·1234·5678"),
    ("mobile", "手机1 5 4-1 2 3 4-5 6 7 8", "1 5 4-1 2 3 4-5 6 7 8"),
    ("mobile", "手机154--1234--5678", "154--1234--5678"),
    ("mobile", "手机154～1234～5678", "154～1234～5678"),
    ("bank_card", f"卡号{CARD[:4]}  {CARD[4:8]}  {CARD[8:12]}  {CARD[12:]}", None),
    ("passport", "护照号码：e12345678", "e12345678"),
    ("passport", "护照号码：E 12345678", "E 12345678"),
    ("passport", "Passport No. K12345678", "K12345678"),
    ("travel_permit", "台湾居民来往大陆通行证：12345678", "12345678"),
    ("travel_permit", "台胞证号 01234567", "01234567"),
    ("national_id", "SSN: 123-45-6789", "123-45-6789"),
    ("military_id", "武字第1234567号", None),
    ("licence_plate", "车牌WJ京12345", "WJ京12345"),
    ("licence_plate", "车牌使014578", "使014578"),
    ("email", "邮箱 zhang @ example.com", "zhang @ example.com"),
    ("email", "邮箱 zhang at example dot com", "zhang at example dot com"),
    ("email", "邮箱 zhang艾特qq.com", "zhang艾特qq.com"),
    ("email", "邮箱 zhang@example。com", "zhang@example。com"),
    ("ipv4", "IP 192。168。1。1", "192。168。1。1"),
    ("ipv6", "来自 fe80::1 登录", "fe80::1"),
    ("mac", "MAC地址 001A.2B3C.4D5E", "001A.2B3C.4D5E"),
    ("mac", "mac=001A2B3C4D5E", "001A2B3C4D5E"),
    ("imei", f"IMEI {DEVICE[:2]}-{DEVICE[2:8]}-{DEVICE[8:14]}-{DEVICE[14]}", None),
    ("coordinates", "位置 39°54'20\"N 116°23'29\"E", "39°54'20\"N 116°23'29\"E"),
    ("coordinates", "位置 39.9165° N, 116.3971° E", "39.9165° N, 116.3971° E"),
    ("coordinates", "116.397128 39.916527", "116.397128 39.916527"),
    ("coordinates", "北纬39°54′20″", "39°54′20″"),
    ("wechat", "V信：zhangsan88", "zhangsan88"),
    ("wechat", "微信（zhangsan88）", "zhangsan88"),
    ("qq", "加Q12345678", "12345678"),
    ("qq", "qq 1234-5678", "1234-5678"),
    ("birth_date", "1985年6月12日出生于杭州", "1985年6月12日"),
    ("birth_date", "Date of birth: 12/06/1985", "12/06/1985"),
    ("birth_date", "born June 12, 1985", "June 12, 1985"),
    ("landline", "座机62345678", "62345678"),
    ("landline", "电话0571/86123456", "0571/86123456"),
]

# Each looks like a kind of which it is none.
NOTHING = (
    """
订单号 6222021234567890128 已发货|学年代码 2023-2024 cvv|academic_year=2023|CVV学年 2023|scenario_code=1234
版本号：10.2.3.4|房权证海字第123456号|京房权证朝字第1234567号|（2023）京01民初字第1234号|合同号：15412345678
400-810-1234|客服热线 800-820-8820|汇率 7.1234,39.5678|a::b|dead::beef|Q：20000元够吗|Q：1234567 人参加
快递单号 SF1234567890123|身份证号 110101199001011234|卡号 6222021234567890123|微信支付 12345|微信公众号：shouxin
验证码已发送|密码：******|password is required|IMEI 860123041234568|出生 1985-13-45|通行证 20230612|车辆通行证 12345678
护照 20231231 到期|北京A12345|使用123456次|使123456人受益|错误码 E12345678|错误码：13800138000|电话费 62345678元
2020·2021·2022|20200101~20201231|100  200  300|zhang at home|logo@2x.png|user@localhost|123-45-6789|001A2B3C4D5E
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize(("kind", "text", "value"), FORMS)
def test_a_value_is_found_as_it_is_written(kind: str, text: str, value: str | None) -> None:
    """One finding of the kind, at exactly its place."""
    found = [(one.kind.value, text[one.start : one.end]) for one in scan(text)]
    assert [one for one, _ in found] == [kind]
    assert value is None or found == [(kind, value)]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_value_is_none(text: str) -> None:
    """Years as check numbers, orders as cards, deeds as officers, errors as passports: nothing is found."""
    assert [(one.kind.value, text[one.start : one.end]) for one in scan(text)] == []
