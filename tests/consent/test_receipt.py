"""A receipt says what was told and chosen, in DPV's words, and nothing of the person beyond it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from shouxin.consent.consent import Consent, Served, withdraw
from shouxin.consent.receipt import Particulars, Party, StorageTerm, consent_record, history, pseudonym_in
from shouxin.consent.transitions import Answer, ConsentEvent, choose, serve
from shouxin.domain.clock import Instant
from shouxin.domain.identifiers import ConsentId, SubjectId, show
from shouxin.domain.institution import Handler
from shouxin.domain.items import ItemCode
from shouxin.errors import Invalid

WHO, PARENT, IDENTIFIER = SubjectId(b"w" * 16), SubjectId(b"p" * 16), ConsentId(b"c" * 16)
TEXT = "请您单独同意：视频面签\n"
DIGEST = hashlib.sha256(TEXT.encode()).digest()
LENDER = Handler("守信", "400-000-0000", "dpo@lender.example", "complaints@lender.example")
VIDEO, MOBILE = ItemCode("interview.video"), ItemCode("contact.mobile")
TOLD = Particulars(
    title="视频面签",
    explanation="核对是您本人申请。",
    article="PIPL 13(1)(1)",
    items=(VIDEO, MOBILE),
    sensitive=(VIDEO,),
    terms=(StorageTerm((VIDEO, MOBILE), 180, "collection"),),
    locations=("CN", "SG"),
    recipients=(Party("bureau", "信用信息公司", "service@bureau.example"),),
    rights=("查阅、复制您的信息",),
)
ASKED = serve(
    Served(WHO, "interview.video", 2, "zh", "separate-consent", "sensitive", DIGEST, Instant(1000_000), "branch"),
    None,
    90,
)
YES = choose(ASKED, Answer(DIGEST, 2, "zh", agreed=True, at=Instant(2000_000), seal=b"s" * 32))


def record(consent: Consent = YES, told: Particulars = TOLD, text: str = TEXT) -> dict[str, Any]:
    """A receipt's record, as it would be read from a file."""
    made = consent_record(IDENTIFIER, consent, text, LENDER, told, Instant(3000_000))
    read: dict[str, Any] = json.loads(json.dumps(made))
    return read


def test_the_fields_of_the_schema_are_there() -> None:
    """Every mandatory field of dpv-27560: header, notice, process, parties, events."""
    made = record()
    assert made["dct:conformsTo"] == "dpv-27560:receipt"
    assert made["dpv:hasIdentifier"] == show(ConsentId, IDENTIFIER)
    assert made["dct:created"] == "1970-01-01T00:50:00Z"
    assert made["dct:language"] == "zh"
    assert made["dct:creator"] in made["dpv:hasEntity"]
    (process,) = made["dpv:hasProcess"]
    for field in (
        "Purpose",
        "PersonalData",
        "Processing",
        "DataController",
        "DataSource",
        "StorageCondition",
        "Recipient",
        "LegalBasis",
        "Jurisdiction",
        "Right",
        "ConsentControl",
        "ConsentStatus",
    ):
        assert process[f"dpv:has{field}"], field
    named = {*process["dpv:hasDataController"], *process["dpv:hasRecipient"]}
    assert named <= set(made["dpv:hasEntity"]), "whoever is named is described"


def test_what_was_told_stands_in_its_fields() -> None:
    """Purpose, items with their sensitivity, storage, places, recipients and rights are those of the notice."""
    (process,) = record()["dpv:hasProcess"]
    assert process["dpv:hasPurpose"][0]["skos:prefLabel"] == "视频面签"
    assert [(one["dct:identifier"], one["@type"]) for one in process["dpv:hasPersonalData"]] == [
        ("item:interview.video", ["dpv:SensitivePersonalData"]),
        ("item:contact.mobile", ["dpv:PersonalData"]),
    ]
    assert {"dpv:Share", "dpv:Transfer"} <= set(process["dpv:hasProcessing"])
    places = [one.get("dpv:hasLocation") for one in process["dpv:hasStorageCondition"]]
    assert places == ["loc:CN", "loc:SG", None]
    assert process["dpv:hasStorageCondition"][2]["dpv:hasDuration"]["rdf:value"] == "P180D"
    assert process["dpv:hasRecipient"] == ["recipient:bureau"]
    home = replace(TOLD, locations=("CN",), recipients=())
    (process,) = record(told=home)["dpv:hasProcess"]
    assert not {"dpv:Share", "dpv:Transfer"} & set(process["dpv:hasProcessing"])


