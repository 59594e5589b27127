"""The receipt that a person keeps: a consent record after ISO/IEC TS 27560:2023, as JSON-LD in the words of DPV.

Laws of this file. A receipt holds what the person was told and chose, and of the person nothing but a name that this
one receipt has for them: no value of theirs, no name, no number. It carries the notice itself, so that its SHA-256 can
be made again from the receipt alone. The context is data: nothing is fetched to read it.

What is made here claims; ``vault/receipt.py`` adds the log's proof and checks it.
**Source:** ISO/IEC TS 27560:2023 in the fields of the DPVCG schema ``dpv-27560`` (W3C Data Privacy Vocabulary 2.x),
``https://w3id.org/dpv/schema/dpv-27560``; the standard's own text was not at hand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from shouxin.consent.consent import Consent
from shouxin.consent.transitions import ConsentEvent
from shouxin.domain.clock import Instant, write
from shouxin.domain.identifiers import ConsentId, SubjectId, show
from shouxin.domain.institution import Handler
from shouxin.domain.item_export import CONTEXT
from shouxin.domain.items import ItemCode, taxonomy
from shouxin.errors import Invalid

__all__ = ["STATUSES", "Particulars", "Party", "StorageTerm", "consent_record", "history", "pseudonym_in"]

SCHEMA: Final = "dpv-27560:receipt"
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
_PSEUDONYM: Final = b"shouxin/receipt-subject/v1\0"

# What happened to the question, in DPV's words.
STATUSES: Final[dict[ConsentEvent, tuple[str, ...]]] = {
    ConsentEvent.SERVE: ("dpv:ConsentRequested",),
    ConsentEvent.AGREE: ("dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"),
    ConsentEvent.REFUSE: ("dpv:ConsentRefused",),
    ConsentEvent.WITHDRAW: ("dpv:ConsentWithdrawn",),
}

_CONTEXT: Final[dict[str, Any]] = {
    **CONTEXT,
    "dct": "http://purl.org/dc/terms/",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "loc": "https://w3id.org/dpv/loc#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "shouxin": "urn:shouxin:term:",
    "ledger": {"@id": "shouxin:ledger", "@type": "@json"},
    "signature": "shouxin:signature",
}


@dataclass(frozen=True, slots=True)
class Party:
    """A recipient as the notice names them."""

    code: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class StorageTerm:
    """How long some items are kept at most: days, counted from ``starts`` (a code)."""

    items: tuple[ItemCode, ...]
    days: int
    starts: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the notice said, as fields: the same card that made the notice makes these.

    ``rights`` are lines as the person read them; ``sensitive`` are among ``items``; ``locations`` are country codes
    (ISO 3166-1); ``source`` is a term of DPV for where the data comes from.
    """

    title: str
    explanation: str
    article: str
    items: tuple[ItemCode, ...]
    sensitive: tuple[ItemCode, ...]
    terms: tuple[StorageTerm, ...]
    locations: tuple[str, ...]
    recipients: tuple[Party, ...]
    rights: tuple[str, ...]
    source: str = "dpv:DataSubjectDataSource"


def pseudonym_in(record: str, subject: SubjectId) -> str:
    """Return the name that the receipt ``record`` has for a person: 32 hexadecimal digits, other in every receipt."""
    return hashlib.sha256(_PSEUDONYM + record.encode() + b"\0" + subject).hexdigest()[:32]


def history(consent: Consent) -> Iterator[tuple[ConsentEvent, Instant]]:
    """Yield what happened to a question, and when, from serving on."""
    yield ConsentEvent.SERVE, consent.notified
    if consent.given is not None:
        yield ConsentEvent.AGREE, consent.given
    if consent.refused is not None:
        yield ConsentEvent.REFUSE, consent.refused
    if consent.withdrawn is not None:
        yield ConsentEvent.WITHDRAW, consent.withdrawn


def consent_record(
    identifier: ConsentId, consent: Consent, text: str, handler: Handler, told: Particulars, created: Instant
) -> dict[str, Any]:
    """Return the record of one question as JSON-LD; ``text`` is the notice as it was served.

    Raises:
        Invalid: the notice asked for nothing, ``text`` is not what was served, or a recipient's code is none.
    """
    if not consent.about:
        raise Invalid("a receipt is for a question; this notice asked for nothing", "about")
    if hashlib.sha256(text.encode()).digest() != consent.notice:
        raise Invalid("this is not the notice that was served", "notice")
    if not all(_CODE.fullmatch(one.code) for one in told.recipients):
        raise Invalid("a recipient has a code: a-z, 0-9, dot, hyphen and underscore", "recipients")
    name = show(ConsentId, identifier)
    return {
        "@context": _CONTEXT,
        "@type": ["dpv:ConsentRecord"],
        "dct:conformsTo": SCHEMA,
        "dpv:hasIdentifier": name,
        "dpv:hasDataSubject": {
            "@type": ["dpv:DataSubject"],
            "dpv:hasIdentifier": pseudonym_in(name, consent.subject),
        },
        "dct:created": write(created),
        "dct:creator": "handler",
        "dct:language": consent.language,
        "dpv:hasNotice": [
            {
                "@type": ["dpv:ConsentNotice"],
                "dpv:hasIdentifier": consent.notice.hex(),
                "dct:date": write(consent.notified),
                "dct:language": consent.language,
                "shouxin:kind": consent.kind,
                "shouxin:about": consent.about,
                "shouxin:text": text,
            }
        ],
        "dpv:hasProcess": [_process(consent, handler, told)],
        "dpv:hasEntity": _entities(consent, handler, told),
    }


