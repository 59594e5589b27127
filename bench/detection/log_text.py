"""A log of a Chinese lender, dense with the data of people who do not exist; the same bytes for the same seed.

More than two identifiers a line of about 140 bytes, thirteen kinds, between what logs are otherwise made of: times,
threads, trace ids, order numbers, amounts, durations. Resident IDs carry the prefecture 99, which was never assigned,
mobiles the unassigned block 154 and cards the prefix 620000, so that nobody's number is in it by accident.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from shouxin.detection.checksums import (
    credit_code_check_character,
    id_number_check_character,
    luhn_check_digit,
)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志红"
PLATES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
DOMAINS = ("example.com", "example.net", "mail.test", "post.test.cn")
CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"

TEMPLATES = (
    "客户{name}提交借款申请 身份证号={id} 手机号={mobile} 渠道=APP 耗时{ms}ms",
    "实名核验 name={name} idNo={id} bankCard={card} mobile={mobile} result=PASS",
    '{{"event":"bind_card","traceId":"{trace}","cardNo":"{card}","mobile":"{mobile}","email":"{email}"}}',
    "登录成功 用户{name} IP={ip} 设备定位 {place} 手机 {mobile}",
    "企业信息 统一社会信用代码:{credit} 法人{name} 座机 {landline} 邮箱 {email}",
    "车辆抵押 车牌{plate} 车主{name} 护照 {passport} 联系电话 {mobile}",
    "添加客服 微信号:{wechat} QQ:{qq} 出生日期 {birth} 客户来源 {ip}",
    "还款扣款 卡号{card} 金额{amount}元 身份证 {id} 订单号{order} 状态=成功",
    "催收拨打 被叫{mobile} 主叫 {landline} 通话{ms}秒 备注 客户{name}称下周还款",
    "SELECT * FROM t_customer WHERE cert_no = '{id}' AND phone = '{mobile}' /* {trace} */",
    "回调 orderNo={order} amount={amount} bankCard={card} clientIp={ip} sign={trace}",
    "任务 {trace} 完成 批次{ms} 成功{ms}笔 联系人 {mobile} {mobile} {email}",
)


def _digits(rng: random.Random, count: int) -> str:
    return f"{rng.randrange(10**count):0{count}}"


def _makers(rng: random.Random) -> dict[str, Callable[[], str]]:
    """Name of a place in a template -> what makes a value for it."""

    def resident_id() -> str:
        birth = f"{rng.randrange(1950, 2006)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"
        body = f"{rng.choice(('11', '31', '33', '44', '51'))}99{rng.randrange(1, 99):02}{birth}{_digits(rng, 3)}"
        return body + id_number_check_character(body)

    def card() -> str:
        body = "620000" + _digits(rng, 12)
        return body + luhn_check_digit(body)

    def credit() -> str:
        body = f"91{rng.choice(('11', '31', '44'))}0101MA" + "".join(rng.choices(CODE, k=7))
        return body + credit_code_check_character(body)

    return {
        "name": lambda: rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2)))),
        "id": resident_id,
        "mobile": lambda: "154" + _digits(rng, 8),
        "card": card,
        "credit": credit,
        "email": lambda: f"user{rng.randrange(10**6)}@{rng.choice(DOMAINS)}",
        "ip": lambda: ".".join(str(rng.randrange(1, 255)) for _ in range(4)),
        "place": lambda: f"{rng.uniform(73.5, 134.9):.6f},{rng.uniform(18.2, 53.4):.6f}",
        "landline": lambda: f"{rng.choice(('010', '021', '0571', '0755'))}-{rng.randrange(20_000_000, 89_000_000)}",
        "plate": lambda: rng.choice(PLATES) + rng.choice("ABCDEF") + _digits(rng, 5),
        "passport": lambda: "E" + _digits(rng, 8),
        "wechat": lambda: rng.choice(("zhang_", "wx-", "lily")) + _digits(rng, 6),
        "qq": lambda: str(rng.randrange(10**8, 10**10)),
        "birth": lambda: f"{rng.randrange(1950, 2006)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        "trace": lambda: f"{rng.getrandbits(128):032x}",
        "order": lambda: "2026" + _digits(rng, 16),
        "amount": lambda: f"{rng.randrange(1, 90_000)}.{_digits(rng, 2)}",
        "ms": lambda: str(rng.randrange(1, 3_000)),
    }


class _Values(dict[str, str]):
    """Makes a new value each time a template asks for one."""

    def __init__(self, makers: dict[str, Callable[[], str]]) -> None:
        super().__init__()
        self._makers = makers

    def __missing__(self, name: str) -> str:
        return self._makers[name]()


def log_text(size: int, seed: int = 7) -> bytes:
    """Return at least ``size`` bytes of UTF-8, whole lines."""
    rng = random.Random(seed)
    values = _Values(_makers(rng))
    lines: list[str] = []
    length = 0
    while length < size:
        second = rng.randrange(86_400)
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}.{rng.randrange(1000):03}"
        level = rng.choice(("INFO ", "INFO ", "WARN ", "DEBUG"))
        thread = f"[loan-core-{rng.randrange(16)}]"
        line = (
            f"2026-03-{rng.randrange(1, 29):02} {clock} {level} {thread} {rng.choice(TEMPLATES).format_map(values)}\n"
        )
        lines.append(line)
        length += len(line.encode())
    return "".join(lines).encode()
