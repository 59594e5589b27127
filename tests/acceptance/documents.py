"""The documents of the repository, their blocks and marks."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from tests.house.tree import ROOT

DOCS: Final = ROOT / "docs"
FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SPAN: Final = re.compile(r"`([^`\n]+)`")
LINK: Final = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@cache
def documents() -> dict[str, str]:
    """Every document by its path from the root."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sorted(found)}


def fenced(text: str, *languages: str) -> list[str]:
    """The fenced blocks of ``text`` in one of ``languages``."""
    return [body for language, body in FENCE.findall(text) if language in languages]


def marked(name: str, mark: str) -> str:
    """The fenced block of a document that stands under the comment ``mark``."""
    found = re.search(rf"<!-- {mark} -->\n+```\w*\n(.*?)^```", documents()[name], re.DOTALL | re.MULTILINE)
    assert found, f"{name} has no block marked {mark}"
    return found[1]
