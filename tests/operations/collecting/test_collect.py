from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shouxin.domain.identifiers import SubjectId
from shouxin.domain.items import ItemCode
from shouxin.domain.plaintext import Plaintext
from shouxin.errors import Fenced, Invalid, Refused
from shouxin.operations.account_for import account_for
from shouxin.operations.advance import advance
from shouxin.operations.auditing.verify import verify_ledger
from shouxin.operations.collecting import collect as collecting
from shouxin.operations.collecting.collect import collect, source_digest
from shouxin.operations.collecting.intake import Aside, Intake, Person, Plan
from shouxin.operations.collecting.plan_file import IntakeBuilder, read_plan
from shouxin.operations.consenting.choose import Choice, consents_of, give_consent
from shouxin.operations.erasing.erase import erase
from shouxin.operations.opening.disclose import disclose
from shouxin.operations.subjects import freeze, release
from shouxin.vault.records import Records
from tests import workspaces
from tests.operations.portfolio import (
    CARD_NUMBER,
    CONTACT_MOBILE,
    ID_NUMBER,
    JOB,
    MOBILE,
    PLAN,
    RELATION,
    Lender,
    card,
    contact_of,
    lender,
    record,
    told,
    values_of,
)

PLACE = source_digest("core", b"the same content")


def test_what_was_collected_is_found_and_opens(tmp_path: Path) -> None:
    """Every applicant of a source is found by identity number and mobile, and opens to what the source said."""
    bank = lender(tmp_path)
    done = bank.take(range(5))
    assert (done.taken, done.subjects, done.aside, done.dropped) == (5, 5, [], {})
    for number, subject in bank.people.items():
        assert bank.find(number, MOBILE) == [subject]
        values = values_of(number)
        assert bank.raw(subject) == {item: values[item].text() for item in (CARD_NUMBER, JOB)}


def test_the_same_content_is_taken_once(tmp_path: Path) -> None:
    """Collecting again what is done takes nothing."""
    bank = lender(tmp_path)
    bank.take(range(3), place=PLACE)
    again = bank.take(range(3), place=PLACE)
    assert (again.taken, again.subjects) == (0, 0)


def test_somebody_who_is_known_stays_one_person(tmp_path: Path) -> None:
    """Who comes again with the same identity number, in another file or twice in one, is one subject."""
    bank = lender(tmp_path)
    bank.take([1, 2])
    first = dict(bank.people)
    done = bank.take([1, 2, 3, 3])
    assert (done.taken, done.subjects) == (4, 1)
    assert {number: bank.people[number] for number in first} == first


def test_a_mobile_alone_never_merges_two_people(tmp_path: Path) -> None:
    """Two applicants with one mobile stay two; a look-up by the mobile finds both."""
    bank = lender(tmp_path)
    shared = Plaintext.of("13900001111")
    records = [Intake(n, Person(values_of(n) | {MOBILE: shared}, told())) for n in (1, 2)]
    collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)
    assert len(bank.look_up(MOBILE, shared)) == 2
    assert len({*bank.find(1), *bank.find(2)}) == 2


def test_what_no_card_needs_is_never_stored(tmp_path: Path) -> None:
    """An item outside the plan's cards is dropped and counted by its code."""
    bank = lender(tmp_path)
    values = values_of(1) | {ItemCode("identity.religion"): Plaintext.of("unneeded")}
    records = [Intake(1, Person(values, told()))]
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)
    assert done.dropped == {"identity.religion": 1}


def test_who_was_not_told_is_set_aside_with_the_rule(tmp_path: Path) -> None:
    """A record whose person was shown no notice is set aside with its line and rule; the others go in."""
    bank = lender(tmp_path)
    records = [Intake(7, Person(values_of(1))), record(8, 2)]
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)
    assert done.aside == [Aside(7, "CN-PIPL-17-1-NOTICE")]
    assert (done.taken, bank.find(1), len(bank.find(2))) == (1, [], 1)


