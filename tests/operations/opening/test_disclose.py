from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.event_kind import EventKind
from shouxin.domain.identifiers import CellId, ObjectId, SubjectId, new
from shouxin.domain.plaintext import HIDDEN, Plaintext
from shouxin.errors import CallerError, Invalid, NotFound, NotInThisState, NotSignedIn, Refused, ShouxinError, Tampered
from shouxin.ledger.entry import decode
from shouxin.operations.account_for import account_for
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Intake, Person
from shouxin.operations.collecting.plan_file import IntakeBuilder, read_plan
from shouxin.operations.consenting.choose import Choice, answer_notice, give_consent, serve_notice
from shouxin.operations.correct import correct
from shouxin.operations.deletion.withdraw import withdraw_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.approve import approve, request_access, withdraw_request
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.opening.disclose_object import disclose_object
from shouxin.operations.opening.permit import Wish
from shouxin.operations.staff.accounts import close_account, sign_out
from shouxin.operations.subjects import freeze, merge, release
from shouxin.vault.object import CHUNK
from tests.operations.portfolio import (
    BEGAN,
    CARD_NUMBER,
    CONTACT_MOBILE,
    ID_NUMBER,
    JOB,
    MARK,
    MOBILE,
    NAME,
    PLAN,
    RELATION,
    VIDEO,
    WHO,
    Hands,
    Lender,
    card,
    contact_of,
    lender,
    told,
    values_of,
)
from tests.workspaces import adopt, signed_in


@pytest.fixture
def bank(tmp_path: Path) -> Lender:
    """Two customers and a declined applicant."""
    made = lender(tmp_path, Hands())
    made.take([1, 2])
    made.take([3], customer=False)
    return made


def size(bank: Lender) -> int:
    """Return how many leaves the ledger has."""
    return bank.workspace.data.read(lambda records: records.ledger.size)


def events(bank: Lender, kind: EventKind) -> list[Any]:
    """Return the events of one kind, in order."""
    bodies = bank.workspace.data.read(lambda records: list(records.ledger.entries(0, records.ledger.size)))
    return [event for _, body in bodies if (event := decode(body)).kind is kind]


def granted(bank: Lender, wish: Wish) -> Any:
    """Get the analyst a grant for ``wish``; return the request."""
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    approve(bank.workspace, bank.tokens["dpo"], request)
    return request


def refused(bank: Lender, role: str, wish: Wish) -> str:
    """Ask for ``wish``, expect a refusal that is on record with its rules; return the first rule."""
    before, leaves = len(events(bank, EventKind.DISCLOSURE_REFUSED)), size(bank)
    with pytest.raises(Refused) as refusal:
        disclose(bank.workspace, bank.tokens[role], wish)
    rules = [rule for rule, _ in refusal.value.reasons]
    assert all(article for _, article in refusal.value.reasons)
    recorded = events(bank, EventKind.DISCLOSURE_REFUSED)
    assert (len(recorded), size(bank)) == (before + 1, leaves + 1)
    assert recorded[-1].facts["rules"] == rules
    return rules[0]


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
    """No purpose, or one that was never adopted, is refused with its article, and recorded."""
    for purpose in ("", "marketing"):
        assert "PURPOSE" in refused(bank, "analyst", bank.wish(bank.people[1], purpose=purpose))


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
    leaves = size(bank)
    who = bank.people[1]
    for wish in (bank.wish(), bank.wish(who, who), bank.wish(who, items=set())):
        with pytest.raises(Invalid):
            disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert size(bank) == leaves


def test_who_is_unknown_or_erased_is_not_found(bank: Lender) -> None:
    """Nobody, somebody erased, or either among others: not found, and nobody is shown."""
    erase(bank.workspace, bank.tokens["dpo"], bank.people[3])
    for nobody in (new(SubjectId), bank.people[3]):
        for wish in (bank.wish(nobody), bank.wish(bank.people[1], nobody)):
            with pytest.raises(NotFound):
                disclose(bank.workspace, bank.tokens["analyst"], wish)


