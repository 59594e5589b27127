"""An article as people cite it, from the short form that rules and certificates have."""

from __future__ import annotations

import re
from typing import Final

from shouxin.documents.words import Words
from shouxin.errors import NotFound
from shouxin.policy.lawpack import LawPack

__all__ = ["article_of"]

_CITE: Final = re.compile(r"(\S+) ([0-9]+)((?:\([0-9]+\))*)")


def article_of(words: Words, pack: LawPack, cite: str) -> str:
    """Return an article as people write it: 《反洗钱法》第34条第3款."""
    found = _CITE.fullmatch(cite)
    try:
        law = None if found is None else pack.instrument(found[1])
    except NotFound:
        law = None
    if found is None or law is None:
        return cite
    if words.language == "en":
        return f"{law.title_en.partition(',')[0]}, art. {found[2]}{found[3]}"
    units = ("款", "项", "目")
    below = "".join(f"第{number}{unit}" for number, unit in zip(re.findall("[0-9]+", found[3]), units, strict=False))
    return f"《{law.title}》第{found[2]}条{below}"