@pytest.mark.parametrize(
    ("item", "value"), [(ID_NUMBER, ""), (ID_NUMBER, "无"), (MOBILE, "无"), (MOBILE, "-"), (CARD_NUMBER, "n/a")]
)
def test_a_bad_row_is_set_aside_and_the_good_ones_go_in(tmp_path: Path, item: ItemCode, value: str) -> None:
    """A value by which nobody could be found sets its own record aside, never its batch."""
    bank = lender(tmp_path)
    bad = Intake(2, Person(values_of(2) | {item: Plaintext.of(value)}, told()))
    records = [record(1, 1), bad, record(3, 3)]
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, records, place=PLACE)
    assert (done.taken, [one.line for one in done.aside]) == (2, [2])
    assert len(bank.find(1)) == len(bank.find(3)) == 1


def test_a_choice_for_a_purpose_outside_the_plan_does_not_stop_the_collection(tmp_path: Path) -> None:
    """A person's choice about something else is recorded or set aside with its line; the other records go in."""
    bank = lender(tmp_path)
    odd = Intake(1, Person(values_of(1), (*told(), Choice("interview.video", "zh", agreed=True))))
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, [odd, record(2, 2)], place=PLACE)
    assert done.taken + len(done.aside) == 2
    assert len(bank.find(2)) == 1


def test_what_joins_two_people_must_be_needed_by_the_edge_card(tmp_path: Path) -> None:
    """A contact whose joining items no card lists sets the record aside or is kept without an edge; others go in."""
    bank = lender(tmp_path)
    person, _ = contact_of(1)
    odd = replace(record(1, 1), contacts=((person, {JOB: Plaintext.of("not for an edge")}),))
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, [odd, record(2, 2)], place=PLACE)
    assert done.taken + len(done.aside) == 2
    assert len(bank.find(2)) == 1


def test_a_contact_without_consent_is_not_kept(tmp_path: Path) -> None:
    """Somebody who was named and did not consent leaves nothing by which they could be found."""
    bank = lender(tmp_path)
    person, joining = contact_of(1)
    silent = Person(person.values, (Choice("emergency.contact", "zh", agreed=False),))
    named = replace(record(1, 1), contacts=((silent, joining),))
    collect(bank.workspace, bank.tokens["collector"], PLAN, [named], place=PLACE)
    assert bank.find_contact(1) == []


def test_a_plan_for_a_purpose_that_was_never_adopted_is_refused(tmp_path: Path) -> None:
    """A collection is for adopted purposes only, and nothing is taken otherwise."""
    bank = lender(tmp_path)
    with pytest.raises(Invalid):
        collect(bank.workspace, bank.tokens["collector"], Plan("core", ("marketing",)), [record(1, 1)], place=PLACE)
    assert bank.find(1) == []


@pytest.mark.parametrize("role", ["analyst", "operator", "dpo"])
def test_only_a_role_that_the_card_names_collects(tmp_path: Path, role: str) -> None:
    """Somebody else's records are all set aside with the rule, or the collection is refused: nothing is stored."""
    bank = lender(tmp_path)
    try:
        done = collect(bank.workspace, bank.tokens[role], PLAN, [record(1, 1)], place=PLACE)
        assert (done.taken, done.aside) == (0, [Aside(1, "CN-PIPL-51-1-4-ROLE")])
    except Refused as refusal:
        assert refusal.reasons[0][0] == "CN-PIPL-51-1-4-ROLE"  # noqa: PT017 - either answer is right
    assert bank.find(1) == []


