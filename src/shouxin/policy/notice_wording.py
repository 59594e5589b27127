"""The words of notices, by language, and how an article is written for people.

The words are data (``notice.toml``). Only they are templates: what a card, a lender or a recipient says is filled in as
it stands and never formatted again. A line of a notice is one line: whatever is filled in loses its line breaks, so
that nobody's name can pretend to be a section.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from shouxin.errors import Invalid
from shouxin.policy.lawpack import LawPack
from shouxin.policy.statutes import to_han

__all__ = ["LANGUAGES", "Wording", "one_line", "wording"]

LANGUAGES: Final = ("zh", "en")
_ARTICLE: Final = re.compile(r"(\d+)(?:\((\d+)\))?(?:\((\d+)\))?")


def one_line(text: str) -> str:
    """Return ``text`` on one line, in Unicode's normal form C."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


@cache
def _files() -> Mapping[str, Mapping[str, str | list[str]]]:
    text = (files("shouxin.policy") / "notice.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, dict[str, str | list[str]]])


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language, and the rules that are cited with them."""

    language: str
    words: Mapping[str, str]
    rules: Mapping[str, tuple[str, ...]]

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
        return "".join(f"第{to_han(int(n))}{rank}" for n, rank in zip(read.groups(), "条款项", strict=True) if n)

    def cited(self, keys: Iterable[str], pack: LawPack, on: date) -> str:
        """Return the line that cites the rules behind ``keys`` which are in force on ``on``; empty if none is.

        Each law is named once, each of its articles once.
        """
        laws: dict[str, dict[str, None]] = {}
        for name in (name for key in keys for name in self.rules.get(key, ())):
            rule = pack.by_id.get(name)
            if rule is not None and rule.in_force(on):
                laws.setdefault(rule.instrument, {})[self._number(rule.article) or rule.article] = None
        lines = []
        for short, numbers in laws.items():
            law = pack.instrument(short)
            title = law.title if self.language == "zh" else law.title_en
            lines.append(self.say("cited_law", title=title, articles=self.join(numbers)))
        return self.say("cited", laws=self.words["listed_term"].join(lines)) if lines else ""


@cache
def wording(language: str) -> Wording:
    """Return the words of ``language`` (``zh`` or ``en``).

    Raises:
        Invalid: another language.
    """
    if language not in LANGUAGES:
        raise Invalid("a notice is written in zh or en", "language")
    words = {key: text for key, text in _files()[language].items() if isinstance(text, str)}
    rules = {key: tuple(names) for key, names in _files()["rules"].items()}
    return Wording(language, words, rules)
