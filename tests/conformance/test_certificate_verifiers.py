"""Two programs that share no code check certificates, and agree: the package's, and the one file for strangers."""

from __future__ import annotations

import ast
import base64
import copy
import hashlib
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shouxin.approvals.order_transitions import OrderState
from shouxin.bootstrap import WitnessFolder, verifier_script
from shouxin.connectors.downstream.sql_database import SqlDatabase
from shouxin.domain.clock import local_date
from shouxin.domain.identifiers import OperationId
from shouxin.errors import Invalid, Tampered
from shouxin.keys.signing import SigningKey
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.note import SignatureKind, Verifier, cosigned_message
from shouxin.ledger.proof import inclusion_ranges, root_from_inclusion
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.operations.advance import advance
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request
from shouxin.operations.certifying.certify import certificate, certificate_bytes
from shouxin.operations.deletion.decide import leave_system
from shouxin.operations.deletion.progress import progress_of
from shouxin.operations.downstream.databases import register_database, switch_database
from shouxin.operations.erasing.erase import erase
from shouxin.vault.attestation import Attestation, EvidenceKept, ListedResidual, SuppressionKept
from shouxin.vault.certificate import check, read_certificate, statement
from shouxin.vault.entry_proof import canonical
from tests import workspaces
from tests.house.tree import ROOT
from tests.operations.deletion.house import DELETION, NO_RETURN, House
from tests.operations.portfolio import ID_NUMBER, Hands, lender, values_of

Document = dict[str, Any]
SCRIPT: Final = ROOT / "verify_certificate.py"