def test_a_collection_that_was_stopped_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was reported before the stop is not taken again, what follows is: nothing lost, nothing twice."""
    monkeypatch.setattr(collecting, "_BATCH", 3)
    bank = lender(tmp_path)
    people = [record(line, line) for line in range(1, 11)]

    def breaking() -> Iterator[Intake]:
        yield from people[:7]
        raise ConnectionError("the source went away")

    with pytest.raises(ConnectionError):
        collect(bank.workspace, bank.tokens["collector"], PLAN, breaking(), place=PLACE)
    rest = collect(bank.reopened().workspace, bank.tokens["collector"], PLAN, people, place=PLACE)
    assert rest.taken == 4
    assert [len(bank.find(number)) for number in range(1, 11)] == [1] * 10
    assert len(list(bank.workspace.custody.keyring.all_subjects())) == 10


@pytest.mark.parametrize("on", [True, False])
def test_a_batch_leaves_the_search_for_cycles_as_it_was(tmp_path: Path, on: bool) -> None:
    """It rests while a batch is on its way, and goes on after it, also where the batch failed."""
    bank = lender(tmp_path)
    seen: list[bool] = []

    def under(_records: Records) -> None:
        seen.append(gc.isenabled())
        if len(seen) > 1:
            raise Fenced("another one came in between")

    (gc.enable if on else gc.disable)()
    try:
        collect(bank.workspace, bank.tokens["collector"], PLAN, [record(1, 1)], place=PLACE, under=under)
        after = gc.isenabled()
        with pytest.raises(Fenced):
            collect(bank.workspace, bank.tokens["collector"], PLAN, [record(2, 2)], place=PLACE, under=under)
        assert (seen, after, gc.isenabled()) == ([False, False], on, on)
    finally:
        gc.enable()


def test_two_processes_on_one_source_take_nobody_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two collections of one content that overtake each other, one goes in; the other is fenced or takes none."""
    bank = lender(tmp_path)
    other = bank.reopened()
    draw = collecting.draw_keys
    rival: list[bool] = []

    def overtaken(*arguments: Any) -> Any:
        drawn = draw(*arguments)
        if not rival:
            rival.append(True)
            collect(other.workspace, bank.tokens["collector"], PLAN, [record(1, 1)], place=PLACE)
        return drawn

    monkeypatch.setattr(collecting, "draw_keys", overtaken)
    try:
        collect(bank.workspace, bank.tokens["collector"], PLAN, [record(1, 1)], place=PLACE)
    except Fenced:
        collect(bank.workspace, bank.tokens["collector"], PLAN, [record(1, 1)], place=PLACE)
    assert len(bank.find(1)) == 1


def test_a_process_that_slept_through_an_advance_still_collects(tmp_path: Path) -> None:
    """A process opened before another one advanced the epoch recognises a known person and goes on."""
    bank = lender(tmp_path)
    bank.take([1])
    other = bank.reopened()
    advance(bank.workspace, bank.tokens["dpo"])
    done = other.take([1, 2])
    assert done.subjects == 1


def test_a_card_that_another_process_changed_is_seen_whichever_purpose_it_is_of(tmp_path: Path) -> None:
    """A batch is sorted by the cards as they stand, not only by that of the plan's first purpose."""
    bank = lender(tmp_path)
    bank.take([1])
    other = bank.reopened()
    narrower = card("loan.file", 2).replace('"account.card_number", "employment.job"', '"account.card_number"')
    narrower = narrower.replace('[retention.file]\nitems = ["employment.job"]\nceiling_days = 180\n', "")
    workspaces.adopt(other.workspace, bank.tokens["dpo"], narrower)
    assert bank.take([2]).dropped == {"employment.job": 1}


def test_a_frozen_person_does_not_get_a_second_self(tmp_path: Path) -> None:
    """Somebody frozen who comes again is set aside or known, never a second subject under the same identity number."""
    bank = lender(tmp_path)
    bank.take([1])
    freeze(bank.workspace, bank.tokens["dpo"], bank.people[1])
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, [record(1, 1)], place=PLACE)
    assert (done.taken, done.aside) == (0, [Aside(1, "frozen")])
    release(bank.workspace, bank.tokens["dpo"], bank.people[1])
    assert bank.find(1) == [bank.people[1]]


def test_who_named_whom_is_disclosed_like_anything_else(tmp_path: Path) -> None:
    """An edge opens, with both people's keys, for a purpose whose card lists it; the event names both."""
    bank = lender(tmp_path)
    bank.take([1], contact=True)
    wish = bank.wish(bank.people[1], purpose="emergency.link", items={RELATION})
    seen = disclose(bank.workspace, bank.tokens["analyst"], wish)
    (((by, about), stated),) = seen.statements.items()
    assert (by, set(stated)) == (bank.people[1], {RELATION})
    assert not any(seen.values.values())
    assert [opening.leaf for opening in account_for(bank.workspace, bank.tokens["dpo"], about)][-1:] == [seen.leaf]