def test_the_notice_can_be_made_again_from_the_receipt() -> None:
    """Its text is in there, and its SHA-256 is the identifier under which it was served."""
    (notice,) = record()["dpv:hasNotice"]
    assert hashlib.sha256(notice["shouxin:text"].encode()).hexdigest() == notice["dpv:hasIdentifier"] == DIGEST.hex()
    with pytest.raises(Invalid, match="not the notice"):
        record(text=TEXT + " ")


def test_the_history_is_told_in_order() -> None:
    """Served, given with its seal, withdrawn, each with its time; a refusal likewise."""
    over = withdraw(YES, Instant(2500_000))
    statuses = record(over)["dpv:hasProcess"][0]["dpv:hasConsentStatus"]
    assert [(one["@type"][0], one["dpv:isIndicatedAtTime"], one["dpv:isIndicatedBy"]) for one in statuses] == [
        ("dpv:ConsentRequested", "1970-01-01T00:16:40Z", "handler"),
        ("dpv:ConsentGiven", "1970-01-01T00:33:20Z", "subject"),
        ("dpv:ConsentWithdrawn", "1970-01-01T00:41:40Z", "subject"),
    ]
    assert [one.get("shouxin:seal") for one in statuses] == [None, (b"s" * 32).hex(), None]
    no = choose(ASKED, Answer(DIGEST, 2, "zh", agreed=False, at=Instant(2000_000)))
    assert [event for event, _ in history(no)] == [ConsentEvent.SERVE, ConsentEvent.REFUSE]
    assert record(no)["dpv:hasProcess"][0]["dpv:hasConsentStatus"][1]["@type"] == ["dpv:ConsentRefused"]


def test_a_guardian_is_told_as_a_guardian_and_not_by_name() -> None:
    """Who chose is a role; the guardian's identifier is not in the receipt."""
    child = choose(ASKED, Answer(DIGEST, 2, "zh", agreed=True, at=Instant(2000_000), guardian=PARENT), age=13)
    made = record(child)
    assert made["dpv:hasProcess"][0]["dpv:hasConsentStatus"][1]["dpv:isIndicatedBy"] == "guardian"
    assert made["dpv:hasEntity"]["guardian"] == {"@type": ["dpv:GuardianOfDataSubject"]}
    assert PARENT.hex() not in json.dumps(made)
    assert IDENTIFIER.hex() in json.dumps(made), "the search finds what is there"


def test_the_person_has_another_name_in_every_receipt() -> None:
    """Two receipts of one person have no identifier in common, and neither holds the one that we use."""
    made = record()
    name = made["dpv:hasDataSubject"]["dpv:hasIdentifier"]
    assert name == pseudonym_in(made["dpv:hasIdentifier"], WHO)
    assert name != pseudonym_in(show(ConsentId, ConsentId(b"d" * 16)), WHO)
    assert WHO.hex() not in json.dumps(made)


def test_every_prefix_is_declared() -> None:
    """No term is left without a meaning: each prefix stands in the context, which is data."""
    made = record()
    context = made.pop("@context")

    def terms(value: object) -> set[str]:
        if isinstance(value, dict):
            return {key for key in value if key[0] != "@"}.union(*map(terms, value.values()))
        return set().union(*map(terms, value)) if isinstance(value, list) else set()

    keys = {term.partition(":")[0] for term in terms(made) if ":" in term} - {"recipient"}
    assert keys
    assert keys <= set(context)
    assert all(isinstance(one, str) and one for name, one in context.items() if name != "ledger")


def test_a_receipt_is_for_a_question() -> None:
    """Where nothing was asked there is no consent to keep a receipt of; a recipient's code is a code."""
    told = serve(
        Served(WHO, "interview.video", 2, "zh", "other-basis", "", DIGEST, Instant(1000_000), "branch"), None, 90
    )
    with pytest.raises(Invalid, match="question"):
        record(told)
    with pytest.raises(Invalid, match="code"):
        record(told=replace(TOLD, recipients=(Party("Große Bank", "x", "y"),)))
