"""Rules for names, where a rule is plainly better than a model: a label before, a dot inside, an ``@`` in front.

Laws. Rules answer for what they match exactly; the model does not see it. A label is followed by a colon, an equals
sign or blanks, and the name ends where Chinese characters end. A name in transcription has a dot between its parts. A
handle is what stands after ``@`` up to what ends it; it names an account, not a person.

Called by: ``finder``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, TypeAlias

from shouxin.detection.finding import CONTEXT, DICTIONARY, ORDINAL, SHAPE, FindingKind, Row
from shouxin.detection.names.gazetteer import COMPOUND_SURNAMES, SURNAMES

__all__ = ["MOST_HANDLE", "rule_rows"]

MOST_HANDLE: Final = 16  # characters
_NAME: Final = ORDINAL[FindingKind.PERSON_NAME]
_HANDLE: Final = ORDINAL[FindingKind.HANDLE]

_LABELS: Final = (
    "客户姓名 借款人姓名 联系人姓名 真实姓名 紧急联系人 共同借款人 法定代表人 法人代表 借款人 担保人 保证人 抵押人 出借人 联系人 持卡人 收款人 付款人 收货人 收件人 寄件人 "
    "户主 户名 业主 车主 经办人 经手人 配偶 姓名 催收员 经办 复核"
).split()
# What stands where a name could, and is none.
_NO_NAMES: Final = frozenset("未知 未填 未填写 不详 无 暂无 匿名 本人 同上 保密 测试 先生 女士 客户 用户 空 男 女 已婚 未婚 同事 朋友 父亲 母亲".split())
_TRANSCRIBED: Final = (
    "阿埃艾安奥巴白班邦保鲍贝本比彼毕别宾波伯勃博布查戴丹当道德登迪蒂丁杜顿多恩尔法凡范菲费芬佛弗福盖冈戈格葛古哈海汉赫亨霍基吉加贾杰金卡凯坎康考科克肯库拉莱兰朗劳"
    "勒雷里利莉丽林琳鲁伦罗洛马玛迈麦曼梅门蒙米密明莫姆穆娜纳南内尼宁妮努诺欧帕潘佩彭皮普齐奇乔琼丘热日荣瑞若撒萨赛桑瑟沙莎山舍圣施史士什舒斯丝苏索塔泰坦汤唐"
    "特提图托瓦万威韦维伟温文沃乌西希夏肖谢辛雪逊雅亚延扬杨耶伊依因英尤约泽扎詹珍芝朱兹佐买提江古丽木孜木热艾力克依不都拉合提吐尔逊帕提古扎西次仁卓玛格桑达瓦旺堆央"
)
_LATIN: Final = r"custName|cust_name|userName|realName|real_name|name"


@cache
def _labelled() -> re.Pattern[str]:
    surnames = "|".join(COMPOUND_SURNAMES) + f"|[{SURNAMES}]"
    return re.compile(
        rf"(?:(?:{'|'.join(_LABELS)})(?:[（(][^（）()\n]{{1,8}}[）)])?[12一二]?(?:[ 　]*[:：=＝][ 　]*|[ 　]+)"
        rf"|(?<![A-Za-z])(?:{_LATIN})[\"']?[ ]*[:=][ ]*[\"']?)"
        rf"(?P<name>(?:{surnames})[\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{2,4}})(?![\u4e00-\u9fff·])"
    )


@cache
def _dotted() -> re.Pattern[str]:
    return re.compile(rf"[{_TRANSCRIBED}]{{1,7}}(?:[·•・][{_TRANSCRIBED}]{{1,7}}){{1,4}}")


@cache
def _handles() -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9.])@(?P<name>[\u4e00-\u9fffA-Za-z0-9_-]{{2,{MOST_HANDLE}}})(?=[:：\s/@，,、）)\]]|$)")


def rule_rows(text: str) -> Iterator[Row]:
    """Yield what the rules find, spans in characters; they may overlap."""
    for match in _labelled().finditer(text):
        if match["name"] not in _NO_NAMES:
            yield _NAME, match.start("name"), match.end("name"), SHAPE | CONTEXT
    if "·" in text or "•" in text or "・" in text:
        for match in _dotted().finditer(text):
            yield _NAME, match.start(), match.end(), SHAPE | DICTIONARY
    if "@" in text:
        for match in _handles().finditer(text):
            yield _HANDLE, match.start("name"), match.end("name"), SHAPE
