"""The shape of a certificate: fields, notes, heads and bytes that both programs refuse alike."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from shouxin.keys.signing import SigningKey
from shouxin.ledger.note import SignatureKind, Verifier, cosigned_message
from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.vault.certificate import check, read_certificate
from tests.conformance.issued import Issued
from tests.conformance.verifiers import ALONE, agreed, by_package, by_stranger, key_of, signed

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
        [{"what": "a", "where": "b", "owner": "c", "due": None, "state": "open", "day_set_by": None}],
        [{"what": "a", "where": "b", "owner": "c", "due": None, "state": "open", "day_set_by": 1}],
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


def test_fields_that_are_added_are_signed_for_and_nothing_more(issued: Issued) -> None:
    """A later version may add a field: both accept it, and say that they do not know it."""
    document = {**issued.documents["sealed-3"], "later": {"more": [1]}}
    content = signed(document, issued)
    assert agreed(content, issued) == 0
    assert check(read_certificate(content), issued.head.verifier).unknown == ("later",)
    found = ALONE.check(document | {"signature": json.loads(content)["signature"]}, [key_of(issued)], [])
    assert "later" in "".join(ALONE.report(document, found, False))


def test_whose_rule_a_residuals_day_is_is_shown_and_an_older_certificate_lacks_it(issued: Issued) -> None:
    """The stranger's program prints it; a certificate of before, without the field, is as good as ever."""
    document = issued.documents["sealed-1"]
    assert [one["day_set_by"] for one in document["residuals"]][-1] == "own-rule"
    older = {
        **document,
        "residuals": [{k: v for k, v in one.items() if k != "day_set_by"} for one in document["residuals"]],
    }
    for given, shown in ((document, True), (older, False)):
        content = signed(given, issued)
        assert agreed(content, issued) == 0
        found = ALONE.check(json.loads(content), [key_of(issued)], [])
        lines = [line for line in ALONE.report(given, found, False) if "recipient-not-told" in line]
        assert lines == ["  residual: recipient-not-told, a bureau, partners, None, open" + ", own-rule" * shown]


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
