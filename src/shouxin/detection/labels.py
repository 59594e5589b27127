"""What the words before a value say about it: for a kind, or against all of them.

Laws. The label of a value is the text of its own field: at most ``REACH`` bytes before it, back to the last digit,
field separator (``BREAKS``), space between a Chinese character and a word, or Chinese comma or full stop. The word
nearest to the value wins: an 'order phone' is a phone, a 'phone order number' is an order number. A label never makes
a finding of the kinds that stand here, it only raises or ends one. Labels hold no digits, hence no identifier.

Called by: both engines, for the kinds whose shape alone leaves doubt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import ascii_letters
from types import MappingProxyType
from typing import Final

from shouxin.detection.finding import CONTEXT, ORDINAL, FindingKind, Row
from shouxin.detection.labelled import traditional

__all__ = [
    "AGAINST",
    "AGAINST_ONE",
    "BREAKS",
    "COUNTABLE",
    "DOUBTFUL",
    "NEEDS_LABEL",
    "REACH",
    "UNIT_STARTS",
    "WORD_STARTS",
    "is_counted",
    "label_of",
    "says",
    "weighed",
]

REACH: Final = 24  # bytes: eight Chinese characters, or 'certificate number is '
BREAKS: Final = b"0123456789\n\r\t,;|{}<&"  # not ">": an XML tag is a label
WORD_STARTS: Final = ascii_letters.encode() + bytes(range(0xE4, 0xEA))  # E4 to E9 lead Chinese characters
AGAINST: Final = 1 << 62

_FOR: Final[Mapping[FindingKind, str]] = MappingProxyType(
    {
        FindingKind.RESIDENT_ID_15: (
            "身份证 证件 公民身份 一代证 证号 老证 idcard id_card identity sfz zjhm zjh cert certificate "
            "certno cert_no idno id_no docno doc_no credno cred_no"
        ),
        FindingKind.PASSPORT: "护照 passport",
        FindingKind.TRAVEL_PERMIT: (
            "通行证 回乡证 台胞证 往来港澳 往来台湾 港澳居民 居住证 大通证 卡式证 证件 "
            "permit hrp mtp eep hkm hkmp tbz twp huixiangzheng taibaozheng tongxingzheng gatxz "
            "certno cert_no idno id_no docno doc_no credno cred_no zjhm zjh"
        ),
        FindingKind.MOBILE: (
            "手机 移动电话 电话 联系方式 联系人 联络 预留 主叫 被叫 呼叫 拨打 致电 短信 来电 号主 机主 打给 打我 "
            "mobile mob phone telephone tel cell cellphone msisdn contact caller callee sms whatsapp sjh sjhm lxdh lxfs"
        ),
        FindingKind.LANDLINE: "电话 座机 固话 固定电话 传真 热线 tel phone telephone fax landline",
        FindingKind.BANK_CARD: (
            "卡号 银行卡 信用卡 借记卡 储蓄卡 主卡 副卡 工资卡 还款卡 绑卡 账号 账户 帐号 收款 付款 开户 "
            "card pan debit credit account acct bankcard"
        ),
        FindingKind.IPV4: (
            "地址 来源 来自 客户端 ip ipv4 addr address host client remote server came~from coming~from logged~in~from"
        ),
        FindingKind.IMEI: "串号 串码 设备号 设备 识别码 机身 imei meid device",
        FindingKind.COORDINATES: (
            "坐标 经纬度 经度 纬度 位置 定位 gps location lat lng lon coord coords coordinate coordinates"
        ),
    },
)
# What ends one kind only: a program and its version, a file in a cabinet.
_ENDS_ONE: Final[Mapping[FindingKind, str]] = MappingProxyType(
    {
        FindingKind.IPV4: (
            "升级到 升级至 升级为 更新到 更新至 回退到 回滚到 降级到 网段 子网 掩码 域名解析 目录 依照 按照 "
            "参照 详见 比分 得分 局分 "
            "upgraded upgrade subnet cidr netmask dns nameserver "
            "chrome chromium crios safari firefox fxios edg edge opr opera msie trident webkit applewebkit gecko "
            "micromessenger qqbrowser mqqbrowser ucbrowser dalvik okhttp curl wget jdk jre openssl app sdk"
        ),
        FindingKind.PASSPORT: (
            "客户号 客户编号 客户编码 客户代码 会员号 会员编号 员工号 员工编号 商户号 商户编号 供应商编号 "
            "customer_no customer_id customerno customerid cust_no cust_id custno custid client_no client_id clientno "
            "employee_no employee_id employeeno employeeid emp_no emp_id empno empid staff_no staff_id staffno staffid "
            "member_no member_id memberno memberid user_no user_id userno userid merchant_no merchant_id goods_code "
            "product_code item_code"
        ),
        FindingKind.LANDLINE: "档案 案卷 卷宗 文号 档号",
        FindingKind.COORDINATES: "K线 开盘 收盘 行情 价格 单价 报价 均价 得分 误差 均值 方差 像素 尺寸 score price",
        FindingKind.MOBILE: (
            "资本 市值 资产 营收 营业额 产值 利润 总额 票房 播放量 阅读量 访问量 点击量 浏览量 下载量 销量 "
            "产量 库存 粉丝 "
            "人口 里程 步数 阅读 播放 总计 合计 计数 大小 count total views population capital revenue size bytes"
        ),
    },
)
AGAINST_ONE: Final = 31  # how much higher than the bit for a kind the bit against it stands
_AGAINST: Final = (
    "订单 单号 流水 编号 序列号 批次 批号 运单 快递 物流 发票 合同 版本 条码 条形码 商品 货号 序号 期号 案号 工单 "
    "任务号 错误码 错误 型号 邮编 时间戳 固件 请求号 追踪号 事务号 凭证号 回执号 学年 "
    "代码 零件 配件 部件 料号 物料 规格 场景 附录 章节 条款 第 驱动 补丁 内核 "
    "项目号 资产号 课程号 档案号 案卷号 产品号 图号 票号 券码 券号 兑换码 邀请码 优惠码 取件码 提货码 准考证 学号 工号 "
    "考号 座位号 房号 箱号 报关单 报告号 受理号 专利号 备案号 公告号 批准文号 国药准字 "
    "order serial seq sequence tracking trace invoice batch version ver build release firmware ticket sn sku upc ean "
    "isbn barcode txn transaction request req session span uuid timestamp ts nonce checksum crc error errno revision "
    "rev waybill contract "
    "scenario scene part model component driver patch kernel section chapter clause appendix "
    "asset lot voucher coupon pnr"
)
_CHINESE_BREAKS: Final = "，；。、！？\ufffd"
_ENDS: Final = frozenset({0, AGAINST})  # what takes back all that was said before: a break, a word against
_LATIN: Final = re.compile("[A-Za-z]")
_SUFFIX: Final = "(?i:no|nos|num|nr|number|numbers|id|ids|code|s)?"

# Kinds that a unit behind their digits ends, unless a label speaks for them; how a unit may begin.
COUNTABLE: Final = frozenset(
    ORDINAL[kind] for kind in (FindingKind.MOBILE, FindingKind.BANK_CARD, FindingKind.IMEI, FindingKind.RESIDENT_ID_15)
)
# How they begin: three letters behind a space, in small ones, or two and what is neither letter nor digit (here a
# hyphen); a character right behind the digits.
UNIT_STARTS: Final = (
    "byt ms- us- ns- kb- mb- gb- tb- kib mib gib tib won yen yua cny rmb usd hkd eur".split(),
    "字毫微纳元次日美港欧韩台英卢人条笔件股吨个",
)
# Kinds whose verdict a label may change, and those that are nothing without one (a rule by word has seen its own).
_DOCUMENTS: Final = frozenset((FindingKind.RESIDENT_ID_15, FindingKind.PASSPORT, FindingKind.TRAVEL_PERMIT))
DOUBTFUL: Final = frozenset(ORDINAL[kind] for kind in _FOR)
NEEDS_LABEL: Final = frozenset({ORDINAL[FindingKind.TRAVEL_PERMIT]})


@cache
def _words() -> Mapping[str, int]:
    """Word -> bits of the kinds that it speaks for, or ``AGAINST``; a break speaks for none."""
    bits: dict[str, int] = dict.fromkeys(_AGAINST.split(), AGAINST) | dict.fromkeys(_CHINESE_BREAKS, 0)
    for kind, words in _ENDS_ONE.items():
        bits |= dict.fromkeys(words.split(), 1 << ORDINAL[kind] + AGAINST_ONE)
    for kind, words in _FOR.items():
        for word in words.split():
            bits[word] = bits.get(word, 0) | 1 << ORDINAL[kind]
            if kind in _DOCUMENTS and not word.isascii():  # its number is no serial number of goods
                bits[f"{word}编号"] = bits.get(f"{word}编号", 0) | 1 << ORDINAL[kind]
    bits = {word.replace("~", " "): said for word, said in bits.items()}
    return {traditional(word): said for word, said in bits.items()} | bits


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Any Chinese word or break; any English word that is one of its own, possibly with 'no' or 'id' behind it.

    Apart, because an alternation of plain words is searched by first letters, and one behind a look-back is not.
    """
    words = sorted(_words(), key=len, reverse=True)
    chinese = "|".join(word for word in words if not word.isascii())
    chinese = chinese.replace("第", "第(?![\u4e00-\u9fff])")  # 第12条, but not 第三方
    english = "|".join(word for word in words if word.isascii())
    begins = "(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]))"  # also a hump: userPhone, GPSLocation
    return re.compile(chinese), re.compile(f"{begins}(?i:{english})(?={_SUFFIX}(?![a-z]))")


