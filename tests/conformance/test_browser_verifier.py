"""The third verifier: the page's script, in a real Chromium, says of every certificate what the others say."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from shouxin.operations.certifying.certify import certificate_bytes
from shouxin.vault.entry_proof import canonical
from tests.conformance.issued import Document, Issued
from tests.conformance.verifiers import CHANGES, LIES, at, by_stranger, edit, logged, relogged, signed
from tests.operations.portfolio import Hands, lender
from tests.places import places
from tests.web.chromium import chromium, watched
from tests.web.served import served

_RUN: Final = """async ([contents, log, witness]) => {
  const told = [];
  for (const one of contents) {
    const bytes = Uint8Array.from(atob(one), (letter) => letter.charCodeAt(0));
    const found = await shouxinCertificate.verify(bytes, [log], [witness], 0);
    told.push([found.code, found.code === 0 ? found.names.length : 0, found.why + (found.detail ?? "")]);
  }
  return told;
}"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page that checks certificates, in Chromium; nothing may complain, and nothing may be asked of the server."""
    workspace = lender(tmp_path_factory.mktemp("pages"), Hands()).workspace
    with served(workspace) as port, chromium() as browser, watched(browser, port) as seen:
        seen.page.goto("/verify")
        seen.requests.clear()
        yield seen.page
        assert [one for one in seen.requests if not one.endswith("/icon.svg")] == []  # the browser's own, when idle


def agree(page: Page, issued: Issued, contents: list[bytes]) -> list[int]:
    """What both say of each of ``contents``; they must say the same."""
    told: list[list[Any]] = []
    for start in range(0, len(contents), 50):
        encoded = [base64.b64encode(one).decode() for one in contents[start : start + 50]]
        told += page.evaluate(_RUN, [encoded, issued.head.verifier.vkey, issued.witness.vkey])
    for content, (code, witnesses, why) in zip(contents, told, strict=True):
        assert (code, witnesses) == by_stranger(content, issued.head.verifier, issued.witness), (why, content[:600])
    return [code for code, _, _ in told]


def test_the_browser_accepts_every_honest_certificate(page: Page, issued: Issued) -> None:
    """Each shape, with and without a newline at its end."""
    contents = [certificate_bytes(one) + end for one in issued.documents.values() for end in (b"", b"\n")]
    assert agree(page, issued, contents) == [0] * len(contents)


def mutated(issued: Issued, many: int, seed: int) -> list[bytes]:
    """Certificates with one to three places changed in any way, half of them signed anew by a lender who lies."""
    chance = random.Random(seed)
    made = []
    for _ in range(many):
        document = issued.documents[chance.choice(sorted(issued.documents))]
        for _ in range(chance.randint(1, 3)):
            path = chance.choice(sorted(places(document), key=str))
            try:
                document = edit(document, path, CHANGES[chance.choice(sorted(CHANGES))])
            except (TypeError, ValueError):
                continue
        made.append(signed(document, issued) if chance.random() < 0.5 else certificate_bytes(document))
    return made


def test_the_browser_agrees_on_whatever_is_changed(page: Page, issued: Issued) -> None:
    """Hundreds of changed certificates: the same code and the same number of witnesses; few of them hold."""
    codes = agree(page, issued, mutated(issued, 300, 1))
    assert {0, 3} <= set(codes)


def test_the_browser_agrees_on_whatever_a_lender_logs(page: Page, issued: Issued) -> None:
    """Each single lie of a log that is signed and consistent in itself, and entries and parts changed at random."""
    document = issued.documents["sealed-1"]
    honest = logged(document)
    lying = []
    for (which, name), value in LIES.values():
        events: Any = [dict(one) for one in honest]
        events[which][name] = value
        lying.append(signed(relogged(document, events, issued), issued))
    assert set(agree(page, issued, lying)) == {3}
    assert agree(page, issued, [signed(relogged(document, honest, issued), issued)]) == [0]
    chance = random.Random(2)
    agree(page, issued, [_relogged_at_random(issued, chance) for _ in range(200)])


def _relogged_at_random(issued: Issued, chance: random.Random) -> bytes:
    document = issued.documents[chance.choice(sorted(issued.documents))]
    events: Any = logged(document)
    for _ in range(chance.randint(1, 2)):
        paths = sorted((one for one in places(events) if len(one) > 1), key=str)
        try:
            events = edit({"all": events}, ("all", *chance.choice(paths)), CHANGES[chance.choice(sorted(CHANGES))])[
                "all"
            ]
        except (TypeError, ValueError):
            continue
    return signed(relogged(document, events, issued), issued)


def without(document: Any, path: tuple[Any, ...]) -> Any:
    """A copy in which what stands at ``path`` is missing."""
    other = copy.deepcopy(document)
    del at(other, path[:-1])[path[-1]]
    return other


def test_whatever_is_missing_is_missed(page: Page, issued: Issued) -> None:
    """Each field and each row of the document, then each fact of each entry, left out by a lender who lies."""
    document = issued.documents["sealed-1"]
    contents = [signed(without(document, path), issued) for path in places(document) if path != ("signature",)]
    rows = (*document["events"], *document["openings"])
    events: Any = [json.loads(row["entry"]) for row in rows]
    short = [without(events, path) for path in places(events) if len(path) == 2]
    contents += [signed(relogged(document, one, issued), issued) for one in short]
    contents.append(certificate_bytes(without(document, ("signature",))))
    assert len(contents) > 200
    assert {0, 3} == set(agree(page, issued, contents))  # what nobody reads may be left out


