"""The approver's inbox: what waits for a decision, and what else is open and concerns whoever looks."""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response

from shouxin.approvals.order import Order
from shouxin.approvals.request import Request
from shouxin.domain.identifiers import OrderId, RequestId, show
from shouxin.operations.deletion.decide import OrderInBox
from shouxin.operations.inbox import Inbox, inbox_of, waits_for
from shouxin.operations.opening.approve import Waiting
from shouxin.web.front import Front, Visit
from shouxin.web.wording import PageWording

__all__ = ["home", "inbox"]


def home(_front: Front, _visit: Visit) -> Response:
    """Lead to the inbox."""
    return RedirectResponse("/inbox", 303)


def _row(words: PageWording, box: Inbox, one: Waiting | OrderInBox) -> dict[str, Any]:
    """Return one line of the list."""
    wish: Request | Order
    if isinstance(one, Waiting):
        wish, link = one.request, f"/requests/{show(RequestId, one.request_id)}"
        about = words.purpose(wish.purpose)
        what = words.say("inbox", "access", form=words.say("form", wish.form))
        people, state = len(wish.subjects), words.say("request_state", wish.state)
    else:
        order, link = one.order, f"/orders/{show(OrderId, one.order_id)}"
        wish, what, about = order, words.say("inbox", "deletion"), words.say("ground", order.ground)
        people, state = order.people, words.say("order_state", order.state)
    return {
        "link": link,
        "what": what,
        "about": about,
        "people": people,
        "by": box.names.get(wish.requester, "—"),
        "own": wish.requester == box.actor.account,
        "state": state,
        "asked": words.say("role", one.asked) if one.asked else "",
        "until": words.moment(wish.until),
        "opened": wish.opened,
    }


def inbox(front: Front, visit: Visit) -> Response:
    """Show what waits, oldest first; then the rest."""
    box = inbox_of(front.workspace, visit.token)
    words = front.wording(visit)
    every: list[Waiting | OrderInBox] = [*box.requests, *box.orders]
    found = sorted(every, key=_opened)
    mine = [_row(words, box, one) for one in found if waits_for(box.actor, one)]
    rest = [_row(words, box, one) for one in found if not waits_for(box.actor, one)]
    desk = not box.actor.roles.isdisjoint({"rights_desk", "dpo"})
    return front.page(visit, "inbox.html", mine=mine, rest=rest, desk=desk)


def _opened(one: Waiting | OrderInBox) -> int:
    return one.request.opened if isinstance(one, Waiting) else one.order.opened
