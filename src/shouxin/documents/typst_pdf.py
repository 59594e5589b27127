"""A document as PDF: typeset by Typst, in memory, from the template ``pages.typ``.

Laws of this file. Text reaches Typst as JSON data and never as markup; what could not be seen (control characters,
marks of direction) is spelled out. The file is PDF/A-2a (archives) and PDF/UA-1 (readers for the blind) or there is
none: under both a character without a glyph is an error, so nobody receives a page of empty boxes. The same document,
time and fonts give the same bytes. Nothing is fetched: no package, no font of the machine.

Called by: the command line. **Source:** ISO 19005-2, ISO 14289-1; ``typst`` 0.15.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from shouxin.documents.document import Document, canonical
from shouxin.documents.words import Words, sayings
from shouxin.domain.clock import Instant
from shouxin.errors import Misconfigured

__all__ = ["FONT_PACKAGE", "cleaned", "packaged_fonts", "pdf", "typeset"]

FONT_PACKAGE: Final = "pylopdf-fonts-zh-cn"
_FONT_MODULE: Final = "pylopdf_fonts_zh_cn"
_STANDARDS: Final[list[Any]] = ["a-2a", "ua-1"]
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_NO_GLYPH: Final = re.compile(r'the text `"(?P<text>[^`]*)"` could not be displayed')
_ESCAPED: Final = re.compile(r"\\u\{([0-9a-f]{1,6})\}")  # how Typst quotes what its terminal could not show


def pdf(document: Document, made: Instant, fonts: Sequence[Path] = ()) -> bytes:
    """Return the document as PDF; ``made`` is its time of creation, to the second.

    ``fonts`` are folders with fonts that are searched after those of ``FONT_PACKAGE``.

    Raises:
        Misconfigured: no font has a glyph for some character; says which, and what to install.
    """
    return typeset(_project(document), made, fonts)


def typeset(project: dict[str, bytes], made: Instant, fonts: Sequence[Path] = ()) -> bytes:
    """Return what ``main.typ`` of the files ``project`` says as PDF; see ``pdf``.

    Raises:
        Misconfigured: no font has a glyph for some character; says which, and what to install.
    """
    folders = [str(folder) for folder in (*packaged_fonts(), *fonts)]
    found = typst.Fonts(include_system_fonts=False, font_paths=folders)
    try:
        made_pdf: bytes = typst.compile(
            project,  # type: ignore[call-overload]  # the stub lacks the dictionary of files
            format="pdf",
            font_paths=found,
            ignore_system_fonts=True,
            timestamp=made // 1000,
            pdf_standards=_STANDARDS,
        )
    except typst.TypstError as error:
        raise Misconfigured(_fault(error)) from None
    return made_pdf


def packaged_fonts() -> list[Path]:
    """Return the folder of the fonts that come as a package, or none where it is not installed."""
    found = find_spec(_FONT_MODULE)
    return [] if found is None or found.origin is None else [Path(found.origin).parent]


@cache
def _template() -> bytes:
    return (files("shouxin.documents") / "pages.typ").read_bytes()


def _visible(text: str) -> str:
    """Return text on one line, with every character that would not be seen written as an escape."""
    line = " ".join(text.split())
    return "".join(f"\\u{{{ord(one):x}}}" if unicodedata.category(one) in _UNSEEN else one for one in line)


def cleaned(value: object) -> object:
    """Return JSON data with every text in it made visible."""
    if isinstance(value, str):
        return _visible(value)
    if isinstance(value, list | tuple):
        return [cleaned(one) for one in value]
    if isinstance(value, dict):
        return {key: cleaned(one) for key, one in value.items()}
    return value


def _project(document: Document) -> dict[str, bytes]:
    """Return the files that Typst sees: the template and its data."""
    words = Words(document.language)
    said = {
        "open": words.say("note", "open"),
        "page": words.say("note", "page"),
        "severity": {code: words.say("severity", code) for code in sayings()["severity"]},
    }
    return {
        "main.typ": _template(),
        "document.json": canonical(cleaned(msgspec.to_builtins(document))),
        "words.json": canonical(said),
    }


def _fault(error: typst.TypstError) -> str:
    """Say what Typst refused; only code points of a text, never the text."""
    lacking = _NO_GLYPH.search(error.message)
    if lacking is None:
        return "the document could not be typeset"
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), lacking["text"])
    points = ", ".join(f"U+{ord(one):04X}" for one in dict.fromkeys(text))
    return f"no font has a glyph for {points}: install {FONT_PACKAGE}, or name a folder with a font that has it"
