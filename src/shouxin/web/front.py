"""From a request of a browser to an operation and back: the visit, the form that is checked, the page, the refusal.

Laws of this file. Nothing is believed of a browser but its cookie, and that only as far as the server remembers it. A
form without its token does nothing. No message of an exception that Shouxin did not raise is shown or logged: it might
quote a value. A page never does more than one operation that changes something, and redirects after it.
"""

from __future__ import annotations

import hmac
import secrets
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from shouxin.actors.account import Token
from shouxin.documents.words import Language
from shouxin.errors import (
    ApproverError,
    IntegrityError,
    Invalid,
    NotFound,
    NotInThisState,
    NotSignedIn,
    Refused,
    ShouxinError,
)
from shouxin.operations.adopting.cards import list_cards
from shouxin.operations.workspace import Workspace
from shouxin.web.guard import is_loopback
from shouxin.web.sessions import Session, Sessions
from shouxin.web.wording import PageWording

__all__ = ["Entrance", "Front", "Handler", "Visit"]

COOKIE: Final = "shouxin"
LANGUAGE_COOKIE: Final = "shouxin-language"
_STATUS: Final[tuple[tuple[type[ShouxinError], int], ...]] = (
    (Refused, 403),
    (NotFound, 404),
    (Invalid, 422),
    (NotInThisState, 409),
    (ApproverError, 409),
    (NotSignedIn, 401),
    (IntegrityError, 500),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: where, with which form, in which language, and who it is as far as the server remembers."""

    url: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    language: Language
    cookie: str
    session: Session | None

    @property
    def token(self) -> Token:
        """The sign-in of whoever visits.

        Raises:
            NotSignedIn: nobody is.
        """
        if self.session is None or self.session.token is None:
            raise NotSignedIn
        return self.session.token


Handler = Callable[["Front", Visit], Response]


class Entrance(RedirectResponse):
    """A redirection that gives the browser another cookie: nobody keeps one from before signing in or out."""

    def __init__(self, url: str, cookie: str = "") -> None:
        super().__init__(url, 303)
        self.cookie = cookie or secrets.token_urlsafe(32)


@dataclass(slots=True)
class Front:
    """What every page needs."""

    workspace: Workspace
    sessions: Sessions
    templates: jinja2.Environment = field(
        default_factory=lambda: jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
    )

    def page(self, visit: Visit, template: str, status: int = 200, **about: Any) -> Response:  # noqa: ANN401 - a template's
        """Return a page."""
        session = visit.session
        text = self.templates.get_template(template).render(
            w=self.wording(visit),
            here=quote(visit.url, safe=""),
            here_path=visit.url.partition("?")[0],
            form_token=self.sessions.form_token(visit.cookie),
            session=session,
            institution=self.workspace.institution,
            handler=self.workspace.handler,
            **about,
        )
        return HTMLResponse(text, status)

    def wording(self, visit: Visit) -> PageWording:
        """Return the words of a visit; titles of purposes only for staff, who may list the cards."""
        titles = {}
        if visit.session is not None and visit.session.token is not None:
            try:
                cards = list_cards(self.workspace, visit.session.token)
            except NotSignedIn:
                cards = []
            titles = {str(one.purpose): (one.title_zh, one.title_en) for one in cards}
        return PageWording(visit.language, self.workspace.pack, titles)

    def refused(self, visit: Visit, error: ShouxinError, status: int = 0) -> Response:
        """Return the page that says why something was not done."""
        status = status or next((code for kind, code in _STATUS if isinstance(error, kind)), 503)
        told = self.wording(visit).refusal(error)
        return self.page(visit, "refused.html", status, told=told, stop=isinstance(error, IntegrityError))

    async def answer(self, request: Request, handler: Handler) -> Response:
        """Run a handler in a thread and return its page, or the one that says what went wrong."""
        body = await request.body()
        cookie = request.cookies.get(COOKIE, "")
        given, cookie = cookie, cookie or secrets.token_urlsafe(32)
        visit = Visit(
            request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            {name: str(value) for name, value in request.path_params.items()},
            dict(request.query_params),
            _form(body) if request.method == "POST" else {},
            _language(request),
            cookie,
            self.sessions.find(cookie) if given else None,
        )
        response = await run_in_threadpool(self._run, visit, handler, posted=request.method == "POST")
        fresh = response.cookie if isinstance(response, Entrance) else "" if given else cookie
        if fresh:
            self.put_cookie(response, request, COOKIE, fresh)
        return response

    def _run(self, visit: Visit, handler: Handler, *, posted: bool) -> Response:
        try:
            sent = visit.form.get("form_token", "").encode()
            if posted and not hmac.compare_digest(sent, self.sessions.form_token(visit.cookie).encode()):
                return self.refused(visit, Invalid("the form was not sent from a page that is still open here"), 403)
            return handler(self, visit)
        except NotSignedIn as error:
            if visit.url.startswith("/person"):
                return self.refused(visit, error)
            self.sessions.close(visit.cookie)
            return RedirectResponse(f"/sign-in?to={quote(visit.url, safe='')}" if not posted else "/sign-in", 303)
        except ShouxinError as error:
            return self.refused(visit, error)
        except Exception as fault:
            frame = traceback.extract_tb(fault.__traceback__)[-1]
            place = f"{type(fault).__name__} in {Path(frame.filename).name}:{frame.lineno}"
            print(f"shouxin serve: {place}", file=sys.stderr, flush=True)  # noqa: T201 - where, never what
            return PlainTextResponse("The program failed, and nothing more was done. 系统出错，没有完成。\n", 500)

    @staticmethod
    def put_cookie(response: Response, request: Request, name: str, value: str) -> None:
        """Set a cookie that no script reads and no other site sends."""
        secure = not is_loopback(request.url.hostname or "")
        response.set_cookie(name, value, path="/", secure=secure, httponly=True, samesite="strict")


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=32))
    except ValueError:
        return {}


def _language(request: Request) -> Language:
    """Return the language that was chosen, else the first of the browser's that there is, else Chinese."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    wanted = [chosen, *(one.strip()[:2].lower() for one in request.headers.get("accept-language", "").split(","))]
    return cast("Language", next((one for one in wanted if one in {"zh", "en"}), "zh"))