def label_of(data: bytes, start: int) -> bytes:
    """Return the label bytes of the value that starts at ``start``: what ``says`` reads."""
    first = max(0, start - REACH)
    for place in range(start - 1, first - 1, -1):
        byte = data[place]
        if byte in BREAKS:
            return data[place + 1 : start]
        if byte == 0x20 and place and data[place - 1] >= 0x80 and place + 1 < start and data[place + 1] in WORD_STARTS:
            return data[place + 1 : start]
    return data[first:start]


def says(label: bytes) -> int:
    """Return the bits (``1 << ordinal``) of the kinds that the label speaks for, and ``AGAINST`` if it names another.

    A word for a kind that stands before a word against is taken back; one that stands behind it holds.
    """
    text = label.decode(errors="replace")
    known, (chinese, english) = _words(), _patterns()
    found = [] if text.isascii() else [(match.end(), known[match.group()]) for match in chinese.finditer(text)]
    if _LATIN.search(text):
        found += [(match.end(), known[match.group().lower()]) for match in english.finditer(text)]
        found.sort()
    verdict = 0
    for _, bits in found:
        if bits in _ENDS:
            verdict = bits
        elif bits >> AGAINST_ONE:  # against one kind, whatever was said for it
            verdict = verdict & ~(bits >> AGAINST_ONE) | bits
        else:
            verdict = (verdict | bits) & ~(bits << AGAINST_ONE)
    return verdict