def test_raw_needs_every_level_and_ends_by_itself(bank: Lender) -> None:
    """A raw disclosure is refused before the last approval, permitted after it, and refused when the hour is over."""
    wish = bank.wish(bank.people[1], form="raw")
    assert refused(bank, "analyst", wish).endswith("APPROVAL")
    request = request_access(bank.workspace, bank.tokens["analyst"], wish)
    approve(bank.workspace, bank.tokens["approver"], request)
    assert refused(bank, "analyst", wish).endswith("APPROVAL")
    approve(bank.workspace, bank.tokens["dpo"], request)
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert seen.values[bank.people[1]][NAME] == values_of(1)[NAME]
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=59)
    disclose(bank.workspace, bank.tokens["analyst"], wish)
    clock.on(minutes=1)
    assert refused(bank, "analyst", wish).endswith("APPROVAL")


def test_a_clock_that_jumps_back_revives_no_grant(bank: Lender) -> None:
    """What the ledger has seen end stays ended, whatever the clock says."""
    wish = bank.wish(bank.people[1], form="raw")
    granted(bank, wish)
    clock = bank.workspace.clock
    assert isinstance(clock, Hands)
    clock.on(minutes=61)
    refused(bank, "analyst", wish)
    clock.on(minutes=-120)
    refused(bank, "analyst", wish)


def test_a_grant_is_for_what_was_asked(bank: Lender) -> None:
    """A grant covers its account, people and items, or fewer of them; not one more."""
    granted(bank, bank.wish(bank.people[1], items={NAME, MOBILE}, form="raw"))
    disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[1], items={NAME}, form="raw"))
    for role, wish in (
        ("analyst", bank.wish(bank.people[1], items={NAME, ID_NUMBER}, form="raw")),
        ("analyst", bank.wish(bank.people[2], items={NAME}, form="raw")),
        ("analyst", bank.wish(bank.people[1], bank.people[2], items={NAME}, form="raw")),
        ("analyst.2", bank.wish(bank.people[1], items={NAME}, form="raw")),
    ):
        refused(bank, role, wish)


def test_two_grants_do_not_add_up(bank: Lender) -> None:
    """What is asked in one disclosure must be covered by one grant."""
    granted(bank, bank.wish(bank.people[1], items={NAME}, form="raw"))
    granted(bank, bank.wish(bank.people[1], items={MOBILE}, form="raw"))
    refused(bank, "analyst", bank.wish(bank.people[1], items={NAME, MOBILE}, form="raw"))


def test_a_grant_that_was_given_back_carries_nothing(bank: Lender) -> None:
    """Withdrawing the request ends the grant for the next disclosure."""
    wish = bank.wish(bank.people[1], form="raw")
    request = granted(bank, wish)
    withdraw_request(bank.workspace, bank.tokens["analyst"], request)
    refused(bank, "analyst", wish)


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
    before = size(bank)
    seen = disclose(bank.workspace, bank.tokens["analyst"], bank.wish(*people))
    assert size(bank) == before + 1
    assert set(seen.values) == set(people)
    event = events(bank, EventKind.DISCLOSURE_MADE)[-1]
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


def test_a_withdrawal_counts_from_the_next_disclosure(bank: Lender) -> None:
    """A consent taken back carries nothing any more; given again, it does; another purpose's is no substitute."""
    who = bank.people[1]
    film = bank.film(who)
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")

    def look() -> bytes:
        _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
        return b"".join(part.reveal() for part in parts)

    assert look()
    withdraw_consent(bank.workspace, bank.tokens["rights_desk"], who, "interview.video")
    with pytest.raises(Refused):
        look()
    again = Choice("interview.video", "zh", agreed=True)
    with pytest.raises(NotInThisState):
        give_consent(bank.workspace, bank.tokens["collector"], who, again)
    give_consent(bank.workspace, bank.tokens["collector"], who, replace(again, by_person=True))
    with pytest.raises(NotFound):  # what rested on the consent went with it
        look()
    film = bank.film(who)
    assert look()


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


def _watch(bank: Lender, subject: SubjectId, film: ObjectId) -> bytes:
    wish = bank.wish(subject, purpose="interview.video", items={VIDEO}, form="raw")
    _, parts = disclose_object(bank.workspace, bank.tokens["credit_officer"], wish, film)
    return b"".join(part.reveal() for part in parts)


