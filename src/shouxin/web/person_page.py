"""The person's page: requests, openings, certificates; and how the desk lets a person in.

A person has no account here. The desk issues a pass; whoever enters its code first sees that one person's page until it
ends, and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from shouxin.actors.person_pass import PassCode
from shouxin.domain.identifiers import OperationId, SubjectId, parse, show
from shouxin.errors import Invalid, NotSignedIn, ShouxinError
from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.operations.person_page import (
    LONGEST_PASS,
    PersonSeen,
    enter_pass,
    issue_pass,
    person_certificate,
    person_seen,
)
from shouxin.web.front import Entrance, Front, Visit
from shouxin.web.sessions import Session
from shouxin.web.wording import PageWording

__all__ = [
    "certificate_file",
    "enter",
    "entrance",
    "pass_form",
    "pass_made",
    "person",
]


def entrance(front: Front, visit: Visit) -> Response:
    """Ask for the code, or, when it came with the link, for one click: a preview of the link must not use it up."""
    return front.page(visit, "enter.html", code=visit.query.get("code", ""))


def enter(front: Front, visit: Visit) -> Response:
    """Enter a pass; the browser gets another cookie."""
    code = PassCode(visit.form.get("code", "").strip())
    until = enter_pass(front.workspace, code)
    front.sessions.close(visit.cookie)
    return Entrance("/person", front.sessions.open(Session(until, code=code)))


def _code(visit: Visit) -> PassCode:
    if visit.session is None or visit.session.code is None:
        raise NotSignedIn("this page opens with a pass: the rights desk issues one")
    return visit.session.code


def _openings(words: PageWording, seen: PersonSeen) -> list[dict[str, Any]] | None:
    """Return the openings, newest first, as people read them."""
    if seen.openings is None:
        return None
    rows = []
    for one in reversed(seen.openings):
        facts = one.event.facts
        items = facts.get("items", facts.get("item", ""))
        form = facts.get("form")
        rows.append(
            {
                "at": words.moment(one.at),
                "purpose": words.purpose(facts["purpose"]),
                "role": words.say("role", str(facts["role"])),
                "form": words.say("form", str(form)) if form else words.say("certificate", "looked-up"),
                "items": words.items(items if isinstance(items, list) else [items]),
                "leaf": one.leaf,
            }
        )
    return rows


def _requests(words: PageWording, seen: PersonSeen) -> list[dict[str, Any]]:
    """Return what the person asked, each with the first day by which the law wants an answer, and with the answer."""
    rows = []
    for one, clocks in seen.requests:
        due = next((clock for clock in clocks if clock.decides and clock.due is not None), None)
        reasons = () if one.answer is None else one.answer.reasons
        rows.append(
            {
                "what": words.say("right_kind", one.kind.value),
                "received": words.moment(one.received),
                "state": words.say("right_state", one.state.value),
                "due": "" if due is None or not one.state.owed else words.moment(due.due),
                "article": "" if due is None else words.article(due.rule.cites),
                "reasons": [words.article(cite) for _, cite in reasons],
            }
        )
    return rows


def person(front: Front, visit: Visit) -> Response:
    """Show the page of the person whose pass was entered."""
    code = _code(visit)
    seen = person_seen(front.workspace, code)
    words = replace(front.wording(visit), purposes=seen.purposes)
    certificates = []
    for operation, erasure in seen.erasures:
        counts = Counter(part.outcome.value for part in erasure.listed())
        certificates.append(
            {
                "operation": show(OperationId, operation),
                "outcome": words.say("certificate", erasure.outcome),
                "live": words.moment(erasure.live),
                "sealed": None if erasure.sealed is None else words.moment(erasure.sealed),
                "erased": counts["erased"],
                "retained": counts["retained"],
            }
        )
    return front.page(
        visit,
        "person.html",
        subject=show(SubjectId, seen.subject),
        state=words.say("subject_state", seen.state),
        until=words.moment(seen.until),
        requests=_requests(words, seen),
        openings=_openings(words, seen),
        certificates=certificates,
    )


def certificate_file(front: Front, visit: Visit) -> Response:
    """Hand out one certificate of the person's, as the file that a verifier reads."""
    operation = parse(OperationId, visit.path["operation"])
    document = person_certificate(front.workspace, _code(visit), operation)
    name = f"certificate-{operation.hex()[:8]}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(certificate_bytes(document), media_type="application/json", headers=headers)


def pass_form(front: Front, visit: Visit) -> Response:
    """Ask the desk for whom a pass is."""
    visit.token  # noqa: B018 - signed in, or sent to sign in
    return front.page(visit, "pass.html", made=None, longest=LONGEST_PASS, told=None)


def pass_made(front: Front, visit: Visit) -> Response:
    """Issue a pass and show its code, once."""
    words = front.wording(visit)
    try:
        minutes = visit.form.get("minutes", "")
        if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 6):
            raise Invalid(f"a pass runs for 1 to {LONGEST_PASS} minutes", "minutes")
        subject = parse(SubjectId, visit.form.get("subject", "").strip())
        code, until = issue_pass(front.workspace, visit.token, subject, int(minutes))
    except NotSignedIn:
        raise
    except ShouxinError as error:
        return front.page(visit, "pass.html", 422, made=None, longest=LONGEST_PASS, told=words.refusal(error))
    made = {"code": code, "link": f"/person/enter?code={quote(code)}", "until": words.moment(until)}
    return front.page(visit, "pass.html", made=made, longest=LONGEST_PASS, told=None)
