"""A certificate of deletion on one page, for the person: plain words, and a code that leads to the log entry.

Laws of this file. The page says nothing that the certificate does not say, and says that it is a summary: what proves
is the file. Totals only; what does not fit is counted and left to the file. Nothing here is checked: whoever issues
has the certificate from the log.

Called by: the command line. **Source:** ``docs/certificates.md`` for the certificate; ISO/IEC 18004 for the code.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import segno

from shouxin.documents.citation import article_of
from shouxin.documents.document import canonical
from shouxin.documents.typst_pdf import cleaned, typeset
from shouxin.documents.words import Language, Words
from shouxin.domain.clock import CHINA, Instant
from shouxin.domain.items import taxonomy
from shouxin.ledger.checkpoint import parse_body
from shouxin.ledger.note import parse
from shouxin.policy.lawpack import load_pack
from shouxin.retention.hold import HELD
from shouxin.vault.certificate import digest_of
from shouxin.vault.erasure import NOT_IN_SCOPE

__all__ = ["certificate_pdf", "code_text", "page_of"]

_ITEMS: Final = 24
_ROWS: Final = 6
_WHY: Final = {NOT_IN_SCOPE: "not-asked", "depicted-with-another": "depicted"}
_DONE: Final = 2  # the outcome among the events


def code_text(document: Mapping[str, Any]) -> str:
    """Return what the square code says: the log's address, and behind ``#``, which nobody is sent, entry and head.

    The entry is that of the outcome. The root is in hexadecimal, the digest that of the certificate.
    """
    head = parse_body(parse(document["checkpoint"]).text)
    leaf = document["events"][_DONE]["leaf"]
    about = f"entry={leaf}&size={head.size}&root={head.root.hex()}&certificate={digest_of(dict(document))}"
    return f"https://{document['institution']['origin']}#{about}"


def _moment(words: Words, text: str | None) -> str:
    """Return a time where people live; what has not happened yet says so."""
    if text is None:
        return words.say("certificate", "not-yet")
    local = datetime.fromisoformat(text).astimezone(CHINA)
    return words.say("certificate", "zone", time=f"{local:%Y-%m-%d %H:%M}")


def _items(words: Words, codes: Iterable[str]) -> str:
    known = taxonomy().items
    titles = {str(code): words.title(one.title_zh, one.title_en) for code, one in known.items()}
    return words.joined(titles.get(code, code) for code in codes)


def _cut(words: Words, rows: Sequence[list[str]], most: int = _ROWS) -> list[list[str]]:
    """Return the first rows; the last one counts what is left out."""
    if len(rows) <= most:
        return list(rows)
    return [
        *rows[: most - 1],
        [words.say("certificate", "more", count=len(rows) - most + 1), *[""] * (len(rows[0]) - 1)],
    ]


def _kept(words: Words, parts: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Return what stays: information, article, until when; parts that stay alike stand in one row."""
    pack = load_pack("cn")
    rows: dict[tuple[str, str], dict[str, None]] = {}
    for part in parts:
        held = part["rule"].startswith(f"{HELD}.")
        why = words.say("certificate", "held" if held else _WHY.get(part["rule"], "no-date"))
        key = (article_of(words, pack, part["article"]), part["until"] or why)
        rows.setdefault(key, {}).update(dict.fromkeys(part["items"]))
    return _cut(words, [[_items(words, items), *key] for key, items in rows.items()])


