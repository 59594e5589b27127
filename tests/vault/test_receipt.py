"""A receipt verifies offline against a real log, and no part of it can be changed."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import shouxin
from shouxin.consent.consent import Consent, Served, withdraw
from shouxin.consent.receipt import consent_record, history
from shouxin.consent.transitions import Answer, ConsentEvent, ConsentState, choose, serve
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ConsentId, SubjectId
from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid, Tampered
from shouxin.ledger.checkpoint import Checkpoint
from shouxin.ledger.commitment import blinding, commit_to
from shouxin.ledger.note import KeySigner, SignatureKind, Verifier
from shouxin.ledger.proof import ProofFile, inclusion_ranges
from shouxin.ledger.tree import leaf_hash, root_of
from shouxin.ledger.witness import cosign
from shouxin.operations.auditing.heads import LogHead
from shouxin.policy.card import Card, Form, PurposeCode, Term
from shouxin.policy.consent_demand import About
from shouxin.policy.lawpack import load_pack
from shouxin.policy.notice import NoticeKind, notice_for
from shouxin.policy.recipient import Recipient
from shouxin.vault.receipt import EVENTS, check_receipt, particulars_of, prove, receipt_bytes, receipt_statement
from tests.places import places

WHO, IDENTIFIER, PEPPER = SubjectId(b"w" * 16), ConsentId(b"c" * 16), b"p" * 32
LENDER = Handler("守信", "400-000-0000", "dpo@lender.example", "complaints@lender.example")
VIDEO = ItemCode("interview.video")
CARD = Card(
    purpose=PurposeCode("interview.video"),
    version=2,
    title_zh="视频面签",
    title_en="The video interview",
    explanation_zh="核对是您本人申请。",
    explanation_en="To see that it is you.",
    lawful_basis="consent",
    basis_article="PIPL 13(1)(1)",
    items=(VIDEO,),
    roles={Form("sealed"): ("collector",)},
    retention={"video": Term((VIDEO,), 180)},
    recipients=("bureau",),
)
BUREAU = Recipient("bureau", "信用信息公司", "c-7", date(2027, 1, 1), "service@bureau.example", (VIDEO,))
NOTICE = notice_for(
    CARD,
    load_pack("cn"),
    LENDER,
    [BUREAU],
    "zh",
    NoticeKind.SEPARATE_CONSENT,
    date(2026, 1, 1),
    about=About.SENSITIVE,
)
ASKED = serve(
    Served(WHO, CARD.purpose, 2, "zh", NOTICE.kind.value, NOTICE.about, NOTICE.digest, Instant(1_000_500), "branch"),
    None,
    CARD.ask_again_days,
)
YES = choose(ASKED, Answer(NOTICE.digest, 2, "zh", agreed=True, at=Instant(2_000_700)))
NO = choose(ASKED, Answer(NOTICE.digest, 2, "zh", agreed=False, at=Instant(2_000_700)))
OVER = withdraw(YES, Instant(3_000_000))

HEAD = LogHead("log.lender.example", b"s" * 32)
LOG = HEAD.verifier
_WITNESS = Ed25519PrivateKey.from_private_bytes(b"t" * 32)
WITNESS = Verifier("witness.example", SignatureKind.COSIGNATURE, _WITNESS.public_key().public_bytes_raw())
Document = dict[str, Any]


@dataclass
class Log:
    """A small log: what is added stands between entries about other people."""

    entries: list[bytes] = field(default_factory=list)

    def add(self, kind: str, at: int, subject: SubjectId = WHO, **facts: Any) -> int:
        number = len(self.entries)
        event_id = number.to_bytes(16, "big")
        commitment = commit_to(blinding(PEPPER, event_id), subject).hex()
        body = {"event": kind, "at": at, "id": event_id.hex(), "subject": commitment, "v": 1, **facts}
        self.entries += [json.dumps(body, sort_keys=True, separators=(",", ":")).encode(), b'{"other":%d}' % number]
        return number

    def follow(self, consent: Consent, **other: Any) -> list[int]:
        """Add the steps of a question as operations would record them."""
        kinds = {event: kind for kind, event in EVENTS.items()}
        leaves = []
        for event, at in history(consent):
            facts: dict[str, Any] = {"purpose": consent.purpose, "version": consent.version}
            if event is not ConsentEvent.WITHDRAW:
                facts |= {"notice": consent.notice.hex(), "language": consent.language}
            leaves.append(self.add(kinds[event], at, **{**facts, **other}))
        return leaves

    def row(self, leaf: int) -> Document:
        hashes = list(map(leaf_hash, self.entries))
        root = root_of(hashes)
        note = HEAD.sign(Checkpoint("log.lender.example", len(hashes), root))
        text = note.split("\n\n")[0] + "\n"
        note += cosign(text, KeySigner(WITNESS, _WITNESS.sign), 1_767_225_600).line()
        path = tuple(root_of(hashes[start:end]) for start, end in inclusion_ranges(leaf, len(hashes)))
        blind = blinding(PEPPER, leaf.to_bytes(16, "big"))
        return {
            "leaf": leaf,
            "entry": self.entries[leaf].decode(),
            "blinding": blind.hex(),
            "member": None,
            "proof": str(ProofFile(leaf, path, note)),
        }


def signed(document: Document) -> Document:
    """The document with the institution's signature, read from a file."""
    document = {key: value for key, value in document.items() if key != "signature"}
    read: Document = json.loads(receipt_bytes({**document, "signature": HEAD.sign_text(receipt_statement(document))}))
    return read


