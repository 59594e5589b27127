"""The texts of a card that people read: in both languages, saying something, with nothing that nobody sees.

Called by: ``lint``, and by the register of recipients, whose words stand in notices too. **Source:** PIPL 17(1), 24.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from shouxin.policy.card import Card

__all__ = ["has_hidden", "is_blank", "text_faults"]

_TEXTS: Final = ("title_zh", "title_en", "explanation_zh", "explanation_en")
_EXPLANATIONS: Final = ("automated_explanation_zh", "automated_explanation_en")
# What people write to fill a field for now; one letter or sign alone says nothing in any language.
_PLACEHOLDER: Final = re.compile(
    r"(to ?do|tbd|tbc|fixme|test|dummy|lorem ipsum.*|n/?a|none|null"
    r"|待定|待补充?|待填写?|测试|无|略|同上|暂无)[.。!！:：…]*"
    r"|(.)\2*|[\W_]+"
)
# What a text in each language has at least: one Chinese character, one Latin letter.
_LETTERS: Final = {
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"),
    "en": re.compile(r"[A-Za-z]"),
}
_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_ENDS: Final = frozenset("\n\r\t")


def has_hidden(text: str) -> bool:
    """Say whether ``text`` has characters that nobody sees and that change what is seen."""
    return any(sign not in _ENDS and unicodedata.category(sign) in _HIDDEN for sign in text)


def is_blank(text: str) -> bool:
    """Say whether a text says nothing: empty, or what people write to fill a field for now."""
    return not text.strip() or _PLACEHOLDER.fullmatch(text.strip().lower()) is not None


def _is_foreign(name: str, text: str) -> bool:
    """Say whether the text of the field ``name`` has no letter of the language that its name ends with."""
    return _LETTERS[name[-2:]].search(text) is None


def text_faults(card: Card) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with them: code of a remark, place, and what it is about (PIPL 17, 24)."""
    yield from (("text-missing", name, name) for name in _TEXTS if not getattr(card, name).strip())
    written = [name for name in (*_TEXTS, *_EXPLANATIONS, "assessment") if getattr(card, name).strip()]
    yield from (("text-placeholder", name, name) for name in written if is_blank(getattr(card, name)))
    told = [name for name in written if name != "assessment" and not is_blank(getattr(card, name))]
    yield from (("text-language", name, name) for name in told if _is_foreign(name, getattr(card, name)))
    yield from (("text-hidden", name, name) for name in written if has_hidden(getattr(card, name)))
    if card.automated:
        yield from (("explanation-missing", name, name) for name in _EXPLANATIONS if not getattr(card, name).strip())
        if not card.human_review:
            yield "refusal-missing", "automated", ""