def _process(consent: Consent, handler: Handler, told: Particulars) -> dict[str, Any]:
    abroad = any(place != "CN" for place in told.locations)
    operations = ["dpv:Collect", "dpv:Store", "dpv:Use"]
    operations += ["dpv:Share"] if told.recipients else []
    operations += ["dpv:Transfer"] if abroad else []
    return {
        "@type": ["dpv:Process"],
        "dpv:hasPurpose": [
            {
                "@type": ["dpv:Purpose"],
                "skos:broader": ["dpv:Purpose"],
                "skos:prefLabel": told.title,
                "skos:definition": told.explanation,
                "dct:identifier": consent.purpose,
                "dct:hasVersion": str(consent.version),
            }
        ],
        "dpv:hasPersonalData": [_datum(code, consent.language, told) for code in told.items],
        "dpv:hasProcessing": operations,
        "dpv:hasDataController": ["handler"],
        "dpv:hasDataSource": [told.source],
        "dpv:hasStorageCondition": [
            *({"@type": ["dpv:StorageLocation"], "dpv:hasLocation": f"loc:{place}"} for place in told.locations),
            *map(_storage, told.terms),
        ],
        "dpv:hasRecipient": [f"recipient:{one.code}" for one in told.recipients],
        "dpv:hasLegalBasis": [
            {"@type": "dpv:LegalBasis", "skos:broader": ["dpv:Consent"], "skos:prefLabel": told.article}
        ],
        "dpv:hasJurisdiction": "loc:CN",
        "dpv:hasRight": [{"@type": ["dpv:DataSubjectRight"], "skos:prefLabel": line} for line in told.rights],
        "dpv:hasConsentControl": [{"@type": ["dpv:WithdrawConsent"], "dpv:isExercisedAt": handler.contact}],
        "dpv:hasConsentStatus": [_status(consent, event, at) for event, at in history(consent)],
    }


def _datum(code: ItemCode, language: str, told: Particulars) -> dict[str, Any]:
    item = taxonomy().item(code)
    return {
        "@type": ["dpv:SensitivePersonalData" if code in told.sensitive else "dpv:PersonalData"],
        "skos:broader": [f"pd:{item.dpv}"],
        "skos:prefLabel": item.title_zh if language == "zh" else item.title_en,
        "dct:identifier": f"item:{code}",
    }


def _storage(term: StorageTerm) -> dict[str, Any]:
    return {
        "@type": ["dpv:StorageDuration"],
        "dpv:hasDuration": {"@type": "dpv:TemporalDuration", "rdf:value": f"P{term.days}D"},
        "shouxin:starts": term.starts,
        "dpv:hasPersonalData": [f"item:{code}" for code in term.items],
    }


def _status(consent: Consent, event: ConsentEvent, at: Instant) -> dict[str, Any]:
    chooser = "subject" if consent.guardian is None else "guardian"
    chosen = event in {ConsentEvent.AGREE, ConsentEvent.REFUSE}
    return {
        "@type": list(STATUSES[event]),
        "dpv:isIndicatedAtTime": write(at),
        "dpv:isExercisedAt": consent.channel,
        "dpv:isIndicatedBy": "handler" if event is ConsentEvent.SERVE else chooser,
        **({"shouxin:seal": consent.seal.hex()} if chosen and consent.seal else {}),
    }


def _entities(consent: Consent, handler: Handler, told: Particulars) -> dict[str, Any]:
    entities: dict[str, Any] = {
        "handler": {
            "@type": ["dpv:DataController", "dpv:Organisation"],
            "dpv:hasName": handler.name,
            "dpv:hasContact": [handler.contact, handler.dpo_contact, handler.complaint],
        },
        "subject": {"@type": ["dpv:DataSubject"]},
    }
    if consent.guardian is not None:
        entities["guardian"] = {"@type": ["dpv:GuardianOfDataSubject"]}
    for one in told.recipients:
        entities[f"recipient:{one.code}"] = {
            "@type": ["dpv:Recipient", "dpv:Organisation"],
            "dpv:hasName": one.name,
            "dpv:hasContact": [one.contact],
        }
    return entities
