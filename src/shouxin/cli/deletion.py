"""``shouxin deletion``: draft an order, see what it would do, have it agreed, confirm it, carry it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from shouxin.cli.asking import ValueFile, ask_value, read_bytes, read_file
from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.counted import counted
from shouxin.domain.identifiers import OrderId, RightId, SubjectId, parse, show
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Invalid, OperatorError

if TYPE_CHECKING:
    from shouxin.approvals.order import Order, Preview

__all__ = ["OrderName", "draft", "group", "preview", "told"]

group = new_group("Deletion: an order from the wish to the read-back, and the pause of all deletion.")

OrderName = Annotated[str, typer.Argument(metavar="ORDER", help="The order, as ord_…")]


def _previewed(preview: Preview | None) -> dict[str, object] | None:
    if preview is None:
        return None
    return {
        "erased": dict(preview.erased),
        "retained": dict(preview.retained),
        "until": preview.until.isoformat() if preview.until else None,
        "others": preview.reach,
        "systems": list(preview.systems),
        "recipients": list(preview.recipients),
        "lines": [
            {
                "where": one.where,
                "what": one.what,
                "outcome": one.outcome,
                "count": one.count,
                "article": one.article,
                "until": None if one.until is None else one.until.isoformat(),
                "to_do": one.to_do,
            }
            for one in preview.lines
        ],
        "asked_about": preview.asked,
    }


def _lines(preview: Preview) -> list[str | Text]:
    """Return what an order would do, place by place, for people."""
    rows = [
        (
            one.outcome,
            one.where,
            one.what,
            one.count or "",
            one.article,
            "" if one.outcome != "retained" else one.until or "no date",
        )
        for one in preview.lines
    ]
    lines: list[str | Text] = [*columns(("WOULD BE", "WHERE", "WHAT", "COUNT", "ARTICLE", "UNTIL"), rows)]
    lines += [f"  {one.where} {one.what}: {one.to_do}" for one in preview.lines if one.to_do]
    for name in preview.systems:
        about = f"asked about {counted(preview.asked, 'person')}" if preview.asked else "not asked yet what it holds"
        lines.append(f"  database {name}: {about}")
    lines += [f"  recipient {one}: told, not reached" for one in preview.recipients]
    if preview.reach:
        lines.append(f"  statements or objects of {counted(preview.reach, 'other person')} concern these people")
    return lines


def told(order_id: OrderId, order: Order, asked: str | None = None) -> dict[str, object]:
    """Return what programs are told of an order."""
    return {
        "order": show(OrderId, order_id),
        "state": order.state.value,
        "ground": order.ground.value,
        "people": order.people,
        "purposes": list(order.purposes),
        "due_only": order.due,
        "bulk": order.bulk,
        "asked": asked,
        "filings": [
            {"authority": one.authority, "sha256": one.paper.hex(), "under": show(SubjectId, SubjectId(one.under))}
            for one in order.filings
        ],
        "cool_until": write(order.cool_until) if order.cool_until is not None else None,
        "preview": _previewed(order.preview),
        "left": sorted(order.left),
    }


@command(
    group,
    "draft",
    "shouxin deletion draft sub_0123456789abcdef0123456789abcdef --ground asked --proof in-person --evidence form.pdf",
    "shouxin deletion draft --from people.txt --ground purpose-met",
    "shouxin deletion draft --right rgt_0123456789abcdef0123456789abcdef",
)
def draft(
    terminal: Terminal,
    subjects: Annotated[list[str] | None, typer.Argument(metavar="SUBJECT", help="The people, as sub_…")] = None,
    listed: Annotated[
        Path | None, typer.Option("--from", help="A file with one sub_… a line; '-' is standard input.")
    ] = None,
    ground: Annotated[
        str, typer.Option("--ground", help="Why: asked, purpose-met, expired, withdrawn, unlawful.")
    ] = "asked",
    proof: Annotated[
        str | None,
        typer.Option("--proof", help="How it was seen who asks: in-person, video-call, signed-in, …"),
    ] = None,
    evidence: Annotated[
        Path | None, typer.Option("--evidence", help="What shows it: sealed, and named by its SHA-256.")
    ] = None,
    purpose: Annotated[list[str] | None, typer.Option("--purpose", help="Only this purpose; several times.")] = None,
    right: Annotated[
        str | None,
        typer.Option("--right", metavar="RIGHT", help="The request (rgt_…) that it answers."),
    ] = None,
) -> Shown:
    """Open an order to delete people's data, and work out what it would do; nothing is deleted yet."""
    from shouxin.approvals.order import Ground
    from shouxin.operations.deletion.draft import Proof, Wanted, draft_order

    if right is not None:
        from shouxin.operations.deletion.for_right import draft_for_right

        if subjects or listed or proof or purpose:
            raise Invalid("a request says whom and what: nothing else is given beside it", "--right")
        return _drafted(terminal, draft_for_right(terminal.workspace(), terminal.token(), parse(RightId, right)))
    lines = [*(subjects or ()), *(read_file(listed, most=1 << 26).split() if listed is not None else ())]
    try:
        why = Ground(ground)
    except ValueError:
        raise Invalid(f"a ground is one of {', '.join(one.value for one in Ground)}", "--ground") from None
    if (proof is None) is not (evidence is None):
        raise Invalid("a proof and its evidence come together", "--proof")
    shown = None if proof is None or evidence is None else Proof.of(proof, _paper(evidence))
    wanted = Wanted(tuple(parse(SubjectId, one) for one in lines), why, frozenset(purpose or ()))
    return _drafted(terminal, draft_order(terminal.workspace(), terminal.token(), wanted, shown))