@pytest.mark.parametrize("source", ["13800138000", "core-1380013", "c1o2r3e4-5-6-7"])
def test_no_source_can_be_somebodys_number(tmp_path: Path, source: str) -> None:
    """A source whose code has seven digits is refused: nothing is taken, and the code is not repeated."""
    bank = lender(tmp_path)
    with pytest.raises(Invalid) as refusal:
        collect(bank.workspace, bank.tokens["collector"], replace(PLAN, source=source), [record(1, 1)], place=PLACE)
    assert source not in str(refusal.value)
    assert bank.find(1) == []
    assert collect(
        bank.workspace, bank.tokens["collector"], replace(PLAN, source="core.202606"), [record(1, 1)], place=PLACE
    ).taken
    assert len(bank.find(1)) == 1
    assert verify_ledger(bank.reopened().workspace).flaws == []


# Whoever is named is as well known as whoever names them: both have an identity number.
TWO = Plan("core", ("customer.file", "loan.file"), ("customer.file", "loan.file"), "emergency.link")


def naming(line: int, number: int, *others: int) -> Intake:
    """Return applicant ``number``, who names ``others``, each with all that they say of themselves."""
    choices = (*told(), Choice("emergency.link", "zh", agreed=False))
    joined = {RELATION: Plaintext.of("sister")}
    contacts = tuple((Person(values_of(other), choices), joined) for other in others)
    return Intake(line, Person(values_of(number), choices), contacts)


def stated(bank: Lender, number: int) -> set[tuple[SubjectId, SubjectId]]:
    """Return who states what about whom, asked as applicant ``number``."""
    (who,) = bank.find(number)
    wish = bank.wish(who, purpose="emergency.link", items={RELATION})
    return set(disclose(bank.workspace, bank.tokens["analyst"], wish).statements)


@pytest.mark.parametrize(
    "known", [(), (1,), (2,), (1, 2)], ids=["nobody-known", "namer-known", "named-known", "both-known"]
)
def test_a_contact_who_has_an_identity_number_is_collected(tmp_path: Path, known: tuple[int, ...]) -> None:
    """Whichever of two people the vault knows already, who named whom is kept once and opens with both keys."""
    bank = lender(tmp_path)
    if known:
        bank.take(known)
    done = collect(bank.workspace, bank.tokens["collector"], TWO, [naming(1, 1, 2)], place=PLACE)
    assert (done.taken, done.subjects, done.aside) == (1, 2 - len(known), [])
    (one,), (two,) = bank.find(1), bank.find(2)
    assert stated(bank, 1) == {(one, two)}
    assert stated(bank, 2) == set()
    assert bank.raw(two)[JOB] == values_of(2)[JOB].text()
    assert verify_ledger(bank.reopened().workspace).flaws == []
    erase(bank.workspace, bank.tokens["dpo"], two)
    assert stated(bank, 1) == set()
    assert verify_ledger(bank.reopened().workspace).flaws == []


@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_people_may_name_one_another_and_the_same_person_twice(tmp_path: Path, known: bool) -> None:
    """Two who name each other, and a third whom both name, are three people and every statement opens."""
    bank = lender(tmp_path)
    if known:
        bank.take([1, 2, 3])
    records = [naming(1, 1, 2, 3), naming(2, 2, 1, 3)]
    done = collect(bank.workspace, bank.tokens["collector"], TWO, records, place=PLACE)
    assert (done.taken, done.subjects, done.aside) == (2, 0 if known else 3, [])
    one, two, three = (bank.find(number)[0] for number in (1, 2, 3))
    assert stated(bank, 1) == {(one, two), (one, three)}
    assert stated(bank, 2) == {(two, one), (two, three)}
    assert verify_ledger(bank.reopened().workspace).flaws == []
    erase(bank.workspace, bank.tokens["dpo"], one)
    assert stated(bank, 2) == {(two, three)}
    assert verify_ledger(bank.reopened().workspace).flaws == []


