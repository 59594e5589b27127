"""Rules for names, where a rule is plainly better than a model: a label before, a dot inside, an ``@`` in front.

Laws. Rules answer for what they match exactly; the model does not see it. A label is followed by a colon, an equals
sign or blanks, and the name ends where Chinese characters end. A name in transcription has a dot between its parts. A
An organisation ends with its legal form and begins behind what leads to it. A
handle is what stands after ``@`` up to what ends it; it names an account, not a person.

Called by: ``finder``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from shouxin.detection.finding import CONTEXT, DICTIONARY, ORDINAL, SHAPE, FindingKind, Row
from shouxin.detection.names.gazetteer import COMPOUND_SURNAMES, SURNAMES, TRANSCRIBED

__all__ = ["MOST_HANDLE", "rule_rows"]

MOST_HANDLE: Final = 16  # characters
_NAME: Final = ORDINAL[FindingKind.PERSON_NAME]
_HANDLE: Final = ORDINAL[FindingKind.HANDLE]

_LABELS: Final = (
    "客户姓名 借款人姓名 联系人姓名 真实姓名 紧急联系人 共同借款人 法定代表人 法人代表 借款人 担保人 保证人 "
    "抵押人 出借人 联系人 持卡人 收款人 付款人 收货人 收件人 寄件人 "
    "户主 户名 业主 车主 经办人 经手人 配偶 姓名 催收员 经办 复核"
).split()
# What stands where a name could, and is none.
_NO_NAMES: Final = frozenset(
    (
        "未知 未填 未填写 不详 无 暂无 匿名 本人 同上 保密 测试 先生 女士 客户 用户 空 男 女 已婚 未婚 同事 "
        "朋友 父亲 母亲"
    ).split()
)
_THINGS: Final = re.compile(
    "(?:部|部门|中心|公司|银行|[分支]行|网点|[一二三四五六]组|专员|经理|通过|同意|拒绝|提交|完成|审批)$"
)
# A label in English letters is one of a person only if its first half says so: product_name and menu_name say
# otherwise. A bare ``name`` says little: it takes a surname with which hardly a word begins, or else the model decides.
_PERSONS: Final = (
    "cust customer client user real full true person member borrower guarantor contact applicant owner holder payer "
    "payee spouse emergency legal debtor lessee insured patient employee emp staff sender receiver recipient consignee"
).split()
_ONLY_SURNAMES: Final = "刘赵吴郑冯蒋韩邓彭潘袁蔡魏吕沈姚卢姜崔谭廖邹薛闫郝龚邵贾阎侯孟秦熊邱欧"


@cache
def _labelled() -> re.Pattern[str]:
    surnames = "|".join(COMPOUND_SURNAMES) + f"|[{SURNAMES}]"
    return re.compile(
        rf"(?:(?:{'|'.join(_LABELS)})(?:[（(][^（）()\n]{{1,8}}[）)])?[12一二]?(?:[ 　]*[:：=＝][ 　]*|[ 　]+)"
        rf"|(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))(?i:{'|'.join(_PERSONS)})[_-]?(?i:name)[\"']?[ ]*[:=][ ]*[\"']?)"
        rf"(?P<name>(?:{surnames})[\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{2,4}})(?![\u4e00-\u9fff·])"
        rf"|(?<![A-Za-z0-9_.-])(?i:name)[\"']?[ ]*[:=][ ]*[\"']?"
        rf"(?P<bare>[{_ONLY_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?![\u4e00-\u9fff·])"
    )


_ORGANISATION: Final = ORDINAL[FindingKind.ORGANISATION]
_LONGEST_BODY: Final = 22  # characters before the legal form
_SHORTEST_BODY: Final = 2


@cache
def _forms() -> re.Pattern[str]:
    """Legal forms, longest first, and not followed by what makes a branch of them an address."""
    return re.compile("股份有限公司|有限责任公司|有限公司|合伙企业|律师事务所|会计师事务所|专业合作社|个体工商户")


@cache
def _leads() -> re.Pattern[str]:
    """What leads to an organisation, and what cannot be in the name of one."""
    words = (
        "任职于 就职于 供职于 工作于 受雇于 入职 单位名称 工作单位 单位 公司名称 企业名称 商户名称 户名 雇主 收款方 "
        "付款方 债权人 出借人 名称 名为 名下 来自 在 由 被 与 向 是 至 给 了"
    ).split()
    return re.compile(f"(?:{'|'.join(words)})|[^\u4e00-\u9fff（）()]")


def _organisations(text: str) -> Iterator[Row]:
    for match in _forms().finditer(text):
        first = max(0, match.start() - _LONGEST_BODY)
        for lead in _leads().finditer(text, first, match.start()):
            first = lead.end()
        if match.start() - first >= _SHORTEST_BODY and text[first] not in "）)":
            yield _ORGANISATION, first, match.end(), SHAPE | DICTIONARY


@cache
def _dotted() -> re.Pattern[str]:
    return re.compile(rf"[{TRANSCRIBED}]{{1,7}}(?:[·•・][{TRANSCRIBED}]{{1,7}}){{1,4}}")


@cache
def _handles() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z0-9.])@(?P<name>[\u4e00-\u9fffA-Za-z0-9_-]{{2,{MOST_HANDLE}}})(?=[:：\s/@，,、）)\]]|$)"
    )


def rule_rows(text: str) -> Iterator[Row]:
    """Yield what the rules find, spans in characters; they may overlap."""
    for match in _labelled().finditer(text):
        which = "name" if match["name"] else "bare"
        if match[which] not in _NO_NAMES and not _THINGS.search(match[which]):
            yield _NAME, match.start(which), match.end(which), SHAPE | CONTEXT
    yield from _organisations(text)
    if "·" in text or "•" in text or "・" in text:
        for match in _dotted().finditer(text):
            yield _NAME, match.start(), match.end(), SHAPE | DICTIONARY
    if "@" in text:
        for match in _handles().finditer(text):
            yield _HANDLE, match.start("name"), match.end("name"), SHAPE
