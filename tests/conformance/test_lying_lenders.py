"""A lender who signs falsely and lies to the log as well: what both programs refuse, and what they say aloud."""

from __future__ import annotations

import copy
import hashlib
import json
from collections import Counter
from typing import Any

import pytest

from shouxin.vault.certificate import check, read_certificate
from shouxin.vault.entry_proof import canonical
from tests.conformance.issued import Issued
from tests.conformance.verifiers import ALONE, LIES, agreed, at, edit, key_of, logged, relogged, signed


def test_a_log_that_is_written_anew_holds(issued: Issued) -> None:
    """What the tests of a lying log build is a good certificate while nothing in it lies."""
    for document in issued.documents.values():
        events = logged(document)
        assert agreed(signed(relogged(document, events, issued), issued), issued) == 0


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


def test_what_databases_answered_is_proved_and_a_failed_one_is_in_the_headline(issued: Issued) -> None:
    """The log's entry stands behind each answer; all three name what failed, and say every other database too."""
    document = issued.documents["sealed-5"]
    assert [(one["database"], one["outcome"]) for one in document["downstream"]] == [
        ("lender-core", "nothing-found"),  # it was erased there before the other one failed
        ("lender-off", "failed"),
    ]
    verdict = check(document, issued.head.verifier)
    assert (verdict.answered, verdict.failed) == (("lender-core", "lender-off"), ("lender-off",))
    assert verdict.removed == verdict.erased > 0
    report = ALONE.report(document, ALONE.check(document, [key_of(issued)], []), False)
    assert report[1] == "BUT erasing failed in these databases: lender-off"
    for said in ("lender-core nothing-found", "lender-off failed", "no.return", "approvals"):
        assert any(said in line for line in report), said
    better = edit(document, ("downstream", 0, "outcome"), lambda _: "erased")
    assert agreed(signed(better, issued), issued) == 3
    fewer = {**document, "downstream": document["downstream"][1:]}
    assert agreed(signed(fewer, issued), issued) == 3
    events = logged(document)
    for change in ({"event": "database.amended"}, {"at": 2**48}, {"outcome": "failed"}, {"dataset": 1}, {"at": "1"}):
        lying = [*events[:-2], {**events[-2], **change}, events[-1]]
        assert agreed(signed(relogged(document, lying, issued), issued), issued) == 3, change
    attested = {name: one for name, one in document.items() if name != "databases"}
    content = signed(attested, issued)
    assert agreed(content, issued) == 0  # an older certificate: still named, and not called proved
    assert check(read_certificate(content), issued.head.verifier).failed == ("lender-off",)
    older = json.loads(content)
    assert any(
        "lender-core nothing-found*" in line
        for line in ALONE.report(older, ALONE.check(older, [key_of(issued)], []), False)
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
    report = ALONE.report(other, ALONE.check(other, [key_of(issued)], []), False)
    assert report[1] == "BUT the log counts nothing as removed"
    events[1]["cells"] = -1
    assert agreed(signed(relogged(document, events, issued), issued), issued) == 3