@dataclass(frozen=True)
class Issued:
    """Honest certificates by name, who signs them, and the witness that cosigned most of them."""

    documents: dict[str, Document]
    head: LogHead
    witness: Verifier
    folder: Path


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Certificates of several shapes: live and sealed, whole and part, with and without openings and witness."""
    home = tmp_path_factory.mktemp("issued")
    clock = Hands()
    bank = lender(home, clock)
    bank.take([1], contact=True)
    bank.take([2])
    bank.take([3, 4, 5], customer=False)
    bank.film(bank.people[1])
    bank.masked(*bank.people.values())
    bank.masked(bank.people[1])
    workspace, dpo = bank.workspace, bank.tokens["dpo"]
    made: dict[str, Document] = {}
    operations: dict[int, OperationId] = {}
    for number, purposes in ((1, None), (2, ["loan.file"]), (3, None)):
        operations[number], _ = erase(workspace, dpo, bank.people[number], purposes)
    made["live"] = certificate(workspace, dpo, operations[1])
    operations[4], _ = erase(workspace, dpo, bank.people[4])
    operations[5] = _with_databases(home, House(bank, clock))
    advance(workspace, bank.tokens["operator"])
    witness = WitnessFolder(home / "witness", "witness.example")
    publish(workspace, bank.tokens["operator"])
    log = workspace.head.verifier
    answer = witness.add_checkpoint(log, witness_request(workspace, witness.known(log.name)), 1_800_000_000)
    accept_cosignature(workspace, answer.body, witness.verifier)
    said = Attestation(
        (ListedResidual("recipient-not-told", "a bureau", "partners"),),
        evidence_retained=(EvidenceKept("request", "rights.answer", "PIPL 69", None),),
        suppression=SuppressionKept("no.return", "tag", "PIPL 47", None),
    )
    for number, operation in operations.items():
        made[f"sealed-{number}"] = certificate(workspace, dpo, operation, said if number == 1 else None)
    assert isinstance(workspace.head, LogHead)
    return Issued(made, workspace.head, witness.verifier, home)


DATASET: Final = """\
dataset = "{name}"
version = 1
[identities]
id_number = { item = "identity.id_number", one = true }
[table.customer]
key = ["id"]
strategy = "delete_row"
[table.customer.columns]
id = { not_personal = "number of the row" }
id_number = { item = "identity.id_number", identity = "id_number" }
"""


def _with_databases(folder: Path, home: House) -> OperationId:
    """Erase person 5 by an order, in a database that answers and in one that is off and left to an officer."""
    workspace, dpo = home.bank.workspace, home.bank.tokens["dpo"]
    path = folder / "core.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE customer (id INTEGER NOT NULL PRIMARY KEY, id_number)")
        connection.execute("INSERT INTO customer VALUES (5, ?)", (values_of(5)[ID_NUMBER].text(),))
    for text in (NO_RETURN, DELETION):
        workspaces.adopt(workspace, dpo, text)
    for name in ("lender-core", "lender-off"):
        register_database(workspace, dpo, DATASET.replace("{name}", name), "LENDER_DSN")
    switch_database(workspace, dpo, "lender-off", on=False)
    home.open_database = lambda _variable: SqlDatabase(f"sqlite:///{path}")
    order = home.cooled(home.wanted(home.bank.people[5]))
    assert home.executed(order).state is OrderState.UNFINISHED
    due = local_date(home.clock.now()) + timedelta(days=30)
    leave_system(workspace, dpo, order, "lender-off", due)
    assert home.executed(order).state is OrderState.DONE
    (operation,) = progress_of(workspace, dpo, order).operations
    return operation


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


def test_both_accept_every_honest_certificate(issued: Issued) -> None:
    """Each shape is accepted by both, with the same number of witnesses; so is a newline at the end."""
    for name, document in issued.documents.items():
        content = certificate_bytes(document)
        for one in (content, content + b"\n"):
            code, witnesses = by_package(one, issued.head.verifier, issued.witness)
            assert (code, witnesses) == by_stranger(one, issued.head.verifier, issued.witness)
            assert (code, witnesses) == (0, 0 if name == "live" else 1), name
    assert {one["outcome"] for one in issued.documents.values()} >= {"erased", "erased-in-part"}
    assert any(row["member"] for one in issued.documents.values() for row in one["openings"])


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every leaf and every branch below the root."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


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


@given(data=st.data())
@settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck))
def test_they_agree_on_whatever_is_changed(issued: Issued, data: st.DataObject) -> None:
    """One to three places changed in any way, signed anew by a lying lender or not: both say the same."""
    name = data.draw(st.sampled_from(sorted(issued.documents)))
    document = issued.documents[name]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(places(document), key=str)))
        change = CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))]
        try:
            document = edit(document, path, change)
        except (TypeError, ValueError):
            continue
    lying = data.draw(st.booleans())
    content = signed(document, issued) if lying else certificate_bytes(document)
    code = agreed(content, issued)
    if not lying and document != issued.documents[name]:
        assert code == 3


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_both_climb_to_the_same_root_or_not_at_all(data: st.DataObject) -> None:
    """A proof of the right length leads both to one root, for any size; one hash more or less leads nowhere."""
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    count = max(0, len(inclusion_ranges(index, size)) + data.draw(st.sampled_from([0, 0, -1, 1])))
    hashes = [hashlib.sha256(bytes([one])).digest() for one in range(count)]
    leaf = leaf_hash(b"leaf")
    try:
        ours = root_from_inclusion(leaf, index, size, hashes)
    except Tampered:
        with pytest.raises(ValueError, match="a proof that is too"):
            ALONE.climb(leaf, index, size, hashes)
    else:
        assert ALONE.climb(leaf, index, size, hashes) == ours


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


def test_a_log_that_is_written_anew_holds(issued: Issued) -> None:
    """What the tests of a lying log build is a good certificate while nothing in it lies."""
    for document in issued.documents.values():
        events = logged(document)
        assert agreed(signed(relogged(document, events, issued), issued), issued) == 0


@given(data=st.data())
@settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck))
def test_they_agree_on_whatever_a_lender_logs(issued: Issued, data: st.DataObject) -> None:
    """Entries, parts and fields changed together, logged and signed by a lender who lies: both say the same."""
    document = issued.documents[data.draw(st.sampled_from(sorted(issued.documents)))]
    events: Any = logged(document)
    for _ in range(data.draw(st.integers(1, 3))):
        change = CHANGES[data.draw(st.sampled_from(sorted(CHANGES)))]
        inside = data.draw(st.sampled_from(["events", "parts", "said"]))
        try:
            if inside == "events":
                paths = [one for one in places(events) if len(one) > 1]
                events = edit({"all": events}, ("all", *data.draw(st.sampled_from(sorted(paths, key=str)))), change)[
                    "all"
                ]
            elif inside == "parts":
                path = data.draw(st.sampled_from(sorted(places(document["parts"]), key=str)))
                document = edit(document, ("parts", *path), change)
                for event in events[2:4]:
                    if "plan" in event:
                        event["plan"] = hashlib.sha256(canonical(document["parts"])).hexdigest()
            else:
                rows = ("events", "openings", "databases", "checkpoint", "signature", "parts")
                paths = list(places({name: one for name, one in document.items() if name not in rows}))
                document = edit(document, data.draw(st.sampled_from(sorted(paths, key=str))), change)
        except (TypeError, ValueError, KeyError, IndexError):
            continue
    agreed(signed(relogged(document, events, issued), issued), issued)


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


@pytest.mark.parametrize("name", LIES)
def test_a_log_that_contradicts_the_certificate_is_believed_before_it(issued: Issued, name: str) -> None:
    """Each fact that the certificate stands on, logged otherwise: both refuse, though the lender signed all of it."""
    document = issued.documents["sealed-1"]
    events: Any = logged(document)
    path, value = LIES[name]
    assert at(events, path) != value or isinstance(value, bool)
    events = edit({"all": events}, ("all", *path), lambda _: value)["all"]
    assert agreed(signed(relogged(document, events, issued), issued), issued) == 3


def test_a_part_lies_in_no_way_that_its_log_repeats(issued: Issued) -> None:
    """Parts that fail, that stay without an article or go with one: refused though digest and counts are right."""
    document = issued.documents["sealed-1"]
    kept = next(at for at, part in enumerate(document["parts"]) if part["outcome"] == "retained")
    gone = next(at for at, part in enumerate(document["parts"]) if part["outcome"] == "erased")
    for number, field, value in (
        (kept, "article", ""),
        (gone, "article", "PIPL 47"),
        (kept, "until", 1),
        (gone, "outcome", "failed"),
    ):
        changed = edit(document, ("parts", number, field), lambda _, value=value: value)
        events = logged(changed)
        for event in events[2:4]:
            event["plan"] = hashlib.sha256(canonical(changed["parts"])).hexdigest()
        events[0]["rules"] = events[2]["rules"] = sorted({one["rule"] for one in changed["parts"] if one["rule"]})
        if value == "failed":
            events[2]["erased"] -= 1
            events[1]["cells"] = events[1]["objects"] = 0
            changed["summary"]["erased"] = dict(
                Counter(i for p in changed["parts"] if p["outcome"] == "erased" for i in p["items"])
            )
        if (field, number) == ("article", gone):
            changed["parts"][gone]["rule"] = "X"
        assert agreed(signed(relogged(changed, events, issued), issued), issued) == 3, (field, value)


def test_time_does_not_run_backwards(issued: Issued) -> None:
    """Entries whose times fall are refused though the document repeats them; so is a sealing that is not named."""
    document = issued.documents["sealed-3"]
    events = logged(document)
    other = {**document, "live": "1970-01-01T00:00:05Z"}
    events[2]["at"] = 5000
    assert agreed(signed(relogged(other, events, issued), issued), issued) == 3
    assert agreed(signed({**document, "sealed": None}, issued), issued) == 3
    assert agreed(signed({**document, "issued": "2020-01-01T00:00:00Z"}, issued), issued) == 3
    assert agreed(signed({**document, "issued": "9999"}, issued), issued) == 3


SHAPES: Final[dict[str, list[Any]]] = {
    "institution": [{"name": 1, "origin": "lender.example/log"}, None],
    "issued": [5, None],
    "accountable_until": [5, []],
    "proved": ["abc", [1], {}],
    "attested": ["abc", [None]],
    "residuals": [
        "",
        {},
        ["x"],
        [{"what": 1, "where": "b", "owner": "c", "due": None, "state": "open"}],
        [{"what": "a", "where": "b", "owner": "c", "state": "open"}],
    ],
    "evidence_retained": ["", {}, [{"what": "a", "card": "b", "article": 1, "until": None}]],
    "suppression": ["", 0, False, [], {"card": "a", "term": "b", "article": "c", "until": 1}, {"card": "a"}],
    "downstream": ["", {}, [{"database": 1, "outcome": "erased", "tables": []}], [{"database": "a", "outcome": "b"}]],
    "format": ["shouxin.certificate/1", None],
    "summary": [None, {}],
}


@pytest.mark.parametrize("field", SHAPES)
def test_shape_is_checked_where_nothing_else_can_be(issued: Issued, field: str) -> None:
    """What is only attested must still be readable: another shape is refused by both, and so is a missing field."""
    document = issued.documents["sealed-1"]
    for value in SHAPES[field]:
        assert agreed(signed({**document, field: value}, issued), issued) == 3, value
    assert agreed(signed({name: one for name, one in document.items() if name != field}, issued), issued) == 3


def heads(note: str) -> Iterator[tuple[str, str]]:
    """Texts that are no head of this log, or a head of another tree, each with a name."""
    origin, size, root = note.split("\n")[:3]
    yield "another origin", f"other.example/log\n{size}\n{root}\n"
    yield "size with a zero before it", f"{origin}\n0{size}\n{root}\n"
    yield "size that is none", f"{origin}\n٣\n{root}\n"
    yield "size without end", f"{origin}\n{'9' * 19}\n{root}\n"
    yield "twice the size", f"{origin}\n{2 * int(size)}\n{root}\n"
    yield "an empty line", f"{origin}\n{size}\n{root}\n\nmore\n"
    yield "two lines", f"{origin}\n{size}\n"
    yield "a shorter root", f"{origin}\n{size}\n{root[:-4]}\n"


def test_shape_of_a_head_is_that_of_a_checkpoint(issued: Issued) -> None:
    """The log's own signature makes no checkpoint of a text that is none; a good one with a further line is one."""
    document = issued.documents["sealed-1"]
    for name, text in heads(document["checkpoint"]):
        other = {**document, "checkpoint": issued.head.sign_text(text)}
        assert agreed(signed(other, issued), issued) == 3, name
    text = document["checkpoint"].partition("\n\n")[0] + "\nextension\n"
    assert agreed(signed({**document, "checkpoint": issued.head.sign_text(text)}, issued), issued) == 0


