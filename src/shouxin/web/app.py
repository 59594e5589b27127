"""The application: which path leads to which page, behind the guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from shouxin.errors import NotFound
from shouxin.operations.workspace import Workspace
from shouxin.web import deciding_page, inbox_page, person_page, sign_in_page, verifying_page
from shouxin.web.front import Front, Handler, Visit
from shouxin.web.guard import Guard
from shouxin.web.sessions import Sessions

__all__ = ["make_app"]

_PAGES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/", inbox_page.home),
    ("GET", "/sign-in", sign_in_page.sign_in_form),
    ("POST", "/sign-in", sign_in_page.sign_in),
    ("POST", "/sign-out", sign_in_page.leave),
    ("GET", "/inbox", inbox_page.inbox),
    ("GET", "/requests/{request}", deciding_page.request_page),
    ("GET", "/requests/{request}/{decision}", deciding_page.decide_request),
    ("POST", "/requests/{request}/{decision}", deciding_page.decide_request),
    ("GET", "/orders/{order}", deciding_page.order_page),
    ("POST", "/orders/{order}/confirm", deciding_page.confirm),
    ("GET", "/orders/{order}/{decision}", deciding_page.decide_order),
    ("POST", "/orders/{order}/{decision}", deciding_page.decide_order),
    ("GET", "/pass", person_page.pass_form),
    ("POST", "/pass", person_page.pass_made),
    ("GET", "/person", person_page.person),
    ("GET", "/person/enter", person_page.entrance),
    ("POST", "/person/enter", person_page.enter),
    ("GET", "/person/certificates/{operation}", person_page.certificate_file),
    ("GET", "/verify", verifying_page.verifying),
    ("GET", "/verify/verify_certificate.py", verifying_page.verifier_file),
)


def _nothing(_front: Front, _visit: Visit) -> Response:
    raise NotFound("there is no such page")


def make_app(workspace: Workspace, hosts: Collection[str] = ()) -> Guard:
    """Return the application (ASGI) over a workspace; it answers for loopback and for ``hosts``, and for no other."""
    front = Front(workspace, Sessions(workspace.clock))

    def led_to(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await front.answer(request, handler)

        return endpoint

    routes = [Route(path, led_to(handler), methods=[method]) for method, path, handler in _PAGES]
    return Guard(
        Starlette(
            routes=[
                *routes,
                Route("/language/{language}", sign_in_page.speak, methods=["GET"]),
                Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")),
                Route("/{path:path}", led_to(_nothing)),
            ]
        ),
        hosts,
    )
