from __future__ import annotations

import base64
import copy
import json
import secrets
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from shouxin.bootstrap import WitnessFolder
from shouxin.domain.identifiers import OperationId, new
from shouxin.errors import NotFound, Refused, Tampered
from shouxin.operations.advance import advance
from shouxin.operations.auditing.heads import LogHead
from shouxin.operations.auditing.publish import accept_cosignature, publish, witness_request
from shouxin.operations.certifying.certify import certificate, certificate_bytes, certificates
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing import erase as erasing
from shouxin.operations.erasing.erase import erase
from shouxin.vault.attestation import (
    Attestation,
    DatabaseErased,
    EvidenceKept,
    ListedResidual,
    SuppressionKept,
    TableErased,
)
from shouxin.vault.certificate import check, statement
from tests.operations.portfolio import MARK, Hands, Lender, contact_of, lender, values_of
from tests.places import places

Document = dict[str, Any]


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers, one with a contact and a video; a declined applicant who was seen."""
    made = lender(tmp_path, Hands())
    made.take([1], contact=True)
    made.take([2])
    made.take([3], customer=False)
    made.film(made.people[1])
    made.masked(made.people[1], made.people[3])
    return made


def issued(bank: Lender, number: int) -> Document:
    """Erase an applicant and issue the certificate."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[number])
    return certificate(bank.workspace, bank.tokens["rights_desk"], operation)


def test_a_certificate_proves_what_was_done(bank: Lender) -> None:
    """Whoever has the log's key learns outcome, counts and openings from the document alone, as JSON."""
    for number, outcome in ((3, "erased"), (1, "erased-in-part")):
        document = json.loads(json.dumps(issued(bank, number)))
        verdict = check(document, bank.workspace.head.verifier)
        parts = [part["outcome"] for part in document["parts"]]
        assert (verdict.outcome, verdict.sealed, verdict.witnesses) == (outcome, False, 0)
        assert (verdict.erased, verdict.retained) == (parts.count("erased"), parts.count("retained"))
        assert verdict.openings == len(document["openings"]) == 2
        assert verdict.entries == verdict.openings + 3


def test_many_certificates_are_issued_under_one_checkpoint(bank: Lender) -> None:
    """Each proves its own erasure as if it were issued alone; one that is not done fails them all."""
    people = {number: erase(bank.workspace, bank.tokens["dpo"], bank.people[number])[0] for number in (3, 1)}
    made = certificates(bank.workspace, bank.tokens["dpo"], list(people.values()))
    assert [one["operation"] for one in made] == [operation.hex() for operation in people.values()]
    assert [check(one, bank.workspace.head.verifier).outcome for one in made] == ["erased", "erased-in-part"]
    assert len({one["checkpoint"] for one in made}) == 1
    with pytest.raises(NotFound):
        certificates(bank.workspace, bank.tokens["dpo"], [*people.values(), new(OperationId)])


def changed(value: object) -> list[object]:
    """Return values that are not ``value``, near it and far from it."""
    if isinstance(value, bool) or value is None:
        return [not value, "x"]
    if isinstance(value, int):
        return [value + 1, -1, str(value)]
    if isinstance(value, str):
        return [value[:-1], value + "0", value.swapcase() if value.swapcase() != value else "", None]
    if isinstance(value, list):
        return [value[:-1], [*value, *value[:1]], value[::-1], None] if value else [["x"]]
    return [{}, None]


def edited(document: Document, path: tuple[Any, ...], value: object) -> Document:
    """Return ``document`` with one place changed."""
    other = copy.deepcopy(document)
    at: Any = other
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return other


def test_no_changed_field_passes(bank: Lender) -> None:
    """Every field of a certificate, at every depth: changed, cut, doubled, emptied or taken away, it is refused."""
    document, log = issued(bank, 1), bank.workspace.head.verifier
    tried = 0
    for path in list(places(document)):
        at: Any = document
        for step in path:
            at = at[step]
        for value in changed(at):
            if value == at:
                continue
            with pytest.raises(Tampered):
                check(edited(document, path, value), log)
            tried += 1
    for key in document:
        with pytest.raises(Tampered):
            check({name: value for name, value in document.items() if name != key}, log)
    with pytest.raises(Tampered):
        check({**document, "more": 1}, log)
    assert tried > 300


def test_no_flipped_letter_passes(bank: Lender) -> None:
    """One letter changed anywhere in the written document, and it is refused or does not read."""
    document, log = issued(bank, 3), bank.workspace.head.verifier
    text = json.dumps(document, ensure_ascii=False)
    # A signature has spare bits in its last letter that mean nothing; there is no other slack.
    slack = 0
    for at in range(0, len(text), 7):
        letter = "0" if text[at] != "0" else "1"
        try:
            other = json.loads(text[:at] + letter + text[at + 1 :])
        except ValueError:
            continue
        if other == document:
            continue
        try:
            check(other, log)
            slack += 1
        except Tampered:
            pass
    assert slack <= 1