def test_shape_of_a_note_leaves_no_slack(issued: Issued) -> None:
    """Signature lines: other people's are passed over, malformed ones and other spellings are refused."""
    document = issued.documents["sealed-1"]
    note = document["signature"]
    stray = base64.b64encode(b"12345678").decode()
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = note.rstrip("=\n")[-1]
    cases = {
        note + f"— stranger {stray}\n": 0,
        note + note.rpartition("\n\n")[2]: 0,
        note.rstrip("\n"): 3,
        note + "— stranger AAAA\n": 3,
        note + f"- stranger {stray}\n": 3,
        note + f"— a+b {stray}\n": 3,
        note + f"—  {stray}\n": 3,
        note + f"— a\u3000b {stray}\n": 3,
        note + f"— a\tb {stray}\n": 3,
        note + f"— a\x00b {stray}\n": 3,
        note + f"— stranger {stray}\n" * 64: 3,
        note + "— stranger " + "A" * (1 << 19) + "\n": 3,
        note.replace("\n\n", "\n"): 3,
        note.rstrip("=\n")[:-1] + letters[letters.index(last) ^ 1] + "=\n": 3,
        issued.documents["sealed-3"]["signature"]: 3,
    }
    for other, code in cases.items():
        assert other != note
        assert agreed(certificate_bytes({**document, "signature": other}), issued) == code, other[-90:]


