"""A notice as a PDF to be signed: its words on the page, and the canonical text attached to it (Typst, PDF/A-3b).

The words go in as values and are never read as markup. The attachment is what a signature is later held against: its
bytes are those whose SHA-256 is the notice's digest. Equal input makes an equal document.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typst

from shouxin.domain.clock import Instant
from shouxin.errors import Misconfigured

__all__ = ["ATTACHMENT", "notice_pdf"]

ATTACHMENT: Final = "notice.txt"
_TEMPLATE: Final = f"""\
#let said = sys.inputs
#set document(title: said.title)
#set page(paper: "a4", margin: 2cm, numbering: "1 / 1")
#set text(lang: said.language, font: said.font, size: 10.5pt)
#set par(leading: 0.7em, spacing: 0.9em)
#pdf.attach("{ATTACHMENT}", bytes(said.text), mime-type: "text/plain", relationship: "data", description: said.title)
#for (number, line) in said.text.split("\\n").enumerate() {{
  if number == 0 {{ text(size: 14pt, weight: "bold", line) + parbreak() }} else if line == "" {{ v(0.4em) }} else {{
    text(line) + parbreak()
  }}
}}
"""


def notice_pdf(text: str, title: str, language: str, font: str, now: Instant, fonts: tuple[Path, ...] = ()) -> bytes:
    """Return ``text`` (a notice's, canonical) as a PDF that also holds it as an attachment.

    ``font`` is a family that has every character of the language; ``fonts`` are folders to look for it in, beside those
    of the system. A Chinese notice in a font without Chinese would show boxes, and nobody would be informed by it:
    which family is right is the operator's to say.

    Raises:
        Misconfigured: there is no font of that family, or no document can be made of the text.
    """
    known = typst.Fonts(font_paths=list(fonts))
    if font not in known.families():
        raise Misconfigured("there is no font of the family that notices are to be set in")
    inputs = {"text": text, "title": title, "language": language, "font": font}
    try:
        made = typst.Compiler(_TEMPLATE.encode(), font_paths=known, sys_inputs=inputs).compile(
            format="pdf", pdf_standards=["a-3b"], timestamp=now // 1000
        )
    except typst.TypstError:
        raise Misconfigured("a notice could not be set as a document") from None
    if not isinstance(made, bytes):
        raise Misconfigured("a notice could not be set as one document")
    return made
