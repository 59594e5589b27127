"""One request or one order: what it would do, and the decision, a button and a confirmation before anything happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.responses import RedirectResponse, Response

from shouxin.approvals.order import CITED, VAULT, PreviewLine
from shouxin.approvals.order_transitions import OrderState
from shouxin.approvals.transitions import RequestState
from shouxin.domain.identifiers import OrderId, RequestId, SubjectId, parse, show
from shouxin.errors import Invalid, NotFound, Refused
from shouxin.operations.deletion.decide import (
    OrderInBox,
    agree_order,
    confirm_order,
    refuse_order,
    show_order,
)
from shouxin.operations.deletion.sample import recognisable_sample
from shouxin.operations.inbox import names_of, waits_for, who_acts
from shouxin.operations.opening.approve import Waiting, approve, get_request, refuse_request
from shouxin.vault.erasure import Outcome
from shouxin.web.front import Front, Visit
from shouxin.web.wording import PageWording

__all__ = ["confirm", "decide_order", "decide_request", "order_page", "request_page"]

_SAMPLE: Final = 5
_DECISIONS: Final = ("agree", "refuse")


def _request(front: Front, visit: Visit) -> tuple[Waiting, dict[str, Any]]:
    """Return a request and what its page shows."""
    one = get_request(front.workspace, visit.token, parse(RequestId, visit.path["request"]))
    words, request = front.wording(visit), one.request
    names = names_of(front.workspace, visit.token, [request.requester])
    about = {
        "title": words.say("inbox", "access", form=words.say("form", request.form)),
        "state": words.say("request_state", request.state),
        "by": names.get(request.requester, "—"),
        "chain": words.chain(request.levels, request.level, request.agreements),
        "people": len(request.subjects),
        "sample": [show(SubjectId, subject) for subject in request.subjects[:_SAMPLE]],
        "purpose": words.purpose(request.purpose),
        "items": [words.item(code) for code in request.items],
        "form": words.say("form", request.form),
        "minutes": request.grant_minutes,
        "opened": words.moment(request.opened),
        "until": words.moment(request.until),
    }
    return one, about


def _order(front: Front, visit: Visit) -> tuple[OrderInBox, dict[str, Any]]:
    """Return an order and what its page shows: everything that it would do."""
    one = show_order(front.workspace, visit.token, parse(OrderId, visit.path["order"]))
    words, order = front.wording(visit), one.order
    names = names_of(front.workspace, visit.token, [order.requester])
    about = {
        "title": words.say("inbox", "deletion"),
        "state": words.say("order_state", order.state),
        "by": names.get(order.requester, "—"),
        "chain": words.chain(order.levels, order.level, order.agreements),
        "people": order.people,
        "sample": [show(SubjectId, subject) for subject in one.sample],
        "ground": words.say("ground", order.ground),
        "article": words.article(CITED[order.ground][1]),
        "limits": _limits(words, one),
        "identity": None if order.identity is None else words.say("proof", order.identity.proof),
        "filings": [(words.say("authority", filed.authority), filed.paper.hex()) for filed in order.filings],
        "bulk": order.bulk,
        "cool": _span(words, order.cool_minutes),
        "cool_until": None if order.cool_until is None else words.moment(order.cool_until),
        "opened": words.moment(order.opened),
        "until": words.moment(order.until),
        "preview": _preview(words, one),
    }
    return one, about


def _limits(words: PageWording, one: OrderInBox) -> str:
    """Return what the order is limited to; nothing where it is about everything."""
    named = [words.purpose(code) for code in one.order.purposes]
    return (
        words.words.joined([*named, *([words.say("order", "only-due")] if one.order.due else [])])
        if (named or one.order.due)
        else ""
    )


def _span(words: PageWording, minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return words.say(
        "order", "minutes" if rest or not hours else "hours", count=minutes if rest or not hours else hours
    )


def _preview(words: PageWording, one: OrderInBox) -> dict[str, Any] | None:
    seen = one.order.preview
    if seen is None:
        return None
    return {
        "at": words.moment(seen.at),
        "erased": [(words.item(code), count) for code, count in seen.erased.items()],
        "retained": [(words.article(cite), count) for cite, count in seen.retained.items()],
        "until": None if seen.until is None else seen.until.isoformat(),
        "reach": seen.reach,
        "systems": list(seen.systems),
        "recipients": list(seen.recipients),
        "asked": seen.asked,
        "lines": [_line(words, line) for line in seen.lines],
    }


def _line(words: PageWording, line: PreviewLine) -> dict[str, Any]:
    """Return one line: where, what, what becomes of it, by which article and, of what stays, until when."""
    here = line.where == VAULT
    stays = line.outcome == Outcome.RETAINED
    return {
        "where": words.say("order", "here") if here else line.where,
        "what": words.item(line.what) if here else line.what,
        "outcome": words.say("certificate_outcome", line.outcome),
        "count": line.count,
        "article": words.article(line.article),
        "until": (line.until.isoformat() if line.until else words.say("order", "no_date")) if stays else "",
        "to_do": line.to_do,
    }


def request_page(front: Front, visit: Visit) -> Response:
    """Show a request."""
    one, about = _request(front, visit)
    may = waits_for(who_acts(front.workspace, visit.token), one)
    own = one.request.requester == who_acts(front.workspace, visit.token).account
    decidable = one.request.state is RequestState.OPEN
    return front.page(visit, "request.html", about=about, may=may, own=own, decidable=decidable, confirming=False)


def order_page(front: Front, visit: Visit) -> Response:
    """Show an order."""
    one, about = _order(front, visit)
    actor = who_acts(front.workspace, visit.token)
    may = waits_for(actor, one)
    confirming = one.order.state is OrderState.CONFIRMING
    among, unseen = _among(front, visit, one) if confirming and may else ([], None)
    return front.page(
        visit,
        "order.html",
        about=about,
        may=may,
        own=one.order.requester == actor.account,
        decidable=one.order.state is OrderState.APPROVING,
        confirming=confirming,
        among=among,
        unseen=unseen,
    )


def _among(front: Front, visit: Visit, one: OrderInBox) -> tuple[list[tuple[str, list[str]]], dict[str, Any] | None]:
    """Return a few of the people as they are recognised, masked, or why they cannot be shown; a disclosure on record.

    Whoever cannot see whom an order deletes is given no form to confirm it with.
    """
    try:
        _, seen = recognisable_sample(front.workspace, visit.token, one.order_id)
    except (NotFound, Refused) as error:
        return [], front.wording(visit).refusal(error)
    return [(show(SubjectId, who), [told[item] for item in sorted(told)][::-1]) for who, told in seen.items()], None


def _decision(visit: Visit) -> str:
    if visit.path["decision"] not in _DECISIONS:
        raise NotFound("there is no such decision")
    return visit.path["decision"]


def decide_request(front: Front, visit: Visit) -> Response:
    """Ask whether it is meant; then, on the form's word, agree to a request or refuse it."""
    decision, (one, about) = _decision(visit), _request(front, visit)
    if not visit.form:
        return front.page(visit, "decide.html", about=about, decision=decision, kind="request")
    step: Callable[..., object] = approve if decision == "agree" else refuse_request
    step(front.workspace, visit.token, one.request_id)
    return _done(front, visit, f"request-{decision}")


def decide_order(front: Front, visit: Visit) -> Response:
    """Ask whether it is meant; then, on the form's word, agree to an order or refuse it."""
    decision, (one, about) = _decision(visit), _order(front, visit)
    if not visit.form:
        return front.page(visit, "decide.html", about=about, decision=decision, kind="order")
    step: Callable[..., object] = agree_order if decision == "agree" else refuse_order
    step(front.workspace, visit.token, one.order_id)
    return _done(front, visit, f"order-{decision}")


def confirm(front: Front, visit: Visit) -> Response:
    """Confirm a bulk order: the number of people typed, and a fresh code of one's telephone."""
    typed, code = visit.form.get("people", "").strip(), visit.form.get("code", "").strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid("the number of people that was typed is not the order's", "people")
    confirm_order(front.workspace, visit.token, parse(OrderId, visit.path["order"]), int(typed), code)
    return _done(front, visit, "order-confirm")


def _done(front: Front, visit: Visit, said: str) -> Response:
    front.sessions.say(visit.cookie, said)
    return RedirectResponse("/inbox", 303)
