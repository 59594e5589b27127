"""``shouxin access``: ask for a grant, decide about one, and open what it covers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from shouxin.cli.command import command, new_group
from shouxin.cli.showing import Shown, columns, good
from shouxin.cli.terminal import Terminal
from shouxin.domain.clock import write
from shouxin.domain.identifiers import AccountId, RequestId, SubjectId, parse, show

if TYPE_CHECKING:
    from shouxin.approvals.request import Request
    from shouxin.operations.opening.approve import Waiting
    from shouxin.operations.opening.permit import Wish

__all__ = ["approve", "deny", "group", "list_waiting", "request", "wish_of", "withdraw"]

group = new_group("Access: requests, the approvals that they need, and what a grant opens.")

People = Annotated[list[str], typer.Argument(metavar="SUBJECT", help="The people, as sub_…")]
Asked = Annotated[str, typer.Argument(metavar="REQUEST", help="The request, as req_…")]
Items = Annotated[list[str], typer.Option("--item", help="An item by its code; may be given several times.")]


def wish_of(purpose: str, items: Sequence[str], subjects: Sequence[str], form: str) -> Wish:
    """Return what somebody wants to use, from the words of the command line.

    Raises:
        Invalid: an identifier or item that does not exist.
    """
    from shouxin.domain.items import item
    from shouxin.operations.opening.permit import Wish
    from shouxin.policy.card import Form

    people = tuple(parse(SubjectId, one) for one in subjects)
    return Wish(purpose, frozenset(item(one).code for one in items), people, Form(form))


@command(
    group,
    "request",
    "shouxin access request sub_0123456789abcdef0123456789abcdef --purpose credit.review --item identity.id_number",
)
def request(
    terminal: Terminal,
    subjects: People,
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose, by its code.")],
    item: Items,
    form: Annotated[str, typer.Option("--form", help="The form: raw, masked, pseudonymous.")] = "raw",
) -> Shown:
    """Ask for a grant; the approval chain is the one that the purpose card says now."""
    from shouxin.operations.opening.approve import request_access

    wish = wish_of(purpose, item, subjects, form)
    made = show(RequestId, request_access(terminal.workspace(), terminal.token(), wish))
    data = {"request": made, "purpose": purpose, "form": form, "items": sorted(wish.items), "subjects": subjects}
    return Shown(data, [good(f"{made} waits for approval")])


def _told(waiting: Waiting) -> dict[str, object]:
    one = waiting.request
    return {
        "request": show(RequestId, waiting.request_id),
        "state": one.state.value,
        "asked": waiting.asked,
        "requester": show(AccountId, one.requester),
        "purpose": one.purpose,
        "version": one.version,
        "form": one.form,
        "items": list(one.items),
        "subjects": [show(SubjectId, subject) for subject in one.subjects],
        "opened": write(one.opened),
        "until": write(one.until),
        "ends": write(one.ends()),
        "agreements": len(one.agreements),
    }


@command(group, "list", "shouxin access list", "shouxin access list --all --json")
def list_waiting(
    terminal: Terminal,
    every: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
) -> Shown:
    """List requests that wait, oldest first, with the role that is asked now."""
    from shouxin.operations.opening.approve import list_requests

    found = list_requests(terminal.workspace(), terminal.token(), all_states=every)
    rows = [
        (
            show(RequestId, one.request_id),
            one.request.state.value,
            one.asked or "nobody now",
            one.request.purpose,
            one.request.form,
            ",".join(one.request.items),
            len(one.request.subjects),
            write(one.request.ends()),
        )
        for one in found
    ]
    heads = ("REQUEST", "STATE", "ASKED", "PURPOSE", "FORM", "ITEMS", "PEOPLE", "UNTIL")
    return Shown({"requests": [_told(one) for one in found]}, columns(heads, rows, "nothing waits"))


def _decided(identifier: str, request: Request) -> Shown:
    """Say where a request stands after a decision."""
    granted = request.state.value == "granted"
    data: dict[str, object] = {
        "request": identifier,
        "state": request.state.value,
        "agreements": len(request.agreements),
        "grant_minutes": request.grant_minutes if granted else None,
        "asked": request.levels[request.level].role if request.state.value == "open" else None,
    }
    more = f"; the grant runs for {request.grant_minutes} minutes" if granted else ""
    if data["asked"]:
        more = f"; now asked: {data['asked']}"
    return Shown(data, [good(f"{identifier} is {request.state.value}{more}")])


@command(group, "approve", "shouxin access approve req_0123456789abcdef0123456789abcdef --as zhou")
def approve(terminal: Terminal, request: Asked) -> Shown:
    """Agree to a request; the last agreement of its chain issues the grant."""
    from shouxin.operations.opening import approve as approving

    done = approving.approve(terminal.workspace(), terminal.token(), parse(RequestId, request))
    return _decided(request, done)


@command(group, "deny", "shouxin access deny req_0123456789abcdef0123456789abcdef --as zhou")
def deny(terminal: Terminal, request: Asked) -> Shown:
    """Deny a request."""
    from shouxin.operations.opening.approve import refuse_request

    return _decided(request, refuse_request(terminal.workspace(), terminal.token(), parse(RequestId, request)))


@command(group, "withdraw", "shouxin access withdraw req_0123456789abcdef0123456789abcdef")
def withdraw(terminal: Terminal, request: Asked) -> Shown:
    """Take one's own request back, and with it the grant that came of it."""
    from shouxin.operations.opening.approve import withdraw_request

    return _decided(request, withdraw_request(terminal.workspace(), terminal.token(), parse(RequestId, request)))
