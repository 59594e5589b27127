"""The two programs that check a certificate, and what a lender who lies can sign: any document, over any log."""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Callable
from typing import Any, Final

from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.note import Verifier
from shouxin.ledger.proof import inclusion_ranges
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.vault.certificate import check, read_certificate, statement
from shouxin.vault.entry_proof import canonical
from tests.conformance.issued import Document, Issued
from tests.house.tree import ROOT

SCRIPT: Final = ROOT / "verify_certificate.py"


def alone() -> Any:
    """The stand-alone verifier, loaded from its file: a module of nobody's package."""
    spec = importlib.util.spec_from_file_location("verify_certificate_alone", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ALONE: Final = alone()


def by_package(content: bytes, log: Verifier, witness: Verifier) -> tuple[int, int]:
    """Exit code and number of witnesses, as ``shouxin certificate verify`` finds them."""
    try:
        return 0, check(read_certificate(content), log, [witness]).witnesses
    except Tampered:
        return 3, 0
    except Invalid:
        return 1, 0


def by_stranger(content: bytes, log: Verifier, witness: Verifier) -> tuple[int, int]:
    """The same as ``verify_certificate.py`` finds them; the report must be possible too."""
    keys, witnesses = [ALONE.parse_key(log.vkey, ALONE.LOG)], [ALONE.parse_key(witness.vkey, ALONE.WITNESS)]
    try:
        try:
            document = ALONE.read(content.removesuffix(b"\n"))
        except (UnicodeDecodeError, json.JSONDecodeError):
            return 1, 0
        found = ALONE.check(document, keys, witnesses)
        assert ALONE.report(document, found, True)
        return 0, len(found["names"])
    except ALONE.ODD:
        return 3, 0


def agreed(content: bytes, issued: Issued) -> int:
    """What both say of ``content``; they must say the same."""
    ours, theirs = (one(content, issued.head.verifier, issued.witness) for one in (by_package, by_stranger))
    assert ours == theirs, content[:400]
    return ours[0]


def signed(document: Document, issued: Issued) -> bytes:
    """The bytes of a document that the lender signs as it now is."""
    return certificate_bytes({**document, "signature": issued.head.sign_text(statement(document))})


def at(document: Any, path: tuple[Any, ...]) -> Any:
    """What stands at ``path``."""
    for step in path:
        document = document[step]
    return document


def edit(document: Document, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Document:
    """A copy with one place changed."""
    other = copy.deepcopy(document)
    holder = at(other, path[:-1])
    holder[path[-1]] = change(holder[path[-1]])
    return other


def bit(text: str) -> str:
    """A text with one letter changed that keeps its alphabet where it is hexadecimal or base64."""
    place = len(text) // 2
    return text[:place] + ("1" if text[place : place + 1] != "1" else "2") + text[place + 1 :]


def flipped(row: Any) -> Any:
    """Another value of the same kind, as near as can be."""
    if isinstance(row, bool):
        return not row
    if isinstance(row, int):
        return row + 1
    if isinstance(row, str):
        return bit(row)
    if isinstance(row, list):
        return row[::-1] if len(row) > 1 and row[::-1] != row else [*row, "more"]
    return "was nothing" if row is None else {**row, "more": 1}


CHANGES: Final[dict[str, Callable[[Any], Any]]] = {
    "flip": flipped,
    "empty": lambda value: type(value)() if value is not None else "",
    "nothing": lambda value: None,
    "number": lambda value: 0,
    "truth": lambda value: True,
    "list": lambda value: [value],
    "object": lambda value: {"value": value},
    "text": json.dumps,
    "fewer": lambda value: value[1:] if isinstance(value, str | list) else value,
    "twice": lambda value: [*value, *value] if isinstance(value, list) else [value, value],
    "deep": lambda value: json.loads("[" * 20 + "]" * 20),
    "huge": lambda value: 10**15,
    "upper": lambda value: value.upper() if isinstance(value, str) else value,
    "fraction": lambda value: 1.5,
}


def relogged(document: Document, events: list[Any], issued: Issued) -> Document:
    """The document with other events in its log: a lender who lies to the log as well; ``events`` in order of rows."""
    rows = [*document["events"], *document["openings"], *document["databases"]]
    order = sorted(range(len(rows)), key=lambda one: rows[one]["leaf"])
    entries = [events[one] if isinstance(events[one], str) else canonical(events[one]).decode() for one in order]
    hashes = [leaf_hash(entry.encode()) for entry in entries]
    head = Checkpoint(issued.head.verifier.name, len(hashes), root_of(hashes))
    made: list[Any] = [None] * len(rows)
    for leaf, one in enumerate(order):
        path = [root_of(hashes[start:end]).hex() for start, end in inclusion_ranges(leaf, len(hashes))]
        made[one] = {**rows[one], "leaf": leaf, "entry": entries[leaf], "hashes": path}
    cut, end = len(document["events"]), len(rows) - len(document["databases"])
    lists = {"events": made[:cut], "openings": made[cut:end], "databases": made[end:]}
    return {**document, **lists, "checkpoint": issued.head.sign(head)}


def logged(document: Document) -> Any:
    """The events behind a document, in the order in which ``relogged`` takes them."""
    return [json.loads(row["entry"]) for name in ("events", "openings", "databases") for row in document[name]]


LIES: Final[dict[str, tuple[tuple[Any, ...], Any]]] = {
    "an event is another": ((1, "event"), "erasure.intended"),
    "of another operation": ((1, "op"), "00" * 16),
    "earlier than the one before": ((2, "at"), 5),
    "no whole time": ((2, "at"), "1"),
    "after the last year": ((2, "at"), 10**15 - 1),
    "planned more": ((0, "cells"), 99),
    "planned more objects": ((0, "objects"), 99),
    "planned by other rules": ((0, "rules"), ["X"]),
    "another scope": ((0, "scope"), "other"),
    "removed more": ((1, "cells"), 99),
    "erased more": ((2, "erased"), 99),
    "retained more": ((2, "retained"), 99),
    "retained by other rules": ((2, "rules"), ["X"]),
    "another outcome": ((2, "outcome"), "nothing-found"),
    "another plan": ((2, "plan"), "00" * 32),
    "another plan sealed": ((3, "plan"), "00" * 32),
    "sealed in the same epoch": ((3, "epoch"), 1),
    "an opening of another kind": ((4, "event"), "cells.sealed"),
    "another person": ((0, "subject"), "00" * 32),
    "other people": ((4, "members"), "00" * 32),
    "counted by truth": ((4, "count"), True),
    "a fraction": ((4, "version"), 1.5),
}


def key_of(issued: Issued) -> Any:
    """The key of the log, as the file for strangers reads it."""
    return ALONE.parse_key(issued.head.verifier.vkey, ALONE.LOG)