def made(consent: Consent = YES, log: Log | None = None, leaves: list[int] | None = None) -> Document:
    """A receipt."""
    log = log or Log()
    log.add("card.adopted", 1)
    rows = [log.row(leaf) for leaf in (log.follow(consent) if leaves is None else leaves)]
    told = particulars_of(CARD, NOTICE, [BUREAU])
    record = consent_record(IDENTIFIER, consent, NOTICE.text, LENDER, told, Instant(4_000_000))
    return signed(prove(record, WHO, rows))


@pytest.mark.parametrize(
    ("consent", "state", "steps"),
    [
        (ASKED, ConsentState.SERVED, ["notice.served"]),
        (YES, ConsentState.AGREED, ["notice.served", "consent.given"]),
        (NO, ConsentState.REFUSED, ["notice.served", "consent.refused"]),
        (OVER, ConsentState.WITHDRAWN, ["notice.served", "consent.given", "consent.withdrawn"]),
    ],
)
def test_a_receipt_proves_what_was_served_and_chosen(consent: Consent, state: ConsentState, steps: list[str]) -> None:
    """From the file and the trusted keys alone: state, purpose, version, notice, times, and who witnessed."""
    verdict = check_receipt(made(consent), LOG, [WITNESS])
    assert (verdict.state, verdict.purpose, verdict.version) == (state, "interview.video", 2)
    assert [step for step, _ in verdict.steps] == steps
    assert verdict.steps[0][1] == 1_000_500
    assert verdict.notice == NOTICE.digest.hex()
    assert verdict.witnesses == 1
    assert check_receipt(made(consent), LOG).witnesses == 0, "a witness who is not trusted does not count"
    assert not set(verdict.proved) & set(verdict.attested)


def test_the_file_is_canonical() -> None:
    """The bytes that are handed out are RFC 8785, as another implementation writes them."""
    document = made()
    assert receipt_bytes(document) == rfc8785.dumps(document)


def edited(document: Document, path: tuple[Any, ...], change: Any) -> Document:
    """The document with one place changed; ``change`` makes the new value from the old."""
    other = copy.deepcopy(document)
    at: Any = other
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = change(at[path[-1]])
    return other


