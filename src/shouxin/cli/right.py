"""``shouxin right``: take in what people ask about their own data, identify who asks, see what is owed and by when."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from shouxin.cli.asking import ask_value, called, read_bytes, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.right_next import next_command
from shouxin.cli.showing import Shown, columns, good, nobody
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import CellId, OperationId, RightId, SubjectId, parse, show
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.rights.kinds import OF_ANYBODY, Capacity, RightKind
from shouxin.rights.means import SHOWING

if TYPE_CHECKING:
    from shouxin.operations.rights.handle import Owed
    from shouxin.operations.rights.receive import Received
    from shouxin.policy.deadline import Deadline
    from shouxin.rights.request import RightRequest

__all__ = [
    "find",
    "group",
    "identify",
    "list_all",
    "pass_up",
    "read_pieces",
    "receive",
    "show_one",
    "start",
    "withdraw",
]

group = new_group("Rights: what people ask about their own data, and what they are answered.")

_ONE: Final = "rgt_0123456789abcdef0123456789abcdef"
Asked = Annotated[str, typer.Argument(metavar="RIGHT", help="What was asked, as rgt_…")]
About = Annotated[
    list[str] | None,
    typer.Option("--about", metavar="CODE", help="An item or purpose (to delete: a purpose) by its code; several."),
]
StatementFile = Annotated[
    Path | None, typer.Option("--statement-file", help="What they wrote, in a file ('-': standard input).")
]
EvidenceFile = Annotated[
    list[Path] | None, typer.Option("--evidence", metavar="FILE", help="A file that they handed in; several times.")
]
Channel = Annotated[str, typer.Option("--channel", help="How it came: branch, phone, letter, portal.")]


_BY: Final = f"By what, several times: {', '.join(SHOWING)}; or what lets them ask for another."


class _Sure(StrEnum):
    """How sure one is of who asks."""

    NONE = "none"
    SAID = "said"
    MATCHED = "matched"
    PROVEN = "proven"


def read_pieces(statement: Path | None, evidence: Sequence[Path] | None) -> list[tuple[str, Plaintext]]:
    """Return what somebody wrote and handed in, read from files."""
    written = [] if statement is None else [("rights.statement", Plaintext.of(read_file(statement).rstrip("\r\n")))]
    handed = [("rights.evidence", Plaintext(read_bytes(one, most=1 << 24))) for one in evidence or ()]
    return [*written, *handed]


def clock_of(one: Deadline) -> dict[str, object]:
    """Return one clock as programs read it."""
    return {
        "rule": one.rule.id,
        "articles": list(one.articles),
        "started": write(one.started),
        "due": None if one.due is None else write(one.due),
        "state": one.state.value,
        "urgency": one.rule.urgency,
        "decides": one.decides,
        "unknown": one.unknown,
    }


def told(right: RightId, request: RightRequest) -> dict[str, object]:
    """Return a request as programs read it, without anything that somebody wrote."""
    said = request.answer
    return {
        "right": show(RightId, right),
        "kind": request.kind.value,
        "state": request.state.value,
        "subject": show(SubjectId, request.subject),
        "filer": show(SubjectId, request.filer),
        "capacity": request.capacity.value,
        "channel": request.channel,
        "received": write(request.received),
        "about": list(request.about),
        "desk": request.desk,
        "joined": request.joined,
        "identity": None
        if request.check is None
        else {
            "assurance": request.check.assurance.name.lower(),
            "means": list(request.check.means),
            "evidence": request.check.evidence.hex(),
        },
        "evidence": [
            {"cell": show(CellId, one.cell), "item": one.item, "sealed": one.sealed.hex(), "at": write(one.at)}
            for one in request.evidence
        ],
        "work": None if request.work is None else show(OperationId, request.work),
        "packages": list(request.packages),
        "answer": None
        if said is None
        else {
            "at": write(said.at),
            "reasons": [{"rule": rule, "article": article} for rule, article in said.reasons],
            "done": list(said.done),
            "left": list(said.left),
            "late": list(said.late),
        },
    }


def stands(right: RightId, request: RightRequest) -> Shown:
    """Show where a request stands after a step."""
    name = show(RightId, right)
    return Shown(told(right, request), [good(f"{name} is {request.state.value}"), *_next(name, request)])


def _next(name: str, request: RightRequest) -> list[str | Text]:
    coming = next_command(name, request)
    return [f"Next: {coming}"] if coming else []


def received_of(found: Received) -> Shown:
    """Show what was taken in, and whether it joined what was asked before."""
    joined = ", joined to what was asked before" if found.is_joined else ""
    data = {**told(found.right, found.request), "is_joined": found.is_joined}
    name = show(RightId, found.right)
    return Shown(data, [good(f"{name} is {found.request.state.value}{joined}"), *_next(name, found.request)])


def _rows(found: Sequence[Owed]) -> list[str | Text]:
    rows = []
    for one in found:
        due = next((write(clock.due) for clock in one.deadlines if clock.due is not None), "in time 及时")
        late = f"MISSED {','.join(one.missed)}" if one.missed else ""
        rows.append((show(RightId, one.right), one.request.kind.value, one.request.state.value, due, late))
    return columns(("RIGHT", "WHAT", "STATE", "DUE", ""), rows, "nothing is owed to anybody")


@command(group, "find", "shouxin right find --item identity.id_number --item contact.mobile")
def find(
    terminal: Terminal,
    item: Annotated[list[str] | None, typer.Option("--item", help="Which identifier, by its code; several.")] = None,
) -> Shown:
    """Find a person by any of their identifiers, also as somebody's contact; each value is asked for in turn.

    Each look-up is recorded; exit code 1 if nobody is found. The number says how many of the identifiers lead to that
    record.
    """
    from shouxin.domain.items import item as known
    from shouxin.operations.rights.receive import find_person

    codes = [known(one).code for one in item or ["identity.id_number"]]
    values = {code: Plaintext.of(ask_value(None, code)) for code in codes}
    found = find_person(terminal.workspace(), terminal.token(), values)
    rows = [(show(SubjectId, one), count) for one, count in found.items()]
    if not rows:
        return nobody("subjects")
    data = {"subjects": [{"subject": one, "matched": count} for one, count in rows]}
    return Shown(data, columns(("SUBJECT", "IDENTIFIERS"), rows))


@command(
    group,
    "receive",
    "shouxin right receive access --subject sub_0123456789abcdef0123456789abcdef --statement-file letter.txt",
    "shouxin right receive object-credit --subject sub_0123456789abcdef0123456789abcdef --about credit.history",
)
def receive(
    terminal: Terminal,
    kind: Annotated[RightKind, typer.Argument(metavar="KIND", help="What is asked; see docs/rights.md.")],
    subject: Annotated[str, typer.Option("--subject", help="Whose data it is about, as sub_…")],
    about: About = None,
    statement_file: StatementFile = None,
    evidence: EvidenceFile = None,
    channel: Channel = "branch",
    capacity: Annotated[Capacity, typer.Option("--as-a", help="For whom they ask.")] = Capacity.SELF,
) -> Shown:
    """Take in what a person asks about their own data. What they wrote is sealed and hashed; clocks start."""
    from shouxin.operations.rights.receive import RightFiling
    from shouxin.operations.rights.receive import receive as take_in

    if kind in OF_ANYBODY:
        raise typer.BadParameter("complaints and reports: shouxin complaint file", param_hint="KIND")
    return received_of(
        take_in(
            terminal.workspace(),
            terminal.token(),
            RightFiling(
                kind,
                parse(SubjectId, subject),
                channel,
                typed(read_pieces(statement_file, evidence)),
                tuple(about or ()),
                capacity,
            ),
        )
    )


def typed(pieces: list[tuple[str, Plaintext]]) -> list[tuple[ItemCode, Plaintext]]:
    """Return pieces with their items as the taxonomy names them."""
    return [(ItemCode(item), value) for item, value in pieces]


@command(
    group,
    "identify",
    f"shouxin right identify {_ONE} --assurance proven --by id-document --evidence copy.jpg",
    f"shouxin right identify {_ONE} --assurance proven --by id-document --by death --by kinship "
    "--by own-lawful-interest --by no-other-arrangement --evidence papers.pdf",
)
def identify(
    terminal: Terminal,
    right: Asked,
    assurance: Annotated[_Sure, typer.Option("--assurance", help="How sure you are of who asks.")],
    by: Annotated[list[str] | None, typer.Option("--by", metavar="CODE", help=_BY)] = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="FILE", help="What showed it: sealed, and hashed."),
    ] = None,
) -> Shown:
    """Record how sure you are of who asks, and by what. Each kind needs as much as a wrong answer could harm."""
    from shouxin.domain.paper import check_paper, paper_digest
    from shouxin.operations.rights.handle import identify_filer
    from shouxin.operations.rights.receive import as_pieces, hand_in
    from shouxin.rights.kinds import Assurance

    workspace, token, named = terminal.workspace(), terminal.token(), parse(RightId, right)
    level, digest = Assurance[assurance.name], b""
    if evidence is not None:
        content = read_bytes(evidence, most=1 << 24)
        digest = paper_digest(content)
        check_paper(digest, called(evidence))
        hand_in(workspace, token, named, as_pieces(None, [Plaintext(content)]))
    return stands(named, identify_filer(workspace, token, named, level, by or (), digest))


@command(group, "start", f"shouxin right start {_ONE}")
def start(terminal: Terminal, right: Asked) -> Shown:
    """Take a request on: you handle it from now on."""
    from shouxin.operations.rights.handle import take_on

    named = parse(RightId, right)
    return stands(named, take_on(terminal.workspace(), terminal.token(), named))


@command(group, "list", "shouxin right list", "shouxin right list --all --json")
def list_all(
    terminal: Terminal,
    every: Annotated[bool, typer.Option("--all", help="What was answered as well.")] = False,
) -> Shown:
    """List what is owed to people, by what hurries most; what has run out stands first. Exit code 1 if anything has."""
    from shouxin.operations.rights.handle import list_rights

    found = list_rights(terminal.workspace(), terminal.token(), all_states=every)
    data = [
        {**told(one.right, one.request), "clocks": [clock_of(clock) for clock in one.deadlines], "missed": one.missed}
        for one in found
    ]
    return Shown({"rights": data}, _rows(found), exit_code=int(any(one.missed for one in found)))


@command(group, "show", f"shouxin right show {_ONE}")
def show_one(terminal: Terminal, right: Asked) -> Shown:
    """Show one request: where it stands, its clocks, who was identified by what, and what it was answered."""
    from shouxin.operations.rights.handle import get_right

    one = get_right(terminal.workspace(), terminal.token(), parse(RightId, right))
    data = {
        **told(one.right, one.request),
        "clocks": [clock_of(clock) for clock in one.deadlines],
        "missed": one.missed,
    }
    rows = [
        (
            clock.rule.id,
            ", ".join(clock.articles),
            "decides" if clock.decides else "advises",
            clock.state.value,
            write(clock.due) if clock.due is not None else clock.unknown or clock.rule.urgency.replace("_", " "),
        )
        for clock in one.deadlines
    ]
    said = one.request.answer
    lines: list[str | Text] = [
        good(f"{right} {one.request.kind.value} is {one.request.state.value}; received {write(one.request.received)}"),
        *columns(("CLOCK", "ARTICLE", "WEIGHT", "STATE", "DUE"), rows, "no clock"),
    ]
    if said is not None:
        reasons = "; ".join(f"{rule} ({article})" for rule, article in said.reasons)
        lines += [f"  done {', '.join(said.done) or '-'}; left {', '.join(said.left) or '-'}; because {reasons or '-'}"]
        lines += [f"  late by {', '.join(said.late)}"] if said.late else []
    return Shown(data, lines)


@command(group, "withdraw", f"shouxin right withdraw {_ONE}")
def withdraw(terminal: Terminal, right: Asked) -> Shown:
    """Take a request back, as whoever made it wishes."""
    from shouxin.operations.rights.handle import withdraw_right

    named = parse(RightId, right)
    return stands(named, withdraw_right(terminal.workspace(), terminal.token(), named))


@command(group, "pass-up", "shouxin right pass-up")
def pass_up(terminal: Terminal) -> Shown:
    """Record every clock that ran out and pass its request to the next desk. Run it every day."""
    from shouxin.operations.rights.handle import pass_up_overdue

    found = pass_up_overdue(terminal.workspace(), terminal.token())
    data = [{**told(one.right, one.request), "missed": one.missed} for one in found]
    return Shown({"passed_up": data}, _rows(found) if found else ["no clock has run out since"])
