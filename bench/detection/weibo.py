"""Weibo NER, read where it lies: micro-blogs with named people and places, labelled by hand; for measuring only.

The annotations are CC BY-SA 3.0 (the corpus golden-horse), the texts are their writers': neither is shipped, and no
shipped model learns from them. Set ``SHOUXIN_WEIBO_NER`` to the folder of ``weiboNER.conll.{dev,test}``; without it the
folder ``shared/data`` beside the checkout is tried.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["Labelled", "folder", "posts"]

Labelled = tuple[str, set[tuple[int, int]], set[tuple[int, int]]]

_PEOPLE, _PLACES = {"PER.NAM"}, {"GPE.NAM", "LOC.NAM"}


def folder() -> Path | None:
    """Return where the corpus lies, if it does."""
    named = os.environ.get("SHOUXIN_WEIBO_NER")
    root = Path(__file__).resolve().parents[2]
    for path in [Path(named)] if named else [root.parent / "shared" / "data", root.parents[1] / "shared" / "data"]:
        if (path / "weiboNER.conll.test").is_file():
            return path
    return None


def posts(part: str) -> list[Labelled]:
    """Return every post with the spans of its named people (PER.NAM) and places (GPE.NAM, LOC.NAM).

    Nominal mentions (``.NOM``: my brother, the company) are no names and do not count, for anybody.
    """
    where = folder()
    if where is None:
        return []
    made: list[Labelled] = []
    text = ""
    spans: list[tuple[int, int, str]] = []
    lines = (where / f"weiboNER.conll.{part}").read_text("utf-8", errors="replace").split("\n")
    for line in [*lines, ""]:
        character, _, tag = line.rstrip("\r").partition("\t")
        if not tag:
            if text:
                made.append((text, _of(spans, _PEOPLE), _of(spans, _PLACES)))
            text, spans = "", []
            continue
        if tag[0] == "B":
            spans.append((len(text), len(text) + 1, tag[2:]))
        elif tag[0] == "I" and spans and spans[-1][1:] == (len(text), tag[2:]):
            spans[-1] = (spans[-1][0], len(text) + 1, tag[2:])
        text += character[0]  # a digit follows: the place of the character in its word
    return made


def _of(spans: list[tuple[int, int, str]], kinds: set[str]) -> set[tuple[int, int]]:
    return {(start, end) for start, end, kind in spans if kind in kinds}