def test_shape_of_a_cosignature_has_a_time_that_exists(issued: Issued) -> None:
    """A witness's time beyond what 63 bits hold is refused; the same key with a good time is counted."""
    document = issued.documents["sealed-1"]
    key = SigningKey(b"w" * 32)
    witness = Verifier("own.example", SignatureKind.COSIGNATURE, key.public)
    bare = document["checkpoint"].partition("\n\n")[0] + "\n"
    for time, found in ((1_800_000_000, (0, 1)), (1 << 63, (3, 0))):
        payload = witness.key_id + time.to_bytes(8, "big") + key.sign(cosigned_message(bare, time))
        note = issued.head.sign_text(bare) + f"— own.example {base64.b64encode(payload).decode()}\n"
        content = signed({**document, "checkpoint": note}, issued)
        assert by_package(content, issued.head.verifier, witness) == found
        assert by_stranger(content, issued.head.verifier, witness) == found


def inner_edits(document: Document) -> Iterator[tuple[str, Document]]:
    """What a lender who signs falsely would try, with a name for each."""
    for which in ("events", "openings"):
        rows = document[which]
        for number in range(len(rows)):
            yield f"{which} without {number}", {**document, which: rows[:number] + rows[number + 1 :]}
            yield f"{which} {number} twice", {**document, which: [*rows[: number + 1], *rows[number:]]}
            for node in range(len(rows[number]["hashes"])):
                yield f"{which} {number} node {node}", edit(document, (which, number, "hashes", node), bit)
            yield f"{which} {number} blinding", edit(document, (which, number, "blinding"), bit)
            yield f"{which} {number} entry", edit(document, (which, number, "entry"), bit)
            yield f"{which} {number} leaf", edit(document, (which, number, "leaf"), lambda leaf: leaf + 1)
            if rows[number]["member"]:
                yield (
                    f"{which} {number} count",
                    edit(document, (which, number, "member", "count"), lambda of: of + 1),
                )
                yield (
                    f"{which} {number} place",
                    edit(document, (which, number, "member", "position"), lambda at: at + 1),
                )
        if len(rows) > 1:
            yield f"{which} in another order", {**document, which: rows[::-1]}
    for number in range(len(document["parts"])):
        for field in ("outcome", "until", "article", "rule"):
            yield f"part {number} {field}", edit(document, ("parts", number, field), flipped)
    for field in ("outcome", "scope", "planned", "live", "sealed", "operation", "subject", "issued"):
        yield field, edit(document, (field,), lambda value: "2020-01-01T00:00:00Z" if value is None else bit(value))
    yield "summary", edit(document, ("summary", "erased"), lambda counts: {**counts, "identity.name": 99})
    yield "checkpoint", edit(document, ("checkpoint",), lambda note: note.replace("\n", "\n1", 1))


