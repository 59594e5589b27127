"""``shouxin purpose record``, ``inventory``, ``sharing``, ``assessment``: documents derived from the adopted cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.text import Text

from shouxin.cli.command import command
from shouxin.cli.consent import NoticeLanguage
from shouxin.cli.purpose import group
from shouxin.cli.showing import Shown, columns, good, heading, printable
from shouxin.cli.terminal import Terminal
from shouxin.errors import Misconfigured

if TYPE_CHECKING:
    from shouxin.documents.document import Block, Document
    from shouxin.operations.adopting.derive import DocumentKind

__all__ = ["assessment", "group", "inventory", "record", "sharing"]

Purpose = Annotated[str, typer.Argument(help="One purpose, by its code; else all.")]
In = Annotated[
    NoticeLanguage | None,
    typer.Option("--language", "--lang", help="The language of the document; else that of config.toml."),
]
Pdf = Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF (PDF/A-2a, PDF/UA-1).")]
Fonts = Annotated[
    list[Path] | None,
    typer.Option("--fonts", metavar="DIR", help="Look for glyphs in this folder too; several times."),
]
_STYLES: Final = {"error": "bold red", "warning": "yellow", "advice": "cyan", "good": "green"}


def _shown(
    terminal: Terminal,
    kind: DocumentKind,
    purpose: str,
    language: NoticeLanguage | None,
    pdf: Path | None,
    fonts: list[Path] | None,
) -> Shown:
    """Derive a document and show it, or write it as PDF and say so.

    Raises:
        Misconfigured: the file cannot be written, or no font has a glyph that the document needs.
    """
    import msgspec

    from shouxin.config import read_settings
    from shouxin.documents.laid_out import laid_out
    from shouxin.documents.typst_pdf import pdf as typeset
    from shouxin.operations.adopting.derive import derive
    from shouxin.operations.adopting.recipients import list_recipients

    workspace, token = terminal.workspace(), terminal.token()
    wanted: Literal["zh", "en"] = "zh" if (language or read_settings(terminal.home).language) == "zh" else "en"
    register = [one.recipient for one in list_recipients(workspace, token) if not one.ended]
    value = derive(workspace, token, kind, wanted, purpose, register)
    document = laid_out(value)
    data: dict[str, object] = {"document": msgspec.to_builtins(value)}
    if pdf is None:
        return Shown(data, list(_lines(document)))
    made = typeset(document, workspace.clock.now(), fonts or ())
    try:
        pdf.write_bytes(made)
    except OSError as error:
        raise Misconfigured(f"the document cannot be written ({error.strerror})") from None
    return Shown({"file": str(pdf), **data}, [good(f"{pdf}: {document.title}. {document.status}")])


def _lines(document: Document) -> Iterator[str | Text]:
    """Yield a document as lines."""
    yield heading(f"{document.title} · {printable(document.institution)}")
    yield document.status
    for block in document.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str | Text]:
    from shouxin.documents.document import Fields, Heading, Listing, Mark, OpenQuestion, Table

    if isinstance(block, Heading):
        yield ""
        yield heading(printable(f"{block.text}  {block.code}".rstrip()))
    elif isinstance(block, Fields):
        yield from columns(("", ""), block.pairs)[1:]
    elif isinstance(block, Table):
        yield from columns(block.heads, block.rows)
    elif isinstance(block, Listing):
        yield from (f"- {printable(text)}" for _, text in block.entries)
    elif isinstance(block, Mark):
        article = f" ({block.article})" if block.article else ""
        yield Text.assemble((block.severity, _STYLES[block.severity]), f": {printable(block.text)}{article}")
    elif isinstance(block, OpenQuestion):
        yield f"Q{block.number}  {printable(block.text)}"
    else:
        yield printable(block.text)


@command(group, "record", "shouxin purpose record --language en", "shouxin purpose record --pdf record.pdf")
def record(
    terminal: Terminal,
    purpose: Purpose = "",
    language: In = None,
    pdf: Pdf = None,
    fonts: Fonts = None,
) -> Shown:
    """Derive the record of processing activities (PIPL 55(1), 56(2)) from the adopted cards."""
    return _shown(terminal, "record", purpose, language, pdf, fonts)


@command(group, "inventory", "shouxin purpose inventory", "shouxin purpose inventory --pdf inventory.pdf")
def inventory(
    terminal: Terminal,
    purpose: Purpose = "",
    language: In = None,
    pdf: Pdf = None,
    fonts: Fonts = None,
) -> Shown:
    """Derive the inventory of personal information: every item with its grades, uses and retention."""
    return _shown(terminal, "inventory", purpose, language, pdf, fonts)


@command(group, "sharing", "shouxin purpose sharing --language en", "shouxin purpose sharing --pdf sharing.pdf")
def sharing(
    terminal: Terminal,
    purpose: Purpose = "",
    language: In = None,
    pdf: Pdf = None,
    fonts: Fonts = None,
) -> Shown:
    """Derive the sharing list: who receives which items, under which contract; with what is not in order."""
    return _shown(terminal, "sharing", purpose, language, pdf, fonts)


@command(group, "assessment", "shouxin purpose assessment credit.review --pdf assessment.pdf")
def assessment(
    terminal: Terminal,
    purpose: Purpose = "",
    language: In = None,
    pdf: Pdf = None,
    fonts: Fonts = None,
) -> Shown:
    """Draft the impact assessment (PIPL 55, 56; GB/T 39335): what is known is filled in, the rest is asked."""
    return _shown(terminal, "assessment", purpose, language, pdf, fonts)