def _other(value: Any) -> Any:
    return value + "x" if isinstance(value, str) else value + 1 if isinstance(value, int) else {"x": value}


def test_no_changed_field_passes() -> None:
    """Every field at every depth: changed or taken away, it is refused."""
    document = made()
    paths = list(places(document))
    assert len(paths) > 150
    for path in paths:
        with pytest.raises(Tampered):
            check_receipt(edited(document, path, _other), LOG, [WITNESS])
    for key in document:
        with pytest.raises(Tampered):
            check_receipt({name: value for name, value in document.items() if name != key}, LOG, [WITNESS])


def test_another_key_proves_nothing() -> None:
    """A receipt that somebody else's log signed is refused, and a witness's key does not stand for the log's."""
    other = LogHead("log.lender.example", b"o" * 32)
    for key in (other.verifier, WITNESS):
        with pytest.raises(Tampered):
            check_receipt(made(), key, [WITNESS])


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (("dpv:hasNotice", 0, "shouxin:text"), lambda text: text + "以及推销。\n"),
        (("dpv:hasNotice", 0, "dpv:hasIdentifier"), lambda _: "0" * 64),
        (("dpv:hasNotice", 0, "dct:language"), lambda _: "en"),
        (("dct:language",), lambda _: "en"),
        (("dpv:hasNotice", 0, "dct:date"), lambda _: "1970-01-01T00:00:00Z"),
        (("dpv:hasProcess", 0, "dpv:hasPurpose", 0, "dct:identifier"), lambda _: "marketing"),
        (("dpv:hasProcess", 0, "dpv:hasPurpose", 0, "dct:hasVersion"), lambda _: "3"),
        (("dpv:hasProcess", 0, "dpv:hasConsentStatus", 1, "@type"), lambda _: ["dpv:ConsentRefused"]),
        (("dpv:hasProcess", 0, "dpv:hasConsentStatus", 1, "dpv:isIndicatedAtTime"), lambda _: "1970-01-01T00:33:21Z"),
        (("dpv:hasProcess", 0, "dpv:hasConsentStatus"), lambda steps: steps[:1]),
        (("dpv:hasIdentifier",), lambda _: "con_" + "0" * 32),
        (("dpv:hasDataSubject", "dpv:hasIdentifier"), lambda _: "0" * 32),
        (("ledger", "subject"), lambda _: (b"x" * 16).hex()),
        (("ledger", "events"), lambda rows: rows[::-1]),
        (("ledger", "events"), lambda rows: rows[:1]),
        (("ledger", "events"), lambda rows: rows[1:]),
        (("ledger", "events"), lambda rows: [*rows, rows[1]]),
        (("ledger", "events"), lambda _: []),
        (("ledger", "format"), lambda _: "shouxin.receipt/2"),
    ],
)
def test_even_the_institution_cannot_sign_what_the_log_does_not_hold(path: tuple[Any, ...], change: Any) -> None:
    """Signed anew by the right key, a receipt that says other than its entries is refused all the same."""
    document = made()
    check_receipt(signed(edited(document, path, lambda value: value)), LOG)
    with pytest.raises(Tampered):
        check_receipt(signed(edited(document, path, change)), LOG)


def test_a_choice_without_its_serving_is_refused() -> None:
    """A receipt that leaves the serving out, in its record and in its entries alike, proves no informed choice."""
    document = made()
    without = edited(document, ("ledger", "events"), lambda rows: rows[1:])
    without = edited(without, ("dpv:hasProcess", 0, "dpv:hasConsentStatus"), lambda steps: steps[1:])
    given = document["dpv:hasProcess"][0]["dpv:hasConsentStatus"][1]["dpv:isIndicatedAtTime"]
    without = edited(without, ("dpv:hasNotice", 0, "dct:date"), lambda _: given)
    with pytest.raises(Tampered, match="begins with the serving"):
        check_receipt(signed(without), LOG)