def _opened(words: Words, rows: Iterable[dict[str, Any]], titles: Mapping[str, str]) -> list[list[str]]:
    """Return the openings by purpose, role and form, the most frequent first."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        event = json.loads(row["entry"])
        form = words.say("form", event["form"]) if "form" in event else words.say("certificate", "looked-up")
        counts[titles.get(event["purpose"], event["purpose"]), words.say("role", event["role"]), form] += 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return _cut(words, [[*one, str(count)] for one, count in ordered])


def _left(words: Words, rows: Iterable[dict[str, Any]]) -> list[list[str]]:
    """Return the residuals, open ones first."""

    def told(one: dict[str, Any]) -> list[str]:
        due = one["due"] or words.say("certificate", "no-due")
        if one.get("day_set_by"):
            due = words.aside(due, words.say("day_set_by", one["day_set_by"]))
        state = words.say("certificate", one["state"])
        where, owner = words.say("residual_where", one["where"]), words.say("residual_owner", one["owner"])
        return [words.say("residual", one["what"]), where, owner, f"{due} · {state}"]

    return _cut(words, [told(one) for one in sorted(rows, key=lambda one: one["state"] != "open")])


def _further(words: Words, document: Mapping[str, Any]) -> list[list[str]]:
    """Return one line each for other databases, evidence that stays, and the tag: label and text."""
    pack = load_pack("cn")

    def until(what: str, one: dict[str, Any]) -> str:
        dated = [one["until"]] if one["until"] else []
        return words.aside(what, " · ".join([article_of(words, pack, one["article"]), *dated]))

    tag = document["suppression"]
    databases = [(one["database"], words.say("certificate_outcome", one["outcome"])) for one in document["downstream"]]
    lines = {
        "downstream": [words.aside(name, outcome) for name, outcome in databases],
        "evidence": [until(words.say("evidence", one["what"]), one) for one in document["evidence_retained"]],
        "suppression": [] if tag is None else [until(tag["term"], tag)],
    }
    return [[words.say("certificate", code), words.joined(texts)] for code, texts in lines.items() if texts]


def _said(words: Words, outcome: str, databases: Iterable[dict[str, Any]]) -> str:
    """Return what was done in a sentence, and in which databases it failed."""
    failed = [one["database"] for one in databases if one["outcome"] == "failed"]
    more = words.say("certificate", "failed-in", names=words.joined(failed)) if failed else ""
    return words.say("certificate", f"said-{outcome}") + more


def page_of(document: Mapping[str, Any], language: Language, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page shows, as text; ``titles`` are those of purposes, by code."""
    words = Words(language)
    head = parse_body(parse(document["checkpoint"]).text)
    names = sorted({one.name for one in parse(document["checkpoint"]).signatures} - {head.origin})
    gone = [[_items(words, [code]), str(count)] for code, count in document["summary"]["erased"].items()]
    leaf = document["events"][_DONE]["leaf"]
    kept = [part for part in document["parts"] if part["outcome"] == "retained"]
    outcome = document["outcome"]
    if outcome == "erased-in-part" and all(part["rule"] == NOT_IN_SCOPE for part in kept):
        outcome = "as-asked"

    def say(code: str, **about: object) -> str:
        return words.say("certificate", code, **about)

    def heads(*codes: str) -> list[str]:
        return [say(code) for code in codes]

    return {
        "language": language,
        "title": say("title"),
        "institution": document["institution"]["name"],
        "outcome": say(outcome),
        "whole": outcome in {"erased", "as-asked"},
        "said": _said(words, outcome, document["downstream"]),
        "steps": [
            [say(code), _moment(words, document[code]), document[code] is not None]
            for code in ("planned", "live", "sealed")
        ],
        "gone": {"title": say("gone"), "rows": _cut(words, gone, _ITEMS)},
        "tables": [
            {"title": say("kept"), "heads": heads("item", "article", "until"), "rows": _kept(words, kept)},
            {
                "title": say("opened", count=len(document["openings"])),
                "heads": heads("purpose", "role", "form", "times"),
                "rows": _opened(words, document["openings"], titles),
            },
            {
                "title": say("left"),
                "heads": heads("what", "where", "owner", "due"),
                "rows": _left(words, document["residuals"]),
            },
        ],
        "further": _further(words, document),
        "nothing": say("nothing"),
        "proved": [say("proved"), say("proved-1"), say("proved-2", count=len(names), names=words.joined(names))],
        "attested": [say("attested"), say("attested-1")],
        "check": [say("check"), say("check-1")],
        "accountable": say("accountable", date=document["accountable_until"]) if document["accountable_until"] else "",
        "facts": [
            [say("digest"), digest_of(dict(document))],
            [say("entry"), say("of", leaf=leaf, size=head.size) + f" · {head.origin}"],
            [say("checkpoint"), head.root.hex()],
            [say("subject"), document["subject"]],
            [say("operation"), document["operation"]],
            [say("issued"), _moment(words, document["issued"])],
        ],
        "qr": say("qr"),
    }


@cache
def _template() -> bytes:
    return (files("shouxin.documents") / "certificate.typ").read_bytes()


def certificate_pdf(
    document: Mapping[str, Any],
    language: Language,
    titles: Mapping[str, str],
    made: Instant,
    fonts: Sequence[Path] = (),
) -> bytes:
    """Return the certificate's page as PDF (PDF/A-2a, PDF/UA-1); ``made`` is its time of creation, to the second.

    Raises:
        Misconfigured: no font has a glyph for some character; says which, and what to install.
    """
    picture = io.BytesIO()
    segno.make(code_text(document), error="m", micro=False).save(
        picture, kind="svg", border=0, xmldecl=False, dark="#1f2933"
    )
    page = canonical(cleaned(page_of(document, language, titles)))
    project = {"main.typ": _template(), "page.json": page, "code.svg": picture.getvalue()}
    return typeset(project, made, fonts)
