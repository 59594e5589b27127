"""Disclosing: form, role, item and purpose decide; the record comes first."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import SubjectId, new
from shouxin.domain.plaintext import HIDDEN
from shouxin.errors import CallerError, Invalid, NotFound, NotSignedIn, Refused, ShouxinError
from shouxin.ledger.entry import decode
from shouxin.operations.account_for import account_for
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.staff.accounts import close_account, sign_out
from shouxin.operations.subjects import freeze, release
from tests import recorded
from tests.operations.opening.asking import refused
from tests.operations.portfolio import (
    CARD_NUMBER,
    ID_NUMBER,
    JOB,
    MARK,
    MOBILE,
    NAME,
    VIDEO,
    WHO,
    Hands,
    Lender,
    card,
    values_of,
)
from tests.workspaces import adopt, signed_in


def test_masked_shows_the_shape_and_not_the_value(bank: Lender) -> None:
    """What an analyst sees of a person holds none of the values, and is safe text."""
    seen = disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1])).values[bank.people[1]]
    assert set(seen) == WHO
    for item, value in seen.items():
        assert isinstance(value, str)
        assert values_of(1)[item].text() not in value
        assert "*" in value


def test_raw_values_are_what_was_said_and_hide_themselves(bank: Lender) -> None:
    """Raw values are right, in the type that cannot be printed."""
    wish = bank.wish(bank.people[1], purpose="loan.file", items={CARD_NUMBER, JOB}, form="raw")
    seen = disclose(bank.workspace, bank.tokens["credit_officer"], wish)
    assert seen.values[bank.people[1]] == {item: values_of(1)[item] for item in (CARD_NUMBER, JOB)}
    assert MARK not in repr(seen)
    assert HIDDEN in repr(seen)


def test_pseudonyms_are_the_same_for_one_purpose_only(bank: Lender) -> None:
    """A model sees one person under one name each time, two people under two, and never a value."""
    wish = bank.wish(bank.people[1], bank.people[2], form="pseudonymous")
    one, two = (disclose(bank.workspace, bank.tokens["model"], wish).values for _ in range(2))
    assert one == two
    assert one[bank.people[1]][ID_NUMBER] != one[bank.people[2]][ID_NUMBER]
    assert not any(values_of(1)[item].text() in str(value) for item, value in one[bank.people[1]].items())


def test_without_a_purpose_nothing_is_shown(bank: Lender) -> None:
    """No purpose is refused with its article, one that was never adopted by its own name for that; both recorded."""
    for purpose, rule in (("", "CN-PIPL-6-1-PURPOSE"), ("marketing", "purpose-unknown")):
        assert refused(bank, "analyst", bank.wish(bank.people[1], purpose=purpose)) == rule


@pytest.mark.parametrize(
    ("role", "wished"),
    [
        ("collector", {}),
        ("operator", {}),
        ("auditor", {}),
        ("model", {}),
        ("credit_officer", {"form": "raw"}),
        ("analyst", {"form": "pseudonymous"}),
        ("analyst", {"items": {CARD_NUMBER}}),
        ("analyst", {"items": {NAME, CARD_NUMBER}}),
        ("analyst", {"purpose": "interview.video", "items": {VIDEO}, "form": "raw"}),
    ],
)
def test_what_the_card_does_not_give_is_refused(bank: Lender, role: str, wished: dict[str, Any]) -> None:
    """Another role, form or item than the card gives is refused, and recorded."""
    refused(bank, role, bank.wish(bank.people[1], **wished))


@pytest.mark.parametrize("form", ["sealed", "aggregate", "relayed", "", "RAW", "any"])
def test_only_forms_that_exist_are_disclosed(bank: Lender, form: str) -> None:
    """A form that no disclosure produces gives nothing to anybody: whoever may take in may not look."""
    for role in ("collector", "analyst", "dpo"):
        with pytest.raises(CallerError):
            disclose(bank.workspace, bank.tokens[role], bank.wish(bank.people[1], form=form))


def test_a_wish_that_names_nobody_twice_or_nothing_is_invalid(bank: Lender) -> None:
    """No people, the same person twice, or no items is invalid, and nothing is recorded."""
    leaves = recorded.size(bank.workspace)
    who = bank.people[1]
    for wish in (bank.wish(), bank.wish(who, who), bank.wish(who, items=set())):
        with pytest.raises(Invalid):
            disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert recorded.size(bank.workspace) == leaves


def test_who_is_unknown_or_erased_is_not_found(bank: Lender) -> None:
    """Nobody, somebody erased, or either among others: not found, and nobody is shown."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    for nobody in (new(SubjectId), bank.people[3]):
        for wish in (bank.wish(nobody), bank.wish(bank.people[1], nobody)):
            with pytest.raises(NotFound):
                disclose(bank.workspace, bank.tokens["analyst"], wish)


