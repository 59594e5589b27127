"""``shouxin consent paper`` and ``signed``: consent by signing the notice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from shouxin.cli.asking import read_bytes, write_bytes
from shouxin.cli.command import command
from shouxin.cli.consent import Age, By, Question, group
from shouxin.cli.showing import Shown, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import ConsentId, SubjectId, parse

__all__ = ["paper", "signed"]


@command(group, "paper", "shouxin consent paper con_0123456789abcdef0123456789abcdef --pdf notice.pdf")
def paper(
    terminal: Terminal,
    consent: Question,
    pdf: Annotated[Path, typer.Option("--pdf", help="Write the notice, as it was served, to this file.")],
) -> Shown:
    """Write a served notice as a PDF for the person to sign; the exact text is attached inside."""
    from shouxin.bootstrap import paper_notice
    from shouxin.operations.consenting.sign_notice import paper_of

    workspace = terminal.workspace()
    found = paper_of(workspace, terminal.token(), parse(ConsentId, consent))
    document = paper_notice(found.notice.text, found.title, found.notice.language, found.asked.notified)
    write_bytes(pdf, document)
    data = {"consent": consent, "pdf": str(pdf), "notice": found.asked.notice.hex()}
    return Shown(data, [good(f"the notice is in {pdf}; once it is signed: shouxin consent signed {consent} FILE")])


@command(
    group,
    "signed",
    "shouxin consent signed con_0123456789abcdef0123456789abcdef signed.pdf --trust roots.pem",
)
def signed(
    terminal: Terminal,
    consent: Question,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The signed PDF (PAdES).")],
    trust: Annotated[Path, typer.Option("--trust", help="The certificates that you trust, as PEM.")],
    age: Age = None,
    guardian: By = "",
) -> Shown:
    """Record a yes that was given by signing the notice; exit code 1 and every reason if it proves nothing."""
    from shouxin.bootstrap import paper_notice, signed_notices
    from shouxin.operations.consenting.sign_notice import answer_signed, paper_of

    question = parse(ConsentId, consent)
    found = paper_of(terminal.workspace(), terminal.token(), question)
    sent = paper_notice(found.notice.text, found.title, found.notice.language, found.asked.notified)
    done = answer_signed(
        terminal.workspace(),
        terminal.token(),
        question,
        read_bytes(file),
        signed_notices(read_bytes(trust), sent),
        age=age,
        guardian=parse(SubjectId, guardian) if guardian else None,
    )
    data = {"consent": consent, "purpose": done.purpose, "seal": done.seal.hex(), "stands": done.stands}
    return Shown(data, [good(f"recorded: agreed by signature for {done.purpose}")])
