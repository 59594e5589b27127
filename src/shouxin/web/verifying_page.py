"""Verify in my browser: one page whose script may reach nobody, and the program for whoever trusts neither.

The page is the lender's, so it convinces only whoever trusts the script that came with it; it says so, and hands out
the stand-alone program, which can be had elsewhere. It needs no sign-in and no session.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from starlette.responses import Response

from shouxin.bootstrap import verifier_script
from shouxin.documents.words import sayings
from shouxin.domain.items import taxonomy
from shouxin.web.front import Front, Visit
from shouxin.web.guard import POLICY_OF_VERIFYING
from shouxin.web.wording import page_words

__all__ = ["SCRIPTS", "verifier_file", "verifying"]

SCRIPTS = ("certificate.js", "verify.js")
_STATIC = Path(__file__).parent / "static"


def verifying(front: Front, visit: Visit) -> Response:
    """Show the page; what its script says stands in it, in the language of the page."""
    words = front.wording(visit)
    said = {code: words.say("verdict", code) for code in page_words()["verdict"]}
    said |= {f"day.{code}": words.say("day_set_by", code) for code in sayings()["day_set_by"]}
    said |= {f"item.{code}": words.item(code) for code in taxonomy().items}
    scripts = [(name, sha256((_STATIC / name).read_bytes()).hexdigest()) for name in SCRIPTS]
    response = front.page(visit, "verify.html", said=said, scripts=scripts)
    response.headers["Content-Security-Policy"] = POLICY_OF_VERIFYING
    return response


def verifier_file(_front: Front, _visit: Visit) -> Response:
    """Hand out the stand-alone verifier."""
    headers = {"Content-Disposition": 'attachment; filename="verify_certificate.py"'}
    return Response(verifier_script(), media_type="text/x-python; charset=utf-8", headers=headers)