def _drafted(terminal: Terminal, order_id: OrderId) -> Shown:
    """Show what a new order would do; where a database cannot be asked, the order stands all the same, and is named."""
    try:
        return preview_of(terminal, order_id)
    except OperatorError as error:
        from shouxin.operations.deletion.decide import show_order

        name, order = show(OrderId, order_id), show_order(terminal.workspace(), terminal.token(), order_id).order
        why = f"{name} is drafted, but what it would do could not be worked out: {error.detail}"
        return Shown(
            {**told(order_id, order), "error": error.code, "detail": error.detail},
            [why, f"Next: mend that, then shouxin deletion preview {name}"],
            1,
        )


def _paper(path: Path) -> Plaintext:
    """Return the content of a paper."""
    return Plaintext(read_bytes(path, most=1 << 24))


def preview_of(terminal: Terminal, order_id: OrderId) -> Shown:
    """Work out what an order would do and show it."""
    from shouxin.bootstrap import open_database
    from shouxin.operations.deletion.decide import show_order
    from shouxin.operations.deletion.draft import preview_order

    workspace, token = terminal.workspace(), terminal.token()
    seen = preview_order(workspace, token, order_id, open_database)
    order = show_order(workspace, token, order_id).order
    name = show(OrderId, order_id)
    lines = [good(f"{name}: {counted(order.people, 'person')}, ground {order.ground.value}"), *_lines(seen)]
    paper = (
        " (a filing must be attached first: shouxin deletion file)" if order.filing_due and not order.filings else ""
    )
    return Shown(told(order_id, order), [*lines, f"Next: shouxin deletion submit {name}{paper}"])


@command(group, "preview", "shouxin deletion preview ord_0123456789abcdef0123456789abcdef")
def preview(terminal: Terminal, order: OrderName) -> Shown:
    """Work out again what an order would do, before anybody is asked to agree."""
    return preview_of(terminal, parse(OrderId, order))


@command(
    group, "file", "shouxin deletion file ord_0123456789abcdef0123456789abcdef --authority court --paper leave.pdf"
)
def file(
    terminal: Terminal,
    order: OrderName,
    authority: Annotated[str, typer.Option("--authority", help="With whom it was filed, or who approved it.")],
    paper: Annotated[Path, typer.Option("--paper", help="The paper: sealed, and named by its SHA-256.")],
) -> Shown:
    """Attach the paper of a filing with an authority, or of its approval."""
    from shouxin.operations.deletion.decide import file_paper

    order_id = parse(OrderId, order)
    done = file_paper(terminal.workspace(), terminal.token(), order_id, authority, _paper(paper))
    return Shown(told(order_id, done), [good(f"{order} has {len(done.filings)} papers attached")])


@command(group, "list", "shouxin deletion list", "shouxin deletion list --all --json")
def list_open(
    terminal: Terminal, every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False
) -> Shown:
    """List orders that concern you, oldest first, with the role that is asked now."""
    from shouxin.operations.deletion.decide import list_orders

    found = list_orders(terminal.workspace(), terminal.token(), ended=every)
    rows = [
        (
            show(OrderId, one.order_id),
            one.order.state.value,
            one.asked or "nobody now",
            one.order.people,
            one.order.ground.value,
            write(one.order.cool_until) if one.order.cool_until is not None else "",
        )
        for one in found
    ]
    heads = ("ORDER", "STATE", "ASKED", "PEOPLE", "GROUND", "NOT BEFORE")
    data = {"orders": [told(one.order_id, one.order, one.asked) for one in found]}
    return Shown(data, columns(heads, rows, "no order is open"))


@command(group, "show", "shouxin deletion show ord_0123456789abcdef0123456789abcdef --as zhao")
def show_one(terminal: Terminal, order: OrderName) -> Shown:
    """Show one order: what it would do or did, who is asked, and a sample of whom it is about."""
    from shouxin.operations.deletion.decide import show_order
    from shouxin.operations.deletion.progress import progress_of

    workspace, token, order_id = terminal.workspace(), terminal.token(), parse(OrderId, order)
    boxed = show_order(workspace, token, order_id)
    done = progress_of(workspace, token, order_id)
    sample = [show(SubjectId, one) for one in boxed.sample]
    data = told(order_id, boxed.order, boxed.asked) | {"sample": sample, "progress": done.told()}
    lines: list[str | Text] = [
        good(
            f"{order} is {boxed.order.state.value}: {counted(boxed.order.people, 'person')}, {boxed.order.ground.value}"
        )
    ]
    if boxed.asked:
        lines.append(f"  now asked: {boxed.asked}")
    if boxed.order.preview is not None:
        lines += _lines(boxed.order.preview)
    lines += [f"  {name}: {count}" for name, count in done.told().items() if isinstance(count, int) and count]
    lines += ["  among them:", *(f"    {one}" for one in sample)]
    return Shown(data, lines)


@command(group, "readmit", "shouxin deletion readmit --item identity.id_number --value-file - < number.txt")
def readmit(
    terminal: Terminal,
    item: Annotated[str, typer.Option("--item", help="By which they are known: identity.id_number, contact.mobile.")],
    value_file: ValueFile = None,
) -> Shown:
    """Let somebody in again who was erased and now comes back by themselves."""
    from shouxin.domain.items import item as known
    from shouxin.domain.plaintext import Plaintext
    from shouxin.operations.erasing import suppression

    value = Plaintext.of(ask_value(value_file, f"Their {item}"))
    suppression.readmit(terminal.workspace(), terminal.token(), known(item).code, value)
    return Shown({"item": item, "readmitted": True}, [good("whoever has this number may be collected again")])
