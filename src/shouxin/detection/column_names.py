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
from typing import Final

from shouxin.detection.column_phrases import NOTHING, PHRASES
from shouxin.domain.items import ItemCode

__all__ = ["item_of_name", "words_of_name"]

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
def _english() -> Mapping[tuple[str, ...], ItemCode | None]:
    return {tuple(phrase.split("_")): None for phrase in NOTHING.split() if phrase.isascii()} | {
        tuple(phrase.split("_")): ItemCode(item)
        for item, phrases in PHRASES.items()
        for phrase in phrases.split()
        if phrase.isascii()
    }


@cache
def _chinese() -> Mapping[str, ItemCode | None]:
    return {phrase: None for phrase in NOTHING.split() if not phrase.isascii()} | {
        phrase: ItemCode(item)
        for item, phrases in PHRASES.items()
        for phrase in sorted(phrases.split(), key=len)
        if not phrase.isascii()
    }


def words_of_name(name: str) -> tuple[str, ...]:
    """Split a column name into lower-case words; numbers at the end of a word are dropped (``mobile2``)."""
    words = (word.lower() for word in _BORDERS.split(name))
    return tuple(stripped for word in words if (stripped := word.rstrip("0123456789") or word))


def _chinese_item(name: str) -> ItemCode | None:
    known = _chinese()
    if not _CHINESE.search(name):
        return None
    found = [phrase for phrase in known if phrase in name]
    if not found:
        return None
    best = max(found, key=lambda phrase: (name.rfind(phrase) + len(phrase), len(phrase)))
    around = name.replace(best, "", 1)  # a phrase may hold such a word itself: 活期账户状态
    return None if any(word in around for word in _ABOUT_ZH) else known[best]


def item_of_name(name: str) -> ItemCode | None:
    """Return the item that a column name promises, or ``None``; of phrases, that nearest to the end and longest."""
    if item := _chinese_item(name):
        return item
    words = words_of_name(name)
    if not words or words[0] in _ABOUT_FIRST:
        return None
    known = _english()
    for end in range(len(words), 0, -1):
        for start in range(end):
            if words[start:end] in known:
                return known[words[start:end]]
        if words[-1] in _ABOUT:  # but a phrase may end with such a word itself: health_status
            return None
    return None
