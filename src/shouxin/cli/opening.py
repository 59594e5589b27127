"""``shouxin access open``: use what a purpose allows, or what a grant covers. Values go to standard output only."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shouxin.cli.access import group, wish_of
from shouxin.cli.command import command
from shouxin.cli.showing import Shown, columns, say
from shouxin.cli.terminal import Terminal
from shouxin.domain.identifiers import ObjectId, RequestId, SubjectId, parse, show
from shouxin.domain.plaintext import Plaintext

if TYPE_CHECKING:
    from shouxin.domain.items import ItemCode
    from shouxin.operations.opening.disclose import Disclosed
    from shouxin.operations.opening.permit import Wish

__all__ = ["open_values", "shown_values"]


def _text(value: Plaintext | str) -> str:
    """Return a value as text; bytes that are no text are written in base64."""
    if isinstance(value, str):
        return value
    try:
        return value.text()
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value.reveal()).decode()


def _plain(values: Mapping[SubjectId, Mapping[ItemCode, Plaintext | str]]) -> dict[str, dict[str, str]]:
    return {
        show(SubjectId, subject): {code: _text(value) for code, value in sorted(of.items())}
        for subject, of in values.items()
    }


def shown_values(wish: Wish, disclosed: Disclosed) -> Shown:
    """Show what came through the door, and the leaf of the ledger that holds it."""
    values = _plain(disclosed.values)
    decision = disclosed.decision
    data: dict[str, Any] = {
        "leaf": disclosed.leaf,
        "purpose": wish.purpose,
        "version": decision.version,
        "form": wish.form,
        "reasons": [{"rule": reason.rule, "article": reason.article} for reason in decision.reasons],
        "obligations": list(decision.obligations),
        "values": values,
    }
    stated = [
        (show(SubjectId, by), show(SubjectId, about), {code: _text(value) for code, value in sorted(of.items())})
        for (by, about), of in disclosed.statements.items()
    ]
    disputed = {show(SubjectId, one): sorted(items) for one, items in disclosed.disputed.items()}
    data["disputed"] = disputed
    data["statements"] = [{"subject": by, "about": about, "values": of} for by, about, of in stated]
    rows = [
        (subject, f"{code} (disputed 存在异议)" if code in disputed.get(subject, ()) else code, value)
        for subject, of in values.items()
        for code, value in of.items()
    ]
    rows += [(f"{by} about {about}", code, value) for by, about, of in stated for code, value in of.items()]
    cited = ", ".join(dict.fromkeys(reason.article for reason in decision.reasons))
    quoted = f"permitted by {decision.purpose}, version {decision.version} ({cited}); entry {disclosed.leaf}"
    found = columns(("SUBJECT", "ITEM", wish.form.upper()), rows, "nothing is kept of these items")
    return Shown(data, [*found, quoted])


def _requested(terminal: Terminal, request: str) -> Wish:
    """Return exactly what a request asked for."""
    from shouxin.operations.opening.approve import get_request

    one = get_request(terminal.workspace(), terminal.token(), parse(RequestId, request)).request
    return wish_of(one.purpose, one.items, [show(SubjectId, subject) for subject in one.subjects], one.form)


def _open_object(terminal: Terminal, wish: Wish, name: str) -> Shown:
    """Write an object's bytes to standard output as they come through the door."""
    from shouxin.operations.opening.disclose_object import disclose_object

    if terminal.as_json or sys.stdout.isatty():
        raise typer.BadParameter("an object is written to standard output: send it to a file", param_hint="--object")
    leaf, chunks = disclose_object(terminal.workspace(), terminal.token(), wish, parse(ObjectId, name))
    for chunk in chunks:
        sys.stdout.buffer.write(chunk.reveal())
    sys.stdout.buffer.flush()
    say(f"recorded as leaf {leaf}", err=True)
    return Shown({"leaf": leaf})


@command(
    group,
    "open",
    "shouxin access open req_0123456789abcdef0123456789abcdef",
    "shouxin access open sub_0123456789abcdef0123456789abcdef --purpose credit.review --item identity.name",
)
def open_values(
    terminal: Terminal,
    targets: Annotated[
        list[str] | None, typer.Argument(metavar="TARGET", help="One request, as req_…, or people, as sub_…")
    ] = None,
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")] = "",
    item: Annotated[list[str] | None, typer.Option("--item", help="An item by its code; several times.")] = None,
    form: Annotated[str, typer.Option("--form", help="The form: masked, pseudonymous, raw.")] = "masked",
    subject: Annotated[list[str] | None, typer.Option("--subject", help="A person, as sub_…; several times.")] = None,
    object_id: Annotated[str, typer.Option("--object", help="Write this object, as obj_…, to standard output.")] = "",
) -> Shown:
    """Use items of people for a purpose. A request opens exactly what it asked for, raw only within its grant."""
    from shouxin.operations.opening.disclose import disclose

    named = [*(targets or ()), *(subject or ())]
    if len(named) == 1 and named[0].startswith("req_"):
        wish = _requested(terminal, named[0])
    else:
        if not item or not named:
            raise typer.BadParameter("whose, and which item?", param_hint="TARGET, --item")
        wish = wish_of(purpose, item, named, form)
    if object_id:
        return _open_object(terminal, wish, object_id)
    return shown_values(wish, disclose(terminal.workspace(), terminal.token(), wish))
