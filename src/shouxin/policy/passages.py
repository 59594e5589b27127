"""Take an agreement apart: clauses with their numbers, sentences with their places, in Chinese and English.

Laws of this file. Every passage knows which characters of the given text it came from, whatever was normalised on the
way (full-width forms, wrapped lines, blanks between Chinese characters, zero-width characters, Markdown). The time is
linear in the text: no sentence is longer than ``MOST_LETTERS``, and no expression looks back further than that.

Called by: ``policy.agreement``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

__all__ = ["Passage", "passages"]

MOST_LETTERS: Final = 600  # in one passage; what is longer is cut at a comma

_CJK: Final = "\u3400-\u9fff\u3000-\u303f"
_NUMERAL: Final = "一二三四五六七八九十百零〇"
_HIDDEN: Final = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
_FORMS: Final = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, _HIDDEN), "\0")
    | {0x3000: " ", 0xA0: " ", ord("’"): "'", ord("‘"): "'", 0x2011: "-", 0x2010: "-"}
    | dict(zip(map(ord, "「」『』"), "“”“”", strict=True))
)
# What a line begins with -> how deep it stands; the first that fits counts.
_LABELS: Final = tuple(
    (rank, re.compile(rf"[\s>*_#\0]{{0,20}}({label})"))
    for rank, label in (
        (5, rf"第[{_NUMERAL}\d]{{1,6}}(?:章|编|部分)|(?:chapter|part|article|section) [\divx]{{1,6}}\b[.:]?"),
        (8, rf"第[{_NUMERAL}\d]{{1,6}}节"),
        (10, rf"第[{_NUMERAL}\d]{{1,6}}条"),
        (20, rf"[{_NUMERAL}]{{1,4}}[、.]"),
        (30, rf"\([{_NUMERAL}]{{1,4}}\)[、.]?"),
        (41, r"\d{1,3}(?:\.\d{1,3}){1,4}[.、)]?(?![\d%])"),
        (40, r"\d{1,3}(?:[、)]|\.(?!\d))"),
        (50, r"\(\d{1,3}\)"),
        (55, r"[①-⑳]"),
        (70, r"\([ivx]{1,5}\)"),
        (60, r"\([a-z]\)|[a-z]\)|[a-z]\.(?=\s)"),
        (80, r"[-*+•·●○■◆–—](?=\s)"),
    )
)
_BULLET: Final = 80
_HEADING: Final = re.compile(r"\s{0,3}(#{1,6})\s")
_CHINESE: Final = re.compile(f"[{_CJK}]")
_BLANK: Final = re.compile(r"\s")
_RULED: Final = re.compile(r"[-=_*|:\s\0]+$")
_DROPPED: Final = re.compile(r"[\s\0*`]+|\]\([^()\s]{0,200}\)|</?[a-z][^<>]{0,100}>|[\[\]]", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"[。!?;]+[\"”')]*|(?<!e\.g)(?<!i\.e)(?<! [Nn]o)(?<! Inc)(?<! Ltd)(?<! Co)\.[\"”')]*(?=\s[\"“(]?[A-Z(\d]|\s*$)"
)
_STOPPED: Final = re.compile(r"[。!?;:.,、][\"”')]*\s*$")
_SHORT: Final = 30  # columns; an unfinished line of at most this many, at the start of a block, is a heading


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence, or one part of it up to a semicolon, or one row of a table.

    ``text`` is normalised and in lower case; ``places[i]`` is where its i-th character stands in the given text.
    ``line`` counts from 1. ``clause`` is the path of numbers, as ``三、 (二)``; ``heading`` the nearest heading;
    ``lead`` what introduced it, up to a colon; ``block`` is the same for passages of one paragraph, item or row.
    """

    text: str
    places: array[int] = field(repr=False)
    line: int
    clause: str
    heading: str
    lead: str
    block: int
    chinese: bool
    titled: bool

    @property
    def start(self) -> int:
        """Where it begins in the given text."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Where it ends in the given text, exclusive."""
        return self.places[-1] + 1


@dataclass(slots=True)
class _Block:
    """Lines that belong together: where they begin and end, how deep they stand (0: a paragraph), their number."""

    start: int
    end: int
    line: int
    rank: int = 0
    label: str = ""
    level: int = 0  # of a Markdown heading
    row: bool = False
    short: bool = False


def _columns(text: str) -> int:
    return sum(1 if letter < "\u2e80" else 2 for letter in text[: 2 * _SHORT])


def _label(line: str) -> tuple[int, str]:
    for rank, label in _LABELS:
        if found := label.match(line.lower()[:80]):
            text = found[1].strip()
            return (rank + text.strip(".、)").count(".") if rank == 41 else rank), text
    return 0, ""


