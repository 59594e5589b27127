"""``shouxin object``: sealed videos, images and documents; ``redact`` writes one with everybody in it masked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import ObjectId, parse
from shouxin.errors import Invalid

__all__ = ["group", "redact"]

group = new_group("Objects: sealed videos, images, documents and recordings.")
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@command(
    group,
    "redact",
    "shouxin object redact obj_0123456789abcdef0123456789abcdef --purpose interview.video --to talk-masked.mkv",
)
def redact(
    terminal: Terminal,
    object_id: Annotated[str, typer.Argument(metavar="OBJECT", help="The object, as obj_…")],
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A new file for the rendition.")],
) -> Shown:
    """Write a video, picture, PDF or recording without faces, text and speech: a masked disclosure, read back."""
    from shouxin.bootstrap import media_renderer
    from shouxin.operations.opening.redact import redact_object

    workspace, token, name = terminal.workspace(), terminal.token(), parse(ObjectId, object_id)
    if to.exists():
        raise Invalid("there is a file of this name already", "to")
    with redact_object(workspace, token, purpose, name, media_renderer()) as done:
        try:
            with os.fdopen(os.open(to, _NEW, 0o600), "wb") as file:
                for part in done.rendition.parts:
                    file.write(part)
        except OSError as error:
            raise Invalid(f"cannot be written ({error.strerror})", "to") from None
        facts = done.rendition.facts
    told = f"masked faces in {facts.faces} samples and text in {facts.texts}"
    heard = f", {facts.muted:g} of {facts.seconds:g} s muted" if facts.seconds else ""
    where = f", on {counted(facts.pages, 'page')}" if facts.pages else ""
    data = {
        "leaf": done.leaf,
        "object": object_id,
        "purpose": purpose,
        "format": facts.suffix.removeprefix("."),
        "faces": facts.faces,
        "texts": facts.texts,
        "muted_seconds": facts.muted,
        "seconds": facts.seconds,
        "pages": facts.pages,
    }
    return Shown(data, [good(f"{told}{where}{heard}; read back: nothing is seen or heard"), f"  leaf {done.leaf}"])