@cache
def _units() -> re.Pattern[bytes]:
    latin = r"(?: ?(?i:bytes?|ms|us|ns|[kmgt]i?b|won|yen|yuan|cny|rmb|usd|hkd|euros?|us dollars?)(?![0-9A-Za-z]))"
    money = "(?:日|美|港|欧|韩|台)(?:元|币|圆)|美金|英镑|卢布|卢比"
    things = "条(?!件|款|例|约)|笔(?!者|记|名|录)|件(?!号)|股(?!东|权|份)|吨|个(?!人|体)"
    return re.compile(
        f"{latin}| ?(?:{money}|{things}|字节|毫秒|微秒|纳秒)|元(?!先|女)|次(?!日|月|年|级|要)|人(?:口|次|民币)".encode()
    )


def is_counted(data: bytes, end: int) -> bool:
    """Tell whether a unit follows the digits that end at ``end``: they count something."""
    return _units().match(data, end) is not None


def weighed(row: Row, verdict: int) -> Row | None:
    """Return the row as the label of its value leaves it: with context, as it was, or ``None`` if it is no finding."""
    kind, start, end, evidence = row
    if verdict >> kind & 1:
        return kind, start, end, evidence | CONTEXT
    ended = verdict & (AGAINST | 1 << kind + AGAINST_ONE)
    return None if ended or (kind in NEEDS_LABEL and not evidence & CONTEXT) else row
