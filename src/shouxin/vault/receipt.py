"""The receipt with the log's proof, and how anybody checks it offline: with the file and the keys that they trust.

A receipt separates what is *proved* from what is *attested*, as a certificate does. Proved, by entries of a log that
witnesses saw: that this notice, by its digest, was served to this person, and what was chosen, in that order and at
those times; and that the institution signed all of the document. Attested, by its word only: who typed or signed, that
the fields say what the notice says, and that nothing happened since. A receipt is no bearer token: it opens nothing.

What the log must hold for it (``EVENTS``): the entry of a served notice and of each step after it names the person by
commitment, purpose and version; all but a withdrawal also name the notice by ``notice`` (its digest) and ``language``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shouxin.consent.receipt import STATUSES, Particulars, Party, StorageTerm, pseudonym_in
from shouxin.consent.transitions import ConsentEvent, ConsentState, follow
from shouxin.domain.clock import Instant, write
from shouxin.domain.identifiers import SubjectId
from shouxin.errors import Invalid, NotInThisState, Tampered
from shouxin.ledger.note import Verifier, verify
from shouxin.policy.card import Card
from shouxin.policy.notice import Notice, NoticeKind
from shouxin.policy.recipient import Recipient
from shouxin.vault.certificate import digest_of
from shouxin.vault.entry_proof import canonical, check_entry

__all__ = [
    "EVENTS",
    "RECEIPT",
    "ReceiptVerdict",
    "check_receipt",
    "particulars_of",
    "prove",
    "receipt_bytes",
    "receipt_statement",
]

RECEIPT: Final = "shouxin.receipt/1"
EVENTS: Final = {
    "notice.served": ConsentEvent.SERVE,
    "consent.given": ConsentEvent.AGREE,
    "consent.refused": ConsentEvent.REFUSE,
    "consent.withdrawn": ConsentEvent.WITHDRAW,
}
_PROVED: Final = (
    "the-document-is-the-institutions",
    "the-notice-kept-here-is-the-one-that-was-served",
    "served-before-chosen",
    "every-step-is-in-the-log-at-its-time",
    "every-step-is-about-this-person",
)
_ATTESTED: Final = (
    "who-it-was-that-chose",
    "the-fields-say-what-the-notice-says",
    "nothing-happened-since-the-receipt-was-made",
)


@dataclass(frozen=True, slots=True)
class ReceiptVerdict:
    """What a receipt proves: where the question stood, under which purpose and version, and when each step was.

    ``notice`` is the digest of the notice; ``witnesses`` how many cosigned each checkpoint at least; ``proved`` and
    ``attested`` are codes that ``docs/consent.md`` explains.
    """

    state: ConsentState
    purpose: str
    version: int
    notice: str
    steps: tuple[tuple[str, Instant], ...]
    witnesses: int
    proved: tuple[str, ...] = _PROVED
    attested: tuple[str, ...] = _ATTESTED


def particulars_of(card: Card, notice: Notice, recipients: Sequence[Recipient]) -> Particulars:
    """Return what ``notice`` said as the fields of a receipt; ``card`` and ``recipients`` are those it was made of.

    Raises:
        Invalid: the notice is of another card.
    """
    if (notice.purpose, notice.version) != (card.purpose, card.version):
        raise Invalid("this notice was made of another card", "notice")
    zh = notice.language == "zh"
    (rights,) = [section.entries for section in notice.sections if section.code == "rights"]
    return Particulars(
        title=card.title_zh if zh else card.title_en,
        explanation=card.explanation_zh if zh else card.explanation_en,
        article=card.basis_article,
        items=card.items,
        sensitive=notice.sensitive,
        terms=tuple(StorageTerm(term.items, term.ceiling_days, term.starts) for term in card.retention.values()),
        locations=card.locations,
        recipients=tuple(Party(one.code, one.name, one.contact) for one in recipients),
        rights=rights,
        source="dpv:ThirdPartyDataSource" if notice.kind is NoticeKind.THIRD_PERSON else "dpv:DataSubjectDataSource",
    )


def receipt_bytes(document: dict[str, Any]) -> bytes:
    """Return a receipt as the file that is handed out: canonical JSON (RFC 8785)."""
    return canonical(document)


def receipt_statement(document: dict[str, Any]) -> str:
    """Return the text that the institution signs (a C2SP signed note) as ``signature`` of a receipt with its proof."""
    return f"{RECEIPT}\n{digest_of(document)}\n"


def prove(record: dict[str, Any], subject: SubjectId, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return ``record`` with the log's part: one row an entry, shaped as a certificate's.

    It is not signed yet: ``signature`` is the signed note over ``receipt_statement``.
    """
    return {**record, "ledger": {"format": RECEIPT, "subject": subject.hex(), "events": list(rows)}}


