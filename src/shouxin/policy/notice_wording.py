"""The words of notices, by language, and how an article is written for people.

The words are data: ``notice.toml`` has those of any law, ``packs/<region>/notice`` those of one, with its sections,
its rights and the rules behind them. Only they are templates: what a card, a lender or a recipient says is filled in as
it stands and never formatted again. A line of a notice is one line: whatever is filled in loses its line breaks, so
that nobody's name can pretend to be a section.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from shouxin.errors import Invalid
from shouxin.policy.lawpack import LawPack
from shouxin.policy.rule import Rule
from shouxin.policy.statutes import to_han

__all__ = ["LANGUAGES", "Wording", "notice_law", "one_line", "wording"]

LANGUAGES: Final = ("zh", "en")
_FIRST: Final = "cn"
_ARTICLE: Final = re.compile(r"(\d+)(?:\((\d+)\))?(?:\((\d+|[a-z])\))?")


def one_line(text: str) -> str:
    """Return ``text`` on one line, in Unicode's normal form C."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


class _Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one law adds: its sections in order, its own places, its rights with articles, rules, and words."""

    sections: tuple[str, ...]
    home: tuple[str, ...]
    rights: dict[str, str]
    rules: dict[str, tuple[str, ...]]
    zh: dict[str, str]
    en: dict[str, str]


@cache
def _common() -> Mapping[str, Mapping[str, str]]:
    text = (files("shouxin.policy") / "notice.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, dict[str, str]])


@cache
def _law(region: str) -> _Law:
    text = (files("shouxin.policy") / "packs" / region / "notice" / "notice.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), _Law)


def notice_law(pack: LawPack) -> str:
    """Return the region by whose law notices are written under ``pack``.

    Where Chinese law holds for anybody it is that one: its articles were read, and nobody's residence is asked.
    """
    return _FIRST if _FIRST in pack.regions else pack.region


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language under one law: its sections, its rights, its own places, and the rules it cites."""

    language: str
    words: Mapping[str, str]
    rules: Mapping[str, tuple[str, ...]]
    sections: tuple[str, ...]
    rights: Mapping[str, str]
    home: frozenset[str]

    def abroad(self, places: Sequence[str]) -> list[str]:
        """Return those of ``places`` that lie outside the reach of this law."""
        return [place for place in places if place not in self.home]

    def has(self, key: str) -> bool:
        """Say whether there are words of this key."""
        return key in self.words

    def say(self, key: str, **values: object) -> str:
        """Return the words of ``key``, filled in, on one line."""
        return one_line(self.words[key].format_map({name: one_line(str(value)) for name, value in values.items()}))

    def join(self, parts: Iterable[str]) -> str:
        """Return ``parts`` as a list within a sentence."""
        return self.words["listed"].join(parts)

    def article(self, cites: str, pack: LawPack) -> str:
        """Return ``PIPL 13(1)(2)`` as people read it: 《个人信息保护法》第十三条第一款第二项.

        What does not read as instrument and article is returned as it stands.
        """
        short, _, number = cites.partition(" ")
        instrument, read = pack.instruments.get(short), self._number(number)
        if instrument is None or not read:
            return one_line(cites)
        return f"《{instrument.title}》{read}" if self.language == "zh" else f"{instrument.title_en}, article {read}"

    def _number(self, number: str) -> str:
        """Return an article's number as this language writes it, empty if it is none."""
        read = _ARTICLE.fullmatch(number)
        if read is None or self.language != "zh":
            return number if read else ""
        ranks = [(n, rank) for n, rank in zip(read.groups(), "条款项", strict=True) if n]
        return "".join(f"第{to_han(int(n)) if n.isdigit() else f'（{n}）'}{rank}" for n, rank in ranks)

    def behind(self, keys: Iterable[str], pack: LawPack, on: date) -> list[Rule]:
        """Return the rules behind ``keys`` which the pack has and which are in force on ``on``."""
        named = (pack.by_id.get(name) for key in keys for name in self.rules.get(key, ()))
        return [rule for rule in named if rule is not None and rule.in_force(on)]

    def cited(self, rules: Iterable[Rule], pack: LawPack) -> str:
        """Return the line that cites ``rules``; empty if there are none.

        Each law is named once, each of its articles once.
        """
        laws: dict[str, dict[str, None]] = {}
        for rule in rules:
            laws.setdefault(rule.instrument, {})[self._number(rule.article) or rule.article] = None
        lines = []
        for short, numbers in laws.items():
            law = pack.instrument(short)
            title = law.title if self.language == "zh" else law.title_en
            lines.append(self.say("cited_law", title=title, articles=self.join(numbers)))
        return self.say("cited", laws=self.words["listed_term"].join(lines)) if lines else ""


@cache
def wording(language: str, region: str) -> Wording:
    """Return the words of ``language`` (``zh`` or ``en``) under the law of ``region``.

    Raises:
        Invalid: another language.
    """
    if language not in LANGUAGES:
        raise Invalid("a notice is written in zh or en", "language")
    law = _law(region)
    words = {**_common()[language], **(law.zh if language == "zh" else law.en)}
    return Wording(language, words, law.rules, law.sections, law.rights, frozenset(law.home))
