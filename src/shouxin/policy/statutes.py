"""Statute texts of a law pack: one article is one paragraph, read by its number.

Laws of this file. A text is data, never changed by the program. An article that is not held is ``NotFound``, never an
empty string, so that a quote test cannot pass by accident. A file that has an article twice or out of order is
``Invalid`` as a whole.

Called by: the quote tests, and whoever shows the wording behind a decision.
**Source:** ``packs/<region>/texts/README.md`` describes the layout.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from shouxin.errors import Invalid, NotFound
from shouxin.policy.lawpack import load_pack

__all__ = ["ANNEX", "Statute", "article_number", "from_han", "numbers_in", "split", "statute", "to_han"]

ANNEX: Final = "annex"
_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final[Mapping[str, int]] = {"千": 1000, "百": 100, "十": 10}
_SCALES: Final[Mapping[str, int]] = {"万": 10_000, "亿": 100_000_000}
_LARGEST: Final = 9999
_HEADING: Final = re.compile(r"^第([零一二三四五六七八九十百千]+)条 ")
_HELD: Final = re.compile(r"^(\d+)(\(\d+\)){0,2}$")
_ITEM: Final = re.compile(r"^（[一二三四五六七八九十]+）")
_AMOUNT: Final = re.compile(r"(\d+|[零一二两三四五六七八九十百千]+)([万亿]?)")


@dataclass(frozen=True, slots=True)
class Statute:
    """The articles of one instrument by number; ``annex`` is the text after the articles, empty where there is none."""

    instrument: str
    title: str
    articles: Mapping[int, str]
    annex: str

    def article(self, number: int | str) -> str:
        """Return the paragraph of article ``number``; ``"34(3)"`` returns the whole of article 34.

        Raises:
            Invalid: not an article number.
            NotFound: the text of this article is not held.
        """
        if number == ANNEX:
            if not self.annex:
                raise NotFound(f"{self.instrument} has no annex here")
            return self.annex
        wanted = number if isinstance(number, int) else article_number(number)
        if wanted not in self.articles:
            raise NotFound(f"{self.instrument} {wanted} is not held")
        return self.articles[wanted]

    def passage(self, article: str) -> str:
        """Return what ``article`` names: ``"34"`` the article, ``"34(3)"`` its third 款, ``"5(1)(3)"`` item 3 of 款 1.

        A 款 comes with its items. A line that begins with a bracketed Chinese numeral is an item 项, any other line
        begins a 款.

        Raises:
            Invalid: not an article number.
            NotFound: no such article, 款 or 项 here.
        """
        lines = self.article(article).split("\n")
        if article == ANNEX or "(" not in article:
            return "\n".join(lines)
        paragraphs: list[list[str]] = []
        for line in lines:
            if _ITEM.match(line) and paragraphs:
                paragraphs[-1].append(line)
            else:
                paragraphs.append([line])
        wanted = [int(number) for number in re.findall(r"\((\d+)\)", article)]
        if wanted[0] > len(paragraphs):
            raise NotFound(f"{self.instrument} {article} is not held")
        paragraph = paragraphs[wanted[0] - 1]
        if len(wanted) == 1:
            return "\n".join(paragraph)
        found = [line for line in paragraph[1:] if line.startswith(f"（{to_han(wanted[1])}）")]
        if not found:
            raise NotFound(f"{self.instrument} {article} is not held")
        return found[0]


def article_number(article: str) -> int:
    """Return the number in front of paragraph and item: ``"34(3)"`` is 34.

    Raises:
        Invalid: anything else, such as a range or a list.
    """
    match = _HELD.match(article)
    if match is None:
        raise Invalid("expected an article number such as 34, 34(3) or 5(1)(3)", "article")
    return int(match[1])


def to_han(number: int) -> str:
    """Write ``number`` (1 to 9999) as statutes number their articles: 10 is 十, 110 is 一百一十, 1029 is 一千零二十九.

    Raises:
        Invalid: out of range.
    """
    if not 1 <= number <= _LARGEST:
        raise Invalid(f"expected a number from 1 to {_LARGEST}", "number")
    written, gap = "", False
    for sign, value in (*_PLACES.items(), ("", 1)):
        digit = number // value % 10
        if digit:
            written += ("零" if gap else "") + _DIGITS[digit] + sign
        gap = bool(written) and not digit
    return written.removeprefix("一") if written.startswith("一十") else written


def from_han(written: str) -> int:
    """Read what ``to_han`` writes (and 两 for 二).

    Raises:
        Invalid: other characters, or a number that is not written in the usual way.
    """
    total, digit = 0, 0
    for sign in written.replace("两", "二"):
        if sign in _PLACES:
            total += (digit or 1) * _PLACES[sign]
            digit = 0
        elif sign in _DIGITS:
            digit = _DIGITS.index(sign)
        else:
            raise Invalid("expected a number in Chinese characters", "number")
    total += digit
    if not 1 <= total <= _LARGEST or to_han(total) != written.replace("两", "二"):
        raise Invalid("expected a number in Chinese characters, written in the usual way", "number")
    return total


def numbers_in(text: str) -> frozenset[int]:
    """Return every number that ``text`` names, in either script and with 万 and 亿: 五千万 and 5000万 are 50,000,000.

    百分之五 gives 5, 每年度 gives 1. Words that merely contain a numeral (一般) give numbers too: callers test
    membership only.
    """
    found: set[int] = set()
    for digits, scale in _AMOUNT.findall(text.replace("百分之", "%").replace("每年度", "一年度")):
        try:
            number = int(digits) if digits.isdecimal() else from_han(digits)
        except Invalid:
            continue
        found.add(number * _SCALES.get(scale, 1))
    return frozenset(found)


def split(instrument: str, text: str) -> Statute:
    """Split a text into its articles.

    Raises:
        Invalid: no title, no article, an article twice, or articles out of order.
    """
    body, _, annex = text.partition("\n## 附件")
    articles: dict[int, str] = {}
    last = 0
    for paragraph in body.split("\n\n"):
        match = _HEADING.match(paragraph)
        if match is None:
            continue
        number = from_han(match[1])
        if number <= last:
            raise Invalid(f"article {number} stands after article {last}", instrument)
        articles[number] = paragraph.strip("\n")
        last = number
    if not articles or not text.startswith("# "):
        raise Invalid("a statute text begins with a title and holds at least one article", instrument)
    return Statute(instrument, text.partition("\n")[0].removeprefix("# "), articles, annex.strip("\n"))


@cache
def statute(instrument: str, region: str = "cn") -> Statute:
    """Return the text of ``instrument``; read once per process.

    Raises:
        NotFound: unknown instrument, or its text is not held.
    """
    name = load_pack(region).instrument(instrument).text
    if not name:
        raise NotFound(f"the text of {instrument} is not held")
    path = files("shouxin.policy") / "packs" / region / "texts" / name
    return split(instrument, path.read_text(encoding="utf-8"))