def test_what_the_log_does_not_hold_is_refused_however_it_is_signed(issued: Issued) -> None:
    """Every lie of a list is refused by both although the lender signed it, but for openings that it leaves out."""
    tried, kept = 0, set()
    for document in issued.documents.values():
        for name, other in inner_edits(document):
            code = agreed(signed(other, issued), issued)
            if code == 0:
                kept.add(name.split(" ")[0] + " " + name.split(" ")[-2])
            else:
                assert code == 3, name
            tried += 1
    # Leaving an opening out leaves other totals; "the list is complete" is attested, never proved.
    assert kept == set(), kept
    assert tried > 300


def test_a_list_of_openings_that_is_cut_everywhere_alike_holds_and_is_attested_only(issued: Issued) -> None:
    """The one lie that no proof excludes: both accept it, and both say that completeness is the lender's word."""
    document = issued.documents["sealed-1"]
    other = copy.deepcopy(document)
    gone = json.loads(other["openings"].pop()["entry"])["purpose"]
    other["summary"]["openings"][gone] -= 1
    assert agreed(signed(other, issued), issued) == 0
    assert "the-list-of-openings-is-complete" in other["attested"]


def test_entries_of_another_person_are_refused(issued: Issued) -> None:
    """Events, openings or the identifier of somebody else's certificate do not fit, whoever signed them."""
    mine, yours = issued.documents["sealed-1"], issued.documents["sealed-3"]
    for field in ("events", "openings", "subject", "operation", "parts"):
        assert agreed(signed({**mine, field: yours[field]}, issued), issued) == 3, field


def test_a_blinding_that_eats_into_the_identifier_is_refused(issued: Issued) -> None:
    """The same bytes cut elsewhere commit to the same; lengths are fixed so that nobody else can be meant."""
    document = copy.deepcopy(issued.documents["sealed-3"])
    subject = document["subject"]
    for row in (*document["events"], *document["openings"]):
        row["blinding"] += subject[:2]
    document["subject"] = subject[2:]
    assert agreed(signed(document, issued), issued) == 3


