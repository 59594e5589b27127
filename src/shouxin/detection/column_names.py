"""What the name of a column promises, in Chinese, English, pinyin initials and the mixtures that databases hold.

Laws. English names are read word by word (``mobilePhone``, ``MOBILE_PHONE``, ``mobile-phone`` are two words), so that
``scenario_code`` holds no card and ``spin`` no PIN. A last word that says 'this is about the thing, not the thing'
(``phone_model``, ``is_mobile_verified``) takes the promise back. The longest phrase wins. A name alone is a promise,
not a finding; ``columns`` asks the values.

Called by: ``columns``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from shouxin.domain.items import ItemCode

__all__ = ["item_of_name", "words_of_name"]

_PHRASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "identity.name": (
            "姓名 客户姓名 借款人姓名 联系人姓名 真实姓名 full_name real_name cust_name "
            "customer_name user_name_cn borrower_name person_name xm khxm"
        ),
        "identity.id_number": (
            "身份证 身份证号 证件号码 证件号 公民身份号码 id_card id_no id_number idcard "
            "cert_no cert_number certificate_no identity_no "
            "identity_number sfz sfzh sfzhm zjhm"
        ),
        "identity.passport_number": "护照 护照号 passport passport_no passport_number",
        "identity.birth_date": "出生日期 出生年月 生日 birth_date date_of_birth birthday birthdate dob csrq",
        "identity.sex": "性别 sex gender xb",
        "identity.age": "年龄 age",
        "identity.ethnicity": "民族 ethnicity nation_group mz",
        "identity.education": "学历 education edu_level degree",
        "contact.mobile": (
            "手机 手机号 手机号码 移动电话 联系电话 mobile mobile_phone mobile_no cell "
            "cellphone phone phone_no phone_number msisdn tel_no sjh sjhm "
            "lxdh"
        ),
        "contact.telephone": (
            "座机 固定电话 固话 家庭电话 单位电话 telephone landline home_phone work_phone office_phone fax tel"
        ),
        "contact.email": "邮箱 电子邮箱 电子邮件 email e_mail mail_address mailbox dzyx",
        "contact.wechat": "微信 微信号 wechat weixin wechat_id wx_id qq qq_no qq_number openid open_id unionid",
        "contact.address": (
            "地址 住址 家庭地址 居住地址 户籍地址 联系地址 address addr home_address home_addr residence dz jtdz"
        ),
        "contact.work_address": "单位地址 公司地址 work_address company_address office_address",
        "contact.postcode": "邮编 邮政编码 postcode post_code zip_code zipcode",
        "device.id": "设备号 设备标识 imei idfa oaid android_id device_id udid",
        "device.ip": "ip ip_addr ip_address client_ip login_ip remote_addr",
        "device.mac": "mac mac_addr mac_address",
        "location.gps": "经度 纬度 经纬度 坐标 longitude latitude lng lon lat gps coordinates",
        "account.number": "账号 帐号 账户号 银行账号 account_no account_number acct_no bank_account",
        "account.card_number": (
            "卡号 银行卡号 银行卡 信用卡号 借记卡号 card_no card_number bank_card bank_card_no pan yhkh"
        ),
        "account.card_expiry": "卡有效期 card_expiry expiry_date valid_thru",
        "account.card_cvn": "安全码 cvv cvv2 cvc cvc2 cvn cvn2",
        "account.balance": "余额 账户余额 balance acct_balance",
        "account.login_name": "登录名 用户名 login_name user_name username login_id",
        "authentication.password": "密码 口令 登录密码 password passwd pwd secret api_key access_key token",
        "authentication.pin": "取款密码 交易密码 pin pin_code",
        "authentication.sms_code": "验证码 短信验证码 sms_code verify_code verification_code otp",
        "income.amount": "收入 月收入 年收入 工资 月薪 income monthly_income annual_income salary",
        "transaction.amount": "交易金额 txn_amount transaction_amount trans_amt",
        "credit.amount": "贷款金额 借款金额 loan_amount loan_amt",
        "credit.limit": "授信额度 信用额度 credit_limit limit_bal",
        "employment.employer": (
            "工作单位 单位名称 公司名称 雇主 统一社会信用代码 employer company_name employer_name uscc credit_code"
        ),
        "employment.job": "职业 职务 职位 occupation job job_title",
        "family.status": "婚姻 婚姻状况 marital_status marriage",
        "family.spouse_name": "配偶姓名 spouse_name",
        "emergency.name": "紧急联系人 紧急联系人姓名 emergency_contact emergency_name",
        "emergency.mobile": "紧急联系人电话 紧急联系人手机 emergency_phone emergency_mobile",
        "property.vehicle": (
            "车牌 车牌号 车牌号码 车架号 plate plate_no plate_number license_plate licence_plate vin cphm"
        ),
    },
)
# A last word that makes the column one about the thing. 'no', 'num' and 'code' are not here: they often are the thing.
_ABOUT: Final = frozenset(
    "type kind flag status state model brand template verified valid count cnt total source channel level score hash "
    "md5 length len index idx version desc remark time date_time updated created region city"
    " province prefix suffix".split(),
)
_ABOUT_FIRST: Final = frozenset("is has if need allow enable".split())
_ABOUT_ZH: Final = (
    "类型",
    "状态",
    "标志",
    "标识位",
    "数量",
    "个数",
    "次数",
    "型号",
    "品牌",
    "是否",
    "时间",
    "归属地",
    "来源",
)
_BORDERS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^0-9A-Za-z\u4e00-\u9fff]+")
_CHINESE: Final = re.compile(r"[\u4e00-\u9fff]+")


@cache
def _english() -> Mapping[tuple[str, ...], ItemCode]:
    return {
        tuple(phrase.split("_")): ItemCode(item)
        for item, phrases in _PHRASES.items()
        for phrase in phrases.split()
        if phrase.isascii()
    }


@cache
def _chinese() -> Mapping[str, ItemCode]:
    return {
        phrase: ItemCode(item)
        for item, phrases in _PHRASES.items()
        for phrase in sorted(phrases.split(), key=len)
        if not phrase.isascii()
    }


def words_of_name(name: str) -> tuple[str, ...]:
    """Split a column name into lower-case words; numbers at the end of a word are dropped (``mobile2``)."""
    words = (word.lower() for word in _BORDERS.split(name))
    return tuple(stripped for word in words if (stripped := word.rstrip("0123456789") or word))


def _chinese_item(name: str) -> ItemCode | None:
    known = _chinese()
    if not _CHINESE.search(name) or any(word in name for word in _ABOUT_ZH):
        return None
    found = [phrase for phrase in known if phrase in name]
    return known[max(found, key=lambda phrase: (name.rfind(phrase) + len(phrase), len(phrase)))] if found else None


def item_of_name(name: str) -> ItemCode | None:
    """Return the item that a column name promises, or ``None``; of phrases, that nearest to the end and longest."""
    if item := _chinese_item(name):
        return item
    words = words_of_name(name)
    if not words or words[-1] in _ABOUT or words[0] in _ABOUT_FIRST:
        return None
    known = _english()
    for end in range(len(words), 0, -1):
        for start in range(end):
            if item := known.get(words[start:end]):
                return item
    return None