@pytest.mark.parametrize("rule", [["X"], {"x": "X"}, 5, True, [], 0])
def test_a_rule_that_is_no_code_is_judged_alike(page: Page, issued: Issued, rule: Any) -> None:
    """In the parts, in the plan and in every entry that counts rules: consistent lies of another type."""
    document = copy.deepcopy(issued.documents["sealed-1"])
    events: Any = logged(document)
    for part in document["parts"]:
        if part["outcome"] == "retained":
            part["rule"] = rule
    for event in events[:4]:
        if "plan" in event:
            event["plan"] = hashlib.sha256(canonical(document["parts"])).hexdigest()
        if "rules" in event:
            event["rules"] = [rule]
    agree(page, issued, [signed(relogged(document, events, issued), issued)])


def stray(text: str) -> str:
    """Base64 that ends in ``=`` with other stray bits in front of it: the same bytes, in another spelling."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    cut = text.rindex("=")
    return text[: cut - 1] + alphabet[alphabet.index(text[cut - 1]) + 1] + text[cut:]


def test_a_note_in_another_spelling_is_no_note(page: Page, issued: Issued) -> None:
    """Stray bits, blanks and line ends in the base64 of signatures, of cosignatures and of the root."""
    document = issued.documents["sealed-1"]
    lines = document["checkpoint"].split("\n")
    other_root = issued.head.sign_text("\n".join([lines[0], lines[1], stray(lines[2])]) + "\n")
    notes = [stray(document["signature"]), document["signature"][:-1] + " \n", document["signature"] + "\n"]
    contents = [certificate_bytes({**document, "signature": one}) for one in notes]
    checkpoints = [other_root, document["checkpoint"] + "\n", document["checkpoint"][:-1] + "\t\n"]
    checkpoints += [document["checkpoint"].replace("\u2014", "-"), document["checkpoint"][:-1], ""]
    contents += [signed({**document, "checkpoint": one}, issued) for one in checkpoints]
    assert agree(page, issued, contents) == [3] * len(contents)


def spellings(document: Document) -> list[bytes]:
    """Files that are no canonical JSON, or no JSON at all, though many readers would take them."""
    content = certificate_bytes(document)
    text = content.decode()
    return [
        b"",
        b"no json",
        b"[]",
        b"1",
        b"null",
        b"NaN",
        b"\xef\xbb\xbf" + content,
        content + b"\n\n",
        content + b" ",
        content[:-1],
        content.replace(b'"format"', b'"\\u0066ormat"', 1),
        content.replace(b"}", b',"a":NaN}', 1),
        content.replace(b'"leaf":', b'"leaf":-0,"x":', 1),
        content.replace(b'"leaf":', b'"leaf":1.0,"x":', 1),
        content.replace(b'"leaf":', b'"leaf":1e2,"x":', 1),
        content.replace(b'"leaf":', b'"leaf":9999999999999999,"x":', 1),
        content.replace(b"{", b'{"a":"\\ud800",', 1),
        content.replace(b"{", b'{"a":"\xed\xa0\x80",', 1),
        content.replace(b"{", b'{"\xf0\x90\x80\x80":1,"\xef\xbf\xbd":1,', 1),
        content.replace(b"{", b'{"__proto__":{"format":1},', 1),
        text.encode("utf-16"),
        json.dumps(document, ensure_ascii=False).encode(),
        json.dumps(document, sort_keys=True, separators=(",", ":")).encode(),
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    ]


def test_the_browser_agrees_on_every_spelling(page: Page, issued: Issued) -> None:
    """Other spellings of the same document are not it; what is no JSON is told apart from what is not genuine."""
    codes = agree(page, issued, spellings(issued.documents["sealed-1"]))
    assert set(codes) == {1, 3}


def test_odd_fields_of_a_signed_certificate_are_read_alike(page: Page, issued: Issued) -> None:
    """Fields that nobody knows, names that scripts trip over, characters beyond the first plane: all sort alike."""
    document = issued.documents["sealed-2"]
    odd = [{name: 1} for name in ("__proto__", "constructor", "toString", "0", "10", "9", "\U00010000", "\ufffd", "é")]
    odd.append({"\U00010000": 1, "\ufffd": 2, "10": 3, "9": 4})
    contents = [signed({**document, **one}, issued) for one in odd]
    assert agree(page, issued, contents) == [0] * len(contents)


def test_keys_and_quorum_are_the_readers(page: Page, issued: Issued) -> None:
    """No key, a key of the other kind, another log's key, a witness that did not sign: never 'it holds'."""
    content = base64.b64encode(certificate_bytes(issued.documents["sealed-1"])).decode()
    live = base64.b64encode(certificate_bytes(issued.documents["live"])).decode()
    log, witness = issued.head.verifier.vkey, issued.witness.vkey
    run = """async ([content, logs, witnesses, quorum]) => {
      const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
      const found = await shouxinCertificate.verify(bytes, logs, witnesses, quorum);
      return [found.code, found.why];
    }"""
    for asked, told in (
        ([content, [log], [witness], None], [0, ""]),
        ([content, [log], [], None], [0, ""]),
        ([content, [], [witness], None], [1, "no-key"]),
        ([content, [witness], [], None], [1, "bad-key"]),
        ([content, [log], [log], None], [1, "bad-key"]),
        ([content, [log + "A"], [], None], [1, "bad-key"]),
        ([content, [log], [witness], 2], [1, "too-few-witnesses"]),
        ([live, [log], [witness], None], [1, "too-few-witnesses"]),
        ([live, [log], [witness], 0], [0, ""]),
    ):
        assert page.evaluate(run, asked) == told
    assert at(issued.documents["live"], ("sealed",)) is None