@pytest.mark.parametrize(
    ("name", "forge"),
    [
        ("outcome", lambda document: "erased"),
        ("parts-outcome", None),
        ("parts-fewer", None),
        ("parts-date", None),
        ("operation", lambda document: secrets.token_hex(16)),
        ("subject", lambda document: secrets.token_hex(16)),
        ("sealed", lambda document: document["live"]),
        ("live", lambda document: "2020-01-01T00:00:00Z"),
        ("planned", lambda document: "2020-01-01T00:00:00Z"),
        ("scope", lambda document: "part"),
        ("events-fewer", None),
        ("events-twice", None),
        ("openings-of-another", None),
    ],
)
def test_the_lender_cannot_sign_what_the_log_does_not_hold(
    bank: Lender, name: str, forge: Callable[[Document], object] | None
) -> None:
    """A certificate that the institution itself signs falsely is refused wherever the log says otherwise."""
    document = issued(bank, 1)
    other = copy.deepcopy(document)
    kept = next(part for part in other["parts"] if part["outcome"] == "retained")
    if forge is not None:
        other[name] = forge(document)
    elif name == "parts-outcome":
        kept["outcome"] = "erased"
    elif name == "parts-fewer":
        other["parts"].remove(kept)
    elif name == "parts-date":
        kept["until"] = "2099-01-01"
    elif name == "events-fewer":
        other["events"].pop()
    elif name == "events-twice":
        other["events"].append(other["events"][0])
    else:
        other["openings"] = issued(bank, 3)["openings"]
    assert other != document
    other["signature"] = bank.workspace.head.sign_text(statement(other))
    with pytest.raises(Tampered):
        check(other, bank.workspace.head.verifier)


def test_a_proof_that_brings_its_own_key_proves_nothing(bank: Lender) -> None:
    """Signed by anybody but the log that the reader trusts, a certificate is refused."""
    document = issued(bank, 3)
    stranger = LogHead(bank.workspace.institution.origin, b"s" * 32)
    with pytest.raises(Tampered):
        check(document, stranger.verifier)
    document["signature"] = stranger.sign_text(statement(document))
    for key in (stranger.verifier, bank.workspace.head.verifier):
        with pytest.raises(Tampered):
            check(document, key)


def test_witnesses_are_counted_when_the_reader_knows_them(bank: Lender, tmp_path: Path) -> None:
    """What a witness cosigned says so to a reader who trusts it, and to nobody else."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    witness = WitnessFolder(tmp_path / "witness", "witness.example")
    log = bank.workspace.head.verifier
    publish(bank.workspace, bank.tokens["operator"])
    answer = witness.add_checkpoint(log, witness_request(bank.workspace, witness.known(log.name)), 1_800_000_000)
    accept_cosignature(bank.workspace, answer.body, witness.verifier)
    document = certificate(bank.workspace, bank.tokens["dpo"], operation)
    assert check(document, log, [witness.verifier]).witnesses == 1
    assert check(document, log).witnesses == 0


def test_a_certificate_says_nothing_about_anybody_else(bank: Lender) -> None:
    """It holds no value of anybody, no name of who looked, and no identifier of another person."""
    (named,) = bank.find_contact(1)
    for number in (1, 3):
        text = json.dumps(issued(bank, number), ensure_ascii=False)
        everything = [*values_of(number).values(), *contact_of(number)[0].values.values()]
        assert not any(value.text() in text for value in everything)
        assert MARK not in text
        others = [named, *(subject for other, subject in bank.people.items() if other != number)]
        for other in others:
            assert other.hex() not in text
            assert base64.b64encode(other).decode() not in text
        assert not any(f'"{name}"' in text for name in bank.tokens)


def test_it_says_until_when_entries_can_be_linked(bank: Lender) -> None:
    """The certificate names the day until which it stays provable who looked, three years on at least."""
    document = issued(bank, 3)
    assert int(document["accountable_until"][:4]) >= int(document["live"][:4]) + 3
    assert {"flash-blocks-of-the-key-file", "snapshots-of-the-key-folder"} <= {
        one["what"] for one in document["residuals"]
    }
    assert document["proved"]
    assert document["attested"]
    assert not set(document["proved"]) & set(document["attested"])


def test_an_old_certificate_stays_true_after_sealing(bank: Lender) -> None:
    """A certificate issued while live still verifies after the advance; the one issued then says sealed."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    before = certificate(bank.workspace, bank.tokens["dpo"], operation)
    advance(bank.workspace, bank.tokens["operator"])
    after = certificate(bank.workspace, bank.tokens["dpo"], operation)
    log = bank.workspace.head.verifier
    assert (check(before, log).sealed, check(after, log).sealed) == (False, True)
    assert after["sealed"] is not None


