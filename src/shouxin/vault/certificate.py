"""The deletion certificate as a document, and how anybody checks it (design section 6).

A certificate separates what is *proved* from what is *attested*. Proved, by entries of a log that witnesses saw:
that the erasure was planned as listed, carried out, read back, and which openings of the person's data the log holds.
Attested, by the lender's word and its providers' evidence only: whatever ``vault.attestation`` says, and that no copy
of a key was kept outside what the log speaks of. What the lender's own databases answered is proved as far as the log
holds the answer, and one that failed is part of the verdict. ``check`` takes the trusted keys as arguments: a proof
that brings its own key proves nothing.

Laws of this file. The file is canonical JSON to the byte, so there is one way to read it. All entries stand under one
checkpoint. Fields are only ever added: one that this version does not know is signed for, and proves nothing.

Pure: used by ``shouxin certificate verify``. ``verify_certificate.py`` at the root of the repository does the same
without any of this code; a test holds the two against each other. Whoever changes one changes both.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from shouxin.domain.clock import Instant, write
from shouxin.domain.identifiers import SIZE
from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import open_checkpoint
from shouxin.ledger.note import SignatureKind, Verifier, verify
from shouxin.vault.entry_proof import canonical, check_row, exact_hex, read_canonical

__all__ = [
    "ANSWERED",
    "BASE_ATTESTED",
    "FORMAT",
    "PROVED",
    "Verdict",
    "check",
    "digest_of",
    "read_certificate",
    "statement",
    "summary_of",
]

FORMAT: Final = "shouxin.certificate/2"
# What this version gives a meaning to. A certificate has all of them; others may be added, and one was.
FIELDS: Final = frozenset(
    "accountable_until attested checkpoint downstream events evidence_retained format institution issued live openings"
    " operation outcome parts planned proved residuals scope sealed signature subject summary suppression".split()
)
_ADDED: Final = frozenset({"databases"})
# What no log can prove, of any erasure: a certificate that does not say so says more than it proves.
BASE_ATTESTED: Final = (
    "no-copy-of-a-key-was-kept-outside-the-keyring",
    "the-provider-destroyed-the-root-key",
    "no-recipient-holds-a-copy-that-is-not-listed",
    "the-list-of-openings-is-complete",
    "residuals-are-all-that-is-left",
)
PROVED: Final = (
    "planned-as-listed",
    "keys-replaced-and-parts-removed",
    "read-back-found-nothing",
    "openings-listed-are-in-the-log",
)
ANSWERED: Final = "databases-answered-as-logged"
_ERASURE: Final = ["erasure.intended", "erasure.removed", "erasure.done"]
_OPENINGS: Final = frozenset({"disclosure.made", "look-up.made"})
_OUTCOMES: Final = frozenset({"erased", "nothing-found", "retained"})
_LISTS: Final = ("attested", "downstream", "evidence_retained", "proved", "residuals")
_NOT_ASKED: Final = "not-in-scope"
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LAST: Final = 253_402_300_800_000  # year 10000, in milliseconds


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a certificate proves: its outcome and counts, and how many of the reader's witnesses cosigned.

    ``sealed`` says whether the log also holds that old copies were made useless. ``unknown`` are the fields that this
    version has no meaning for: the lender signed them, nothing more. ``removed`` is how many parts the log counts as
    removed by this erasure: fewer than ``erased`` where their keys were gone before (a restored backup, or an edge that
    another person's erasure took). ``answered`` are the databases whose answer the log holds, ``failed`` those that
    could not be erased, by the log or by the lender's word.
    """

    outcome: str
    erased: int
    retained: int
    openings: int
    entries: int
    witnesses: int
    sealed: bool
    unknown: tuple[str, ...] = ()
    removed: int = 0
    answered: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def digest_of(document: dict[str, Any]) -> str:
    """Return SHA-256, in hexadecimal, of a certificate without its signature, in canonical JSON (RFC 8785)."""
    return hashlib.sha256(canonical({key: value for key, value in document.items() if key != "signature"})).hexdigest()


def statement(document: dict[str, Any]) -> str:
    """Return the text that the institution signs (a C2SP signed note)."""
    return f"{FORMAT}\n{digest_of(document)}\n"


