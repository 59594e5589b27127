"""The form of rules for values that only a word before them makes recognisable.

Laws. Every match begins with one of the rule's ``words`` (any case; an English one not inside another word), so that
an engine may look for the words first and try the expression only there. Between word and value stand a few bytes and
no digit; every repeat is bounded.

Called by: ``labelled_values`` and ``credentials``, which hold the rules; ``plain`` and ``bulk``, which try them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from shouxin.detection.finding import CONTEXT, ORDINAL, SHAPE, FindingKind, Row

__all__ = [
    "BELOW",
    "BELOW_AHEAD",
    "CELL",
    "DIGIT_AHEAD",
    "JOIN",
    "LOOSE",
    "NEXT",
    "OPENING",
    "RIGHT",
    "TIGHT",
    "Labelled",
    "certain",
    "is_whole_word",
    "make",
    "rows_at_word",
    "traditional",
]

RIGHT: Final = r"(?![0-9A-Za-z])"
LOOSE: Final = r"[^0-9\n]{0,15}+"  # bytes: ' number is: ', 号码为：
OPENING: Final = "(?:【|「|『|“|‘|《|〈|〔|（|＜)"
_IS: Final = r"(?:[:=>#]|：|是|为|為|→|[=-]>|is )"
_WRAP: Final = r"[ \t\"'(\[\\|<]{0,3}"  # quotes, brackets, the bar of a table
_CALLED: Final = r"(?: ?(?:号码|號碼|帐号|账号|编号|号|號|(?i:[_ ]?id|[_ ]?no\.?|[_ ]?num|[_ ]?number|_?account)))"
TIGHT: Final = rf"{_CALLED}?{_WRAP}{_IS}?{_WRAP}{OPENING}?"
CELL: Final = (
    r"(?:号码|号|號碼|號)?</?[A-Za-z]{1,6}>[ \t\r\n]{0,6}<[A-Za-z]{1,6}>[ \t\r\n]{0,4}"  # the next one of a row
)
_LABELS: Final = "qq|wx|vx|weixin|wechat|tel|mobile|phone|e?mail|id|sfz|imei|imsi|meid|mac|ip|card|exp|name"
NEXT: Final = rf"(?:(?![0-9A-Za-z])|(?=(?i:{_LABELS})))"  # nothing more, or the word of the next value
JOIN: Final = "[ ]?(?:[,;/|&+]|、|，|；|和|与|或|及|or |and )[ ]?"  # another value of the same kind follows

BELOW: Final = r"(?:日期|时间|号码|号|编号|代码)?[ \t\"']{0,2}(?:[:=]|：)?[ \t\"']{0,2}\r?\n[ \t\"']{0,4}"  # a form

_REACH: Final = 32  # bytes before a word in which a value may stand
DIGIT_AHEAD: Final = r"[^0-9\n]{0,22}[0-9]"  # true of LOOSE and TIGHT before a digit
BELOW_AHEAD: Final = r"[^0-9\n]{0,24}\n[ \t\"']{0,4}"  # true of BELOW


@dataclass(frozen=True, slots=True)
class Labelled:
    r"""A rule: words, the expression from behind a word to the end of its value (group ``v``), the judge of the value.

    ``with_word``: the word is the beginning of the value, and the expression begins with it. ``ahead`` is what stands
    behind the word in every match, without look-around, for an engine that can search for it; empty promises nothing.
    ``behind``: the word stands behind the value, and the expression ends where the word begins (``\Z``); ``then`` is
    what must begin there, where the word alone could be the beginning of another one.
    ``usual`` names a form of ``bulk_words``: what it decides is what the rule would say, and the judge is certain.
    """

    kind: FindingKind
    words: tuple[str, ...]
    expression: re.Pattern[bytes]
    judge: Callable[[bytes], int]
    with_word: bool = False
    ahead: str = ""
    behind: bool = False
    then: re.Pattern[bytes] | None = None
    usual: str = ""

    @property
    def attempt(self) -> Callable[[bytes, int], re.Match[bytes] | None]:
        """What tries the expression, given the bytes and where the word ends (begins: ``with_word``, ``behind``)."""
        expression, then = self.expression, self.then
        if then is not None:
            return lambda data, place: (
                expression.search(data, max(0, place - _REACH), place) if then.match(data, place) else None
            )
        if self.behind:
            return lambda data, place: expression.search(data, max(0, place - _REACH), place)
        return expression.match


def certain(value: bytes) -> int:
    """Evidence of a value that word and expression have decided."""
    return SHAPE | CONTEXT if value else 0


_TRADITIONAL: Final = str.maketrans(
    "证护号码军电话机传车账银户税执统会设备网无线邮标经纬业识别纳乡台来陆湾门国总鹅诞历钥维卫识动签",
    "證護號碼軍電話機傳車賬銀戶稅執統會設備網無線郵標經緯業識別納鄉臺來陸灣門國總鵝誕曆鑰維衛識動簽",
)


def traditional(word: str) -> str:
    """Return a Chinese word in the characters of Hong Kong, Macao and Taiwan; others as they are."""
    return word.translate(_TRADITIONAL)


# Values that are found without their word: what the word adds is not worth a second one to search for.
_NEEDS_NO_WORD: Final = frozenset(
    (FindingKind.RESIDENT_ID, FindingKind.BANK_CARD, FindingKind.MOBILE, FindingKind.CREDIT_CODE, FindingKind.IPV4)
) | frozenset((FindingKind.EMAIL, FindingKind.AMOUNT, FindingKind.CARD_CVN, FindingKind.SMS_CODE))


def make(
    kind: FindingKind,
    words: str,
    rest: str,
    judge: Callable[[bytes], int] = certain,
    ahead: str = "",
    usual: str = "",
) -> Labelled:
    """Build a rule. ``words`` are parted by spaces, a ``~`` in one is a space; ``rest`` follows the word."""
    named = tuple(word.replace("~", " ") for word in words.split())
    named = tuple(dict.fromkeys((*named, *(() if kind in _NEEDS_NO_WORD else map(traditional, named)))))
    ahead = ahead or (DIGIT_AHEAD if rest.startswith((LOOSE, TIGHT)) else "")
    return Labelled(kind, named, re.compile(rest.encode()), judge, ahead=ahead, usual=usual)


def is_whole_word(word: bytes, data: bytes, place: int) -> bool:
    """Tell whether a word at ``place`` is not the end of a longer one; only those of Latin letters can be.

    A capital after a small letter or before one begins a word: ``clientSecret``, ``GPSLatitude``.
    """
    if not word[:1].isalpha() or place == 0 or not data[place - 1 : place].isalpha():
        return True
    return data[place : place + 1].isupper() and (
        data[place - 1 : place].islower() or data[place + 1 : place + 2].islower()
    )


def rows_at_word(rule: Labelled, data: bytes, place: int, end: int) -> Iterator[Row]:
    """Yield the row of the whole word ``data[place:end]``, if a value follows it."""
    match = rule.attempt(data, place if rule.with_word or rule.behind else end)
    if match and (evidence := rule.judge(match["v"])):
        yield ORDINAL[rule.kind], *match.span("v"), evidence