@pytest.mark.parametrize("facts", [{"notice": "0" * 64}, {"language": "en"}, {"purpose": "marketing"}, {"version": 3}])
def test_an_entry_about_something_else_is_refused(facts: dict[str, Any]) -> None:
    """A choice in the log that names another notice, language, purpose or version does not carry this receipt."""
    log = Log()
    served = log.follow(ASKED)
    given = {"purpose": "interview.video", "version": 2, "notice": NOTICE.digest.hex(), "language": "zh"}
    leaf = log.add("consent.given", 2_000_700, **{**given, **facts})
    with pytest.raises(Tampered):
        check_receipt(made(YES, log, [*served, leaf]), LOG)


def test_an_entry_about_somebody_else_is_refused() -> None:
    """The commitment must open to the person whom the receipt is about."""
    log = Log()
    leaves = log.follow(YES, subject=SubjectId(b"x" * 16))
    with pytest.raises(Tampered, match="somebody else"):
        check_receipt(made(YES, log, leaves), LOG)


def test_what_was_chosen_before_it_was_served_is_refused() -> None:
    """The order of the log is the order of the question: a notice that was recorded afterwards is too late."""
    log = Log()
    facts = {"purpose": "interview.video", "version": 2, "notice": NOTICE.digest.hex(), "language": "zh"}
    given = log.add("consent.given", 2_000_700, **facts)
    served = log.add("notice.served", 1_000_500, **facts)
    for leaves in ([given, served], [served, given]):
        with pytest.raises(Tampered):
            check_receipt(made(YES, log, leaves), LOG)
    back = Log()
    leaves = [back.add("notice.served", 1_000_500, **facts), back.add("consent.given", 900_000, **facts)]
    early = replace(YES, given=Instant(900_000))
    with pytest.raises(Tampered, match="before the one before"):
        check_receipt(made(early, back, leaves), LOG)


def test_the_fields_come_from_the_card_of_the_notice() -> None:
    """Title, items, terms, recipients and rights are the notice's; another card's are refused."""
    told = particulars_of(CARD, NOTICE, [BUREAU])
    assert told.sensitive == (VIDEO,)
    assert told.title in NOTICE.text
    assert all(line in NOTICE.text for line in told.rights)
    assert [one.contact for one in told.recipients] == [BUREAU.contact]
    with pytest.raises(Invalid, match="another card"):
        particulars_of(msgspec.structs.replace(CARD, version=3), NOTICE, [BUREAU])


GUIDE = (Path(__file__).parents[2] / "docs" / "consent.md").read_text("utf-8")


def test_the_guides_way_of_verifying_works(tmp_path: Path) -> None:
    """The script of docs/consent.md says what a genuine receipt proves, and fails on one that was changed."""
    found = re.search(r"<!-- verify a receipt -->\n```python\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
    assert found
    (tmp_path / "verify.py").write_text(found[1], "utf-8")
    document = made()
    (tmp_path / "good.json").write_bytes(receipt_bytes(document))
    (tmp_path / "bad.json").write_bytes(receipt_bytes({**document, "dct:created": "1970-01-01T00:00:00Z"}))

    def run(name: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, tmp_path / "verify.py", tmp_path / name, LOG.vkey, WITNESS.vkey]
        home = {**os.environ, "PYTHONPATH": str(Path(shouxin.__file__).parents[1])}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=home)

    good, bad = run("good.json"), run("bad.json")
    assert good.stdout.startswith("agreed interview.video 2 1\n"), good.stderr
    assert bad.returncode == 1
    assert "changed after it was signed" in bad.stderr


def test_the_guide_explains_what_is_proved_and_attested() -> None:
    """Each code of a verdict has its row."""
    verdict = check_receipt(made(), LOG)
    codes = {*verdict.proved, *verdict.attested}
    assert len(codes) == 8
    assert {code for code in codes if f"| `{code}` |" not in GUIDE} == set()