def summary_of(parts: Sequence[dict[str, Any]], openings: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return the totals: parts by item for each outcome, openings by purpose. ``openings`` are their events."""
    counts = {outcome: Counter[str]() for outcome in ("erased", "retained")}
    for part in parts:
        if part["outcome"] in counts:
            counts[part["outcome"]].update(part["items"])
    opened = Counter(event["purpose"] for event in openings)
    return {**{outcome: dict(count) for outcome, count in counts.items()}, "openings": dict(opened)}


def read_certificate(content: bytes) -> dict[str, Any]:
    """Read the file of a certificate: canonical JSON (RFC 8785), with or without a newline at its end.

    Raises:
        Invalid: no JSON at all. Tampered: JSON in another spelling than the canonical one.
    """
    return read_canonical(content.removesuffix(b"\n"))


def _texts(row: dict[str, Any], names: str, dated: str = "") -> bool:
    """Say whether a row has a text under each of ``names``, and a text or nothing under ``dated``."""
    return all(isinstance(row[name], str) for name in names.split()) and (
        not dated or isinstance(row[dated], str | None)
    )


def _check_attested(document: dict[str, Any]) -> None:
    """Check the shape, and only the shape, of what rests on the lender's word: a reader must be able to show it."""
    tag = document["suppression"]
    held = [
        _texts(document["institution"], "name origin"),
        _texts(document, "issued", "accountable_until"),
        all(isinstance(one, str) for one in [*document["proved"], *document["attested"]]),
        all(_texts(one, "what where owner state", "due") for one in document["residuals"]),
        all(isinstance(one.get("day_set_by", ""), str) for one in document["residuals"]),
        all(_texts(one, "what card article", "until") for one in document["evidence_retained"]),
        all(_texts(one, "database outcome") and isinstance(one["tables"], list) for one in document["downstream"]),
        tag is None or _texts(tag, "card term article", "until"),
        *(isinstance(document[name], list) for name in _LISTS),
    ]
    if not all(held):
        raise Tampered("what the certificate attests has not the shape that it must have")
    if not {*BASE_ATTESTED} <= {*document["attested"]}:
        raise Tampered("the certificate does not say what rests on the lender's word alone")


def _outcome(parts: list[dict[str, Any]]) -> str:
    """Return the outcome that follows from the parts (``vault.erasure.Erasure.outcome``); zero is never success."""
    retained = [part["rule"] for part in parts if part["outcome"] == "retained"]
    if any(part["outcome"] == "erased" for part in parts):
        return "erased-in-part" if retained else "erased"
    return "retained" if set(retained) - {_NOT_ASKED} else "nothing-found"


def _check_parts(
    document: dict[str, Any], begun: dict[str, Any], removed: dict[str, Any], done: dict[str, Any]
) -> None:
    """Hold the listed parts against the counts, rules, digest and outcome that the log holds."""
    parts = document["parts"]
    if done["plan"] != hashlib.sha256(canonical(parts)).hexdigest():
        raise Tampered("the parts listed are not those that the log speaks of")
    for part in parts:
        named = bool(part["rule"] and part["article"]) and isinstance(part["until"], str | None)
        if part["outcome"] not in _OUTCOMES or named != (part["outcome"] == "retained"):
            raise Tampered("a part has no outcome, or is retained without an article")
    erased = [part["kind"] for part in parts if part["outcome"] == "erased"]
    kept = [part["rule"] for part in parts if part["outcome"] == "retained"]
    planned = (len(parts), [part["kind"] for part in parts].count("object"), sorted({*kept}))
    if (begun["cells"], begun["objects"], begun["rules"]) != planned:
        raise Tampered("the plan that the log speaks of has other counts or rules")
    counts = (removed["cells"], removed["objects"])
    if not all(type(one) is int and one >= 0 for one in counts) or sum(counts) > len(erased):
        raise Tampered("the log holds that more was removed than is listed as erased")
    said = (len(erased), len(kept), sorted({*kept}), _outcome(parts), document["outcome"])
    if (done["erased"], done["retained"], done["rules"], done["outcome"], done["outcome"]) != said:
        raise Tampered("the outcome is not the one that the log speaks of")


def _check_erasure(document: dict[str, Any], events: list[dict[str, Any]]) -> bool:
    """Hold the document against its own erasure's events; return whether it is sealed."""
    kinds = [event["event"] for event in events]
    if kinds not in (_ERASURE, [*_ERASURE, "erasure.sealed"]):
        raise Tampered("the log does not hold intent, removal and outcome of this erasure, or more than that")
    begun, removed, done, *sealing = events
    if any(event["op"] != document["operation"] for event in (begun, removed, done)):
        raise Tampered("an entry is of another erasure")
    times = [event["at"] for event in events]
    if times != sorted(times) or not all(type(at) is int and 0 <= at < _LAST for at in times):
        raise Tampered("the entries are not in the order of their times")
    wrote = [write(Instant(at)) for at in times]
    said = [document["planned"], document["live"], *([document["sealed"]] if sealing else [])]
    if [wrote[0], *wrote[2:]] != said or begun["scope"] != document["scope"]:
        raise Tampered("times or scope are not those that the log holds")
    if not _TIME.fullmatch(document["issued"]) or document["issued"] < wrote[-1]:
        raise Tampered("the certificate was issued before what it speaks of")
    _check_parts(document, begun, removed, done)
    if any(event["plan"] != done["plan"] or event["epoch"] <= done["epoch"] for event in sealing):
        raise Tampered("the sealing is of another erasure, or not of a later epoch")
    if not sealing and document["sealed"] is not None:
        raise Tampered("the certificate says sealed, the log does not")
    return bool(sealing)


def _check_databases(document: dict[str, Any], told: Iterable[dict[str, Any]], done: dict[str, Any]) -> dict[str, str]:
    """Hold what databases are said to have answered against the log; return those answers, by database.

    An answer to another erasure of the same person is none to this one.
    """
    logged: dict[str, str] = {}
    for event in told:
        name, outcome = event["dataset"], event["outcome"]
        ours = event["event"] == "database.erased" and event["op"] == done["op"] and event["at"] <= done["at"]
        if not ours or name in logged:
            raise Tampered("an entry is no answer of a database to this erasure")
        if not isinstance(name, str) or not isinstance(outcome, str):
            raise Tampered("an entry is no answer of a database to this erasure")
        logged[name] = outcome
    rows = [(one["database"], one["outcome"]) for one in document["downstream"]]
    if not logged.keys() <= {name for name, _ in rows} or any(logged.get(one, said) != said for one, said in rows):
        raise Tampered("a database is said to have answered otherwise than the log holds")
    return logged


def _in_order(rows: Sequence[dict[str, Any]]) -> Iterator[bool]:
    yield from (one["leaf"] < other["leaf"] for one, other in pairwise(rows))


def check(document: dict[str, Any], log: Verifier | Iterable[Verifier], witnesses: Iterable[Verifier] = ()) -> Verdict:
    """Check a certificate against the keys that the caller trusts; return what it proves.

    ``log`` are keys of logs (one, or several where a lender changed its key); those of the log that the certificate
    names are used. How many witnesses are enough is the reader's policy: ask the verdict.

    Raises:
        Tampered: anything in it is not what the log holds or what the institution signed; says which.
    """
    keys = [log] if isinstance(log, Verifier) else list(log)
    try:
        if document["format"] != FORMAT:
            raise Tampered("this is not a certificate of a format known here")
        origin = document["institution"]["origin"]
        own = [one for one in keys if one.name == origin and one.kind is SignatureKind.ED25519]
        if verify(document["signature"], own).text != statement(document):
            raise Tampered("the certificate was changed after it was signed")
        signed = open_checkpoint(document["checkpoint"], [*own, *witnesses])
        if signed.checkpoint.origin != origin:
            raise Tampered("the checkpoint is of another log")
        subject = exact_hex(document["subject"], SIZE)
        lists = (document["events"], document["openings"], document.get("databases", []))
        if not isinstance(lists[2], list):
            raise Tampered("what databases answered is no list")
        events, opened, told = ([check_row(row, subject, signed.checkpoint) for row in rows] for rows in lists)
        if not all(one for rows in lists for one in _in_order(rows)):
            raise Tampered("the entries do not stand in the order of the log, each once")
        _check_attested(document)
        sealed = _check_erasure(document, events)
        if any(event["event"] not in _OPENINGS for event in opened):
            raise Tampered("an opening that is listed is none")
        if canonical(document["summary"]) != canonical(summary_of(document["parts"], opened)):
            raise Tampered("the totals are not those of what is listed")
        counts = (events[2]["erased"], events[2]["retained"], len(opened), len(events) + len(opened))
        logged = _check_databases(document, told, events[2])
        return Verdict(
            document["outcome"],
            *counts,
            len(signed.witnesses),
            sealed,
            tuple(sorted(document.keys() - FIELDS - _ADDED)),
            events[1]["cells"] + events[1]["objects"],
            tuple(logged),
            tuple(one["database"] for one in document["downstream"] if one["outcome"] == "failed"),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, Invalid):
        raise Tampered("the certificate lacks something or has it in another shape") from None
