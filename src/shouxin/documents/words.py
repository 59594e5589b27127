"""The words of derived documents, in the two languages that each is made in; they stand in ``words.toml``.

Laws of this file. A word that the file lacks is a fault of the build (a test looks for every code that can occur), but
never of a document: a code that nobody has translated is shown as it is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

__all__ = ["Language", "Sayings", "Words", "read_sayings", "sayings"]

Language = Literal["zh", "en"]
Sayings = dict[str, dict[str, dict[str, str]]]
"""Group -> code -> language -> text."""


def read_sayings(text: str) -> Sayings:
    """Read a file of words (TOML)."""
    return msgspec.convert(tomllib.loads(text), Sayings)


@cache
def sayings() -> Sayings:
    """Return everything that the file says; read once per process."""
    return read_sayings((files("shouxin.documents") / "words.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; ``more`` are groups that stand elsewhere than in the file of derived documents."""

    language: Language
    more: Mapping[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    def say(self, group: str, code: str, **about: object) -> str:
        """Return the text of ``code``; ``{name}`` in it becomes what ``about`` has under that name.

        Each name is replaced once, from left to right: braces inside what is put in stay as they are.
        """
        table = self.more[group] if group in self.more else sayings()[group]
        text = table.get(code, {}).get(self.language, code)
        parts = text.split("{")
        out = [parts[0]]
        for part in parts[1:]:
            name, closed, rest = part.partition("}")
            out.append(f"{about[name]}{rest}" if closed and name in about else "{" + part)
        return "".join(out)

    def title(self, zh: str, en: str) -> str:
        """Return whichever of two titles is in this language; the other one where it is empty."""
        first, second = (zh, en) if self.language == "zh" else (en, zh)
        return first.strip() or second.strip()

    def place(self, code: str) -> str:
        """Return what a location is called: codes of ISO 3166-1, the mainland by its name."""
        return self.say("place", code)

    def joined(self, parts: Iterable[str]) -> str:
        """Return parts as an enumeration of this language; a dash where there is none."""
        return ("、" if self.language == "zh" else ", ").join(parts) or "—"

    def aside(self, text: str, note: str) -> str:
        """Return ``text`` with ``note`` in brackets; without one where it is empty."""
        if not note:
            return text
        return f"{text}（{note}）" if self.language == "zh" else f"{text} ({note})"