def test_fields_that_are_added_are_signed_for_and_nothing_more(issued: Issued) -> None:
    """A later version may add a field: both accept it, and say that they do not know it."""
    document = {**issued.documents["sealed-3"], "later": {"more": [1]}}
    content = signed(document, issued)
    assert agreed(content, issued) == 0
    assert check(read_certificate(content), issued.head.verifier).unknown == ("later",)
    found = ALONE.check(document | {"signature": json.loads(content)["signature"]}, [_key(issued)], [])
    assert "later" in "".join(ALONE.report(document, found, False))


def _key(issued: Issued) -> Any:
    return ALONE.parse_key(issued.head.verifier.vkey, ALONE.LOG)


def test_what_databases_answered_is_proved_and_a_failed_one_is_in_the_headline(issued: Issued) -> None:
    """The log's entry stands behind each answer; all three name what failed, and say every other database too."""
    document = issued.documents["sealed-5"]
    assert [(one["database"], one["outcome"]) for one in document["downstream"]] == [
        ("lender-core", "nothing-found"),  # it was erased there before the other one failed
        ("lender-off", "failed"),
    ]
    verdict = check(document, issued.head.verifier)
    assert (verdict.answered, verdict.failed) == (("lender-core",), ("lender-off",))
    assert verdict.removed == verdict.erased > 0
    report = ALONE.report(document, ALONE.check(document, [_key(issued)], []), False)
    assert report[1] == "BUT erasing failed in these databases: lender-off"
    for said in ("lender-core nothing-found", "lender-off failed*", "no.return", "approvals"):
        assert any(said in line for line in report), said
    better = edit(document, ("downstream", 0, "outcome"), lambda _: "erased")
    assert agreed(signed(better, issued), issued) == 3
    fewer = {**document, "downstream": document["downstream"][1:]}
    assert agreed(signed(fewer, issued), issued) == 3
    events = logged(document)
    for change in ({"event": "database.amended"}, {"at": 2**48}, {"outcome": "failed"}, {"dataset": 1}, {"at": "1"}):
        lying = [*events[:-1], {**events[-1], **change}]
        assert agreed(signed(relogged(document, lying, issued), issued), issued) == 3, change
    attested = {name: one for name, one in document.items() if name != "databases"}
    content = signed(attested, issued)
    assert agreed(content, issued) == 0  # an older certificate: still named, and not called proved
    assert check(read_certificate(content), issued.head.verifier).failed == ("lender-off",)
    older = json.loads(content)
    assert any(
        "lender-core nothing-found*" in line
        for line in ALONE.report(older, ALONE.check(older, [_key(issued)], []), False)
    )


def test_removed_parts_are_counted_aloud(issued: Issued) -> None:
    """A log that counts no removal beside erased parts holds, as after a restore, and is said so in the headline."""
    document = issued.documents["sealed-3"]
    events = logged(document)
    events[1]["cells"] = events[1]["objects"] = 0
    content = signed(relogged(document, events, issued), issued)
    assert agreed(content, issued) == 0
    other = json.loads(content)
    assert (check(other, issued.head.verifier).removed, check(other, issued.head.verifier).erased) == (0, 3)
    report = ALONE.report(other, ALONE.check(other, [_key(issued)], []), False)
    assert report[1] == "BUT the log counts nothing as removed"
    events[1]["cells"] = -1
    assert agreed(signed(relogged(document, events, issued), issued), issued) == 3


def test_a_certificate_says_what_it_cannot_prove(issued: Issued) -> None:
    """Each of the five codes that hold of any erasure must stand under ``attested``."""
    document = issued.documents["sealed-3"]
    assert len(document["attested"]) >= 5
    for code in document["attested"][:5]:
        fewer = {**document, "attested": [one for one in document["attested"] if one != code]}
        assert agreed(signed(fewer, issued), issued) == 3, code


