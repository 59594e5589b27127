"""Characters that were escaped for a mark-up language, JSON or an address; and digits that are English words.

Laws. What is returned is a printable character or nothing: control characters and halves of characters stay escaped.
Expressions are in a dialect that both `re` and hyperscan read.

Called by: ``normalise``. **Source:** RFC 3986, 2.1; RFC 8259, 7; HTML, named character references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

__all__ = ["ENGLISH", "ENTITY", "ESCAPED", "decoded", "spelt_edits"]

_FIRST, _LAST, _NO_BREAK = 0x20, 0x7F, 0xA0
_SURROGATES = range(0xD800, 0xE000)
_ENTITIES: Final = {
    **dict.fromkeys(("nbsp", "ensp", "emsp"), b" "),
    **dict.fromkeys(("hyphen", "middot", "ndash", "mdash"), b"-"),
    "quot": b'"',
    "apos": b"'",
    "commat": b"@",
    "period": b".",
    "colon": b":",
}
ENTITY: Final = rf"(?:{'|'.join(_ENTITIES)}|#(?:[xX][2-7][0-9A-Fa-f]|[xX][aA]0|3[2-9]|[4-9][0-9]|1[0-2][0-9]|160))"
ESCAPED: Final = "(?:2[267]|3[Dd])"  # what parts a word from its value: quotes, '&' and '='
ENGLISH: Final = (
    "(?:"
    + "|".join(
        f"[{word[0].upper()}{word[0]}]{word[1:]}"
        for word in "zero oh one two three four five six seven eight nine".split()
    )
    + ")"
)
_FIGURES: Final = dict(
    zip(b"zero oh one two three four five six seven eight nine".split(), b"00123456789", strict=True)
)


@cache
def decoded(raw: bytes) -> bytes:
    """Return the character that a mark-up language, JSON or an address has escaped; empty if it is none that counts."""
    if raw[:1] == b"%":
        return bytes((int(raw[1:], 16),))
    if raw[:1] == b"\\":
        code = int(raw[2:].decode(), base=16)
        return b"" if code < _FIRST or code in _SURROGATES else chr(code).encode()
    name = raw[1:-1].decode()
    if name in _ENTITIES:
        return _ENTITIES[name]
    code = int(name.removeprefix("#").lower().removeprefix("x"), base=16) if name[1] in "xX" else int(name[1:])
    return b" " if code == _NO_BREAK else chr(code).encode() if _FIRST <= code < _LAST else b""


def spelt_edits(spelt: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield start, end and replacement for a number in English words, 'double' and 'triple' included; lower case."""
    done = 0
    for one in _english().finditer(spelt):
        times = {b"double": 2, b"triple": 3}.get(one["times"] or b"", 1)
        if one.start() > done:
            yield done, one.start(), b""
        yield one.start(), one.end(), bytes((_FIGURES[one["word"]],)) * times
        done = one.end()


@cache
def _english() -> re.Pattern[bytes]:
    return re.compile(f"(?:(?P<times>double|triple) )?(?P<word>{ENGLISH})".encode())