@pytest.mark.parametrize("length", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_video_comes_back_whole(bank: Lender, length: int) -> None:
    """An object of any length opens to exactly what was kept."""
    content = bytes(number % 251 for number in range(length))
    assert _watch(bank, bank.people[1], bank.film(bank.people[1], content)) == content


def test_a_truncated_video_is_seen(bank: Lender) -> None:
    """Cut at a chunk, in a chunk, or to nothing, a video never passes as a shorter one."""
    who = bank.people[1]
    film = bank.film(who, b"frame" * CHUNK)
    (path,) = [path for path in (bank.home / "data" / "objects").rglob("*") if path.is_file()]
    whole = path.read_bytes()
    sealed = 12 + CHUNK + 16
    for length in (27 + sealed, 27 + 2 * sealed, 27 + sealed // 2, 27, 5, 0, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(Tampered):
            _watch(bank, who, film)
    path.unlink()
    with pytest.raises(Tampered):
        _watch(bank, who, film)


def test_somebody_elses_video_is_not_found(bank: Lender) -> None:
    """An object opens under the person whose it is, and under no other; the attempt is on record."""
    film = bank.film(bank.people[1])
    bank.film(bank.people[2])
    before = size(bank)
    with pytest.raises(NotFound):
        _watch(bank, bank.people[2], film)
    assert size(bank) > before


def test_a_video_is_shown_raw_or_not_at_all(bank: Lender) -> None:
    """An object asked for in another form than raw is refused."""
    who = bank.people[1]
    film = bank.film(who)
    for form in ("masked", "pseudonymous", "sealed"):
        wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form=form)
        for role in ("credit_officer", "collector"):
            with pytest.raises(CallerError):
                list(disclose_object(bank.workspace, bank.tokens[role], wish, film)[1])


def test_no_error_says_anything_about_a_person(bank: Lender) -> None:
    """What a refusal, a miss or a damaged value says holds none of the person's values."""
    told: list[str] = []
    wishes = [bank.wish(bank.people[1], purpose=""), bank.wish(new(SubjectId)), bank.wish(bank.people[1], form="raw")]
    for wish in wishes:
        with pytest.raises(ShouxinError) as error:
            disclose(bank.workspace, bank.tokens["analyst"], wish)
        told += [str(error.value), repr(error.value)]
    assert not any(values_of(1)[item].text() in text for item in values_of(1) for text in told)


def link_wish(bank: Lender) -> Wish:
    """Return a wish for what applicant 5 states about their contact."""
    return bank.wish(bank.people[5], purpose="emergency.link", items={RELATION})


def named(bank: Lender) -> tuple[SubjectId, Wish]:
    """Collect applicant 5, who names a contact; return the contact and a wish for the statement."""
    bank.take([5], contact=True)
    (contact,) = bank.find_contact(5)
    return contact, link_wish(bank)


def test_a_statement_names_whom_it_is_about(bank: Lender) -> None:
    """The event of a statement counts two people and both can prove it; without the statement it counts one."""
    contact, wish = named(bank)
    before = len(account_for(bank.workspace, bank.tokens["dpo"], contact))
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish)
    assert set(seen.statements) == {(bank.people[5], contact)}
    assert events(bank, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 2
    for who in (bank.people[5], contact):
        assert account_for(bank.workspace, bank.tokens["dpo"], who)[-1].leaf == seen.leaf
    assert disclose(bank.workspace, bank.tokens["analyst"], bank.wish(bank.people[5])).statements == {}
    assert events(bank, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 1
    assert len(account_for(bank.workspace, bank.tokens["dpo"], contact)) == before + 1


def test_a_statement_is_closed_while_whom_it_is_about_is_frozen(bank: Lender) -> None:
    """While the contact is frozen nobody uses what is stated about them, and the event does not name them."""
    contact, wish = named(bank)
    freeze(bank.workspace, bank.tokens["dpo"], contact)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    assert events(bank, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 1
    release(bank.workspace, bank.tokens["dpo"], contact)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    bank.take([6], customer=False)
    merge(bank.workspace, bank.tokens["dpo"], contact, bank.people[6])
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[6])
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}


def test_a_law_opens_a_statement_about_somebody_frozen(bank: Lender) -> None:
    """A purpose that a law imposes opens the statement also while the contact is frozen, and names them."""
    contact, wish = named(bank)
    text = card("rights.answer", 2)
    text = text.replace('draws_on = ["customer.file",', 'draws_on = ["emergency.link", "customer.file",')
    text = text.replace('items = ["identity.name",', 'items = ["emergency.relation", "identity.name",')
    adopt(bank.workspace, bank.tokens["dpo"], text)
    freeze(bank.workspace, bank.tokens["dpo"], contact)
    wish = bank.wish(bank.people[5], purpose="rights.answer", items={RELATION})
    seen = disclose(bank.workspace, bank.tokens["rights_desk"], wish)
    assert set(seen.statements) == {(bank.people[5], contact)}
    assert events(bank, EventKind.DISCLOSURE_MADE)[-1].facts["count"] == 2


def again(bank: Lender, number: int, **texts: str) -> None:
    """Collect applicant ``number`` once more: the same identity number, and these other values."""
    codes = {"name": NAME, "mobile": MOBILE, "job": JOB, "card": CARD_NUMBER}
    values = {ID_NUMBER: values_of(number)[ID_NUMBER]} | {codes[key]: Plaintext.of(text) for key, text in texts.items()}
    place = source_digest("core", repr(sorted(texts.items())).encode())
    done = collect(
        bank.workspace, bank.tokens["collector"], PLAN, [Intake(1, Person(values, told()), (), BEGAN)], place=place
    )
    assert (done.taken, done.subjects) == (1, 0)


def shown(bank: Lender, number: int) -> dict[Any, str]:
    """Return mobile, card number and job of an applicant in the clear."""
    wish = bank.wish(bank.people[number], items={MOBILE}, form="raw")
    granted(bank, wish)
    values = disclose(bank.workspace, bank.tokens["analyst"], wish).values[bank.people[number]]
    return bank.raw(bank.people[number]) | {item: value.text() for item, value in values.items()}


@pytest.mark.parametrize("falling", [True, False], ids=["falling", "rising"])
def test_of_several_values_the_newest_is_shown(bank: Lender, monkeypatch: pytest.MonkeyPatch, falling: bool) -> None:
    """Whoever came again has what was said last, whatever their cells are called, and so it stays.

    Also after another item of an older cell was corrected, a part was erased, and the epoch moved on.
    """
    counter = iter(range(1 << 20))

    def numbered(kind: Any) -> Any:
        at = next(counter)
        return kind(((1 << 100) + (-at if falling else at)).to_bytes(16, "big"))

    for module in ("collecting.sealing", "resealing"):
        monkeypatch.setattr(
            f"shouxin.operations.{module}.new", lambda kind: numbered(kind) if kind is CellId else new(kind)
        )
    bank.take([7])
    again(bank, 7, mobile="13511112222", job="first again", card="6228480000999991")
    again(bank, 7, job="then")
    again(bank, 7, mobile="13533334444")
    newest = {MOBILE: "13533334444", JOB: "then", CARD_NUMBER: "6228480000999991"}
    assert shown(bank, 7) == newest
    correct(bank.workspace, bank.tokens["dpo"], bank.people[7], {NAME: Plaintext.of("another name")})
    assert shown(bank, 7) == newest
    bank.film(bank.people[7])
    erase(bank.workspace, bank.tokens["dpo"], bank.people[7], {"interview.video"})
    assert shown(bank, 7) == newest
    advance(bank.workspace, bank.tokens["operator"])
    assert shown(bank, 7) == newest
    correct(bank.workspace, bank.tokens["dpo"], bank.people[7], {ID_NUMBER: values_of(8)[ID_NUMBER]})
    assert shown(bank, 7) == newest
    assert verify_ledger(bank.workspace).flaws == []


def _named(bank: Lender, number: int, *choices: Choice) -> SubjectId:
    """Collect applicant ``number`` with a contact who was told and chose ``choices``; return the contact."""
    person, joining = contact_of(number)
    record = Intake(
        1, Person(values_of(number), told("emergency.link")), ((replace(person, choices=choices), joining),)
    )
    collect(bank.workspace, bank.tokens["collector"], PLAN, [record], place=source_digest("core", bytes([number])))
    (bank.people[number],) = bank.find(number)
    (row,) = bank.workspace.data.read(
        lambda records: [one for one in records.cells.cells_of([bank.people[number]]) if one.other is not None]
    )
    assert row.other is not None
    return row.other


def test_a_statement_is_closed_until_whom_it_is_about_was_told(bank: Lender) -> None:
    """Who named whom opens once the named person had the notice of that purpose (PIPL 17), and not before."""
    contact = _named(bank, 8, Choice("emergency.contact", "zh", agreed=True))
    wish = bank.wish(bank.people[8], purpose="emergency.link", items={RELATION})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    serve_notice(bank.workspace, bank.tokens["rights_desk"], contact, "emergency.link", "zh")
    assert set(disclose(bank.workspace, bank.tokens["analyst"], wish).statements) == {(bank.people[8], contact)}


def test_a_statement_on_consent_is_closed_until_whom_it_is_about_agreed(bank: Lender) -> None:
    """Told is not agreed: with consent as the basis of the link, a yes opens it and a withdrawal closes it."""
    on_consent = card("emergency.link", 2).replace('lawful_basis = "contract"', 'lawful_basis = "consent"')
    adopt(bank.workspace, bank.tokens["dpo"], on_consent)
    desk = bank.tokens["rights_desk"]
    told_only = (Choice("emergency.contact", "zh", agreed=True), Choice("emergency.link", "zh", agreed=False))
    contact = _named(bank, 8, *told_only)
    wish = bank.wish(bank.people[8], purpose="emergency.link", items={RELATION})
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements == {}
    asked = serve_notice(bank.workspace, desk, contact, "emergency.link", "zh")
    answer_notice(bank.workspace, desk, asked.consent, agreed=True)
    assert disclose(bank.workspace, bank.tokens["analyst"], wish).statements


DELIVERY = """\
lawful_basis = "statutory_duty"
delivers_notice = true
items = ["emergency.mobile"]
[roles]
masked = ["analyst"]
sealed = ["collector"]
[retention.number]
items = ["emergency.mobile"]
ceiling_days = 30
"""


UNTOLD = """\
source = "core"
purposes = ["customer.file", "loan.file"]
contact_purposes = ["tell.contacts"]
[[contacts]]
columns = { "emergency.mobile" = "friend" }
told = "friend_told"
"""


def test_before_the_notice_a_number_serves_to_deliver_it_and_for_nothing_else(bank: Lender) -> None:
    """Kept by a plan that delivers notices, of a contact nobody told: open for that purpose, closed for every other."""
    head = card("loan.file").split("lawful_basis")[0].replace("loan.file", "tell.contacts")
    adopt(bank.workspace, bank.tokens["dpo"], head + DELIVERY)
    basis = 'lawful_basis = "contract"\ndraws_on = ["tell.contacts"]'
    wide = card("emergency.contact", 2).replace('lawful_basis = "consent"', basis)
    adopt(bank.workspace, bank.tokens["dpo"], wide)
    person, _ = contact_of(8)
    plan = read_plan(UNTOLD)
    line = {item: value.text() for item, value in values_of(8).items()}
    line |= {"friend": person.values[CONTACT_MOBILE].text(), "friend_told": "no"}
    record = IntakeBuilder(plan, bank.workspace.tagger, date(2026, 1, 1))(1, line)
    place = source_digest("core", b"8")
    done = collect(bank.workspace, bank.tokens["collector"], plan.plan(), [record], place=place)
    assert (done.subjects, done.aside) == (2, [])
    (contact,) = bank.look_up(CONTACT_MOBILE, person.values[CONTACT_MOBILE], purpose="emergency.contact")

    def shown(purpose: str) -> bool:
        wish = bank.wish(contact, purpose=purpose, items={CONTACT_MOBILE})
        return bool(disclose(bank.workspace, bank.tokens["analyst"], wish).values.get(contact))

    assert shown("tell.contacts")
    with pytest.raises(Refused) as refusal:
        shown("emergency.contact")
    assert "PIPL 17(1)" in {article for _, article in refusal.value.reasons}
    serve_notice(bank.workspace, bank.tokens["rights_desk"], contact, "emergency.contact", "zh", channel="sms")
    assert shown("emergency.contact")


@pytest.mark.parametrize("end", ["freeze", "card", "sign-out"])
def test_chunks_stop_when_the_right_to_them_does(bank: Lender, end: str) -> None:
    """Of a long video that is being watched, no more than four MiB follow a freeze, another card or a sign-out."""
    who, officer = bank.people[1], bank.tokens["credit_officer"]
    film = bank.film(who, b"frame" * (4 * CHUNK * 2))
    wish = bank.wish(who, purpose="interview.video", items={VIDEO}, form="raw")
    chunks = disclose_object(bank.workspace, officer, wish, film)[1]
    next(chunks)
    if end == "freeze":
        freeze(bank.workspace, bank.tokens["dpo"], who)
    elif end == "card":
        others = card("interview.video", 2).replace('raw = ["credit_officer"]', 'raw = ["auditor"]')
        adopt(bank.workspace, bank.tokens["dpo"], others)
    else:
        sign_out(bank.workspace, officer)
    assert len([next(chunks) for _ in range(15)]) == 15
    with pytest.raises((Refused, NotSignedIn)):
        next(chunks)
