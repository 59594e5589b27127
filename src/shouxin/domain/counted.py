"""How many of what, in English: 1 record, 2 records, 1,000 people are. For lines that people read."""

from __future__ import annotations

from typing import Final

__all__ = ["counted"]

_PLURALS: Final = {"person": "people", "witness": "witnesses"}
_ONE: Final = {"are": "is", "were": "was", "have": "has"}


def counted(many: int, noun: str, verb: str = "") -> str:
    """Return ``many`` (0 or more) with ``noun`` and ``verb`` (as it stands behind several), each in its number.

    ``noun`` may have words before it and, behind `` of ``, after it; only its own changes. Empty: the count alone.
    """
    head, of, tail = noun.partition(" of ")
    words = head.split(" ")
    if many != 1 and words[-1]:
        words[-1] = _plural(words[-1])
    said = f"{many:,} {' '.join(words)}{of}{tail}".rstrip()
    if not verb:
        return said
    first, space, rest = verb.partition(" ")
    return f"{said} {(_ONE.get(first, f'{first}s') if many == 1 else first)}{space}{rest}"


def _plural(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}s"