def test_who_names_themselves_is_one_person_and_can_be_erased(tmp_path: Path) -> None:
    """A record whose contact is the applicant makes nobody else; what it states goes with the person."""
    bank = lender(tmp_path)
    done = collect(bank.workspace, bank.tokens["collector"], TWO, [naming(1, 1, 1)], place=PLACE)
    assert (done.taken, done.subjects) == (1, 1)
    (one,) = bank.find(1)
    assert stated(bank, 1) <= {(one, one)}
    assert verify_ledger(bank.reopened().workspace).flaws == []
    erase(bank.workspace, bank.tokens["dpo"], one)
    assert bank.find(1) == []
    assert verify_ledger(bank.reopened().workspace).flaws == []


@pytest.mark.parametrize("role", ["analyst", "operator", "dpo", "auditor", "model"])
def test_whoever_may_not_collect_moves_nothing(tmp_path: Path, role: str) -> None:
    """Somebody else is refused with the article: no event, no progress, no key; a collector then takes everybody."""
    bank = lender(tmp_path)
    size = workspaces.audited(bank.workspace).size
    for records in ([record(1, 1), record(2, 2)], [Aside(1, "unreadable")]):
        with pytest.raises(Refused) as refusal:
            collect(bank.workspace, bank.tokens[role], PLAN, records, place=PLACE)
        assert refusal.value.reasons == (("CN-PIPL-51-1-4-ROLE", "PIPL 51(1)(4)"),)
    assert workspaces.audited(bank.workspace).size == size
    assert list(bank.workspace.custody.keyring.all_subjects()) == []
    done = collect(bank.workspace, bank.tokens["collector"], PLAN, [record(1, 1), record(2, 2)], place=PLACE)
    assert (done.taken, done.aside) == (2, [])


PLAN_FILE = """\
source = "core"
purposes = ["customer.file", "loan.file", "emergency.contact"]
"""


@pytest.mark.parametrize(("column", "kept"), [("", True), ("no", False), ("yes", True)])
def test_a_consent_that_was_given_at_the_desk_carries_what_a_silent_file_brings(
    tmp_path: Path, column: str, kept: bool
) -> None:
    """Where the file has no word, the desk's yes counts and is not recorded twice; a no in the file stays a no."""
    bank = lender(tmp_path)
    bank.take([1])
    give_consent(
        bank.workspace, bank.tokens["rights_desk"], bank.people[1], Choice("emergency.contact", "zh", agreed=True)
    )
    told_before = len(consents_of(bank.workspace, bank.tokens["dpo"], bank.people[1]))
    plan = read_plan(PLAN_FILE + ('[agreed]\n"emergency.contact" = "said"\n' if column else ""))
    line = {item: value.text() for item, value in values_of(1).items()} | {"emergency.mobile": "13900001111"}
    build = IntakeBuilder(plan, bank.workspace.tagger, date(2026, 1, 1))
    record = build(1, line | {"said": column})
    done = collect(bank.workspace, bank.tokens["collector"], plan.plan(), [record], place=PLACE)
    assert done.aside == []
    assert (done.dropped == {}) is kept
    assert bool(bank.look_up(CONTACT_MOBILE, Plaintext.of("13900001111"), purpose="emergency.contact")) is kept
    assert len(consents_of(bank.workspace, bank.tokens["dpo"], bank.people[1])) == told_before


@pytest.mark.parametrize("known", [False, True])
def test_a_silent_file_is_no_consent_of_who_gave_none(tmp_path: Path, known: bool) -> None:
    """Neither of a stranger nor of somebody known who was never asked."""
    bank = lender(tmp_path)
    bank.take([1] if known else [2])
    plan = read_plan(PLAN_FILE)
    line = {item: value.text() for item, value in values_of(1).items()} | {"emergency.mobile": "13900001111"}
    record = IntakeBuilder(plan, bank.workspace.tagger, date(2026, 1, 1))(1, line)
    done = collect(bank.workspace, bank.tokens["collector"], plan.plan(), [record], place=PLACE)
    assert done.dropped == {"emergency.mobile": 1}
