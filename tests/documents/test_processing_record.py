"""The record of processing says what the cards say, graded and with its articles."""

from __future__ import annotations

import json
from datetime import date

import pytest

from shouxin.documents.document import OpenQuestion, canonical, questions_of
from shouxin.documents.laid_out import laid_out
from shouxin.documents.processing_record import processing_record
from shouxin.domain.items import ItemCode
from shouxin.errors import NotFound
from shouxin.policy.card import Term
from tests.documents.lender import BUREAU, card, declared


def test_an_entry_holds_the_card_and_what_law_and_standards_say_of_it() -> None:
    """Golden fields of the demo's identity check: basis, people, a floor of ten years, grade and the need to assess."""
    record = json.loads(canonical(processing_record(declared(), "zh", "identity.verification")))
    (entry,) = record["entries"]
    assert record["kind"], record["language"] == ("record", "zh")
    assert (entry["title"], entry["basis"], entry["basis_article"]) == ("核实身份", "statutory_duty", "PIPL 13(1)(3)")
    assert (entry["people"], entry["locations"], entry["abroad"]) == (["applicant"], ["CN"], [])
    (term,) = entry["terms"]
    assert term["floors"] == [
        {
            "article": "AML 34(3)",
            "binds": True,
            "clock_start": "end_of_relationship",
            "n": 10,
            "rule": "CN-AML-34-3-IDENTITY",
            "unit": "y",
        }
    ]
    assert (entry["level"], entry["klass"], entry["sensitive"], entry["triggers"]) == (3, "C2", False, [])


def test_items_held_together_are_graded_together() -> None:
    """Reviewing an application reads the four elements: level 4, class C3, sensitive, though no item alone is C3."""
    (entry,) = processing_record(declared(), "en", "credit.review").entries
    assert (entry.level, entry.klass, entry.sensitive, entry.raised_by) == (4, "C3", True, ("FOUR-ELEMENTS",))
    assert max(one.klass for one in entry.items) == "C2"
    assert [one.approval for one in entry.forms if one.form == "raw"] == [("1 x approver", "1 x dpo")]
    assert "dual_control" in {one.code for one in entry.measures}


def test_sensitivity_is_that_of_the_day() -> None:
    """The ID number was sensitive until a newer standard came into force."""
    days = (date(2025, 10, 31), date(2025, 11, 1))
    records = [processing_record(declared(on=day), "en", "identity.verification") for day in days]
    found = [next(one for one in record.entries[0].items if one.code == "identity.id_number") for record in records]
    assert [(one.sensitive, one.standard) for one in found] == [
        (True, "GB/T 35273-2020 annex B"),
        (False, "GB/T 45574-2025"),
    ]


def test_recipients_export_and_third_people_are_seen() -> None:
    """Whom the register knows is named; whom it does not is marked; abroad is everything outside the mainland."""
    changed = card("emergency.contact", recipients=("bureau", "ghost"), locations=("CN", "HK"))
    record = processing_record(declared(changed, recipients=(BUREAU,)), "zh")
    (entry,) = record.entries
    assert [(one.code, one.name, one.known) for one in entry.recipients] == [
        ("bureau", "某征信机构", True),
        ("ghost", "", False),
    ]
    assert (entry.people, entry.abroad) == (("emergency_contact",), ("HK",))
    assert [(one.code, one.article) for one in entry.triggers] == [
        ("recipients", "PIPL 55(1)(3)"),
        ("abroad", "PIPL 55(1)(4)"),
    ]


def test_only_a_floor_that_law_sets_binds() -> None:
    """Known from memory, no floor at all, not yet in force or unknown: listed, and never as a term that law sets."""
    floors = ("CN-CDD-INVESTIGATION", "CN-PIPL-19-SHORTEST", "NO-SUCH-RULE", "CN-AML-34-3-IDENTITY")
    changed = card("interview.video", retention={"video": Term((ItemCode("interview.video"),), 9999, floors=floors)})
    days = (date(2026, 11, 22), date(2021, 1, 1))
    (today,), (before,) = (processing_record(declared(changed, on=day), "en").entries for day in days)
    assert {one.rule: one.binds for one in today.terms[0].floors} == dict.fromkeys(floors, False) | {floors[3]: True}
    assert not any(one.binds for one in before.terms[0].floors)


def test_a_card_without_items_does_not_stop_the_record() -> None:
    """It has no grade, concerns nobody, and stands there beside the others."""
    record = processing_record(
        declared(card("credit.scoring"), card("emergency.contact", items=(), retention={})), "zh"
    )
    assert [(one.level, one.klass, one.people) for one in record.entries] == [(3, "C2", ("applicant",)), (0, "", ())]
    assert laid_out(record).blocks


def test_what_no_card_says_is_asked() -> None:
    """The officer's name and the like are open questions, numbered, and counted in the head."""
    document = laid_out(processing_record(declared(), "en"))
    asked = questions_of(document.blocks)
    assert [(one.number, one.code) for one in asked] == [
        (1, "controller_contact"),
        (2, "officer"),
        (3, "joint_handlers"),
        (4, "people"),
    ]
    assert all(isinstance(one, OpenQuestion) and one.text for one in asked)
    assert document.status == "Open questions: 4"


def test_a_purpose_without_a_card_has_no_record() -> None:
    """Neither an unknown purpose nor a lender without cards gets an empty document."""
    with pytest.raises(NotFound):
        processing_record(declared(), "zh", "no.such.purpose")