def check_receipt(receipt: dict[str, Any], log_key: Verifier, witness_keys: Iterable[Verifier] = ()) -> ReceiptVerdict:
    """Check a receipt against the keys that the caller trusts; return what it proves.

    Raises:
        Tampered: anything in it is not what the log holds or what the institution signed; says which.
    """
    known = tuple(witness_keys)
    try:
        if receipt["ledger"]["format"] != RECEIPT:
            raise Tampered("this is not a receipt of a format known here")
        if verify(receipt["signature"], [log_key]).text != receipt_statement(receipt):
            raise Tampered("the receipt was changed after it was signed")
        subject = SubjectId(bytes.fromhex(receipt["ledger"]["subject"]))
        if receipt["dpv:hasDataSubject"]["dpv:hasIdentifier"] != pseudonym_in(receipt["dpv:hasIdentifier"], subject):
            raise Tampered("the receipt names another person than its entries")
        rows = receipt["ledger"]["events"]
        checked = [check_entry(row, subject, log_key, known) for row in rows]
        leaves = [row["leaf"] for row in rows]
        if leaves != sorted(set(leaves)):
            raise Tampered("the entries do not stand in the order of the log")
        return _verdict(receipt, [event for event, _ in checked], min(count for _, count in checked))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, Invalid):
        raise Tampered("the receipt lacks something or has it in another shape") from None


def _verdict(receipt: dict[str, Any], events: list[dict[str, Any]], witnesses: int) -> ReceiptVerdict:
    """Hold the record against the entries of its question."""
    (process,), (notice,) = receipt["dpv:hasProcess"], receipt["dpv:hasNotice"]
    (purpose,) = process["dpv:hasPurpose"]
    named = (purpose["dct:identifier"], purpose["dct:hasVersion"])
    digest = hashlib.sha256(notice["shouxin:text"].encode()).hexdigest()
    language = {receipt["dct:language"], notice["dct:language"]}
    if notice["dpv:hasIdentifier"] != digest:
        raise Tampered("the notice in the receipt is not the one that it names")
    for event in events:
        if (event["purpose"], str(event["version"])) != named:
            raise Tampered("an entry is about another purpose or version")
        if event["event"] != "consent.withdrawn" and ({event["language"]}, event["notice"]) != (language, digest):
            raise Tampered("the log holds another notice than the receipt")
    steps = [(EVENTS[event["event"]], Instant(event["at"])) for event in events]
    said = [(one["@type"], one["dpv:isIndicatedAtTime"]) for one in process["dpv:hasConsentStatus"]]
    if said != [(list(STATUSES[step]), write(at)) for step, at in steps] or notice["dct:date"] != write(steps[0][1]):
        raise Tampered("the steps or their times are not those that the log holds")
    return ReceiptVerdict(
        state=_state(steps),
        purpose=events[0]["purpose"],
        version=events[0]["version"],
        notice=digest,
        steps=tuple((event["event"], at) for event, (_, at) in zip(events, steps, strict=True)),
        witnesses=witnesses,
    )


def _state(steps: list[tuple[ConsentEvent, Instant]]) -> ConsentState:
    """Follow the steps through the table: one serving, then what the person did, never backwards in time."""
    (first, began), *later = steps
    if first is not ConsentEvent.SERVE or any(step is ConsentEvent.SERVE for step, _ in later):
        raise Tampered("a receipt begins with the serving of its one notice")
    state, last = ConsentState.SERVED, began
    for step, at in later:
        try:
            state = follow(state, step)
        except NotInThisState:
            raise Tampered("the steps are not those of one question") from None
        if at < last:
            raise Tampered("a step was before the one before it")
        last = at
    return state