def _blocks(text: str) -> Iterator[_Block]:
    """Join wrapped lines; a heading, an item, a row and a blank line begin anew."""
    block: _Block | None = None
    place = 0
    for number, line in enumerate(text.split("\n"), 1):
        start, place = place, place + len(line) + 1
        bare = line.strip("\0 \t\r>")
        heading = _HEADING.match(line)
        row = bare.startswith("|")
        rank, label = (0, "") if row else _label(line)
        ruled = _RULED.match(line)
        begins = ruled or heading or row or rank or (block and (block.level or block.row or block.short))
        if block and begins:
            yield block
            block = None
        if ruled or not bare:
            continue
        if block:
            block.end = place - 1
            continue
        short = not row and not _STOPPED.search(bare[-8:]) and _columns(bare) <= _SHORT
        block = _Block(start, place - 1, number, rank, label, len(heading[1]) if heading else 0, row, short)
    if block:
        yield block


def _flat(text: str, block: _Block) -> tuple[str, array[int]]:
    """Return the text of a block on one line, and where each of its characters stands."""
    kept: list[str] = []
    places = array("l")
    at, last = block.start, ""
    for gap in (*_DROPPED.finditer(text, block.start, block.end), None):
        until = gap.start() if gap else block.end
        if until > at:
            kept.append(text[at:until])
            places.extend(range(at, until))
            last = text[until - 1]
        if gap is None or gap.end() == block.end:
            break
        at = gap.end()
        if not last or _CHINESE.match(last) or _CHINESE.match(text, at) or not _BLANK.search(gap[0]):
            continue
        kept.append(" ")
        places.append(gap.start())
    return "".join(kept), places


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(one.lower() if one.isascii() else one for one in text)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence begins and ends; one that is too long is cut."""
    cuts = [0, *(found.end() for found in _ENDS.finditer(text)), len(text)]
    for begin, end in pairwise(cuts):
        start = begin
        while end - start > MOST_LETTERS:
            cut = text.rfind(",", start + MOST_LETTERS // 2, start + MOST_LETTERS) + 1 or start + MOST_LETTERS
            yield start, cut
            start = cut
        if text[start:end].strip(" 。!?;.\"”'"):
            yield start, end


def _is_chinese(text: str) -> bool:
    if not _CHINESE.search(text):
        return False
    wide = sum("\u3400" <= letter <= "\u9fff" for letter in text[:400])
    return wide * 4 >= sum(letter.isascii() and letter.isalpha() for letter in text[:400])


@dataclass(slots=True)
class _Outline:
    """Where we are: numbers above, the nearest heading, and what the items below were introduced by."""

    path: list[tuple[int, str]] = field(default_factory=list)
    heading: str = ""
    lead: str = ""
    owner: int = 0
    items: int = 0

    def enter(self, block: _Block, text: str) -> None:
        """Take a block in before its sentences are read."""
        if block.level == 1 and not block.rank:  # the title of the document
            self.path = []
        elif block.level and not block.rank:
            self.path = [one for one in self.path if one[0] < 0 and -one[0] > 7 - block.level]
            self.path.append((block.level - 7, text[:40].strip("# ")))
        elif block.rank and block.rank != _BULLET:
            self.path = [one for one in self.path if one[0] < block.rank]
            self.path.append((block.rank, block.label))
        if block.level or (block.short and block.rank != _BULLET and not self.lead):
            self.heading, self.lead = text, ""
        elif not (block.rank > self.owner or block.row) or 0 < block.rank < self.items:
            self.lead = ""
        elif self.lead and block.rank:
            self.items = self.items or block.rank

    def leave(self, block: _Block, text: str) -> None:
        """Remember what a block introduces, after its sentences were read."""
        if text.endswith(":"):
            opened = text[max(text.rfind("。"), text.rfind(";")) + 1 :]
            self.lead, self.owner, self.items = opened[-MOST_LETTERS:], block.rank, 0


def passages(given: str) -> list[Passage]:
    """Return the passages of a text in their order."""
    text = given.translate(_FORMS).replace("\r", "\n" if "\n" not in given else " ")
    outline = _Outline()
    found: list[Passage] = []
    for number, block in enumerate(_blocks(text)):
        flat, places = _flat(text, block)
        low = _lower(flat)
        outline.enter(block, low)
        line, counted = block.line, block.start
        colon = ""
        for start, end in _sentences(flat):
            line += text.count("\n", counted, places[start])
            counted = places[start]
            clause = " ".join(label for _, label in outline.path)
            said = Passage(
                low[start:end],
                places[start:end],
                line,
                clause,
                outline.heading,
                colon or outline.lead,
                number,
                _is_chinese(flat[start:end]),
                bool(block.level),
            )
            found.append(said)
            at = said.text.rfind(":")
            colon = "" if said.text.endswith(("。", ".")) else said.text[: at + 1] if at >= 0 else colon
        outline.leave(block, low)
    return found
