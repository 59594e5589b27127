"""``shouxin complaint``: complaints and reports of a leak, by anybody, with what they hand in sealed on receipt."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from shouxin.cli.asking import ask_value
from shouxin.cli.command import command, new_group
from shouxin.cli.right import Asked, Channel, EvidenceFile, StatementFile, read_pieces, received_of, stands, typed
from shouxin.cli.right_answer import Because, Done, ReplyFile, said_of
from shouxin.cli.showing import Shown
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import RightId, SubjectId, parse
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.rights.kinds import Capacity, RightKind

__all__ = ["answer", "file_one", "group", "hand_in_more", "refuse"]

group = new_group("Complaints, and reports of a leak: from anybody, also from whom nothing is kept.")

_ONE: Final = "rgt_0123456789abcdef0123456789abcdef"


@command(
    group,
    "file",
    "shouxin complaint file --statement-file letter.txt --evidence recording.mp3 --complex",
    "shouxin complaint file --leak --statement-file report.txt --reply-to",
)
def file_one(
    terminal: Terminal,
    statement_file: StatementFile = None,
    evidence: EvidenceFile = None,
    leak: Annotated[bool, typer.Option("--leak", help="A report of a leak, not a complaint.")] = False,
    is_complex: Annotated[
        bool, typer.Option("--complex", help="A complex matter: the longer term of the rules.")
    ] = False,
    subject: Annotated[str, typer.Option("--subject", help="Who complains, if they are known here, as sub_…")] = "",
    reply_to: Annotated[bool, typer.Option("--reply-to", help="Ask for a mobile number to answer to.")] = False,
    channel: Channel = "branch",
) -> Shown:
    """Take in a complaint or a report of a leak. Evidence is sealed and hashed as it is received; clocks start."""
    from shouxin.operations.rights.receive import RightFiling, receive

    pieces = typed(read_pieces(statement_file, evidence))
    if reply_to:
        pieces.append((ItemCode("contact.mobile"), Plaintext.of(ask_value(None, "contact.mobile"))))
    kind = RightKind.REPORT_LEAK if leak else RightKind.COMPLAIN
    whose = parse(SubjectId, subject) if subject else None
    capacity = Capacity.SELF if subject else Capacity.ANYBODY
    filing = RightFiling(kind, whose, channel, pieces, (), capacity, is_complex)
    return received_of(receive(terminal.workspace(), terminal.token(), filing))


@command(group, "hand-in", f"shouxin complaint hand-in {_ONE} --evidence recording.mp3")
def hand_in_more(
    terminal: Terminal, right: Asked, statement_file: StatementFile = None, evidence: EvidenceFile = None
) -> Shown:
    """Add what somebody hands in later: sealed and hashed as it is received. Also for requests of other kinds."""
    from shouxin.operations.rights.receive import hand_in

    named = parse(RightId, right)
    pieces = typed(read_pieces(statement_file, evidence))
    return stands(named, hand_in(terminal.workspace(), terminal.token(), named, pieces))


@command(group, "answer", f"shouxin complaint answer {_ONE} --done refunded --reply-file letter.txt")
def answer(terminal: Terminal, right: Asked, done: Done = None, reply_file: ReplyFile = None) -> Shown:
    """Answer a complaint or report that was taken on ('shouxin right start'); the written answer is sealed."""
    from shouxin.operations.rights.answer import fulfil

    named = parse(RightId, right)
    said = said_of(done, None, None, reply_file)
    return stands(named, fulfil(terminal.workspace(), terminal.token(), named, said))


@command(group, "refuse", f"shouxin complaint refuse {_ONE} --because CN-PIPL-50-1-REASONS --reply-file letter.txt")
def refuse(terminal: Terminal, right: Asked, because: Because = None, reply_file: ReplyFile = None) -> Shown:
    """Refuse a complaint or report, with at least one reason and its article."""
    from shouxin.operations.rights.answer import refuse as refuse_one

    named = parse(RightId, right)
    said = said_of(None, None, because, reply_file)
    return stands(named, refuse_one(terminal.workspace(), terminal.token(), named, said))