def test_they_agree_on_bytes_that_are_not_canonical(issued: Issued) -> None:
    """Blanks, doubled keys, numbers that are none, nesting without end, half characters: both refuse, alike."""
    document = issued.documents["sealed-3"]
    good = certificate_bytes(document)
    text = good.decode()
    cases = {
        b"": 1,
        b"no json": 1,
        b"\xff\xfe": 1,
        b"\xef\xbb\xbf" + good: 1,
        b"[]": 3,
        b"null": 3,
        b"NaN": 3,
        b" " + good: 3,
        good + b"\n\n": 3,
        json.dumps(document, indent=1).encode(): 3,
        text.replace('{"account', '{"scope":"whole","account', 1).encode(): 3,
        text.replace('"scope":', '"scope":"part","scope":', 1).encode(): 3,
        text.replace('"leaf":', '"leaf":NaN,"leaf":', 1).encode(): 3,
        text.replace('"planned"', '"p\\u006canned"', 1).encode(): 3,
        text.replace('"proved":[', '"proved":["\\ud800",', 1).encode(): 3,
        text.replace('"proved":[', '"proved":[' + "[" * 900 + "]" * 900 + ",", 1).encode(): 3,
        text.replace('"proved":[', '"proved":[' + "[" * 200_000 + "]" * 200_000 + ",", 1).encode(): 3,
        text.replace('"proved":[', '"proved":[' + "9" * 5000 + ",", 1).encode(): 3,
        text.replace('"proved":[', '"proved":[1e999,', 1).encode(): 3,
    }
    for content, code in cases.items():
        assert content != good
        assert agreed(content, issued) == code, content[:60]


def run(*words: str | Path, optimised: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the file as a stranger does: this interpreter, isolated, no package path."""
    flags = ["-I", "-O"] if optimised else ["-I"]
    command = [sys.executable, *flags, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})


def test_a_stranger_runs_it_with_files_and_keys_only(issued: Issued, tmp_path: Path) -> None:
    """Exit code 0 for what holds, in both languages; 1 for too few witnesses or no key; 3 for a change."""
    paper, key = tmp_path / "deleted.json", tmp_path / "log.vkey"
    paper.write_bytes(certificate_bytes(issued.documents["sealed-1"]))
    key.write_text(issued.head.vkey + "\n", "utf-8")
    witness = issued.witness.vkey
    held = run(paper, "--key", key, "--witness-key", witness, "--language", "en")
    assert held.returncode == 0, held.stderr
    for said in (
        "1. Proved",
        "AML 34(3)",
        "2. Attested only",
        "recipient-not-told",
        "3. What this program cannot prove",
    ):
        assert said in held.stdout
    assert run(paper, "--key", key, optimised=True).returncode == 0
    assert run(paper, "--key", witness).returncode == 1
    assert run(paper, "--key", key, "--witness-key", issued.head.vkey).returncode == 1
    assert run(tmp_path / "nowhere", "--key", key).returncode == 1
    assert run(paper).returncode == 2
    live = tmp_path / "live.json"
    live.write_bytes(certificate_bytes(issued.documents["live"]))
    assert run(live, "--key", key, "--witness-key", witness).returncode == 1
    assert run(live, "--key", key, "--witness-key", witness, "--quorum", "0").returncode == 0
    paper.write_bytes(paper.read_bytes().replace(b'"outcome":"erased-in-part"', b'"outcome":"erased"', 1))
    assert run(paper, "--key", key, optimised=True).returncode == 3


def test_a_key_of_somebody_else_opens_nothing(issued: Issued) -> None:
    """Signed by anybody but the log that the reader trusts, both refuse; and so for a false cosignature."""
    document = copy.deepcopy(issued.documents["sealed-3"])
    stranger = LogHead(issued.head.verifier.name, b"s" * 32)
    content = certificate_bytes(document)
    for code in (one(content, stranger.verifier, issued.witness)[0] for one in (by_package, by_stranger)):
        assert code == 3
    line = document["checkpoint"].rstrip("\n").rpartition(" ")[2]
    raw = bytearray(base64.b64decode(line))
    raw[-1] ^= 1
    document["checkpoint"] = document["checkpoint"].replace(line, base64.b64encode(bytes(raw)).decode())
    assert agreed(signed(document, issued), issued) == 3


def test_it_is_one_short_file_without_the_package() -> None:
    """Under 300 lines, read by Python 3.9, nothing imported but the standard library and ``cryptography``."""
    text = SCRIPT.read_text("utf-8")
    assert text.count("\n") < 300
    tree = ast.parse(text, feature_version=(3, 9))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {name.partition(".")[0] for name in names}
    assert "cryptography" in rooms
    assert rooms - {"cryptography"} <= set(sys.stdlib_module_names)
    assert verifier_script() == SCRIPT.read_bytes()