def test_what_is_not_done_is_not_certified(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure that is only intended, or none at all, has no certificate."""
    monkeypatch.setattr(erasing, "carry_out", lambda _workspace, _token, jobs: jobs)
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    for unfinished in (operation, new(OperationId)):
        with pytest.raises(NotFound):
            certificate(bank.workspace, bank.tokens["dpo"], unfinished)


@pytest.mark.parametrize("role", ["analyst", "operator", "collector", "credit_officer", "model"])
def test_only_who_answers_rights_issues_certificates(bank: Lender, role: str) -> None:
    """A certificate is issued by the rights desk, the officer or the auditor."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    with pytest.raises(Refused):
        certificate(bank.workspace, bank.tokens[role], operation)


def test_what_the_caller_knows_is_attested_beside_what_is_known_anyway(bank: Lender) -> None:
    """Residuals, databases, evidence and tag come in as values; each says under which code it is only attested."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    said = Attestation(
        (ListedResidual("disk-not-destroyed", "machine room", "it", date(2026, 12, 1)),),
        (DatabaseErased("core", "erased", (TableErased("customer", "erased", 1, 0),)),),
        (EvidenceKept("identity-check", "rights.answer", "PIPL 69", date(2030, 1, 1)),),
        SuppressionKept("no.return", "tag", "PIPL 47", None),
    )
    plain = certificate(bank.workspace, bank.tokens["dpo"], operation)
    full = json.loads(certificate_bytes(certificate(bank.workspace, bank.tokens["dpo"], operation, said)))
    assert full["residuals"][:-1] == plain["residuals"]
    assert full["residuals"][-1] == {
        "what": "disk-not-destroyed",
        "where": "machine room",
        "owner": "it",
        "due": "2026-12-01",
        "state": "open",
        "day_set_by": "",
    }
    assert full["downstream"][0]["tables"][0] == {
        "table": "customer",
        "outcome": "erased",
        "before": 1,
        "after": 0,
        "article": "",
        "until": None,
        "frozen": 0,
    }
    assert (full["evidence_retained"][0]["until"], full["suppression"]["card"]) == ("2030-01-01", "no.return")
    assert (plain["downstream"], plain["evidence_retained"], plain["suppression"]) == ([], [], None)
    assert len(full["attested"]) == len(plain["attested"]) + 3
    assert check(full, bank.workspace.head.verifier).outcome == "erased"


def test_copies_of_the_keyring_are_an_open_residual_until_the_epoch_advances(bank: Lender) -> None:
    """While live, old copies stand open with a date; once sealed they are listed as closed."""
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    states = [certificate(bank.workspace, bank.tokens["dpo"], operation)["residuals"][-1]]
    advance(bank.workspace, bank.tokens["operator"])
    states.append(certificate(bank.workspace, bank.tokens["dpo"], operation)["residuals"][-1])
    assert [(one["what"], one["state"]) for one in states] == [
        ("copies-of-the-keyring-until-the-epoch-advances", "open"),
        ("copies-of-the-keyring-until-the-epoch-advances", "closed"),
    ]
    assert states[0]["due"] is not None


def test_totals_are_those_of_what_is_listed(bank: Lender) -> None:
    """Items by outcome and openings by purpose, counted here another way."""
    document = issued(bank, 1)
    counted: dict[str, dict[str, int]] = {"erased": {}, "retained": {}}
    for part in document["parts"]:
        for item in part["items"]:
            counted[part["outcome"]][item] = counted[part["outcome"]].get(item, 0) + 1
    assert {kind: document["summary"][kind] for kind in counted} == counted
    assert document["summary"]["openings"] == {"customer.file": 2}


def test_whoever_is_in_somebody_elses_picture_reads_who_answers_for_it_and_by_when(bank: Lender) -> None:
    """A residual with owner and a day of our own rule, open while the picture stands and closed once it is gone."""
    film = bank.film(bank.people[1], depicts=(bank.people[3],))
    operation, _ = erase(bank.workspace, bank.tokens["dpo"], bank.people[3])

    def residual() -> tuple[Any, ...]:
        document = certificate(bank.workspace, bank.tokens["dpo"], operation)
        assert check(document, bank.workspace.head.verifier).outcome == "erased-in-part"
        (one,) = [each for each in document["residuals"] if each["what"] == "depicted-with-another"]
        due = date.fromisoformat(one["due"]) - date.fromisoformat(document["live"][:10])
        assert timedelta(29) <= due <= timedelta(31)
        return tuple(one[name] for name in ("where", "owner", "day_set_by", "state"))

    assert residual() == ("interview.video", "data-protection-officer", "own-rule", "open")
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], bank.people[1], "interview.video")
    assert not bank.workspace.objects.exists(film)
    assert residual() == ("interview.video", "data-protection-officer", "own-rule", "closed")
    assert not [one for one in issued(bank, 2)["residuals"] if one["what"] == "depicted-with-another"]