def test_the_record_is_durable_before_a_key_is_fetched(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the door opens for raw values, the event is in the log and a signed checkpoint covers it."""
    door, seen = type(bank.workspace.door), []
    opened = door.open

    def looking(*arguments: Any) -> Any:
        other = bank.reopened().workspace
        note = other.shelf.get()
        assert note is not None
        covered = other.head.open(note).size
        (made,) = [leaf for leaf in range(covered) if _kind(other, leaf) is EventKind.DISCLOSURE_MADE]
        seen.append(made)
        return opened(*arguments)

    monkeypatch.setattr(door, "open", looking)
    bank.raw(bank.people[1])
    assert len(seen) == 1


def _kind(workspace: Any, leaf: int) -> EventKind:
    return decode(workspace.data.read(lambda records: records.ledger.entry(leaf))).kind


def test_without_cover_nothing_raw_is_released(bank: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the signed checkpoint cannot be put away, raw values stay sealed; masked ones are shown."""
    from shouxin.errors import StoreUnavailable

    def full(*_: object) -> None:
        raise StoreUnavailable("the checkpoint shelf cannot be used now")

    monkeypatch.setattr(type(bank.workspace.shelf), "put", full)
    with pytest.raises(ShouxinError):
        bank.raw(bank.people[1])
    assert bank.masked(bank.people[1])[bank.people[1]]


def test_many_people_are_one_event_in_which_each_can_be_proved(bank: Lender) -> None:
    """A disclosure of thirty people leaves one event that names nobody and in which each of them is accounted for."""
    bank.take(range(100, 130))
    people = [bank.people[number] for number in range(100, 130)]
    before = recorded.size(bank.workspace)
    seen = disclose(bank.workspace, bank.tokens["analyst"], bank.wish(*people))
    assert recorded.size(bank.workspace) == before + 1
    assert set(seen.values) == set(people)
    event = recorded.events(bank.workspace, EventKind.DISCLOSURE_MADE)[-1]
    assert event.facts["count"] == 30
    body = bank.workspace.data.read(lambda records: records.ledger.entry(seen.leaf))
    assert not any(one.hex().encode() in body for one in people)
    for one in (people[0], people[29]):
        last = account_for(bank.workspace, bank.tokens["dpo"], one)[-1]
        assert (last.leaf, last.member is not None) == (seen.leaf, True)


def test_somebody_without_anything_for_the_purpose_is_still_on_record(bank: Lender) -> None:
    """A disclosure that finds nothing of a person is an opening like any other."""
    wish = bank.wish(bank.people[1], purpose="emergency.contact", items={MOBILE})
    with suppress(Refused):
        disclose(bank.workspace, bank.tokens["analyst"], wish)
    seen = disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], items={NAME}))
    assert set(seen.values[bank.people[1]]) == {NAME}


def test_who_is_frozen_opens_for_statutory_reads_only(bank: Lender) -> None:
    """Freezing ends all use but that of a statutory purpose; the release gives it back."""
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert refused(bank, "analyst", bank.wish(bank.people[1])) == "CN-PIPL-47-2-FROZEN"
    assert refused(bank, "analyst", bank.wish(bank.people[2], bank.people[1])) == "CN-PIPL-47-2-FROZEN"
    wish = bank.wish(bank.people[1], purpose="rights.answer")
    assert disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[bank.people[1]]
    release(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert bank.masked(bank.people[1])


def test_a_card_that_another_process_changed_decides(bank: Lender) -> None:
    """The decision is by the card as it stands when it is recorded."""
    other = bank.reopened()
    assert bank.masked(bank.people[1])
    adopt(other.workspace, bank.tokens["dpo"], card("customer.file", 2).replace('"analyst", "credit_officer"', '"dpo"'))
    refused(bank, "analyst", bank.wish(bank.people[1]))


@pytest.mark.parametrize("end", ["signed out", "closed", "slept", "invented"])
def test_who_is_not_signed_in_is_nobody(bank: Lender, end: str) -> None:
    """A sign-in that ended, whose account was closed, whose time is over, or that was made up opens nothing."""
    token = signed_in(bank.workspace, "analyst.2")
    if end == "signed out":
        sign_out(bank.workspace, token)
    elif end == "closed":
        close_account(bank.workspace, bank.tokens["operator"], "analyst.2")
    elif end == "slept":
        clock = bank.workspace.clock
        assert isinstance(clock, Hands)
        clock.on(hours=8)
    else:
        token = type(token)(token[:-1] + ("0" if token[-1] != "0" else "1"))
    with pytest.raises(NotSignedIn):
        disclose(bank.workspace, token, bank.wish(bank.people[1]))


def test_a_statutory_purpose_draws_on_what_others_keep_and_on_no_more(bank: Lender) -> None:
    """A copy for the person holds what the named purposes keep, masked; the video is not among them."""
    who = bank.people[1]
    bank.film(who)
    wish = bank.wish(who, purpose="rights.answer", items={*WHO, CARD_NUMBER, JOB})
    assert set(disclose(bank.workspace, bank.tokens["rights_desk"], wish).values[who]) == {*WHO, CARD_NUMBER, JOB}
    with pytest.raises(Refused):
        disclose(bank.workspace, bank.tokens["rights_desk"], bank.wish(who, purpose="rights.answer", items={VIDEO}))


def test_no_error_says_anything_about_a_person(bank: Lender) -> None:
    """What a refusal, a miss or a damaged value says holds none of the person's values."""
    told: list[str] = []
    wishes = [bank.wish(bank.people[1], purpose=""), bank.wish(new(SubjectId)), bank.wish(bank.people[1], form="raw")]
    for wish in wishes:
        with pytest.raises(ShouxinError) as error:
            disclose(bank.workspace, bank.tokens["analyst"], wish)
        told += [str(error.value), repr(error.value)]
    assert not any(values_of(1)[item].text() in text for item in values_of(1) for text in told)
