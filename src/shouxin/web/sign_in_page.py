"""Sign in, sign out, and the language: the only pages that need nobody signed in, beside the verifier."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shouxin.errors import NotSignedIn
from shouxin.operations.staff import accounts
from shouxin.web.front import LANGUAGE_COOKIE, Entrance, Front, Visit
from shouxin.web.sessions import Session

__all__ = ["leave", "local", "sign_in", "sign_in_form", "speak"]

_HOURS = 8


def local(path: str, otherwise: str = "/inbox") -> str:
    """Return ``path`` if it leads to a page of this server, and nowhere else."""
    printable = path.isascii() and path.isprintable() and "\\" not in path
    return path if printable and path.startswith("/") and not path.startswith("//") else otherwise


def sign_in_form(front: Front, visit: Visit) -> Response:
    """Ask for name and passphrase."""
    return front.page(visit, "sign_in.html", to=local(visit.query.get("to", "/inbox")), wrong=False)


def sign_in(front: Front, visit: Visit) -> Response:
    """Sign in with the account's own lock-out; the browser gets another cookie."""
    to = local(visit.form.get("to", ""))
    name = visit.form.get("name", "").strip()
    try:
        token, until = accounts.sign_in(front.workspace, name, visit.form.get("passphrase", ""), _HOURS)
    except NotSignedIn:
        return front.page(visit, "sign_in.html", 401, to=to, wrong=True)
    front.sessions.close(visit.cookie)
    return Entrance(to, front.sessions.open(Session(until, token=token, name=name)))


def leave(front: Front, visit: Visit) -> Response:
    """End the sign-in, not only its cookie; whoever looks at their own page just leaves."""
    front.sessions.close(visit.cookie)
    staff = visit.session is not None and visit.session.token is not None
    if staff:
        accounts.sign_out(front.workspace, visit.token)
    return Entrance("/sign-in" if staff else "/verify")


def speak(request: Request) -> Response:
    """Remember the language that was chosen and go back."""
    response = RedirectResponse(local(request.query_params.get("to", "/inbox")), 303)
    language = request.path_params["language"]
    if language in {"zh", "en"}:
        Front.put_cookie(response, request, LANGUAGE_COOKIE, language)
    return response
